//! What stands in the way before anything is sent, known from getInfo alone.

use keyvet_ctap::CoseAlgorithm;
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

/// What stands in the way before anything is sent, known from getInfo alone.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// The key speaks no version of CTAP2.
    #[error("the key speaks {} only", versions.join(", "))]
    NotCtap2 {
        /// What it speaks.
        versions: Vec<String>,
    },
    /// A PIN is needed and none is set.
    #[error("the key has no PIN")]
    PinNotSet,
    /// A PIN is to be set and there is one.
    #[error("the key has a PIN already")]
    PinAlreadySet,
    /// The key knows no PIN.
    #[error("the key cannot have a PIN")]
    PinUnsupported,
    /// The PIN must be changed before it is good for anything else.
    #[error("the key wants its PIN changed first")]
    PinChangeRequired,
    /// Verification is needed and the key can do none.
    #[error("the key cannot verify a person")]
    VerificationUnsupported,
    /// The key verifies by itself, but nobody is enrolled, and a PIN does not serve.
    #[error(
        "the key has nobody enrolled for its own user verification, and its PIN does not serve"
    )]
    NobodyEnrolled,
    /// The key and we know no PIN/UV auth protocol in common.
    #[error("the key offers PIN/UV auth protocols {theirs:?}; 1 and 2 are known here")]
    NoCommonProtocol {
        /// The numbers that the key offers.
        theirs: Vec<u64>,
    },
    /// The key offers none of the algorithms asked for.
    #[error("the key offers {}; asked for was {}", list(theirs), list(asked))]
    Algorithm {
        /// What is asked for.
        asked: Vec<CoseAlgorithm>,
        /// What the key offers.
        theirs: Vec<CoseAlgorithm>,
    },
    /// The key keeps no discoverable credentials.
    #[error("the key keeps no discoverable credentials")]
    DiscoverableUnsupported,
    /// The key has no room for another discoverable credential.
    #[error("the key has no room for another discoverable credential")]
    DiscoverableFull,
    /// The key has no enterprise attestation.
    #[error("the key has no enterprise attestation")]
    EnterpriseUnsupported,
    /// Enterprise attestation is switched off on this key.
    #[error("enterprise attestation is switched off on this key")]
    EnterpriseDisabled,
    /// The request is longer than the key takes.
    #[error("the request has {len} bytes, the key takes {max}")]
    RequestTooLarge {
        /// Its length, in bytes.
        len: usize,
        /// What the key or the channel takes, in bytes.
        max: usize,
    },
    /// The key has no such command.
    #[error("the key has no {0}")]
    CommandMissing(&'static str),
}

fn list(algorithms: &[CoseAlgorithm]) -> String {
    let names: Vec<_> = algorithms.iter().map(ToString::to_string).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

impl Obstacle {
    /// The obstacle as a finding.
    #[must_use]
    pub fn finding(&self) -> Finding {
        Finding::new(self.kind(), self)
    }
}

impl Coded for Obstacle {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::NotCtap2 { .. } => &NOT_CTAP2,
            Self::PinNotSet => &PIN_NOT_SET,
            Self::PinAlreadySet => &PIN_ALREADY_SET,
            Self::PinUnsupported => &PIN_UNSUPPORTED,
            Self::PinChangeRequired => &PIN_CHANGE_REQUIRED,
            Self::VerificationUnsupported => &VERIFICATION_UNSUPPORTED,
            Self::NobodyEnrolled => &NOBODY_ENROLLED,
            Self::NoCommonProtocol { .. } => &NO_COMMON_PROTOCOL,
            Self::Algorithm { .. } => &ALGORITHM_NOT_OFFERED,
            Self::DiscoverableUnsupported => &DISCOVERABLE_UNSUPPORTED,
            Self::DiscoverableFull => &DISCOVERABLE_FULL,
            Self::EnterpriseUnsupported => &ENTERPRISE_UNSUPPORTED,
            Self::EnterpriseDisabled => &ENTERPRISE_DISABLED,
            Self::RequestTooLarge { .. } => &REQUEST_TOO_LARGE,
            Self::CommandMissing(_) => &COMMAND_MISSING,
        }
    }
}

/// The key speaks no CTAP2.
pub static NOT_CTAP2: Kind = Kind {
    id: "client.not-ctap2",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key speaks no version of CTAP2, so it can hold no passkey and give no attestation of that kind.",
    next_step: "Use a key that lists FIDO_2_0 or later among its versions.",
    source: "CTAP 2.2 §6.4",
};

/// No PIN is set.
pub static PIN_NOT_SET: Kind = Kind {
    id: "client.pin-not-set",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "What was asked needs a verified person, and the key has no PIN yet.",
    next_step: "Set a PIN with the vendor's program, the system's settings or `fido2-token -S`, and repeat the command. A PIN stays until it is changed or the key is reset.",
    source: "CTAP 2.2 §6.5.5.5",
};

/// A PIN is set already.
pub static PIN_ALREADY_SET: Kind = Kind {
    id: "client.pin-already-set",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A first PIN cannot be set: the key has one.",
    next_step: "Change the PIN instead. If nobody knows it, only a reset removes it, with every credential on the key.",
    source: "CTAP 2.2 §6.5.5.5",
};

/// The key knows no PIN.
pub static PIN_UNSUPPORTED: Kind = Kind {
    id: "client.pin-unsupported",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key cannot have a PIN.",
    next_step: "Use a key that can, or the key's own user verification.",
    source: "CTAP 2.2 §6.4",
};

/// The PIN must be changed.
pub static PIN_CHANGE_REQUIRED: Kind = Kind {
    id: "client.pin-change-required",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The key demands that its PIN be changed and refuses every PIN until then, the right one too. No PIN was tried.",
    next_step: "Change the PIN with the vendor's program, the system's settings or `fido2-token -C`, then repeat the command.",
    source: "CTAP 2.2 §6.4, §6.5.5.7",
};

/// The key can verify nobody.
pub static VERIFICATION_UNSUPPORTED: Kind = Kind {
    id: "client.verification-unsupported",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "What was asked needs a verified person, and the key has neither a PIN nor a verification of its own.",
    next_step: "Use another key, or ask without user verification.",
    source: "CTAP 2.2 §6.4",
};

/// Nobody is enrolled.
pub static NOBODY_ENROLLED: Kind = Kind {
    id: "client.nobody-enrolled",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The key verifies a person by itself, but nobody is enrolled, and it does not take a PIN for this.",
    next_step: "Enrol a finger on the key with its vendor's program, then repeat the command.",
    source: "CTAP 2.2 §6.4",
};

/// No PIN/UV auth protocol in common.
pub static NO_COMMON_PROTOCOL: Kind = Kind {
    id: "client.no-common-protocol",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key and this program know no PIN/UV auth protocol in common, so a PIN cannot be sent safely.",
    next_step: "Report the model to keyvet; until then use the key without verification or another key.",
    source: "CTAP 2.2 §6.5.4",
};

/// None of the algorithms is offered.
pub static ALGORITHM_NOT_OFFERED: Kind = Kind {
    id: "client.algorithm-not-offered",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key offers none of the signature algorithms that are asked for.",
    next_step: "Ask for one that the key offers, or use another key.",
    source: "CTAP 2.2 §6.4, §6.1.2",
};

/// No discoverable credentials.
pub static DISCOVERABLE_UNSUPPORTED: Kind = Kind {
    id: "client.discoverable-unsupported",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key keeps no discoverable credentials, so it can hold no passkey.",
    next_step: "Use a key with option rk.",
    source: "CTAP 2.2 §6.4",
};

/// No room for a discoverable credential.
pub static DISCOVERABLE_FULL: Kind = Kind {
    id: "client.discoverable-full",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key has no room for another discoverable credential.",
    next_step: "Remove credentials that are not used any more, or use another key.",
    source: "CTAP 2.2 §6.4",
};

/// No enterprise attestation.
pub static ENTERPRISE_UNSUPPORTED: Kind = Kind {
    id: "client.enterprise-attestation-unsupported",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key has no enterprise attestation.",
    next_step: "Ask for usual attestation, or buy keys that the vendor prepares for enterprise attestation.",
    source: "CTAP 2.2 §7.1",
};

/// Enterprise attestation is off.
pub static ENTERPRISE_DISABLED: Kind = Kind {
    id: "client.enterprise-attestation-disabled",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The key has enterprise attestation, but it is switched off. A reset switches it off again.",
    next_step: "Switch it on with a management program (authenticatorConfig, enableEnterpriseAttestation), then repeat.",
    source: "CTAP 2.2 §7.1, §6.11.1",
};

/// The request is too long.
pub static REQUEST_TOO_LARGE: Kind = Kind {
    id: "client.request-too-large",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The request is longer than the key takes; it was not sent.",
    next_step: "Ask for less: fewer algorithms, a shorter list of credentials, shorter names.",
    source: "CTAP 2.2 §6.4",
};

/// There is no such command.
pub static COMMAND_MISSING: Kind = Kind {
    id: "client.command-missing",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key has no such command.",
    next_step: "Use the vendor's program for it, or a key that has it; `keyvet info` shows what a key can.",
    source: "CTAP 2.2 §6.4",
};
