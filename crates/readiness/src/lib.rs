//! Will this person's passkey registration succeed, on this device, by this route, under these policies?
//!
//! A key that a tenant accepts can still fail to register: the sign-in before it is blocked, the route cannot
//! carry attestation, a Temporary Access Pass is spent. This crate walks one [`Attempt`] through one [`Tenant`],
//! step by step, and says where it stops, by which [`Rule`], and how sure that rule is. Nothing here does I/O,
//! knows the time or asks a network; the same input gives the same answer.
//!
//! What it reads is what Microsoft Graph exports: the passkey method, Conditional Access policies,
//! authentication strengths. What no rule decides is `unresolved`, never guessed.

mod answer;
mod attempt;
mod attempt_error;
mod error;
mod kinds;
mod matching;
mod matrix;
mod method_mode;
mod plan;
mod read;
mod read_attempt;
pub mod resources;
mod rule;
pub mod rules;
mod session;
mod short_form;
pub mod sign_in;
pub mod strength;
mod tenant;
mod walk;

pub use answer::{
    Answer, Applies, Confidence, Context, PolicyResult, Step, StepResult, StrengthResult, Verdict,
};
pub use attempt::{
    Attempt, Attestation, Candidate, Device, Entry, PasskeyType, Person, Platform,
    RegisteredMethod, Route, Surface, Tap, TapKind,
};
pub use attempt_error::AttemptError;
pub use error::ReadinessError;
pub use kinds::KINDS;
pub use matching::{Question, Target, UserAction, applies, matches};
pub use matrix::{Matrix, SignIn, Situation, Summary, matrix, personas};
pub use method_mode::MethodMode;
pub use plan::{APP_RESOURCES, Change, NamedObject, PassKind, Proposal, plan};
pub use read::MAX_FILE_LEN_BYTES;
pub use read_attempt::{MAX_ATTEMPTS_LEN_BYTES, read_attempts, read_person};
pub use rule::{Rule, RuleKind};
pub use rules::{RULES, RULESET};
pub use short_form::{read_methods, read_place};
pub use tenant::*;
pub use walk::{Knowledge, evaluate, evaluate_with};
