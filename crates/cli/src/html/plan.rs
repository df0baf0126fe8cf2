//! The page of `keyvet readiness --plan`.

use super::{escape, icon, page::Page};
use crate::{
    document::{
        readiness::Verdict,
        readiness_plan::{PlanDocument, Proposal},
    },
    text::{plural, readiness_words as words},
};
use std::fmt::Write;

/// Every proposal, with what each attempt that is stuck comes to under it.
pub(crate) fn plan(document: &PlanDocument) -> String {
    let lead = format!(
        "{} of {} blocked at the tenant in {}; {}. keyvet changes nothing itself.",
        document.blocked(),
        plural(document.attempts, "attempt"),
        document.tenant.source,
        plural(document.proposals.len(), "proposal")
    );
    let mut page = Page::new("What would get the stuck ones through?", &lead);
    for (at, proposal) in document.proposals.iter().enumerate() {
        page.push(&one(at.saturating_add(1), proposal));
    }
    if !document.proposals.is_empty() {
        page.push(&table(document));
    }
    page.end(&document.tenant, document.ruleset, &document.rulebook)
}

fn one(number: usize, proposal: &Proposal) -> String {
    let mut html = format!(
        "<section class=\"change\" id=\"proposal-{number}\" aria-labelledby=\"proposal-{number}-h\">\n\
         <h3 id=\"proposal-{number}-h\">{number}. {}</h3>\n",
        escape(&proposal.title)
    );
    if proposal.is_weaker {
        html.push_str("<p><b>This weakens every registration; take it last.</b></p>\n");
    }
    for change in &proposal.changes {
        let _ = writeln!(
            html,
            "<p><b>Gives up:</b> {}</p>\n<p><b>Made by:</b> <code>{}</code></p>",
            escape(&change.loosens),
            escape(&change.how)
        );
    }
    let rules: Vec<_> =
        proposal.rules.iter().map(|id| format!("<a href=\"#{id}\">{id}</a>")).collect();
    let _ = writeln!(
        html,
        "<p>Unblocks {}; still stuck: {}.</p>\n<p class=\"sure\">Rests on {}; {}.</p>\n</section>",
        plural(proposal.unblocks.len(), "attempt"),
        proposal.still_stuck.len(),
        rules.join(" "),
        words::sureness(proposal.confidence)
    );
    html
}

/// Attempts × proposals: how each ends under each.
fn table(document: &PlanDocument) -> String {
    let mut html = String::from(
        "<h2 id=\"outcomes\">What each comes to</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Outcomes\"><table>\n<caption>Each attempt that is blocked now, under each proposal by itself.\
         </caption>\n<thead><tr><th scope=\"col\">Attempt</th>",
    );
    for number in 1..=document.proposals.len() {
        let _ = write!(
            html,
            "<th scope=\"col\"><a href=\"#proposal-{number}\">Proposal {number}</a></th>"
        );
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for (at, stuck) in document.stuck.iter().enumerate() {
        let _ =
            write!(html, "<tr><th scope=\"row\">{}</th>", escape(&words::attempt(&stuck.attempt)));
        for proposal in &document.proposals {
            let now = proposal.unblocks.iter().find(|one| one.attempt == at);
            let word = now.map_or(Verdict::Blocked, |one| one.verdict).as_str();
            let _ = write!(html, "<td class=\"outcome {word}\">{} {word}</td>", icon::small(word));
        }
        html.push_str("</tr>\n");
    }
    html + "</tbody></table></div>\n"
}
