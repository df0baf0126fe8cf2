//! The walk: one attempt, step by step, until it succeeds or somebody stops it.
//!
//! | step | context | file | rules |
//! |---|---|---|---|
//! | access to a resource | `resource(…)` | `resource.rs` | R3, R4, R5, R6, R7 |
//! | registering security information | `userAction` | `user_action.rs` | R1, R2, R11, R25 |
//! | fresh strong authentication | `ceremony` | `freshness.rs` | R8, R9, R10, R22 |
//! | the route of the passkey | `ceremony` | `route.rs` | R6, R18, R19, R24 |
//! | the app on the phone | `userAction`, `resource(…)` | `in_app.rs` | R10 to R16 |
//! | the tenant's passkey policy | `policyCheck` | `policy_check.rs` | P1 to P7 |
//! | the first sign-in with the passkey | `resource(…)` | `first_sign_in.rs` | R20, R21, R23 |
//!
//! An attempt in the Authenticator app begins with the user action; one through Graph with the route. A step that
//! cannot be told does not end the walk: what blocks later blocks whatever it was.
//!
//! *Ready* means that the passkey is registered **and** signs in afterwards. A passkey that registers and that no
//! strength takes leaves the person where they were, so that is *blocked*, at the last step, which says so.

pub(crate) mod candidate;
pub(crate) mod controls;
mod either_phone;
pub(crate) mod first_factor;
pub(crate) mod first_sign_in;
pub(crate) mod freshness;
pub(crate) mod in_app;
mod outcome;
pub(crate) mod policies;
pub(crate) mod policy_check;
pub(crate) mod resource;
pub(crate) mod route;
mod standing;
pub(crate) mod strengths;
pub(crate) mod user_action;
mod words;

use crate::rule::RuleSet;
use crate::session::Methods;
use crate::{
    Answer, Attempt, Candidate, Confidence, Context, Device, Part, PolicyResult, Rule, Step,
    StepResult, Surface, Tap, Tenant, Verdict,
};
use keyvet_finding::{Finding, Kind};
use keyvet_mds::Catalogue;
use keyvet_policy::entra::KeyTable;
use std::fmt;
use std::ops::ControlFlow;

pub(crate) use standing::Standing;

/// What is known beside the tenant and the attempt.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge<'a> {
    /// Microsoft's published table of attestable keys.
    pub key_table: &'a KeyTable,
    /// FIDO metadata, for models that the table does not list.
    pub catalogue: Option<&'a Catalogue>,
}

/// Walks one attempt through one tenant, with the embedded key table and no FIDO metadata.
///
/// A passkey that would be registered and that no policy at sign-in takes is [`Verdict::Blocked`] at the last step:
/// it leaves the person where they were.
#[must_use]
pub fn evaluate(tenant: &Tenant, attempt: &Attempt) -> Answer {
    let key_table = KeyTable::embedded();
    evaluate_with(tenant, attempt, &Knowledge { key_table, catalogue: None })
}

/// Walks one attempt through one tenant.
#[must_use]
pub fn evaluate_with(tenant: &Tenant, attempt: &Attempt, knowledge: &Knowledge<'_>) -> Answer {
    let standing = Standing::of(tenant, &attempt.person, knowledge);
    to_the_end(Walk::new(&standing, attempt))
}

/// The answer without what nobody reads in a matrix: what each policy said, and the notes.
pub(crate) fn in_brief(standing: &Standing<'_>, attempt: &Attempt) -> Answer {
    to_the_end(Walk { in_brief: true, ..Walk::new(standing, attempt) })
}

fn to_the_end(mut walk: Walk<'_>) -> Answer {
    // whether it ended early or at the end, the steps say it
    let _ended = match walk.attempt.surface {
        Surface::Browser(_) => from_a_browser(&mut walk),
        Surface::AuthenticatorApp => in_app::from_the_start(&mut walk),
        Surface::GraphOnBehalf => on_behalf(&mut walk),
    };
    walk.answer()
}

fn from_a_browser(walk: &mut Walk<'_>) -> ControlFlow<()> {
    resource::step(walk)?;
    user_action::in_a_browser(walk)?;
    freshness::step(walk)?;
    match route::in_a_browser(walk)? {
        route::Goes::Here => with_the_phone_at_hand(walk),
        route::Goes::IntoTheApp => in_app::on_the_phone(walk),
    }
}

/// Authenticator's passkey made from a browser is of the model of its phone, which may not be known.
fn with_the_phone_at_hand(walk: &mut Walk<'_>) -> ControlFlow<()> {
    let thing = candidate::thing(walk.attempt, &walk.candidate);
    if walk.candidate.aaguid.is_some() || thing != candidate::Thing::Authenticator {
        return finish(walk);
    }
    either_phone::walk(walk, |walk, phone| {
        walk.candidate.aaguid = Some(candidate::authenticator(phone));
        finish(walk)
    })
}

/// The person does nothing: no sign-in of theirs is judged.
fn on_behalf(walk: &mut Walk<'_>) -> ControlFlow<()> {
    route::on_behalf(walk)?;
    finish(walk)
}

fn finish(walk: &mut Walk<'_>) -> ControlFlow<()> {
    policy_check::step(walk)?;
    first_sign_in::step(walk)
}

/// Where a policy is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// A resource, in whichever program the attempt begins.
    Resource,
    /// The user action, for a policy that names it.
    UserAction { in_app: bool },
    /// The user action, for a policy on All resources.
    UserActionByOthers { in_app: bool },
    /// A resource that Authenticator asks for.
    AppResource,
    /// The resource at which app protection stops Authenticator.
    AppProtection,
    /// The first sign-in with the new passkey: only authentication is judged.
    FirstSignIn,
}

impl Place {
    fn is_app(self) -> bool {
        matches!(
            self,
            Self::UserAction { in_app: true }
                | Self::UserActionByOthers { in_app: true }
                | Self::AppResource
                | Self::AppProtection
        )
    }
}

/// How the person got to registration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Interrupt,
    Manage,
}

/// The walk so far.
#[derive(Clone)]
struct Walk<'a> {
    tenant: &'a Tenant,
    /// The tenant's policies as they stand to the person.
    standing: &'a Standing<'a>,
    attempt: &'a Attempt,
    /// Whether what each policy said and the notes are left out.
    in_brief: bool,
    methods: Methods,
    /// The pass, as far as it is used up.
    tap: Option<Tap>,
    /// The passkey, with what the input leaves open filled in.
    candidate: Candidate,
    /// Whether it is made inside Authenticator.
    in_app: bool,
    mode: Mode,
    steps: Vec<Step>,
    /// The first step that asked for something.
    conditional_at: Option<usize>,
    conditions: Vec<Finding>,
    unresolved: Vec<Finding>,
    notes: Vec<Finding>,
    /// Lowered by a reading of ours that is no rule.
    confidence: Confidence,
}

impl<'a> Walk<'a> {
    /// `standing` is that of the attempt's person.
    fn new(standing: &'a Standing<'a>, attempt: &'a Attempt) -> Self {
        let tenant = standing.tenant;
        let mut walk = Self {
            tenant,
            standing,
            attempt,
            in_brief: false,
            methods: Methods::of(tenant, attempt),
            tap: attempt.tap.or_else(|| attempt.signed_in_with.iter().find_map(Tap::of)),
            candidate: attempt.candidate.clone(),
            in_app: false,
            mode: Mode::Interrupt,
            steps: Vec::new(),
            conditional_at: None,
            conditions: Vec::new(),
            unresolved: Vec::new(),
            notes: attempt.findings.clone(),
            confidence: Confidence::Documented,
        };
        candidate::fill_in(&mut walk);
        walk
    }

    /// Adds a step; what it asks of the person must have been said before.
    fn push(&mut self, step: Draft) -> ControlFlow<()> {
        let blocked = step.result == StepResult::Blocked;
        self.steps.push(step.finish());
        if blocked { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Says what has to be done, in the step that comes next.
    fn require(&mut self, kind: &'static Kind, detail: impl fmt::Display) {
        self.require_finding(Finding::new(kind, detail));
    }

    fn require_finding(&mut self, finding: Finding) {
        if !is_among(&self.conditions, &finding) {
            self.conditions.push(finding);
        }
        self.conditional_at.get_or_insert(self.steps.len());
    }

    fn leave_open(&mut self, kind: &'static Kind, detail: impl fmt::Display) {
        self.leave_open_finding(Finding::new(kind, detail));
    }

    fn leave_open_finding(&mut self, finding: Finding) {
        if !is_among(&self.unresolved, &finding) {
            self.unresolved.push(finding);
        }
    }

    fn note(&mut self, kind: &'static Kind, detail: impl fmt::Display) {
        if !self.in_brief {
            self.note_finding(Finding::new(kind, detail));
        }
    }

    fn note_finding(&mut self, finding: Finding) {
        if !self.in_brief && !is_among(&self.notes, &finding) {
            self.notes.push(finding);
        }
    }

    /// Nothing is known of what the tenant demands when the export holds no policies at all.
    fn without_policies(&mut self, draft: Draft) -> Draft {
        if !self.tenant.absent.contains(&Part::Policies) {
            return draft;
        }
        let kind = &strengths::INPUT_MISSING;
        let detail =
            "conditionalAccessPolicies.json: the Conditional Access policies of the tenant";
        self.leave_open(kind, detail);
        draft.ends(StepResult::Unknown, kind, detail)
    }

    /// A reading of ours decides something that no rule states.
    fn infer(&mut self) {
        self.confidence = Confidence::Inferred;
    }

    /// The device of the person while they are in Authenticator, and its name in the input.
    fn app_device(&self) -> (&'a Device, &'static str) {
        match self.attempt.surface {
            Surface::AuthenticatorApp => (&self.attempt.device, "device"),
            _ => (&self.attempt.phone_device, "phone"),
        }
    }

    /// Worst of the steps; a condition that is left makes what would be ready conditional.
    fn verdict(&self) -> Verdict {
        let has = |result| self.steps.iter().any(|step| step.result == result);
        if has(StepResult::Blocked) {
            Verdict::Blocked
        } else if has(StepResult::Unknown) {
            Verdict::Unknown
        } else if self.conditions.is_empty() {
            Verdict::Ready
        } else {
            Verdict::Conditional
        }
    }

    fn stopped_at(&self, verdict: Verdict) -> Option<usize> {
        let first = |result| self.steps.iter().position(|step| step.result == result);
        match verdict {
            Verdict::Ready => None,
            Verdict::Conditional => self.conditional_at,
            Verdict::Unknown => first(StepResult::Unknown),
            Verdict::Blocked => first(StepResult::Blocked),
        }
    }

    fn answer(self) -> Answer {
        let verdict = self.verdict();
        let used = self.steps.iter().flat_map(|step| step.rules.iter().copied());
        let rules = used.collect::<RuleSet>().to_vec();
        let weakest = rules.iter().map(|rule| rule.kind.confidence()).max();
        let confidence = weakest.unwrap_or(Confidence::Documented).max(self.confidence);
        Answer {
            verdict,
            stopped_at: self.stopped_at(verdict),
            confidence,
            rules,
            steps: self.steps,
            conditions: self.conditions,
            unresolved: self.unresolved,
            notes: self.notes,
        }
    }
}

/// Whether it has been said before. Details differ more often than kinds.
fn is_among(said: &[Finding], finding: &Finding) -> bool {
    said.iter().any(|other| other.detail() == finding.detail() && other == finding)
}

/// A step being made.
struct Draft {
    context: Context,
    title: String,
    result: StepResult,
    findings: Vec<Finding>,
    rules: RuleSet,
    policies: Vec<PolicyResult>,
}

impl Draft {
    fn new(context: Context, title: impl Into<String>) -> Self {
        Self {
            context,
            title: title.into(),
            result: StepResult::Passed,
            findings: Vec::new(),
            rules: RuleSet::default(),
            policies: Vec::new(),
        }
    }

    fn ends(mut self, result: StepResult, kind: &'static Kind, detail: impl fmt::Display) -> Self {
        self.result = self.result.max(result);
        self.findings.push(Finding::new(kind, detail));
        self
    }

    fn by(mut self, rules: &[&'static Rule]) -> Self {
        self.rules.extend(rules.iter().copied());
        self
    }

    /// Rules once each, in the order of their numbers.
    fn finish(self) -> Step {
        let Self { context, title, result, findings, rules, policies } = self;
        Step { context, title, result, findings, rules: rules.to_vec(), policies }
    }
}
