//! The firmware's CTAPHID framing and getInfo.

use std::time::Duration;

use keyvet_ctap::Aaguid;
use keyvet_virtual_key::fixtures::{Authority, LeafOptions, model};
use keyvet_virtual_key::{Attestation, Firmware, KeyOptions, VirtualKey};

use crate::BOTH;
use crate::host::{CBOR, ERROR, Host, INIT, MSG, PING, WINK, reports};

#[test]
fn a_channel_is_allocated_and_carries_a_message_of_many_reports() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        assert_ne!(host.channel, [0xff; 4], "{firmware}");
        let long: Vec<u8> = (0..=u8::MAX).cycle().take(7609).collect();
        assert_eq!(host.call(PING, &long), long, "{firmware}");
        // INIT: one report each way; 7609 bytes: 1 + 128 each way
        assert_eq!(host.key.reports(), (130, 130), "{firmware}");
    }
}

#[test]
fn get_info_has_the_members_of_the_firmware() {
    for firmware in BOTH {
        let info = Host::start(KeyOptions::new(firmware.clone())).get_info();
        let versions = info.versions.unwrap();
        assert!(versions.iter().any(|version| version == "FIDO_2_1"), "{firmware}: {versions:?}");
        assert_eq!(info.pin_uv_auth_protocols, Some(vec![2, 1]), "{firmware}");
        assert_eq!(info.max_msg_size, Some(7609), "{firmware}");
        let aaguid = match firmware {
            Firmware::OpenSk => "664d9f67-84a2-412a-9ff7-b4f7d8ee6d05".parse().unwrap(),
            _ => Aaguid(*b"AAGUID0123456789"),
        };
        assert_eq!(info.aaguid, Some(aaguid), "{firmware}");
    }
}

#[test]
fn every_opener_hears_every_report() {
    for firmware in BOTH {
        let key = VirtualKey::start(KeyOptions::new(firmware.clone())).unwrap();
        let (mut one, mut other) = (Host::open(&key), Host::open(&key));
        assert_ne!(one.channel, other.channel, "{firmware}");
        one.send(PING, b"ping");
        // the other had the answer to its own INIT already
        assert_eq!(other.report().unwrap(), reports(one.channel, PING, b"ping")[0], "{firmware}");
    }
}

#[test]
fn a_channel_nobody_allocated_is_refused_or_served_as_the_firmware_does() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        host.channel = [0, 0, 0, 9];
        host.send(PING, b"ping");
        let answer = host.answer().1;
        match firmware {
            // CTAP 2.2 §11.2.4
            Firmware::OpenSk => assert_eq!((answer.command, answer.bytes), (ERROR, vec![0x0b])),
            // usbd-ctaphid does not look
            _ => assert_eq!((answer.command, answer.bytes), (PING, b"ping".to_vec())),
        }
    }
}

#[test]
fn a_wrong_sequence_number_is_an_error_and_the_channel_goes_on() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        let mut wrong = reports(host.channel, PING, &[0; 100]);
        wrong[1][4] = 1;
        host.send_reports(&wrong);
        let answer = host.answer().1;
        assert_eq!((answer.command, answer.bytes), (ERROR, vec![0x04]), "{firmware}");
        assert_eq!(host.call(PING, b"again"), b"again", "{firmware}");
    }
}

#[test]
fn half_a_message_is_given_up() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        let mut other = Host::open(&host.key);
        let message = reports(host.channel, PING, &[0; 100]);
        host.send_reports(&message[..1]);
        other.send(PING, b"is it read?");
        assert_eq!(other.answer().1.command, ERROR, "{firmware}: busy");
        // fido-authenticator speaks up after half a second; OpenSK looks at the time when the next report comes
        if *firmware == Firmware::OpenSk {
            host.key.advance_clock(Duration::from_secs(1));
            host.send_reports(&message[1..]);
        }
        let answer = host.answer().1;
        assert_eq!((answer.command, answer.bytes), (ERROR, vec![0x05]), "{firmware}");
        assert_eq!(host.call(PING, b"again"), b"again", "{firmware}");
    }
}

#[test]
fn a_wink_is_answered_and_counted() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        assert!(host.call(WINK, &[]).is_empty(), "{firmware}");
        assert_eq!(host.key.winks(), 1, "{firmware}");
    }
}

#[test]
fn a_u2f_registration_is_answered_when_the_key_is_touched() {
    // CLA, INS REGISTER, P1, P2, 64 bytes, challenge and application, any length of answer
    let register = [&[0, 1, 0, 0, 0, 0, 64], [7; 64].as_slice(), &[0, 0]].concat();
    // OpenSK registers by U2F only with a batch certificate, which U2F has no way to do without
    let leaf = Authority::new("firmware").leaf(&LeafOptions::of(model(1)));
    for firmware in BOTH {
        let attestation =
            Attestation::Batch { certificate: leaf.certificate.clone(), key: leaf.key };
        let mut host = Host::start(KeyOptions { attestation, ..KeyOptions::new(firmware.clone()) });
        let mut answer = host.call(MSG, &register);
        // OpenSK says "conditions of use not satisfied" before it looks at the button
        if *firmware == Firmware::OpenSk {
            assert_eq!(answer, [0x69, 0x85]);
            answer = host.call(MSG, &register);
        }
        assert!(
            answer.starts_with(&[5]) && answer.ends_with(&[0x90, 0]),
            "{firmware}: {answer:02x?}"
        );
    }
}

#[test]
fn init_on_a_channel_resynchronizes_it() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        host.send_reports(&reports(host.channel, CBOR, &[0; 100])[..1]);
        assert_eq!(&host.call(INIT, b"abcdefgh")[..8], b"abcdefgh", "{firmware}");
        assert!(host.cbor(&[0x04]).is_ok(), "{firmware}");
    }
}
