//! Commands on standard input.

use std::io::{self, BufRead};
use std::thread;

use keyvet_virtual_key::VirtualKey;
use keyvet_virtual_key::card::Vpcd;
use tokio::sync::oneshot;

use crate::{arguments, say};

/// Obeys standard input until it says `quit` or ends.
pub(crate) async fn until_quit(key: VirtualKey, cards: Vec<Vpcd>) {
    let (quit, quits) = oneshot::channel();
    // a line may be waited for without end, so on a thread of its own
    thread::spawn(move || {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        for line in lines.take_while(|line| line.trim() != "quit") {
            let said = obey(&key, &cards, line.trim());
            if say(&said.unwrap_or_else(|error| format!("error: {error}"))).is_err() {
                break;
            }
        }
        // nobody listens when the server has failed
        let _ = quit.send(());
    });
    drop(quits.await);
}

/// Does what a line says, and says it again.
fn obey(key: &VirtualKey, cards: &[Vpcd], line: &str) -> Result<String, String> {
    let (command, value) = line.split_once(' ').unwrap_or((line, ""));
    match (command, value) {
        ("touch", "") => key.touch(),
        ("unplug", "") => key.unplug(),
        ("plug", "") => key.plug(),
        ("power-cycle", "") => key.power_cycle(),
        ("remove", "") => cards.iter().for_each(Vpcd::remove),
        ("insert", "") => cards.iter().for_each(Vpcd::insert),
        ("set-touch", when) => key.set_touch(arguments::touch(when)?),
        ("advance", time) => key.advance_clock(arguments::duration(time)?),
        _ => return Err(format!("{line:?} is not a command; see --help")),
    }
    Ok(line.to_owned())
}
