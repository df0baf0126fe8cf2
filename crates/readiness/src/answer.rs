//! The answer: the walk, step by step, and what follows from it.

use crate::Rule;
use keyvet_finding::Finding;
use std::sync::Arc;

/// What the walk of one attempt found.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The outcome.
    pub verdict: Verdict,
    /// Index in [`steps`](Self::steps) of the step that decides a verdict other than ready.
    pub stopped_at: Option<usize>,
    /// The steps taken, in order; none is taken past one that blocks.
    pub steps: Vec<Step>,
    /// What the person or the administrator must do for the registration to succeed.
    pub conditions: Vec<Finding>,
    /// What no rule decides, and input that is missing.
    pub unresolved: Vec<Finding>,
    /// What is worth knowing and changes nothing: a weak method that may mint a strong one.
    pub notes: Vec<Finding>,
    /// Every rule used, each once, in the order of their numbers.
    pub rules: Vec<&'static Rule>,
    /// That of the weakest rule used, or of a reading of ours that no rule states; such a reading is in the notes.
    pub confidence: Confidence,
}

/// Whether the registration succeeds.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
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

/// How sure an answer is, the surest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Confidence {
    /// Every rule used is documented by the vendor.
    Documented,
    /// Some rule is only an observation.
    Observed,
    /// Some rule is our reading.
    Inferred,
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

/// One step of the walk.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// What is being judged.
    pub context: Context,
    /// Where the person is and what they see, in a sentence for a help desk.
    pub title: String,
    /// How it ends.
    pub result: StepResult,
    /// Why: the deciding finding first.
    pub findings: Vec<Finding>,
    /// The rules that decide it.
    pub rules: Vec<&'static Rule>,
    /// Every policy that was looked at, in the tenant's order.
    pub policies: Vec<PolicyResult>,
}

/// What a step judges.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Context {
    /// Access to a resource, by its application id; `None` is any resource that only "All resources" names.
    Resource(Option<String>),
    /// The user action "register security information".
    UserAction,
    /// The creation of the passkey: freshness of the sign-in, route, attestation.
    Ceremony,
    /// The tenant's passkey policy.
    PolicyCheck,
}

/// How one step ends.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum StepResult {
    /// The person goes on.
    Passed,
    /// The person is sent to registration first (interrupt mode).
    Registration,
    /// The person goes on after doing something; see the conditions.
    Conditional,
    /// It cannot be told.
    Unknown,
    /// The person does not get past.
    Blocked,
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

/// What one Conditional Access policy does in one step.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PolicyResult {
    /// The policy's id, as written.
    pub id: Arc<str>,
    /// Its display name, as written.
    pub name: Arc<str>,
    /// Whether it is in force here.
    pub applies: Applies,
    /// What its authentication strength makes of the methods at hand; `None` where it has none.
    pub strength: Option<StrengthResult>,
}

/// Whether a policy is in force for one question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Applies {
    /// It is.
    Yes,
    /// It is not, and why: `excluded user`, `platform`.
    No(&'static str),
    /// It would be, were it enabled: it only reports.
    ReportOnly,
    /// It cannot be told; the inputs that are missing, by name: `signInRisk`.
    Undecided(Vec<String>),
}

/// Graph's words for what a strength makes of the methods at hand (`authenticationStrengthResult`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StrengthResult {
    /// Not looked at: another strength counts for registration (R1).
    SkippedForProofUp,
    /// What was used satisfies it.
    Satisfied,
    /// One more prompt of a registered method satisfies it.
    SingleChallengeRequired,
    /// More than one prompt is needed.
    MultipleChallengesRequired,
    /// One method has to be registered first.
    SingleRegistrationRequired,
    /// More than one method has to be registered first.
    MultipleRegistrationsRequired,
    /// Only combination settings (AAGUIDs, certificate issuers) stand in the way.
    CannotSatisfyDueToCombinationConfiguration,
    /// No method at hand can satisfy it.
    CannotSatisfy,
}

impl StrengthResult {
    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SkippedForProofUp => "skippedForProofUp",
            Self::Satisfied => "satisfied",
            Self::SingleChallengeRequired => "singleChallengeRequired",
            Self::MultipleChallengesRequired => "multipleChallengesRequired",
            Self::SingleRegistrationRequired => "singleRegistrationRequired",
            Self::MultipleRegistrationsRequired => "multipleRegistrationsRequired",
            Self::CannotSatisfyDueToCombinationConfiguration => {
                "cannotSatisfyDueToCombinationConfiguration"
            }
            Self::CannotSatisfy => "cannotSatisfy",
        }
    }
}
