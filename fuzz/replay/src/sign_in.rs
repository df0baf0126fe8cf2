//! Exported sign-in and audit logs.

use crate::checks;
use keyvet_readiness::sign_in::{Explanation, File, Log, Names, Outcome, Reader};

/// Reads a log. Neither the size of chunks nor the order of records matters, what is said is printable, people stay
/// unnamed where that is asked for, and every record is in at most one story.
pub fn sign_in_log(data: &[u8]) {
    let whole = read(data, data.len().max(1));
    let chunk = data.first().map_or(1, |byte| usize::from(*byte % 61) + 1);
    let cut = read(data, chunk);
    assert_eq!(format!("{whole:?}"), format!("{cut:?}"), "the size of chunks matters");
    checks::findings(data, &whole.findings);
    assert!(whole.records.len() <= data.len(), "more records than bytes");
    let told = explain(whole.clone(), Names::Shown);
    let mut turned = whole;
    turned.records.reverse();
    turned.steps.reverse();
    let again = explain(turned.clone(), Names::Shown);
    assert_eq!(format!("{told:?}"), format!("{again:?}"), "the order of records matters");
    for story in &told.stories {
        checks::findings(data, &story.why);
        checks::findings(data, &story.notes);
        checks::findings(data, &story.unresolved);
        assert!(story.outcome == Outcome::Done || !story.why.is_empty(), "no reason");
    }
    let events: usize = told.stories.iter().map(|story| story.events.len()).sum();
    assert!(events <= told.records, "a record in two stories");
    let unnamed = explain(turned, Names::Replaced);
    assert_eq!(unnamed.stories.len(), told.stories.len());
    for story in &unnamed.stories {
        let person = &story.person;
        assert!(person.starts_with("person ") || person.starts_with("a person whom"), "{person}");
    }
}

fn read(data: &[u8], chunk: usize) -> File {
    let mut reader = Reader::new();
    for bytes in data.chunks(chunk) {
        reader.push(bytes);
    }
    reader.finish()
}

fn explain(file: File, names: Names) -> Explanation {
    let mut log = Log::default();
    log.add(file);
    log.explain(names)
}
