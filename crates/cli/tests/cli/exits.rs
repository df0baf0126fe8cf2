//! How the program ends, and which class wins.

use super::support::{ALTERED, MDS, YUBIKEY, both, code, json, keyvet, keyvet_in, keyvet_with};
use keyvet_cli::exit::Exit;
use std::fs;

const ACCEPTS: &str = "demo/tenant-accepts.json";
const REFUSES: &str = "demo/tenant-refuses.json";
const OLDER: &str = "tests/vectors/mds/mds3-no031-2023-10-01.jwt";
const OLDER_AT: &str = "2023-09-15T00:00:00Z";

#[test]
fn without_a_policy_the_statement_decides() {
    assert_eq!(code(&keyvet(&["verify", YUBIKEY])), 0);
    assert_eq!(code(&keyvet(&["verify", ALTERED])), 3);
    assert_eq!(code(&keyvet(&["verify", "no-such-file"])), 2);
}

#[test]
fn with_a_policy_the_verdict_decides() {
    let judge =
        |policy| code(&keyvet(&[&["verify", YUBIKEY, "--policy", policy], &MDS[..]].concat()));
    assert_eq!(judge(ACCEPTS), 0);
    assert_eq!(judge(REFUSES), 3);
}

#[test]
fn over_several_files_a_no_beats_an_unusable_file_beats_a_yes() {
    let files = |files: &[&str]| code(&keyvet(&[&["verify"], files].concat()));
    assert_eq!(files(&[YUBIKEY, YUBIKEY]), 0);
    assert_eq!(files(&[YUBIKEY, "no-such-file"]), 2);
    assert_eq!(files(&["no-such-file", ALTERED, YUBIKEY]), 3);
}

#[test]
fn one_unusable_file_does_not_stop_the_rest() {
    let results = json(&keyvet(&["verify", "--json", "tests", "no-such-file", YUBIKEY]));
    let results = results["results"].as_array().unwrap().clone();
    assert_eq!(results[0]["error"]["code"], "cli.not-a-file");
    assert_eq!(results[1]["error"]["code"], "cli.file-missing");
    assert_eq!(results[2]["statement"], "valid");
}

#[test]
fn metadata_that_does_not_verify_ends_the_run_before_any_file() {
    let late = ["--mds", MDS[1], "--at", "2026-11-20T00:00:00Z"];
    let output = keyvet(&[&["verify", "--json", YUBIKEY], &late[..]].concat());
    assert_eq!(code(&output), 12);
    let document = json(&output);
    assert_eq!(document["schema"], "keyvet.verify/1");
    assert_eq!(document["results"].as_array().unwrap().len(), 0);
    assert_eq!(document["error"]["code"], "mds.signer-expired");
    let missing = keyvet(&["verify", "--json", YUBIKEY, "--mds", "no-such-file"]);
    assert_eq!(
        (code(&missing), &json(&missing)["error"]["code"]),
        (12, &"cli.file-missing".into())
    );
}

#[test]
fn stale_metadata_is_a_warning_and_with_strict_a_failure() {
    let stale = ["--mds", MDS[1], "--at", "2025-02-01T00:00:00Z"];
    let output = keyvet(&[&["verify", "--json", YUBIKEY], &stale[..]].concat());
    let document = json(&output);
    assert_eq!((code(&output), &document["metadata"]["stale"]), (0, &true.into()));
    assert_eq!(document["findings"][0]["id"], "mds.stale");
    assert_eq!(code(&keyvet(&[&["verify", "--strict", YUBIKEY], &stale[..]].concat())), 12);
    assert_eq!(code(&keyvet(&[&["verify", "--strict", ALTERED], &stale[..]].concat())), 3);
    assert_eq!(code(&keyvet(&[&["mds", "status", "--strict"], &stale[..]].concat())), 12);
}

#[test]
fn without_metadata_that_is_said_and_the_model_stays_unknown() {
    let document = json(&keyvet(&["verify", "--json", YUBIKEY]));
    assert!(document["metadata"].is_null());
    assert_eq!(document["findings"][0]["id"], "cli.no-metadata");
    assert_eq!(document["results"][0]["trust"], "unanchored");
    assert!(document["results"][0]["model"].is_null());
    let status = keyvet(&["mds", "status", "--json"]);
    assert_eq!((code(&status), &json(&status)["error"]["code"]), (12, &"cli.no-metadata".into()));
}

#[test]
fn bad_arguments_are_usage_errors_with_an_id() {
    let error = |args: &[&str]| {
        let output = keyvet(&[args, &["--json"]].concat());
        assert_eq!(code(&output), 2, "{args:?} {output:?}");
        json(&output)["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(error(&["verify", YUBIKEY, "--at", "yesterday"]), "cli.bad-time");
    assert_eq!(error(&["verify", YUBIKEY, "--anchor", YUBIKEY]), "x509.pem-unreadable");
    assert_eq!(error(&["verify", YUBIKEY, "--policy", "no-such-file"]), "cli.file-missing");
    assert_eq!(error(&["verify", YUBIKEY, "--policy", "README.md"]), "policy.list-row");
    assert_eq!(error(&["verify", YUBIKEY, "--mds-root", MDS[1]]), "cli.signer-without-blob");
    assert_eq!(error(&["verify", YUBIKEY, "--client-data-hash", "00"]), "cli.bad-hex");
    assert_eq!(error(&["verify"]), "cli.usage");
    assert_eq!(error(&["explain", "no.such-id"]), "cli.unknown-id");
    assert_eq!(error(&["info", "--from-cbor", "xyz"]), "cli.bad-hex");
    assert_eq!(error(&["info", "--from-cbor", "00"]), "ctap.get-info-malformed");
    assert_eq!(error(&[&["mds", "show", "yubikey"], &MDS[..]].concat()), "cli.bad-model-id");
}

#[test]
fn a_model_that_is_not_listed_is_undecided() {
    let args = ["mds", "show", "00000000-0000-0000-0000-000000000001", "--json"];
    let output = keyvet(&[&args[..], &MDS[..]].concat());
    assert_eq!(
        (code(&output), &json(&output)["error"]["code"]),
        (4, &"cli.model-not-listed".into())
    );
}

#[test]
fn client_data_may_come_beside_a_raw_object_and_only_once() {
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(super::support::root().join(YUBIKEY)).unwrap()).unwrap();
    let bytes = |name: &str| {
        let text = record[name].as_str().unwrap().trim_end_matches('=').to_owned();
        data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let (raw, client) = (folder.path().join("raw"), folder.path().join("client"));
    fs::write(&raw, bytes("attestationObject")).unwrap();
    fs::write(&client, bytes("clientDataJSON")).unwrap();
    let (raw, client) = (raw.to_str().unwrap(), client.to_str().unwrap());
    assert_eq!(code(&keyvet(&["verify", raw])), 4, "the signature could not be checked");
    assert_eq!(code(&keyvet(&["verify", raw, "--client-data", client])), 0);
    let hash = data_encoding::HEXLOWER.encode(&keyvet_x509::sha256(&bytes("clientDataJSON")));
    assert_eq!(code(&keyvet(&["verify", raw, "--client-data-hash", &hash])), 0);
    assert_eq!(code(&keyvet(&["verify", raw, "--client-data-hash", &"00".repeat(32)])), 3);
    let twice = json(&keyvet(&["verify", YUBIKEY, "--client-data", client, "--json"]));
    assert_eq!(twice["results"][0]["error"]["code"], "cli.client-data-twice");
}

#[test]
fn standard_input_is_a_file_named_dash_and_can_be_read_once() {
    let record = fs::read(super::support::root().join(YUBIKEY)).unwrap();
    let output = keyvet_with(&record, &["verify", "--json", "-", "-"]);
    let results = json(&output)["results"].clone();
    assert_eq!((&results[0]["file"], &results[0]["statement"]), (&"-".into(), &"valid".into()));
    assert_eq!(results[1]["error"]["code"], "cli.stdin-twice");
}

#[test]
fn imported_metadata_serves_later_commands_and_does_not_go_back() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let import = |file: &str, at: &str, more: &[&str]| {
        keyvet_in(&cache, &[&["mds", "import", "--json", file, "--at", at], more].concat())
    };
    let first = import(MDS[1], MDS[3], &[]);
    assert_eq!((code(&first), &json(&first)["outcome"]), (0, &"stored".into()), "{first:?}");
    assert_eq!(json(&import(MDS[1], MDS[3], &[]))["outcome"], "unchanged");
    let back = import(OLDER, OLDER_AT, &[]);
    assert_eq!((code(&back), &json(&back)["error"]["code"]), (12, &"mds.rollback".into()));
    let judged = json(&keyvet_in(&cache, &["verify", "--json", YUBIKEY, "--at", MDS[3]]));
    assert_eq!(
        (&judged["metadata"]["no"], &judged["metadata"]["source"]),
        (&121.into(), &"cache".into())
    );
    assert_eq!(judged["results"][0]["trust"], "anchored");
    let forced = import(OLDER, OLDER_AT, &["--danger-allow-rollback"]);
    assert_eq!(
        (code(&forced), &json(&forced)["outcome"]),
        (0, &"rolled-back".into()),
        "{forced:?}"
    );
    assert_eq!(json(&forced)["status"]["findings"][0]["id"], "mds.rollback");
}

#[test]
fn a_damaged_cache_is_class_12_and_an_import_repairs_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("metadata.cache"), "not a cache").unwrap();
    let output = keyvet_in(folder.path(), &["verify", "--json", YUBIKEY]);
    assert_eq!(code(&output), 12);
    assert!(json(&output)["error"]["code"].as_str().unwrap().starts_with("mds.cache-"));
    let import = ["mds", "import", MDS[1], "--at", MDS[3]];
    assert_eq!(code(&keyvet_in(folder.path(), &import)), 0);
    assert_eq!(code(&keyvet_in(folder.path(), &["mds", "status", "--at", MDS[3]])), 0);
}

#[test]
fn a_bad_signature_still_shows_what_the_file_says() {
    let broken = "tests/vectors/mds/conformance-fake-bad-signature.jwt";
    let root = "tests/vectors/mds/conformance-fake-root.pem";
    let args =
        ["mds", "status", "--mds", broken, "--mds-root", root, "--at", "2022-11-01T00:00:00Z"];
    let output = keyvet(&[&args[..], &["--json"]].concat());
    let document = json(&output);
    assert_eq!((code(&output), &document["signature"]), (12, &"invalid".into()));
    assert!(document["entries"].as_u64().unwrap() > 0 && document["error"]["code"].is_string());
    let text = keyvet(&args);
    assert!(String::from_utf8(text.stdout).unwrap().contains("NOT TRUSTED"));
    assert!(String::from_utf8(text.stderr).unwrap().contains("mds.signature-invalid"));
}

#[test]
fn archived_files_are_compared_as_of_their_signers_life() {
    let document = json(&keyvet(&["mds", "diff", "--json", OLDER, MDS[1]]));
    assert_eq!(document["findings"][0]["id"], "cli.archived-blob");
    assert!(!document["added"].as_array().unwrap().is_empty());
    let dated = keyvet(&["mds", "diff", "--json", OLDER, MDS[1], "--at", MDS[3]]);
    assert_eq!((code(&dated), &json(&dated)["error"]["code"]), (12, &"mds.signer-expired".into()));
}

#[test]
fn manual_pages_are_written_where_asked_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man");
    let output = keyvet(&["man", "--dir", pages.to_str().unwrap()]);
    assert_eq!(code(&output), 0);
    assert!(fs::read_to_string(pages.join("keyvet-mds-import.1")).unwrap().contains("danger"));
    fs::write(folder.path().join("file"), "").unwrap();
    let inside = folder.path().join("file/man");
    let refused = keyvet(&["man", "--json", "--dir", inside.to_str().unwrap()]);
    assert_eq!(
        (code(&refused), &json(&refused)["error"]["code"]),
        (6, &"cli.file-not-written".into())
    );
}

#[test]
fn without_a_home_nothing_is_imported_and_an_import_asks_for_a_folder() {
    let homeless = |args: &[&str]| {
        let mut command = super::support::command(args, "".as_ref());
        json(&command.env_clear().output().unwrap())["error"]["code"].clone()
    };
    assert_eq!(homeless(&["mds", "status", "--json"]), "cli.no-metadata");
    // the user database may know a home all the same
    let import = homeless(&["mds", "import", "--json", "no-such-file"]);
    assert!(import == "cli.cache-folder-unknown" || import == "cli.file-missing", "{import}");
}

#[test]
fn colour_comes_only_when_asked_for_and_never_alone() {
    let plain = both(&keyvet(&["verify", ALTERED]));
    let painted = both(&keyvet(&["verify", ALTERED, "--color", "always"]));
    assert!(!plain.contains('\u{1b}') && painted.contains("\u{1b}[1;31m"));
    let mut unpainted = String::new();
    for (n, part) in painted.split("\u{1b}[").enumerate() {
        unpainted.push_str(if n == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(unpainted, plain, "the words are the same");
}

#[test]
fn the_page_about_exit_codes_has_the_same_table() {
    let page = super::support::root().join("docs/exit-codes-and-json.md");
    let page = fs::read_to_string(page).unwrap();
    let rows: Vec<(u8, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "))
        .filter_map(|(code, words)| Some((code.parse().ok()?, words)))
        .collect();
    assert_eq!(rows.len(), Exit::ALL.len());
    for ((code, words), exit) in rows.into_iter().zip(Exit::ALL) {
        let first = exit.meaning().split([' ', ',', ':']).next().unwrap();
        assert_eq!(code, exit.code());
        assert!(words.contains(first), "{code}: {words:?} does not say {first:?}");
    }
}
