//! Setting and changing the PIN.

use keyvet_client::{Client, ClientError, RegistrationRequest};
use keyvet_key_tests::{Bench, Instead, channel, on_both, options};
use keyvet_pin_uv::Pin;
use keyvet_virtual_key::Firmware;

use super::id;

on_both! {
    async fn a_first_pin_is_set_and_getinfo_says_so(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        assert_eq!(client.info().option("clientPin"), Some(false));
        client.set_pin(&Pin::new("1234"), &bench.ceremony()).await.unwrap();
        assert_eq!(client.info().option("clientPin"), Some(true));
        bench.person.will_give(&["1234"]);
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        assert!(registered.auth_data.flags.uv());
        assert_eq!(registered.registration.get_info.as_deref(), Some(client.info_bytes()));
    }

    /// A key that has the PIN must not be reported as one that has not.
    async fn a_pin_that_is_set_is_set_though_cancelled_right_after(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let (cancel, mut infos) = (bench.cancel.clone(), 0);
        let line = Instead::new(channel(&bench.key).await, move |request| {
            infos += usize::from(request == [0x04]);
            if infos == 2 {
                cancel.cancel();
            }
            None
        });
        let ceremony = bench.ceremony();
        let mut client = Client::connect(Box::new(line), &ceremony).await.unwrap();
        client.set_pin(&Pin::new("1234"), &ceremony).await.unwrap();
        assert!(bench.cancel.is_cancelled());
        assert_eq!(client.info().option("clientPin"), Some(true));
    }

    async fn a_pin_is_set_by_protocol_one(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client_told(|said| said.protocols(&[1])).await;
        client.set_pin(&Pin::new("1234"), &bench.ceremony()).await.unwrap();
        client.change_pin(&Pin::new("1234"), &Pin::new("5678"), &bench.ceremony()).await.unwrap();
        bench.person.will_give(&["5678"]);
        // what protocol 1 has set, protocol 2 can use
        let mut client = bench.client().await;
        client.register(&RegistrationRequest::throw_away(), &bench.ceremony()).await.unwrap();
    }

    async fn a_second_first_pin_is_refused_here(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, "1234", 0);
        let mut client = bench.client().await;
        let sent = bench.key.reports();
        let error = client.set_pin(&Pin::new("5678"), &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.pin-already-set");
        assert_eq!(bench.key.reports(), sent);
    }

    async fn changing_a_pin_that_is_not_there_is_refused_here(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let (old, new) = (Pin::new("1234"), Pin::new("5678"));
        let error = client.change_pin(&old, &new, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.pin-not-set");
    }

    async fn a_new_pin_must_have_the_length_that_the_key_demands(firmware: Firmware) {
        let bench = Bench::with(options(firmware, |options| options.min_pin_length = Some(8)));
        let mut client = bench.client().await;
        assert_eq!(client.info().min_pin_length, Some(8));
        let sent = bench.key.reports();
        let error = client.set_pin(&Pin::new("1234567"), &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "pin-uv.pin-too-short");
        assert_eq!(bench.key.reports(), sent);
        client.set_pin(&Pin::new("12345678"), &bench.ceremony()).await.unwrap();
    }

    async fn the_keys_own_rules_are_told_apart_from_ours(firmware: Firmware) {
        let bench = Bench::with(options(firmware, |options| options.min_pin_length = Some(8)));
        // a key that keeps its minimum to itself
        let mut client = bench.client_told(|said| said.says(0x0d, 4)).await;
        let error = client.set_pin(&Pin::new("1234567"), &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::PinRefused);
        assert_eq!(id(&error), "client.pin-refused");
    }

    async fn a_pin_is_changed_and_the_old_one_is_wrong_from_then_on(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, "1234", 0);
        let mut client = bench.client().await;
        let (old, new) = (Pin::new("1234"), Pin::new("5678"));
        client.change_pin(&old, &new, &bench.ceremony()).await.unwrap();
        let error = client.change_pin(&old, &new, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::PinInvalid { left: Some(7) });
        assert_eq!(bench.retries().await.left, 7);
        client.change_pin(&new, &old, &bench.ceremony()).await.unwrap();
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn a_pin_that_must_be_changed_can_be(firmware: Firmware) {
        let bench = Bench::with(options(firmware, |options| {
            options.pin = Some("1234".to_owned());
            options.force_pin_change = true;
        }));
        let mut client = bench.client().await;
        let (old, new) = (Pin::new("1234"), Pin::new("5678"));
        let error = client.change_pin(&old, &old, &bench.ceremony()).await.unwrap_err();
        assert_eq!(error, ClientError::PinRefused, "the same PIN is no change");
        client.change_pin(&old, &new, &bench.ceremony()).await.unwrap();
        assert_ne!(client.info().force_pin_change, Some(true));
        bench.person.will_give(&["5678"]);
        client.register(&RegistrationRequest::throw_away(), &bench.ceremony()).await.unwrap();
    }

    async fn a_pin_with_combining_characters_is_the_one_with_precomposed_ones(firmware: Firmware) {
        let (composed, combining) = ("clé-ångström", "cle\u{301}-a\u{30a}ngstro\u{308}m");
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        client.set_pin(&Pin::new(combining), &bench.ceremony()).await.unwrap();
        bench.person.will_give(&[composed]);
        client.register(&RegistrationRequest::throw_away(), &bench.ceremony()).await.unwrap();
        bench.person.will_give(&[combining]);
        client.register(&RegistrationRequest::throw_away(), &bench.ceremony()).await.unwrap();
        assert_eq!(bench.retries().await.left, 8);
    }

    async fn a_pin_is_counted_in_code_points_and_limited_in_bytes(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let error = client.set_pin(&Pin::new("€€€"), &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "pin-uv.pin-too-short");
        let longest = "€".repeat(21);
        let error = client.set_pin(&Pin::new(&format!("{longest}1")), &bench.ceremony()).await;
        assert_eq!(id(&error.unwrap_err()), "pin-uv.pin-too-many-bytes");
        client.set_pin(&Pin::new(&longest), &bench.ceremony()).await.unwrap();
        bench.person.will_give(&[&longest]);
        client.register(&RegistrationRequest::throw_away(), &bench.ceremony()).await.unwrap();
    }

    async fn a_key_without_pins_is_not_sent_one(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client_told(|said| said.option("clientPin", None)).await;
        let error = client.set_pin(&Pin::new("1234"), &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.pin-unsupported");
    }
}
