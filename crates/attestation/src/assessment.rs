//! The answer: what one registration proves, and every finding on the way.

use keyvet_ctap::{Aaguid, AttestationFormat, CoseAlgorithm, Flags, GetInfo};
use keyvet_finding::Finding;
use keyvet_x509::Certificate;

/// What one registration proves, without any policy.
///
/// `statement`, `trust` and `aaguid_standing` are separate verdicts. A statement can be valid and its chain
/// lead nowhere; only all three together prove a model.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Assessment {
    /// Statement format; `None` when the attestation object does not decode.
    pub format: Option<AttestationFormat>,
    /// Model identifier in the authenticator data, all zero included; `None` when there is none to read.
    pub aaguid: Option<Aaguid>,
    /// Whether the attestation statement holds.
    pub statement: Statement,
    /// What kind of attestation it is; `None` unless the statement is valid.
    pub attestation_type: Option<AttestationType>,
    /// Where its certificate chain ends.
    pub trust: Trust,
    /// Description of the metadata entry (entries joined by ` / `) that the registration names, proven or not.
    pub model: Option<String>,
    /// How far the AAGUID may be believed.
    pub aaguid_standing: AaguidStanding,
    /// Flags of the authenticator data.
    pub flags: Option<Flags>,
    /// Algorithm of the credential key.
    pub algorithm: Option<CoseAlgorithm>,
    /// The certificates of `x5c`, leaf first, in the order received.
    pub certificates: Vec<Certificate>,
    /// Positions of the catalogue entries of the models that the registration names, proven or not.
    pub metadata: Vec<u32>,
    /// The getInfo answer kept with the registration; nobody signs it.
    pub get_info: Option<GetInfo>,
    /// What was found, in the order it was checked.
    pub findings: Vec<Finding>,
}

impl Assessment {
    /// An assessment that proves nothing yet: no model, no chain, no findings.
    #[must_use]
    pub fn new(statement: Statement) -> Self {
        Self {
            format: None,
            aaguid: None,
            statement,
            attestation_type: None,
            trust: Trust::Unanchored,
            model: None,
            aaguid_standing: AaguidStanding::Absent,
            flags: None,
            algorithm: None,
            certificates: Vec::new(),
            metadata: Vec::new(),
            get_info: None,
            findings: Vec::new(),
        }
    }
}

/// Whether the attestation statement holds (WebAuthn L3 §7.1 and §8).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Statement {
    /// Every check of the format's verification procedure that concerns signature and structure holds.
    Valid,
    /// It was read and a check fails.
    Invalid,
    /// The attestation object, authenticator data or statement does not decode.
    Malformed,
    /// A format or algorithm that is not implemented; nothing is known about it.
    Unsupported,
    /// The signature could not be checked because no client data was given. Not a verdict: ask for it.
    Unchecked,
}

/// Attestation type (WebAuthn L3 §6.5.4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AttestationType {
    /// A key of the authenticator's vendor, shared by a batch.
    Basic,
    /// An attestation key certified by an attestation CA, as TPMs have.
    AttCa,
    /// A key made for this credential, certified by an anonymization CA.
    AnonCa,
    /// The credential key signed for itself: no claim about the model.
    SelfAttestation,
    /// No attestation.
    None,
}

/// Where the certificate chain of a valid statement ends.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Trust {
    /// At an anchor of this model's metadata entry, or one given for this run.
    Anchored,
    /// At an anchor that belongs to another model only: the model is unknown, never trusted.
    AnchoredElsewhere,
    /// At no known anchor, or the statement does not hold so that its chain proves nothing.
    Unanchored,
    /// There is no chain: format none, or self attestation.
    NotApplicable,
}

/// How far the AAGUID may be believed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AaguidStanding {
    /// Valid statement, trusted chain, and the certificate or its anchor names this model and no other.
    Proven,
    /// The registration says so.
    Claimed,
    /// All zero or not present: no model is named.
    Absent,
}

impl Statement {
    /// The word used in JSON: `valid`, `invalid`, `malformed`, `unsupported`, `unchecked`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Malformed => "malformed",
            Self::Unsupported => "unsupported",
            Self::Unchecked => "unchecked",
        }
    }
}

impl Statement {
    /// The lower of two verdicts. What is known wins over what is not: a failed check is not excused by an
    /// unknown algorithm.
    pub(crate) fn worst(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Unchecked => 1,
            Self::Unsupported => 2,
            Self::Invalid => 3,
            Self::Malformed => 4,
        }
    }
}

impl AttestationType {
    /// The word used in JSON: `basic`, `attca`, `anonca`, `self`, `none`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::AttCa => "attca",
            Self::AnonCa => "anonca",
            Self::SelfAttestation => "self",
            Self::None => "none",
        }
    }
}

impl Trust {
    /// The word used in JSON: `anchored`, `anchored-elsewhere`, `unanchored`, `not-applicable`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anchored => "anchored",
            Self::AnchoredElsewhere => "anchored-elsewhere",
            Self::Unanchored => "unanchored",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl AaguidStanding {
    /// The word used in JSON: `proven`, `claimed`, `absent`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Claimed => "claimed",
            Self::Absent => "absent",
        }
    }
}
