//! Nothing that comes from outside may panic, hang or grow: cut, flipped and swollen records.

use keyvet_attestation::{Context, Statement, assess};
use keyvet_cbor::Out;
use keyvet_evidence::Registration;
use keyvet_testkit::attestation_records;

use crate::altered::altered;
use crate::cases::{now, real_metadata, record};

#[test]
fn a_record_cut_at_any_length_is_malformed() {
    for id in ["packed-006", "tpm-002", "android-key-003", "fido-u2f-002", "apple-001", "none-001"]
    {
        let whole = record(id);
        for len in 0..whole.attestation_object.len() {
            let mut cut = whole.clone();
            cut.attestation_object.truncate(len);
            assert_eq!(judge(&cut), Statement::Malformed, "{id} cut to {len}");
        }
    }
}

#[test]
fn no_flipped_byte_of_the_object_leaves_a_signed_statement_valid_unless_it_is_outside_what_is_signed()
 {
    for id in ["packed-006", "tpm-002", "android-key-006", "apple-001"] {
        let whole = record(id);
        let parsed = keyvet_ctap::AttestationObject::parse(&whole.attestation_object).unwrap();
        let signed = parsed.auth_data;
        let object = &whole.attestation_object;
        let start = object.windows(signed.len()).position(|window| window == signed).unwrap();
        for at in start..start + signed.len() {
            let mut flipped = whole.clone();
            flipped.attestation_object[at] ^= 0x01;
            assert_ne!(judge(&flipped), Statement::Valid, "{id} byte {at}");
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    for path in attestation_records().iter().step_by(7) {
        let whole = keyvet_evidence::read(&std::fs::read(path).unwrap()).unwrap();
        for at in (0..whole.attestation_object.len()).step_by(11) {
            let mut flipped = whole.clone();
            flipped.attestation_object[at] ^= 0x80;
            judge(&flipped);
        }
    }
}

#[test]
fn ten_thousand_certificates_are_counted_and_not_read() {
    let leaf = altered("packed-006", |object| {
        let leaf = object.x5c()[0].clone();
        object.set("x5c", Out::Array(vec![leaf; 1000]));
    });
    assert_eq!(judge(&leaf), Statement::Invalid);
    let small = altered("packed-006", |object| {
        object.set("x5c", Out::Array(vec![Out::Bytes(vec![0x30]); 10_000]));
    });
    assert_eq!(judge(&small), Statement::Invalid);
}

#[test]
fn outside_text_is_escaped_in_every_detail() {
    let mut registration = record("none-001");
    registration.client_data_json = Some(
        b"{\"type\":\"\\u001b[31m\",\"challenge\":\"\",\"origin\":\"https://\\u202e\"}".to_vec(),
    );
    registration.rp_id = Some("\u{1b}]0;x\u{7}".into());
    let catalogue = real_metadata();
    let assessment = assess(&registration, &mut Context::new(Some(&*catalogue), now()));
    for finding in &assessment.findings {
        assert!(!finding.detail().chars().any(char::is_control), "{finding}");
        assert!(!finding.detail().contains('\u{202e}'), "{finding}");
    }
}

fn judge(registration: &Registration) -> Statement {
    let catalogue = real_metadata();
    assess(registration, &mut Context::new(Some(&*catalogue), now())).statement
}
