//! The documents of `keyvet list`.

use super::{Error, Finding, key::Key};
use serde::Serialize;

/// What `keyvet list --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListDocument {
    /// `keyvet.list/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program.
    pub exit: u8,
    /// Every key present; none is an answer, not an error.
    pub keys: Vec<Key>,
    /// The transports that could not be asked, and why.
    pub unavailable: Vec<Unavailable>,
    /// What was noticed: metadata that cannot be used, say.
    pub findings: Vec<Finding>,
}

/// A transport that could not be asked.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unavailable {
    /// The transport: `hid`, `udp`, `nfc`.
    pub transport: String,
    /// Why.
    pub error: Error,
}

/// One line of `keyvet list --watch --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListEventDocument {
    /// `keyvet.list-event/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = EVENT_SCHEMA)))]
    pub schema: &'static str,
    /// What happened.
    pub event: Event,
    /// The key that came or went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// The transport that cannot be asked, and why; it is asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<Unavailable>,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A key is there.
    Added,
    /// A key is gone.
    Removed,
    /// Every key that was there at the start has been told.
    Ready,
    /// A transport cannot be asked.
    Unavailable,
}

/// Name and version of the document of `keyvet list`.
pub const SCHEMA: &str = "keyvet.list/1";
/// Name and version of a line of `keyvet list --watch`.
pub const EVENT_SCHEMA: &str = "keyvet.list-event/1";
