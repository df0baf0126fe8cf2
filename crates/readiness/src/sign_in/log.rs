//! Joins the records of all files: each once, in order, with the steps that another file tells, by attempt.

use super::{
    AuthStep, Explanation, File, Names, Record, explain::Teller, findings::Findings, people::People,
};
use keyvet_finding::{Culprit, Kind, Severity};
use std::collections::HashMap;

/// The records of one or several files.
#[derive(Clone, Debug, Default)]
pub struct Log {
    records: Vec<Record>,
    steps: Vec<(String, AuthStep)>,
}

impl Log {
    /// Adds what a file holds; the order of files does not matter.
    pub fn add(&mut self, file: File) {
        self.records.extend(file.records);
        self.steps.extend(file.steps);
    }

    /// Tells what happened.
    #[must_use]
    pub fn explain(mut self, names: Names) -> Explanation {
        let mut findings = Findings::default();
        self.order(&mut findings);
        self.attach(&mut findings);
        let people = People::of(&self.records);
        let stories = attempts(&self.records, &people);
        Teller { records: &self.records, people: &people, names }.tell(&stories, findings)
    }

    /// Puts the records in order of time and leaves each in once.
    fn order(&mut self, findings: &mut Findings) {
        self.records.sort_unstable_by(|a, b| (a.time(), a).cmp(&(b.time(), b)));
        let before = self.records.len();
        self.records.dedup();
        self.leave_out_poorer(findings);
        let twice = before.saturating_sub(self.records.len());
        if twice > 0 {
            findings.add(&TWICE, format_args!("{twice} records"));
        }
        let alone = self.records.iter().filter(|record| record.correlation_id().is_none()).count();
        if alone > 0 {
            findings.add(&ALONE, format_args!("{alone} records"));
        }
    }

    /// Of sign-ins with one id and one code, from two exports, the one that tells more stays.
    fn leave_out_poorer(&mut self, findings: &mut Findings) {
        let mut best: HashMap<(String, Option<u32>), usize> = HashMap::new();
        let mut codes: HashMap<String, Option<u32>> = HashMap::new();
        let mut poorer = vec![false; self.records.len()];
        for (at, record) in self.records.iter().enumerate() {
            let Record::SignIn(sign_in) = record else { continue };
            let Some(id) = sign_in.id.as_ref().map(|id| id.to_lowercase()) else { continue };
            if *codes.entry(id.clone()).or_insert(sign_in.code) != sign_in.code {
                findings.add(&SAME_ID, format_args!("request id {id}"));
            }
            let Some(other) = best.insert((id.clone(), sign_in.code), at) else { continue };
            let keep_other = self.records.get(other).map(richness) >= Some(richness(record));
            if let Some(mark) = poorer.get_mut(if keep_other { at } else { other }) {
                *mark = true;
            }
            if keep_other {
                best.insert((id, sign_in.code), other);
            }
        }
        let mut marks = poorer.into_iter();
        self.records.retain(|_| !marks.next().unwrap_or_default());
    }

    /// Gives sign-ins the steps of the portal's second file.
    fn attach(&mut self, findings: &mut Findings) {
        self.steps.sort_unstable();
        self.steps.dedup();
        let mut by_id: HashMap<String, Vec<AuthStep>> = HashMap::new();
        for (id, step) in std::mem::take(&mut self.steps) {
            by_id.entry(id.to_lowercase()).or_default().push(step);
        }
        for record in &mut self.records {
            let Record::SignIn(sign_in) = record else { continue };
            let Some(id) = sign_in.id.as_ref().map(|id| id.to_lowercase()) else { continue };
            let Some(mut steps) = by_id.remove(&id) else { continue };
            steps.sort_unstable_by(|a, b| {
                (&a.time, is_second(a), a).cmp(&(&b.time, is_second(b), b))
            });
            // Graph's records have their steps; a CSV row has at most a summary of one
            if !sign_in.tells_policies {
                sign_in.steps = steps;
            }
        }
        let left: usize = by_id.values().map(Vec::len).sum();
        if left > 0 {
            findings.add(&STEPS_ALONE, format_args!("{left} steps"));
        }
    }
}

/// Steps of one time: the first factor stands before the others.
fn is_second(step: &AuthStep) -> bool {
    !step.requirement.as_deref().is_some_and(|word| super::words::contains(word, "primary"))
}

/// How much a sign-in tells.
fn richness(record: &Record) -> (bool, usize, usize) {
    match record {
        Record::SignIn(sign_in) => {
            (sign_in.tells_policies, sign_in.policies.len(), sign_in.steps.len())
        }
        Record::Audit(_) => (false, 0, 0),
    }
}

/// Places of records that are one attempt, each list and all lists in order of time.
fn attempts(records: &[Record], people: &People) -> Vec<Vec<usize>> {
    let mut first: HashMap<(Option<usize>, String), usize> = HashMap::new();
    let mut same_as: Vec<usize> = (0..records.len()).collect();
    for (at, record) in records.iter().enumerate() {
        let person = people.place(record);
        for key in keys(record) {
            let other = *first.entry((person, key)).or_insert(at);
            join(&mut same_as, other, at);
        }
    }
    let mut lists: Vec<Vec<usize>> = vec![Vec::new(); records.len()];
    for at in 0..records.len() {
        let root = root(&same_as, at);
        if let Some(list) = lists.get_mut(root) {
            list.push(at);
        }
    }
    lists.retain(|list| !list.is_empty());
    lists
}

/// What a record may share with others of its attempt.
fn keys(record: &Record) -> Vec<String> {
    let correlation =
        record.correlation_id().map(|id| format!("correlation {}", id.to_lowercase()));
    let Record::SignIn(sign_in) = record else { return correlation.into_iter().collect() };
    let requests = [&sign_in.id, &sign_in.original_request_id];
    let requests =
        requests.into_iter().flatten().map(|id| format!("request {}", id.to_lowercase()));
    correlation.into_iter().chain(requests).collect()
}

fn join(same_as: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(same_as, one), root(same_as, other));
    if let Some(same) = same_as.get_mut(one.max(other)) {
        *same = one.min(other);
    }
}

/// Each step leads to a smaller place, so it ends.
fn root(same_as: &[usize], at: usize) -> usize {
    let mut at = at;
    while let Some(same) = same_as.get(at).filter(|same| **same < at) {
        at = *same;
    }
    at
}

/// Records that came twice.
pub(super) static TWICE: Kind = Kind {
    id: "readiness.sign-in-record-twice",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "Some records came more than once, in one file or in two; each is told once, in the form that says more.",
    next_step: "Nothing: each is told once.",
    source: "keyvet",
};

/// Two sign-ins with one id.
pub(super) static SAME_ID: Kind = Kind {
    id: "readiness.sign-in-same-id",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "Two sign-ins have one request id and different codes; both are told. Logs that follow a sign-in step \
              by step have that.",
    next_step: "Nothing, if the log is from Azure Monitor; otherwise export it again.",
    source: "Microsoft Entra documentation, concept-sign-in-log-activity-details, 2024-03-21",
};

/// Records that nothing joins.
pub(super) static ALONE: Kind = Kind {
    id: "readiness.sign-in-no-correlation",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "Some records have no correlation id, so what belongs to them cannot be found by it.",
    next_step: "Read such stories together with the others of the same person and time.",
    source: "Microsoft Entra documentation, concept-sign-in-log-activity-details, 2024-03-21",
};

/// Steps whose sign-in is in no file.
pub(super) static STEPS_ALONE: Kind = Kind {
    id: "readiness.sign-in-steps-alone",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The portal writes two files, sign-ins and their authentication details. Some details belong to \
              sign-ins that are in none of the files given.",
    next_step: "Give keyvet both files of the export.",
    source: "Microsoft Entra admin centre, Download of sign-in logs",
};
