//! Choosing a key by touch, winking, resetting.

use std::time::Duration;

use keyvet_client::{Client, ClientError, ClientEvent, RegistrationRequest};
use keyvet_ctap::StatusCode;
use keyvet_key_tests::{Bench, Edited, Instead, Said, channel, on_both, options};
use keyvet_virtual_key::{Firmware, Touch};

use super::id;

fn untouched(firmware: Firmware) -> Bench {
    Bench::with(options(firmware, |options| options.touch = Touch::Manual))
}

fn two_zero(said: &mut Said) {
    said.versions(&["FIDO_2_0"]);
}

const SELECTION: u8 = 0x0b;
const INVALID_COMMAND: u8 = 0x01;

on_both! {
    async fn the_key_that_is_touched_is_selected(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let key = bench.key.clone();
        bench.person.when(ClientEvent::TouchNeeded, move || key.touch());
        bench.client().await.select(&bench.ceremony()).await.unwrap();
    }

    async fn the_keys_that_are_not_touched_are_cancelled(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let (touched, other) = (untouched(firmware.clone()), untouched(firmware));
        let (key, cancel) = (touched.key.clone(), other.cancel.clone());
        // both wait, then the first is touched
        other.person.when(ClientEvent::TouchNeeded, move || key.set_touch(Touch::Immediate));
        let (mut one, mut two) = (touched.client().await, other.client().await);
        let (touched_ceremony, other_ceremony) = (touched.ceremony(), other.ceremony());
        let first = async {
            let selected = one.select(&touched_ceremony).await;
            cancel.cancel();
            selected
        };
        let (first, second) = tokio::join!(first, two.select(&other_ceremony));
        assert!(first.is_ok(), "{first:?}");
        assert_eq!(second, Err(ClientError::Cancelled));
        assert!(!other.key.waits_for_touch());
    }

    async fn an_older_key_is_selected_by_a_registration_that_makes_nothing(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let key = bench.key.clone();
        bench.person.when(ClientEvent::TouchNeeded, move || key.touch());
        let line = Instead::new(channel(&bench.key).await, |request| {
            assert_ne!(request, [SELECTION], "the key does not know it");
            None
        });
        let line = Box::new(Edited::new(Box::new(line), two_zero));
        let mut client = Client::connect(line, &bench.ceremony()).await.unwrap();
        client.select(&bench.ceremony()).await.unwrap();
        assert!(bench.person.was_told(ClientEvent::TouchNeeded));
    }

    async fn a_key_that_refuses_selection_is_selected_by_a_registration(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = untouched(firmware);
        let key = bench.key.clone();
        bench.person.when(ClientEvent::TouchNeeded, move || key.touch());
        let line = Instead::new(channel(&bench.key).await, |request| {
            (request == [SELECTION]).then(|| vec![INVALID_COMMAND])
        });
        let mut client = Client::connect(Box::new(line), &bench.ceremony()).await.unwrap();
        client.select(&bench.ceremony()).await.unwrap();
        assert!(bench.person.was_told(ClientEvent::TouchNeeded));
    }

    async fn a_key_without_either_cannot_be_selected(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let neither = |said: &mut Said| {
            two_zero(said);
            said.option("clientPin", None);
        };
        let mut client = bench.client_told(neither).await;
        let error = client.select(&bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.command-missing");
    }

    async fn selecting_an_older_key_with_pin_costs_no_retry(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, "123456", 0);
        bench.client_told(two_zero).await.select(&bench.ceremony()).await.unwrap();
        assert!(bench.person.asked().is_empty());
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn a_reset_brings_back_the_key_as_sold(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, "123456", 1);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = true;
        request.danger_keep_discoverable = true;
        client.register(&request, &bench.ceremony()).await.unwrap();
        bench.key.power_cycle();
        let mut client = bench.client().await;
        client.reset(&bench.ceremony()).await.unwrap();
        assert_eq!(client.info().option("clientPin"), Some(false));
        let question = keyvet_client::AssertionRequest::new(&request.rp_id);
        let error = client.assert(&question, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.no-credentials");
    }

    async fn a_reset_that_comes_too_late_says_what_to_do(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        bench.key.advance_clock(Duration::from_secs(30));
        let error = client.reset(&bench.ceremony()).await.unwrap_err();
        let ClientError::Status { status, .. } = error else { panic!("{error}") };
        assert_eq!(status, StatusCode::NOT_ALLOWED);
        assert_eq!(id(&error), "client.reset-not-allowed");
    }

    async fn a_key_winks(firmware: Firmware) {
        keyvet_key_tests::spoken!(firmware);
        let bench = Bench::new(firmware);
        bench.client().await.wink(&bench.ceremony()).await.unwrap();
        assert_eq!(bench.key.winks(), 1);
    }
}
