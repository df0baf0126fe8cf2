//! `keyvet readiness --matrix` as text: how many get through where, and who is stuck at what.

use super::{Style, plural, readiness, readiness_words as words};
use crate::document::{
    readiness::{Verdict, sentence},
    readiness_matrix::{MatrixContext, MatrixDocument, MatrixRow, Totals},
};
use keyvet_finding::Printable;
use std::fmt::Write;

/// One line per context, then those who are stuck or cannot be told, by where they stop.
pub(super) fn text(document: &MatrixDocument, style: Style) -> String {
    let head = format!(
        "{} in {}: {}",
        words::people(document.people),
        plural(document.contexts.len(), "context"),
        totals(&document.totals)
    );
    let mut text = format!("{}\n", style.strong(head));
    if document.made_up {
        let _ = writeln!(text, "{MADE_UP}");
    }
    let names: Vec<_> = document.contexts.iter().map(words::situation).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let _ = writeln!(text, "\n  {:width$}  ready  conditional  unknown  blocked", "");
    for (at, name) in names.iter().enumerate() {
        let counted = column(document, at);
        let _ = writeln!(
            text,
            "  {name:width$}  {:>5}  {:>11}  {:>7}  {:>7}",
            counted.ready, counted.conditional, counted.unknown, counted.blocked
        );
    }
    stops(&mut text, document, Verdict::Blocked, &style.bad("Stuck"));
    stops(&mut text, document, Verdict::Unknown, &style.doubt("Cannot be told"));
    let _ = writeln!(text, "\nRuleset {}. {NEXT}", document.ruleset);
    text + &readiness::tenant(&document.tenant, style)
}

fn totals(totals: &Totals) -> String {
    let all = [Verdict::Ready, Verdict::Conditional, Verdict::Unknown, Verdict::Blocked];
    all.map(|verdict| format!("{} {}", totals.of(verdict), verdict.as_str())).join(", ")
}

fn column(document: &MatrixDocument, at: usize) -> Totals {
    let mut totals = Totals::default();
    for row in &document.rows {
        if let Some(cell) = row.cells.get(at) {
            totals.count(cell.verdict, row.people.len());
        }
    }
    totals
}

/// What stops people: what it is, then whom, then where.
fn stops(text: &mut String, document: &MatrixDocument, wanted: Verdict, heading: &str) {
    let mut causes: Vec<(String, Vec<Stopped<'_>>)> = Vec::new();
    for row in &document.rows {
        for (cause, at) in stopped(document, row, wanted) {
            let known = match causes.iter().position(|(known, _)| *known == cause) {
                Some(known) => known,
                None => {
                    causes.push((cause, Vec::new()));
                    causes.len().saturating_sub(1)
                }
            };
            let Some((_, rows)) = causes.get_mut(known) else { continue };
            match rows.iter_mut().find(|one| one.at == at) {
                Some(one) => one.people.extend(row.people.iter().cloned()),
                None => rows.push(Stopped { people: row.people.clone(), at }),
            }
        }
    }
    if !causes.is_empty() {
        let _ = writeln!(text, "\n{heading}");
    }
    for (cause, rows) in causes {
        let _ = writeln!(text, "  {cause}");
        for Stopped { people, at } in rows {
            let _ = writeln!(text, "    {}", Printable(&words::some(&people)));
            for line in places(&at) {
                let _ = writeln!(text, "      {}", Printable(&line));
            }
        }
    }
}

/// People who are stopped by one cause, and where.
struct Stopped<'a> {
    people: Vec<String>,
    at: Vec<&'a MatrixContext>,
}

/// The contexts of one row that end so, by what stops there.
fn stopped<'a>(
    document: &'a MatrixDocument,
    row: &MatrixRow,
    wanted: Verdict,
) -> Vec<(String, Vec<&'a MatrixContext>)> {
    let mut causes: Vec<(String, Vec<&MatrixContext>)> = Vec::new();
    let cells = row.cells.iter().zip(&document.contexts);
    for (cell, context) in cells.filter(|(cell, _)| cell.verdict == wanted) {
        let cause = cause(document, cell.path);
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, contexts)) => contexts.push(context),
            None => causes.push((cause, vec![context])),
        }
    }
    causes
}

/// A place, and the routes there.
type Place = (String, Vec<String>);

/// One line for each way to sign in: the places, with their routes behind them.
fn places(contexts: &[&MatrixContext]) -> Vec<String> {
    let mut ways: Vec<(String, Vec<Place>)> = Vec::new();
    for context in contexts {
        let (place, route, with) = words::situation_parts(context);
        if !ways.iter().any(|(known, _)| *known == with) {
            ways.push((with.clone(), Vec::new()));
        }
        let Some((_, places)) = ways.iter_mut().find(|(known, _)| *known == with) else { continue };
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, routes)) => routes.push(route),
            None => places.push((place, vec![route])),
        }
    }
    let place = |(place, routes): &Place| {
        let routes: Vec<_> = routes.iter().filter(|route| !route.is_empty()).cloned().collect();
        if routes.is_empty() { place.clone() } else { format!("{place} ({})", routes.join(", ")) }
    };
    ways.iter()
        .map(|(with, places)| {
            let places = places.iter().map(place).collect::<Vec<_>>().join("; ");
            if with.is_empty() { places } else { format!("{with}: {places}") }
        })
        .collect()
}

/// `Access to X: the policy … [id]`.
fn cause(document: &MatrixDocument, path: usize) -> String {
    let Some(result) = document.paths.get(path) else { return String::new() };
    let Some(step) = result.stopped_step.and_then(|at| result.steps.get(at)) else {
        return String::new();
    };
    let stage = Printable(&words::stage(&step.context)).to_string();
    match step.findings.first() {
        // what is missing differs from case to case
        Some(finding) if result.verdict == Verdict::Unknown => {
            format!("{stage}: {} [{}]", sentence(finding), finding.id)
        }
        Some(finding) => format!("{stage}: {} [{}]", finding.kind.meaning, finding.id),
        None => stage,
    }
}

const MADE_UP: &str = "The export holds no people, so three made-up ones were asked about; \
    `keyvet readiness export-help` says how to export yours.";
const NEXT: &str = "What to change: --plan. One attempt step by step: --as FILE --on … --signed-in-with …. All of \
    it as a page: --format html.";
