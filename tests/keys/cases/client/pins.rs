//! PINs: asked for, right, wrong, blocked. Every test reads the retries before and after: none may be lost.

use keyvet_cbor::{Mode, decode};
use keyvet_client::{
    ClientError, ClientEvent, Obstacle, RegistrationRequest, UserVerification, Verification,
};
use keyvet_key_tests::{Bench, on_both, options};
use keyvet_pin_uv::PinUvAuthProtocol;
use keyvet_virtual_key::Firmware;
use keyvet_x509::sha256;

use super::id;

const PIN: &str = "123456";
const WRONG: &str = "654321";

on_both! {
    async fn a_key_with_pin_asks_once_and_says_so(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        assert_eq!(registered.verification, Verification::Pin(PinUvAuthProtocol::Two));
        assert!(registered.auth_data.flags.uv());
        assert_eq!(registered.findings, []);
        let [asked] = bench.person.asked()[..] else { panic!("{:?}", bench.person.asked()) };
        assert_eq!((asked.retries_left, asked.previous_failed), (Some(8), false));
        assert_eq!((asked.min_code_points, asked.max_code_points), (4, 63));
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn option_uv_is_never_sent_beside_a_token(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.user_verification = UserVerification::Required;
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let sent = decode(&registered.request[1..], Mode::Strict).unwrap();
        assert!(sent.item.get_int(0x08).is_some(), "pinUvAuthParam");
        assert_eq!(sent.item.get_int(0x09).and_then(|item| item.as_u64()), Some(2));
        let options = sent.item.get_int(0x07);
        assert!(options.is_none_or(|options| options.get_text("uv").is_none()));
    }

    async fn the_pin_is_in_nothing_that_is_kept_or_shown(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let hash = sha256(PIN.as_bytes());
        let holds = |bytes: &[u8], secret: &[u8]| {
            bytes.windows(secret.len()).any(|window| window == secret)
        };
        let file = keyvet_evidence::write(&registered.registration);
        let shown = format!("{registered:?} {client:?} {:?}", bench.ceremony());
        for text in [file.as_bytes(), shown.as_bytes(), &registered.request] {
            assert!(!holds(text, PIN.as_bytes()) && !holds(text, &hash[..16]));
        }
    }

    async fn no_pin_is_asked_for_when_the_key_does_without(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.user_verification = UserVerification::Discouraged;
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        assert_eq!(registered.verification, Verification::None);
        assert!(!registered.auth_data.flags.uv());
        assert!(bench.person.asked().is_empty());
    }

    async fn a_pin_that_is_needed_and_not_set_is_told_before_anything_is_sent(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.user_verification = UserVerification::Required;
        let sent = bench.key.reports();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Precondition(Obstacle::PinNotSet));
        assert_eq!(id(&error), "client.pin-not-set");
        assert_eq!(client.preflight(&request)[0].id(), "client.pin-not-set");
        assert_eq!(bench.key.reports(), sent);
    }

    async fn a_wrong_pin_costs_one_retry_and_the_right_one_brings_it_back(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        bench.person.will_give(&[WRONG, PIN]);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        client.register(&request, &bench.ceremony()).await.unwrap();
        let asked = bench.person.asked();
        let told: Vec<_> = asked.iter().map(|ask| (ask.retries_left, ask.previous_failed)).collect();
        assert_eq!(told, [(Some(8), false), (Some(7), true)]);
        assert!(bench.person.was_told(ClientEvent::PinWrong { left: Some(7) }));
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn who_gives_no_second_pin_learns_that_the_first_was_wrong(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        bench.person.will_give(&[WRONG]);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::PinInvalid { left: Some(7) });
        assert_eq!(id(&error), "client.pin-invalid");
        assert_eq!(bench.retries().await.left, 7);
    }

    async fn a_person_with_wrong_pins_only_is_asked_no_more_than_the_policy_says(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        bench.person.will_give(&[WRONG; 20]);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::PinInvalid { left: Some(6) });
        assert_eq!(bench.person.asked().len(), 2);
        let retries = bench.retries().await;
        assert_eq!((retries.left, retries.power_cycle_needed), (6, false));
    }

    async fn a_person_without_pin_costs_nothing(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.declined");
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn a_pin_that_cannot_be_right_is_not_sent(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        bench.person.will_give(&["123"]);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "pin-uv.pin-too-short");
        bench.person.will_give(&[&"é".repeat(32)]);
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "pin-uv.pin-too-many-bytes");
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn three_wrong_pins_in_a_row_block_until_the_key_is_plugged_in_again(firmware: Firmware) {
        let opensk = firmware == Firmware::OpenSk;
        let bench = Bench::with_pin(firmware, PIN, 0);
        bench.person.will_give(&[WRONG; 3]);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let mut ceremony = bench.ceremony();
        ceremony.pin_policy.max_attempts = 5;
        let error = client.register(&request, &ceremony).await.unwrap_err();
        assert_eq!(error, ClientError::PinAuthBlocked);
        assert_eq!(id(&error), "client.pin-auth-blocked");
        assert_eq!(bench.person.asked().len(), 3);
        assert_eq!(bench.retries().await.left, 5);
        // as long as it stays plugged in no PIN is spent, nor asked for where the key tells its state: OpenSK does
        let told = bench.retries().await.power_cycle_needed;
        assert_eq!(told, opensk);
        bench.person.will_give(&[PIN]);
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::PinAuthBlocked);
        assert_eq!(bench.person.asked().len(), if told { 3 } else { 4 });
        assert_eq!(bench.retries().await.left, 5);
        bench.key.power_cycle();
        bench.person.will_give(&[PIN]);
        let mut client = bench.client().await;
        client.register(&request, &bench.ceremony()).await.unwrap();
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn the_last_two_retries_are_not_spent_unless_told(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        lose_retries(&bench, 6).await;
        let request = RegistrationRequest::throw_away();
        let mut client = bench.client().await;
        bench.person.will_give(&[PIN]);
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::PinRetries { left: 2 });
        assert_eq!(id(&error), "client.pin-retries-low");
        assert_eq!(bench.retries().await.left, 2);
        let mut told = bench.ceremony();
        told.pin_policy.danger_allow_last_retries = true;
        client.register(&request, &told).await.unwrap();
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn eight_wrong_pins_block_the_key_for_good(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        lose_retries(&bench, 8).await;
        assert_eq!(bench.retries().await.left, 0);
        bench.person.will_give(&[PIN]);
        let asked = bench.person.asked().len();
        let mut client = bench.client().await;
        let mut told = bench.ceremony();
        told.pin_policy.danger_allow_last_retries = true;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &told).await.unwrap_err();
        assert_eq!(error, ClientError::PinBlocked);
        assert_eq!(id(&error), "client.pin-blocked");
        assert_eq!(bench.person.asked().len(), asked, "there is no point in asking");
    }

    async fn a_pin_that_must_be_changed_is_not_asked_for(firmware: Firmware) {
        let bench = Bench::with(options(firmware, |options| {
            options.pin = Some(PIN.to_owned());
            options.force_pin_change = true;
        }));
        bench.person.will_give(&[PIN]);
        let mut client = bench.client().await;
        assert_eq!(client.info().force_pin_change, Some(true));
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.pin-change-required");
        assert!(bench.person.asked().is_empty());
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn protocol_one_serves_a_key_that_offers_no_other(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let mut client = bench.client_told(|said| said.protocols(&[1])).await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        assert_eq!(registered.verification, Verification::Pin(PinUvAuthProtocol::One));
        assert!(registered.auth_data.flags.uv());
    }

    async fn a_wrong_pin_by_protocol_one_is_told_as_well(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 0);
        bench.person.will_give(&[WRONG, PIN]);
        let mut client = bench.client_told(|said| said.protocols(&[7, 1])).await;
        let request = RegistrationRequest::throw_away();
        client.register(&request, &bench.ceremony()).await.unwrap();
        assert!(bench.person.was_told(ClientEvent::PinWrong { left: Some(7) }));
    }

    async fn no_protocol_in_common_is_told_before_a_pin_is_asked_for(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let mut client = bench.client_told(|said| said.protocols(&[3])).await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Precondition(Obstacle::NoCommonProtocol { theirs: vec![3] }));
        assert_eq!(id(&error), "client.no-common-protocol");
        assert!(bench.person.asked().is_empty());
    }

    async fn a_key_without_permissions_gives_the_old_token(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let old = |said: &mut keyvet_key_tests::Said| said.option("pinUvAuthToken", None);
        let mut client = bench.client_told(old).await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let two = PinUvAuthProtocol::Two;
        assert_eq!(registered.verification, Verification::PinWithoutPermissions(two));
        assert!(registered.auth_data.flags.uv());
        assert_eq!(registered.findings, []);
    }

    async fn a_pin_that_may_not_make_credentials_is_not_asked_for(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let barred = |said: &mut keyvet_key_tests::Said| {
            said.option("noMcGaPermissionsWithClientPin", Some(true));
        };
        let mut client = bench.client_told(barred).await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.nobody-enrolled");
        assert!(bench.person.asked().is_empty());
        assert_eq!(bench.retries().await.left, 8);
    }
}

/// Spends `count` retries on wrong PINs, one per power-up.
async fn lose_retries(bench: &Bench, count: u64) {
    let before = bench.retries().await.left;
    for _ in 0..count {
        bench.person.will_give(&[WRONG]);
        let mut ceremony = bench.ceremony();
        ceremony.pin_policy.danger_allow_last_retries = true;
        ceremony.pin_policy.max_attempts = 1;
        let request = RegistrationRequest::throw_away();
        let error = bench.client().await.register(&request, &ceremony).await.unwrap_err();
        assert!(
            matches!(error, ClientError::PinInvalid { .. } | ClientError::PinBlocked),
            "{error}"
        );
        bench.key.power_cycle();
    }
    assert_eq!(bench.retries().await.left, before - count);
}
