//! Where chains end, and what that makes of the AAGUID.

use std::sync::Arc;

use data_encoding::BASE64;
use keyvet_attestation::{
    AaguidStanding, Assessment, AttestationType, Context, Statement, Trust, assess,
};
use keyvet_cbor::Out;
use keyvet_x509::LeafMemory;
use rcgen::{Issuer, SerialNumber};
use time::{Duration, OffsetDateTime};

use crate::authenticator::{Authenticator, Root};
use crate::cases::{Case, now, real_metadata, record};

pub(crate) fn cases() -> Vec<Case> {
    let plain = Authenticator::new();
    let crowd = plain.registration("packed", crowded(&plain));
    let given = Case::valid("attestation.anchored", plain.packed());
    let unbound = Case::valid("attestation.aaguid-not-bound", plain.packed());
    vec![
        Case::valid("attestation.anchored", record("packed-006")).with_real_metadata(),
        given.with_anchor(plain.root.anchor()),
        unbound.with_anchor(plain.root.anchor()),
        Case::valid("attestation.anchored-elsewhere", record("packed-002")).with_real_metadata(),
        Case::valid("attestation.unanchored", record("packed-014")).with_real_metadata(),
        Case::valid("attestation.chain-budget", crowd).with_anchor(Root::new().anchor()),
        Case::invalid("attestation.chain-not-judged", record("negative-001")).with_real_metadata(),
    ]
}

/// One whose leaf ended in 2020.
fn expired() -> Authenticator {
    let mut authenticator = Authenticator::new();
    authenticator.leaf.not_before = now() - Duration::days(4000);
    authenticator.leaf.not_after = now() - Duration::days(2000);
    authenticator
}

/// A statement with thirty certificates that all issued each other.
fn crowded(authenticator: &Authenticator) -> Out {
    let Out::Map(mut pairs) = authenticator.packed_statement() else { unreachable!() };
    let issuer = Issuer::from_params(&authenticator.root.params, &authenticator.root.key);
    let twin = |serial: u64| {
        let mut params = authenticator.root.params.clone();
        params.serial_number = Some(SerialNumber::from(serial));
        let signed = params.signed_by(&authenticator.root.key, &issuer).unwrap();
        Out::Bytes(signed.der().to_vec())
    };
    let Out::Array(x5c) = &mut pairs[2].1 else { unreachable!() };
    x5c.extend((1..31).map(twin));
    Out::Map(pairs)
}

fn outcome(assessment: &Assessment) -> (Trust, AaguidStanding) {
    (assessment.trust, assessment.aaguid_standing)
}

#[test]
fn a_certificate_that_names_the_model_proves_it_under_a_trusted_anchor() {
    let mut authenticator = Authenticator::new();
    authenticator.certify_aaguid();
    let case = Case::valid("", authenticator.packed());
    assert_eq!(outcome(&case.assess()), (Trust::Unanchored, AaguidStanding::Claimed));
    let case = case.with_anchor(authenticator.root.anchor());
    assert_eq!(outcome(&case.assess()), (Trust::Anchored, AaguidStanding::Proven));
}

#[test]
fn an_anchor_of_this_model_alone_proves_it_and_a_shared_one_does_not() {
    let authenticator = Authenticator::new();
    let root = BASE64.encode(authenticator.root.certificate().der());
    let entry = |aaguid: &str| {
        format!(
            r#"{{"aaguid": "{aaguid}", "metadataStatement": {{"description": "home-made",
            "attestationTypes": ["basic_full"], "attestationRootCertificates": ["{root}"]}},
            "statusReports": []}}"#
        )
    };
    let own = entry("a5a5a5a5-a5a5-a5a5-a5a5-a5a5a5a5a5a5");
    let other = entry("b5b5b5b5-a5a5-a5a5-a5a5-a5a5a5a5a5a5");
    let judge =
        |entries: &str| Case::valid("", authenticator.packed()).with_entries(entries).assess();
    assert_eq!(outcome(&judge(&own)), (Trust::Anchored, AaguidStanding::Proven));
    assert_eq!(judge(&own).model.as_deref(), Some("home-made"));
    let shared = judge(&format!("{own}, {other}"));
    assert_eq!(outcome(&shared), (Trust::Anchored, AaguidStanding::Claimed));
    let foreign = judge(&other);
    assert_eq!(outcome(&foreign), (Trust::AnchoredElsewhere, AaguidStanding::Claimed));
    assert_eq!(foreign.model, None);
}

#[test]
fn a_copied_aaguid_under_a_foreign_root_is_only_a_claim() {
    let assessment = Case::valid("", record("packed-014")).with_real_metadata().assess();
    assert_eq!(outcome(&assessment), (Trust::Unanchored, AaguidStanding::Claimed));
    assert_eq!(assessment.model.as_deref(), Some("Windows Hello Hardware Authenticator"));
}

#[test]
fn real_keys_are_proven_by_their_certificate() {
    for id in ["packed-001", "packed-006", "packed-020"] {
        let assessment = Case::valid("", record(id)).with_real_metadata().assess();
        assert_eq!(outcome(&assessment), (Trust::Anchored, AaguidStanding::Proven), "{id}");
        assert_eq!(assessment.attestation_type, Some(AttestationType::Basic));
        assert!(assessment.model.is_some() && assessment.metadata.len() == 1);
    }
}

#[test]
fn no_u2f_registration_proves_an_aaguid() {
    let mut authenticator = Authenticator::new();
    let case = Case::valid("", authenticator.u2f()).with_anchor(authenticator.root.anchor());
    assert_eq!(outcome(&case.assess()), (Trust::Anchored, AaguidStanding::Claimed));
    authenticator.aaguid = [0; 16];
    let case = Case::valid("", authenticator.u2f()).with_anchor(authenticator.root.anchor());
    assert_eq!(outcome(&case.assess()), (Trust::Anchored, AaguidStanding::Absent));
}

#[test]
fn expiry_is_a_note_unless_it_is_asked_to_count() {
    let old = expired();
    let mut case = Case::valid("", old.packed()).with_anchor(old.root.anchor());
    let tolerant = case.assess();
    assert_eq!(tolerant.trust, Trust::Anchored);
    assert!(tolerant.findings.iter().any(|finding| finding.id() == "x509.expired"));
    case.strict_validity = true;
    let strict = case.assess();
    assert_eq!((strict.trust, strict.statement), (Trust::Unanchored, Statement::Valid));
    assert!(strict.findings.iter().any(|finding| finding.id() == "x509.outside-validity"));
}

#[test]
fn an_apple_certificate_is_judged_at_the_time_of_the_ceremony() {
    let mut registration = record("apple-001");
    let ids = |case: &Case| -> Vec<_> {
        case.assess().findings.iter().map(|finding| finding.id()).collect()
    };
    let root = keyvet_x509::Certificate::parse(&keyvet_apple_intermediate()).unwrap();
    let anchor = keyvet_x509::Anchor::from_certificate(&root, "Apple WebAuthn CA 1");
    let judge = |time: Option<&str>, registration: &mut keyvet_evidence::Registration| {
        registration.time = time.map(str::to_owned);
        let mut case = Case::valid("", registration.clone()).with_anchor(anchor.clone());
        case.strict_validity = true;
        (case.assess().trust, ids(&case))
    };
    assert_eq!(judge(Some("2020-12-08T12:00:00Z"), &mut registration).0, Trust::Anchored);
    assert_eq!(judge(Some("2021-12-08T12:00:00Z"), &mut registration).0, Trust::Unanchored);
    let (trust, findings) = judge(None, &mut registration);
    assert_eq!(trust, Trust::Anchored);
    assert!(findings.contains(&"attestation.ceremony-time-unknown"));
}

/// The second certificate of the record, which Apple's root issued.
fn keyvet_apple_intermediate() -> Vec<u8> {
    let object = record("apple-001").attestation_object;
    let parsed = keyvet_ctap::AttestationObject::parse(&object).unwrap();
    let decoded = keyvet_cbor::decode(&parsed.att_stmt, keyvet_cbor::Mode::Tolerant).unwrap();
    decoded.item.get_text("x5c").unwrap().as_array().unwrap()[1].as_bytes().unwrap().to_vec()
}

#[test]
fn a_remembered_leaf_gives_the_same_assessment() {
    let catalogue: Arc<_> = real_metadata();
    let registration = record("packed-006");
    let mut memory = LeafMemory::default();
    let mut judge = |at: OffsetDateTime| {
        let mut context = Context::new(Some(&*catalogue), at);
        context.memory = Some(&mut memory);
        assess(&registration, &mut context)
    };
    let first = judge(now());
    assert_eq!(judge(now()), first);
    assert_eq!(first.trust, Trust::Anchored);
    assert_eq!(memory.hits(), 1);
    let without = assess(&registration, &mut Context::new(Some(&*catalogue), now()));
    assert_eq!(without, first);
}

#[test]
fn one_trusted_part_is_enough_for_a_compound_statement_and_a_foreign_one_spoils_it() {
    let mut authenticator = Authenticator::new();
    authenticator.certify_aaguid();
    let part = |statement: Out| {
        Out::Map(vec![("fmt".into(), "packed".into()), ("attStmt".into(), statement)])
    };
    let parts =
        vec![part(authenticator.self_statement(-7)), part(authenticator.packed_statement())];
    let registration = authenticator.registration("compound", Out::Array(parts));
    let case = Case::valid("", registration.clone()).with_anchor(authenticator.root.anchor());
    let assessment = case.assess();
    assert_eq!(outcome(&assessment), (Trust::Anchored, AaguidStanding::Proven));
    assert_eq!(assessment.attestation_type, Some(AttestationType::Basic));
    assert_eq!(assessment.certificates.len(), 1);
    let root = BASE64.encode(authenticator.root.certificate().der());
    let other = format!(
        r#"{{"aaguid": "b5b5b5b5-a5a5-a5a5-a5a5-a5a5a5a5a5a5", "metadataStatement":
        {{"attestationRootCertificates": ["{root}"]}}, "statusReports": []}}"#
    );
    let foreign = Case::valid("", registration).with_entries(&other).assess();
    assert_eq!(foreign.trust, Trust::AnchoredElsewhere);
}
