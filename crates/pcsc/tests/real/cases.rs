//! Daemons, readers and cards that come and go.

use crate::card::{CONTACTLESS, TestCard};
use crate::daemon::{Daemon, alone, until};
use crate::{block_on, bounded, card_at, for_both, id, link_to, list_until};
use keyvet_nfc::{CardId, HelperReaders};
use keyvet_transport::{CardInterface, ChannelError};
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::sync::mpsc;
use std::thread;

#[test]
#[ignore = "cargo xtask rig nfc"]
fn without_a_daemon_the_service_is_missing() {
    for_both(|way, readers| {
        let _alone = alone();
        let error = readers.list().unwrap_err();
        assert_eq!(id::<()>(Err(error.clone())), "transport.service-missing", "{way}");
        assert!(error.to_string().contains("pcscd"), "{way}: {error}");
        let (_enough, stopped) = bounded();
        assert_eq!(id(readers.wait(&[], &stopped)), "transport.service-missing", "{way}");
        let connected = block_on(readers.connect("Reader", &CardId::default()));
        assert_eq!(id(connected.map(|_| ())), "transport.service-missing", "{way}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn behind_a_stale_socket_the_service_is_missing_until_it_is_started_again() {
    for_both(|way, readers| {
        let mut daemon = Daemon::start(1);
        assert_eq!(readers.list().unwrap().len(), 2, "{way}");
        daemon.kill();
        assert!(daemon.socket().exists(), "{way}: a killed daemon leaves its socket");
        assert_eq!(id(readers.list()), "transport.service-missing", "{way}");
        daemon.restart();
        assert_eq!(list_until(readers, |list| list.len() == 2).len(), 2, "{way}");
    });
}

/// That is all a daemon does that polkit told not to let this user in.
#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_daemon_that_hangs_up_refuses_us() {
    for_both(|way, readers| {
        let _alone = alone();
        fs::create_dir_all("/run/pcscd").unwrap();
        let daemon = UnixListener::bind(crate::daemon::SOCKET).unwrap();
        thread::spawn(move || {
            for mut client in daemon.incoming().map_while(Result::ok) {
                // the version that the library says first; a shorter read is as good
                let _ = client.read(&mut [0; 64]);
            }
        });
        let error = readers.list().unwrap_err();
        assert_eq!(id::<()>(Err(error.clone())), "transport.permission-denied", "{way}: {error}");
        assert!(error.to_string().contains("polkit"), "{way}: {error}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_daemon_killed_in_use_fails_the_link_and_is_found_again() {
    for_both(|way, readers| {
        let mut daemon = Daemon::start(1);
        let card = TestCard::echo(Daemon::port(0));
        let mut link = link_to(readers, 0);
        assert_eq!(block_on(link.transmit(&[0, 1, 2, 3])), Ok(vec![0, 1, 2, 3, 0x90, 0]));
        daemon.kill();
        let failed = block_on(link.transmit(&[0, 1, 2, 3]));
        assert_eq!(id(failed.clone()), "transport.service-missing", "{way}: {failed:?}");
        drop(card);
        daemon.restart();
        let _card = TestCard::echo(Daemon::port(0));
        let mut again = link_to(readers, 0);
        assert_eq!(block_on(again.transmit(&[4, 5, 6, 7])), Ok(vec![4, 5, 6, 7, 0x90, 0]), "{way}");
        assert_eq!(block_on(link.transmit(&[0, 1, 2, 3])), failed, "{way}: it stays failed");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_card_pulled_in_the_middle_of_a_command_is_removed() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(1);
        let card = TestCard::insert(Daemon::port(0), CONTACTLESS, Box::new(|_| None));
        let mut link = link_to(readers, 0);
        block_on(link.begin()).unwrap();
        assert_eq!(block_on(link.transmit(&[0, 0xa4, 4, 0])), Err(ChannelError::Removed), "{way}");
        drop(card);
        let _other = TestCard::echo(Daemon::port(0));
        list_until(readers, |list| list[0].card.is_some());
        assert_eq!(block_on(link.transmit(&[0, 0xa4, 4, 0])), Err(ChannelError::Removed), "{way}");
        assert_eq!(block_on(link.end()), Err(ChannelError::Removed), "{way}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn after_a_swap_nothing_goes_on_with_the_other_card() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(1);
        let card = TestCard::echo(Daemon::port(0));
        let (reader, before) = card_at(readers, 0);
        let mut link = block_on(readers.connect(&reader, &before)).unwrap();
        block_on(link.transmit(&[0, 1, 2, 3])).unwrap();
        drop(card);
        list_until(readers, |list| list[0].card.is_none());
        let other = TestCard::insert(
            Daemon::port(0),
            CONTACTLESS,
            Box::new(|command| panic!("the other card got {command:02x?}")),
        );
        let (_, after) = card_at(readers, 0);
        assert_eq!(after.atr, before.atr, "{way}: the same kind of card");
        assert!(after.events > before.events, "{way}: {before:?} {after:?}");
        assert_eq!(block_on(link.begin()), Err(ChannelError::Removed), "{way}");
        assert_eq!(block_on(link.transmit(&[0, 1, 2, 3])), Err(ChannelError::Removed), "{way}");
        let found = block_on(readers.connect(&reader, &before));
        assert_eq!(id(found.map(|_| ())), "transport.replaced", "{way}");
        drop((link, other));
        list_until(readers, |list| list[0].card.is_none());
        let gone = block_on(readers.connect(&reader, &after));
        assert_eq!(id(gone.map(|_| ())), "transport.removed", "{way}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn sixteen_readers_are_listed_in_order_and_each_has_its_card() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(8);
        let numbered =
            |slot: u8| -> crate::card::Answer { Box::new(move |_| Some(vec![slot, 0x90, 0])) };
        let _cards: Vec<_> = (0..16)
            .map(|slot| TestCard::insert(Daemon::port(slot.into()), CONTACTLESS, numbered(slot)))
            .collect();
        let full = |list: &[keyvet_nfc::ReaderState]| {
            list.len() == 16 && list.iter().all(|reader| reader.card.is_some())
        };
        let list = list_until(readers, full);
        let mut sorted = list.clone();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(list, sorted, "{way}");
        for (slot, reader) in (0..16).zip(&list) {
            assert_eq!(reader.interface, CardInterface::Contactless, "{way}: {}", reader.name);
            let card = reader.card.clone().unwrap();
            let mut link = block_on(readers.connect(&reader.name, &card)).unwrap();
            assert_eq!(block_on(link.transmit(&[0, 0, 0, 0])), Ok(vec![slot, 0x90, 0]), "{way}");
        }
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_waiting_is_woken_by_cards_and_by_the_end_of_the_daemon_and_not_by_use() {
    for_both(|way, readers| {
        let mut daemon = Daemon::start(1);
        let empty = list_until(readers, |list| list.len() == 2);
        assert_eq!(readers.wait(&[], &mpsc::channel().1), Ok(()), "{way}: it is otherwise already");
        let (_enough, stopped) = bounded();
        let card = TestCard::echo(Daemon::port(1));
        assert_eq!(readers.wait(&empty, &stopped), Ok(()), "{way}: a card came");
        let full = list_until(readers, |list| list[1].card.is_some());
        let mut link = link_to(readers, 1);
        block_on(link.begin()).unwrap();
        let (stop, to_stop) = mpsc::channel();
        let full = full.as_slice();
        let outcome = thread::scope(|scope| {
            let waiting = scope.spawn(move || readers.wait(full, &to_stop));
            for _ in 0..20 {
                block_on(link.transmit(&[0, 1, 2, 3])).unwrap();
            }
            let woken = waiting.is_finished();
            drop(stop);
            (waiting.join().unwrap(), woken)
        });
        assert_eq!(outcome, (Ok(()), false), "{way}: only in use");
        drop((link, card));
        assert_eq!(readers.wait(full, &stopped), Ok(()), "{way}: the card left");
        let empty = list_until(readers, |list| list[1].card.is_none());
        thread::scope(|scope| {
            let waiting = scope.spawn(move || readers.wait(&empty, &stopped));
            daemon.kill();
            assert_eq!(id(waiting.join().unwrap()), "transport.service-missing", "{way}");
        });
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn readers_that_a_restarted_daemon_has_more_or_less_wake_a_waiting() {
    for_both(|way, readers| {
        let few = {
            let _daemon = Daemon::start(1);
            list_until(readers, |list| list.len() == 2)
        };
        let _daemon = Daemon::start(2);
        let (_enough, stopped) = bounded();
        until("the new daemon", || readers.list().is_ok_and(|list| list.len() == 4));
        assert_eq!(readers.wait(&few, &stopped), Ok(()), "{way}");
        assert_eq!(readers.list().unwrap().len(), 4, "{way}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_second_daemon_in_a_namespace_of_its_own_is_reached_by_its_socket() {
    let _here = Daemon::start(1);
    let elsewhere = Daemon::elsewhere();
    let folder = tempfile::tempdir().unwrap();
    let helper = folder.path().join("helper");
    let (socket, program) = (elsewhere.socket().display(), env!("CARGO_BIN_EXE_keyvet-pcsc"));
    let script = format!("#!/bin/sh\nPCSCLITE_CSOCK_NAME={socket} exec {program}\n");
    fs::write(&helper, script).unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    let there = HelperReaders::with_program(helper);
    let list = list_until(&there, |list| list.len() == 2);
    assert!(list.iter().all(|reader| reader.name.starts_with("Elsewhere")), "{list:?}");
    for_both(|way, readers| {
        let list = readers.list().unwrap();
        assert!(list.iter().all(|reader| reader.name.starts_with("Virtual")), "{way}: {list:?}");
    });
}
