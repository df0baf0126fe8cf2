//! `keyvet sign-in explain` as text: one story after the other, the reason and the next step after each.

use super::{Style, findings, plural};
use crate::document::{
    Finding,
    sign_in::{Change, Event, File, Method, Policy, SignInDocument, Story},
};
use keyvet_finding::Printable;
use std::fmt::Write;

/// What was read, the stories, and what the log leaves open.
pub(super) fn text(document: &SignInDocument, style: Style) -> String {
    let mut text = headline(document, style);
    for file in &document.files {
        about_file(&mut text, file, style);
    }
    let mut person = None;
    for story in &document.stories {
        if person != Some(&story.person) {
            let _ = writeln!(text, "\n{}", style.strong(Printable(&story.person)));
            person = Some(&story.person);
        }
        tell(&mut text, story, style);
    }
    changes(&mut text, &document.changes, style);
    if document.not_told > 0 {
        let count = plural(document.not_told, "other attempt");
        let _ = writeln!(text, "\n{count} passed, or paused, and had nothing to do with passkeys");
    }
    if !document.findings.is_empty() {
        text.push('\n');
        text.push_str(&findings::text("about the log", &document.findings, style));
    }
    text
}

fn headline(document: &SignInDocument, style: Style) -> String {
    let count =
        |outcome: &str| document.stories.iter().filter(|story| story.outcome == outcome).count();
    let words = ["stopped", "unknown", "interrupted", "done"].map(|word| (count(word), word));
    let counts: Vec<String> =
        words.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let stories = plural(document.stories.len(), "story");
    let detail = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    format!(
        "{}\n",
        style.strong(format!("{stories} in {}{detail}", plural(document.records, "record")))
    )
}

fn about_file(text: &mut String, file: &File, style: Style) {
    let name = Printable(&file.file);
    if let Some(error) = &file.error {
        let _ = writeln!(
            text,
            "{}: {} [{}]",
            style.bad("not read"),
            Printable(&error.detail),
            error.code
        );
        let _ = writeln!(text, "  next: {}", error.next_step);
    } else if !file.findings.is_empty() {
        text.push_str(&findings::text(&format!("{name}"), &file.findings, style));
    }
}

fn tell(text: &mut String, story: &Story, style: Style) {
    let outcome = match story.outcome {
        "done" => style.good("done"),
        "stopped" => style.bad("stopped"),
        word => style.doubt(word),
    };
    let ids: Vec<String> =
        story.correlation_ids.iter().map(|id| Printable(id).to_string()).collect();
    let ids =
        if ids.is_empty() { String::new() } else { format!("  (correlation {})", ids.join(", ")) };
    let _ = writeln!(text, "  {outcome}{}", style.dim(ids));
    for event in &story.events {
        about_event(text, event, style);
    }
    let mut told = Vec::new();
    for (label, list) in [("why", &story.why), ("note", &story.notes), ("open", &story.unresolved)]
    {
        for finding in list {
            let again = told.contains(&finding.id.as_str());
            about(text, label, finding, again, style);
            told.push(&finding.id);
        }
    }
    if story.outcome == "unknown" {
        let _ = writeln!(text, "    how sure: nobody knows");
    } else if story.rules.is_empty() {
        let _ = writeln!(text, "    how sure: {}", story.confidence);
    } else {
        let _ = writeln!(text, "    how sure: {}, by {}", story.confidence, story.rules.join(", "));
    }
    for next in &story.next {
        let _ = writeln!(text, "    next: {}", Printable(next));
    }
}

/// What was found, and what it means unless that was said just before.
fn about(text: &mut String, label: &str, finding: &Finding, again: bool, style: Style) {
    let label = if label == "why" { style.strong("why") } else { style.dim(label) };
    let _ = writeln!(text, "    {label}: {} [{}]", finding.detail, finding.id);
    if !again {
        let _ = writeln!(text, "      {}", finding.kind.meaning);
    }
}

fn about_event(text: &mut String, event: &Event, style: Style) {
    let time =
        if event.time.is_empty() { "no time".into() } else { Printable(&event.time).to_string() };
    let result = match (event.result, event.passed_later) {
        ("passed", _) => style.good("passed"),
        ("failed", false) => style.bad("failed"),
        (word, false) => style.doubt(word),
        (word, true) => style.dim(format!("{word}, passed later")),
    };
    let code =
        event.code.filter(|code| *code != 0).map(|code| format!(" {code}")).unwrap_or_default();
    let _ = writeln!(text, "    {time}  {result}{code}  {}", Printable(&event.title));
    let methods: Vec<String> = event.methods.iter().filter_map(method).collect();
    if !methods.is_empty() {
        let _ = writeln!(text, "      with {}", methods.join(", "));
    }
    for policy in event.policies.iter().filter(|policy| policy.result.as_deref() != Some("success"))
    {
        let _ = writeln!(text, "      policy {}", self::policy(policy));
    }
}

fn method(method: &Method) -> Option<String> {
    let name = Printable(method.method.as_deref()?).to_string();
    Some(match method.succeeded {
        Some(false) => format!("{name} (failed)"),
        _ => name,
    })
}

fn policy(policy: &Policy) -> String {
    let name = policy.name.as_deref().or(policy.id.as_deref()).unwrap_or("without a name");
    let mut text = format!("\"{}\"", Printable(name));
    if let Some(result) = &policy.result {
        let _ = write!(text, ": {}", Printable(result));
    }
    if let Some(strength) = &policy.strength {
        let name = strength.name.as_deref().or(strength.id.as_deref()).unwrap_or("without a name");
        let result = policy.strength_result.as_deref().unwrap_or("no result");
        let _ = write!(text, ", strength \"{}\": {}", Printable(name), Printable(result));
    } else if !policy.controls.is_empty() {
        let _ = write!(text, ", demands {}", Printable(&policy.controls.join(", ")));
    }
    text
}

fn changes(text: &mut String, changes: &[Change], style: Style) {
    if changes.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", style.strong("policies changed"));
    for change in changes {
        let object =
            change.object.as_deref().map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let line = format!(
            "{}  {}{object}, by {} ({})",
            change.time, change.activity, change.by, change.result
        );
        let _ = writeln!(text, "  {}", Printable(&line));
    }
}
