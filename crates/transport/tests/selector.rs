//! Naming one device among several.
#![expect(clippy::unwrap_used, reason = "helpers of a test: what cannot be made must fail it")]

use keyvet_finding::Coded;
use keyvet_transport::{Candidate, Device, DeviceId, SelectionError, Selector, Transport};

fn key(path: &str, product: &str, serial: Option<&str>, aaguid: Option<&str>) -> Candidate {
    let mut device = Device::new(DeviceId::new(Transport::Hid, path));
    device.product = Some(product.into());
    device.manufacturer = Some(product.split(' ').next().unwrap_or_default().into());
    device.serial = serial.map(Into::into);
    let mut candidate = Candidate::new(device);
    candidate.aaguid = aaguid.map(|text| text.parse().unwrap());
    candidate
}

fn keys() -> Vec<Candidate> {
    let mut keys = vec![
        key("/dev/hidraw1", "Nitrokey 3", Some("A1"), Some("2cd2f727-f6ca-44da-8f48-5c2e5da000a2")),
        key("/dev/hidraw10", "Solo 2", Some("A1B2"), Some("deadbeef-0001-4000-2800-304050607080")),
        key("/dev/hidraw3", "Solo 1", None, None),
    ];
    let udp = Device::new(DeviceId::new(Transport::Udp, "127.0.0.1:8111"));
    keys.push(Candidate::new(udp));
    keys
}

fn choose(text: &str) -> Result<usize, &'static str> {
    let selector: Selector = text.parse().unwrap();
    selector.choose(&keys()).map_err(|error| error.kind().id)
}

#[test]
fn a_place_names_the_device_at_it_and_no_other() {
    assert_eq!(choose("hid:/dev/hidraw1"), Ok(0));
    assert_eq!(choose("hid:/dev/hidraw10"), Ok(1));
    assert_eq!(choose("udp:127.0.0.1:8111"), Ok(3));
    assert_eq!(choose("hid:/dev/hidraw"), Err("transport.no-match"));
    assert_eq!(choose("udp:/dev/hidraw1"), Err("transport.no-match"));
}

#[test]
fn a_part_of_any_text_names_the_only_one_that_has_it_in_any_case() {
    assert_eq!(choose("nitro"), Ok(0));
    assert_eq!(choose("solo 1"), Ok(2));
    assert_eq!(choose("B2"), Ok(1));
    assert_eq!(choose(":8111"), Ok(3));
    assert_eq!(choose("2cd2f727"), Ok(0));
    assert_eq!(choose("2CD2F727F6CA"), Ok(0));
    assert_eq!(choose("deadbeef-0001"), Ok(1));
}

#[test]
fn a_whole_name_beats_a_part_of_another() {
    assert_eq!(choose("/dev/hidraw1"), Ok(0));
    assert_eq!(choose("hidraw1"), Ok(0));
    assert_eq!(choose("A1"), Ok(0));
    assert_eq!(choose("2cd2f727f6ca44da8f485c2e5da000a2"), Ok(0));
}

#[test]
fn several_fits_are_refused_with_all_of_them_and_with_nothing_else() {
    let selector: Selector = "solo".parse().unwrap();
    let error = selector.choose(&keys()).unwrap_err();
    assert_eq!(error.kind().id, "transport.several-match");
    assert_eq!(error.candidates(), &keys()[1..3]);
    assert_eq!(error.to_string(), "2 keys fit");
}

#[test]
fn no_fit_is_refused_with_what_is_there() {
    let error = Selector::Part("yubi\u{1b}[31m".into()).choose(&keys()).unwrap_err();
    assert_eq!(error.kind().id, "transport.no-match");
    assert_eq!(error.candidates().len(), 4);
    assert!(!error.to_string().contains('\u{1b}'), "{error}");
}

#[test]
fn without_a_name_the_only_key_is_meant_and_two_are_refused() {
    for selector in [Selector::default(), Selector::Touch] {
        assert_eq!(selector.choose(&keys()[..1]), Ok(0));
        let error = selector.choose(&keys()[..2]).unwrap_err();
        assert_eq!(error.kind().id, "transport.several-match");
        assert_eq!(selector.choose(&[]), Err(SelectionError::None));
    }
    assert_eq!(SelectionError::None.kind().id, "transport.no-key");
}

#[test]
fn a_name_is_a_place_only_with_a_transport_of_this_build() {
    let place = |transport, path: &str| Selector::Place { transport, path: path.into() };
    assert_eq!("hid:/dev/hidraw3".parse(), Ok(place(Transport::Hid, "/dev/hidraw3")));
    assert_eq!("udp:127.0.0.1:8111/7112".parse(), Ok(place(Transport::Udp, "127.0.0.1:8111/7112")));
    assert_eq!("127.0.0.1:8111".parse(), Ok(Selector::Part("127.0.0.1:8111".into())));
    for empty in ["", "  ", "hid:"] {
        assert!(empty.parse::<Selector>().is_err(), "{empty:?}");
    }
}

#[test]
fn an_address_needs_no_scan_and_a_node_does() {
    let address = "udp:127.0.0.1:9".parse::<Selector>().unwrap().address();
    assert_eq!(address, Some(DeviceId::new(Transport::Udp, "127.0.0.1:9")));
    assert_eq!("hid:/dev/hidraw3".parse::<Selector>().unwrap().address(), None);
}

fn cards() -> Vec<Candidate> {
    let at = |path: &str| Candidate::new(Device::new(DeviceId::new(Transport::Nfc, path)));
    let mut all = keys();
    all.extend([at("ACS ACR122U 00 00"), at("ACS ACR122U 00"), at("Alcor \u{1b}[2J Link 00 00")]);
    all
}

fn choose_card(text: &str) -> Result<usize, &'static str> {
    let selector: Selector = text.parse().unwrap();
    selector.choose(&cards()).map_err(|error| error.kind().id)
}

#[test]
fn a_reader_is_named_by_any_part_that_no_other_has_and_whole_names_win() {
    assert_eq!(choose_card("nfc:alcor"), Ok(6));
    assert_eq!(choose_card("nfc:link 00"), Ok(6));
    assert_eq!(choose_card("nfc:ACS ACR122U 00"), Ok(5), "all of one name, part of another");
    assert_eq!(choose_card("nfc:acr122u"), Err("transport.several-match"));
    assert_eq!(choose_card("nfc:omnikey"), Err("transport.no-match"));
    assert_eq!(choose_card("nfc:hidraw1"), Err("transport.no-match"), "another transport's");
    assert_eq!(choose_card("alcor"), Ok(6), "a part of any name");
}

#[test]
fn a_transport_alone_names_the_only_key_on_it() {
    assert_eq!(choose_card("udp"), Ok(3));
    assert_eq!(choose_card("nfc"), Err("transport.several-match"));
    assert_eq!(choose_card("hid"), Err("transport.several-match"));
    assert_eq!(choose("nfc"), Err("transport.no-match"));
    let several = "nfc".parse::<Selector>().unwrap().choose(&cards()).unwrap_err();
    assert_eq!(several.candidates(), &cards()[4..]);
    let none = "nfc".parse::<Selector>().unwrap().choose(&keys()).unwrap_err();
    assert_eq!(
        (none.to_string(), none.candidates().len()),
        ("no key fits \"the only key on nfc\"".into(), 4)
    );
}

#[test]
fn a_selector_tells_which_transport_it_names() {
    let named = |text: &str| text.parse::<Selector>().unwrap().transport();
    assert_eq!(named("nfc"), Some(Transport::Nfc));
    assert_eq!(named("nfc:x"), Some(Transport::Nfc));
    assert_eq!(named("hid:/dev/hidraw3"), Some(Transport::Hid));
    assert_eq!(named("hidraw3"), None);
    assert_eq!(Selector::Touch.transport(), None);
}
