//! `keyvet readiness --plan` as text: what to change, who gets through then, and what it gives up.

use super::{Style, plural, readiness, readiness_words as words};
use crate::document::{
    readiness::Verdict,
    readiness_plan::{PlanDocument, Proposal, StuckAttempt},
};
use keyvet_finding::Printable;
use std::fmt::Write;

/// Every proposal, the smallest first.
pub(super) fn text(document: &PlanDocument, style: Style) -> String {
    let head = format!(
        "{} of {} blocked",
        document.blocked(),
        match document.attempts {
            1 => "1 attempt is".to_owned(),
            count => format!("{count} attempts are"),
        }
    );
    let mut text = match (document.stuck.len(), document.proposals.len()) {
        (0, _) => format!("{}. There is nothing to change.\n", style.good(head)),
        (_, 0) => format!("{}, and no change that keyvet knows unblocks one.\n", style.bad(head)),
        (_, count) => format!(
            "{}. {} that unblock some, the smallest first; each was evaluated again.\n",
            style.strong(head),
            plural(count, "proposal")
        ),
    };
    for (at, proposal) in document.proposals.iter().enumerate() {
        let _ = write!(text, "\n{}", one(at.saturating_add(1), proposal, document, style));
    }
    let _ = writeln!(text, "\nRuleset {}. keyvet changes nothing itself.", document.ruleset);
    text + &readiness::tenant(&document.tenant, style)
}

fn one(number: usize, proposal: &Proposal, document: &PlanDocument, style: Style) -> String {
    let mut text = format!("{number}. {}\n", style.strong(Printable(&proposal.title)));
    if proposal.is_weaker {
        let _ =
            writeln!(text, "   {}", style.doubt("This weakens every registration; take it last."));
    }
    for change in &proposal.changes {
        let _ = writeln!(text, "   gives up          {}", Printable(&change.loosens));
        let _ = writeln!(text, "   made by           {}", Printable(&change.how));
    }
    for verdict in [Verdict::Ready, Verdict::Conditional, Verdict::Unknown] {
        let now = proposal.unblocks.iter().filter(|one| one.verdict == verdict);
        let now: Vec<_> = now.filter_map(|one| document.stuck.get(one.attempt)).collect();
        lines(&mut text, &format!("then {}", verdict.as_str()), &now);
    }
    let stuck = proposal.still_stuck.iter().filter_map(|at| document.stuck.get(*at));
    lines(&mut text, "still stuck", &stuck.collect::<Vec<_>>());
    let rules = proposal.rules.join(" ");
    let _ =
        writeln!(text, "   rests on          {rules}; {}", words::sureness(proposal.confidence));
    text
}

/// The first attempts, one in a line, and how many more there are.
fn lines(text: &mut String, heading: &str, stuck: &[&StuckAttempt]) {
    let mut heading = heading;
    for attempt in stuck.iter().take(SHOWN) {
        let asked = words::attempt(&attempt.attempt);
        let _ = writeln!(text, "   {heading:17} {}", Printable(&asked));
        heading = "";
    }
    let more = stuck.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(text, "   {:17} and {more} more", "");
    }
}

/// Attempts shown under one heading.
const SHOWN: usize = 5;
