//! Step 1: the sign-in to a resource, which sends the person to registration or lets them through.

use super::outcome::Outcome;
use super::policies::{self, Asked};
use super::{Draft, Mode, Place, Walk, first_factor, words};
use crate::rules::{R5, R6};
use crate::{Context, Entry, Platform, StepResult, Target};
use keyvet_finding::{Culprit, Kind, Severity};
use std::ops::ControlFlow;

pub(super) fn step(walk: &mut Walk<'_>) -> ControlFlow<()> {
    let attempt = walk.attempt;
    let resource = attempt.resource.as_deref();
    let title = format!(
        "Signs in to {} in {} with {}",
        words::resource(resource),
        words::place(&attempt.surface, attempt.platform),
        words::methods(&walk.methods.used)
    );
    let mut draft = Draft::new(Context::Resource(attempt.resource.clone()), title);
    draft = first_factor::sign_in(walk, draft);
    if draft.result == StepResult::Blocked || walk.methods.used.is_empty() {
        walk.push(draft)?;
        return ControlFlow::Break(());
    }
    let asked = Asked {
        target: Target::Resource(resource),
        platform: attempt.platform,
        client_app: attempt.device.client_app.as_deref().unwrap_or("browser"),
        device: &attempt.device,
        device_name: "device",
        place: Place::Resource,
    };
    let heard = policies::ask(walk, &asked);
    draft = walk.without_policies(draft);
    judge(walk, draft, heard)
}

fn judge(walk: &mut Walk<'_>, mut draft: Draft, heard: policies::Heard<'_>) -> ControlFlow<()> {
    let outcome = heard.outcome();
    draft.rules.add(heard.all_rules());
    draft.findings.extend(heard.findings(outcome));
    heard.notes.iter().for_each(|note| walk.note_finding(note.clone()));
    let asked = heard.findings(Outcome::Ask);
    if outcome != Outcome::Stop {
        asked.into_iter().for_each(|finding| walk.require_finding(finding));
    }
    let by_authentication = heard.lacks_authentication();
    let prompts: Vec<_> = heard.demands.iter().flat_map(|(_, d)| d.prompts.clone()).collect();
    let offers = heard.deciding().any(|demand| demand.offers_passkey);
    draft.policies = heard.into_results(walk);
    match outcome {
        Outcome::Met | Outcome::Ask => {
            walk.methods.use_also(&prompts);
            not_sent(walk, &mut draft, outcome);
        }
        Outcome::Register => sent(walk, &mut draft, offers),
        Outcome::Open => {
            draft.result = StepResult::Unknown;
            draft.findings.iter().for_each(|finding| walk.leave_open_finding(finding.clone()));
            walk.mode = mode_of(walk.attempt.entry);
        }
        Outcome::Stop => {
            draft.result = StepResult::Blocked;
            draft.rules.extend(by_authentication.then_some(&R5));
        }
    }
    walk.push(draft)
}

fn mode_of(entry: Entry) -> Mode {
    if entry == Entry::Manage { Mode::Manage } else { Mode::Interrupt }
}

/// Access is granted, so nobody is sent to registration.
fn not_sent(walk: &mut Walk<'_>, draft: &mut Draft, outcome: Outcome) {
    walk.mode = Mode::Manage;
    if outcome == Outcome::Ask {
        draft.result = draft.result.max(StepResult::Conditional);
    }
    if walk.attempt.entry != Entry::Manage {
        draft.result = draft.result.max(StepResult::Conditional);
        draft.rules.push(&R5);
        let detail = "open \"My security info\" (aka.ms/mysecurityinfo): the sign-in is let through and does \
                      not lead to registration";
        draft.findings.push(keyvet_finding::Finding::new(&NOT_SENT, detail));
        walk.require(&NOT_SENT, detail);
    }
}

fn sent(walk: &mut Walk<'_>, draft: &mut Draft, offers_passkey: bool) {
    walk.mode = Mode::Interrupt;
    draft.rules.push(&R5);
    draft.result = draft.result.max(StepResult::Registration);
    if !offers_passkey {
        draft.rules.push(&R6);
        let detail = "finish the wizard with the method that it asks for, then open \"My security info\" and add \
                      the passkey there";
        walk.require(&NOT_OFFERED, detail);
        walk.methods.register_second_method();
        draft.findings.push(keyvet_finding::Finding::new(&NOT_OFFERED, detail));
    }
    if walk.attempt.platform == Platform::Ios {
        let detail = "whether the person is prompted: R5 says that the sign-in leads to registration, and a field \
                      report (iOS 18.4, Safari, 2025-09) says \"not prompted for passkey registration\"";
        draft.result = StepResult::Unknown;
        draft.findings.push(keyvet_finding::Finding::new(&PROMPT_DISPUTED, detail));
        walk.leave_open(&PROMPT_DISPUTED, detail);
    }
}

pub(crate) static NOT_SENT: Kind = Kind {
    id: "readiness.not-sent-to-registration",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "What the person has satisfies the policies, so the sign-in never enters registration. A passkey can \
              still be added on the page \"My security info\".",
    next_step: "Tell the person to open aka.ms/mysecurityinfo; nothing will lead them there.",
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works",
};

pub(crate) static NOT_OFFERED: Kind = Kind {
    id: "readiness.passkey-not-offered",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "The wizard offers passkeys only when a strength that demands one leads to it. Here something else \
              does, so it asks for another method.",
    next_step: "Register the other method, then add the passkey on the page \"My security info\".",
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works; \
             concept-registration-mfa-sspr-combined",
};

pub(crate) static PROMPT_DISPUTED: Kind = Kind {
    id: "readiness.prompt-disputed",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The documented rule leads this sign-in to registration; the only public observation, of Safari on \
              iOS, says that nobody is prompted. No document explains the difference.",
    next_step: "Begin in Microsoft Authenticator on the phone, or try it with one person.",
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works; Jan Bakker, You shall \
             not pass(key)! (updated), 2025-09-09",
};
