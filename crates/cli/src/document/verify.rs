//! The document of `keyvet verify`.

use super::{Error, Finding};
use crate::exit::Exit;
use serde::Serialize;

/// What `keyvet verify --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifyDocument {
    /// `keyvet.verify/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program: the strictest class of the results.
    pub exit: u8,
    /// The time the judgement speaks of, RFC 3339.
    pub at: String,
    /// The metadata that was used; null when there was none.
    pub metadata: Option<MetadataUsed>,
    /// The policy that was used; null when none was given.
    pub policy: Option<PolicyUsed>,
    /// What was noticed about the run as a whole: no metadata, stale metadata, the policy.
    pub findings: Vec<Finding>,
    /// Why no file was judged at all; then `results` is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// One result per file, in the order given.
    pub results: Vec<FileResult>,
}

/// The metadata a judgement rests on.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetadataUsed {
    /// Serial number of the BLOB.
    pub no: u64,
    /// The day after which it is stale.
    pub next_update: String,
    /// Whether that day has passed.
    pub stale: bool,
    /// The file it came from; `cache` for the imported one.
    pub source: String,
    /// When its signature was checked, RFC 3339.
    pub verified_at: String,
}

/// The policy a verdict rests on.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyUsed {
    /// The file it came from.
    pub source: String,
    /// What sort of policy it is.
    pub form: String,
    /// The only profile considered, when one was named.
    pub profile: Option<String>,
    /// The groups considered, when any were named.
    pub groups: Vec<String>,
}

/// What was found out about one file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileResult {
    /// The file as named on the command line; `-` for standard input.
    pub file: String,
    /// The exit code this file alone would give.
    pub exit: u8,
    /// The class behind that code.
    #[serde(skip)]
    pub class: Exit,
    /// Why the file could not be judged; then every other member is null or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// Attestation statement format, as in `packed`.
    pub format: Option<String>,
    /// The model's AAGUID, dashed.
    pub aaguid: Option<String>,
    /// Whether the AAGUID is proven by the attestation or only claimed.
    pub aaguid_standing: Option<AaguidStanding>,
    /// What the attestation statement is worth by itself.
    pub statement: Option<Statement>,
    /// Whether the statement is `unsupported` only because no client data was given.
    #[serde(skip)]
    pub unchecked: bool,
    /// How the statement attests; null when unknown.
    pub attestation_type: Option<AttestationType>,
    /// Where the certificates lead.
    pub trust: Option<Trust>,
    /// The metadata's description of the model; null when it is not listed.
    pub model: Option<String>,
    /// The algorithm of the credential's key.
    pub algorithm: Option<String>,
    /// The authenticator data flags that are set, as in `UP`, `UV`, `AT`.
    pub flags: Vec<&'static str>,
    /// The certificates of the statement, leaf first as received.
    pub certificates: Vec<Certificate>,
    /// What the metadata says about the model's certification.
    pub status: Option<Status>,
    /// Everything that was noticed, in the order of the checks.
    pub findings: Vec<Finding>,
    /// What the policy says; only with a policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What an attestation statement is worth by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Statement {
    /// Every check of its format passed.
    Valid,
    /// A check failed.
    Invalid,
    /// It cannot be decoded.
    Malformed,
    /// keyvet cannot check this format or algorithm.
    Unsupported,
}

/// How a statement attests (WebAuthn L3 §6.5.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AttestationType {
    /// By a batch certificate of the maker.
    Basic,
    /// By an attestation CA.
    AttCa,
    /// By an anonymizing CA.
    AnonCa,
    /// By the credential's own key.
    #[serde(rename = "self")]
    SelfAttestation,
    /// Not at all.
    None,
}

/// Where the certificates lead.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// To an anchor of this model's metadata entry, or to a given `--anchor`.
    Anchored,
    /// To an anchor of another model only: not trusted.
    AnchoredElsewhere,
    /// To no known anchor.
    Unanchored,
    /// There are no certificates to judge.
    NotApplicable,
}

/// What the AAGUID is worth.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AaguidStanding {
    /// The attestation proves it.
    Proven,
    /// Whoever made the registration claims it.
    Claimed,
    /// None is given.
    Absent,
}

/// One certificate of a statement.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Certificate {
    /// Subject name.
    pub subject: String,
    /// Issuer name.
    pub issuer: String,
    /// First moment of validity, RFC 3339.
    pub not_before: String,
    /// Last moment of validity, RFC 3339.
    pub not_after: String,
    /// SHA-256 of the DER certificate, hexadecimal.
    pub sha256: String,
}

/// Certification of a model, read over all its status reports.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// Best certification, as in `FIDO_CERTIFIED_L1`; null when not certified.
    pub level: Option<String>,
    /// Whether the model is revoked.
    pub revoked: bool,
    /// Reported compromises that stand.
    pub compromised: Vec<String>,
    /// Firmware of an available update, when one is reported.
    pub update_available: Option<u64>,
    /// Whether the model is retired.
    pub retired: bool,
    /// Statuses keyvet does not know.
    pub unknown: Vec<String>,
}

/// What the policy says.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verdict {
    /// May this key be registered?
    pub registration: Answer,
    /// May it be used to sign in once registered?
    pub sign_in: Answer,
}

/// The answer to one question.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// The answer.
    pub decision: Decision,
    /// The profile that decided; null when none did.
    pub profile: Option<String>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A decision.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Yes.
    Accepted,
    /// No.
    Refused,
    /// It cannot be told from what is known.
    Undecided,
}

/// Why an answer is what it is.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reason {
    /// Stable id; `keyvet explain ID` tells what it means.
    pub id: String,
    /// What in the policy or the metadata says so.
    pub source: String,
    /// The values of this case.
    pub detail: String,
    /// What to do next.
    pub next_step: String,
    /// Which way it points.
    pub effect: Effect,
    /// What the id means.
    #[serde(skip)]
    pub meaning: &'static str,
}

/// Which way a reason points.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// A demand is not met.
    Refuses,
    /// Whether a demand is met is not known.
    LeavesOpen,
    /// A demand is met.
    Passes,
    /// Worth knowing; decides nothing.
    Note,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.verify/1";
