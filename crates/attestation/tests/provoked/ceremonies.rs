//! What surrounds the statement: client data, flags, the parts that must belong together, getInfo.

use keyvet_cbor::Out;

use crate::altered::encode;
use crate::authenticator::{Authenticator, client_data};
use crate::cases::{Case, record};

pub(crate) fn cases() -> Vec<Case> {
    [said_by_the_client(), flags(), belonging()].concat()
}

fn said_by_the_client() -> Vec<Case> {
    let with = |client_data: String| Authenticator { client_data, ..Authenticator::new() }.none();
    let at = |origin: &str| with(client_data("webauthn.create", origin));
    let framed = r#"{"type":"webauthn.create","challenge":"AA","origin":"https://example.org","crossOrigin":true}"#;
    let malformed = "attestation.client-data-malformed";
    let elsewhere = "attestation.origin-not-rp";
    vec![
        Case::valid(malformed, with("{".into())),
        Case::valid(malformed, with("[]".into())),
        Case::valid(
            "attestation.client-data-type",
            with(client_data("webauthn.get", "https://example.org")),
        ),
        Case::valid("attestation.cross-origin", with(framed.into())),
        Case::valid(elsewhere, at("https://example.com")),
        Case::valid(elsewhere, at("https://notexample.org")),
        Case::valid("attestation.origin-below-rp", at("https://login.eu.Example.org:8443/x")),
    ]
}

fn flags() -> Vec<Case> {
    let with = |flags| Authenticator { flags, ..Authenticator::new() };
    let empty = with(0x05);
    let no_credential = empty.with_auth_data("none", Out::Map(Vec::new()), empty.head());
    vec![
        Case::valid("attestation.user-not-present", with(0x44).packed()),
        Case::valid("attestation.user-not-verified", with(0x41).packed()),
        Case::invalid("attestation.no-credential", no_credential),
    ]
}

fn belonging() -> Vec<Case> {
    let mut id = record("packed-006");
    id.credential_id = Some(vec![1, 2, 3]);
    let mut rp = record("packed-006");
    rp.rp_id = Some("example.com".into());
    let mut hash = record("packed-006");
    hash.client_data_hash = Some([7; 32]);
    let mut algorithm = record("packed-006");
    algorithm.requested_algorithms = vec![-8, -257];
    let mut info = record("packed-006");
    info.get_info = Some(encode(&Out::Map(vec![
        (Out::from(1), Out::Array(vec!["FIDO_2_0".into()])),
        (Out::from(3), [9; 16].as_slice().into()),
    ])));
    vec![
        Case::invalid("attestation.credential-id-mismatch", id),
        Case::invalid("attestation.rp-id-mismatch", rp),
        Case::invalid("attestation.client-data-hash-mismatch", hash),
        Case::valid("attestation.algorithm-not-requested", algorithm),
        Case::valid("attestation.get-info-aaguid-differs", info),
    ]
}
