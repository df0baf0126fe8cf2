//! Power, plug, clock, and many keys at once.

use std::thread;
use std::time::Duration;

use ciborium::Value;
use keyvet_ctap::{AuthenticatorData, MakeCredentialResponse};
use keyvet_transport::ChannelError;
use keyvet_virtual_key::{KeyOptions, Touch, VirtualKey};

use crate::BOTH;
use crate::host::{CBOR, CLIENT_DATA_HASH, Host, command, make_credential, number};

const RESET: &[u8] = &[0x07];

#[test]
fn a_reset_is_allowed_for_ten_seconds_after_the_power_up() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        host.key.advance_clock(Duration::from_secs(11));
        assert_eq!(host.cbor(RESET), Err(0x30), "{firmware}");
        host.key.power_cycle();
        let mut host = Host::open(&host.key);
        assert_eq!(host.cbor(RESET), Ok(Vec::new()), "{firmware}");
    }
}

#[test]
fn a_power_cycle_keeps_credentials_and_forgets_channels() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        let credential = credential(&mut host);
        host.key.power_cycle();
        let mut again = Host::open(&host.key);
        assert_eq!(again.channel, host.channel, "{firmware}: counted from the start again");
        assert!(again.cbor(&assertion(&credential)).is_ok(), "{firmware}");
    }
}

#[test]
fn a_reset_forgets_credentials() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        let credential = credential(&mut host);
        host.key.power_cycle();
        let mut host = Host::open(&host.key);
        assert_eq!(host.cbor(RESET), Ok(Vec::new()), "{firmware}");
        assert_eq!(host.cbor(&assertion(&credential)), Err(0x2e), "{firmware}");
    }
}

#[test]
fn an_unplugged_key_is_removed_for_every_link_and_comes_back_for_new_ones() {
    for firmware in BOTH {
        let mut host = Host::start(KeyOptions::new(firmware.clone()));
        let credential = credential(&mut host);
        host.key.unplug();
        assert_eq!(host.report(), Err(ChannelError::Removed), "{firmware}");
        let key = host.key.clone();
        assert_eq!(removed(&mut host), ChannelError::Removed, "{firmware}");
        key.plug();
        assert_eq!(removed(&mut host), ChannelError::Removed, "{firmware}: an old link stays so");
        assert!(Host::open(&key).cbor(&assertion(&credential)).is_ok(), "{firmware}");
    }
}

#[test]
fn unplugging_while_a_touch_is_awaited_makes_no_credential() {
    for firmware in BOTH {
        let options = KeyOptions { touch: Touch::Manual, ..KeyOptions::new(firmware.clone()) };
        let mut host = Host::start(options);
        host.send(CBOR, &make_credential(&[]));
        host.touch_is_asked_for();
        host.key.unplug();
        while host.report().is_ok() {}
        host.key.plug();
        host.key.set_touch(Touch::Immediate);
        assert!(Host::open(&host.key).cbor(&[0x04]).is_ok(), "{firmware}");
        assert_eq!(host.key.crashed(), None, "{firmware}");
    }
}

#[test]
fn eight_keys_work_at_once() {
    for firmware in BOTH {
        let made: Vec<Vec<u8>> = thread::scope(|scope| {
            let key = |seed| {
                let options = KeyOptions { seed, ..KeyOptions::new(firmware.clone()) };
                scope.spawn(|| credential(&mut Host::start(options)))
            };
            let keys: Vec<_> = (0..8).map(key).collect();
            keys.into_iter().map(|key| key.join().unwrap()).collect()
        });
        let different: std::collections::BTreeSet<_> = made.iter().collect();
        assert_eq!(different.len(), 8, "{firmware}");
    }
}

#[test]
fn a_link_alone_keeps_its_key_alive() {
    for firmware in BOTH {
        let Host { key, .. } = Host::start(KeyOptions::new(firmware.clone()));
        let mut host = Host::open(&key);
        drop(key);
        host.key = VirtualKey::start(KeyOptions::default()).unwrap();
        assert!(host.cbor(&[0x04]).is_ok(), "{firmware}");
    }
}

/// Makes a credential that stays on the key, and returns its id.
fn credential(host: &mut Host) -> Vec<u8> {
    let rk = Value::Map(vec![(Value::Text("rk".to_owned()), Value::Bool(true))]);
    let answer = host.cbor(&make_credential(&[(7, rk)])).unwrap();
    let response = MakeCredentialResponse::parse(&answer).unwrap();
    let data = AuthenticatorData::parse(&response.auth_data).unwrap();
    data.attested.unwrap().credential_id
}

fn assertion(credential: &[u8]) -> Vec<u8> {
    let descriptor = Value::Map(vec![
        (Value::Text("id".to_owned()), Value::Bytes(credential.to_vec())),
        (Value::Text("type".to_owned()), Value::Text("public-key".to_owned())),
    ]);
    let members = vec![
        (number(1), Value::Text("example.com".to_owned())),
        (number(2), Value::Bytes(CLIENT_DATA_HASH.to_vec())),
        (number(3), Value::Array(vec![descriptor])),
    ];
    command(0x02, Value::Map(members))
}

fn removed(host: &mut Host) -> ChannelError {
    host.try_send(&[0; 64]).unwrap_err()
}
