//! authenticatorMakeCredential (CTAP 2.2 §6.1) and authenticator data (WebAuthn L3 §6.1).

use keyvet_cbor::Item;
use sha2::{Digest, Sha256};

use super::Quirk;
use super::authenticator::{
    Authenticator, INVALID_OPTION, INVALID_PARAMETER, KEY_STORE_FULL, MISSING_PARAMETER,
    UNSUPPORTED_ALGORITHM, UNSUPPORTED_OPTION, bytes_of,
};
use super::cbor::{self, Members};
use super::client_pin::MC;
use crate::fixtures::{TestKey, demo_leaf};

/// A credential that was made.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) id: Vec<u8>,
    pub(super) rp_id: String,
    pub(super) user_id: Vec<u8>,
    pub(super) user_name: String,
    pub(super) discoverable: bool,
    pub(super) key: TestKey,
}

impl Authenticator {
    pub(super) fn make_credential(&mut self, request: &Item<'_>) -> Result<Members, u8> {
        let hash = bytes_of(request, 1).ok_or(MISSING_PARAMETER)?;
        let rp_id = text_in(request, 2, "id").ok_or(MISSING_PARAMETER)?;
        self.refusals(request)?;
        let verified = self.verified(request, (8, 9), hash, MC)?;
        if !asks_for_es256(request) {
            return Err(UNSUPPORTED_ALGORITHM);
        }
        let credential = self.create(request, rp_id);
        let auth_data = self.credential_data(&credential, verified);
        let (format, statement) = self.statement(&credential, &auth_data, hash);
        self.credentials.push(credential);
        Ok(self.credential_answer(format, auth_data, statement))
    }

    fn refusals(&self, request: &Item<'_>) -> Result<(), u8> {
        let named = |name: &str| {
            request.get_int(3).and_then(|user| user.get_text(name)).and_then(Item::as_text)
        };
        let refused = [
            (self.has(Quirk::StorageFull), KEY_STORE_FULL),
            (self.has(Quirk::RefuseExtensions) && request.get_int(6).is_some(), UNSUPPORTED_OPTION),
            (
                self.has(Quirk::RefuseEmptyDisplayName)
                    && named("displayName").is_none_or(str::is_empty),
                INVALID_PARAMETER,
            ),
            (option(request, 7, "up") == Some(false), INVALID_OPTION),
            (option(request, 7, "uv") == Some(true), INVALID_OPTION),
            (request.get_int(0x0a).is_some(), INVALID_PARAMETER),
        ];
        refused.iter().find(|(refused, _)| *refused).map_or(Ok(()), |(_, status)| Err(*status))
    }

    fn create(&mut self, request: &Item<'_>, rp_id: &str) -> Credential {
        self.made = self.made.saturating_add(1);
        let label = format!("credential {} {} {}", self.options.seed, self.boots, self.made);
        let len = match () {
            () if self.has(Quirk::CredentialIdEmpty) => 0,
            () if self.has(Quirk::CredentialIdLong) => 1024,
            () => 32,
        };
        let id = Sha256::digest(label.as_bytes()).iter().copied().cycle().take(len).collect();
        let user = request.get_int(3);
        Credential {
            id,
            rp_id: rp_id.to_owned(),
            user_id: user
                .and_then(|user| user.get_text("id"))
                .and_then(Item::as_bytes)
                .unwrap_or_default()
                .to_vec(),
            user_name: text_in(request, 3, "name").unwrap_or_default().to_owned(),
            discoverable: option(request, 7, "rk") == Some(true),
            key: TestKey::derive(&label),
        }
    }

    fn credential_data(&self, credential: &Credential, verified: bool) -> Vec<u8> {
        let extension = self.extension_output();
        let mut flags = self.flags(verified) | AT;
        flags |= if extension.is_some() { ED } else { 0 };
        flags |= if self.has(Quirk::BsWithoutBe) { BS } else { 0 };
        flags |= if self.has(Quirk::BackupEligible) { BE } else { 0 };
        let head = |flags: u8| {
            [self.rp_id_hash(&credential.rp_id), vec![flags], 1_u32.to_be_bytes().to_vec()].concat()
        };
        match () {
            () if self.has(Quirk::AuthDataShort) => {
                return head(flags).get(..36).unwrap_or_default().to_vec();
            }
            () if self.has(Quirk::AttestedMissing) => return head(flags),
            () if self.has(Quirk::AttestedUnflagged) => return head(flags & !AT),
            () => {}
        }
        let mut data = head(flags);
        data.extend(self.attested(credential));
        data.extend(extension.unwrap_or_default());
        data.extend(self.has(Quirk::AuthDataLeftover).then_some(0x00));
        data
    }

    /// Attested credential data (WebAuthn L3 §6.5.2).
    pub(super) fn attested(&self, credential: &Credential) -> Vec<u8> {
        let len = u16::try_from(credential.id.len()).unwrap_or(u16::MAX).to_be_bytes();
        [&self.aaguid().0[..], &len, &credential.id, &self.public_key(credential)].concat()
    }

    fn public_key(&self, credential: &Credential) -> Vec<u8> {
        let (x, y) = credential
            .key
            .point()
            .get(1..)
            .unwrap_or_default()
            .split_at_checked(32)
            .unwrap_or_default();
        match () {
            () if self.has(Quirk::Coordinate31) => {
                cbor::cose_key(6, x.get(1..).unwrap_or_default(), y)
            }
            () if self.has(Quirk::OffCurve) => cbor::cose_key(6, x, x),
            // RS256, as if the key were an RSA key
            () if self.has(Quirk::OtherAlgorithm) => cbor::map(&[
                (cbor::unsigned(1), cbor::unsigned(3)),
                (cbor::unsigned(3), cbor::negative(256)),
                (cbor::negative(0), cbor::bytes(&[0xc5; 256])),
                (cbor::negative(1), cbor::bytes(&[1, 0, 1])),
            ]),
            () => cbor::cose_key(6, x, y),
        }
    }

    fn extension_output(&self) -> Option<Vec<u8>> {
        let output = |name: &str, value| Some(cbor::map(&[(cbor::text(name), value)]));
        match () {
            () if self.has(Quirk::UnsolicitedExtension) => {
                output("keyvet-nobody-asked", cbor::boolean(true))
            }
            () if self.has(Quirk::ForcedCredProtect) => output("credProtect", cbor::unsigned(3)),
            () => None,
        }
    }

    fn statement(
        &self,
        credential: &Credential,
        auth_data: &[u8],
        hash: &[u8],
    ) -> (&'static str, Vec<u8>) {
        if self.has(Quirk::FmtU2f) {
            return ("fido-u2f", self.u2f_statement(credential, hash));
        }
        let signed = [auth_data, hash].concat();
        let batch = self.options.attestation.as_ref();
        let key = batch.and_then(|leaf| TestKey::from_scalar(&leaf.key));
        let key = key.unwrap_or_else(|| credential.key.clone());
        let mut members = vec![(cbor::text("alg"), cbor::negative(self.statement_algorithm()))];
        if !self.has(Quirk::SignatureMissing) {
            members.push((cbor::text("sig"), cbor::bytes(&self.signature(&key, &signed))));
        }
        let certificate = batch.map(|leaf| vec![leaf.certificate.clone()]);
        if let Some(certificates) = self.x5c().or(certificate) {
            members.push((cbor::text("x5c"), certificate_list(&certificates)));
        }
        if self.has(Quirk::Ecdaa) {
            members.push((cbor::text("ecdaaKeyId"), cbor::bytes(&[1; 8])));
        }
        (
            self.format(),
            if self.has(Quirk::NoneAttestation) { cbor::map(&[]) } else { cbor::map(&members) },
        )
    }

    fn format(&self) -> &'static str {
        match () {
            () if self.has(Quirk::NoneAttestation) || self.has(Quirk::NoneNotEmpty) => "none",
            () if self.has(Quirk::FmtUnknown) => "keyvet-nobody-knows",
            () if self.has(Quirk::FmtLong) => "keyvet-nobody-knows-a-format-of-so-long-a-name",
            () if self.has(Quirk::FmtTpm) => "tpm",
            () => "packed",
        }
    }

    /// The `n` of `-1 - n`.
    fn statement_algorithm(&self) -> u64 {
        match () {
            () if self.has(Quirk::StatementRs256) => 256,
            () if self.has(Quirk::StatementRs1) => 65534,
            () if self.has(Quirk::StatementUnknown) => 65530,
            () => 6,
        }
    }

    /// A statement as WebAuthn L3 §8.6 has it.
    fn u2f_statement(&self, credential: &Credential, hash: &[u8]) -> Vec<u8> {
        let leaf = self.options.attestation.clone().unwrap_or_else(demo_leaf);
        let rp_id_hash = self.rp_id_hash(&credential.rp_id);
        let signed =
            [&[0x00], &rp_id_hash[..], hash, &credential.id, credential.key.point()].concat();
        let key = TestKey::from_scalar(&leaf.key).unwrap_or_else(|| credential.key.clone());
        cbor::map(&[
            (cbor::text("sig"), cbor::bytes(&self.signature(&key, &signed))),
            (cbor::text("x5c"), certificate_list(&[leaf.certificate])),
        ])
    }

    fn x5c(&self) -> Option<Vec<Vec<u8>>> {
        let garbage = vec![0x30, 0x82, 0x7f, 0xff, 0xde, 0xad];
        match () {
            () if self.has(Quirk::EmptyX5c) => Some(Vec::new()),
            () if self.has(Quirk::X5cGarbage) => Some(vec![garbage]),
            () if self.has(Quirk::X5cTail) => Some(vec![demo_leaf().certificate, garbage]),
            () if self.has(Quirk::X5cMany) => Some(vec![vec![0x30, 0x00]; 33]),
            () => None,
        }
    }

    pub(super) fn signature(&self, key: &TestKey, signed: &[u8]) -> Vec<u8> {
        match () {
            () if self.has(Quirk::SignatureWrong) => key.sign(&[signed, b"!"].concat()),
            () if self.has(Quirk::SignatureEmpty) => Vec::new(),
            () => key.sign(signed),
        }
    }

    fn credential_answer(&self, format: &str, auth_data: Vec<u8>, statement: Vec<u8>) -> Members {
        let mut answer = Members::default();
        if !self.has(Quirk::FmtMissing) {
            answer.put(1, cbor::text(format));
        }
        answer.put(2, cbor::bytes(&auth_data));
        answer.put(3, statement);
        if self.has(Quirk::EpUnasked) {
            answer.put(4, cbor::boolean(true));
        }
        answer
    }

    pub(super) fn flags(&self, verified: bool) -> u8 {
        let up = if self.has(Quirk::UpMissing) { 0 } else { UP };
        let uv = if verified && !self.has(Quirk::UvMissing) { UV } else { 0 };
        up | uv
    }

    pub(super) fn rp_id_hash(&self, rp_id: &str) -> Vec<u8> {
        let rp_id = if self.has(Quirk::WrongRpIdHash) { "other.example" } else { rp_id };
        Sha256::digest(rp_id.as_bytes()).to_vec()
    }
}

fn certificate_list(certificates: &[Vec<u8>]) -> Vec<u8> {
    cbor::array(&certificates.iter().map(|der| cbor::bytes(der)).collect::<Vec<_>>())
}

fn asks_for_es256(request: &Item<'_>) -> bool {
    let list = request.get_int(4).and_then(Item::as_array).unwrap_or_default();
    list.iter().any(|entry| entry.get_text("alg").and_then(Item::as_i64) == Some(-7))
}

fn text_in<'a>(request: &'a Item<'a>, member: i64, name: &str) -> Option<&'a str> {
    request.get_int(member)?.get_text(name).and_then(Item::as_text)
}

/// An option of a request.
pub(super) fn option(request: &Item<'_>, member: i64, name: &str) -> Option<bool> {
    request.get_int(member)?.get_text(name).and_then(Item::as_bool)
}

const UP: u8 = 0x01;
const UV: u8 = 0x04;
const BE: u8 = 0x08;
const BS: u8 = 0x10;
pub(super) const AT: u8 = 0x40;
const ED: u8 = 0x80;
