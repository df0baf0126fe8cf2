//! One path: drawn as a line of stations that ends where the walk stops, and told step by step.

use super::{escape, icon};
use crate::{
    document::{
        Severity,
        readiness::{AttemptResult, Step, StepResult, Verdict, sentence},
    },
    text::{one_policy, readiness_words as words},
};
use std::fmt::Write;

/// The section of the path `number`.
pub(super) fn section(number: usize, result: &AttemptResult) -> String {
    let mut html = format!(
        "<section class=\"path\" id=\"path-{number}\" aria-labelledby=\"path-{number}-h\">\n\
         <h3 id=\"path-{number}-h\">{} {}</h3>\n<p>{}</p>\n",
        escape(&words::attempt(&result.attempt)),
        icon::chip(result.verdict),
        escape(&words::outcome(result)),
    );
    html.push_str(&drawing(number, result));
    html.push_str("<ol class=\"steps\">\n");
    for (at, step) in result.steps.iter().enumerate() {
        html.push_str(&told(step, result.stopped_step == Some(at)));
    }
    html.push_str("</ol>\n");
    list(&mut html, "What to do", &to_do(result));
    list(&mut html, "Not known", &result.unresolved);
    list(&mut html, "Worth knowing", &result.notes);
    let rules: Vec<_> =
        result.rules.iter().map(|id| format!("<a href=\"#{id}\">{id}</a>")).collect();
    let _ = writeln!(
        html,
        "<p class=\"sure\">Rules {}; confidence {}. <a class=\"back\" href=\"#top\">Back to the table</a></p>\n</section>",
        rules.join(" "),
        words::sureness(result.confidence)
    );
    html
}

fn told(step: &Step, decides: bool) -> String {
    let class = if decides { " class=\"decides\"" } else { "" };
    let ending = icon::of_step(step.result);
    let mut html = format!(
        "<li{class}><p><span class=\"end {ending}\">{}{}</span>. {}</p>\n",
        icon::small(ending),
        words::ending(step.result).to_lowercase(),
        escape(&step.title)
    );
    let findings = step.findings.iter().map(|finding| escape(&sentence(finding))).chain(
        step.policies
            .iter()
            .filter(|policy| policy.matters())
            .map(|policy| escape(&one_policy(policy))),
    );
    let lines: Vec<_> = findings.map(|line| format!("<li>{line}</li>\n")).collect();
    if lines.is_empty() {
        return html + "</li>\n";
    }
    let open = if step.result == StepResult::Passed { "" } else { " open" };
    let _ = writeln!(
        html,
        "<details{open}><summary>Why</summary>\n<ul>\n{}</ul></details>",
        lines.concat()
    );
    html + "</li>\n"
}

/// What is to be done about the step that blocks, then what the person has to do in any case.
fn to_do(result: &AttemptResult) -> Vec<String> {
    let deciding = result.stopped_step.and_then(|at| result.steps.get(at));
    let blocking = deciding.filter(|step| step.result == StepResult::Blocked);
    let errors = blocking.into_iter().flat_map(|step| &step.findings);
    let errors = errors.filter(|finding| finding.severity == Severity::Error);
    let mut all: Vec<_> = errors.map(|finding| finding.kind.next_step.to_owned()).collect();
    all.extend(result.conditions.iter().cloned());
    all
}

fn list(html: &mut String, heading: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    let _ = writeln!(html, "<h4>{heading}</h4>\n<ul class=\"todo\">");
    for sentence in sentences {
        let _ = writeln!(html, "<li>{}</li>", escape(sentence));
    }
    html.push_str("</ul>\n");
}

/// Stations in one row.
const PER_ROW: usize = 5;
/// Width of a station, height of a row, in the units of the drawing.
const WIDE: usize = 200;
const HIGH: usize = 116;
/// Centre of a station in its field.
const MIDDLE: usize = 100;
const DROP: usize = 30;

/// A station: a step, or the passkey at the end.
struct Station {
    label: String,
    class: &'static str,
    shape: &'static str,
    number: Option<usize>,
    result: Option<StepResult>,
    stop: bool,
    /// Not reached by the walk.
    ahead: bool,
}

fn drawing(number: usize, result: &AttemptResult) -> String {
    let stations = stations(result);
    let rows = stations.len().div_ceil(PER_ROW).max(1);
    let height = rows.saturating_mul(HIGH);
    let told: Vec<_> = stations
        .iter()
        .filter(|station| !station.ahead)
        .filter_map(|station| Some((station.result?, &station.label)))
        .map(|(ending, label)| format!("{label}: {}", words::ending(ending).to_lowercase()))
        .collect();
    let mut svg = format!(
        "<svg class=\"draw\" viewBox=\"0 0 {} {height}\" role=\"img\" aria-labelledby=\"path-{number}-t path-{number}-d\">\n\
         <title id=\"path-{number}-t\">The path{}: {}</title>\n<desc id=\"path-{number}-d\">{}</desc>\n",
        PER_ROW.saturating_mul(WIDE),
        escape(&words::stop(result)),
        result.verdict.as_str(),
        escape(&told.join("; "))
    );
    for (at, station) in stations.iter().enumerate().skip(1) {
        svg.push_str(&rail(at.saturating_sub(1), at, station.ahead));
    }
    for (at, station) in stations.iter().enumerate() {
        svg.push_str(&drawn(at, station));
    }
    svg + "</svg>\n"
}

fn stations(result: &AttemptResult) -> Vec<Station> {
    let mut stations: Vec<_> = result
        .steps
        .iter()
        .enumerate()
        .map(|(at, step)| Station {
            label: label(step),
            class: icon::of_step(step.result),
            shape: icon::of_step(step.result),
            number: Some(at.saturating_add(1)),
            result: Some(step.result),
            stop: result.verdict == Verdict::Blocked && result.stopped_step == Some(at),
            ahead: false,
        })
        .collect();
    let (label, class, ahead) = match result.verdict {
        Verdict::Ready => ("The passkey works", "ready", false),
        Verdict::Conditional => ("The passkey works, if", "conditional", false),
        Verdict::Unknown => ("Passkey: not known", "unknown", true),
        Verdict::Blocked => ("No passkey", "ahead", true),
    };
    stations.push(Station {
        label: label.to_owned(),
        class,
        shape: "key",
        number: None,
        result: None,
        stop: false,
        ahead,
    });
    stations
}

/// What a station is called: what the step judges; for the making of the passkey, what the person does there.
fn label(step: &Step) -> String {
    if step.context == "ceremony" { step.title.clone() } else { words::stage(&step.context) }
}

/// Where station `at` is.
fn place(at: usize) -> (usize, usize) {
    let column = at.checked_rem(PER_ROW).unwrap_or(0);
    let row = at.checked_div(PER_ROW).unwrap_or(0);
    let x = column.saturating_mul(WIDE).saturating_add(MIDDLE);
    (x, row.saturating_mul(HIGH).saturating_add(DROP))
}

fn rail(from: usize, to: usize, ahead: bool) -> String {
    let ((x1, y1), (x2, y2)) = (place(from), place(to));
    let class = if ahead { "rail ahead" } else { "rail" };
    if y1 == y2 {
        return format!("<path class=\"{class}\" d=\"M{x1} {y1}H{x2}\"/>\n");
    }
    let (right, left) = (x1.saturating_add(92), x2.saturating_sub(92));
    let between = y2.saturating_sub(26);
    format!("<path class=\"{class}\" d=\"M{x1} {y1}H{right}V{between}H{left}V{y2}H{x2}\"/>\n")
}

fn drawn(at: usize, station: &Station) -> String {
    let (x, y) = place(at);
    let step = station.number.map_or_else(String::new, |n| format!(" data-step=\"{n}\""));
    let stop = if station.stop { " data-stop=\"true\"" } else { "" };
    let ending =
        station.result.map_or_else(String::new, |end| format!(" data-result=\"{}\"", end.as_str()));
    let mut svg = format!(
        "<g class=\"station {}\"{step}{ending}{stop} transform=\"translate({x} {y})\">\
         <circle class=\"disc\" r=\"17\"/><use href=\"#i-{}\" x=\"-12\" y=\"-12\" width=\"24\" height=\"24\"/>",
        station.class, station.shape
    );
    if station.stop {
        svg.push_str("<path class=\"bar\" d=\"M34-17V17\"/>");
    }
    let class = if station.stop { " class=\"label-stop\"" } else { "" };
    let number = station.number.map(|n| format!("{n}. ")).unwrap_or_default();
    for (line, words) in lines(&format!("{number}{}", station.label)).iter().enumerate() {
        let down = line.saturating_mul(16).saturating_add(38);
        let _ = write!(svg, "<text{class} y=\"{down}\">{}</text>", escape(words));
    }
    svg + "</g>\n"
}

/// A label in lines that fit below a station; what does not fit three lines is cut, and that is shown.
fn lines(label: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in label.split_whitespace() {
        let word: String = word.chars().take(LINE).collect();
        let Some(line) = lines.last_mut() else { break };
        let used = line.chars().count();
        if used > 0 && used.saturating_add(word.chars().count()) >= LINE {
            lines.push(word);
        } else {
            line.push_str(if used > 0 { " " } else { "" });
            line.push_str(&word);
        }
    }
    if lines.len() > 3 {
        lines.truncate(3);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

/// Characters in one line of a label.
const LINE: usize = 22;
