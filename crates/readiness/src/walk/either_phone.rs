//! Where the platform of the phone is not known, both are walked: an answer that is the same for both needs no more.

use super::strengths::INPUT_MISSING;
use super::{Draft, Walk, candidate, words};
use crate::read_attempt::ASSUMED;
use crate::{Context, Platform, StepResult, Verdict};
use std::ops::ControlFlow;

/// The rest of the walk, with Authenticator on this phone.
type Rest = fn(&mut Walk<'_>, Platform) -> ControlFlow<()>;

pub(super) fn walk(walk: &mut Walk<'_>, rest: Rest) -> ControlFlow<()> {
    match candidate::phones(walk.attempt).as_slice() {
        [phone] => rest(walk, *phone),
        phones => both(walk, phones, rest),
    }
}

fn both(walk: &mut Walk<'_>, phones: &[Platform], rest: Rest) -> ControlFlow<()> {
    let Some((first, others)) = phones.split_first() else { return ControlFlow::Continue(()) };
    let mut walked = walk.clone();
    let ended = rest(&mut walked, *first);
    let mut verdicts = vec![walked.verdict()];
    verdicts.extend(others.iter().map(|phone| verdict(walk, *phone, rest)));
    if verdicts.windows(2).any(|pair| pair.first() != pair.last()) {
        return differs(walk, phones, &verdicts);
    }
    *walk = walked;
    let names: Vec<&str> = phones.iter().map(|phone| words::platform(*phone)).collect();
    walk.note(&ASSUMED, format!("attempt.phone: {}; both end alike", names.join(" or ")));
    ended
}

/// How it would end with this phone, of which nothing else is said.
fn verdict(walk: &Walk<'_>, phone: Platform, rest: Rest) -> Verdict {
    let mut other = Walk { in_brief: true, ..walk.clone() };
    // the steps say how it ended
    let _ended = rest(&mut other, phone);
    other.verdict()
}

fn differs(walk: &mut Walk<'_>, phones: &[Platform], verdicts: &[Verdict]) -> ControlFlow<()> {
    let words: Vec<String> = phones
        .iter()
        .zip(verdicts)
        .map(|(phone, verdict)| format!("{}: {}", words::platform(*phone), verdict.as_str()))
        .collect();
    let detail = format!("attempt.phone: the platform of the phone decides ({})", words.join(", "));
    walk.leave_open(&INPUT_MISSING, &detail);
    let draft = Draft::new(Context::Ceremony, "Takes the phone to hand");
    walk.push(draft.ends(StepResult::Unknown, &INPUT_MISSING, detail))
}
