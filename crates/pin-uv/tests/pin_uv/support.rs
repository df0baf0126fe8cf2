//! Reading `tests/vectors/pin-uv`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use keyvet_ctap::CoseKeyAgreement;
use keyvet_pin_uv::{PinUvAuthProtocol, PlatformKey, SharedSecret};
use serde_json::Value;

/// `ok`, or the id of the refusal.
pub(crate) type Verdict = &'static str;

/// Every vector of a folder, by file name.
pub(crate) fn vectors(folder: &str) -> Vec<(String, Value)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/pin-uv").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    };
    paths.iter().map(read).collect()
}

/// Runs `judge` over a folder and compares; how often each verdict was given.
pub(crate) fn check_folder(
    folder: &str,
    judge: impl Fn(&Value) -> Verdict,
) -> BTreeMap<Verdict, usize> {
    let mut given = BTreeMap::new();
    for (name, vector) in vectors(&format!("verdicts/{folder}")) {
        let verdict = judge(&vector);
        assert_eq!(verdict, text(&vector, "expect"), "{name}: {}", vector["why"]);
        *given.entry(verdict).or_default() += 1;
    }
    given
}

pub(crate) fn text<'v>(vector: &'v Value, member: &str) -> &'v str {
    vector[member].as_str().unwrap_or_else(|| panic!("no {member} in {vector}"))
}

pub(crate) fn bytes(vector: &Value, member: &str) -> Vec<u8> {
    HEXLOWER.decode(text(vector, member).as_bytes()).unwrap()
}

pub(crate) fn array<const N: usize>(vector: &Value, member: &str) -> [u8; N] {
    bytes(vector, member).try_into().unwrap()
}

pub(crate) fn protocol(vector: &Value) -> PinUvAuthProtocol {
    PinUvAuthProtocol::from_number(vector["protocol"].as_u64().unwrap()).unwrap()
}

pub(crate) fn point(vector: &Value) -> CoseKeyAgreement {
    CoseKeyAgreement { x: array(vector, "x"), y: array(vector, "y") }
}

/// A secret that both sides of the test know.
pub(crate) fn secret(protocol: PinUvAuthProtocol) -> SharedSecret {
    let (ours, theirs) = (key(1), key(2));
    SharedSecret::agree(protocol, &ours, &theirs.public()).unwrap()
}

pub(crate) fn key(scalar: u8) -> PlatformKey {
    PlatformKey::from_bytes([scalar; 32]).unwrap()
}
