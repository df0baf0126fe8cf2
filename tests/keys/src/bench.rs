//! A virtual key on the bench and a person before it.

use std::time::Duration;

use keyvet_client::{Ceremony, Client, PinRetries};
use keyvet_virtual_key::{Firmware, KeyOptions, VirtualKey};
use tokio_util::sync::CancellationToken;

use crate::wire::channel;
use crate::{Edited, Said, Script};

/// A virtual key on the bench and a person before it.
pub struct Bench {
    /// The key.
    pub key: VirtualKey,
    /// The person.
    pub person: Script,
    /// Ends the ceremony.
    pub cancel: CancellationToken,
}

/// Options of a key of `firmware`, changed by `change`.
pub fn options(firmware: Firmware, change: impl FnOnce(&mut KeyOptions)) -> KeyOptions {
    let mut options = KeyOptions::new(firmware);
    change(&mut options);
    options
}

impl Bench {
    /// A key as sold.
    #[must_use]
    pub fn new(firmware: Firmware) -> Self {
        Self::with(KeyOptions::new(firmware))
    }

    /// A key with `pin`, and a person who gives it `times` times.
    #[must_use]
    pub fn with_pin(firmware: Firmware, pin: &str, times: usize) -> Self {
        let bench = Self::with(options(firmware, |options| options.pin = Some(pin.to_owned())));
        bench.person.will_give(&vec![pin; times]);
        bench
    }

    /// A key made of `options`.
    #[must_use]
    pub fn with(mut options: KeyOptions) -> Self {
        // nor for this
        options.message_timeout = Duration::from_secs(10);
        let key = VirtualKey::start(options).expect("the virtual key starts");
        Self { key, person: Script::default(), cancel: CancellationToken::new() }
    }

    /// A ceremony with this person.
    #[must_use]
    pub fn ceremony(&self) -> Ceremony<'_> {
        let mut ceremony = Ceremony::new(&self.person, &self.cancel);
        // the machine may be busy; no test waits for these to pass
        ceremony.timeouts.answer = LONG;
        ceremony.timeouts.touch = LONG;
        ceremony
    }

    /// A client of the key.
    pub async fn client(&self) -> Client {
        let channel = channel(&self.key).await;
        Client::connect(channel, &self.ceremony()).await.expect("the key answers getInfo")
    }

    /// A client of the key that hears another getInfo than the key gives: what real firmware does under claims that it
    /// does not make.
    pub async fn client_told(&self, tell: impl Fn(&mut Said) + Send + 'static) -> Client {
        let channel = Box::new(Edited::new(channel(&self.key).await, tell));
        Client::connect(channel, &self.ceremony()).await.expect("the key answers getInfo")
    }

    /// PIN retries, as another program would read them.
    pub async fn retries(&self) -> PinRetries {
        let free = CancellationToken::new();
        let ceremony = Ceremony { cancel: &free, ..self.ceremony() };
        let channel = channel(&self.key).await;
        let mut client = Client::connect(channel, &ceremony).await.expect("the key answers");
        client.pin_retries(&ceremony).await.expect("the key tells its retries")
    }
}

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(120);
