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
    let walked = phones.iter().map(|phone| {
        let mut other = walk.clone();
        let ended = rest(&mut other, *phone);
        (other, ended)
    });
    let walked: Vec<_> = walked.collect();
    let verdicts: Vec<Verdict> = walked.iter().map(|(other, _)| other.verdict()).collect();
    let same = verdicts.windows(2).all(|pair| pair.first() == pair.last());
    match walked.into_iter().next() {
        Some((first, ended)) if same => {
            *walk = first;
            let names: Vec<&str> = phones.iter().map(|phone| words::platform(*phone)).collect();
            walk.note(&ASSUMED, format!("attempt.phone: {}; both end alike", names.join(" or ")));
            ended
        }
        _ => differs(walk, phones, &verdicts),
    }
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
