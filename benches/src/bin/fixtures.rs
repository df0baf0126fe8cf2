//! Writes the registrations where other programs can read them: `fixtures FOLDER RECORDED-GETINFO`.
//!
//! `all.json` for the Python peer, `registration.json` and `root.pem` for `keyvet verify`, and
//! `registration.fido2-cred`, the same registration in the input format of `fido2-cred -V`; `*.answer`, what a canned key
//! answers.

use data_encoding::BASE64;
use keyvet_benches::canned::Answers;
use keyvet_benches::fixtures::{Fixture, Fixtures, RP_ID};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("usage: fixtures FOLDER RECORDED-GETINFO");
    let (folder, recorded) = (next(), next());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    Answers::make(Path::new(&recorded)).write(folder)?;
    let set = Fixtures::generate();
    let first = &set.registrations[0];
    fs::write(folder.join("all.json"), all(&set).to_string())?;
    fs::write(folder.join("registration.json"), first.response_json().to_string())?;
    fs::write(folder.join("root.pem"), pem(&set.root))?;
    fs::write(folder.join("registration.fido2-cred"), fido2_cred(first, &set.leaves[first.leaf]))
}

fn all(set: &Fixtures) -> serde_json::Value {
    let registrations: Vec<_> = set.registrations.iter().map(Fixture::response_json).collect();
    serde_json::json!({ "root": BASE64.encode(&set.root), "registrations": registrations })
}

fn pem(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// Client data hash, relying party, format, authenticator data as a CBOR byte string, credential id,
/// signature, certificate: a line each.
fn fido2_cred(one: &Fixture, certificate: &[u8]) -> String {
    let mut auth_data = vec![0x58, u8::try_from(one.auth_data.len()).expect("164 bytes")];
    auth_data.extend_from_slice(&one.auth_data);
    [
        BASE64.encode(&Sha256::digest(&one.client_data_json)),
        RP_ID.to_owned(),
        "packed".to_owned(),
        BASE64.encode(&auth_data),
        BASE64.encode(&one.credential_id),
        BASE64.encode(&one.signature),
        BASE64.encode(certificate),
    ]
    .join("\n")
        + "\n"
}
