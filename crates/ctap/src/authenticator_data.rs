//! Authenticator data (WebAuthn L3 §6.1): what the authenticator signs.

use keyvet_cbor::{DecodeError, Decoded, Mode, decode_prefix};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::{Aaguid, CosePublicKey, ExtensionOutputs, canonical, cose_key::CoseKeyError};

/// Parsed authenticator data.
///
/// `rpIdHash 32 ‖ flags 1 ‖ signCount 4 ‖ [attested credential data] ‖ [extension outputs]`. After
/// [`AuthenticatorData::parse`] the parts that the flags announce are there and nothing else is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AuthenticatorData {
    /// SHA-256 of the relying party identifier.
    pub rp_id_hash: [u8; 32],
    /// Flags as received.
    pub flags: Flags,
    /// Signature counter.
    pub sign_count: u32,
    /// Present when flag AT is set: at registration.
    pub attested: Option<AttestedCredentialData>,
    /// Present when flag ED is set.
    pub extensions: Option<ExtensionOutputs>,
    /// Oddities that do not keep it from being read.
    pub findings: Vec<Finding>,
}

/// Attested credential data (WebAuthn L3 §6.5.1).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AttestedCredentialData {
    /// The model that the authenticator claims to be.
    pub aaguid: Aaguid,
    /// Credential identifier, at most 65535 bytes.
    pub credential_id: Vec<u8>,
    /// The credential's public key.
    pub public_key: CosePublicKey,
    /// The same as received.
    pub public_key_bytes: Vec<u8>,
}

/// The flags byte (WebAuthn L3 §6.1); reserved bits survive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Flags(pub u8);

/// Why bytes are not authenticator data.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticatorDataError {
    /// The input ends inside a fixed part.
    #[error("authenticator data ends inside {part}, after {len} bytes")]
    TooShort {
        /// The part.
        part: &'static str,
        /// Length of the input.
        len: usize,
    },
    /// The public key is not CBOR.
    #[error("authenticator data from byte {start}: public key: {error}")]
    PublicKeyCbor {
        /// Where the key starts.
        start: usize,
        /// What is wrong, with an offset from there.
        error: DecodeError,
    },
    /// The public key is CBOR, but not a key.
    #[error("authenticator data from byte {start}: {error}")]
    PublicKey {
        /// Where the key starts.
        start: usize,
        /// What is wrong.
        error: CoseKeyError,
    },
    /// The extension outputs are not CBOR.
    #[error("authenticator data from byte {start}: extension outputs: {error}")]
    ExtensionsCbor {
        /// Where they start.
        start: usize,
        /// What is wrong, with an offset from there.
        error: DecodeError,
    },
    /// The extension outputs are not a map.
    #[error("authenticator data from byte {start}: extension outputs are not a map")]
    ExtensionsNotAMap {
        /// Where they start.
        start: usize,
    },
    /// Bytes follow the parts that the flags announce.
    #[error("{len} bytes follow the authenticator data at byte {start} (flags 0x{:02x})", flags.0)]
    LeftOver {
        /// Where they start.
        start: usize,
        /// How many.
        len: usize,
        /// The flags that announced less.
        flags: Flags,
    },
    /// Flag BS without flag BE.
    #[error("flag BS (backed up) is set without BE (backup eligible), flags 0x{:02x}", flags.0)]
    BackedUpNotEligible {
        /// The flags.
        flags: Flags,
    },
}

/// The authenticator data cannot be read.
pub static AUTHENTICATOR_DATA_MALFORMED: Kind = Kind {
    id: "ctap.authenticator-data-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The authenticator data is cut short, holds bytes that its flags do not announce, or holds a broken key or extension map.",
    next_step: "Register again; if it repeats with this model, report it to the vendor.",
    source: "WebAuthn L3 §6.1, CTAP 2.2 §6.1.2",
};

/// Flag BS without flag BE.
pub static BACKED_UP_NOT_ELIGIBLE: Kind = Kind {
    id: "ctap.backed-up-not-eligible",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The authenticator says that the credential is backed up and also that it can never be. One of the flags is wrong, so none is believed.",
    next_step: "Report it to the vendor.",
    source: "WebAuthn L3 §6.1.3",
};

/// Reserved flag bits are set.
pub static RESERVED_FLAGS: Kind = Kind {
    id: "ctap.reserved-flags",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "The authenticator data sets flag bits that no specification has given a meaning.",
    next_step: "Nothing to do.",
    source: "WebAuthn L3 §6.1",
};

/// The credential identifier is longer than relying parties accept.
pub static CREDENTIAL_ID_TOO_LONG: Kind = Kind {
    id: "ctap.credential-id-too-long",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The credential identifier is longer than 1023 bytes; relying parties are told to refuse it.",
    next_step: "Report it to the vendor.",
    source: "WebAuthn L3 §7.1",
};

impl Coded for AuthenticatorDataError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::PublicKey { error, .. } => error.kind(),
            Self::BackedUpNotEligible { .. } => &BACKED_UP_NOT_ELIGIBLE,
            _ => &AUTHENTICATOR_DATA_MALFORMED,
        }
    }
}

impl Flags {
    /// 0x01: a person was present.
    #[must_use]
    pub fn up(&self) -> bool {
        self.0 & 0x01 != 0
    }

    /// 0x04: the person was verified.
    #[must_use]
    pub fn uv(&self) -> bool {
        self.0 & 0x04 != 0
    }

    /// 0x08: the credential may be backed up.
    #[must_use]
    pub fn be(&self) -> bool {
        self.0 & 0x08 != 0
    }

    /// 0x10: the credential is backed up.
    #[must_use]
    pub fn bs(&self) -> bool {
        self.0 & 0x10 != 0
    }

    /// 0x40: attested credential data follows.
    #[must_use]
    pub fn at(&self) -> bool {
        self.0 & 0x40 != 0
    }

    /// 0x80: extension outputs follow.
    #[must_use]
    pub fn ed(&self) -> bool {
        self.0 & 0x80 != 0
    }

    fn reserved(self) -> u8 {
        self.0 & 0x22
    }
}

impl AuthenticatorData {
    /// Reads authenticator data that takes all of `bytes`.
    ///
    /// # Errors
    /// [`AuthenticatorDataError`]: a part is missing or broken, bytes are left over, or flag BS is set
    /// without BE. CBOR that is only unsorted or not minimal becomes a finding.
    pub fn parse(bytes: &[u8]) -> Result<Self, AuthenticatorDataError> {
        let mut parser = Parser { input: bytes, at: 0, findings: Vec::new() };
        let rp_id_hash = parser.array("rpIdHash")?;
        let flags = parser.flags()?;
        let sign_count = u32::from_be_bytes(parser.array("signCount")?);
        let attested = flags.at().then(|| parser.attested()).transpose()?;
        let extensions = flags.ed().then(|| parser.extensions()).transpose()?;
        let findings = parser.finish(flags)?;
        Ok(Self { rp_id_hash, flags, sign_count, attested, extensions, findings })
    }
}

struct Parser<'a> {
    input: &'a [u8],
    at: usize,
    findings: Vec<Finding>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, len: usize) {
        self.at = self.at.saturating_add(len);
    }

    fn too_short(&self, part: &'static str) -> AuthenticatorDataError {
        AuthenticatorDataError::TooShort { part, len: self.input.len() }
    }

    fn array<const N: usize>(
        &mut self,
        part: &'static str,
    ) -> Result<[u8; N], AuthenticatorDataError> {
        let bytes = *self.rest().first_chunk().ok_or_else(|| self.too_short(part))?;
        self.skip(N);
        Ok(bytes)
    }

    fn flags(&mut self) -> Result<Flags, AuthenticatorDataError> {
        let [byte] = self.array("flags")?;
        let flags = Flags(byte);
        if flags.bs() && !flags.be() {
            return Err(AuthenticatorDataError::BackedUpNotEligible { flags });
        }
        if flags.reserved() != 0 {
            self.findings
                .push(Finding::new(&RESERVED_FLAGS, format!("0x{:02x}", flags.reserved())));
        }
        Ok(flags)
    }

    fn attested(&mut self) -> Result<AttestedCredentialData, AuthenticatorDataError> {
        let aaguid = Aaguid(self.array("aaguid")?);
        let credential_id = self.credential_id()?;
        let start = self.at;
        let decoded = decode_prefix(self.rest(), Mode::Tolerant)
            .map_err(|error| AuthenticatorDataError::PublicKeyCbor { start, error })?;
        let public_key = CosePublicKey::from_decoded(&decoded)
            .map_err(|error| AuthenticatorDataError::PublicKey { start, error })?;
        self.take(&decoded, "credentialPublicKey");
        self.findings.extend(public_key.findings());
        let public_key_bytes = decoded.item.raw().into();
        Ok(AttestedCredentialData { aaguid, credential_id, public_key, public_key_bytes })
    }

    fn credential_id(&mut self) -> Result<Vec<u8>, AuthenticatorDataError> {
        let len = usize::from(u16::from_be_bytes(self.array("credentialIdLength")?));
        let id = self.rest().get(..len).ok_or_else(|| self.too_short("credentialId"))?;
        self.skip(len);
        if len > MAX_CREDENTIAL_ID_LEN {
            self.findings.push(Finding::new(&CREDENTIAL_ID_TOO_LONG, format!("{len} bytes")));
        }
        Ok(id.into())
    }

    fn extensions(&mut self) -> Result<ExtensionOutputs, AuthenticatorDataError> {
        let start = self.at;
        let decoded = decode_prefix(self.rest(), Mode::Tolerant)
            .map_err(|error| AuthenticatorDataError::ExtensionsCbor { start, error })?;
        let (outputs, findings) = ExtensionOutputs::from_item(&decoded.item)
            .ok_or(AuthenticatorDataError::ExtensionsNotAMap { start })?;
        self.take(&decoded, "extensions");
        self.findings.extend(findings);
        Ok(outputs)
    }

    fn take(&mut self, decoded: &Decoded<'_>, part: &str) {
        self.findings.extend(canonical::findings(&format!("authData {part}"), decoded));
        self.skip(decoded.len);
    }

    fn finish(self, flags: Flags) -> Result<Vec<Finding>, AuthenticatorDataError> {
        match self.rest().len() {
            0 => Ok(self.findings),
            len => Err(AuthenticatorDataError::LeftOver { start: self.at, len, flags }),
        }
    }
}

/// WebAuthn L3 §7.1 tells relying parties to refuse more.
const MAX_CREDENTIAL_ID_LEN: usize = 1023;
