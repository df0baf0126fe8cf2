//! The examples of RFC 8949, Appendix A: read as written, or refused for the reason in the file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "helpers of tests state what they expect"
)]

use data_encoding::HEXLOWER;
use keyvet_cbor::{Item, Mode, Value, decode};

const EXAMPLES: &str = include_str!("../../../tests/vectors/cbor/rfc8949-appendix-a.json");

#[test]
fn examples_are_read_or_refused_for_the_recorded_reason() {
    let examples: serde_json::Value = serde_json::from_str(EXAMPLES).unwrap();
    let examples = examples.as_array().unwrap();
    assert_eq!(examples.len(), 81);
    for example in examples {
        let member = |name: &str| example[name].as_str().unwrap();
        let bytes = HEXLOWER.decode(member("hex").as_bytes()).unwrap();
        match (decode(&bytes, Mode::Strict), member("expect")) {
            (Ok(decoded), "ok") => assert_same(&decoded.item, member("diagnostic")),
            (Err(error), reason) => assert_eq!(format!("{:?}", error.kind), reason, "{example}"),
            (Ok(_), _) => panic!("accepted: {example}"),
        }
    }
}

fn assert_same(item: &Item<'_>, diagnostic: &str) {
    let ours = diagnose(item);
    // Texts are JSON there, so letters may be escaped: compare what they mean.
    let texts: Result<[String; 2], _> = [diagnostic, ours.as_str()]
        .map(serde_json::from_str::<String>)
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map(|two| two.try_into().unwrap());
    match texts {
        Ok([theirs, ours]) => assert_eq!(ours, theirs),
        Err(_) => assert_eq!(ours, diagnostic),
    }
}

/// Diagnostic notation, RFC 8949 §8.
fn diagnose(item: &Item<'_>) -> String {
    match item.value() {
        Value::Unsigned(n) => n.to_string(),
        Value::Negative(n) => (-1 - i128::from(*n)).to_string(),
        Value::Bytes(bytes) => format!("h'{}'", HEXLOWER.encode(bytes)),
        Value::Text(text) => serde_json::to_string(text).unwrap(),
        Value::Array(items) => format!("[{}]", join(items.iter().map(diagnose))),
        Value::Map(pairs) => {
            let pairs =
                pairs.iter().map(|(key, value)| format!("{}: {}", diagnose(key), diagnose(value)));
            format!("{{{}}}", join(pairs))
        }
        Value::Bool(truth) => truth.to_string(),
        Value::Null => "null".into(),
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
