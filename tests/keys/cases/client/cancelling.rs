//! Stopping: by the person, by the clock, by nobody touching the key. Afterwards the key works as before.

use std::time::Duration;

use keyvet_client::{ClientError, ClientEvent, RegistrationRequest};
use keyvet_ctap::StatusCode;
use keyvet_key_tests::{Bench, on_both, options};
use keyvet_transport::{ChannelError, Phase};
use keyvet_virtual_key::{Firmware, Touch};

use super::id;

fn untouched(firmware: Firmware) -> Bench {
    Bench::with(options(firmware, |options| options.touch = Touch::Manual))
}

/// The key does what is asked of it, as if nothing had happened.
async fn works(bench: &Bench) {
    bench.key.set_touch(Touch::Immediate);
    let free = tokio_util::sync::CancellationToken::new();
    let ceremony = keyvet_client::Ceremony { cancel: &free, ..bench.ceremony() };
    let channel = keyvet_key_tests::channel(&bench.key).await;
    let mut client = keyvet_client::Client::connect(channel, &ceremony).await.unwrap();
    client.register(&RegistrationRequest::throw_away(), &ceremony).await.unwrap();
}

on_both! {
    async fn the_person_is_told_to_touch_and_a_touch_goes_on(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let key = bench.key.clone();
        bench.person.when(ClientEvent::TouchNeeded, move || key.touch());
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        client.register(&request, &bench.ceremony()).await.unwrap();
        let events = bench.person.events();
        assert!(events.contains(&ClientEvent::TouchNeeded), "{events:?}");
        assert_eq!(events.last(), Some(&ClientEvent::Answered));
    }

    async fn cancelled_before_anything_is_sent(firmware: Firmware) {
        let bench = untouched(firmware);
        let mut client = bench.client().await;
        let sent = bench.key.reports();
        bench.cancel.cancel();
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Cancelled);
        assert_eq!(id(&error), "client.cancelled");
        assert_eq!(bench.key.reports(), sent);
        works(&bench).await;
    }

    async fn cancelled_while_the_key_waits_for_a_touch(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let cancel = bench.cancel.clone();
        bench.person.when(ClientEvent::TouchNeeded, move || cancel.cancel());
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Cancelled);
        assert!(!bench.key.waits_for_touch(), "the key was told");
        works(&bench).await;
    }

    /// Whichever of the two wins, the result is that it was cancelled.
    async fn touched_and_cancelled_at_once(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let (key, cancel) = (bench.key.clone(), bench.cancel.clone());
        bench.person.when(ClientEvent::TouchNeeded, move || {
            key.touch();
            cancel.cancel();
        });
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Cancelled);
        works(&bench).await;
    }

    async fn cancelled_after_the_touch(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let (key, cancel) = (bench.key.clone(), bench.cancel.clone());
        bench.person.when(ClientEvent::TouchNeeded, move || key.touch());
        bench.person.when(ClientEvent::Answered, move || cancel.cancel());
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Cancelled);
        works(&bench).await;
    }

    async fn cancelled_while_the_pin_is_asked_for(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, "123456", 1);
        let cancel = bench.cancel.clone();
        bench.person.when(ClientEvent::PinNeeded, move || cancel.cancel());
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Cancelled);
        assert!(bench.person.asked().is_empty());
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn nobody_touches_and_the_key_gives_up(firmware: Firmware) {
        let bench = Bench::with(options(firmware, |options| {
            options.touch = Touch::Never;
            options.up_timeout = Duration::from_millis(300);
        }));
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        let ClientError::Status { status, .. } = error else { panic!("{error}") };
        assert_eq!(status, StatusCode::USER_ACTION_TIMEOUT);
        assert_eq!(id(&error), "client.not-touched");
        works(&bench).await;
    }

    async fn nobody_touches_and_we_give_up_first(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let mut client = bench.client().await;
        let mut ceremony = bench.ceremony();
        ceremony.timeouts.touch = Duration::from_millis(500);
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &ceremony).await.unwrap_err();
        let phase = Phase::Touch;
        assert_eq!(error, ClientError::Channel(ChannelError::Timeout { phase }));
        assert_eq!(id(&error), "transport.touch-timeout");
        works(&bench).await;
    }

    async fn pulled_out_while_it_waits_for_a_touch(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let key = bench.key.clone();
        bench.person.when(ClientEvent::TouchNeeded, move || key.unplug());
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Channel(ChannelError::Removed));
        bench.key.plug();
        works(&bench).await;
    }

    async fn a_discoverable_credential_made_while_cancelling_is_not_left(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = Bench::with_pin(firmware, "123456", 1);
        bench.key.set_touch(Touch::Manual);
        let (key, cancel) = (bench.key.clone(), bench.cancel.clone());
        bench.person.when(ClientEvent::TouchNeeded, move || key.touch());
        bench.person.when(ClientEvent::Answered, move || cancel.cancel());
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = true;
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::Cancelled);
        bench.person.will_give(&["123456"]);
        let free = tokio_util::sync::CancellationToken::new();
        let ceremony = keyvet_client::Ceremony { cancel: &free, ..bench.ceremony() };
        let count = client.credential_count(&ceremony).await.unwrap();
        assert_eq!(count.existing, 0);
    }
}
