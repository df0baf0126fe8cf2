//! What a registration that is played from a recording is worth: nothing is decided by it.

use crate::{
    document::verify::{Answer, Decision, Effect, FileResult, Reason, Statement},
    exit::Exit,
};
use keyvet_evidence::Registration;
use keyvet_finding::Finding;
use keyvet_trace::REDACTED_REGISTRATION;

/// The registration without its client data: so that its signature is not checked, which could not hold.
pub(super) fn unsigned(mut registration: Registration) -> Registration {
    registration.client_data_json = None;
    registration.client_data_hash = None;
    registration
}

/// The result with every answer left open, and why. Reasons to refuse are left out: some would be of the filler.
pub(super) fn undecided(mut result: FileResult) -> FileResult {
    result.statement = Some(Statement::Unsupported);
    result.unchecked = true;
    result.findings.push((&Finding::new(&REDACTED_REGISTRATION, DETAIL)).into());
    if let Some(verdict) = &mut result.verdict {
        open(&mut verdict.registration);
        open(&mut verdict.sign_in);
    }
    result.class = Exit::Undecided;
    result.exit = Exit::Undecided.code();
    result
}

fn open(answer: &mut Answer) {
    answer.decision = Decision::Undecided;
    answer.reasons.retain(|reason| reason.effect != Effect::Refuses);
    answer.reasons.insert(0, reason());
}

fn reason() -> Reason {
    let kind = &REDACTED_REGISTRATION;
    Reason {
        id: kind.id.to_owned(),
        source: kind.source.to_owned(),
        detail: DETAIL.to_owned(),
        next_step: kind.next_step.to_owned(),
        effect: Effect::LeavesOpen,
        meaning: kind.meaning,
    }
}

const DETAIL: &str = "the key is a recording";
