//! The PIN prompt, on a terminal of its own: `script` makes one. Where the system has no pseudo-terminals (a bare chroot
//! without devpts) the cases say so and are not run.

use super::support::{ACCEPTS, Plugged, check, demo_key_with_pin, keyvet, plug};
use keyvet_tests::{keyvet_command, root};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// What is typed must be seen nowhere.
const CANARY: &str = "canary-7g2";

#[test]
fn a_pin_typed_at_the_prompt_is_taken_and_not_shown() {
    if no_terminals() {
        return;
    }
    let key = plug(demo_key_with_pin(CANARY));
    let mut terminal = Terminal::open(&key, &check(ACCEPTS));
    terminal.until("PIN");
    terminal.typed(&format!("{CANARY}\n"));
    let (code, said) = terminal.end();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("ACCEPTED") && said.contains("UP UV AT"), "{said}");
    assert!(!said.contains(CANARY), "{said}");
}

#[test]
fn after_a_mistyped_pin_the_person_may_try_once_more() {
    if no_terminals() {
        return;
    }
    let key = plug(demo_key_with_pin(CANARY));
    let mut terminal = Terminal::open(&key, &check(ACCEPTS));
    terminal.until("PIN");
    terminal.typed("canary-7h2\n");
    terminal.until("Wrong PIN; 7 tries left.");
    terminal.until("PIN");
    terminal.typed(&format!("{CANARY}\n"));
    let (code, said) = terminal.end();
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains("canary"), "{said}");
    assert_eq!(retries(&key), 8);
}

#[test]
fn ctrl_c_at_the_prompt_ends_it_and_costs_nothing() {
    if no_terminals() {
        return;
    }
    let key = plug(demo_key_with_pin(CANARY));
    let mut terminal = Terminal::open(&key, &check(ACCEPTS));
    terminal.until("PIN");
    terminal.typed("cana\u{3}");
    let (code, said) = terminal.end();
    assert_eq!(code, 7, "{said}");
    assert!(!said.contains("cana"), "{said}");
    assert_eq!(retries(&key), 8);
}

fn no_terminals() -> bool {
    let none = !Path::new("/dev/pts/ptmx").exists();
    if none {
        eprintln!("not run: there is no /dev/pts/ptmx, so no terminal can be made");
    }
    none
}

fn retries(key: &Plugged) -> u64 {
    keyvet(&[key], ["info", "--json"]).json()["pin_retries"].as_u64().unwrap()
}

/// The program on a terminal.
struct Terminal {
    child: Child,
    shown: Receiver<Vec<u8>>,
    said: String,
    seen: usize,
    _home: TempDir,
}

impl Terminal {
    fn open(key: &Plugged, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let program = keyvet_command(home.path()).get_program().to_owned();
        let line = format!(
            "exec env -i HOME={} KEYVET_UDP={} {} {}",
            home.path().display(),
            key.udp(),
            program.display(),
            arguments.join(" ")
        );
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(root());
        script.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().unwrap_or_else(|error| panic!("script: {error}"));
        let shown = chunks(child.stdout.take().unwrap());
        Self { child, shown, said: String::new(), seen: 0, _home: home }
    }

    /// Waits until `words` are shown, after what was waited for before.
    fn until(&mut self, words: &str) {
        loop {
            if let Some(at) = self.said[self.seen..].find(words) {
                self.seen += at + words.len();
                return;
            }
            assert!(self.more(), "{words:?} is not shown: {}", self.said);
        }
    }

    fn typed(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Takes in what is shown next; false at the end.
    fn more(&mut self) -> bool {
        match self.shown.recv_timeout(Duration::from_secs(60)) {
            Ok(chunk) => self.said.push_str(&String::from_utf8_lossy(&chunk)),
            Err(mpsc::RecvTimeoutError::Disconnected) => return false,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing happens after: {}", self.said),
        }
        true
    }

    /// The exit code, and all that was shown.
    fn end(mut self) -> (i32, String) {
        while self.more() {}
        (self.child.wait().unwrap().code().unwrap_or(-1), self.said)
    }
}

fn chunks(mut from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (give, take) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(len @ 1..) = from.read(&mut buffer) {
            if give.send(buffer[..len].to_vec()).is_err() {
                return;
            }
        }
    });
    take
}
