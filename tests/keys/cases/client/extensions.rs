//! Extensions asked for at registration.

use keyvet_client::{AssertionRequest, RegistrationRequest, Removal};
use keyvet_ctap::{CredBlob, CredProtect, HmacSecret};
use keyvet_key_tests::{Bench, on_both};
use keyvet_virtual_key::Firmware;

const PIN: &str = "123456";

on_both! {
    async fn every_extension_asked_for_is_answered(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = true;
        request.extensions.cred_protect = Some(CredProtect::UV_OPTIONAL_WITH_CREDENTIAL_ID_LIST);
        request.extensions.cred_blob = Some(b"blob".to_vec());
        request.extensions.hmac_secret = true;
        request.extensions.large_blob_key = true;
        request.extensions.min_pin_length = true;
        assert_eq!(client.preflight(&request), []);
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let outputs = registered.auth_data.extensions.as_ref().unwrap();
        assert_eq!(outputs.cred_protect, Some(CredProtect::UV_OPTIONAL_WITH_CREDENTIAL_ID_LIST));
        assert_eq!(outputs.cred_blob, Some(CredBlob::Stored(true)));
        assert_eq!(outputs.hmac_secret, Some(HmacSecret::Created(true)));
        // only relying parties on the key's list are told (CTAP 2.2 §12.4)
        assert_eq!(outputs.min_pin_length, None);
        assert!(registered.response.large_blob_key.is_some());
        assert_eq!(registered.removed, Some(Removal::Removed));
        let ids: Vec<_> = registered.findings.iter().map(|finding| finding.id()).collect();
        assert_eq!(ids, ["client.credential-removed"]);
    }

    async fn a_large_blob_key_is_not_shown(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 1);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = true;
        request.extensions.large_blob_key = true;
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let key = registered.response.large_blob_key.as_ref().unwrap().0;
        let shown = format!("{registered:?}");
        assert!(!shown.contains(&format!("{}, {}, {}", key[0], key[1], key[2])), "{shown}");
    }

    async fn an_extension_that_the_key_does_not_list_is_a_warning(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.extensions.pin_complexity_policy = true;
        let ids: Vec<_> = client.preflight(&request).iter().map(|f| f.id()).collect();
        assert_eq!(ids, ["client.extension-not-offered"]);
        client.register(&request, &bench.ceremony()).await.unwrap();
    }

    async fn a_blob_comes_back_with_an_assertion(firmware: Firmware) {
        let bench = Bench::with_pin(firmware, PIN, 2);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = true;
        request.danger_keep_discoverable = true;
        request.extensions.cred_blob = Some(b"blob".to_vec());
        client.register(&request, &bench.ceremony()).await.unwrap();
        let mut question = AssertionRequest::new(&request.rp_id);
        question.extensions.cred_blob = true;
        let asserted = client.assert(&question, &bench.ceremony()).await.unwrap();
        let outputs = asserted.assertions[0].auth_data.extensions.as_ref().unwrap();
        assert_eq!(outputs.cred_blob, Some(CredBlob::Blob(b"blob".to_vec())));
    }
}
