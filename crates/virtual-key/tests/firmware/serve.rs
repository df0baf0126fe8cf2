//! A key on a UDP port.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use keyvet_hid::Report;

use crate::host::{CBOR, INIT, KEEP_ALIVE, PING, make_credential, reports};

#[test]
fn a_client_over_udp_is_answered() {
    let program = Program::start(&[]);
    let mut client = Client::of(program.address);
    assert_eq!(client.call(PING, &[7; 200]), [7; 200]);
    assert_eq!(client.call(CBOR, &[0x04])[0], 0);
}

#[test]
fn two_clients_have_their_answers_each() {
    let program = Program::start(&["--firmware", "fido-authenticator"]);
    let (mut one, mut other) = (Client::of(program.address), Client::of(program.address));
    assert_ne!(one.channel, other.channel);
    other.send(PING, b"other");
    one.send(PING, b"one");
    assert_eq!(one.message(), (PING, b"one".to_vec()));
    assert_eq!(other.message(), (PING, b"other".to_vec()));
}

#[test]
fn a_datagram_that_is_no_report_is_dropped() {
    let program = Program::start(&[]);
    let mut client = Client::of(program.address);
    client.socket.send(&[0; 63]).unwrap();
    client.socket.send(&[0; 65]).unwrap();
    assert_eq!(client.call(PING, b"still there"), b"still there");
}

#[test]
fn commands_on_standard_input_are_obeyed_and_confirmed() {
    for firmware in ["opensk", "fido-authenticator"] {
        let mut program =
            Program::start(&["--control", "--touch", "manual", "--firmware", firmware]);
        let mut client = Client::of(program.address);
        client.send(CBOR, &make_credential(&[]));
        assert_eq!(client.message(), (KEEP_ALIVE, vec![2]));
        program.obeys("touch");
        assert_eq!(client.answer()[0], 0, "{firmware}");

        program.obeys("advance 11s");
        assert_eq!(client.call(CBOR, &[0x07]), [0x30], "{firmware}: too late for a reset");
        program.obeys("set-touch immediate");
        program.obeys("unplug");
        client.send(PING, b"nobody hears this");
        program.obeys("plug");
        let mut client = Client::of(program.address);
        assert_eq!(client.call(CBOR, &[0x07]), [0x00], "{firmware}");
        assert!(program.say("dance").starts_with("error: "));
        program.ends_on_quit();
    }
}

#[test]
fn the_end_of_input_ends_the_program() {
    let mut program = Program::start(&["--control"]);
    drop(program.stdin.take());
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn what_a_firmware_cannot_have_is_an_error_and_nothing_listens() {
    let arguments = ["--firmware", "fido-authenticator", "--attestation", "enterprise"];
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "error: fido-authenticator cannot have enterprise attestation\n");
}

#[test]
fn every_quirk_is_listed_and_starts() {
    let output = Command::new(PROGRAM).arg("--list-quirks").output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(listed.lines().count(), keyvet_virtual_key::hostile::Quirk::ALL.len());
    assert!(listed.lines().any(|line| line.starts_with("cancel-ignored ")), "{listed}");
    let program = Program::start(&["--quirk", "cancel-ignored"]);
    assert_eq!(Client::of(program.address).call(CBOR, &[0x04])[0], 0);
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_keyvet-virtual-key");

/// The program, as long as this value lives.
struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
        Self { child, stdin, stdout, address }
    }

    fn say(&mut self, line: &str) -> String {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
        let mut said = String::new();
        self.stdout.read_line(&mut said).unwrap();
        said.trim().to_owned()
    }

    fn obeys(&mut self, line: &str) {
        assert_eq!(self.say(line), line);
    }

    fn ends_on_quit(mut self) {
        writeln!(self.stdin.as_mut().unwrap(), "quit").unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client with a socket and a channel of its own.
struct Client {
    socket: UdpSocket,
    channel: [u8; 4],
}

impl Client {
    fn of(address: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut client = Self { socket, channel: [0xff; 4] };
        let nonce = client.socket.local_addr().unwrap().port().to_be_bytes().repeat(4);
        let answer = client.call(INIT, &nonce);
        assert_eq!(answer[..8], nonce);
        client.channel = answer[8..12].try_into().unwrap();
        client
    }

    fn send(&self, command: u8, message: &[u8]) {
        for report in reports(self.channel, command, message) {
            self.socket.send(&report).unwrap();
        }
    }

    fn report(&self) -> Report {
        let mut report = [0; 64];
        assert_eq!(self.socket.recv(&mut report).unwrap(), 64);
        assert_eq!(report[..4], self.channel, "another client's report");
        report
    }

    fn message(&mut self) -> (u8, Vec<u8>) {
        let first = self.report();
        let len = usize::from(u16::from_be_bytes([first[5], first[6]]));
        let mut message = first[7..].to_vec();
        while message.len() < len {
            message.extend(&self.report()[5..]);
        }
        message.truncate(len);
        (first[4] & 0x7f, message)
    }

    /// The next message but keep-alives.
    fn answer(&mut self) -> Vec<u8> {
        loop {
            let (command, message) = self.message();
            if command != KEEP_ALIVE {
                return message;
            }
        }
    }

    fn call(&mut self, command: u8, message: &[u8]) -> Vec<u8> {
        self.send(command, message);
        self.answer()
    }
}
