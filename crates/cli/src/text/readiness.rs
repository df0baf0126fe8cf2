//! `keyvet readiness` as text: a short story that a help desk can follow.

use super::{Style, plural, readiness_words as words};
use crate::document::{
    Finding, Severity,
    readiness::{
        AttemptResult, PolicyApplies, PolicyResult, ReadinessDocument, RuleText, Step, StepResult,
        TenantRead, Verdict,
    },
};
use keyvet_finding::{Culprit, Printable};
use std::fmt::Write;

/// Every attempt, what the tenant was read from, and the rules in one last line.
pub(super) fn text(document: &ReadinessDocument, style: Style) -> String {
    let mut text = String::new();
    for result in &document.results {
        if result.index > 0 {
            text.push('\n');
        }
        let _ = write!(text, "{}", story(result, style));
        let _ = writeln!(text, "{}", last_line(result, document.ruleset, &document.rulebook));
    }
    if document.results.len() > 1 {
        let _ = writeln!(text, "\n{}", totals(&document.results, style));
    }
    text + &tenant(&document.tenant, style)
}

/// The answer, the steps up to the one that decides, what to do, what is not known.
fn story(result: &AttemptResult, style: Style) -> String {
    let asked = words::attempt(&result.attempt);
    let mut text = format!(
        "{}: {}. {}\n",
        Printable(&asked),
        verdict(result.verdict, style),
        words::outcome(result)
    );
    for (at, step) in result.steps.iter().enumerate() {
        let decides = result.stopped_step == Some(at);
        let _ = write!(text, "{}", one_step(at.saturating_add(1), step, decides, style));
    }
    to_do(&mut text, result);
    list(&mut text, "Not known", &result.said.unresolved, true);
    list(&mut text, "Worth knowing", &result.said.notes, false);
    text
}

/// The verdict in capitals, in its colour.
pub(super) fn verdict(verdict: Verdict, style: Style) -> String {
    let word = verdict.as_str().to_uppercase();
    match verdict {
        Verdict::Ready => style.good(word),
        Verdict::Conditional | Verdict::Unknown => style.doubt(word),
        Verdict::Blocked => style.bad(word),
    }
}

fn one_step(number: usize, step: &Step, decides: bool, style: Style) -> String {
    let word = format!("{:16}", words::ending(step.result));
    let word = match step.result {
        StepResult::Passed | StepResult::Registration => style.good(word),
        StepResult::Conditional | StepResult::Unknown => style.doubt(word),
        StepResult::Blocked => style.bad(word),
    };
    let mut text = format!("  {number}. {word} {}\n", Printable(&step.title));
    if step.result == StepResult::Passed {
        return text;
    }
    for finding in &step.findings {
        if decides {
            let _ = writeln!(text, "       {} [{}]", case(finding), finding.id);
            if !finding.detail.is_empty() {
                let _ = writeln!(text, "       {}", finding.kind.meaning);
            }
        } else {
            let _ = writeln!(text, "       {}", case(finding));
        }
    }
    if decides {
        for policy in step.policies.iter().filter(|policy| policy.matters()) {
            let _ = writeln!(text, "       {}", one_policy(policy));
        }
    }
    text
}

/// The values of a case, or what it means where there are none.
fn case(finding: &Finding) -> &str {
    if finding.detail.is_empty() { finding.kind.meaning } else { &finding.detail }
}

/// `policy 'Name': in force; its strength is satisfied`.
pub(crate) fn one_policy(policy: &PolicyResult) -> String {
    let name = if policy.name.is_empty() { &policy.id } else { &policy.name };
    let applies = match (policy.applies, &policy.why) {
        (PolicyApplies::Yes, _) => "in force".to_owned(),
        (PolicyApplies::ReportOnly, _) => "only reports".to_owned(),
        (PolicyApplies::No, Some(why)) => format!("not in force: {why}"),
        (PolicyApplies::No, None) => "not in force".to_owned(),
        (PolicyApplies::Undecided, Some(why)) => {
            format!("cannot be told whether it is in force: {why}")
        }
        (PolicyApplies::Undecided, None) => "cannot be told whether it is in force".to_owned(),
    };
    let strength = policy.strength_result.map(words::strength);
    let strength = strength.map(|words| format!("; {words}")).unwrap_or_default();
    Printable(&format!("policy '{name}': {applies}{strength}")).to_string()
}

/// What is to be done about the step that blocks, then what the person has to do in any case.
fn to_do(text: &mut String, result: &AttemptResult) {
    let deciding = result.stopped_step.and_then(|at| result.steps.get(at));
    let blocking = deciding.filter(|step| step.result == StepResult::Blocked);
    let errors = blocking.into_iter().flat_map(|step| &step.findings);
    let errors = errors.filter(|finding| finding.severity == Severity::Error);
    let mut steps: Vec<_> = errors.map(|finding| finding.kind.next_step).collect();
    steps.extend(result.said.conditions.iter().map(|finding| finding.kind.next_step));
    let mut told: Vec<&str> = Vec::new();
    for step in steps {
        if told.is_empty() {
            let _ = writeln!(text, "  What to do");
        }
        if !told.contains(&step) {
            let _ = writeln!(text, "    - {step}");
            told.push(step);
        }
    }
}

/// A heading, and each kind once with all its cases; what to do first where something is to be done.
fn list(text: &mut String, heading: &str, findings: &[Finding], to_do: bool) {
    let mut kinds: Vec<(&Finding, Vec<&str>)> = Vec::new();
    for finding in findings {
        match kinds.iter_mut().find(|(first, _)| first.id == finding.id) {
            Some((_, cases)) => cases.push(&finding.detail),
            None => kinds.push((finding, vec![&finding.detail])),
        }
    }
    if !kinds.is_empty() {
        let _ = writeln!(text, "  {heading}");
    }
    // what the input leaves out comes after what the tenant makes of it
    kinds.sort_by_key(|(finding, _)| finding.kind.culprit == Culprit::Input);
    for (finding, cases) in kinds {
        let _ = writeln!(text, "    - {} [{}]", finding.kind.meaning, finding.id);
        for case in cases.iter().filter(|case| !case.is_empty()) {
            let _ = writeln!(text, "        {case}");
        }
        if to_do {
            let _ = writeln!(text, "        next: {}", finding.kind.next_step);
        }
    }
}

/// The rules, the ruleset, how sure that is and because of which rule.
fn last_line(result: &AttemptResult, ruleset: &str, rulebook: &[RuleText]) -> String {
    let rules = if result.rules.is_empty() { "none".to_owned() } else { result.rules.join(" ") };
    let weak = rulebook
        .iter()
        .filter(|rule| rule.kind == result.confidence && result.rules.contains(&rule.id))
        .map(|rule| rule.id);
    let weak: Vec<_> = weak.collect();
    let which = match (result.confidence.as_str(), weak.as_slice()) {
        ("documented", _) | (_, []) => String::new(),
        (_, weak) => format!(" ({})", weak.join(", ")),
    };
    format!(
        "  Rules {rules} of {ruleset}; confidence {}{which}; a rule in full: keyvet explain {}",
        words::sureness(result.confidence),
        result.rules.first().unwrap_or(&"R1")
    )
}

/// `8 attempts: 2 ready, 5 conditional, 1 blocked`.
fn totals(results: &[AttemptResult], style: Style) -> String {
    let count = |wanted| results.iter().filter(|result| result.verdict == wanted).count();
    let all = [Verdict::Ready, Verdict::Conditional, Verdict::Unknown, Verdict::Blocked];
    let parts = all.map(|verdict| (verdict, count(verdict)));
    let parts = parts.iter().filter(|(_, count)| *count > 0);
    let parts: Vec<_> =
        parts.map(|(verdict, count)| format!("{count} {}", verdict.as_str())).collect();
    style.strong(format!("{}: {}", plural(results.len(), "attempt"), parts.join(", ")))
}

/// What is odd about the tenant's export; nothing when nothing is.
pub(super) fn tenant(tenant: &TenantRead, style: Style) -> String {
    super::findings::text("\nAbout the export", &tenant.findings, style)
}
