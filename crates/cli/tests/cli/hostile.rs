//! Inputs that nobody means well with.

use super::support::{YUBIKEY, both, code, command, json, keyvet, keyvet_with, root};
use std::{
    fs::{self, File},
    io::Read,
    path::Path,
    process::Stdio,
};

#[test]
fn garbage_of_every_sort_is_a_result_with_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, &[u8]); 6] = [
        ("empty", b""),
        ("zeros", &[0; 4096]),
        ("text", b"hello"),
        ("binary", b"\x89PNG\r\n\x1a\n\xff\xfe"),
        ("cut", b"{\"attestationObject\": \"o2Nm"),
        ("base64", b"{\"attestationObject\": \"!!!\", \"clientDataJSON\": \"e30\"}"),
    ];
    for (name, bytes) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let output = keyvet(&["verify", "--json", path.to_str().unwrap()]);
        let result = &json(&output)["results"][0];
        assert_eq!(code(&output), 2, "{name}: {output:?}");
        assert!(result["error"]["next_step"].is_string(), "{name}: {result}");
    }
}

#[test]
fn deep_nesting_is_refused_without_a_crash() {
    let json_nest = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    let cbor_nest = [&[0xa3, 0x63][..], b"fmt", &[0x81; 500_000]].concat();
    for input in [json_nest.as_bytes(), &cbor_nest] {
        let output = keyvet_with(input, &["verify", "--json", "-"]);
        assert!([2, 3].contains(&code(&output)), "{}", code(&output));
    }
}

#[test]
fn a_hundred_megabytes_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big");
    File::create(&path).unwrap().set_len(100 * 1024 * 1024).unwrap();
    let path = path.to_str().unwrap();
    let output = keyvet(&["verify", "--json", path]);
    assert_eq!(json(&output)["results"][0]["error"]["code"], "cli.file-too-large");
    let output = keyvet(&["verify", "--json", YUBIKEY, "--mds", path]);
    assert_eq!(
        (code(&output), &json(&output)["error"]["code"]),
        (12, &"cli.file-too-large".into())
    );
}

#[test]
fn a_file_that_may_not_be_read_is_told() {
    // root may read everything: then there is nothing to see
    let output = keyvet(&["verify", "--json", "/proc/self/mem"]);
    assert_eq!(code(&output), 2, "{output:?}");
    assert_eq!(json(&output)["results"][0]["error"]["code"], "cli.file-unreadable");
}

#[test]
#[cfg(unix)]
fn a_name_that_drives_a_terminal_is_never_printed_raw() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a\u{1b}[31m\u{9b}2J\u{202e}b.json");
    fs::copy(root().join(YUBIKEY), &path).unwrap();
    for file in [path.to_str().unwrap(), "missing\u{1b}]0;x\u{7}"] {
        for args in [&["verify", file][..], &["verify", "--json", file], &["mds", "import", file]] {
            let said = both(&keyvet(args));
            let raw = said.chars().find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
            assert_eq!(raw, None, "{args:?}: {said:?}");
        }
    }
    let result = json(&keyvet(&["verify", "--json", path.to_str().unwrap()]));
    assert_eq!(
        result["results"][0]["file"],
        path.to_str().unwrap(),
        "the JSON means the same name"
    );
}

#[test]
fn a_usage_error_does_not_print_an_argument_raw() {
    let said = both(&keyvet(&["verify", "--json", "x", "--at", "\u{1b}[31m"]));
    assert!(!said.contains('\u{1b}'), "{said:?}");
    let said = both(&keyvet(&["explain", "\u{1b}[31mcli.usage"]));
    assert!(!said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let mut child = command(&["explain", "--json"], Path::new("/nonexistent"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = command(&["explain"], Path::new("/nonexistent")).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn a_cache_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let args = ["mds", "import", "--json", super::support::MDS[1], "--at", super::support::MDS[3]];
    let output = super::support::keyvet_in(&file.join("cache"), &args);
    assert!([6, 12].contains(&code(&output)), "{output:?}");
    assert!(json(&output)["error"]["code"].as_str().unwrap().starts_with("cli.cache-"));
}
