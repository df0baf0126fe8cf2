//! What must hold of every log: order, chunks and copies change nothing, names can be left out.

use super::support::{bytes, folder, read, told, told_of};
use keyvet_readiness::sign_in::{Explanation, File, Log, Names, Reader};
use std::fs;

fn recorded() -> Vec<(String, Vec<u8>)> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "ORIGIN.md" && name != "expected.json")
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), bytes(&name))).collect()
}

fn all() -> Vec<File> {
    recorded().iter().map(|(_, bytes)| read(bytes)).collect()
}

/// The same order every time, and another one for every seed.
fn shuffled<T>(mut items: Vec<T>, seed: u64) -> Vec<T> {
    let mut state = seed;
    for at in (1..items.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let places = u64::try_from(at).unwrap().saturating_add(1);
        let other = usize::try_from((state >> 33).checked_rem(places).unwrap()).unwrap();
        items.swap(at, other);
    }
    items
}

fn shown(told: &Explanation) -> String {
    format!("{told:#?}")
}

#[test]
fn the_order_of_files_and_records_changes_nothing() {
    for names in [Names::Shown, Names::Replaced] {
        let straight = shown(&told(all(), names));
        for seed in 1..20 {
            let mut files = shuffled(all(), seed);
            for file in &mut files {
                file.records = shuffled(std::mem::take(&mut file.records), seed);
                file.steps = shuffled(std::mem::take(&mut file.steps), seed);
            }
            assert_eq!(shown(&told(files, names)), straight, "seed {seed}");
        }
    }
}

#[test]
fn the_size_of_chunks_changes_nothing() {
    for (name, bytes) in recorded() {
        let whole = format!("{:?}", read(&bytes));
        for chunk in [1, 2, 3, 7, 100, 4096] {
            let mut reader = Reader::new();
            bytes.chunks(chunk).for_each(|bytes| reader.push(bytes));
            assert_eq!(format!("{:?}", reader.finish()), whole, "{name}, chunks of {chunk}");
        }
    }
}

#[test]
fn a_log_given_twice_tells_the_same_stories() {
    let once = told(all(), Names::Shown);
    let twice = told(all().into_iter().chain(all()).collect(), Names::Shown);
    assert_eq!(format!("{:?}", once.stories), format!("{:?}", twice.stories));
    assert_eq!(once.records, twice.records);
    let ids: Vec<_> = twice.findings.iter().map(|finding| finding.id()).collect();
    assert!(ids.contains(&"readiness.sign-in-record-twice"), "{ids:?}");
}

#[test]
fn windows_powershell_writes_the_same_log_in_utf_16() {
    let plain = bytes("mobile-policy-blocks-app.json");
    let text = format!("\u{feff}{}", String::from_utf8(plain.clone()).unwrap());
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(format!("{:?}", read(&wide)), format!("{:?}", read(&plain)));
}

#[test]
fn csv_and_json_of_the_same_sign_ins_are_told_once_and_with_the_policies() {
    let json = || read(&bytes("mobile-policy-blocks-app.json"));
    let csv = || read(&bytes("three-people.csv"));
    for files in [vec![json(), csv()], vec![csv(), json()]] {
        let told = told(files, Names::Shown);
        let stories: Vec<_> = told.stories.iter().filter(|story| story.is_about("ada")).collect();
        assert_eq!(stories.len(), 1);
        assert_eq!(stories[0].events.len(), 3);
        assert!(stories[0].events.iter().any(|event| !event.policies.is_empty()));
    }
}

#[test]
fn without_names_no_person_of_the_log_can_be_read_in_what_is_told() {
    let people =
        ["ada", "ben", "cleo", "robin", "@contoso", "5eed0000-", "testaccount1", "@wingtip"];
    let found = |names| {
        let text = shown(&told(all(), names)).to_lowercase();
        people.into_iter().filter(|person| text.contains(person)).collect::<Vec<_>>()
    };
    assert_eq!(found(Names::Replaced), Vec::<&str>::new());
    assert!(found(Names::Shown).len() > 5, "the test would notice");
    assert!(shown(&told(all(), Names::Replaced)).contains("person 3"));
}

#[test]
fn a_person_keeps_the_number_when_a_second_file_comes() {
    let first = || read(&bytes("mobile-policy-blocks-app.json"));
    let [alone, both] = [
        told(vec![first()], Names::Replaced),
        told(vec![first(), read(&bytes("passkey-off.json"))], Names::Replaced),
    ];
    assert_eq!(alone.stories[0].person, both.stories[0].person);
}

#[test]
fn hostile_texts_come_out_escaped() {
    let text = r#"{"createdDateTime":"2025-11-20T09:00:00Z","id":"1","correlationId":"c",
        "userPrincipalName":"a\u001b[31m@x.example","appDisplayName":"\u202eppa",
        "status":{"errorCode":130505,"failureReason":"\u0007\u009b"},
        "new\u001bmember":1}"#;
    let file = read(text.as_bytes());
    let told = told_of(text);
    let story = &told.stories[0];
    let findings = file.findings.iter().chain(&story.why).chain(&story.notes);
    for finding in findings {
        assert!(!finding.detail().chars().any(char::is_control), "{finding}");
    }
}

#[test]
fn many_findings_of_one_kind_are_counted_not_listed() {
    let text = "{\"a\":\n\"b}\n".repeat(5_000);
    let file = read(text.as_bytes());
    assert!(file.findings.len() < 50, "{}", file.findings.len());
    assert!(file.findings.iter().any(|finding| finding.detail().contains("more of this kind")));
    assert!(Log::default().explain(Names::Shown).stories.is_empty());
}

#[test]
fn a_log_of_one_endless_attempt_is_still_told() {
    let record = |n: u32| {
        format!(
            r#"{{"createdDateTime":"2025-11-20T09:00:00Z","id":"{n}","correlationId":"c",
            "userPrincipalName":"ada@x.example","appDisplayName":"Authenticator",
            "resourceId":"00000002-0000-0000-c000-000000000000","status":{{"errorCode":53003}}}}"#
        )
    };
    let text: String = (0..20_000).map(record).collect();
    let told = told_of(&text);
    assert_eq!((told.stories.len(), told.stories[0].events.len()), (1, 20_000));
    assert!(told.stories[0].why.len() < 5, "each reason once");
}
