//! Quirks of clientPIN: no retry is ever lost to them but by a key that refuses the right PIN.

use super::harness::Doing::{Connect, Pin, PinAny, Retries, SetPin, SetPinAny};
use super::harness::Expect::{Error, Finding, Fine};
use super::harness::{Case, PIN, Somebody, connect, run};
use keyvet_client::{Ceremony, ClientError, RegistrationRequest};
use keyvet_virtual_key::hostile::{HostileKey, HostileLink, HostileOptions, Quirk};
use tokio_util::sync::CancellationToken;

pub(super) const CASES: &[Case] = &[
    Case::new(Quirk::ProtocolsEmpty, Connect, Finding("ctap.get-info.empty-list")),
    Case::new(Quirk::ProtocolsEmpty, PinAny, Error("client.no-common-protocol")),
    Case::new(Quirk::ProtocolsUnknown, PinAny, Error("client.no-common-protocol")),
    Case::new(Quirk::ProtocolOne, PinAny, Fine),
    Case::new(Quirk::ProtocolTwo, PinAny, Fine),
    Case::new(Quirk::ProtocolOne, SetPinAny, Fine),
    Case::new(Quirk::ProtocolTwo, SetPinAny, Fine),
    Case::new(Quirk::NoTokenOption, PinAny, Fine),
    Case::new(Quirk::AgreementOffCurve, Pin, Error("pin-uv.not-on-curve")),
    Case::new(Quirk::AgreementOffCurve, SetPin, Error("pin-uv.not-on-curve")),
    Case::new(Quirk::AgreementShort, Pin, Error("ctap.key-agreement-malformed")),
    Case::new(Quirk::AgreementMissing, Pin, Error("client.answer-incomplete")),
    Case::new(Quirk::TokenShort, Pin, Error("pin-uv.token-length")),
    Case::new(Quirk::TokenOnlyIv, Pin, Error("pin-uv.ciphertext-length")),
    Case::new(Quirk::TokenMissing, Pin, Error("client.answer-incomplete")),
    Case::new(Quirk::RetriesLie, Retries, Fine),
    Case::new(Quirk::RetriesLie, Pin, Fine),
    Case::new(Quirk::RetriesAbove, Retries, Fine),
    Case::new(Quirk::RetriesAbove, Pin, Fine),
    Case::new(Quirk::RetriesAbsent, Retries, Error("client.answer-incomplete")),
    Case::new(Quirk::RetriesAbsent, Pin, Error("client.answer-incomplete")),
    Case::new(Quirk::RetriesWrongType, Retries, Error("ctap.response-wrong-type")),
    Case::new(Quirk::RetriesWrongType, Pin, Error("ctap.response-wrong-type")),
    Case::new(Quirk::RetriesLow, Pin, Error("client.pin-retries-low")),
    Case::new(Quirk::PinNeverRight, Pin, Error("client.pin-invalid")),
    Case::new(Quirk::PinAuthBlocked, Pin, Error("client.pin-auth-blocked")),
    Case::new(Quirk::PinBlocked, Pin, Error("client.pin-blocked")),
];

#[tokio::test(start_paused = true)]
async fn no_answer_about_the_pin_costs_a_retry() {
    keyvet_key_tests::spoken!();
    run(CASES).await;
}

/// The worst case: a key that never takes the right PIN and never admits what that costs, and a person who insists.
#[tokio::test(start_paused = true)]
async fn a_key_that_lies_about_retries_costs_two_of_them_at_most() {
    keyvet_key_tests::spoken!();
    let mut options = HostileOptions::with(&[Quirk::PinNeverRight, Quirk::RetriesLie]);
    options.pin = Some(PIN.to_owned());
    let (person, cancel) = (Somebody { insists: true }, CancellationToken::new());
    let ceremony = Ceremony::new(&person, &cancel);
    let link = HostileLink::new(HostileKey::new(options));
    let key = link.key();
    let mut client = connect(link, &ceremony).await.unwrap();
    let result = client.register(&RegistrationRequest::throw_away(), &ceremony).await;
    assert_eq!(result.err(), Some(ClientError::PinInvalid { left: Some(8) }));
    assert_eq!(key.lock().pin_retries(), 6);
}
