//! What authenticators answer to commands: status, then one map per command.

use crate::{checks, wire::contains};
use keyvet_cbor::{Mode, decode};
use keyvet_ctap::{
    AttestationFormat, AttestationObject, ClientPinResponse, CoseKeyAgreement,
    CredentialManagementResponse, GetAssertionResponse, GetInfo, MakeCredentialResponse, MemberKey,
    ResponseError, StatusCode, split_answer,
};
use keyvet_finding::Finding;

/// Splits an answer; behind success every reader takes the map, whichever command it was for.
pub fn answer(data: &[u8]) {
    let (status, map) = match split_answer(data) {
        Ok(parts) => parts,
        Err(error) => return checks::error(data, &error),
    };
    assert_eq!([&[status.0], map].concat(), data, "an answer is more than its parts");
    checks::printable(&status.to_string());
    if status == StatusCode::OK {
        [make_credential, get_assertion, client_pin, credential_management]
            .iter()
            .for_each(|reader| reader(map));
        let _ = GetInfo::parse(map);
    }
}

/// Reads a makeCredential response; as an attestation object it has the same parts.
pub fn make_credential(data: &[u8]) {
    let Some(response) = read(data, MakeCredentialResponse::parse) else { return };
    said(data, &response.findings, &response.unknown_members);
    checks::printable(&response.fmt.to_string());
    assert!(contains(data, &response.auth_data), "authData is not the bytes received");
    let map = decode(data, Mode::Tolerant).expect("the reader accepted it");
    if map.item.get_int(0x03).is_none() {
        // what some keys leave out is the empty map, and that only where no statement belongs
        assert_eq!((response.fmt, &response.att_stmt[..]), (AttestationFormat::NONE, &[0xa0][..]));
        return;
    }
    assert!(contains(data, &response.att_stmt), "attStmt is not the bytes received");
    if map.item.get_text("fmt").is_none() {
        let object = AttestationObject::parse(data).expect("it has the three parts");
        assert_eq!(object.fmt, response.fmt);
        assert_eq!(object.auth_data, response.auth_data);
        assert_eq!(object.att_stmt, response.att_stmt);
    }
}

/// Reads a getAssertion response; what is signed and the signature are the bytes received.
pub fn get_assertion(data: &[u8]) {
    let Some(response) = read(data, GetAssertionResponse::parse) else { return };
    said(data, &response.findings, &response.unknown_members);
    assert!(contains(data, &response.auth_data), "authData is not the bytes received");
    assert!(contains(data, &response.signature), "signature is not the bytes received");
    if let Some(credential) = &response.credential {
        assert!(contains(data, &credential.id), "the credential is not the bytes received");
    }
    if let Some(outputs) = &response.unsigned_extension_outputs {
        assert!(contains(data, outputs), "extension outputs are not the bytes received");
    }
}

/// Reads a clientPIN response; a key for key agreement is written as it would be sent.
pub fn client_pin(data: &[u8]) {
    let Some(response) = read(data, ClientPinResponse::parse) else { return };
    said(data, &response.findings, &response.unknown_members);
    if let Some(key) = response.key_agreement {
        assert_eq!(CoseKeyAgreement::parse(&key.encode()), Ok(key));
        assert!(contains(data, &key.x) && contains(data, &key.y), "not the point received");
    }
    if let Some(token) = &response.pin_uv_auth_token {
        assert!(contains(data, token), "the token is not the bytes received");
    }
}

/// Reads a credentialManagement response; keys and identifiers are the bytes received.
pub fn credential_management(data: &[u8]) {
    let Some(response) = read(data, CredentialManagementResponse::parse) else { return };
    said(data, &response.findings, &response.unknown_members);
    if let Some(hash) = &response.rp_id_hash {
        assert!(contains(data, hash), "rpIDHash is not the bytes received");
    }
    if let Some(key) = &response.public_key {
        assert!(contains(data, key), "the public key is not the bytes received");
    }
    if let Some(credential) = &response.credential_id {
        assert!(contains(data, &credential.id), "the credential is not the bytes received");
    }
}

/// The response; a refusal must be fit to be shown, and be the same twice.
fn read<T: PartialEq + std::fmt::Debug>(
    data: &[u8],
    parse: impl Fn(&[u8]) -> Result<T, ResponseError>,
) -> Option<T> {
    let response = parse(data);
    assert_eq!(parse(data), response, "reading is not a function of the bytes");
    match response {
        Ok(response) => Some(response),
        Err(error) => {
            checks::error(data, &error);
            None
        }
    }
}

fn said(data: &[u8], findings: &[Finding], unknown: &[(MemberKey, Vec<u8>)]) {
    checks::findings(data, findings);
    for (_, raw) in unknown {
        assert!(contains(data, raw), "an unknown member is not kept as received");
    }
}
