//! Finding the model, and what its status reports mean for this key.

use data_encoding::{BASE64, HEXLOWER};
use keyvet_cbor::Out;
use keyvet_evidence::Registration;
use keyvet_x509::Certificate;

use crate::altered::encode;
use crate::authenticator::{AAGUID, Authenticator};
use crate::cases::{Case, record};

pub(crate) fn cases() -> Vec<Case> {
    [models(), statuses()].concat()
}

fn models() -> Vec<Case> {
    let authenticator = Authenticator::new();
    let leaf = Certificate::parse(&authenticator.leaf_der()).unwrap();
    let key = HEXLOWER.encode(&leaf.key_identifier_sha1());
    let u2f = |name: &str| {
        format!(
            r#"{{"attestationCertificateKeyIdentifiers": ["{key}"],
            "metadataStatement": {{"description": "{name}"}}, "statusReports": []}}"#
        )
    };
    let twice = format!("{}, {}", u2f("one"), u2f("other"));
    let surrogate = entry(r#""attestationTypes": ["basic_surrogate"]"#, "");
    let unknown = "attestation.model-unknown";
    vec![
        Case::valid("attestation.no-metadata", authenticator.packed()),
        Case::valid("attestation.aaguid-zero", record("apple-001")).with_real_metadata(),
        Case::valid(unknown, authenticator.packed()).with_real_metadata(),
        Case::valid(unknown, authenticator.u2f()).with_real_metadata(),
        Case::valid("attestation.model-ambiguous", authenticator.u2f()).with_entries(&twice),
        Case::valid("attestation.type-not-listed", authenticator.packed()).with_entries(&surrogate),
    ]
}

fn statuses() -> Vec<Case> {
    let key = Authenticator::new();
    let leaf = BASE64.encode(&key.leaf_der());
    let root = BASE64.encode(key.root.certificate().der());
    let reported = |id, reports: &str, registration: &Registration| {
        let roots = format!(r#""attestationRootCertificates": ["{root}"]"#);
        Case::valid(id, registration.clone()).with_entries(&entry(&roots, reports))
    };
    let status = |id, text: &str| {
        let report = format!(r#"{{"status": "{text}", "effectiveDate": "2024-01-01"}}"#);
        reported(id, &report, &key.packed())
    };
    let attestation_key = |certificate: &str| {
        format!(
            r#"{{"status": "ATTESTATION_KEY_COMPROMISE", "effectiveDate": "2024-01-01",
            "certificate": "{certificate}"}}"#
        )
    };
    let update = r#"{"status": "UPDATE_AVAILABLE", "effectiveDate": "2024-02-01", "authenticatorVersion": 5}"#;
    let answered = format!(
        r#"{update}, {{"status": "USER_VERIFICATION_BYPASS", "effectiveDate": "2024-01-01"}}"#
    );
    let compromised = "attestation.status-compromised";
    vec![
        status("attestation.status-revoked", "REVOKED"),
        status(compromised, "USER_KEY_REMOTE_COMPROMISE"),
        status(compromised, "ATTESTATION_KEY_COMPROMISE"),
        reported(compromised, &attestation_key(&root), &key.packed()),
        reported(compromised, &answered, &with_firmware(&key, 4)),
        reported("attestation.compromise-other-batch", &attestation_key(&leaf), &key.packed()),
        reported("attestation.compromise-answered", &answered, &with_firmware(&key, 5)),
        reported("attestation.update-available", update, &with_firmware(&key, 4)),
        reported("attestation.update-possible", update, &key.packed()),
        status("attestation.status-retired", "RETIRED"),
        status("attestation.status-unknown", "FIDO_CERTIFIED_L9"),
        status("attestation.status-not-certified", "NOT_FIDO_CERTIFIED"),
        status("attestation.status-certified", "FIDO_CERTIFIED_L2"),
    ]
}

/// An entry for the home-made model with these members of the statement and these reports.
fn entry(statement: &str, reports: &str) -> String {
    format!(
        r#"{{"aaguid": "a5a5a5a5-a5a5-a5a5-a5a5-a5a5a5a5a5a5", "metadataStatement":
        {{"description": "home-made", "authenticatorVersion": 5, {statement}}},
        "statusReports": [{reports}]}}"#
    )
}

/// A registration with a getInfo answer that names this firmware.
fn with_firmware(key: &Authenticator, firmware: i64) -> Registration {
    let mut registration = key.packed();
    registration.get_info = Some(encode(&Out::Map(vec![
        (Out::from(1), Out::Array(vec!["FIDO_2_0".into()])),
        (Out::from(3), AAGUID.as_slice().into()),
        (Out::from(0x0e), Out::from(firmware)),
    ])));
    registration
}

#[test]
fn a_revoked_model_keeps_its_valid_statement() {
    let key = Authenticator::new();
    let report = r#"{"status": "REVOKED", "effectiveDate": "2024-01-01"}"#;
    let case = Case::valid("", key.packed()).with_entries(&entry(r#""schema": 3"#, report));
    let assessment = case.assess();
    assert_eq!(assessment.statement.as_str(), "valid");
    assert!(assessment.findings.iter().any(|f| f.id() == "attestation.status-revoked"));
}

#[test]
fn a_report_of_tomorrow_does_not_bind() {
    let key = Authenticator::new();
    let report = r#"{"status": "REVOKED", "effectiveDate": "2099-01-01"}"#;
    let case = Case::valid("", key.packed()).with_entries(&entry(r#""schema": 3"#, report));
    let found = case.assess().findings;
    assert!(!found.iter().any(|finding| finding.id() == "attestation.status-revoked"));
}
