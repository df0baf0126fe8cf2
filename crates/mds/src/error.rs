//! Why metadata is refused; each reason has an id of its own.

use crate::report::ChainLink;
use keyvet_finding::{Coded, Culprit, Kind, Printable, Severity};

/// Why a BLOB, a revocation list or a cache is not used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MdsError {
    /// See `mds.too-large`.
    #[error("{len} bytes, at most {max} are read")]
    TooLarge {
        /// Bytes given.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// See `mds.not-jws`.
    #[error("not three base64url parts: {}", Printable(reason))]
    NotJws {
        /// What is wrong.
        reason: String,
    },
    /// See `mds.header-malformed`.
    #[error("{}", Printable(reason))]
    Header {
        /// What is wrong.
        reason: String,
    },
    /// See `mds.algorithm-forbidden`.
    #[error("alg {}", Printable(alg))]
    AlgorithmForbidden {
        /// `alg`, as written.
        alg: String,
    },
    /// See `mds.header-member-forbidden`.
    #[error("{}", Printable(name))]
    HeaderMember {
        /// Its name.
        name: String,
    },
    /// See `mds.signer-certificate-malformed`.
    #[error("{}", Printable(reason))]
    SignerCertificate {
        /// What is wrong.
        reason: String,
    },
    /// See `mds.chain-untrusted`.
    #[error("{reason}{}", shown(chain))]
    ChainUntrusted {
        /// Why.
        reason: String,
        /// The certificates as sent.
        chain: Vec<ChainLink>,
    },
    /// See `mds.signer-expired`.
    #[error("at {at} after the end of {link}")]
    SignerExpired {
        /// The certificate.
        link: Box<ChainLink>,
        /// Time of checking.
        at: String,
    },
    /// See `mds.signer-not-yet-valid`.
    #[error("at {at} before the start of {link}")]
    SignerNotYetValid {
        /// The certificate.
        link: Box<ChainLink>,
        /// Time of checking.
        at: String,
    },
    /// See `mds.signer-host-mismatch`.
    #[error("wanted {}, certificate names {}", Printable(wanted), Printable(&found.join(", ")))]
    SignerHost {
        /// Name demanded.
        wanted: String,
        /// DNS names in the certificate.
        found: Vec<String>,
    },
    /// See `mds.signer-revoked`.
    #[error("{link}")]
    SignerRevoked {
        /// The certificate.
        link: Box<ChainLink>,
    },
    /// See `mds.crl-malformed`.
    #[error("{}", Printable(reason))]
    CrlMalformed {
        /// What is wrong.
        reason: String,
    },
    /// See `mds.crl-untrusted`.
    #[error("{}", Printable(issuer))]
    CrlUntrusted {
        /// Who claims to have issued it.
        issuer: String,
    },
    /// See `mds.signature-invalid`.
    #[error("{}", Printable(reason))]
    Signature {
        /// What is wrong.
        reason: String,
    },
    /// See `mds.payload-malformed`.
    #[error("{}", Printable(reason))]
    Payload {
        /// What is wrong.
        reason: String,
    },
    /// See `mds.rollback`.
    #[error("no {offered} offered, no {known} accepted before")]
    Rollback {
        /// Number accepted before.
        known: u64,
        /// Number of this file.
        offered: u64,
    },
    /// See `mds.cache-corrupt`.
    #[error("{}", Printable(reason))]
    CacheCorrupt {
        /// What is wrong.
        reason: String,
    },
    /// See `mds.cache-version`.
    #[error("version {found}")]
    CacheVersion {
        /// Version found.
        found: u16,
    },
}

/// The chain below the reason, so that a person can compare it with the published one.
fn shown(chain: &[ChainLink]) -> String {
    chain.iter().map(|link| format!("; {link}")).collect()
}

impl Coded for MdsError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::TooLarge { .. } => &TOO_LARGE,
            Self::NotJws { .. } => &NOT_JWS,
            Self::Header { .. } => &HEADER_MALFORMED,
            Self::AlgorithmForbidden { .. } => &ALGORITHM_FORBIDDEN,
            Self::HeaderMember { .. } => &HEADER_MEMBER_FORBIDDEN,
            Self::SignerCertificate { .. } => &SIGNER_CERTIFICATE,
            Self::ChainUntrusted { .. } => &CHAIN_UNTRUSTED,
            Self::SignerExpired { .. } => &SIGNER_EXPIRED,
            Self::SignerNotYetValid { .. } => &SIGNER_NOT_YET_VALID,
            Self::SignerHost { .. } => &SIGNER_HOST,
            Self::SignerRevoked { .. } => &SIGNER_REVOKED,
            Self::CrlMalformed { .. } => &CRL_MALFORMED,
            Self::CrlUntrusted { .. } => &CRL_UNTRUSTED,
            Self::Signature { .. } => &SIGNATURE_INVALID,
            Self::Payload { .. } => &PAYLOAD_MALFORMED,
            Self::Rollback { .. } => &ROLLBACK,
            Self::CacheCorrupt { .. } => &CACHE_CORRUPT,
            Self::CacheVersion { .. } => &CACHE_VERSION,
        }
    }
}

/// Kind of [`MdsError::TooLarge`].
pub(crate) static TOO_LARGE: Kind = Kind {
    id: "mds.too-large",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is larger than any metadata BLOB should be; it was not read.",
    next_step: "Check that this is the metadata BLOB; download it again.",
    source: "keyvet",
};

/// Kind of [`MdsError::NotJws`].
pub(crate) static NOT_JWS: Kind = Kind {
    id: "mds.not-jws",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is not a signed metadata BLOB: three base64url parts joined by dots.",
    next_step: "Download https://mds3.fidoalliance.org/ again, as it is, without opening it in an editor.",
    source: "RFC 7515 §3.1",
};

/// Kind of [`MdsError::Header`].
pub(crate) static HEADER_MALFORMED: Kind = Kind {
    id: "mds.header-malformed",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The header of the BLOB cannot be read.",
    next_step: "Download the BLOB again; if it repeats, report it.",
    source: "RFC 7515 §4",
};

/// Kind of [`MdsError::AlgorithmForbidden`].
pub(crate) static ALGORITHM_FORBIDDEN: Kind = Kind {
    id: "mds.algorithm-forbidden",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The BLOB names a signature algorithm that proves nothing or is not accepted for metadata.",
    next_step: "Do not use this file. Download the BLOB again from the FIDO Alliance.",
    source: "MDS 3.0 §3.1.7; RFC 8725 §3.1",
};

/// Kind of [`MdsError::HeaderMember`].
pub(crate) static HEADER_MEMBER_FORBIDDEN: Kind = Kind {
    id: "mds.header-member-forbidden",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The header of the BLOB asks for something that keyvet does not do: fetch certificates from an address, or obey an extension.",
    next_step: "Use a BLOB with its certificates inside (x5c), as the FIDO Alliance publishes it.",
    source: "RFC 7515 §4.1.5, §4.1.11",
};

/// Kind of [`MdsError::SignerCertificate`].
pub(crate) static SIGNER_CERTIFICATE: Kind = Kind {
    id: "mds.signer-certificate-malformed",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "A certificate in the header of the BLOB is absent or cannot be read.",
    next_step: "Download the BLOB again; if it repeats, report it.",
    source: "RFC 7515 §4.1.6",
};

/// Kind of [`MdsError::ChainUntrusted`].
pub(crate) static CHAIN_UNTRUSTED: Kind = Kind {
    id: "mds.chain-untrusted",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The certificate that signed the BLOB does not lead to a trusted root.",
    next_step: "If the FIDO Alliance changed its root, give the new one (--mds-root); otherwise do not use this file.",
    source: "MDS 3.0 §3.1.7",
};

/// Kind of [`MdsError::SignerExpired`].
pub(crate) static SIGNER_EXPIRED: Kind = Kind {
    id: "mds.signer-expired",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "A certificate in the chain of the BLOB's signer has expired at the time of checking.",
    next_step: "Fetch a current BLOB; to judge an archived one, give a time inside the certificate's life (--at).",
    source: "MDS 3.0 §3.1.7; RFC 5280 §6.1.3",
};

/// Kind of [`MdsError::SignerNotYetValid`].
pub(crate) static SIGNER_NOT_YET_VALID: Kind = Kind {
    id: "mds.signer-not-yet-valid",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "A certificate in the chain of the BLOB's signer is not valid yet at the time of checking.",
    next_step: "Check the clock, or the time given with --at.",
    source: "MDS 3.0 §3.1.7; RFC 5280 §6.1.3",
};

/// Kind of [`MdsError::SignerHost`].
pub(crate) static SIGNER_HOST: Kind = Kind {
    id: "mds.signer-host-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The BLOB is signed by a certificate for another host than the metadata service.",
    next_step: "Do not use this file, unless you know the other service and name its host.",
    source: "MDS 3.0 §3.1.7",
};

/// Kind of [`MdsError::SignerRevoked`].
pub(crate) static SIGNER_REVOKED: Kind = Kind {
    id: "mds.signer-revoked",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "A certificate in the chain of the BLOB's signer is revoked.",
    next_step: "Do not use this file. Download a current BLOB.",
    source: "MDS 3.0 §3.1.7; RFC 5280 §6.3",
};

/// Kind of [`MdsError::CrlMalformed`].
pub(crate) static CRL_MALFORMED: Kind = Kind {
    id: "mds.crl-malformed",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A revocation list given cannot be read.",
    next_step: "Give the list as its issuer publishes it, DER or PEM.",
    source: "RFC 5280 §5",
};

/// Kind of [`MdsError::CrlUntrusted`].
pub(crate) static CRL_UNTRUSTED: Kind = Kind {
    id: "mds.crl-untrusted",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A revocation list given names an issuer of this chain, but is not signed by it.",
    next_step: "Download the list again from the address in the certificate.",
    source: "RFC 5280 §6.3.3",
};

/// Kind of [`MdsError::Signature`].
pub(crate) static SIGNATURE_INVALID: Kind = Kind {
    id: "mds.signature-invalid",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The signature of the BLOB is wrong: the file was altered or damaged after signing.",
    next_step: "Do not use this file. Download the BLOB again.",
    source: "RFC 7515 §5.2; MDS 3.0 §3.1.7",
};

/// Kind of [`MdsError::Payload`].
pub(crate) static PAYLOAD_MALFORMED: Kind = Kind {
    id: "mds.payload-malformed",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The BLOB is not metadata: not JSON, or without number, date or entries.",
    next_step: "Download the BLOB again; if it repeats, report it.",
    source: "MDS 3.0 §3.1.6",
};

/// Kind of [`MdsError::Rollback`].
pub(crate) static ROLLBACK: Kind = Kind {
    id: "mds.rollback",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The BLOB is older than one accepted before; an old BLOB hides revocations made since.",
    next_step: "Keep the newer metadata and find out why an old file was offered.",
    source: "MDS 3.0 §3.1.7",
};

/// Kind of [`MdsError::CacheCorrupt`].
pub(crate) static CACHE_CORRUPT: Kind = Kind {
    id: "mds.cache-corrupt",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "The metadata cache is damaged.",
    next_step: "Import the BLOB again (keyvet mds import FILE).",
    source: "keyvet",
};

/// Kind of [`MdsError::CacheVersion`].
pub(crate) static CACHE_VERSION: Kind = Kind {
    id: "mds.cache-version",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "The metadata cache was written by another version of keyvet.",
    next_step: "Import the BLOB again (keyvet mds import FILE).",
    source: "keyvet",
};
