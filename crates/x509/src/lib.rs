//! Certificates as shipped keys carry them: parsing, signatures, paths to an anchor.
//!
//! Pure: no clock, no files, no network. The time of a check is a parameter. Nothing here knows CTAP or
//! metadata. aws-lc-rs is used in `verify.rs` and `digest.rs` only, x509-parser in `certificate.rs` only;
//! feature `ed448` (default) adds the one algorithm that aws-lc-rs lacks. Of foreign types, only `time::OffsetDateTime` appears in signatures.
//!
//! It implements RFC 5280 where shipped attestation certificates allow, and says where they do not:
//! [`Certificate`] lists what is tolerated, [`Anchor`] what is not asked of an anchor, [`PathRules`] what
//! is demanded of a path. It is not a TLS verifier: name constraints, policies and revocation are not
//! evaluated, and [`PathRules::server`] refuses a critical extension that it does not know.
//!
//! ```
//! use keyvet_x509::{Anchor, PathOutcome, PathRules, find_path, read_pem};
//! # let pem = include_bytes!("../../../tests/vectors/mds/globalsign-root-r3.pem");
//! let root = read_pem(pem)?.remove(0);
//! let anchors = [Anchor::from_certificate(&root, "R3")];
//! let found = find_path(&root, &[], &anchors, &PathRules::attestation(None, false));
//! assert_eq!(found.anchor(), Some(0));
//! # Ok::<(), keyvet_x509::PemError>(())
//! ```

mod anchor;
mod certificate;
mod der;
mod digest;
mod ed448;
mod extension;
mod memory;
mod names;
mod oid;
mod path;
mod path_kinds;
mod path_search;
mod pem;
mod public_key;
mod signature_algorithm;
mod verify;

pub use anchor::{Anchor, AnchorSet};
pub use certificate::{
    CERTIFICATE_TRAILING_BYTES, CERTIFICATE_UNREADABLE, Certificate, CertificateError,
};
pub use digest::{sha1, sha256, sha384, sha512};
pub use extension::{BasicConstraints, Extension, KeyUsage};
use keyvet_finding::Kind;
pub use memory::LeafMemory;
pub use names::NameAttribute;
pub use path::{Budget, PathOutcome, PathRules, find_path};
pub use path_kinds::{
    ANCHOR_VALIDITY, CHAIN_ORDER, CRITICAL_EXTENSION, CRITICAL_EXTENSION_REFUSED, DNS_NAME,
    EXPIRED, ISSUER_KEY_USAGE, ISSUER_NOT_CA, ISSUER_NOT_FOUND, NOT_YET_VALID, OUTSIDE_VALIDITY,
    PATH_LENGTH, PATH_TOO_COSTLY, PURPOSE, UNRELATED_CERTIFICATES,
};
pub use pem::{MAX_PEM_CERTIFICATES, MAX_PEM_LEN, PEM_UNREADABLE, PemError, read_pem};
pub use public_key::{EcCurve, MlDsaLevel, PublicKey};
pub use signature_algorithm::SignatureAlgorithm;
pub use verify::{
    PUBLIC_KEY_INVALID, SIGNATURE_ALGORITHM_MISMATCH, SIGNATURE_BAD, SIGNATURE_MALFORMED,
    SIGNATURE_UNSUPPORTED, VerifyError, verify,
};

/// Everything this crate can say.
pub static KINDS: &[&Kind] = &[
    &ANCHOR_VALIDITY,
    &CERTIFICATE_TRAILING_BYTES,
    &CERTIFICATE_UNREADABLE,
    &CHAIN_ORDER,
    &CRITICAL_EXTENSION,
    &CRITICAL_EXTENSION_REFUSED,
    &DNS_NAME,
    &EXPIRED,
    &ISSUER_KEY_USAGE,
    &ISSUER_NOT_CA,
    &ISSUER_NOT_FOUND,
    &NOT_YET_VALID,
    &OUTSIDE_VALIDITY,
    &PATH_LENGTH,
    &PATH_TOO_COSTLY,
    &PEM_UNREADABLE,
    &PUBLIC_KEY_INVALID,
    &PURPOSE,
    &SIGNATURE_ALGORITHM_MISMATCH,
    &SIGNATURE_BAD,
    &SIGNATURE_MALFORMED,
    &SIGNATURE_UNSUPPORTED,
    &UNRELATED_CERTIFICATES,
];
