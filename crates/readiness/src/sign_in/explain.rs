//! From records that belong together to a story.

use super::{
    AuthStep, Change, Event, EventResult, Explanation, Named, Names, Outcome, Record, Source,
    Story,
    findings::Findings,
    judge::{self, Activity, Judgement, Reason, View},
    people::People,
    story::Hidden,
};
use crate::{Confidence, Rule};
use keyvet_finding::Finding;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How often the same refusal makes a loop.
const LOOP: usize = 3;

/// Tells stories of these records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Teller<'a> {
    pub(super) records: &'a [Record],
    pub(super) people: &'a People,
    pub(super) names: Names,
}

/// One record, judged.
struct Judged<'a> {
    at: usize,
    record: &'a Record,
    judgement: Judgement,
    passed_later: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn tell(self, attempts: &[Vec<usize>], findings: Findings) -> Explanation {
        let mut by_person: BTreeMap<Option<usize>, Vec<&[usize]>> = BTreeMap::new();
        for attempt in attempts {
            let first = attempt.first().and_then(|at| self.records.get(*at));
            let person = first.and_then(|record| self.people.place(record));
            by_person.entry(person).or_default().push(attempt);
        }
        let mut told = Explanation { records: self.records.len(), ..Explanation::default() };
        told.findings = findings.into_list();
        for (person, attempts) in by_person {
            self.person(person, &attempts, &mut told);
        }
        told.changes = self.records.iter().filter_map(|record| self.change(record)).collect();
        told
    }

    /// The stories of one person.
    fn person(self, person: Option<usize>, attempts: &[&[usize]], told: &mut Explanation) {
        let mut places: Vec<usize> =
            attempts.iter().flat_map(|attempt| attempt.iter().copied()).collect();
        places.sort_unstable();
        let all: Vec<&Record> = places.iter().filter_map(|at| self.records.get(*at)).collect();
        let mut judged: Vec<Vec<Judged<'a>>> =
            attempts.iter().map(|attempt| self.attempt(attempt, &places, &all)).collect();
        mark_loops(&mut judged);
        for attempt in judged {
            match is_told(&attempt) {
                true => told.stories.push(self.story(person, attempt)),
                false if is_of_policies(&attempt) => {}
                false => told.not_told = told.not_told.saturating_add(1),
            }
        }
    }

    fn attempt(self, attempt: &[usize], places: &[usize], all: &[&'a Record]) -> Vec<Judged<'a>> {
        let story: Vec<&Record> = attempt.iter().filter_map(|at| self.records.get(*at)).collect();
        let passed = last_passes(&story);
        let added = all.iter().rposition(|record| adds_passkey(record));
        let mut judged = Vec::with_capacity(story.len());
        for (n, (at, record)) in attempt.iter().zip(&story).enumerate() {
            let place = places.binary_search(at).unwrap_or_default();
            let judgement = judge::judge(record, View { all, story: &story, at: place });
            let later = match record {
                Record::SignIn(sign_in) => passed.get(&goal(sign_in)).is_some_and(|last| *last > n),
                Record::Audit(_) => added.is_some_and(|last| last > place),
            };
            let passed_later = later && judgement.result != EventResult::Passed;
            judged.push(Judged { at: *at, record, judgement, passed_later });
        }
        judged
    }

    fn story(self, person: Option<usize>, attempt: Vec<Judged<'a>>) -> Story {
        let scrub = Scrub { teller: self, people: self.people_of(person, &attempt) };
        let reasons = deciding(&attempt);
        let notes: Vec<&Reason> =
            attempt.iter().flat_map(|judged| &judged.judgement.notes).collect();
        let used: &[&Reason] = if reasons.is_empty() { &notes } else { &reasons };
        Story {
            person: self.people.call(person, self.names),
            who: Hidden(self.people.who(person)),
            correlation_ids: correlation_ids(&attempt),
            outcome: outcome(&attempt),
            why: scrub.findings(reasons.iter().map(|reason| &reason.finding)),
            notes: scrub.findings(notes.iter().map(|reason| &reason.finding)),
            unresolved: scrub.findings(open(&attempt)),
            next: scrub.next(&reasons),
            rules: rules(used),
            confidence: used
                .iter()
                .map(|reason| reason.confidence)
                .max()
                .unwrap_or(Confidence::Documented),
            events: attempt.iter().map(|judged| self.event(judged, &scrub)).collect(),
        }
    }

    fn event(self, judged: &Judged<'a>, scrub: &Scrub<'a>) -> Event {
        let judgement = &judged.judgement;
        let reasons = judgement.why.iter().chain(&judgement.notes).map(|reason| &reason.finding);
        let mut event = Event {
            time: judged.record.time().text().to_owned(),
            source: Source::Audit,
            id: judged.record.id().map(str::to_owned),
            title: String::new(),
            result: judgement.result,
            passed_later: judged.passed_later,
            code: None,
            app: Named::default(),
            resource: Named::default(),
            platform: None,
            reason: None,
            steps: Vec::new(),
            policies: Vec::new(),
            findings: scrub.findings(reasons),
        };
        match judged.record {
            Record::SignIn(sign_in) => {
                event.source = Source::SignIn;
                event.title = title(sign_in);
                event.code = sign_in.code;
                event.app = sign_in.app.clone();
                event.resource = sign_in.resource.clone();
                event.platform.clone_from(&sign_in.os);
                event.reason = sign_in.reason.as_deref().map(|reason| scrub.text(reason));
                event.steps = sign_in.steps.iter().map(|step| scrub.step(step)).collect();
                event.policies.clone_from(&sign_in.policies);
            }
            Record::Audit(audit) => {
                let activity = audit.activity.as_deref().unwrap_or("an activity without a name");
                event.title = scrub.text(activity);
                if self
                    .people
                    .find(&audit.actor)
                    .is_some_and(|actor| Some(actor) != self.people.place(judged.record))
                {
                    let by = self.people.call(self.people.find(&audit.actor), self.names);
                    event.title.push_str(&format!(", by {by}"));
                }
                event.reason = audit.reason.as_deref().map(|reason| scrub.text(reason));
            }
        }
        event
    }

    fn change(self, record: &Record) -> Option<Change> {
        let Record::Audit(audit) = record else { return None };
        if Activity::of(audit) != Activity::Policy {
            return None;
        }
        let actor = self.people.find(&audit.actor);
        let scrub = Scrub { teller: self, people: vec![actor] };
        Some(Change {
            time: audit.time.text().to_owned(),
            activity: scrub.text(audit.activity.as_deref().unwrap_or_default()),
            object: audit.object.call().map(|name| scrub.text(name)),
            by: self.people.call(actor, self.names),
            result: judge::result_of(audit),
        })
    }

    fn people_of(self, person: Option<usize>, attempt: &[Judged<'a>]) -> Vec<Option<usize>> {
        let actors = attempt.iter().filter_map(|judged| match judged.record {
            Record::Audit(audit) => Some(self.people.find(&audit.actor)),
            Record::SignIn(_) => None,
        });
        let mut people: Vec<_> = std::iter::once(person).chain(actors).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

/// Leaves names out of the log's own words where that is asked for.
struct Scrub<'a> {
    teller: Teller<'a>,
    people: Vec<Option<usize>>,
}

impl Scrub<'_> {
    fn text(&self, text: &str) -> String {
        match self.teller.names {
            Names::Shown => text.to_owned(),
            Names::Replaced => self.teller.people.without_names(text, &self.people),
        }
    }

    fn step(&self, step: &AuthStep) -> AuthStep {
        AuthStep { result: step.result.as_deref().map(|result| self.text(result)), ..step.clone() }
    }

    /// Each once, in their order.
    fn findings<'f>(&self, findings: impl Iterator<Item = &'f Finding>) -> Vec<Finding> {
        let mut seen = HashSet::new();
        let told =
            findings.map(|finding| Finding::new(finding.kind(), self.text(finding.detail())));
        told.filter(|finding| seen.insert((finding.id(), finding.detail().to_owned()))).collect()
    }

    /// What to do, each once; "nothing" only where there is nothing else.
    fn next(&self, reasons: &[&Reason]) -> Vec<String> {
        let mut steps: Vec<String> = Vec::new();
        for reason in reasons {
            let step = match &reason.next {
                Some(next) => self.text(next),
                None => reason.finding.kind().next_step.to_owned(),
            };
            if step != "Nothing." && !steps.contains(&step) {
                steps.push(step);
            }
        }
        if steps.iter().any(|step| !step.starts_with("Nothing,")) {
            steps.retain(|step| !step.starts_with("Nothing,"));
        }
        steps
    }
}

/// `Microsoft Authenticator for Azure Credential Configuration Endpoint Service, on iOS 18.4`.
fn title(sign_in: &super::SignIn) -> String {
    let app = sign_in.app.call().unwrap_or("an app that the log does not name");
    let mut title = format!("sign-in with {app}");
    if let Some(resource) = sign_in.resource.call() {
        title.push_str(&format!(" to {resource}"));
    }
    match (&sign_in.os, &sign_in.browser) {
        (Some(os), Some(browser)) => title.push_str(&format!(", on {os}, {browser}")),
        (Some(only), None) | (None, Some(only)) => title.push_str(&format!(", on {only}")),
        (None, None) => {}
    }
    title
}

/// What a sign-in is for: the resource, else the app.
fn goal(sign_in: &super::SignIn) -> Option<String> {
    let resource = sign_in.resource.id.as_ref().or(sign_in.resource.name.as_ref());
    let goal = resource.or(sign_in.app.id.as_ref()).or(sign_in.app.name.as_ref());
    goal.map(|name| name.to_lowercase())
}

/// Where in an attempt a sign-in to each resource passes for the last time.
fn last_passes(story: &[&Record]) -> HashMap<Option<String>, usize> {
    let passes = story.iter().enumerate().filter_map(|(n, record)| match record {
        Record::SignIn(sign_in) if sign_in.code == Some(0) => Some((goal(sign_in), n)),
        _ => None,
    });
    passes.collect()
}

/// Whether an entry says that a passkey was added.
fn adds_passkey(record: &Record) -> bool {
    matches!(record, Record::Audit(audit) if Activity::of(audit) == Activity::PasskeyAdded
        && judge::result_of(audit) == EventResult::Passed)
}

/// Tells the last attempt of a loop that it is one.
fn mark_loops(attempts: &mut [Vec<Judged<'_>>]) {
    let mut met: HashMap<&'static str, (usize, String, usize)> = HashMap::new();
    let mut judged: Vec<&mut Judged<'_>> = attempts.iter_mut().flatten().collect();
    judged.sort_by_key(|judged| judged.at);
    for (n, one) in judged.iter().enumerate() {
        let Some(reason) = one.judgement.why.first() else { continue };
        let refused = matches!(one.record, Record::SignIn(_)) && !one.passed_later;
        if refused && one.judgement.on_topic && !reason.rules.is_empty() {
            let start = one.record.time().text().to_owned();
            let (count, _, last) = met.entry(reason.finding.id()).or_insert((0, start, n));
            *count = count.saturating_add(1);
            *last = n;
        }
    }
    for (id, (count, start, last)) in met {
        if count >= LOOP
            && let Some(one) = judged.get_mut(last)
        {
            let detail =
                format!("{id}: {count} times, from {start} to {}", one.record.time().text());
            one.judgement.why.push(Reason::new(
                &judge::LOOP,
                judge::cited::R12,
                Confidence::Documented,
                detail,
            ));
        }
    }
}

/// Whether a story has to do with passkeys, or has an end that needs an explanation.
fn is_told(attempt: &[Judged<'_>]) -> bool {
    attempt.iter().any(|judged| {
        let judgement = &judged.judgement;
        let silent =
            judgement.why.first().is_none_or(|reason| reason.finding.kind() == &judge::PAUSE);
        judgement.on_topic
            || (judgement.result != EventResult::Passed && !judged.passed_later && !silent)
    })
}

/// Whether it is nothing but changes of policies, which are told by themselves.
fn is_of_policies(attempt: &[Judged<'_>]) -> bool {
    attempt.iter().all(|judged| match judged.record {
        Record::Audit(audit) => Activity::of(audit) == Activity::Policy,
        Record::SignIn(_) => false,
    })
}

/// What still stands in the way: failures before what nobody explains before pauses, each in order of time.
fn deciding<'j>(attempt: &'j [Judged<'_>]) -> Vec<&'j Reason> {
    let mut standing: Vec<&Judged<'_>> = attempt.iter().filter(|judged| stands(judged)).collect();
    standing.sort_by_key(|judged| match judged.judgement.result {
        EventResult::Failed => 0,
        EventResult::Unknown => 1,
        EventResult::Interrupted => 2,
        EventResult::Passed => 3,
    });
    let reasons: Vec<&Reason> = standing.iter().flat_map(|judged| &judged.judgement.why).collect();
    let serious: Vec<&Reason> =
        reasons.iter().copied().filter(|reason| reason.finding.kind() != &judge::PAUSE).collect();
    if serious.is_empty() { reasons } else { serious }
}

fn stands(judged: &Judged<'_>) -> bool {
    judged.judgement.result != EventResult::Passed && !judged.passed_later
}

fn outcome(attempt: &[Judged<'_>]) -> Outcome {
    let has =
        |result| attempt.iter().any(|judged| stands(judged) && judged.judgement.result == result);
    if has(EventResult::Failed) {
        Outcome::Stopped
    } else if has(EventResult::Unknown) {
        Outcome::Unknown
    } else if has(EventResult::Interrupted) {
        Outcome::Interrupted
    } else {
        Outcome::Done
    }
}

/// What the log does not tell, of records that still stand in the way.
fn open<'j>(attempt: &'j [Judged<'_>]) -> impl Iterator<Item = &'j Finding> {
    attempt.iter().filter(|judged| stands(judged)).flat_map(|judged| &judged.judgement.open)
}

/// Each rule once, by its number.
fn rules(reasons: &[&Reason]) -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> =
        reasons.iter().flat_map(|reason| reason.rules.iter().copied()).collect();
    rules.sort_by_key(|rule| rule.id.trim_start_matches('R').parse::<u32>().unwrap_or_default());
    rules.dedup_by_key(|rule| rule.id);
    rules
}

fn correlation_ids(attempt: &[Judged<'_>]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in attempt.iter().filter_map(|judged| judged.record.correlation_id()) {
        if !ids.iter().any(|known| known.eq_ignore_ascii_case(id)) {
            ids.push(id.to_owned());
        }
    }
    ids
}
