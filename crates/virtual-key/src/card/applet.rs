//! An NFC applet in front of any key (CTAP 2.2 §11.3): APDUs in, CTAPHID to the firmware.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyvet_hid::framing::Command as HidCommand;

use super::command::{CHAIN, Command};
use super::line::{Heard, Line};
use super::status::{
    CONDITIONS, LAST_OF_CHAIN_EXPECTED, NO_CLASS, NO_DIAGNOSIS, NO_INSTRUCTION, NOT_FOUND, OK,
    Status, WORKING, WRONG_LENGTH, WRONG_P1_P2,
};
use super::{Card, PowerFrom, atr};
use crate::VirtualKey;
use crate::port::Port;

/// An NFC applet of ours in front of any key. The firmware answers, and sends the keep-alives that become 9100; the applet
/// has SELECT, both ways of chaining, NFCCTAP_GETRESPONSE with cancel, deselect, and U2F messages. It does not keep the key
/// running.
pub struct AppletCard {
    port: Arc<Port>,
    atr: Vec<u8>,
    selection: Selection,
    power: PowerFrom,
    line: Option<Line>,
    selected: bool,
    /// Commands of a chain so far, as one.
    chain: Option<Command>,
    /// What is left of an answer, for GET RESPONSE.
    rest: Option<Vec<u8>>,
    /// Whether the firmware works on a CTAP2 message, and the status of its last keep-alive.
    works: Option<u8>,
}

/// What the applet says to SELECT (CTAP 2.2 §11.3.3).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Selection {
    /// `FIDO_2_0`.
    #[default]
    Fido20,
    /// `FIDO_2_1`, as some cards say.
    Fido21,
    /// `U2F_V2`, as cards say that have both and want to please old clients.
    U2fV2,
}

impl Selection {
    fn answer(self) -> &'static [u8] {
        match self {
            Self::Fido20 => b"FIDO_2_0",
            Self::Fido21 => b"FIDO_2_1",
            Self::U2fV2 => b"U2F_V2",
        }
    }
}

impl AppletCard {
    /// `key` as a card that says `FIDO_2_0`, with its power from elsewhere.
    #[must_use]
    pub fn new(key: &VirtualKey) -> Self {
        Self {
            port: key.shared_port(),
            atr: atr(b"\x80\x4fkeyvet"),
            selection: Selection::default(),
            power: PowerFrom::Elsewhere,
            line: None,
            selected: false,
            chain: None,
            rest: None,
            works: None,
        }
    }

    /// The same card with another answer to SELECT.
    #[must_use]
    pub fn selected_as(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// The same card with its power from `power`.
    #[must_use]
    pub fn powered_from(mut self, power: PowerFrom) -> Self {
        self.power = power;
        self
    }

    /// The same card with another answer to reset.
    #[must_use]
    pub fn with_atr(mut self, atr: Vec<u8>) -> Self {
        self.atr = atr;
        self
    }

    fn answer(&mut self, command: Command) -> Reply {
        if command.class & !(CHAIN | 0x80) != 0 {
            return Reply::status(NO_CLASS);
        }
        if command.instruction == GET_RESPONSE {
            return self
                .rest
                .take()
                .map_or(Reply::status(CONDITIONS), |rest| Reply::Data(rest, OK));
        }
        self.rest = None;
        match self.unchain(command) {
            Ok(Some(command)) => self.obey(&command),
            Ok(None) => Reply::status(OK),
            Err(status) => Reply::status(status),
        }
    }

    /// The whole command, once it is whole.
    fn unchain(&mut self, command: Command) -> Result<Option<Command>, Status> {
        let continues = command.continues();
        let whole = match self.chain.take() {
            None => command,
            Some(begun) if !begun.is_continued_by(&command) => return Err(LAST_OF_CHAIN_EXPECTED),
            Some(mut begun) => {
                begun.data.extend(&command.data);
                (begun.class, begun.expected) = (command.class, command.expected);
                begun
            }
        };
        if whole.data.len() > MOST_BYTES {
            return Err(WRONG_LENGTH);
        }
        if continues {
            self.chain = Some(whole);
            return Ok(None);
        }
        Ok(Some(whole))
    }

    fn obey(&mut self, command: &Command) -> Reply {
        match (command.class, command.instruction) {
            (0x00, 0xa4) => self.select(command),
            _ if !self.selected => Reply::status(CONDITIONS),
            (0x80, 0x10) => self.message(command),
            (0x80, 0x11) => self.get_response(command),
            (0x80, 0x12) => self.control(command),
            (0x00, 0x01..=0x03) => self.u2f(command),
            _ => Reply::status(NO_INSTRUCTION),
        }
    }

    fn select(&mut self, command: &Command) -> Reply {
        self.abort();
        self.selected = command.p1 == 0x04 && command.data == AID;
        if self.selected {
            Reply::Data(self.selection.answer().to_vec(), OK)
        } else {
            Reply::status(NOT_FOUND)
        }
    }

    /// NFCCTAP_MSG (CTAP 2.2 §11.3.7.1).
    fn message(&mut self, command: &Command) -> Reply {
        if self.works.is_some() {
            return Reply::status(CONDITIONS);
        }
        if !self.send(HidCommand::CBOR, &command.data) {
            return Reply::status(NO_DIAGNOSIS);
        }
        self.works = Some(PROCESSING);
        if command.p1 & UNDERSTANDS_WORKING != 0 { self.next(FIRST) } else { self.last() }
    }

    /// NFCCTAP_GETRESPONSE (CTAP 2.2 §11.3.7.2).
    fn get_response(&mut self, command: &Command) -> Reply {
        match (self.works, command.p1) {
            (None, _) => Reply::status(CONDITIONS),
            (Some(_), 0x00) => self.next(POLL),
            (Some(_), 0x11) => {
                self.send(HidCommand::CANCEL, &[]);
                self.last()
            }
            (Some(_), _) => Reply::status(WRONG_P1_P2),
        }
    }

    /// NFCCTAP_CONTROL (CTAP 2.2 §11.3.4): end.
    fn control(&mut self, command: &Command) -> Reply {
        if command.p1 != 0x01 {
            return Reply::status(WRONG_P1_P2);
        }
        self.abort();
        self.selected = false;
        Reply::status(OK)
    }

    /// A U2F message; the firmware's own status word ends the answer.
    fn u2f(&mut self, command: &Command) -> Reply {
        if self.works.is_some() {
            return Reply::status(CONDITIONS);
        }
        if !self.send(HidCommand::MSG, &command.as_u2f_message()) {
            return Reply::status(NO_DIAGNOSIS);
        }
        match self.hear_to_the_end(HidCommand::MSG) {
            Heard::Answer(answer) => match answer.split_last_chunk() {
                Some((data, status)) => Reply::Data(data.to_vec(), *status),
                None => Reply::status(NO_DIAGNOSIS),
            },
            Heard::Gone => Reply::Mute,
            _ => Reply::status(NO_DIAGNOSIS),
        }
    }

    /// The answer if it comes within `at_most`, or that the firmware works still. A keep-alive ends the waiting.
    fn next(&mut self, at_most: Duration) -> Reply {
        let deadline = later(at_most);
        loop {
            match self.hear(HidCommand::CBOR, deadline) {
                Heard::Nothing => break,
                Heard::KeepAlive(status) => {
                    self.works = Some(status);
                    if at_most == FIRST {
                        break;
                    }
                }
                heard => return self.said(heard),
            }
        }
        Reply::Data(vec![self.works.unwrap_or(PROCESSING)], WORKING)
    }

    /// The answer, however long the firmware works.
    fn last(&mut self) -> Reply {
        let heard = self.hear_to_the_end(HidCommand::CBOR);
        self.said(heard)
    }

    fn said(&mut self, heard: Heard) -> Reply {
        self.works = None;
        match heard {
            Heard::Answer(answer) => Reply::Data(answer, OK),
            Heard::Error | Heard::KeepAlive(_) => Reply::status(NO_DIAGNOSIS),
            Heard::Nothing | Heard::Gone => Reply::Mute,
        }
    }

    fn send(&mut self, command: HidCommand, message: &[u8]) -> bool {
        if self.line.is_none() {
            self.line = Line::open(&self.port, patience());
        }
        let sent = self.line.as_mut().is_some_and(|line| line.send(command, message));
        if !sent {
            self.line = None;
        }
        sent
    }

    fn hear(&mut self, command: HidCommand, deadline: Instant) -> Heard {
        let heard = self.line.as_mut().map_or(Heard::Gone, |line| line.hear(command, deadline));
        // the line may be out of step
        if matches!(heard, Heard::Error | Heard::Gone) {
            self.line = None;
        }
        heard
    }

    fn hear_to_the_end(&mut self, command: HidCommand) -> Heard {
        let deadline = patience();
        loop {
            match self.hear(command, deadline) {
                Heard::KeepAlive(_) if Instant::now() < deadline => {}
                Heard::KeepAlive(_) | Heard::Nothing => {
                    self.line = None;
                    return Heard::Nothing;
                }
                heard => return heard,
            }
        }
    }

    /// Ends what the firmware works on; its answer is not waited for, but the line it comes on is left.
    fn abort(&mut self) {
        if self.works.take().is_some() {
            self.send(HidCommand::CANCEL, &[]);
            self.line = None;
        }
    }

    fn forget(&mut self) {
        self.abort();
        self.selected = false;
        (self.chain, self.rest) = (None, None);
    }
}

impl Card for AppletCard {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }

    fn power_up(&mut self) {
        self.power_down();
    }

    fn power_down(&mut self) {
        self.forget();
        if self.power == PowerFrom::Field {
            self.line = None;
            self.port.power_cycle_untold();
        }
    }

    fn apdu(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Some(command) = Command::parse(bytes) else { return WRONG_LENGTH.to_vec() };
        let expected = command.expected.unwrap_or(SHORT);
        match self.answer(command) {
            Reply::Mute => Vec::new(),
            Reply::Data(mut data, status) if data.len() > expected && status == OK => {
                let rest = data.split_off(expected);
                // 00 is 256 or more
                let more = u8::try_from(rest.len()).unwrap_or_default();
                self.rest = Some(rest);
                data.extend([0x61, more]);
                data
            }
            Reply::Data(data, status) => [data.as_slice(), &status].concat(),
        }
    }

    fn is_present(&self) -> bool {
        self.port.is_alive()
    }
}

impl std::fmt::Debug for AppletCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppletCard").field("selected", &self.selected).finish_non_exhaustive()
    }
}

enum Reply {
    Data(Vec<u8>, Status),
    /// The key is gone, or silent.
    Mute,
}

impl Reply {
    fn status(status: Status) -> Self {
        Self::Data(Vec::new(), status)
    }
}

/// How long a firmware may be silent, or keep a client waiting that knows no 9100. Longer than any touch is waited for.
fn patience() -> Instant {
    later(Duration::from_secs(40))
}

fn later(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}

/// The FIDO applet (CTAP 2.2 §11.3.3).
const AID: [u8; 8] = [0xa0, 0x00, 0x00, 0x06, 0x47, 0x2f, 0x00, 0x01];
const GET_RESPONSE: u8 = 0xc0;
/// P1 of NFCCTAP_MSG: the client polls on 9100.
const UNDERSTANDS_WORKING: u8 = 0x80;
/// How long the answer may take before the card says that it works, if the firmware does not say so before.
const FIRST: Duration = Duration::from_secs(1);
/// A poll is answered at once: the client has a pace of its own.
const POLL: Duration = Duration::from_millis(5);
/// The status of a keep-alive (CTAP 2.2 §11.2.9.1.7).
const PROCESSING: u8 = 1;
/// What fits a short answer, for a client that does not say how much it takes.
const SHORT: usize = 256;
/// The longest message that CTAPHID carries on.
const MOST_BYTES: usize = 7609;
