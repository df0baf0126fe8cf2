//! WebAuthn attestation statements and the assessment of one registration.

mod assessment;

pub use assessment::{
    AaguidStanding, Assessment, AttestationType, CertificateSummary, Statement, Trust,
};
