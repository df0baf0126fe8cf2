//! The document of `keyvet sign-in explain`.

use super::{Error, Finding};
use serde::Serialize;

/// What `keyvet sign-in explain --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInDocument {
    /// `keyvet.sign-in/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program: 0 when every file could be read, 2 when one could not, wholly or in part.
    pub exit: u8,
    /// The edition of the rules.
    pub ruleset: &'static str,
    /// The files, in the order given.
    pub files: Vec<File>,
    /// Records read, without those that came twice.
    pub records: usize,
    /// What happened, by person and then in order of time.
    pub stories: Vec<Story>,
    /// Attempts not told, because they passed and have nothing to do with passkeys.
    pub not_told: usize,
    /// Changes of policies that the audit log has, in order of time.
    pub changes: Vec<Change>,
    /// What was noticed about the log as a whole.
    pub findings: Vec<Finding>,
}

/// One file of the log.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct File {
    /// The file as named on the command line; `-` for standard input.
    pub file: String,
    /// `json` or `csv`; null when nothing in it tells.
    pub format: Option<&'static str>,
    /// Records in it.
    pub records: usize,
    /// Why it could not be read at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// What was noticed about it.
    pub findings: Vec<Finding>,
}

/// One attempt of one person.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Story {
    /// Whom it is about.
    pub person: String,
    /// `done`, `interrupted`, `stopped` or `unknown`.
    pub outcome: &'static str,
    /// What its records share.
    pub correlation_ids: Vec<String>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Why it did not go further, the deciding reason first; empty when it did.
    pub why: Vec<Finding>,
    /// What an administrator does next.
    pub next: Vec<String>,
    /// The rules that explain it.
    pub rules: Vec<&'static str>,
    /// How sure the explanation is: `documented`, `observed` or `inferred`, that of its least sure reason.
    pub confidence: &'static str,
    /// What is worth knowing and decides nothing.
    pub notes: Vec<Finding>,
    /// What the log does not tell.
    pub unresolved: Vec<Finding>,
}

/// One record of a story.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// When, as written.
    pub time: String,
    /// `signIn` or `audit`.
    pub source: &'static str,
    /// Its id; for a sign-in the request id.
    pub id: Option<String>,
    /// What happened, in a few words.
    pub title: String,
    /// `passed`, `interrupted`, `failed` or `unknown`.
    pub result: &'static str,
    /// Whether a later record shows that the person got past it.
    pub passed_later: bool,
    /// The code of a sign-in, the number behind AADSTS.
    pub code: Option<u32>,
    /// The application of a sign-in.
    pub app: Named,
    /// The resource of a sign-in.
    pub resource: Named,
    /// The platform, as written.
    pub platform: Option<String>,
    /// What the log says about the failure, as written.
    pub reason: Option<String>,
    /// The methods used or tried.
    pub methods: Vec<Method>,
    /// The policies that had a say: in scope, switched on, and not only reporting.
    pub policies: Vec<Policy>,
    /// What was found about this record.
    pub findings: Vec<Finding>,
}

/// Something with an id and a name, as far as the log tells.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Named {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

/// One method used or tried.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Method {
    /// The method, as written.
    pub method: Option<String>,
    /// Whether it succeeded.
    pub succeeded: Option<bool>,
    /// Why, as written.
    pub result: Option<String>,
    /// What it was for, as written.
    pub requirement: Option<String>,
}

/// One policy that had a say.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Policy {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What came of it, as written: `success`, `failure`.
    pub result: Option<String>,
    /// What it demanded, as written.
    pub controls: Vec<String>,
    /// The authentication strength it demanded.
    pub strength: Option<Named>,
    /// What the strength made of the methods at hand, as written: `cannotSatisfy`.
    pub strength_result: Option<String>,
}

/// A change of a policy.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// When, as written.
    pub time: String,
    /// What was done, as written.
    pub activity: String,
    /// The policy's name, as written.
    pub object: Option<String>,
    /// Who did it.
    pub by: String,
    /// `passed`, `failed` or `unknown`.
    pub result: &'static str,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.sign-in/1";
