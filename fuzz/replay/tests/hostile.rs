//! Inputs that somebody builds on purpose, each through every target, with the outcome where there is one to state.
//!
//! What is asserted is what came of it and how much memory it took, never how long.
#![expect(clippy::unwrap_used, reason = "helpers of a test: what cannot be made must fail it")]

use keyvet_attestation::{Context, Statement, Trust, assess};
use keyvet_cbor::{DecodeErrorKind, Mode, decode};
use keyvet_evidence::Registration;
use keyvet_finding::Printable;
use keyvet_fuzz_replay::TARGETS;
use keyvet_mds::{Trust as MetadataTrust, danger_read_unsigned_payload, verify_blob};
use keyvet_x509::{Anchor, Certificate, PathOutcome, PathRules, find_path};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use time::OffsetDateTime;

#[test]
fn deep_nesting_is_refused_before_the_stack_is_used_up() {
    let arrays = vec![0x81; 1_000_000];
    let maps = [0xa1, 0x00].repeat(500_000);
    for cbor in [&arrays, &maps] {
        let refused = decode(cbor, Mode::Tolerant).unwrap_err().kind;
        assert_eq!(refused, DecodeErrorKind::TooDeep { max: 16 });
    }
    let json = ["[", r#"{"a":"#, r#"{"response":"#, r#"{"publicKeyCredential":"#]
        .map(|open| open.repeat(100_000).into_bytes());
    for document in &json {
        assert!(keyvet_policy::read(document).is_err());
        assert!(keyvet_evidence::read(document).is_err());
        assert!(danger_read_unsigned_payload(&in_entries(document)).is_err());
    }
    let der = [0x30, 0x84, 0x00, 0xff, 0xff, 0xff].repeat(10_000);
    let all = [arrays, maps, der].into_iter().chain(json);
    all.for_each(|input| everybody(&input));
}

#[test]
fn a_declared_length_is_not_believed() {
    for header in [0x5b, 0x7b, 0x9b, 0xbb] {
        let mut cbor = vec![header];
        cbor.extend([0xff; 8]);
        assert_eq!(decode(&cbor, Mode::Tolerant).unwrap_err().kind, DecodeErrorKind::Truncated);
        everybody(&cbor);
    }
    let der = [0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30, 0x00];
    assert!(Certificate::parse(&der).is_err());
    everybody(&der);
    let credential_id = [&[0; 32][..], &[0x41], &[0; 20], &[0xff, 0xff]].concat();
    everybody(&credential_id);
}

#[test]
fn giant_integers_are_read_or_refused_never_wrapped() {
    let bignum = [&[0xc2, 0x59, 0xff, 0xff][..], &[0xff; 0xffff]].concat();
    assert_eq!(decode(&bignum, Mode::Tolerant).unwrap_err().kind, DecodeErrorKind::Tag);
    let members = [0x05, 0x07, 0x0d, 0x0e, 0x18, 0x1d]
        .map(|key| [&[0xa1, key][..], &[0x1b], &[0xff; 8]].concat());
    members.iter().for_each(|input| everybody(input));
    let digits = "9".repeat(100_000);
    for number in [digits.as_str(), "1e999999999", "-18446744073709551616", "0.1e-999999999"] {
        let entry = format!(
            r#"{{"timeOfLastStatusChange":{number},"statusReports":[{{"status":"REVOKED","authenticatorVersion":{number}}}]}}"#
        );
        let payload = in_entries(entry.as_bytes());
        if let Ok((catalogue, _)) = danger_read_unsigned_payload(&payload) {
            assert_eq!(catalogue.len(), 1);
        }
        everybody(entry.as_bytes());
        everybody(
            format!(r#"{{"no":{number},"nextUpdate":"2026-12-01","entries":[]}}"#).as_bytes(),
        );
        everybody(
            format!(r#"{{"attestationObject":"oA","requestedAlgorithms":[{number}]}}"#).as_bytes(),
        );
        everybody(format!(r#"{{"id":"Fido2","state":{number}}}"#).as_bytes());
    }
}

#[test]
fn hostile_base64_is_refused_where_it_stands() {
    for text in [
        "=".repeat(200_000),
        "A".repeat(100_001),
        "A\\u0000".into(),
        "////----".into(),
        "o A\\n==".into(),
        "é".into(),
    ] {
        for file in [
            format!(r#"{{"attestationObject":"{text}","clientDataJSON":"{text}"}}"#),
            format!(
                r#"{{"schema":"keyvet.evidence/1","attestationObject":"oA","getInfo":"{text}"}}"#
            ),
            format!(
                r#"{{"metadataStatement":{{"attestationRootCertificates":["{text}"],"icon":"{text}"}}}}"#
            ),
            format!("{text}.{text}.{text}"),
        ] {
            everybody(file.as_bytes());
        }
        let blob = format!("{text}.{text}.{text}");
        assert!(verify_blob(blob.as_bytes(), &MetadataTrust::fido(now())).is_err());
    }
}

#[test]
fn ten_thousand_certificates_are_too_many() {
    let one = certificate("Nobody");
    let x5c: Vec<u8> =
        (0..10_000).flat_map(|_| [&[0x58, 0x20][..], &[0x30; 32]].concat()).collect();
    let statement = [&b"\xa3\x63alg\x26\x63sig\x41\x00\x63x5c\x99\x27\x10"[..], &x5c].concat();
    let assessment = judge(&statement);
    assert_ne!(assessment.statement, Statement::Valid);
    assert_ne!(assessment.trust, Trust::Anchored);
    assert!(assessment.certificates.len() < 100, "certificates beyond the limit were read");
    let text = data_encoding::BASE64.encode(one.der());
    let header = serde_json::json!({ "alg": "RS256", "x5c": vec![text; 10_000] }).to_string();
    let blob = format!("{}.e30.AA", data_encoding::BASE64URL_NOPAD.encode(header.as_bytes()));
    assert!(verify_blob(blob.as_bytes(), &MetadataTrust::fido(now())).is_err());
    everybody(blob.as_bytes());
    let strangers = vec![one.clone(); 10_000];
    let outcome =
        find_path(&certificate("Leaf"), &strangers, &[], &PathRules::attestation(None, false));
    assert!(outcome.anchor().is_none());
    memory_stayed_small();
}

#[test]
fn cyclic_issuers_end() {
    let (ann, bob) = (party("Ann"), party("Bob"));
    let ring = [issue(&ann, &bob), issue(&bob, &ann)];
    let leaf = issue(&party("Leaf"), &ann);
    let anchors = [Anchor::from_certificate(&certificate("Somebody else"), "anchor")];
    let crowd = ring.iter().cycle().take(10_000).cloned().collect();
    for others in [ring.to_vec(), crowd] {
        let outcome = find_path(&leaf, &others, &anchors, &PathRules::attestation(None, false));
        assert!(matches!(outcome, PathOutcome::NotAnchored { .. } | PathOutcome::BudgetExhausted));
    }
    let sized = |der: &[u8]| [&u16::try_from(der.len()).unwrap().to_be_bytes(), der].concat();
    let parts: Vec<u8> = [leaf.der(), ring[0].der(), ring[1].der(), anchors[0].der()]
        .into_iter()
        .flat_map(sized)
        .collect();
    everybody(&[&[1], parts.as_slice()].concat());
}

#[test]
fn names_cannot_drive_a_terminal() {
    let certificate = certificate(ESCAPES);
    assert_printable(&certificate.subject_text());
    let entry = serde_json::json!({
        "aaid": ESCAPES,
        "statusReports": [{ "status": ESCAPES, "effectiveDate": ESCAPES }],
        ESCAPES: ESCAPES,
        "metadataStatement": { "description": ESCAPES, "protocolFamily": ESCAPES, ESCAPES: 1 },
    });
    let (catalogue, findings) =
        danger_read_unsigned_payload(&in_entries(entry.to_string().as_bytes())).unwrap();
    let entry = catalogue.entry(0).unwrap();
    assert_printable(&entry.name());
    assert!(!entry.defects.is_empty());
    findings.iter().chain(&entry.defects).for_each(|finding| assert_printable(finding.detail()));
    let policy = serde_json::json!({ "id": "Fido2", "state": ESCAPES, ESCAPES: ESCAPES });
    match keyvet_policy::read(policy.to_string().as_bytes()) {
        Ok(policy) => policy.findings.iter().for_each(|finding| assert_printable(finding.detail())),
        Err(error) => assert_printable(&error.to_string()),
    }
    let file = serde_json::json!({ "schema": format!("keyvet.evidence/{ESCAPES}"), "attestationObject": "oA" });
    assert_printable(&keyvet_evidence::read(file.to_string().as_bytes()).unwrap_err().to_string());
    everybody(file.to_string().as_bytes());
}

/// Every target takes every hostile input, whoever it was meant for.
fn everybody(input: &[u8]) {
    TARGETS.iter().for_each(|target| (target.run)(input));
    memory_stayed_small();
}

/// Linux keeps the peak of this process; elsewhere nothing is asserted.
fn memory_stayed_small() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    assert!(kilobytes.is_none_or(|kilobytes| kilobytes < 512 * 1024), "{kilobytes:?} kB");
}

fn judge(att_stmt: &[u8]) -> keyvet_attestation::Assessment {
    let auth_data = [0; 37];
    let object =
        [&b"\xa3\x63fmt\x66packed\x67attStmt"[..], att_stmt, b"\x68authData\x58\x25", &auth_data]
            .concat();
    let mut registration = Registration::new(object);
    registration.client_data_json = Some(b"{}".to_vec());
    assess(&registration, &mut Context::new(None, now()))
}

fn in_entries(entry: &[u8]) -> Vec<u8> {
    [br#"{"no":1,"nextUpdate":"2026-12-01","entries":["#, entry, b"]}"].concat()
}

struct Party {
    params: CertificateParams,
    key: KeyPair,
}

fn party(name: &str) -> Party {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Party { params, key: KeyPair::generate().unwrap() }
}

fn issue(subject: &Party, issuer: &Party) -> Certificate {
    let signer = Issuer::from_params(&issuer.params, &issuer.key);
    Certificate::parse(subject.params.signed_by(&subject.key, &signer).unwrap().der()).unwrap()
}

fn certificate(name: &str) -> Certificate {
    let party = party(name);
    issue(&party, &party)
}

fn assert_printable(text: &str) {
    assert_eq!(Printable(text).to_string(), text);
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_780_000_000).unwrap()
}

/// Clears the screen, sets the title, reverses the reading order.
const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}gnirts";
