//! Running the program on the vectors of the repository.

use serde_json::Value;
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Genuine metadata no 121 and a time inside the life of its signer.
pub(crate) const MDS: [&str; 4] =
    ["--mds", "tests/vectors/mds/mds3-no121-2025-01-01.jwt", "--at", "2024-12-05T00:00:00Z"];
/// A YubiKey 5 NFC.
pub(crate) const YUBIKEY: &str = "tests/vectors/attestation/packed-006.json";
/// An altered record: its signature does not hold.
pub(crate) const ALTERED: &str = "tests/vectors/attestation/negative-001.json";

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// `keyvet ARGS`, in the root of the repository, with nothing imported.
pub(crate) fn keyvet(args: &[&str]) -> Output {
    command(args, Path::new("/nonexistent/keyvet")).stdin(Stdio::null()).output().unwrap()
}

/// The same with `cache` as the folder of imported metadata.
pub(crate) fn keyvet_in(cache: &Path, args: &[&str]) -> Output {
    command(args, cache).stdin(Stdio::null()).output().unwrap()
}

/// The same with `input` on standard input.
pub(crate) fn keyvet_with(input: &[u8], args: &[&str]) -> Output {
    let mut command = command(args, Path::new("/nonexistent/keyvet"));
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // the program may stop reading before the end
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// The command, not yet started.
pub(crate) fn command(args: &[&str], cache: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyvet"));
    command.args(args).current_dir(root()).env("KEYVET_CACHE_DIR", cache);
    command.env_remove("NO_COLOR").env_remove("KEYVET_UDP");
    command
}

/// The exit code.
pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

/// Standard output as JSON.
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Standard output and standard error, as text.
pub(crate) fn both(output: &Output) -> String {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    text(output.stdout.clone()) + &text(output.stderr.clone())
}
