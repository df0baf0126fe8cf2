//! Discoverable credentials: made only when asked for, removed again, and said.

use keyvet_client::{ClientError, ClientEvent, Obstacle, RegistrationRequest, Removal};
use keyvet_key_tests::{Bench, on_both, options};
use keyvet_virtual_key::{Firmware, Touch};

use super::id;

const PIN: &str = "123456";

fn discoverable() -> RegistrationRequest {
    let mut request = RegistrationRequest::throw_away();
    request.discoverable = true;
    request
}

on_both! {
    async fn a_discoverable_credential_is_removed_again_and_the_pin_asked_once(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let mut client = bench.client().await;
        let registered = client.register(&discoverable(), &bench.ceremony()).await.unwrap();
        assert_eq!(registered.removed, Some(Removal::Removed));
        let ids: Vec<_> = registered.findings.iter().map(|finding| finding.id()).collect();
        assert_eq!(ids, ["client.credential-removed"]);
        assert_eq!(bench.person.asked().len(), 1);
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn as_many_credentials_are_on_the_key_as_before(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 6);
        let mut client = bench.client().await;
        let mut kept = discoverable();
        kept.rp_id = "kept.example".into();
        kept.danger_keep_discoverable = true;
        let registered = client.register(&kept, &bench.ceremony()).await.unwrap();
        assert_eq!(registered.removed, Some(Removal::Kept));
        let before = client.credential_count(&bench.ceremony()).await.unwrap();
        assert_eq!(before.existing, 1);
        client.register(&discoverable(), &bench.ceremony()).await.unwrap();
        let after = client.credential_count(&bench.ceremony()).await.unwrap();
        assert_eq!(after, before);
        client.remove(&registered.credential, &bench.ceremony()).await.unwrap();
        let none = client.credential_count(&bench.ceremony()).await.unwrap();
        assert_eq!(none.existing, 0);
    }

    async fn a_usual_registration_leaves_nothing(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 2);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        client.register(&request, &bench.ceremony()).await.unwrap();
        let count = client.credential_count(&bench.ceremony()).await.unwrap();
        assert_eq!(count.existing, 0);
    }

    async fn what_cannot_be_removed_is_said_before_and_loudly_afterwards(firmware: Firmware) {
        // without a PIN there is no token, and without a token no management
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let ids: Vec<_> = client.preflight(&discoverable()).iter().map(|f| f.id()).collect();
        assert_eq!(ids, ["client.credential-unremovable"]);
        let registered = client.register(&discoverable(), &bench.ceremony()).await.unwrap();
        let failed = Removal::Failed(ClientError::Precondition(Obstacle::PinNotSet));
        assert_eq!(registered.removed, Some(failed));
        let last = registered.findings.last().unwrap();
        assert_eq!(last.id(), "client.credential-left");
        assert_eq!(last.severity(), keyvet_finding::Severity::Error);
    }

    async fn a_key_without_management_is_said_to_keep_the_credential(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let without = |said: &mut keyvet_key_tests::Said| said.option("credMgmt", None);
        let mut client = bench.client_told(without).await;
        let ids: Vec<_> = client.preflight(&discoverable()).iter().map(|f| f.id()).collect();
        assert_eq!(ids, ["client.credential-unremovable"]);
        let registered = client.register(&discoverable(), &bench.ceremony()).await.unwrap();
        let Some(Removal::Failed(error)) = registered.removed else { panic!("{registered:?}") };
        assert_eq!(id(&error), "client.command-missing");
    }

    async fn removing_what_is_not_there_is_an_error(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 2);
        let mut client = bench.client().await;
        let registered = client.register(&discoverable(), &bench.ceremony()).await.unwrap();
        let error = client.remove(&registered.credential, &bench.ceremony()).await.unwrap_err();
        // NO_CREDENTIALS by the specification; fido-authenticator says INVALID_CREDENTIAL
        assert!(matches!(id(&error), "client.no-credentials" | "client.status"), "{error}");
    }

    async fn a_key_that_is_lost_in_the_middle_may_hold_the_credential_and_that_is_said(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let mut kept = options(firmware, |options| options.touch = Touch::Manual);
        kept.pin = Some(PIN.into());
        let bench = Bench::with(kept);
        bench.person.will_give(&[PIN]);
        let mut client = bench.client().await;
        let key = bench.key.clone();
        bench.person.when(ClientEvent::TouchNeeded, move || key.unplug());
        client.register(&discoverable(), &bench.ceremony()).await.unwrap_err();
        let left = client.perhaps_left(&discoverable()).unwrap();
        assert_eq!((left.id(), left.detail()), ("client.credential-perhaps-left", "keyvet.invalid"));
    }

    async fn nothing_is_said_to_be_left_by_a_registration_that_ended(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 3);
        let mut client = bench.client().await;
        client.register(&discoverable(), &bench.ceremony()).await.unwrap();
        assert_eq!(client.perhaps_left(&discoverable()), None);
        bench.key.set_touch(Touch::Manual);
        let cancel = bench.cancel.clone();
        bench.person.when(ClientEvent::TouchNeeded, move || cancel.cancel());
        client.register(&discoverable(), &bench.ceremony()).await.unwrap_err();
        assert_eq!(client.perhaps_left(&discoverable()), None, "the key was told to stop");
    }
}
