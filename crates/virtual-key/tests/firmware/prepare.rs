//! What a key was told before its first report.

use keyvet_ctap::{ClientPin, ClientPinResponse, Permissions};
use keyvet_pin_uv::{Pin, PinUvAuthProtocol, PlatformKey, SharedSecret};
use keyvet_virtual_key::{Firmware, KeyOptions, StartError, Touch, VirtualKey};

use crate::BOTH;
use crate::host::{Host, make_credential};

#[test]
fn a_key_as_sold_has_no_pin() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        assert_eq!(host.get_info().option("clientPin"), Some(false), "{firmware}");
    }
}

#[test]
fn a_pin_set_at_the_start_opens_the_key_and_another_costs_a_try() {
    for firmware in BOTH {
        let mut host = Host::start(with_pin(firmware));
        assert_eq!(host.key.reports(), (1, 1), "{firmware}: preparing is not counted");
        assert_eq!(host.get_info().option("clientPin"), Some(true), "{firmware}");
        assert_eq!(token(&mut host, "1235"), Err(0x31), "{firmware}");
        assert_eq!(retries(&mut host), Some(7), "{firmware}");
        assert_eq!(token(&mut host, "1234"), Ok(()), "{firmware}");
        assert_eq!(retries(&mut host), Some(8), "{firmware}");
    }
}

#[test]
fn a_prepared_key_has_its_reset_window_and_waits_for_its_touch() {
    for firmware in BOTH {
        let options = KeyOptions { touch: Touch::Never, ..with_pin(firmware) };
        let mut host = Host::start(options);
        host.send(crate::host::CBOR, &[0x07]);
        host.touch_is_asked_for();
        host.key.set_touch(Touch::Immediate);
        assert_eq!(host.answer().1.bytes, [0], "{firmware}");
    }
}

#[test]
fn the_shortest_pin_is_set_before_the_pin() {
    for firmware in BOTH {
        let options = KeyOptions { min_pin_length: Some(6), ..KeyOptions::new(firmware.clone()) };
        let pin = |pin: &str| KeyOptions { pin: Some(pin.to_owned()), ..options.clone() };
        assert_eq!(Host::start(pin("123456")).get_info().min_pin_length, Some(6), "{firmware}");
        let refused = VirtualKey::start(pin("12345")).unwrap_err();
        let violation = StartError::Refused { what: "set the PIN", status: 0x37 };
        assert_eq!(refused, violation, "{firmware}");
    }
}

#[test]
fn a_pin_that_must_be_changed_gives_no_token() {
    for firmware in BOTH {
        let options = KeyOptions { force_pin_change: true, ..with_pin(firmware) };
        let mut host = Host::start(options);
        assert_eq!(host.get_info().force_pin_change, Some(true), "{firmware}");
        // PIN_INVALID by OpenSK, PIN_POLICY_VIOLATION by fido-authenticator; no try is lost
        let status = if *firmware == Firmware::OpenSk { 0x31 } else { 0x37 };
        assert_eq!(token(&mut host, "1234"), Err(status), "{firmware}");
        assert_eq!(retries(&mut host), Some(8), "{firmware}");
    }
}

#[test]
fn always_uv_refuses_a_credential_without_the_pin() {
    for firmware in BOTH {
        let options = KeyOptions { always_uv: true, ..with_pin(firmware) };
        let mut host = Host::start(options);
        assert_eq!(host.get_info().option("alwaysUv"), Some(true), "{firmware}");
        assert_eq!(host.cbor(&make_credential(&[])), Err(0x36), "{firmware}");
    }
}

#[test]
fn an_enrolled_finger_gives_opensk_built_in_user_verification() {
    let options = KeyOptions { fingerprint: true, ..KeyOptions::new(Firmware::OpenSk) };
    let mut host = Host::start(options);
    assert_eq!(host.get_info().option("uv"), Some(true));
    let (_, key_agreement) = secret(&mut host);
    let permissions = Permissions::MC;
    let rp_id = Some("example.com".to_owned());
    let ask = ClientPin::GetTokenUsingUv { protocol: 2, key_agreement, permissions, rp_id };
    assert!(host.cbor(&ask.encode()).is_ok());
    let options = KeyOptions { fingerprint: true, ..KeyOptions::new(Firmware::FidoAuthenticator) };
    assert!(matches!(VirtualKey::start(options), Err(StartError::Unsupported { .. })));
}

#[test]
fn a_key_can_be_prepared_from_within_a_runtime() {
    for firmware in BOTH {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let key = runtime.block_on(async { VirtualKey::start(with_pin(firmware)) });
        assert!(key.is_ok(), "{firmware}: {key:?}");
    }
}

fn with_pin(firmware: &Firmware) -> KeyOptions {
    KeyOptions { pin: Some("1234".to_owned()), ..KeyOptions::new(firmware.clone()) }
}

/// Asks for a token to make credentials; the status when it is refused.
fn token(host: &mut Host, pin: &str) -> Result<(), u8> {
    let (secret, key_agreement) = secret(host);
    let ask = ClientPin::GetTokenUsingPin {
        protocol: 2,
        key_agreement,
        pin_hash_enc: secret.pin_hash_enc(&Pin::new(pin), [0; 16]),
        permissions: Permissions::MC,
        rp_id: Some("example.com".to_owned()),
    };
    host.cbor(&ask.encode()).map(drop)
}

fn secret(host: &mut Host) -> (SharedSecret, keyvet_ctap::CoseKeyAgreement) {
    let answer = host.cbor(&ClientPin::GetKeyAgreement { protocol: 2 }.encode()).unwrap();
    let theirs = ClientPinResponse::parse(&answer).unwrap().key_agreement.unwrap();
    let ours = PlatformKey::from_bytes([9; 32]).unwrap();
    let secret = SharedSecret::agree(PinUvAuthProtocol::Two, &ours, &theirs).unwrap();
    (secret, ours.public())
}

fn retries(host: &mut Host) -> Option<u64> {
    let answer = host.cbor(&ClientPin::GetPinRetries.encode()).unwrap();
    ClientPinResponse::parse(&answer).unwrap().pin_retries
}
