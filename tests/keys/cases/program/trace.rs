//! `--trace`, `keyvet trace show`, `keyvet trace replay` and `-d trace:FILE`.

use super::schemas::assert_obeys;
use super::support::{
    ACCEPTS, MDS, Plugged, REFUSES, check, code_of, demo_key, demo_key_with_pin, file, keyvet,
    keyvet_with, plug,
};
use keyvet_key_tests::spoken;
use keyvet_tests::{Run, root};
use keyvet_virtual_key::hostile::Quirk;
use keyvet_virtual_key::{Firmware, KeyOptions, Touch};
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

/// Runs the command on the key and records it.
fn recorded(key: &Plugged, input: &str, arguments: &[&str]) -> (TempDir, String, Run) {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "trace.jsonl");
    let run = keyvet_with(&[key], input, [arguments, &["--trace", &path]].concat());
    (folder, path, run)
}

/// A document without what tells a key from its recording: its name, and a serial number, which no recording holds.
fn nameless(mut document: Value) -> Value {
    for name in ["name", "selector", "transport", "interface", "serial"] {
        document["key"].as_object_mut().unwrap().remove(name);
    }
    document
}

#[test]
fn info_of_a_recording_is_info_of_the_key() {
    for firmware in [Firmware::FidoAuthenticator, Firmware::OpenSk] {
        let mut options = KeyOptions::new(firmware);
        options.pin = Some("1234".into());
        let key = plug(options);
        let (_folder, path, live) = recorded(&key, "", &["info", "--json"]);
        assert_eq!(live.code, 0, "{live:?}");
        let played = keyvet(&[], ["info", "--json", "-d", &format!("trace:{path}")]);
        assert_eq!(played.code, 0, "{played:?}");
        assert_eq!(nameless(played.json()), nameless(live.json()));
        if let Some(serial) = live.json()["key"]["serial"].as_str() {
            assert!(!played.stdout.contains(serial), "{played:?}");
        }
        let again = keyvet(&[], ["trace", "replay", &path, "--", "info", "--json"]);
        assert_eq!(again.stdout, played.stdout);
    }
}

#[test]
fn a_played_registration_takes_any_pin_and_decides_nothing() {
    let key = plug(demo_key_with_pin("739152"));
    for (policy, code) in [(ACCEPTS, 0), (REFUSES, 3)] {
        let arguments = [&check(policy)[..], &["--pin-stdin", "--json"]].concat();
        let (_folder, path, live) = recorded(&key, "739152\n", &arguments);
        assert_eq!(live.code, code, "{live:?}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("373339313532"), "the PIN's digits are in {text}");
        let replay = [&["trace", "replay", &path, "--"], &arguments[..]].concat();
        let played = keyvet_with(&[], "completely different\n", replay);
        let document = played.json();
        assert_eq!(played.code, 4, "{document:#}");
        assert_obeys(&document);
        let result = &document["results"][0];
        for question in ["registration", "sign_in"] {
            let answer = &result["verdict"][question];
            assert_eq!(answer["decision"], "undecided", "{answer:#}");
            assert_eq!(answer["reasons"][0]["id"], "trace.redacted-registration");
            let effects = answer["reasons"].as_array().unwrap().iter();
            assert!(effects.clone().all(|reason| reason["effect"] != "refuses"), "{answer:#}");
        }
        assert_eq!(result["statement"], "unsupported", "{result:#}");
        let without =
            keyvet_with(&[], "1\n", ["check", "--pin-stdin", "-d", &format!("trace:{path}")]);
        assert_eq!(without.code, 8, "a PIN that no key would take is refused here: {without:?}");
    }
}

#[test]
fn a_played_registration_is_evidence_of_nothing() {
    let key = plug(demo_key());
    let (folder, path, live) = recorded(&key, "", &["check"]);
    assert_eq!(live.code, 0, "{live:?}");
    let evidence = file(&folder, "evidence.json");
    let played =
        keyvet(&[], ["check", "--json", "--save", &evidence, "-d", &format!("trace:{path}")]);
    assert_eq!((played.code, code_of(&played).as_str()), (2, "trace.no-evidence"));
    assert!(!fs::exists(&evidence).unwrap());
}

#[test]
fn what_was_not_recorded_is_named_with_what_was() {
    let key = plug(demo_key());
    let (_folder, path, _) = recorded(&key, "", &["info"]);
    let played = keyvet(&[], ["check", "--json", "-d", &format!("trace:{path}")]);
    assert_eq!((played.code, code_of(&played).as_str()), (10, "trace.not-recorded"), "{played:?}");
    let detail = played.json()["error"]["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("authenticatorMakeCredential was asked"), "{detail}");
    assert!(detail.contains("ends before that"), "{detail}");
}

#[test]
fn list_and_identify_are_recorded_and_played_too() {
    let key = plug(demo_key());
    // a card is told by its reader
    let shows = if key.transport() == "nfc" { "authenticatorGetInfo" } else { "CTAPHID_WINK" };
    let cases = [(["list", "--json"], "authenticatorGetInfo"), (["identify", "--json"], shows)];
    for (arguments, command) in cases {
        let (_folder, path, live) = recorded(&key, "", &arguments);
        assert_eq!(live.code, 0, "{live:?}");
        let shown = keyvet(&[], ["trace", "show", "--json", &path]).json();
        assert_obeys(&shown);
        let commands: Vec<_> =
            shown["commands"].as_array().unwrap().iter().map(|one| &one["command"]).collect();
        assert!(commands.contains(&&command.into()), "{commands:?}");
        let played = keyvet(&[], [&["trace", "replay", &path, "--"], &arguments[..]].concat());
        assert_eq!(played.code, 0, "{played:?}");
    }
}

#[test]
fn a_recording_is_explained_command_by_command() {
    let key = plug(demo_key_with_pin("1234"));
    let (_folder, path, _) = recorded(&key, "1234\n", &["check", "--pin-stdin"]);
    let shown = keyvet(&[], ["trace", "show", &path]);
    for said in [
        "authenticatorClientPIN getPinUvAuthTokenUsingPinWithPermissions",
        "pinHashEnc (32 bytes redacted)",
        "rp {id=keyvet.invalid name=keyvet test registration}",
        "fmt packed",
        "pinRetries 8",
    ] {
        assert!(shown.stdout.contains(said), "{said}: {}", shown.stdout);
    }
    let json = keyvet(&[], ["trace", "show", "--json", &path]).json();
    assert_obeys(&json);
    assert_eq!(json["findings"], Value::Array(Vec::new()));
}

#[test]
fn a_touch_that_never_came_is_a_touch_that_never_comes() {
    let mut options = demo_key();
    options.touch = Touch::Never;
    let key = plug(options);
    let (_folder, path, live) = recorded(&key, "", &["check", "--json", "--timeout", "300ms"]);
    let played = keyvet(&[], ["check", "--json", "-d", &format!("trace:{path}")]);
    assert_eq!((live.code, code_of(&live)), (played.code, code_of(&played)), "{played:?}");
    assert_eq!(played.code, 7);
    let shown = keyvet(&[], ["trace", "show", "--json", &path]).json();
    let mut commands = shown["commands"].as_array().unwrap().iter();
    let made = commands.find(|one| one["command"] == "authenticatorMakeCredential").unwrap();
    assert_eq!((&made["touch"], &made["cancelled"]), (&true.into(), &true.into()), "{made:#}");
    assert!(made["keep_alives"].as_u64().unwrap() >= 1, "{made:#}");
}

#[test]
fn a_recording_is_new_and_its_owners_alone() {
    let key = plug(demo_key());
    let (folder, path, _) = recorded(&key, "", &["info"]);
    let before = fs::read(&path).unwrap();
    let sent = key.key.reports();
    let again = keyvet(&[&key], ["info", "--json", "--trace", &path]);
    assert_eq!((again.code, code_of(&again).as_str()), (2, "trace.file-exists"));
    assert_eq!(fs::read(&path).unwrap(), before);
    let nowhere = file(&folder, "none/trace.jsonl");
    let run = keyvet(&[&key], ["info", "--json", "--trace", &nowhere]);
    assert_eq!((run.code, code_of(&run).as_str()), (2, "trace.not-written"));
    assert_eq!(key.key.reports(), sent, "nothing was asked of the key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let (target, link) = (file(&folder, "target"), file(&folder, "link"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let run = keyvet(&[&key], ["info", "--json", "--trace", &link]);
        assert_eq!(code_of(&run), "trace.file-exists", "a link is not followed");
        assert!(!fs::exists(target).unwrap());
    }
}

#[test]
fn what_is_no_recording_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "trace.jsonl");
    let header = r#"{"schema":"keyvet.trace/1","keyvet":"0.1.0"}"#;
    let device = r#"{"device":1,"transport":"hid","path":"/dev/hidraw3"}"#;
    let long = format!("{header}\n{}\n{header}\n", "x".repeat(200_000));
    let cases = [
        ("hello\n".to_owned(), "trace.not-a-trace"),
        (r#"{"schema":"keyvet.evidence/1"}"#.to_owned(), "trace.not-a-trace"),
        (r#"{"schema":"keyvet.trace/2"}"#.to_owned(), "trace.unknown-version"),
        (format!("{header}\n{device}\n{{\"us\":\n{device}\n"), "trace.bad-line"),
        (
            format!("{header}\n{{\"us\":1,\"device\":7,\"dir\":\"in\",\"data\":\"\"}}\n"),
            "trace.bad-line",
        ),
        (long, "trace.too-large"),
    ];
    for (text, code) in cases {
        fs::write(&path, text).unwrap();
        let run = keyvet(&[], ["trace", "show", "--json", &path]);
        assert_eq!((run.code, code_of(&run).as_str()), (2, code));
        let played = keyvet(&[], ["info", "--json", "-d", &format!("trace:{path}")]);
        assert_eq!((played.code, code_of(&played).as_str()), (2, code));
    }
}

#[test]
fn a_recording_that_a_crash_cut_is_read_to_its_end() {
    let key = plug(demo_key());
    let (_folder, path, _) = recorded(&key, "", &["info"]);
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    let ids = |path: &str| -> Vec<String> {
        let shown = keyvet(&[], ["trace", "show", "--json", path]).json();
        let findings = shown["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&path), ["trace.cut-line", "trace.not-closed"]);
    assert_eq!(keyvet(&[], ["info", "-d", &format!("trace:{path}")]).code, 0);
    let missing: Vec<_> = whole.lines().filter(|line| !line.contains(r#""dir":"in""#)).collect();
    fs::write(&path, missing.join("\n") + "\n").unwrap();
    assert_eq!(ids(&path), ["trace.packets-missing"]);
}

/// Every file of tests/vectors/traces, a recording of `keyvet info` on some odd key, gives what its `.expected` says.
#[test]
fn every_odd_key_in_the_vectors_says_what_it_said() {
    let folder = root().join("tests/vectors/traces");
    let bless = std::env::var_os("KEYVET_BLESS").is_some();
    if std::env::var_os("KEYVET_RECORD_TRACES").is_some() {
        record_odd_keys(&folder);
    }
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    assert!(files.len() >= 10, "{files:?}");
    for path in files {
        let name = format!("trace:{}", path.strip_prefix(root()).unwrap().display());
        let run = keyvet(&[], ["info", "-d", &name]);
        let said = format!("exit {}\n{}{}", run.code, run.stdout, run.stderr);
        let expected = path.with_extension("expected");
        if bless {
            fs::write(&expected, &said).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(said, expected, "{name}");
    }
}

/// Makes the recordings of the hostile key anew.
fn record_odd_keys(folder: &std::path::Path) {
    const ODD: [&str; 14] = [
        "init-others-first",
        "init-short",
        "padding-leak",
        "leftover-frames",
        "seq-skip",
        "continuation-first",
        "init-inside",
        "answer-twice",
        "other-command",
        "truncated-cbor",
        "duplicate-keys",
        "key-order",
        "aaguid-15",
        "escapes-in-text",
    ];
    for name in ODD {
        let quirk = *Quirk::ALL.iter().find(|quirk| quirk.name() == name).unwrap();
        let key = plug(KeyOptions::new(Firmware::Hostile(vec![quirk])));
        let path = folder.join(format!("hostile-{name}.jsonl"));
        let _ = fs::remove_file(&path);
        keyvet(&[&key], ["info", "--trace", &path.display().to_string()]);
    }
}

#[test]
fn an_odd_key_is_as_odd_when_it_is_played() {
    spoken!();
    for name in [
        "seq-skip",
        "init-inside",
        "truncated-cbor",
        "duplicate-keys",
        "trailing-bytes",
        "invalid-utf8",
        "other-command",
        "bcnt-over",
    ] {
        let quirk = *Quirk::ALL.iter().find(|quirk| quirk.name() == name).unwrap();
        let key = plug(KeyOptions::new(Firmware::Hostile(vec![quirk])));
        let (_folder, path, live) = recorded(&key, "", &["info", "--json"]);
        let played = keyvet(&[], ["info", "--json", "-d", &format!("trace:{path}")]);
        assert_eq!(
            (live.code, code_of(&live)),
            (played.code, code_of(&played)),
            "{name}: {played:?}"
        );
    }
}

#[test]
fn metadata_names_a_played_key_as_it_names_the_key() {
    let key = plug(demo_key());
    let (_folder, path, _) = recorded(&key, "", &["info"]);
    let name = format!("trace:{path}");
    let run = keyvet(&[], [&["info", "-d", &name], &MDS[..]].concat());
    assert!(run.stdout.contains("claims to be Keyvet Demo Key"), "{run:?}");
}
