//! The contract of every transport, on cards: in short and in extended commands.
//!
//! What a card cannot do, this one does as cards do it:
//!
//! - it speaks only when it is asked, so a keep-alive is the answer to a command, and whatever it has to say later it says
//!   to the next one, which it then holds until that time has come;
//! - nobody else can be heard on its line: talking to others is silence;
//! - silence ends when the reader gives up, after 1.2 s, and the link says that; a dumb card hangs its reader for ever;
//! - a part of an answer is `61xx` with a `GET RESPONSE` that is never answered.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test: what goes wrong must fail it"
)]

mod support;

use async_trait::async_trait;
use keyvet_nfc::iso7816::{
    ApduMode, CardEvent, CardSide, Command, Encoding, NFCCTAP_GETRESPONSE, NFCCTAP_MSG, Response,
    SELECT, StatusWord,
};
use keyvet_nfc::{CardChannel, CardLink, Settings};
use keyvet_transport::contract::{Act, Asked, Log, OnCancel, Plan, Rig};
use keyvet_transport::{Channel, ChannelError, ChannelEvent};
use std::collections::VecDeque;
use std::time::Duration;
use support::{device, exchange};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

mod in_extended_commands {
    use super::CardRig;
    use keyvet_nfc::iso7816::{ApduMode, Encoding};

    keyvet_transport::channel_contract!(CardRig(ApduMode::Automatic, Encoding::Extended));
}

mod in_short_commands {
    use super::CardRig;
    use keyvet_nfc::iso7816::{ApduMode, Encoding};

    keyvet_transport::channel_contract!(CardRig(ApduMode::Short, Encoding::Short));
}

mod on_a_card_that_refuses_extended_commands {
    use super::CardRig;
    use keyvet_nfc::iso7816::{ApduMode, Encoding};

    keyvet_transport::channel_contract!(CardRig(ApduMode::Automatic, Encoding::Short));
}

/// How messages are written, and which of it the card understands.
struct CardRig(ApduMode, Encoding);

#[async_trait]
impl Rig for CardRig {
    async fn open(&self, plan: Plan, log: Log) -> Box<dyn Channel> {
        let card = Card::new(plan, log, self.1);
        let cancel = CancellationToken::new();
        let mut settings = Settings::default();
        settings.mode = self.0;
        let opened = CardChannel::open_with(card, device(), settings, exchange(&cancel, 10));
        Box::new(opened.await.expect("the card is selected"))
    }
}

/// A card that follows a plan, at the other end of a link.
struct Card {
    side: CardSide,
    knows: Encoding,
    log: Log,
    requests: VecDeque<Vec<Act>>,
    on_cancel: OnCancel,
    /// What it does about the request that it works on.
    acts: Option<VecDeque<Act>>,
    /// Until when it is at work on the last command.
    busy: Busy,
    stuck: bool,
    gone: bool,
}

#[derive(Clone, Copy)]
enum Busy {
    Not,
    Until(Instant),
    ForEver,
}

/// What becomes of one command.
struct Outcome {
    busy: Busy,
    result: Result<Vec<u8>, ChannelError>,
}

impl Card {
    fn new(plan: Plan, log: Log, knows: Encoding) -> Self {
        Self {
            side: CardSide::new(),
            knows,
            log,
            requests: plan.requests.into(),
            on_cancel: plan.on_cancel,
            acts: None,
            busy: Busy::Not,
            stuck: false,
            gone: false,
        }
    }

    fn take(&mut self, apdu: &[u8]) -> Outcome {
        if self.gone {
            return failed(Busy::Not, ChannelError::Removed);
        }
        match self.side.push(apdu) {
            Err(_) => {
                said(Response { data: Vec::new(), status: StatusWord::WRONG_LENGTH }.encode())
            }
            Ok(CardEvent::Reply(_)) if self.stuck => silence(),
            Ok(CardEvent::Reply(reply)) => said(reply),
            Ok(CardEvent::Command(command, encoding)) if self.refuses(&command, encoding) => {
                self.say(&command, Vec::new(), StatusWord::WRONG_LENGTH)
            }
            Ok(CardEvent::Command(command, _)) => self.obey(&command),
            Ok(other) => panic!("{other:?}"),
        }
    }

    fn refuses(&self, command: &Command, encoding: Encoding) -> bool {
        command.ins != SELECT && encoding != self.knows
    }

    fn obey(&mut self, command: &Command) -> Outcome {
        match (command.ins, command.p1) {
            (SELECT, _) => {
                (self.acts, self.stuck) = (None, false);
                self.say(command, b"FIDO_2_0".to_vec(), StatusWord::SUCCESS)
            }
            (NFCCTAP_MSG, 0x80) => {
                self.log.add(Asked::Request(command.data.clone()));
                self.acts = Some(self.requests.pop_front().unwrap_or_default().into());
                self.act(command)
            }
            (NFCCTAP_GETRESPONSE, _) if self.acts.is_none() => {
                self.say(command, Vec::new(), StatusWord::CONDITIONS)
            }
            (NFCCTAP_GETRESPONSE, 0x11) => {
                self.log.add(Asked::Cancel);
                let answer = match &self.on_cancel {
                    OnCancel::Ignore => return self.act(command),
                    OnCancel::End => vec![0x2d],
                    OnCancel::Lose(answer) => answer.clone(),
                };
                self.acts = None;
                self.say(command, answer, StatusWord::SUCCESS)
            }
            (NFCCTAP_GETRESPONSE, _) => self.act(command),
            _ => self.say(command, Vec::new(), StatusWord::NO_INSTRUCTION),
        }
    }

    /// Goes on until there is something to say to `command`.
    fn act(&mut self, command: &Command) -> Outcome {
        let mut acts = self.acts.take().unwrap_or_default();
        let mut when = Instant::now();
        loop {
            let mut outcome = match acts.pop_front() {
                Some(Act::Wait(time)) => {
                    when += time;
                    continue;
                }
                Some(Act::Answer(answer)) => self.say(command, answer, StatusWord::SUCCESS),
                Some(Act::AnswerPartly(answer)) => {
                    self.stuck = true;
                    let short = command.clone().with_le(Some(100));
                    self.say(&short, answer, StatusWord::SUCCESS)
                }
                Some(Act::KeepAlive(event)) => {
                    self.acts = Some(acts);
                    self.say(command, vec![status(event)], StatusWord::WORKING)
                }
                Some(Act::KeepAliveForEver(event)) => {
                    self.acts = Some([Act::KeepAliveForEver(event)].into());
                    self.say(command, vec![status(event)], StatusWord::WORKING)
                }
                Some(Act::FallDumb) => {
                    return Outcome { busy: Busy::ForEver, result: Ok(Vec::new()) };
                }
                Some(Act::Vanish) => {
                    self.gone = true;
                    failed(Busy::Not, ChannelError::Removed)
                }
                Some(Act::TalkToOthersForEver) | None => {
                    self.acts = Some(acts);
                    return silence();
                }
            };
            outcome.busy = Busy::Until(when);
            return outcome;
        }
    }

    fn say(&mut self, command: &Command, data: Vec<u8>, status: StatusWord) -> Outcome {
        said(self.side.reply(command, data, status))
    }
}

fn said(answer: Vec<u8>) -> Outcome {
    Outcome { busy: Busy::Not, result: Ok(answer) }
}

fn failed(busy: Busy, error: ChannelError) -> Outcome {
    Outcome { busy, result: Err(error) }
}

fn silence() -> Outcome {
    let until = Instant::now() + Duration::from_millis(1200);
    failed(Busy::Until(until), ChannelError::Io("the card is mute".into()))
}

#[async_trait]
impl CardLink for Card {
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        self.done().await;
        let Outcome { busy, result } = self.take(command);
        self.busy = busy;
        self.done().await;
        result
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        self.done().await;
        Ok(())
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        self.done().await;
        Ok(())
    }
}

impl Card {
    /// Waits until the card is done with the last command, also when nobody waited for that.
    async fn done(&mut self) {
        match self.busy {
            Busy::Not => {}
            Busy::Until(when) => sleep_until(when).await,
            Busy::ForEver => std::future::pending().await,
        }
        self.busy = Busy::Not;
    }
}

fn status(event: ChannelEvent) -> u8 {
    match event {
        ChannelEvent::Processing => 1,
        ChannelEvent::TouchNeeded => 2,
        ChannelEvent::Other(status) => status,
        other => panic!("no keep-alive: {other:?}"),
    }
}
