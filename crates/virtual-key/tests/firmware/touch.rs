//! Touch, its time-out and its cancel.

use std::time::Duration;

use keyvet_virtual_key::{Firmware, KeyOptions, Touch};

use crate::BOTH;
use crate::host::{CANCEL, CBOR, ERROR, Host, KEEP_ALIVE, PING, make_credential, status};

#[test]
fn a_touch_ends_the_wait_and_a_keep_alive_asks_for_it() {
    for firmware in BOTH {
        let mut host = manual(firmware);
        host.send(CBOR, &make_credential(&[]));
        host.touch_is_asked_for();
        host.key.touch();
        assert!(status(&host.answer().1.bytes).is_ok(), "{firmware}");
    }
}

#[test]
fn a_touch_before_it_is_asked_for_is_lost() {
    for firmware in BOTH {
        let mut host = manual(firmware);
        host.key.touch();
        host.send(CBOR, &make_credential(&[]));
        host.touch_is_asked_for();
        host.touch_is_asked_for();
        host.key.touch();
        assert!(status(&host.answer().1.bytes).is_ok(), "{firmware}");
    }
}

#[test]
fn an_immediate_touch_needs_no_keep_alive() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        host.send(CBOR, &make_credential(&[]));
        let (statuses, answer) = host.answer();
        assert!(status(&answer.bytes).is_ok() && !statuses.contains(&2), "{firmware}");
    }
}

#[test]
fn a_touch_by_itself_comes_when_its_time_is_over() {
    for firmware in BOTH {
        let touch = Touch::After(Duration::from_millis(250));
        let mut host = Host::start(KeyOptions { touch, ..KeyOptions::new(firmware.clone()) });
        host.send(CBOR, &make_credential(&[]));
        let (statuses, answer) = host.answer();
        assert!(status(&answer.bytes).is_ok() && statuses.contains(&2), "{firmware}");
    }
}

#[test]
fn without_a_touch_the_command_ends_with_user_action_timeout() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions {
            touch: Touch::Never,
            up_timeout: Duration::from_millis(300),
            ..KeyOptions::new(firmware.clone())
        });
        host.send(CBOR, &make_credential(&[]));
        let (statuses, answer) = host.answer();
        assert_eq!(status(&answer.bytes), Err(0x2f), "{firmware}");
        assert!(statuses.contains(&2), "{firmware}: {statuses:?}");
    }
}

#[test]
fn the_time_for_a_touch_passes_on_the_keys_clock() {
    for firmware in BOTH {
        let mut host = manual(firmware);
        host.send(CBOR, &make_credential(&[]));
        host.touch_is_asked_for();
        host.key.advance_clock(Duration::from_secs(31));
        assert_eq!(status(&host.answer().1.bytes), Err(0x2f), "{firmware}");
    }
}

#[test]
fn a_cancel_ends_the_wait_and_the_channel_goes_on() {
    for firmware in BOTH {
        let mut host = manual(firmware);
        host.send(CBOR, &make_credential(&[]));
        host.touch_is_asked_for();
        host.send(CANCEL, &[]);
        assert_eq!(status(&host.answer().1.bytes), Err(0x2d), "{firmware}");
        assert!(host.cbor(&[0x04]).is_ok(), "{firmware}");
    }
}

#[test]
fn another_channel_is_told_that_the_key_is_busy() {
    for firmware in BOTH {
        let mut host = manual(firmware);
        let mut other = Host::open(&host.key);
        host.send(CBOR, &make_credential(&[]));
        host.touch_is_asked_for();
        other.send(PING, b"me too");
        let answer = other.answer().1;
        // usbd-ctaphid sends the position of the error in its own list, 0, and not ERR_CHANNEL_BUSY
        let code = if *firmware == Firmware::OpenSk { 0x06 } else { 0x00 };
        assert_eq!((answer.command, answer.bytes), (ERROR, vec![code]), "{firmware}");
        host.key.touch();
        assert!(status(&host.answer().1.bytes).is_ok(), "{firmware}");
    }
}

#[test]
fn keep_alives_go_on_while_nobody_touches() {
    for firmware in BOTH {
        let mut host = manual(firmware);
        host.send(CBOR, &make_credential(&[]));
        for _ in 0..3 {
            let message = host.message();
            assert_eq!((message.command, message.bytes), (KEEP_ALIVE, vec![2]), "{firmware}");
        }
        assert!(host.key.waits_for_touch(), "{firmware}");
        host.key.set_touch(Touch::Immediate);
        assert!(status(&host.answer().1.bytes).is_ok(), "{firmware}");
        assert!(!host.key.waits_for_touch(), "{firmware}");
    }
}

fn manual(firmware: &Firmware) -> Host {
    Host::start(KeyOptions { touch: Touch::Manual, ..KeyOptions::new(firmware.clone()) })
}
