//! What getInfo alone tells, before the person is bothered.

use keyvet_cbor::Out;
use keyvet_client::RegistrationRequest;
use keyvet_ctap::CoseAlgorithm;
use keyvet_key_tests::{Bench, Said, on_both};
use keyvet_virtual_key::Firmware;

use super::id;

/// The obstacle, from the dry run and from the attempt, which must not send anything.
async fn refused(
    bench: &Bench,
    request: &RegistrationRequest,
    tell: fn(&mut Said),
) -> &'static str {
    let mut client = bench.client_told(tell).await;
    let sent = bench.key.reports();
    let dry = client.preflight(request);
    let error = client.register(request, &bench.ceremony()).await.unwrap_err();
    assert_eq!(dry[0].id(), id(&error));
    assert_eq!(dry[0].severity(), keyvet_finding::Severity::Error);
    assert_eq!(bench.key.reports(), sent, "nothing may be sent");
    id(&error)
}

on_both! {
    async fn a_key_of_this_kind_has_no_obstacle(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let client = bench.client().await;
        assert_eq!(client.preflight(&RegistrationRequest::throw_away()), []);
    }

    async fn an_algorithm_that_is_not_offered(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut request = RegistrationRequest::throw_away();
        request.algorithms = vec![CoseAlgorithm::RS256, CoseAlgorithm::ES384];
        let found = refused(&bench, &request, |_| {}).await;
        assert_eq!(found, "client.algorithm-not-offered");
    }

    /// Keys of CTAP 2.0 list no algorithms: then the key itself says so.
    async fn an_algorithm_that_the_key_refuses(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client_told(|said| said.says_not(0x0a)).await;
        let mut request = RegistrationRequest::throw_away();
        request.algorithms = vec![CoseAlgorithm::RS256];
        assert_eq!(client.preflight(&request), []);
        let error = client.register(&request, &bench.ceremony()).await.unwrap_err();
        assert_eq!(id(&error), "client.algorithm-refused");
    }

    async fn discoverable_credentials_that_the_key_has_not(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = true;
        let none = refused(&bench, &request, |said| said.option("rk", Some(false))).await;
        assert_eq!(none, "client.discoverable-unsupported");
        let full = refused(&bench, &request, |said| said.says(0x14, 0)).await;
        assert_eq!(full, "client.discoverable-full");
    }

    async fn a_key_of_another_age(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let request = RegistrationRequest::throw_away();
        let found = refused(&bench, &request, |said| said.versions(&["U2F_V2"])).await;
        assert_eq!(found, "client.not-ctap2");
    }

    async fn a_format_that_is_not_offered_is_a_warning(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let tpm = |said: &mut Said| said.says(0x16, Out::Array(vec!["tpm".into()]));
        let mut client = bench.client_told(tpm).await;
        let request = RegistrationRequest::throw_away();
        let ids: Vec<_> = client.preflight(&request).iter().map(|f| f.id()).collect();
        assert_eq!(ids, ["client.format-not-offered"]);
        client.register(&request, &bench.ceremony()).await.unwrap();
    }
}
