//! The client on a key that misbehaves: one case or more for every quirk there is. Each has a deadline of virtual minutes on
//! a paused clock, ends in the named error or in a documented tolerance, and loses no PIN retry.

mod answers;
mod harness;
mod line;
mod pin;

use harness::{Case, PIN, Somebody, connect};
use keyvet_attestation::{Context, Statement, assess};
use keyvet_client::{AssertionRequest, Ceremony, RegistrationRequest};
use keyvet_pin_uv::Pin;
use keyvet_virtual_key::hostile::{HostileKey, HostileLink, HostileOptions, Quirk};
use tokio_util::sync::CancellationToken;

/// Every case.
fn all() -> Vec<Case> {
    [line::CASES, answers::CASES, pin::CASES].concat()
}

#[test]
fn every_quirk_has_a_case() {
    let cases = all();
    let forgotten: Vec<_> =
        Quirk::ALL.iter().filter(|quirk| !cases.iter().any(|case| case.quirk == **quirk)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

/// Otherwise a case would fail for a reason of its own.
#[tokio::test(start_paused = true)]
async fn without_a_quirk_it_is_a_key_like_others() {
    keyvet_key_tests::spoken!();
    let (person, cancel) = (Somebody { insists: false }, CancellationToken::new());
    let ceremony = Ceremony::new(&person, &cancel);
    let link = HostileLink::new(HostileKey::new(HostileOptions::with(&[])));
    let mut client = connect(link, &ceremony).await.unwrap();
    assert!(client.info().findings.is_empty(), "{:?}", client.info().findings);
    client.set_pin(&Pin::new(PIN), &ceremony).await.unwrap();
    let registered = client.register(&RegistrationRequest::throw_away(), &ceremony).await.unwrap();
    assert!(registered.findings.is_empty(), "{:?}", registered.findings);
    assert!(registered.auth_data.flags.uv());
    let at = time::macros::datetime!(2026-01-01 0:00 UTC);
    let assessment = assess(&registered.registration, &mut Context::new(None, at));
    assert_eq!(assessment.statement, Statement::Valid);
    let mut request = AssertionRequest::new(keyvet_client::THROW_AWAY_RP_ID);
    request.allow = vec![registered.credential];
    let asserted = client.assert(&request, &ceremony).await.unwrap();
    assert!(asserted.findings.is_empty(), "{:?}", asserted.findings);
    client.change_pin(&Pin::new(PIN), &Pin::new("another PIN"), &ceremony).await.unwrap();
    assert_eq!(client.pin_retries(&ceremony).await.unwrap().left, 8);
    client.select(&ceremony).await.unwrap();
    client.wink(&ceremony).await.unwrap();
}
