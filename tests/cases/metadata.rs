//! `keyvet mds` on the genuine BLOBs, the conformance BLOBs and payload no 291 under a home-made signer.

use keyvet_testkit::vectors;
use keyvet_tests::{Run, Wrapped, keyvet, keyvet_in};
use serde_json::Value;

/// File, `--at` inside the signer's life and before nextUpdate, `no`, entries (tests/vectors/mds/ORIGIN.md).
const GENUINE: [(&str, &str, u64, u64); 3] = [
    ("mds3-no009-2021-12-01.jwt", "2021-11-15T00:00:00Z", 9, 98),
    ("mds3-no031-2023-10-01.jwt", "2023-09-15T00:00:00Z", 31, 174),
    ("mds3-no121-2025-01-01.jwt", "2024-12-05T00:00:00Z", 121, 280),
];

/// A time inside the life of the conformance signer.
const CONFORMANCE_AT: &str = "2022-11-01T00:00:00Z";

#[test]
fn genuine_files_verify_under_the_built_in_roots_with_every_entry_accounted_for() {
    for (file, at, no, entries) in GENUINE {
        let run = status(file, &["--at", at]);
        let json = run.json();
        assert_eq!(run.code, 0, "{file}: {run:?}");
        assert_eq!(json["no"], no, "{file}");
        assert_eq!(json["entries"], entries, "{file}");
        assert_eq!(json["kept"], entries, "{file}");
        assert_eq!(json["stale"], false, "{file}");
        assert_eq!(by_protocol(&json), entries, "{file}: {json}");
    }
}

#[test]
fn genuine_files_do_not_verify_after_their_signer_has_expired() {
    for (file, ..) in GENUINE {
        assert_eq!(status(file, &["--at", "2026-11-20T00:00:00Z"]).code, 12, "{file}");
    }
}

#[test]
fn payload_291_under_a_home_made_signer_keeps_520_of_520() {
    let wrapped = Wrapped::no_291();
    let mut arguments = vec!["mds".to_owned(), "status".to_owned(), "--json".to_owned()];
    arguments.extend(wrapped.arguments());
    let run = keyvet(arguments);
    let json = run.json();
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        (&json["no"], &json["entries"], &json["kept"]),
        (&291.into(), &520.into(), &520.into())
    );
    let expected = serde_json::json!({ "fido2": 348, "u2f": 136, "uaf": 36, "other": 0 });
    assert_eq!(json["by_protocol"], expected);
}

#[test]
fn good_conformance_files_are_accepted_with_their_root_and_not_without() {
    for file in ["conformance-fake-ok-1.jwt", "conformance-fake-b.jwt"] {
        let run = conformance(file);
        assert_eq!(run.json()["entries"], 200, "{file}: {run:?}");
        assert_eq!(run.code, 0, "{file}: {run:?}");
        assert_eq!(
            status(file, &["--at", CONFORMANCE_AT]).code,
            12,
            "{file} under the built-in roots"
        );
    }
}

#[test]
fn each_broken_conformance_file_is_refused_for_its_own_reason() {
    let reason = |file: &str| {
        let run = conformance(file);
        assert_eq!(run.code, 12, "{file}: {run:?}");
        run.json()["error"]["code"].as_str().unwrap_or_else(|| panic!("{file}: {run:?}")).to_owned()
    };
    let signature = reason("conformance-fake-bad-signature.jwt");
    let root = reason("conformance-fake-wrong-root.jwt");
    assert!(signature.starts_with("mds.") && root.starts_with("mds."), "{signature} {root}");
    assert_ne!(signature, root);
}

#[test]
fn an_imported_file_serves_later_commands_and_an_older_one_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let import = |file: &str, at: &str| {
        let file = vectors().join("mds").join(file).display().to_string();
        keyvet_in(home.path(), ["mds", "import", "--json", "--at", at, &file])
    };
    let (file, at, no, _) = GENUINE[2];
    assert_eq!(import(file, at).code, 0);
    let status = keyvet_in(home.path(), ["mds", "status", "--json", "--at", at]);
    assert_eq!(status.json()["no"], no);
    let (older, its_time, ..) = GENUINE[1];
    assert_eq!(import(older, its_time).code, 12);
    assert_eq!(keyvet_in(home.path(), ["mds", "status", "--json", "--at", at]).json()["no"], no);
}

#[test]
fn the_difference_of_two_files_names_new_models() {
    let file = |at: usize| vectors().join("mds").join(GENUINE[at].0).display().to_string();
    let run = keyvet(["mds", "diff", "--json", &file(1), &file(2)]);
    assert!(run.stdout.contains("added"), "{run:?}");
}

fn status(file: &str, more: &[&str]) -> Run {
    let file = vectors().join("mds").join(file).display().to_string();
    let mut arguments = vec!["mds", "status", "--json", "--mds", &file];
    arguments.extend(more);
    keyvet(arguments)
}

fn conformance(file: &str) -> Run {
    let root = vectors().join("mds/conformance-fake-root.pem").display().to_string();
    status(file, &["--mds-root", &root, "--at", CONFORMANCE_AT])
}

fn by_protocol(json: &Value) -> u64 {
    json["by_protocol"].as_object().unwrap().values().filter_map(Value::as_u64).sum()
}
