//! Assertions: the credential signs, and its signature verifies.

use keyvet_client::{Asserted, Assertion, AssertionRequest, RegistrationRequest, UserVerification};
use keyvet_ctap::{CosePublicKey, KeyMaterial};
use keyvet_key_tests::{Bench, on_both};
use keyvet_virtual_key::{Firmware, Touch};
use keyvet_x509::{EcCurve, PublicKey, SignatureAlgorithm, sha256, verify};

const PIN: &str = "123456";

/// Whether `assertion` was signed by `key`.
fn is_signed(asserted: &Asserted, assertion: &Assertion, key: &CosePublicKey) -> bool {
    let KeyMaterial::Ec2 { x, y, .. } = &key.material else { panic!("{key:?}") };
    let key = PublicKey::ec_coordinates(EcCurve::P256, x, y).unwrap();
    let hash = sha256(&asserted.client_data_json);
    let signed = [assertion.response.auth_data.as_slice(), &hash].concat();
    verify(SignatureAlgorithm::EcdsaSha256, &key, &signed, &assertion.response.signature).is_ok()
}

on_both! {
    async fn the_credential_that_was_registered_signs(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let mut question = AssertionRequest::new(&request.rp_id);
        question.allow = vec![registered.credential.clone()];
        let asserted = client.assert(&question, &bench.ceremony()).await.unwrap();
        let [assertion] = asserted.assertions.as_slice() else { panic!("{asserted:?}") };
        assert_eq!(assertion.credential_id, registered.credential.id);
        assert_eq!(asserted.findings, []);
        let key = registered.auth_data.attested.unwrap().public_key;
        assert!(is_signed(&asserted, assertion, &key));
        let mut forged = asserted.clone();
        forged.client_data_json.push(b' ');
        assert!(!is_signed(&forged, assertion, &key));
    }

    async fn the_pin_is_asked_for_and_verification_recorded(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 2);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let mut question = AssertionRequest::new(&request.rp_id);
        question.allow = vec![registered.credential];
        question.user_verification = UserVerification::Required;
        let asserted = client.assert(&question, &bench.ceremony()).await.unwrap();
        assert!(asserted.assertions[0].auth_data.flags.uv());
        assert_eq!(bench.person.asked().len(), 2);
        question.user_verification = UserVerification::Discouraged;
        let asserted = client.assert(&question, &bench.ceremony()).await.unwrap();
        assert!(!asserted.assertions[0].auth_data.flags.uv());
        assert_eq!(bench.person.asked().len(), 2);
    }

    async fn another_key_does_not_know_the_credential(firmware: Firmware) {
        let bench = Bench::new(firmware.clone());
        let request = RegistrationRequest::throw_away();
        let registered = bench.client().await.register(&request, &bench.ceremony()).await.unwrap();
        let other = Bench::with(keyvet_key_tests::options(firmware, |options| options.seed = 2));
        let mut question = AssertionRequest::new(&request.rp_id);
        question.allow = vec![registered.credential];
        let error = other.client().await.assert(&question, &other.ceremony()).await.unwrap_err();
        assert_eq!(crate::id(&error), "client.no-credentials");
    }

    async fn every_discoverable_credential_answers_newest_first(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 4);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = true;
        request.danger_keep_discoverable = true;
        let mut made = Vec::new();
        for _ in 0..3 {
            made.push(client.register(&request, &bench.ceremony()).await.unwrap());
        }
        let question = AssertionRequest::new(&request.rp_id);
        let asserted = client.assert(&question, &bench.ceremony()).await.unwrap();
        assert_eq!(asserted.findings, []);
        assert_eq!(asserted.assertions.len(), 3);
        for (assertion, registered) in asserted.assertions.iter().zip(made.iter().rev()) {
            assert_eq!(assertion.credential_id, registered.credential.id);
            let key = &registered.auth_data.attested.as_ref().unwrap().public_key;
            assert!(is_signed(&asserted, assertion, key));
            assert!(assertion.auth_data.flags.uv());
        }
    }

    async fn a_silent_assertion_wants_no_touch_and_records_none(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        bench.key.set_touch(Touch::Never);
        let mut question = AssertionRequest::new(&request.rp_id);
        question.allow = vec![registered.credential];
        question.user_presence = false;
        let asserted = client.assert(&question, &bench.ceremony()).await.unwrap();
        assert!(!asserted.assertions[0].auth_data.flags.up());
        assert_eq!(asserted.findings, []);
    }
}
