//! CTAP2 and WebAuthn wire types; one file per command.

mod aaguid;
pub use aaguid::Aaguid;
