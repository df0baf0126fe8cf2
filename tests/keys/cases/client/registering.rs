//! Registrations: what a judge gets from a key.

use keyvet_attestation::{Assessment, AttestationType, Context, Statement, Trust, assess};
use keyvet_client::{Client, Randomness, RandomnessError, RegistrationRequest, Verification};
use keyvet_ctap::{
    Aaguid, AttestationFormat, AttestationObject, CoseAlgorithm, EnterpriseAttestation,
    MakeCredentialResponse,
};
use keyvet_evidence::Registration;
use keyvet_key_tests::{Bench, on_both, options};
use keyvet_virtual_key::{
    Attestation, Firmware,
    fixtures::{Authority, LeafOptions},
};
use keyvet_x509::{Anchor, Certificate};
use time::macros::datetime;

on_both! {
    async fn a_key_as_sold_registers_with_a_touch_alone(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        assert_eq!(client.preflight(&request), []);
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        assert_eq!(registered.verification, Verification::None);
        assert_eq!(registered.findings, []);
        assert_eq!(registered.removed, None);
        assert!(bench.person.asked().is_empty());
        let assessment = judge(&registered.registration, &[]);
        assert_eq!(assessment.statement, Statement::Valid, "{assessment:#?}");
        assert_eq!(assessment.attestation_type, Some(AttestationType::SelfAttestation));
        assert_eq!(assessment.algorithm, Some(CoseAlgorithm::ES256));
    }

    async fn the_evidence_holds_what_was_sent_and_received(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let kept = &registered.registration;
        let object = AttestationObject::parse(&kept.attestation_object).unwrap();
        let answer = MakeCredentialResponse::parse(&registered.answer[1..]).unwrap();
        assert_eq!(object.findings, []);
        assert_eq!((object.auth_data, object.att_stmt), (answer.auth_data, answer.att_stmt));
        assert_eq!(registered.answer[0], 0);
        assert_eq!(registered.request[0], 0x01);
        assert_eq!(kept.get_info.as_deref(), Some(client.info_bytes()));
        assert_eq!(kept.requested_algorithms, [-7]);
        assert_eq!(kept.credential_id.as_ref(), Some(&registered.credential.id));
        let data = keyvet_evidence::ClientData::parse(kept.client_data_json.as_ref().unwrap());
        let data = data.unwrap();
        assert_eq!((data.ceremony.as_str(), data.host()), ("webauthn.create", Some("keyvet.invalid")));
        // the judge's way through a file is the same
        let written = keyvet_evidence::write(kept);
        let read = keyvet_evidence::read(written.as_bytes()).unwrap();
        assert_eq!(judge(&read, &[]), judge(kept, &[]));
    }

    async fn challenge_user_and_credential_are_new_every_time(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let one = client.register(&request, &bench.ceremony()).await.unwrap();
        let two = client.register(&request, &bench.ceremony()).await.unwrap();
        assert_ne!(one.registration.client_data_json, two.registration.client_data_json);
        assert_ne!(one.credential, two.credential);
        assert_ne!(one.request, two.request);
    }

    async fn a_batch_attestation_leads_to_its_authority(firmware: Firmware) {
        let authority = Authority::new("client");
        let leaf = authority.leaf(&LeafOptions::of(MODEL));
        let certificate = leaf.certificate.clone();
        let bench = Bench::with(options(firmware, |options| {
            options.attestation = Attestation::Batch { certificate: leaf.certificate, key: leaf.key };
        }));
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        assert_eq!(registered.response.fmt, AttestationFormat::PACKED);
        assert_eq!(registered.findings, []);
        let root = Certificate::parse(authority.root_der()).unwrap();
        let assessment = judge(&registered.registration, &[Anchor::from_certificate(&root, "test")]);
        assert_eq!(assessment.statement, Statement::Valid, "{assessment:#?}");
        assert_eq!(assessment.attestation_type, Some(AttestationType::Basic));
        assert_eq!(assessment.trust, Trust::Anchored);
        assert_eq!(assessment.aaguid, Some(MODEL));
        assert_eq!(assessment.certificates[0].der(), certificate);
    }

    async fn the_algorithms_asked_for_are_a_preference(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.algorithms = vec![CoseAlgorithm::ES384, CoseAlgorithm::EDDSA, CoseAlgorithm::ES256];
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        assert_eq!(registered.findings, []);
        let key = registered.auth_data.attested.unwrap().public_key;
        assert_eq!(key.alg, Some(CoseAlgorithm::EDDSA));
        let assessment = judge(&registered.registration, &[]);
        assert_eq!(assessment.statement, Statement::Valid, "{assessment:#?}");
    }
}

/// Nothing is made up where the operating system gives no random bytes.
#[tokio::test]
async fn without_random_bytes_nothing_is_sent() {
    struct Dry;
    impl Randomness for Dry {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomnessError> {
            Err(RandomnessError("dry".to_owned()))
        }
    }
    let bench = Bench::new(Firmware::OpenSk);
    let channel = keyvet_key_tests::channel(&bench.key).await;
    let mut client = Client::connect_with(channel, Box::new(Dry), &bench.ceremony()).await.unwrap();
    let sent = bench.key.reports();
    let request = RegistrationRequest::throw_away();
    let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
    assert_eq!(crate::id(&error), "client.no-randomness");
    assert_eq!(bench.key.reports(), sent);
}

#[tokio::test]
async fn none_is_given_to_who_prefers_it_where_the_key_knows_preferences() {
    let bench = Bench::new(Firmware::FidoAuthenticator);
    let mut client = bench.client().await;
    let mut request = RegistrationRequest::throw_away();
    request.formats_preference = vec![AttestationFormat::NONE];
    assert_eq!(client.preflight(&request), []);
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(registered.response.fmt, AttestationFormat::NONE);
    assert_eq!(registered.findings, []);
    let assessment = judge(&registered.registration, &[]);
    assert_eq!(assessment.attestation_type, Some(AttestationType::None));
}

/// OpenSK does not list its formats (CTAP 2.1), so it is not bothered with a preference.
#[tokio::test]
async fn a_key_without_attestation_formats_is_sent_no_preference() {
    let bench = Bench::new(Firmware::OpenSk);
    let mut client = bench.client().await;
    assert_eq!(client.info().attestation_formats, None);
    let mut request = RegistrationRequest::throw_away();
    request.formats_preference = vec![AttestationFormat::NONE];
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(registered.response.fmt, AttestationFormat::PACKED);
    assert!(!registered.request.windows(4).any(|bytes| bytes == b"none"));
}

fn enterprise_bench(enabled: bool) -> (Authority, Bench) {
    let authority = Authority::new("enterprise");
    let leaf = authority.leaf(&LeafOptions::enterprise(MODEL, "SN-0001"));
    let bench = Bench::with(options(Firmware::OpenSk, |options| {
        let (certificate, key) = (leaf.certificate, leaf.key);
        options.attestation = Attestation::Enterprise { certificate, key };
        options.aaguid = Some(MODEL);
        options.enterprise_enabled = enabled;
    }));
    (authority, bench)
}

#[tokio::test]
async fn enterprise_attestation_is_given_to_who_asks() {
    let (authority, bench) = enterprise_bench(true);
    let mut client = bench.client().await;
    let mut request = RegistrationRequest::throw_away();
    request.enterprise_attestation = Some(EnterpriseAttestation::PlatformManaged);
    assert_eq!(client.preflight(&request), []);
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(registered.ep_att, Some(true));
    assert_eq!(registered.findings, []);
    let root = Certificate::parse(authority.root_der()).unwrap();
    let assessment = judge(&registered.registration, &[Anchor::from_certificate(&root, "test")]);
    assert_eq!(assessment.trust, Trust::Anchored, "{assessment:#?}");
    assert!(assessment.certificates[0].subject_text().contains("SN-0001"));
}

#[tokio::test]
async fn enterprise_attestation_is_not_given_to_who_does_not_ask() {
    let (_, bench) = enterprise_bench(true);
    let mut client = bench.client().await;
    let request = RegistrationRequest::throw_away();
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_ne!(registered.ep_att, Some(true));
    assert!(judge(&registered.registration, &[]).certificates.is_empty());
}

/// The firmware's list for vendor-facilitated attestation does not name us, so usual attestation comes.
#[tokio::test]
async fn enterprise_attestation_that_is_not_given_is_a_finding() {
    let (_, bench) = enterprise_bench(true);
    let mut client = bench.client().await;
    let mut request = RegistrationRequest::throw_away();
    request.enterprise_attestation = Some(EnterpriseAttestation::VendorFacilitated);
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    let ids: Vec<_> = registered.findings.iter().map(|finding| finding.id()).collect();
    assert_eq!(ids, ["client.enterprise-attestation-not-given"]);
}

#[tokio::test]
async fn enterprise_attestation_that_is_switched_off_is_refused_before_the_touch() {
    let (_, bench) = enterprise_bench(false);
    let mut client = bench.client().await;
    let mut request = RegistrationRequest::throw_away();
    request.enterprise_attestation = Some(EnterpriseAttestation::PlatformManaged);
    let sent = bench.key.reports();
    let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
    assert_eq!(super::id(&error), "client.enterprise-attestation-disabled");
    assert_eq!(bench.key.reports(), sent, "nothing may be sent");
}

#[tokio::test]
async fn enterprise_attestation_that_the_key_has_not_is_refused_before_the_touch() {
    let bench = Bench::new(Firmware::FidoAuthenticator);
    let mut client = bench.client().await;
    let mut request = RegistrationRequest::throw_away();
    request.enterprise_attestation = Some(EnterpriseAttestation::VendorFacilitated);
    let sent = bench.key.reports();
    let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
    assert_eq!(super::id(&error), "client.enterprise-attestation-unsupported");
    assert_eq!(bench.key.reports(), sent, "nothing may be sent");
}

fn judge(registration: &Registration, anchors: &[Anchor]) -> Assessment {
    let mut context = Context::new(None, datetime!(2026-11-22 12:00 UTC));
    context.extra_anchors = anchors;
    assess(registration, &mut context)
}

const MODEL: Aaguid = Aaguid(*b"keyvet test 0001");
