//! The document of `keyvet check`.

use super::{
    Error, Finding,
    key::Key,
    verify::{FileResult, MetadataUsed, PolicyUsed, Reason},
};
use serde::Serialize;

/// What `keyvet check --json` prints. From `at` on it is what `keyvet verify --json` prints on the evidence.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckDocument {
    /// `keyvet.check/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program.
    pub exit: u8,
    /// The key; null when it was not chosen.
    pub key: Option<Key>,
    /// What could be said before anybody had to touch the key, from what the key claims of itself.
    pub before: Before,
    /// How the registration was made; null when it was not.
    pub registration: Option<RegistrationMade>,
    /// The time the judgement speaks of, RFC 3339.
    pub at: String,
    /// The metadata that was used; null when there was none.
    pub metadata: Option<MetadataUsed>,
    /// The policy that was used; null when none was given.
    pub policy: Option<PolicyUsed>,
    /// What was noticed about the run as a whole: no metadata, stale metadata, the policy.
    pub findings: Vec<Finding>,
    /// Why there is no result; then `results` is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// The result, as `keyvet verify` gives it for the evidence; none when no registration was made.
    pub results: Vec<FileResult>,
}

/// What could be said before the registration.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Before {
    /// Whether what the key claims is enough for a refusal, however well the registration goes.
    pub refused: bool,
    /// The reasons of that refusal.
    pub reasons: Vec<Reason>,
    /// What was noticed about the key: what it cannot do, its oddities.
    pub findings: Vec<Finding>,
}

/// How a registration was made.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistrationMade {
    /// When, RFC 3339.
    pub time: Option<String>,
    /// The throw-away relying party it was made for.
    pub rp_id: Option<String>,
    /// Whether the key says that it gave enterprise attestation; null when it was not asked for.
    pub enterprise_attestation: Option<bool>,
    /// What is left on the key: nothing, unless the credential was discoverable and could not be removed.
    pub left_on_the_key: LeftOnTheKey,
    /// The evidence file; null when none was written.
    pub evidence: Option<String>,
    /// The command that judges the evidence again, with the same answer; null when none was written.
    pub verify_command: Option<String>,
    /// What the key's answer has that was not asked for, or lacks.
    pub findings: Vec<Finding>,
}

/// What a registration leaves on the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LeftOnTheKey {
    /// Nothing: the credential was not discoverable.
    Nothing,
    /// Nothing: the credential was discoverable, and was removed.
    Removed,
    /// The credential: it is discoverable and could not be removed.
    Credential,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.check/1";
