//! A person who follows a script and remembers what happened.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use keyvet_client::{ClientEvent, Declined, Person, PinRequest};
use keyvet_pin_uv::Pin;

/// A person who gives the PINs of a script, one after the other, and then no more.
#[derive(Default)]
pub struct Script {
    pins: Mutex<VecDeque<String>>,
    asked: Mutex<Vec<PinRequest>>,
    events: Mutex<Vec<ClientEvent>>,
    reactions: Mutex<Vec<(ClientEvent, Reaction)>>,
}

type Reaction = Box<dyn Fn() + Send>;

/// A person who will give these PINs.
#[must_use]
pub fn pins(pins: &[&str]) -> Script {
    let script = Script::default();
    script.will_give(pins);
    script
}

impl Script {
    /// Gives these PINs from now on, after those not yet given.
    pub fn will_give(&self, pins: &[&str]) {
        self.pins.lock().unwrap().extend(pins.iter().map(|pin| (*pin).to_owned()));
    }

    /// Does `reaction` whenever `event` is told.
    pub fn when(&self, event: ClientEvent, reaction: impl Fn() + Send + 'static) {
        self.reactions.lock().unwrap().push((event, Box::new(reaction)));
    }

    /// Every question for a PIN so far.
    #[must_use]
    pub fn asked(&self) -> Vec<PinRequest> {
        self.asked.lock().unwrap().clone()
    }

    /// Every event so far.
    #[must_use]
    pub fn events(&self) -> Vec<ClientEvent> {
        self.events.lock().unwrap().clone()
    }

    /// Whether `event` was told.
    #[must_use]
    pub fn was_told(&self, event: ClientEvent) -> bool {
        self.events().contains(&event)
    }
}

#[async_trait]
impl Person for Script {
    async fn pin(&self, ask: &PinRequest) -> Result<Pin, Declined> {
        self.asked.lock().unwrap().push(*ask);
        let pin = self.pins.lock().unwrap().pop_front().ok_or(Declined)?;
        Ok(Pin::new(&pin))
    }

    fn event(&self, event: ClientEvent) {
        self.events.lock().unwrap().push(event);
        for (on, reaction) in self.reactions.lock().unwrap().iter() {
            if *on == event {
                reaction();
            }
        }
    }
}
