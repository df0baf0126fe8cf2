//! authenticatorClientPIN (CTAP 2.2 §6.5): set, change, tokens, and a counter that only lies when told to.

use keyvet_cbor::Item;
use keyvet_ctap::CoseKeyAgreement;
use keyvet_pin_uv::{Pin, PinUvAuthProtocol, PlatformKey, SharedSecret, Token};
use sha2::{Digest, Sha256};

use super::Quirk;
use super::authenticator::{
    Authenticator, INVALID_PARAMETER, MISSING_PARAMETER, PIN_AUTH_BLOCKED, PIN_AUTH_INVALID,
    PIN_BLOCKED, PIN_INVALID, PIN_NOT_SET, PIN_POLICY_VIOLATION, PUAT_REQUIRED, bytes_of,
};
use super::cbor::{self, Members};
use super::key::HostileOptions;
use crate::fixtures::TestKey;

/// The PIN and what was agreed with clients.
pub(super) struct PinState {
    hash: Option<[u8; 16]>,
    retries: u8,
    wrong_in_a_row: u8,
    /// How many key agreement keys there were.
    agreements: u64,
    token: Option<Granted>,
}

struct Granted {
    token: Token,
    permissions: u64,
}

impl PinState {
    pub(super) fn new(options: &HostileOptions) -> Self {
        let hash = options.pin.as_deref().map(|pin| *Pin::new(pin).hash());
        let has = |quirk| options.quirks.contains(&quirk);
        let retries = match () {
            () if has(Quirk::PinBlocked) => 0,
            () if has(Quirk::RetriesLow) => 2,
            () => MAX_RETRIES,
        };
        Self { hash, retries, wrong_in_a_row: 0, agreements: 0, token: None }
    }

    pub(super) fn power_cycle(&mut self) {
        self.wrong_in_a_row = 0;
        self.token = None;
        self.roll();
    }

    pub(super) fn is_set(&self) -> bool {
        self.hash.is_some()
    }

    /// The retries that are really left.
    pub(super) fn retries(&self) -> u8 {
        self.retries
    }

    fn roll(&mut self) {
        self.agreements = self.agreements.saturating_add(1);
    }
}

impl Authenticator {
    pub(super) fn client_pin(&mut self, request: &Item<'_>) -> Result<Option<Members>, u8> {
        let subcommand = request.get_int(2).and_then(Item::as_u64).ok_or(MISSING_PARAMETER)?;
        match subcommand {
            0x01 => Ok(Some(self.retries_answer())),
            0x02 => self.agreement_answer().map(Some),
            0x03 => self.set_pin(request).map(|()| None),
            0x04 => self.change_pin(request).map(|()| None),
            0x05 => self.token(request, MC | GA).map(Some),
            0x09 => {
                let permissions =
                    request.get_int(9).and_then(Item::as_u64).ok_or(MISSING_PARAMETER)?;
                self.token(request, permissions).map(Some)
            }
            _ => Err(INVALID_PARAMETER),
        }
    }

    fn retries_answer(&self) -> Members {
        let mut answer = Members::default();
        let retries = match () {
            () if self.has(Quirk::RetriesAbsent) => None,
            () if self.has(Quirk::RetriesWrongType) => Some(cbor::text("eight")),
            () if self.has(Quirk::RetriesLie) => Some(cbor::unsigned(u64::from(MAX_RETRIES))),
            () if self.has(Quirk::RetriesAbove) => Some(cbor::unsigned(255)),
            () => Some(cbor::unsigned(u64::from(self.pin.retries))),
        };
        if let Some(retries) = retries {
            answer.put(3, retries);
        }
        answer.put(4, cbor::boolean(self.pin.wrong_in_a_row >= MAX_IN_A_ROW));
        answer
    }

    fn agreement_key(&self) -> Result<PlatformKey, u8> {
        let label = format!("agreement {} {}", self.options.seed, self.pin.agreements);
        PlatformKey::from_bytes(TestKey::derive(&label).scalar()).map_err(|_| INVALID_PARAMETER)
    }

    fn agreement_answer(&self) -> Result<Members, u8> {
        let CoseKeyAgreement { x, y, .. } = self.agreement_key()?.public();
        let mut answer = Members::default();
        match () {
            () if self.has(Quirk::AgreementMissing) => {}
            () if self.has(Quirk::AgreementOffCurve) => answer.put(1, cbor::cose_key(24, &x, &x)),
            () if self.has(Quirk::AgreementShort) => {
                answer.put(1, cbor::cose_key(24, x.get(1..).unwrap_or_default(), &y));
            }
            () => answer.put(1, cbor::cose_key(24, &x, &y)),
        }
        Ok(answer)
    }

    fn secret(&self, request: &Item<'_>) -> Result<SharedSecret, u8> {
        let number = request.get_int(1).and_then(Item::as_u64).ok_or(MISSING_PARAMETER)?;
        let protocol = PinUvAuthProtocol::from_number(number).ok_or(INVALID_PARAMETER)?;
        let key = request.get_int(3).ok_or(MISSING_PARAMETER)?.raw();
        let key = CoseKeyAgreement::parse(key).map_err(|_| INVALID_PARAMETER)?;
        SharedSecret::agree(protocol, &self.agreement_key()?, &key).map_err(|_| INVALID_PARAMETER)
    }

    fn set_pin(&mut self, request: &Item<'_>) -> Result<(), u8> {
        let secret = self.secret(request)?;
        let new_pin = bytes_of(request, 5).ok_or(MISSING_PARAMETER)?;
        let param = bytes_of(request, 4).ok_or(MISSING_PARAMETER)?;
        if self.pin.is_set() || !secret.verify(new_pin, param) {
            return Err(PIN_AUTH_INVALID);
        }
        self.store(&secret, new_pin)
    }

    fn change_pin(&mut self, request: &Item<'_>) -> Result<(), u8> {
        let secret = self.secret(request)?;
        let new_pin = bytes_of(request, 5).ok_or(MISSING_PARAMETER)?;
        let param = bytes_of(request, 4).ok_or(MISSING_PARAMETER)?;
        let old = bytes_of(request, 6).ok_or(MISSING_PARAMETER)?;
        if !secret.verify(&[new_pin, old].concat(), param) {
            return Err(PIN_AUTH_INVALID);
        }
        self.check(&secret, old)?;
        self.store(&secret, new_pin)
    }

    fn store(&mut self, secret: &SharedSecret, new_pin: &[u8]) -> Result<(), u8> {
        let padded = secret.decrypt(new_pin).map_err(|_| INVALID_PARAMETER)?;
        let len = padded.iter().rposition(|byte| *byte != 0).map_or(0, |at| at.saturating_add(1));
        let pin = padded.get(..len).filter(|pin| pin.len() >= 4).ok_or(PIN_POLICY_VIOLATION)?;
        self.pin.hash = Sha256::digest(pin).first_chunk().copied();
        (self.pin.retries, self.pin.wrong_in_a_row, self.pin.token) = (MAX_RETRIES, 0, None);
        Ok(())
    }

    /// Compares the PIN, counting as CTAP 2.2 §6.5.5.7 demands: down before, up to 8 after success.
    fn check(&mut self, secret: &SharedSecret, hash_enc: &[u8]) -> Result<(), u8> {
        let expected = self.pin.hash.ok_or(PIN_NOT_SET)?;
        if self.pin.retries == 0 {
            return Err(PIN_BLOCKED);
        }
        if self.has(Quirk::PinAuthBlocked) || self.pin.wrong_in_a_row >= MAX_IN_A_ROW {
            return Err(PIN_AUTH_BLOCKED);
        }
        self.pin.retries = self.pin.retries.saturating_sub(1);
        let hash = secret.decrypt(hash_enc).map_err(|_| INVALID_PARAMETER)?;
        if hash.as_slice() == expected && !self.has(Quirk::PinNeverRight) {
            (self.pin.retries, self.pin.wrong_in_a_row) = (MAX_RETRIES, 0);
            return Ok(());
        }
        self.pin.wrong_in_a_row = self.pin.wrong_in_a_row.saturating_add(1);
        self.pin.roll();
        Err(match (self.pin.retries, self.pin.wrong_in_a_row) {
            (0, _) => PIN_BLOCKED,
            (_, MAX_IN_A_ROW..) => PIN_AUTH_BLOCKED,
            _ => PIN_INVALID,
        })
    }

    fn token(&mut self, request: &Item<'_>, permissions: u64) -> Result<Members, u8> {
        let secret = self.secret(request)?;
        let hash = bytes_of(request, 6).ok_or(MISSING_PARAMETER)?;
        self.check(&secret, hash)?;
        let bytes =
            TestKey::derive(&format!("token {} {}", self.options.seed, self.pin.agreements))
                .scalar();
        let token = Token::from_bytes(secret.protocol(), &bytes).map_err(|_| INVALID_PARAMETER)?;
        self.pin.token = Some(Granted { token, permissions });
        let mut answer = Members::default();
        let short = if secret.protocol() == PinUvAuthProtocol::Two { 16 } else { 8 };
        let encrypted = match () {
            () if self.has(Quirk::TokenMissing) => return Ok(answer),
            () if self.has(Quirk::TokenOnlyIv) => IV.to_vec(),
            () if self.has(Quirk::TokenShort) => {
                let whole = secret.encrypt(bytes.get(..16).unwrap_or_default(), IV);
                let len = if short == 8 { 8 } else { whole.len() };
                whole.get(..len).unwrap_or_default().to_vec()
            }
            () => secret.encrypt(&bytes, IV),
        };
        answer.put(2, cbor::bytes(&encrypted));
        Ok(answer)
    }

    /// Whether the user was verified for a command, by `pinUvAuthParam` over `hash`.
    pub(super) fn verified(
        &mut self,
        request: &Item<'_>,
        (param, protocol): (i64, i64),
        hash: &[u8],
        permission: u64,
    ) -> Result<bool, u8> {
        let Some(param) = bytes_of(request, param) else {
            let needed = self.pin.is_set()
                && permission == MC
                && super::credential::option(request, 7, "rk") == Some(true);
            return if needed { Err(PUAT_REQUIRED) } else { Ok(false) };
        };
        let protocol = request.get_int(protocol).and_then(Item::as_u64).ok_or(MISSING_PARAMETER)?;
        let granted = self.pin.token.as_ref().ok_or(PIN_AUTH_INVALID)?;
        let right = granted.token.protocol().number() == protocol
            && granted.permissions & permission != 0
            && granted.token.verify(hash, param);
        if right { Ok(true) } else { Err(PIN_AUTH_INVALID) }
    }
}

/// Permission to make a credential.
pub(super) const MC: u64 = 0x01;
/// Permission to get an assertion.
pub(super) const GA: u64 = 0x02;
const MAX_RETRIES: u8 = 8;
const MAX_IN_A_ROW: u8 = 3;
/// Fixed: nothing that is encrypted here is a secret.
const IV: [u8; 16] = [0x1f; 16];
