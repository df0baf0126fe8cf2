//! The CTAP2 side: which command does what, and what is remembered between commands.

use keyvet_cbor::{Item, Mode, decode};
use keyvet_ctap::Aaguid;

use super::cbor::Members;
use super::credential::Credential;
use super::key::HostileOptions;
use super::{Quirk, bend};
use crate::fixtures::model;

/// The authenticator behind the line.
pub(super) struct Authenticator {
    pub(super) options: HostileOptions,
    /// The CTAP command that is being answered.
    pub(super) command: u8,
    /// How often it was plugged in.
    pub(super) boots: u32,
    pub(super) credentials: Vec<Credential>,
    /// How many credentials were ever made.
    pub(super) made: u64,
    /// Assertions that getNextAssertion has still to deliver.
    pub(super) assertions: Vec<Members>,
    pub(super) pin: super::client_pin::PinState,
}

/// What a command leads to.
pub(super) enum Outcome {
    /// An answer at once.
    Answer(Vec<u8>),
    /// An answer when somebody touches the key.
    Touch(Vec<u8>),
}

impl Authenticator {
    pub(super) fn new(options: HostileOptions) -> Self {
        let pin = super::client_pin::PinState::new(&options);
        Self {
            options,
            command: 0,
            boots: 0,
            credentials: Vec::new(),
            made: 0,
            assertions: Vec::new(),
            pin,
        }
    }

    /// Forgets what a power cycle forgets; as another model, everything.
    pub(super) fn power_cycle(&mut self) {
        let swaps = [Quirk::SwapIdentity, Quirk::SwapTwin];
        if swaps.iter().any(|quirk| self.options.quirks.contains(quirk)) {
            let boots = self.boots;
            *self = Self::new(self.options.clone());
            self.boots = boots;
        }
        self.boots = self.boots.saturating_add(1);
        self.assertions.clear();
        self.pin.power_cycle();
    }

    /// Answers one message: command byte ‖ CBOR.
    pub(super) fn answer(&mut self, message: &[u8]) -> Outcome {
        let (command, body) =
            message.split_first().map_or((0, &[][..]), |(first, rest)| (*first, rest));
        self.command = command;
        if let Some(status) = self.fixed_status() {
            return Outcome::Answer(vec![status]);
        }
        if command != GET_NEXT_ASSERTION {
            self.assertions.clear();
        }
        match self.perform(command, body) {
            Ok(members) => self.outcome(command, &members),
            Err(status) => Outcome::Answer(vec![status]),
        }
    }

    fn perform(&mut self, command: u8, body: &[u8]) -> Result<Option<Members>, u8> {
        let decoded = if body.is_empty() {
            None
        } else {
            Some(decode(body, Mode::Tolerant).map_err(|_| INVALID_CBOR)?)
        };
        let request = decoded.as_ref().map(|decoded| &decoded.item);
        match (command, request) {
            (GET_INFO, _) => Ok(Some(self.info())),
            (SELECTION, _) => Ok(None),
            (GET_NEXT_ASSERTION, _) => self.next_assertion().map(Some),
            (MAKE_CREDENTIAL, Some(request)) => self.make_credential(request).map(Some),
            (GET_ASSERTION, Some(request)) => self.get_assertion(request).map(Some),
            (CLIENT_PIN, Some(request)) => self.client_pin(request),
            (MAKE_CREDENTIAL | GET_ASSERTION | CLIENT_PIN, None) => Err(MISSING_PARAMETER),
            _ => Err(INVALID_COMMAND),
        }
    }

    fn outcome(&self, command: u8, members: &Option<Members>) -> Outcome {
        let quirks: Vec<Quirk> =
            self.options.quirks.iter().copied().filter(|quirk| self.has(*quirk)).collect();
        let answer =
            members.as_ref().map_or_else(|| vec![0x00], |members| bend::encode(members, &quirks));
        match command {
            MAKE_CREDENTIAL | GET_ASSERTION | SELECTION => Outcome::Touch(answer),
            _ => Outcome::Answer(answer),
        }
    }

    fn fixed_status(&self) -> Option<u8> {
        let statuses = self.options.quirks.iter().filter_map(|quirk| match quirk {
            Quirk::FixedStatus(status) => Some(*status),
            Quirk::StatusUnknown => Some(0x42),
            _ => None,
        });
        let status = statuses.into_iter().next();
        status.filter(|_| self.command != GET_INFO && self.is_meant())
    }

    /// Whether the key misbehaves in this way at this command.
    pub(super) fn has(&self, quirk: Quirk) -> bool {
        self.is_meant() && self.options.quirks.contains(&quirk)
    }

    fn is_meant(&self) -> bool {
        self.options.only_on.is_none_or(|command| command == self.command)
    }

    /// The model that credentials are of.
    pub(super) fn aaguid(&self) -> Aaguid {
        match self.boots & 1 {
            1 if self.options.quirks.contains(&Quirk::SwapIdentity) => model(0xfe),
            _ => self.options.aaguid,
        }
    }
}

/// The bytes under an integer key of a request.
pub(super) fn bytes_of<'a>(request: &'a Item<'a>, key: i64) -> Option<&'a [u8]> {
    request.get_int(key).and_then(Item::as_bytes)
}

pub(super) const MAKE_CREDENTIAL: u8 = 0x01;
pub(super) const GET_ASSERTION: u8 = 0x02;
pub(super) const GET_INFO: u8 = 0x04;
pub(super) const CLIENT_PIN: u8 = 0x06;
pub(super) const GET_NEXT_ASSERTION: u8 = 0x08;
pub(super) const SELECTION: u8 = 0x0b;

pub(super) const INVALID_COMMAND: u8 = 0x01;
pub(super) const INVALID_PARAMETER: u8 = 0x02;
pub(super) const INVALID_CBOR: u8 = 0x12;
pub(super) const MISSING_PARAMETER: u8 = 0x14;
pub(super) const LIMIT_EXCEEDED: u8 = 0x15;
pub(super) const UNSUPPORTED_ALGORITHM: u8 = 0x26;
pub(super) const KEY_STORE_FULL: u8 = 0x28;
pub(super) const UNSUPPORTED_OPTION: u8 = 0x2b;
pub(super) const INVALID_OPTION: u8 = 0x2c;
pub(super) const NO_CREDENTIALS: u8 = 0x2e;
pub(super) const NOT_ALLOWED: u8 = 0x30;
pub(super) const PIN_INVALID: u8 = 0x31;
pub(super) const PIN_BLOCKED: u8 = 0x32;
pub(super) const PIN_AUTH_INVALID: u8 = 0x33;
pub(super) const PIN_AUTH_BLOCKED: u8 = 0x34;
pub(super) const PIN_NOT_SET: u8 = 0x35;
pub(super) const PUAT_REQUIRED: u8 = 0x36;
pub(super) const PIN_POLICY_VIOLATION: u8 = 0x37;
