//! Keys at CTAPHID: on a UDP port, or at a node of the kernel.

use crate::matrix::{self, Doing, Expect, FINE, LONGEST, Outcome, PIN, end};
use crate::support::{Plugged, Running, demo_key, plug, start_as, until};
use keyvet_client::{Ceremony, Client, RegistrationRequest, UserVerification};
use keyvet_key_tests::{Script, Wire, channel};
use keyvet_virtual_key::{Fault, Place, Touch, VirtualKey, Way};
use std::thread;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

/// What happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Trouble {
    /// To one report.
    Line(Fault),
    /// Another program works with the key and waits for a touch.
    Busy,
    /// The key is pulled out.
    Unplugged,
    /// The key is pulled out and another one put in its place.
    Swapped,
    /// The user may not open the node.
    Denied,
}

const BUSY: Expect = (Some("transport.busy"), 10);
const TIMEOUT: Expect = (Some("transport.timeout"), 10);
const SEQUENCE: Expect = (Some("hid.wrong-sequence"), 10);
const INTERRUPTED: Expect = (Some("hid.interrupted-message"), 10);
/// The key refuses what it was sent.
const REFUSED: Expect = (Some("transport.transport-status"), 10);
const REMOVED: Expect = (Some("transport.removed"), 10);
const DENIED: Expect = (Some("transport.permission-denied"), 6);

/// The expectations, in the order of [`DOING`]; the one place where they stand.
///
/// A first report that is lost, or is not known for one, leaves nothing but silence; any other leaves a gap. The key gives
/// up a request that stands still for 700 ms, and the client must not send an encrypted PIN twice.
const ANYWHERE: &[(Trouble, [Expect; 4])] = &[
    (Trouble::Line(Fault::Drop), [SEQUENCE, TIMEOUT, REFUSED, SEQUENCE]),
    (Trouble::Line(Fault::Duplicate), [SEQUENCE, INTERRUPTED, REFUSED, SEQUENCE]),
    (Trouble::Line(Fault::Delay(Duration::from_millis(700))), [FINE, FINE, REFUSED, FINE]),
    (Trouble::Line(Fault::Foreign), [FINE; 4]),
    (Trouble::Line(Fault::Sequence), [SEQUENCE, TIMEOUT, REFUSED, SEQUENCE]),
    (Trouble::Line(Fault::Truncate), [TIMEOUT; 4]),
    (Trouble::Line(Fault::KeepAlive), [TIMEOUT; 4]),
    (Trouble::Busy, [BUSY; 4]),
];

/// What only a node of the kernel has.
const AT_NODES: &[(Trouble, [Expect; 4])] = &[
    (Trouble::Unplugged, [REMOVED; 4]),
    (Trouble::Swapped, [REMOVED; 4]),
    (Trouble::Denied, [DENIED; 4]),
];

#[test]
fn what_befalls_the_wire_ends_as_it_should() {
    if Wire::current().is_of_cards() {
        eprintln!("not run: {} has no reports", Wire::current().as_str());
        return;
    }
    let at_once = if Wire::current().is_of_nodes() { AT_ONCE_AT_NODES } else { AT_ONCE };
    matrix::run("faults", at_once, matrix::cells("", ANYWHERE, run));
}

#[test]
fn what_befalls_a_node_ends_as_it_should() {
    if !Wire::current().is_of_nodes() {
        eprintln!("not run: there are no nodes on {}", Wire::current().as_str());
        return;
    }
    matrix::run("faults at nodes", 1, matrix::cells("", AT_NODES, run));
}

fn run(trouble: Trouble, doing: Doing) -> Outcome {
    let (key, bystander) = (plug(doing.options()), plug(demo_key()));
    let unasked = bystander.key.reports();
    let busy = (trouble == Trouble::Busy).then(|| Other::works_with(&key));
    if let Some(fault) = trouble.on_the_line() {
        key.key.fail(fault, place(doing, fault)).unwrap();
    }
    let running = start_on(&key, &bystander, trouble, doing);
    let other = happen(trouble, doing, &key);
    let (code, said) = end(running);
    drop(busy);
    let struck = key.key.mend();
    let mut wrong = Vec::new();
    let mut must = |so: bool, what: &str| wrong.extend((!so).then(|| what.to_owned()));
    must(struck || !matches!(trouble, Trouble::Line(_)), "it never struck");
    must(bystander.key.reports() == unasked, "another key was asked for something");
    must(other.is_none_or(|(other, before)| other.key.reports() == before), "so was its successor");
    must(retries(&key, doing) == Some(8), "a PIN retry is lost");
    must(works(&key), "the key does not work afterwards");
    Outcome::new(code, wrong, &said)
}

impl Trouble {
    fn on_the_line(self) -> Option<Fault> {
        match self {
            Self::Line(fault) => Some(fault),
            // the program waits for the rest of the message, and then it happens
            Self::Unplugged | Self::Swapped => Some(Fault::Truncate),
            Self::Busy | Self::Denied => None,
        }
    }
}

fn place(doing: Doing, fault: Fault) -> Place {
    let (command, at_least, way, report) = match doing {
        Doing::GetInfo => (0x04, 0, Way::FromKey, 2),
        Doing::Touch => (0x01, 0, Way::FromKey, 0),
        // the only clientPIN request of more than one report
        Doing::Pin => (0x06, 58, Way::ToKey, 1),
        Doing::Long => (0x01, 0, Way::FromKey, 5),
    };
    match fault {
        // instead of an answer
        Fault::KeepAlive => Place { command, at_least, way: Way::FromKey, report: 0 },
        _ => Place { command, at_least, way, report },
    }
}

fn start_on(key: &Plugged, bystander: &Plugged, trouble: Trouble, doing: Doing) -> Running {
    if doing == Doing::Touch {
        key.key.set_touch(Touch::Manual);
    }
    let name = key.name();
    let arguments = [&doing.arguments()[..], &["--device", &name]].concat();
    let user = (trouble == Trouble::Denied).then_some(NOBODY);
    start_as(user, &[key, bystander], &doing.input(), &arguments)
}

/// Lets it happen, at the right moment. The key that is put in the place of another, and what it was asked before.
fn happen(trouble: Trouble, doing: Doing, key: &Plugged) -> Option<(Plugged, (u64, u64))> {
    if doing == Doing::Touch && !matches!(trouble, Trouble::Busy | Trouble::Denied) {
        until("the key to wait for a touch", || key.key.waits_for_touch());
    }
    match trouble {
        Trouble::Line(_) => key.key.touch(),
        Trouble::Busy | Trouble::Denied => {}
        Trouble::Unplugged | Trouble::Swapped => {
            let moment = || key.key.has_failed() || key.key.waits_for_touch();
            until("the moment", moment);
            key.key.unplug();
        }
    }
    (trouble == Trouble::Swapped).then(|| {
        let other = plug(doing.options());
        let before = other.key.reports();
        (other, before)
    })
}

/// PIN retries, as another program reads them on a channel of its own; 8 where there is no PIN.
fn retries(key: &Plugged, doing: Doing) -> Option<u64> {
    if !key.key.is_present() {
        key.key.plug();
    }
    key.key.set_touch(Touch::Immediate);
    if doing != Doing::Pin {
        return Some(8);
    }
    with_client(key, async |client, ceremony| client.pin_retries(ceremony).await.ok())
        .flatten()
        .map(|retries| retries.left)
}

fn works(key: &Plugged) -> bool {
    let request = RegistrationRequest::throw_away();
    let registered = with_client(key, async |client, ceremony| {
        client.register(&request, ceremony).await.is_ok()
    });
    registered == Some(true)
}

fn with_client<T>(
    key: &Plugged,
    act: impl AsyncFnOnce(&mut Client, &Ceremony<'_>) -> T,
) -> Option<T> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (person, cancel) = (Script::default(), CancellationToken::new());
        person.will_give(&[PIN]);
        let ceremony = Ceremony::new(&person, &cancel);
        let mut client = Client::connect(channel(&key.key).await, &ceremony).await.ok()?;
        Some(act(&mut client, &ceremony).await)
    })
}

/// Another program that works with a key until it is dropped.
struct Other {
    stop: CancellationToken,
    thread: Option<thread::JoinHandle<()>>,
}

impl Other {
    fn works_with(key: &Plugged) -> Self {
        key.key.set_touch(Touch::Manual);
        let (stop, its_key) = (CancellationToken::new(), key.key.clone());
        let cancel = stop.clone();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(waits_for_a_touch(its_key, cancel));
        });
        until("the other program to wait", || key.key.waits_for_touch());
        Self { stop, thread: Some(thread) }
    }
}

async fn waits_for_a_touch(key: VirtualKey, cancel: CancellationToken) {
    let (person, free) = (Script::default(), CancellationToken::new());
    let ceremony = Ceremony::new(&person, &free);
    let channel = channel(&key).await;
    let mut client = Client::connect(channel, &ceremony).await.expect("the key answers");
    let mut request = RegistrationRequest::throw_away();
    request.user_verification = UserVerification::Discouraged;
    let mut ceremony = Ceremony { cancel: &cancel, ..ceremony };
    ceremony.timeouts.touch = LONGEST;
    drop(client.register(&request, &ceremony).await);
}

impl Drop for Other {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the other program ends");
        }
    }
}

/// Most of their time is spent waiting.
const AT_ONCE: usize = 6;
/// A guest has one processor for all of them, and the keys give a message half a second.
const AT_ONCE_AT_NODES: usize = 2;
/// A user who may open nothing.
const NOBODY: u32 = 65534;
