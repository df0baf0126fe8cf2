//! The page "Use an NFC reader": its output is what the program prints.

use super::nfc::{BankCard, at};
use super::support::{demo_key, until};
use keyvet_key_tests::TestReaders;
use keyvet_tests::console::{Surroundings, check_cards};
use keyvet_tests::root;
use keyvet_virtual_key::card::AppletCard;
use keyvet_virtual_key::{Firmware, KeyOptions, VirtualKey};
use std::process::Command;

#[test]
fn the_page_about_readers_shows_what_the_program_prints() {
    let page = root().join("docs/use-an-nfc-reader.md");
    let bless = std::env::var_os("KEYVET_BLESS").is_some();
    let stale = check_cards(&page, bless, plug);
    assert_eq!(stale, None, "cargo xtask book writes it again");
}

fn plug(cards: &[(&str, &str)]) -> Surroundings {
    let names: Vec<_> = cards.iter().map(|(name, _)| *name).collect();
    let readers = TestReaders::new(&names);
    let mut keys = Vec::new();
    for (name, card) in cards {
        let (card, how) = card.split_once(", ").unwrap_or((*card, ""));
        match card {
            "bank" => readers.insert(name, BankCard),
            card => {
                let options =
                    if card == "demo" { demo_key() } else { KeyOptions::new(Firmware::OpenSk) };
                let key = VirtualKey::start(options).unwrap();
                lay(&readers, name, AppletCard::new(&key), how);
                keys.push(key);
            }
        }
    }
    let mut command = Command::new("keyvet");
    at(&readers, &mut command);
    let environment = command.get_envs().filter_map(|(name, value)| {
        let name = NAMES.iter().find(|known| name == **known)?;
        Some((*name, value?.to_str()?.to_owned()))
    });
    Surroundings {
        environment: environment.collect(),
        alive: Some(Box::new((readers, keys))),
        ..Surroundings::default()
    }
}

fn lay(readers: &TestReaders, name: &str, card: AppletCard, how: &str) {
    match how {
        "when waited for" => {
            let (readers, name) = (readers.clone(), name.to_owned());
            std::thread::spawn(move || {
                until("the program to wait for a card", || readers.are_watched());
                readers.insert(&name, card);
            });
        }
        "lifted off" => {
            readers.insert(name, card);
            // SELECT of the scan, SELECT and getInfo of the command, then the registration
            readers.leaves_at(name, 4);
        }
        _ => readers.insert(name, card),
    }
}

const NAMES: [&str; 3] = ["PCSCLITE_CSOCK_NAME", "KEYVET_PCSC", "KEYVET_TEST_READERS"];
