//! Keys as cards: what a reader is told, on both kinds of card, and what their faults do.

use keyvet_virtual_key::card::{
    AppletCard, Bend, Card, CardFault, FaultyCard, FidoCard, PowerFrom, Selection,
};
use keyvet_virtual_key::{Firmware, KeyOptions, StartError, Touch, VirtualKey};
use std::thread;

#[test]
fn both_cards_say_what_they_speak() {
    let key = key(Firmware::FidoAuthenticator);
    let mut card = FidoCard::new(&key).unwrap();
    assert_eq!(card.apdu(SELECT), b"U2F_V2\x90\x00");
    let mut card = AppletCard::new(&key);
    assert_eq!(card.apdu(SELECT), b"FIDO_2_0\x90\x00");
    assert_eq!(card.apdu(&SELECT[..13]), b"FIDO_2_0\x90\x00");
    let mut card = AppletCard::new(&key).selected_as(Selection::Fido21);
    assert_eq!(card.apdu(SELECT), b"FIDO_2_1\x90\x00");
}

#[test]
fn a_message_before_select_and_another_applet_are_refused() {
    for mut card in cards() {
        assert_eq!(body(&card.apdu(GET_INFO_SHORT)), None, "{}", hex(&card.atr()));
        let mut other = SELECT.to_vec();
        other[7] ^= 1;
        assert_eq!(card.apdu(&other), [0x6a, 0x82]);
    }
}

#[test]
fn get_info_is_the_same_short_extended_and_over_hid() {
    for mut card in cards() {
        card.apdu(SELECT);
        let extended = card.apdu(&[0x80, 0x10, 0x80, 0, 0, 0, 1, 4, 0, 0]);
        let short = collected(&mut *card, GET_INFO_SHORT);
        assert_eq!(body(&extended).unwrap(), body(&short).unwrap());
        assert!(extended.len() > 256 && extended[0] == 0);
    }
}

#[test]
fn a_chained_message_is_one_message() {
    for mut card in cards() {
        card.apdu(SELECT);
        let whole = make_credential();
        let (first, rest) = whole.split_at(40);
        let mut one = vec![0x90, 0x10, 0x80, 0, 40];
        one.extend(first);
        assert_eq!(card.apdu(&one), [0x90, 0x00]);
        let mut two = vec![0x80, 0x10, 0x80, 0, u8::try_from(rest.len()).unwrap()];
        two.extend(rest);
        two.push(0);
        let answer = collected(&mut *card, &two);
        assert_eq!(answer[0], 0, "{}", hex(&answer));
        assert!(answer.windows(6).any(|part| part == b"packed"));
    }
}

#[test]
fn a_u2f_key_tells_its_version_over_apdus() {
    for mut card in cards() {
        card.apdu(SELECT);
        assert_eq!(card.apdu(&[0, 3, 0, 0, 0]), b"U2F_V2\x90\x00");
    }
}

#[test]
fn a_u2f_registration_over_apdus_has_a_key_and_a_certificate_or_asks_for_a_touch() {
    for mut card in cards() {
        card.apdu(SELECT);
        let mut register = vec![0, 1, 0, 0, 64];
        register.extend([7; 64]);
        register.push(0);
        // CTAP1 asks again and again instead of waiting
        let mut answer = collected(&mut *card, &register);
        for _ in 0..20 {
            if !answer.ends_with(&[0x69, 0x85]) {
                break;
            }
            answer = collected(&mut *card, &register);
        }
        // without an attestation certificate fido-authenticator has no U2F registration
        assert!(answer[0] == 5 || body(&answer).is_none(), "{}", hex(&answer));
    }
}

#[test]
fn one_key_is_the_same_over_both_faces() {
    let key = key(Firmware::FidoAuthenticator);
    let (mut air, mut applet) = (FidoCard::new(&key).unwrap(), AppletCard::new(&key));
    air.apdu(SELECT);
    applet.apdu(SELECT);
    for _ in 0..3 {
        // the applet goes over HID
        let over_hid = collected(&mut applet, GET_INFO_SHORT);
        assert_eq!(collected(&mut air, GET_INFO_SHORT), over_hid);
    }
}

#[test]
fn a_wait_for_touch_is_9100_until_the_touch() {
    for firmware in [Firmware::OpenSk, Firmware::FidoAuthenticator] {
        let key = waiting(firmware);
        let mut card = AppletCard::new(&key);
        card.apdu(SELECT);
        let first = card.apdu(&extended(0x80, &make_credential()));
        assert_eq!(first[1..], [0x91, 0x00]);
        // the status is the firmware's own: 2 once it waits
        while card.apdu(GET_RESPONSE) != [2, 0x91, 0x00] {}
        key.touch();
        let mut answer = collected(&mut card, GET_RESPONSE);
        while answer.ends_with(&[0x91, 0x00]) {
            answer = collected(&mut card, GET_RESPONSE);
        }
        assert_eq!((answer[0], body(&answer).is_some()), (0, true));
        assert_eq!(card.apdu(GET_RESPONSE), [0x69, 0x85]);
    }
}

#[test]
fn a_client_that_knows_no_9100_waits_for_the_touch_in_one_command() {
    for of_its_own in [false, true] {
        let key = waiting(Firmware::FidoAuthenticator);
        let mut card = if of_its_own { fido(&key) } else { applet(&key) };
        card.apdu(SELECT);
        thread::scope(|scope| {
            let answer = scope.spawn(|| card.apdu(&extended(0, &make_credential())));
            while !key.waits_for_touch() {
                thread::yield_now();
            }
            key.touch();
            assert_eq!(answer.join().unwrap()[0], 0);
        });
    }
}

#[test]
fn a_cancel_ends_the_wait_and_the_next_command_is_answered() {
    for firmware in [Firmware::OpenSk, Firmware::FidoAuthenticator] {
        let key = waiting(firmware);
        let mut card = AppletCard::new(&key);
        card.apdu(SELECT);
        card.apdu(&extended(0x80, &make_credential()));
        assert_eq!(card.apdu(&[0x80, 0x11, 0x11, 0, 0]), [0x2d, 0x90, 0x00]);
        assert_eq!(collected(&mut card, GET_INFO_SHORT)[0], 0);
        // and SELECT leaves nothing behind either
        card.apdu(&extended(0x80, &make_credential()));
        assert_eq!(card.apdu(SELECT), b"FIDO_2_0\x90\x00");
        assert_eq!(collected(&mut card, GET_INFO_SHORT)[0], 0);
    }
}

#[test]
fn the_end_of_power_forgets_the_selection() {
    for power in [PowerFrom::Elsewhere, PowerFrom::Field] {
        let key = key(Firmware::FidoAuthenticator);
        let cards: [Box<dyn Card>; 2] = [
            Box::new(AppletCard::new(&key).powered_from(power)),
            Box::new(FidoCard::new(&key).unwrap().powered_from(power)),
        ];
        for mut card in cards {
            card.power_up();
            card.apdu(SELECT);
            assert!(body(&collected(&mut *card, GET_INFO_SHORT)).is_some());
            card.reset();
            assert_eq!(body(&collected(&mut *card, GET_INFO_SHORT)), None);
            card.apdu(SELECT);
            assert!(body(&collected(&mut *card, GET_INFO_SHORT)).is_some());
        }
    }
}

#[test]
fn an_unplugged_key_is_no_card() {
    let key = key(Firmware::FidoAuthenticator);
    for mut card in [applet(&key), fido(&key)] {
        key.plug();
        card.apdu(SELECT);
        key.unplug();
        assert!(!card.is_present());
        assert!(card.apdu(GET_INFO_SHORT).is_empty() || body(&card.apdu(GET_INFO_SHORT)).is_none());
    }
}

#[test]
fn other_firmware_has_no_card_of_its_own() {
    let refused = FidoCard::new(&key(Firmware::OpenSk)).unwrap_err();
    assert!(matches!(refused, StartError::Unsupported { .. }));
}

#[test]
fn faults_do_what_they_say() {
    let answers = |fault: CardFault, command: &[u8]| {
        let key = key(Firmware::OpenSk);
        let mut card = FaultyCard::new(AppletCard::new(&key), [fault]);
        card.apdu(SELECT);
        card.apdu(command)
    };
    let short = GET_INFO_SHORT;
    let first = |bend: Bend| answers(bend.from_the_start(), short);
    assert_eq!(
        answers(Bend::NoExtended.from_the_start(), &[0x80, 0x10, 0x80, 0, 0, 0, 1, 4, 0, 0]),
        [0x67, 0]
    );
    assert_eq!(
        answers(Bend::NoChaining.from_the_start(), &[0x90, 0x10, 0x80, 0, 1, 4]),
        [0x68, 0x84]
    );
    assert_eq!(first(Bend::Endless61)[16..], [0x61, 16]);
    assert_eq!(first(Bend::Empty61), [0x61, 16]);
    assert_eq!(first(Bend::Endless6c), [0x6c, 16]);
    assert_eq!(first(Bend::Endless91), [1, 0x91, 0]);
    assert_eq!(first(Bend::ZeroBytes).len(), 0);
    assert_eq!(first(Bend::OneByte).len(), 1);
    assert_eq!(first(Bend::Truncated).len(), 128);
    assert_eq!(first(Bend::Doubled).len(), 516);
    assert_eq!(first(Bend::Stale), [0x90, 0]);
    assert_eq!(first(Bend::U2fOnly), [0x6d, 0]);
    assert_eq!(first(Bend::Pulled).len(), 0);
    assert_eq!(answers(Bend::ZeroBytes.from(2), short).len(), 258);
    for (bend, command) in [(Bend::SelectNeedsLe, &SELECT[..13]), (Bend::SelectRefusesLe, SELECT)] {
        assert_eq!(answers(bend.from_the_start(), command), [0x67, 0]);
    }
    assert_eq!(answers(Bend::NotFido.from_the_start(), SELECT), [0x6a, 0x82]);
    assert_eq!(answers(Bend::U2fOnly.from_the_start(), SELECT), b"U2F_V2\x90\x00");
}

#[test]
fn a_swapped_card_is_gone_until_its_power_is_and_then_another() {
    let (one, two) = (key(Firmware::OpenSk), key(Firmware::FidoAuthenticator));
    let mut card = FaultyCard::new(AppletCard::new(&one), [Bend::Swapped.from(2)])
        .swapped_for(FidoCard::new(&two).unwrap());
    let atr = card.atr();
    card.apdu(SELECT);
    assert!(body(&collected(&mut card, &[0, 3, 0, 0, 0])).is_some() && card.is_present());
    assert!(card.apdu(GET_INFO_SHORT).is_empty());
    assert!(!card.is_present());
    card.power_down();
    assert!(card.is_present());
    assert_ne!(card.atr(), atr);
    assert_eq!(card.apdu(SELECT), b"U2F_V2\x90\x00");
}

#[test]
fn faults_can_be_switched_off() {
    let key = key(Firmware::OpenSk);
    let mut card = FaultyCard::new(AppletCard::new(&key), [Bend::ZeroBytes.from_the_start()]);
    let switch = card.switch();
    switch.set(false);
    card.apdu(SELECT);
    assert_eq!(card.apdu(GET_INFO_SHORT).len(), 258);
    switch.set(true);
    assert_eq!(card.apdu(GET_INFO_SHORT).len(), 0);
}

fn key(firmware: Firmware) -> VirtualKey {
    // the cards of a test live as long as the test
    let key = VirtualKey::start(KeyOptions::new(firmware)).unwrap();
    std::mem::forget(key.clone());
    key
}

fn waiting(firmware: Firmware) -> VirtualKey {
    let mut options = KeyOptions::new(firmware);
    options.touch = Touch::Manual;
    VirtualKey::start(options).unwrap()
}

fn cards() -> [Box<dyn Card>; 3] {
    let opensk = applet(&key(Firmware::OpenSk));
    let both = key(Firmware::FidoAuthenticator);
    [opensk, applet(&both), fido(&both)]
}

fn applet(key: &VirtualKey) -> Box<dyn Card> {
    Box::new(AppletCard::new(key))
}

fn fido(key: &VirtualKey) -> Box<dyn Card> {
    Box::new(FidoCard::new(key).unwrap())
}

/// Sends a command and fetches what is left of its answer.
fn collected(card: &mut dyn Card, command: &[u8]) -> Vec<u8> {
    let mut answer = card.apdu(command);
    let mut whole = Vec::new();
    while let [data @ .., 0x61, more] = answer.as_slice() {
        whole.extend(data);
        answer = card.apdu(&[0, 0xc0, 0, 0, *more]);
    }
    whole.extend(answer);
    whole
}

/// What a good answer holds.
fn body(answer: &[u8]) -> Option<&[u8]> {
    answer.strip_suffix(&[0x90, 0x00])
}

fn extended(p1: u8, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).unwrap().to_be_bytes();
    [&[0x80, 0x10, p1, 0, 0][..], &len, data, &[0, 0]].concat()
}

/// authenticatorMakeCredential for `a.b`, ES256.
fn make_credential() -> Vec<u8> {
    let mut message = vec![0x01, 0xa4, 0x01, 0x58, 0x20];
    message.extend([0x5a; 32]);
    message.extend(b"\x02\xa1\x62id\x63a.b\x03\xa1\x62id\x41\x01");
    message.extend(b"\x04\x81\xa2\x63alg\x26\x64type\x6apublic-key");
    message
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const SELECT: &[u8] = &[0, 0xa4, 4, 0, 8, 0xa0, 0, 0, 6, 0x47, 0x2f, 0, 1, 0];
const GET_INFO_SHORT: &[u8] = &[0x80, 0x10, 0x80, 0, 1, 4, 0];
const GET_RESPONSE: &[u8] = &[0x80, 0x11, 0, 0, 0];
