//! What authenticators send: getInfo, authenticator data, attestation objects.

use crate::checks;
use keyvet_cbor::{Mode, decode};
use keyvet_ctap::{
    AttestationObject, AttestedCredentialData, AuthenticatorData, CosePublicKey, GetInfo,
};

/// Reads a getInfo answer; every member of the map is shown once, as known or as unknown.
pub fn get_info(data: &[u8]) {
    let info = match GetInfo::parse(data) {
        Ok(info) => info,
        Err(error) => return checks::error(data, &error),
    };
    checks::findings(data, &info.findings);
    let map = decode(data, Mode::Tolerant).expect("the reader accepted it");
    let pairs = map.item.as_map().expect("the reader accepted it").len();
    let shown = info.members().len().saturating_add(info.unknown_members.len());
    assert!(shown <= pairs, "a member is shown twice");
    assert_eq!(info.unknown_members_as_json().len(), info.unknown_members.len());
    for (_, raw) in &info.unknown_members {
        assert!(contains(data, raw), "an unknown member is not kept as received");
    }
    if let Some(options) = &info.options {
        assert_eq!(info.option("rk"), options.get("rk"));
    }
}

/// Reads authenticator data; its parts lie in the input where the specification says.
pub fn auth_data(data: &[u8]) {
    let parsed = match AuthenticatorData::parse(data) {
        Ok(parsed) => parsed,
        Err(error) => return checks::error(data, &error),
    };
    checks::findings(data, &parsed.findings);
    assert!(data.starts_with(&parsed.rp_id_hash));
    assert_eq!(data.get(32), Some(&parsed.flags.0));
    assert_eq!(data.get(33..37), Some(parsed.sign_count.to_be_bytes().as_slice()));
    assert_eq!(parsed.attested.is_some(), parsed.flags.at());
    assert_eq!(parsed.extensions.is_some(), parsed.flags.ed());
    if let Some(attested) = &parsed.attested {
        credential(data, attested);
    }
}

fn credential(data: &[u8], attested: &AttestedCredentialData) {
    let id_end = ATTESTED_ID.saturating_add(attested.credential_id.len());
    let key_end = id_end.saturating_add(attested.public_key_bytes.len());
    assert_eq!(data.get(ATTESTED_ID..id_end), Some(attested.credential_id.as_slice()));
    assert_eq!(data.get(id_end..key_end), Some(attested.public_key_bytes.as_slice()));
    let key = CosePublicKey::parse(&attested.public_key_bytes);
    assert_eq!(key.as_ref(), Ok(&attested.public_key), "the key alone reads differently");
}

/// Reads an attestation object; its parts are the bytes received, and written anew they read the same.
pub fn attestation_object(data: &[u8]) {
    let object = match AttestationObject::parse(data) {
        Ok(object) => object,
        Err(error) => return checks::error(data, &error),
    };
    checks::findings(data, &object.findings);
    checks::printable(&object.fmt.to_string());
    assert!(contains(data, &object.auth_data), "authData is not the bytes received");
    assert!(contains(data, &object.att_stmt), "attStmt is not the bytes received");
    let written = write(object.fmt.as_str(), &object.att_stmt, &object.auth_data);
    let again =
        AttestationObject::parse(&written).expect("an object of readable parts is readable");
    assert_eq!(again.fmt, object.fmt);
    assert_eq!(again.auth_data, object.auth_data);
    assert_eq!(again.att_stmt, object.att_stmt);
    auth_data(&object.auth_data);
}

/// An attestation object with the statement as it is, in canonical form if the statement is.
pub(crate) fn write(fmt: &str, att_stmt: &[u8], auth_data: &[u8]) -> Vec<u8> {
    let mut out = vec![0xa3];
    out.extend(b"\x63fmt");
    header(0x60, fmt.len(), &mut out);
    out.extend(fmt.as_bytes());
    out.extend(b"\x67attStmt");
    out.extend(att_stmt);
    out.extend(b"\x68authData");
    header(0x40, auth_data.len(), &mut out);
    out.extend(auth_data);
    out
}

/// The shortest header of a string, by hand: the writer under test takes no raw parts.
fn header(major: u8, len: usize, out: &mut Vec<u8>) {
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ 0..24), _) => out.push(major | len),
        (Ok(len), _) => out.extend([major | 24, len]),
        (_, Ok(len)) => {
            out.push(major | 25);
            out.extend(len.to_be_bytes());
        }
        _ => {
            out.push(major | 26);
            out.extend(u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

/// Whether `part` stands somewhere in `data`.
pub(crate) fn contains(data: &[u8], part: &[u8]) -> bool {
    part.is_empty() || data.windows(part.len()).any(|window| window == part)
}

/// Where the credential id starts: rpIdHash, flags, signCount, aaguid and its own length before it.
const ATTESTED_ID: usize = 32 + 1 + 4 + 16 + 2;
