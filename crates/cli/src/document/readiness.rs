//! The documents of `keyvet readiness`.

use super::{Finding, findings};
use keyvet_readiness::{self as readiness, Applies, Context};
use serde::Serialize;

/// What `keyvet readiness --attempt … --json` and `--as … --json` print.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadinessDocument {
    /// `keyvet.readiness/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program: 0 when every attempt is ready or conditional, else 3 when one is blocked,
    /// else 4.
    pub exit: u8,
    /// The dated version of the rules that answered.
    pub ruleset: &'static str,
    /// What the tenant was read from.
    pub tenant: TenantRead,
    /// One result per attempt, in the order given.
    pub results: Vec<AttemptResult>,
    /// Every rule that a result names.
    pub rulebook: Vec<RuleText>,
}

/// What a tenant was read from, and what is odd about it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantRead {
    /// The folder or file named.
    pub source: String,
    /// The files read, in the order of their names.
    pub files: Vec<String>,
    /// Whether the passkey (FIDO2) method is among them.
    pub passkeys: bool,
    /// Number of Conditional Access policies.
    pub policies: usize,
    /// Number of authentication strengths, the built-in ones included.
    pub strengths: usize,
    /// Number of people.
    pub people: usize,
    /// What is odd: half exports, unknown members, references to nothing.
    pub findings: Vec<Finding>,
}

/// The answer to one attempt.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttemptResult {
    /// Place among the attempts, from 0.
    pub index: usize,
    /// What was asked.
    pub attempt: AttemptAsked,
    /// The outcome.
    pub verdict: Verdict,
    /// Context of the step that decides a verdict other than ready.
    pub stopped_at: Option<String>,
    /// Index of that step in `steps`.
    pub stopped_step: Option<usize>,
    /// The steps taken, in order; none is taken past one that blocks.
    pub steps: Vec<Step>,
    /// What the person or the administrator must do for the registration to succeed, as sentences.
    pub conditions: Vec<String>,
    /// What no rule decides, and input that is missing, as sentences.
    pub unresolved: Vec<String>,
    /// What is worth knowing and changes nothing, as sentences.
    pub notes: Vec<String>,
    /// Ids of the rules that decide, in the order of their numbers.
    pub rules: Vec<&'static str>,
    /// How sure the answer is: that of its weakest rule.
    pub confidence: Confidence,
    /// Conditions, what is unresolved and notes once more, with their ids.
    pub findings: Vec<Finding>,
    /// The same apart, for the text.
    #[serde(skip)]
    pub said: Said,
}

/// What is said about an answer, with what each means.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// What must be done.
    pub conditions: Vec<Finding>,
    /// What is not known.
    pub unresolved: Vec<Finding>,
    /// What is worth knowing.
    pub notes: Vec<Finding>,
}

/// What was asked about one attempt.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttemptAsked {
    /// The person's name or id, where the input has one.
    pub person: Option<String>,
    /// `windows`, `macOS`, `linux`, `iOS` or `android`.
    pub platform: &'static str,
    /// `browser:edge`, …, `authenticatorApp` or `graphOnBehalf`.
    pub surface: String,
    /// `interrupt`, `manage` or `inApp`.
    pub entry: &'static str,
    /// `local`, `crossDevice`, `inApp` or `any`.
    pub route: &'static str,
    /// Graph's names of the methods signed in with.
    #[serde(rename = "signedInWith")]
    pub signed_in_with: Vec<String>,
    /// `iOS` or `android`, where the input names the phone.
    pub phone: Option<&'static str>,
}

/// Whether the registration succeeds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It does, and the passkey signs in afterwards.
    Ready,
    /// It does when the conditions are met.
    Conditional,
    /// Rules or input do not decide it.
    Unknown,
    /// It does not.
    Blocked,
}

/// How sure an answer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Every rule used is documented by the vendor.
    Documented,
    /// Some rule is only an observation.
    Observed,
    /// Some rule is keyvet's reading.
    Inferred,
}

/// One step of the walk.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// What is judged: `resource(APPID)`, `resource(All)`, `userAction`, `ceremony` or `policyCheck`.
    pub context: String,
    /// Where the person is and what they see.
    pub title: String,
    /// How it ends.
    pub result: StepResult,
    /// Ids of the rules that decide it.
    pub rules: Vec<&'static str>,
    /// Every Conditional Access policy that was looked at, in the tenant's order.
    pub policies: Vec<PolicyResult>,
    /// Why, the deciding one first.
    pub findings: Vec<Finding>,
}

/// How one step ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum StepResult {
    /// The person goes on.
    Passed,
    /// The person is sent to registration first.
    Registration,
    /// The person goes on after doing something; see the conditions.
    Conditional,
    /// It cannot be told.
    Unknown,
    /// The person does not get past.
    Blocked,
}

/// What one Conditional Access policy does in one step.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyResult {
    /// Its id, as written.
    pub id: String,
    /// Its display name, as written.
    pub name: String,
    /// Whether it is in force here.
    pub applies: PolicyApplies,
    /// Why it is not, or the inputs that are missing.
    pub why: Option<String>,
    /// Graph's word for what its authentication strength makes of the methods at hand.
    #[serde(rename = "strengthResult")]
    pub strength_result: Option<&'static str>,
}

/// Whether a policy is in force.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum PolicyApplies {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It only reports.
    ReportOnly,
    /// It cannot be told.
    Undecided,
}

/// What one rule says.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleText {
    /// `R18`.
    pub id: &'static str,
    /// What it says.
    pub statement: &'static str,
    /// `documented`, `observed` or `inferred`.
    pub kind: Confidence,
    /// Where it stands.
    pub source: &'static str,
    /// Date of that source's edition.
    pub edition: &'static str,
}

/// What `keyvet readiness export-help --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportHelpDocument {
    /// `keyvet.readiness-export/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = EXPORT_SCHEMA)))]
    pub schema: &'static str,
    /// The calls, the needed ones first. Every one only reads.
    pub calls: Vec<ExportCall>,
}

/// One read-only call of Microsoft Graph.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportCall {
    /// The file that keyvet expects the answer in; it is recognised by its content, so the name is only a help.
    pub file: &'static str,
    /// Whether no attempt can be answered without it.
    pub required: bool,
    /// The address, to be read with GET.
    pub url: &'static str,
    /// The permission of least privilege, delegated or as application.
    pub permission: &'static str,
    /// What keyvet reads in it.
    pub holds: &'static str,
}

/// Name and version of the answer to attempts.
pub const SCHEMA: &str = "keyvet.readiness/1";
/// Name and version of what `export-help` prints.
pub const EXPORT_SCHEMA: &str = "keyvet.readiness-export/1";

impl Verdict {
    /// The word used in JSON and text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Conditional => "conditional",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
        }
    }
}

impl Confidence {
    /// The word used in JSON and text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
        }
    }
}

impl StepResult {
    /// The word used in JSON and text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Registration => "registration",
            Self::Conditional => "conditional",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
        }
    }
}

impl PolicyResult {
    /// Whether it has a say: it is in force, or may be.
    #[must_use]
    pub fn matters(&self) -> bool {
        matches!(self.applies, PolicyApplies::Yes | PolicyApplies::Undecided)
    }
}

impl AttemptResult {
    /// The answer to the attempt at `index`.
    #[must_use]
    pub fn new(index: usize, attempt: &readiness::Attempt, answer: &readiness::Answer) -> Self {
        let stopped = answer.stopped_at.and_then(|at| answer.steps.get(at));
        let said = Said {
            conditions: findings(&answer.conditions),
            unresolved: findings(&answer.unresolved),
            notes: findings(&answer.notes),
        };
        Self {
            index,
            attempt: attempt.into(),
            verdict: answer.verdict.into(),
            stopped_at: stopped.map(|step| context(&step.context)),
            stopped_step: answer.stopped_at,
            steps: answer.steps.iter().map(Step::from).collect(),
            conditions: said.conditions.iter().map(instruction).collect(),
            unresolved: said.unresolved.iter().map(sentence).collect(),
            notes: said.notes.iter().map(sentence).collect(),
            rules: ids(&answer.rules),
            confidence: answer.confidence.into(),
            findings: [&*said.conditions, &said.unresolved, &said.notes].concat(),
            said,
        }
    }
}

impl From<&readiness::Attempt> for AttemptAsked {
    fn from(attempt: &readiness::Attempt) -> Self {
        let person = &attempt.person;
        Self {
            person: person.name.clone().or_else(|| person.id.clone()),
            platform: attempt.platform.as_str(),
            surface: attempt.surface.word(),
            entry: attempt.entry.as_str(),
            route: attempt.candidate.route.as_str(),
            signed_in_with: words(&attempt.signed_in_with),
            phone: attempt.phone.map(readiness::Platform::as_str),
        }
    }
}

fn words(modes: &[readiness::MethodMode]) -> Vec<String> {
    modes.iter().map(|mode| mode.as_str().to_owned()).collect()
}

impl From<&readiness::Step> for Step {
    fn from(step: &readiness::Step) -> Self {
        Self {
            context: context(&step.context),
            title: step.title.clone(),
            result: step.result.into(),
            rules: ids(&step.rules),
            policies: step.policies.iter().map(PolicyResult::from).collect(),
            findings: findings(&step.findings),
        }
    }
}

impl From<&readiness::PolicyResult> for PolicyResult {
    fn from(policy: &readiness::PolicyResult) -> Self {
        let (applies, why) = match &policy.applies {
            Applies::Yes => (PolicyApplies::Yes, None),
            Applies::No(why) => (PolicyApplies::No, Some((*why).to_owned())),
            Applies::ReportOnly => (PolicyApplies::ReportOnly, None),
            Applies::Undecided(missing) => (PolicyApplies::Undecided, Some(missing.join(", "))),
        };
        Self {
            id: policy.id.to_string(),
            name: policy.name.to_string(),
            applies,
            why,
            strength_result: policy.strength.map(readiness::StrengthResult::as_str),
        }
    }
}

impl From<&'static readiness::Rule> for RuleText {
    fn from(rule: &'static readiness::Rule) -> Self {
        Self {
            id: rule.id,
            statement: rule.statement,
            kind: rule.kind.confidence().into(),
            source: rule.source,
            edition: rule.edition,
        }
    }
}

impl From<readiness::Verdict> for Verdict {
    fn from(verdict: readiness::Verdict) -> Self {
        match verdict {
            readiness::Verdict::Ready => Self::Ready,
            readiness::Verdict::Conditional => Self::Conditional,
            readiness::Verdict::Unknown => Self::Unknown,
            readiness::Verdict::Blocked => Self::Blocked,
        }
    }
}

impl From<readiness::Confidence> for Confidence {
    fn from(confidence: readiness::Confidence) -> Self {
        match confidence {
            readiness::Confidence::Documented => Self::Documented,
            readiness::Confidence::Observed => Self::Observed,
            readiness::Confidence::Inferred => Self::Inferred,
        }
    }
}

impl From<readiness::StepResult> for StepResult {
    fn from(result: readiness::StepResult) -> Self {
        match result {
            readiness::StepResult::Passed => Self::Passed,
            readiness::StepResult::Registration => Self::Registration,
            readiness::StepResult::Conditional => Self::Conditional,
            readiness::StepResult::Unknown => Self::Unknown,
            readiness::StepResult::Blocked => Self::Blocked,
        }
    }
}

/// A context as the fixed shape writes it.
fn context(context: &Context) -> String {
    match context {
        Context::Resource(Some(id)) => format!("resource({id})"),
        Context::Resource(None) => "resource(All)".to_owned(),
        Context::UserAction => "userAction".to_owned(),
        Context::Ceremony => "ceremony".to_owned(),
        Context::PolicyCheck => "policyCheck".to_owned(),
    }
}

fn ids(rules: &[&'static readiness::Rule]) -> Vec<&'static str> {
    rules.iter().map(|rule| rule.id).collect()
}

/// What a finding means, with the values of its case.
pub(crate) fn sentence(finding: &Finding) -> String {
    let meaning = finding.kind.meaning;
    match finding.detail.as_str() {
        "" => meaning.to_owned(),
        detail => format!("{} ({detail}).", meaning.trim_end_matches('.')),
    }
}

/// What to do about a finding, and why.
fn instruction(finding: &Finding) -> String {
    format!("{} {}", finding.kind.next_step, sentence(finding))
}
