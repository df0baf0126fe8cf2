//! Lists of credentials and long messages within the key's limits.

use keyvet_client::{
    AssertionRequest, ClientError, Obstacle, RegistrationRequest, UserVerification,
};
use keyvet_ctap::{CredentialDescriptor, StatusCode};
use keyvet_key_tests::{Bench, Said, on_both};
use keyvet_virtual_key::{Firmware, Touch};

use super::id;

/// Credentials that no key has, of the length that this key's have.
fn strangers(count: usize, len: usize) -> Vec<CredentialDescriptor> {
    (0..count)
        .map(|n| {
            let mut id = vec![0x5a; len];
            id[..8].copy_from_slice(&n.to_be_bytes());
            CredentialDescriptor::new(id)
        })
        .collect()
}

/// Ten credentials by number, about four by length.
fn takes_short_messages(said: &mut Said) {
    said.says(0x05, 1100);
    said.says(0x07, 10);
}

on_both! {
    async fn a_credential_on_the_exclude_list_is_refused_after_a_touch(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        let first = client.register(&request, &bench.ceremony()).await.unwrap();
        request.exclude = vec![first.credential];
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.credential-excluded");
    }

    async fn an_exclude_list_of_strangers_does_not_matter(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.exclude = strangers(5, 64);
        client.register(&request, &bench.ceremony()).await.unwrap();
    }

    async fn a_credential_in_the_last_batch_of_a_long_exclude_list_is_found(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client_told(|said| said.says(0x07, 3)).await;
        let mut request = RegistrationRequest::throw_away();
        let first = client.register(&request, &bench.ceremony()).await.unwrap();
        request.exclude = strangers(10, first.credential.id.len());
        request.exclude.push(first.credential);
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.credential-excluded");
        request.exclude.pop();
        client.register(&request, &bench.ceremony()).await.unwrap();
    }

    async fn a_key_that_does_not_tell_is_asked_one_by_one(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client_told(|said| said.says_not(0x07)).await;
        let mut request = RegistrationRequest::throw_away();
        let first = client.register(&request, &bench.ceremony()).await.unwrap();
        request.exclude = strangers(2, 64);
        request.exclude.push(first.credential);
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.credential-excluded");
    }

    async fn batches_are_asked_without_a_touch(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client_told(|said| said.says(0x07, 1)).await;
        let request = RegistrationRequest::throw_away();
        let mut question = AssertionRequest::new(&request.rp_id);
        question.allow = strangers(4, 64);
        bench.key.set_touch(Touch::Never);
        let error = client.assert(&question, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.no-credentials");
    }

    async fn a_long_allow_list_finds_the_credential_that_is_there(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client_told(|said| said.says(0x07, 4)).await;
        let request = RegistrationRequest::throw_away();
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let mut question = AssertionRequest::new(&request.rp_id);
        question.allow = strangers(9, registered.credential.id.len());
        question.allow.insert(6, registered.credential.clone());
        let asserted = client.assert(&question, &bench.ceremony()).await.unwrap();
        assert_eq!(asserted.assertions[0].credential_id, registered.credential.id);
    }

    async fn identifiers_longer_than_the_key_makes_are_left_out(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let request = RegistrationRequest::throw_away();
        let mut question = AssertionRequest::new(&request.rp_id);
        question.allow = vec![CredentialDescriptor::new(vec![1; 1000])];
        let sent = bench.key.reports();
        let error = client.assert(&question, &bench.ceremony()).await.unwrap_err();
        let ClientError::Status { status, .. } = error else { panic!("{error}") };
        assert_eq!(status, StatusCode::NO_CREDENTIALS);
        assert_eq!(bench.key.reports(), sent, "an empty list would have asked for any credential");
    }

    async fn a_request_as_long_as_the_key_takes_goes_through_in_one(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let max = client.info().max_msg_size.unwrap();
        assert_eq!(max, 7609);
        let mut request = RegistrationRequest::throw_away();
        // the name is what can be made long to the byte; a key may cut it
        let len = |request: &RegistrationRequest| {
            let findings = client.preflight(request);
            findings.first().map(|finding| finding.id())
        };
        request.rp_name = "n".repeat(7300);
        assert_eq!(len(&request), None);
        client.register(&request, &bench.ceremony()).await.unwrap();
    }

    async fn a_list_longer_than_the_longest_message_is_split_by_length(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client_told(takes_short_messages).await;
        let mut request = RegistrationRequest::throw_away();
        let first = client.register(&request, &bench.ceremony()).await.unwrap();
        request.exclude = strangers(9, 230);
        client.register(&request, &bench.ceremony()).await.unwrap();
        request.exclude.push(first.credential);
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.credential-excluded");
    }

    async fn a_request_too_long_for_the_key_is_not_sent(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, "123456", 1);
        let mut client = bench.client_told(|said| said.says(0x05, 1200)).await;
        let mut request = RegistrationRequest::throw_away();
        request.rp_name = "n".repeat(1200);
        let sent = bench.key.reports();
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        let ClientError::Precondition(Obstacle::RequestTooLarge { max, .. }) = error else {
            panic!("{error}")
        };
        assert_eq!(max, 1200);
        assert_eq!(id(&error), "client.request-too-large");
        assert_eq!(bench.key.reports(), sent);
        assert!(bench.person.asked().is_empty());
    }

    async fn a_credential_that_demands_verification_is_found_in_one_request(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, "123456", 2);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.extensions.cred_protect = Some(keyvet_ctap::CredProtect::UV_REQUIRED);
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let mut question = AssertionRequest::new(&request.rp_id);
        question.allow = vec![registered.credential];
        question.user_verification = UserVerification::Discouraged;
        let error = client.assert(&question, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.no-credentials");
        question.user_verification = UserVerification::Required;
        client.assert(&question, &bench.ceremony()).await.unwrap();
    }
}
