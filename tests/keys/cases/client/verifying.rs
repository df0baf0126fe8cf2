//! The key's own user verification, and keys that insist on verification.

use keyvet_client::{Client, ClientEvent, RegistrationRequest, UserVerification, Verification};
use keyvet_key_tests::{Bench, Edited, Instead, Said, channel, on_both, options};
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

/// A client of a key with a finger that does not recognise it the first `times` times, and says `status`. The virtual
/// key's sensor knows no wrong finger.
async fn with_wrong_finger(bench: &Bench, status: u8, times: usize, tell: fn(&mut Said)) -> Client {
    let mut left = times;
    let wrong = Instead::new(channel(&bench.key).await, move |request| {
        // clientPIN with protocol 2 and subcommand 6, getPinUvAuthTokenUsingUvWithPermissions
        let is_uv = request.starts_with(&[0x06]) && request.get(2..6) == Some(&[1, 2, 2, 6]);
        let wrong = is_uv && left > 0;
        left -= usize::from(wrong);
        wrong.then(|| vec![status])
    });
    let channel = Box::new(Edited::new(Box::new(wrong), tell));
    Client::connect(channel, &bench.ceremony()).await.unwrap()
}

const UV_INVALID: u8 = 0x3f;
const UV_BLOCKED: u8 = 0x3c;

#[tokio::test]
async fn a_finger_that_is_not_recognised_gives_way_to_the_pin() {
    let bench = with_finger(true);
    bench.person.will_give(&["123456"]);
    let mut client = with_wrong_finger(&bench, UV_INVALID, 9, |_| {}).await;
    let request = RegistrationRequest::throw_away();
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(registered.verification, Verification::Pin(PinUvAuthProtocol::Two));
    let failed = |event: &&ClientEvent| matches!(event, ClientEvent::VerificationFailed { .. });
    assert_eq!(bench.person.events().iter().filter(failed).count(), 1);
    assert_eq!(bench.person.asked().len(), 1);
}

#[tokio::test]
async fn the_key_says_how_often_a_finger_is_tried() {
    let bench = with_finger(true);
    let mut client = with_wrong_finger(&bench, UV_INVALID, 2, |said| said.says(0x11, 3)).await;
    let request = RegistrationRequest::throw_away();
    let registered = client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(registered.verification, Verification::BuiltIn(PinUvAuthProtocol::Two));
    assert!(bench.person.asked().is_empty());
}

#[tokio::test]
async fn a_finger_is_tried_three_times_at_most_whatever_the_key_says() {
    let bench = with_finger(true);
    let tell = |said: &mut Said| {
        said.says(0x11, 1000);
        said.option("clientPin", None);
    };
    let mut client = with_wrong_finger(&bench, UV_INVALID, 1000, tell).await;
    let request = RegistrationRequest::throw_away();
    let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
    assert_eq!(id(&error), "client.uv-invalid");
    let needed = |event: &&ClientEvent| **event == ClientEvent::VerificationNeeded;
    assert_eq!(bench.person.events().iter().filter(needed).count(), 3);
}

#[tokio::test]
async fn a_blocked_sensor_gives_way_to_the_pin_where_there_is_one() {
    let bench = with_finger(true);
    bench.person.will_give(&["123456"]);
    let mut client = with_wrong_finger(&bench, UV_BLOCKED, 1, |_| {}).await;
    let request = RegistrationRequest::throw_away();
    client.register(&request, &bench.ceremony()).await.unwrap();
    assert_eq!(bench.person.asked().len(), 1);
    let without = |said: &mut Said| said.option("clientPin", None);
    let mut client = with_wrong_finger(&bench, UV_BLOCKED, 1, without).await;
    let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
    assert_eq!(id(&error), "client.uv-blocked");
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
