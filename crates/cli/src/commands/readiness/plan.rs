//! `--plan`: the smallest changes that unblock those who are stuck, each evaluated again.

use super::matrix::name;
use crate::{
    commands::Outcome,
    document::{
        Document,
        readiness::{AttemptResult, RuleText, TenantRead, Verdict},
        readiness_plan::{Change, PlanDocument, Proposal, SCHEMA, StuckAttempt, Unblocked},
    },
    exit::Exit,
    html,
    text::readiness_words as words,
};
use keyvet_readiness::{
    Attempt, Matrix, Person, RULES, RULESET, Situation, Summary, Tenant, evaluate, personas, plan,
};
use std::{collections::HashMap, rc::Rc};

/// An attempt, and the people whose it is.
pub(super) struct Tried {
    attempt: Attempt,
    names: Vec<String>,
}

impl Tried {
    /// The attempt of the person it names.
    pub(super) fn by_one(attempt: Attempt) -> Self {
        Self { names: vec![name(&attempt.person)], attempt }
    }
}

/// What to change for these people in every usual context, or for made-up ones where there are none.
pub(super) fn for_people(
    tenant: &Tenant,
    read: TenantRead,
    people: Vec<Person>,
    page: bool,
) -> Outcome {
    let people = if people.is_empty() { personas() } else { people };
    let mut matrix = Matrix::new(tenant, Situation::standard(tenant));
    let mut kinds: HashMap<*const Summary, usize> = HashMap::new();
    let mut kept: Vec<(Rc<[Summary]>, Person, Vec<String>)> = Vec::new();
    for person in people {
        let answers = matrix.row(&person);
        let at = *kinds.entry(answers.as_ptr()).or_insert(kept.len());
        let own = name(&person);
        match kept.get_mut(at) {
            Some((_, _, names)) => names.push(own),
            None => kept.push((answers, person, vec![own])),
        }
    }
    let tried = kept.iter().flat_map(|(_, person, names)| {
        let attempt = |situation: &Situation| situation.attempt(person);
        let each = matrix.situations().iter().map(attempt);
        each.map(|attempt| Tried { attempt, names: names.clone() }).collect::<Vec<_>>()
    });
    for_attempts(tenant, read, tried, page)
}

/// What to change for these attempts.
pub(super) fn for_attempts(
    tenant: &Tenant,
    read: TenantRead,
    tried: impl Iterator<Item = Tried>,
    page: bool,
) -> Outcome {
    let mut count = 0_usize;
    let (mut stuck, mut attempts) = (Vec::new(), Vec::new());
    for Tried { attempt, names } in tried {
        count = count.saturating_add(names.len());
        let result = AttemptResult::new(0, &attempt, &evaluate(tenant, &attempt));
        if result.verdict == Verdict::Blocked {
            let mut asked = result.attempt;
            asked.person = Some(words::some(&names));
            let people = names.len();
            stuck.push(StuckAttempt { attempt: asked, people, stopped_at: result.stopped_at });
            attempts.push(attempt);
        }
    }
    let proposals: Vec<_> = plan(tenant, &attempts).iter().map(proposal).collect();
    let named = |id: &str| proposals.iter().any(|proposal: &Proposal| proposal.rules.contains(&id));
    let rulebook = RULES.iter().filter(|rule| named(rule.id)).map(|rule| RuleText::from(*rule));
    let document = PlanDocument {
        schema: SCHEMA,
        exit: Exit::Ok.code(),
        ruleset: RULESET,
        tenant: read,
        attempts: count,
        stuck,
        rulebook: rulebook.collect(),
        proposals,
    };
    Outcome::ok(match page {
        true => Document::Page(html::plan(&document)),
        false => Document::ReadinessPlan(Box::new(document)),
    })
}

fn proposal(proposal: &keyvet_readiness::Proposal) -> Proposal {
    let change = |change: &keyvet_readiness::Change| Change {
        title: change.title(),
        how: change.how(),
        loosens: change.loosens(),
    };
    let unblocked = |(attempt, verdict): &(usize, keyvet_readiness::Verdict)| Unblocked {
        attempt: *attempt,
        verdict: (*verdict).into(),
    };
    Proposal {
        title: proposal.title(),
        changes: proposal.changes.iter().map(change).collect(),
        unblocks: proposal.unblocks.iter().map(unblocked).collect(),
        still_stuck: proposal.still_stuck.clone(),
        is_weaker: proposal.is_weaker,
        rules: proposal.rules.iter().map(|rule| rule.id).collect(),
        confidence: proposal.confidence.into(),
    }
}
