//! Tables whose cells lead to paths.

use super::{escape, icon};
use crate::{
    document::readiness::{AttemptResult, Verdict},
    text::readiness_words as words,
};
use std::fmt::Write;

/// One row per attempt.
pub(super) fn attempts(results: &[AttemptResult]) -> String {
    let mut html = String::from(
        "<div class=\"scroll\"><table>\n<caption>Every attempt; the answer leads to its path.</caption>\n<thead><tr>\
         <th scope=\"col\">Who</th><th scope=\"col\">Where</th><th scope=\"col\">Signed in</th>\
         <th scope=\"col\">Route</th><th scope=\"col\">Answer</th></tr></thead>\n<tbody>\n",
    );
    for result in results {
        let asked = &result.attempt;
        let route = match words::route(asked.route) {
            "" => "whichever works",
            route => route,
        };
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td>{}</tr>",
            escape(&words::who(asked)),
            escape(&words::place(asked)),
            escape(&words::signed_in(&asked.signed_in_with)),
            escape(route),
            cell(result.verdict, result.index, &stop(result), &words::attempt(asked)),
        );
    }
    html + "</tbody></table></div>\n"
}

/// A cell: shape, word, where it stops, and the link to the path.
pub(super) fn cell(verdict: Verdict, path: usize, stop: &str, whole: &str) -> String {
    let word = verdict.as_str();
    let stop =
        if stop.is_empty() { String::new() } else { format!("<small>{}</small>", escape(stop)) };
    format!(
        "<td class=\"answer {word}\"><a href=\"#path-{path}\" aria-label=\"{word}: {}\">{}{word}</a>{stop}</td>",
        escape(whole),
        icon::small(word),
    )
}

/// Where an answer stops, in a few words.
pub(super) fn stop(result: &AttemptResult) -> String {
    match (result.verdict, &result.stopped_at) {
        (Verdict::Blocked | Verdict::Unknown, Some(context)) => words::stage(context),
        _ => String::new(),
    }
}
