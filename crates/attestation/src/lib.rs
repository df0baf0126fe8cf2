//! WebAuthn attestation statements and the assessment of one registration.
