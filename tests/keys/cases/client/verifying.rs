//! The key's own user verification, and keys that insist on verification.

use keyvet_client::{ClientEvent, RegistrationRequest, UserVerification, Verification};
use keyvet_key_tests::{Bench, Said, on_both, options};
use keyvet_pin_uv::PinUvAuthProtocol;
use keyvet_virtual_key::Firmware;

use super::id;

fn with_finger(pin: bool) -> Bench {
    Bench::with(options(Firmware::OpenSk, |options| {
        options.fingerprint = true;
        options.pin = pin.then(|| "123456".to_owned());
    }))
}

#[tokio::test]
async fn a_finger_verifies_and_no_pin_is_asked_for() {
    let bench = with_finger(true);
    let mut client = bench.client().await;
    assert_eq!(client.info().option("uv"), Some(true));
    let request = RegistrationRequest::throw_away();
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(registered.verification, Verification::BuiltIn(PinUvAuthProtocol::Two));
    assert!(registered.auth_data.flags.uv());
    assert_eq!(registered.findings, []);
    assert!(bench.person.was_told(ClientEvent::VerificationNeeded));
    assert!(bench.person.asked().is_empty());
}

#[tokio::test]
async fn a_key_without_tokens_verifies_during_the_command() {
    let bench = with_finger(true);
    let mut client = bench.client_told(|said| said.option("pinUvAuthToken", None)).await;
    let request = RegistrationRequest::throw_away();
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(registered.verification, Verification::Option);
    assert!(registered.auth_data.flags.uv());
    assert_eq!(registered.findings, []);
}

#[tokio::test]
async fn a_discoverable_credential_is_removed_with_the_finger() {
    let bench = with_finger(true);
    let mut client = bench.client().await;
    let mut request = RegistrationRequest::throw_away();
    request.discoverable = true;
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(registered.removed, Some(keyvet_client::Removal::Removed));
    assert!(bench.person.asked().is_empty());
}

#[tokio::test]
async fn uv_retries_can_be_read() {
    let bench = with_finger(true);
    let left = bench.client().await.uv_retries(&bench.ceremony()).await.unwrap();
    assert!((1..=8).contains(&left), "{left}");
}

on_both! {
    async fn a_key_that_always_verifies_is_given_its_pin_though_nobody_asked_for_it(firmware: Firmware) {
        let bench = Bench::with(options(firmware, |options| {
            options.pin = Some("123456".to_owned());
            options.always_uv = true;
        }));
        bench.person.will_give(&["123456"]);
        let mut client = bench.client().await;
        assert_eq!(client.info().option("alwaysUv"), Some(true));
        let mut request = RegistrationRequest::throw_away();
        request.user_verification = UserVerification::Discouraged;
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        assert!(registered.auth_data.flags.uv());
        assert_eq!(bench.person.asked().len(), 1);
    }

    async fn a_key_that_always_verifies_and_has_no_pin_is_told_to_get_one(firmware: Firmware) {
        let bench = Bench::with(options(firmware, |options| options.always_uv = true));
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.user_verification = UserVerification::Discouraged;
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.pin-not-set");
    }

    async fn a_key_that_hides_that_it_always_verifies_is_understood(firmware: Firmware) {
        let bench = Bench::with(options(firmware, |options| {
            options.pin = Some("123456".to_owned());
            options.always_uv = true;
        }));
        let quiet = |said: &mut Said| {
            said.option("alwaysUv", None);
            said.option("makeCredUvNotRqd", Some(true));
        };
        let mut client = bench.client_told(quiet).await;
        let mut request = RegistrationRequest::throw_away();
        request.user_verification = UserVerification::Discouraged;
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.verification-required");
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn a_key_that_can_verify_nobody_is_not_made_to(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let nothing = |said: &mut Said| {
            said.option("uv", None);
            said.option("clientPin", None);
        };
        let mut client = bench.client_told(nothing).await;
        let mut request = RegistrationRequest::throw_away();
        client.register(&request, &bench.ceremony()).await.unwrap();
        request.user_verification = UserVerification::Required;
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.verification-unsupported");
    }
}
