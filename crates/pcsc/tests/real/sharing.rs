//! Other programs at the same card, and exchanges that nobody waits for any more.

use crate::card::{CONTACTLESS, TestCard};
use crate::daemon::{Daemon, until};
use crate::{block_on, card_at, for_both, id, link_to, list_until};
use keyvet_nfc::helper_protocol::EXTENDED;
use keyvet_transport::ChannelError;
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};
use std::ffi::CString;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;

/// Another program: this one, run again for the test below that is none.
struct Other {
    child: Child,
    _said: Lines<BufReader<ChildStdout>>,
}

impl Other {
    /// Does `what` with the first reader, and holds on until it is dropped.
    fn start(what: &str) -> Self {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args(["--ignored", "--exact", "sharing::the_other_program", "--nocapture"]);
        program.env("KEYVET_OTHER", what).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.by_ref().any(|line| line.is_ok_and(|line| line.ends_with("holding"))));
        Self { child, _said: lines }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What the other program does; without its instructions, nothing.
#[test]
#[ignore = "run by the tests beside it"]
fn the_other_program() {
    let Ok(what) = std::env::var("KEYVET_OTHER") else { return };
    let context = Context::establish(Scope::User).unwrap();
    let reader: CString = context.list_readers_owned().unwrap().remove(0);
    let mode = if what == "exclusive" { ShareMode::Exclusive } else { ShareMode::Shared };
    let mut card = context.connect(&reader, mode, Protocols::ANY).unwrap();
    if what == "reset" {
        card.disconnect(Disposition::ResetCard).map_err(|(_, error)| error).unwrap();
        println!("holding");
        return;
    }
    let transaction = (what == "transaction").then(|| card.transaction().unwrap());
    println!("holding");
    std::io::stdout().flush().unwrap();
    // until the test closes our input
    let _ = std::io::stdin().lines().next();
    drop(transaction);
    card.disconnect(Disposition::LeaveCard).map_err(|(_, error)| error).unwrap();
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_card_that_another_program_has_for_itself_is_busy_until_it_lets_go() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(1);
        let _card = TestCard::echo(Daemon::port(0));
        let (reader, card) = card_at(readers, 0);
        let other = Other::start("exclusive");
        list_until(readers, |list| list[0].exclusive);
        let refused = block_on(readers.connect(&reader, &card)).map(|_| ());
        assert_eq!(refused, Err(ChannelError::Busy), "{way}");
        drop(other);
        list_until(readers, |list| !list[0].exclusive);
        assert_eq!(id(block_on(readers.connect(&reader, &card)).map(|_| ())), "ok", "{way}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_card_that_another_program_reset_is_replaced_and_can_be_connected_again() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(1);
        let _card = TestCard::echo(Daemon::port(0));
        let mut link = link_to(readers, 0);
        block_on(link.transmit(&[0, 1, 2, 3])).unwrap();
        drop(Other::start("reset"));
        assert_eq!(id(block_on(link.begin())), "transport.replaced", "{way}");
        assert_eq!(id(block_on(link.transmit(&[0, 1, 2, 3]))), "transport.replaced", "{way}");
        let mut again = link_to(readers, 0);
        assert_eq!(id(block_on(again.transmit(&[0, 1, 2, 3]))), "ok", "{way}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_transaction_keeps_others_out_and_a_begin_given_up_keeps_nobody() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(1);
        let _card = TestCard::echo(Daemon::port(0));
        let mut link = link_to(readers, 0);
        let other = Other::start("transaction");
        block_on(async {
            tokio::select! {
                begun = link.begin() => panic!("{way}: the other has it, yet {begun:?}"),
                () = tokio::time::sleep(std::time::Duration::from_millis(200)) => {}
            }
        });
        drop(other);
        // the begin that was given up is ended by itself, so a third one gets its turn
        let mut third = link_to(readers, 0);
        assert_eq!(id(block_on(third.begin())), "ok", "{way}");
        assert_eq!(id(block_on(third.transmit(&[0, 1, 2, 3]))), "ok", "{way}");
        assert_eq!(id(block_on(third.end())), "ok", "{way}");
        assert_eq!(id(block_on(link.begin())), "ok", "{way}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn an_answer_nobody_waited_for_is_not_given_to_the_next_command() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(1);
        let (go, gone) = mpsc::channel::<()>();
        let card = TestCard::insert(
            Daemon::port(0),
            CONTACTLESS,
            Box::new(move |command| {
                if command[1] == 1 {
                    gone.recv().unwrap();
                }
                Some([command, &[0x90, 0]].concat())
            }),
        );
        let mut link = link_to(readers, 0);
        block_on(async {
            tokio::select! {
                biased;
                answer = link.transmit(&[0, 1, 0, 0]) => panic!("{way}: it works, yet {answer:?}"),
                () = tokio::time::sleep(std::time::Duration::from_millis(100)) => {}
            }
        });
        go.send(()).unwrap();
        assert_eq!(block_on(link.transmit(&[0, 2, 0, 0])), Ok(vec![0, 2, 0, 0, 0x90, 0]), "{way}");
        drop(link);
        until("the reset after an abandoned answer", || card.resets() > 0);
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn a_card_is_left_as_it_is_when_all_went_well() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(1);
        let card = TestCard::echo(Daemon::port(0));
        for _ in 0..3 {
            let mut link = link_to(readers, 0);
            block_on(link.begin()).unwrap();
            block_on(link.transmit(&[0, 1, 2, 3])).unwrap();
            block_on(link.end()).unwrap();
        }
        assert_eq!(card.resets(), 0, "{way}");
    });
}

#[test]
#[ignore = "cargo xtask rig nfc"]
fn long_commands_and_answers_go_through() {
    for_both(|way, readers| {
        let _daemon = Daemon::start(1);
        let _card = TestCard::echo(Daemon::port(0));
        let mut link = link_to(readers, 0);
        let mut command = vec![0x80, 0x10, 0, 0, 0, 0xea, 0x60];
        command.resize(7 + 60_000, 0xa5);
        let answer = block_on(link.transmit(&command));
        assert!(answer.is_ok() || answer == Err(ChannelError::Unsupported(EXTENDED)), "{way}");
        assert_eq!(answer.unwrap().len(), command.len() + 2, "{way}");
    });
}
