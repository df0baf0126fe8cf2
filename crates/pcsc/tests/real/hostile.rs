//! What readers and cards may say of themselves.

use crate::card::TestCard;
use crate::daemon::Daemon;
use crate::{block_on, card_at, for_both, id, list_until};
use keyvet_finding::Printable;

#[test]
#[ignore = "cargo xtask rig nfc"]
fn any_answer_to_reset_is_listed_and_bounded() {
    let silent: &[u8] = &[0x3b];
    let escape = &b"\x1b]0;x\x07\x1b[2J"[..];
    for_both(|way, readers| {
        for atr in [silent, escape, &[0xff; 33], &[0x3b; 200], &[0x3b, 0x8f, 0x80, 0x01]] {
            let _daemon = Daemon::start(1);
            let answer = |_: &[u8]| Some(vec![0x90, 0]);
            let _card = TestCard::insert(Daemon::port(0), atr, Box::new(answer));
            let list = list_until(readers, |list| list[0].card.is_some());
            let card = list[0].card.clone().unwrap();
            assert!(card.atr.len() <= 33, "{way}: {card:02x?}");
            // pcscd decides whether it speaks with such a card; we only must not break
            let connected = block_on(readers.connect(&list[0].name, &card));
            assert!(
                ["ok", "transport.io", "transport.removed"].contains(&id(connected.map(|_| ())))
            );
        }
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_readers_name_need_not_be_text_and_still_names_it() {
    for_both(|way, readers| {
        for name in [&b"a\x1b[2Jb"[..], b"\xff\xfe\x80", "読\u{202e}取".as_bytes()] {
            let _daemon = Daemon::named(1, name);
            let _card = TestCard::echo(Daemon::port(0));
            let (reader, card) = card_at(readers, 0);
            assert!(!Printable(&reader).to_string().contains(['\u{1b}', '\u{202e}']), "{way}");
            assert_eq!(id(block_on(readers.connect(&reader, &card)).map(|_| ())), "ok", "{way}");
        }
    });
}
