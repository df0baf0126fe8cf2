//! Microsoft Entra: the passkey (FIDO2) authentication method policy.

pub(crate) mod contradiction;
pub(crate) mod graph;
pub(crate) mod locate;
