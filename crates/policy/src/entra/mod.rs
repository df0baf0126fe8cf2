//! Microsoft Entra: the passkey (FIDO2) authentication method policy.

pub(crate) mod attestable;
pub(crate) mod chain;
pub(crate) mod contradiction;
pub(crate) mod decision;
pub(crate) mod demand;
pub(crate) mod graph;
mod key_table;
pub(crate) mod known;
pub(crate) mod lint;
pub(crate) mod locate;
pub(crate) mod models;
pub(crate) mod notes;
pub(crate) mod restrictions;
pub(crate) mod scope;
pub(crate) mod size;
pub(crate) mod types;

pub use attestable::{Attestable, RuleTerm, attestable};
pub use key_table::{Edition, KeyRow, KeyTable, KeyTableError};
pub use known::{
    AUTHENTICATOR_ANDROID, AUTHENTICATOR_IOS, MACOS_PLATFORM_CREDENTIAL, WINDOWS_HELLO_HARDWARE,
    WINDOWS_HELLO_SOFTWARE, WINDOWS_HELLO_VBS,
};
