//! Keys at CTAPHID: on a UDP port, or at a node of the kernel.

use crate::matrix::{self, Cell, Expect, Outcome};
use crate::support::{
    ACCEPTS, Plugged, Running, check, demo_key, demo_key_with_pin, plug, start_as, until,
};
use keyvet_client::{Ceremony, Client, RegistrationRequest, UserVerification};
use keyvet_key_tests::{Script, Wire, channel};
use keyvet_virtual_key::{Fault, KeyOptions, Place, Touch, VirtualKey, Way};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

/// What the key is asked for when it happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Doing {
    /// getInfo; it strikes in the middle of the answer.
    GetInfo,
    /// makeCredential, which waits for a touch; it strikes at the beginning of the answer.
    Touch,
    /// The encrypted PIN on its way to the key; it strikes in the middle of the request.
    Pin,
    /// makeCredential; it strikes in the middle of the answer, the longest there is.
    Long,
}

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

const DOING: [Doing; 4] = [Doing::GetInfo, Doing::Touch, Doing::Pin, Doing::Long];

const FINE: Expect = (None, 0);

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
    matrix::run("faults", cells(ANYWHERE));
}

#[test]
fn what_befalls_a_node_ends_as_it_should() {
    if matches!(Wire::current(), Wire::Memory | Wire::Udp) {
        eprintln!("not run: there are no nodes on {}", Wire::current().as_str());
        return;
    }
    matrix::run("faults at nodes", cells(AT_NODES));
}

fn cells(table: &'static [(Trouble, [Expect; 4])]) -> Vec<Cell> {
    let row = |(trouble, expected): &(Trouble, [Expect; 4])| {
        let trouble = *trouble;
        DOING.into_iter().zip(*expected).map(move |(doing, expect)| {
            let run = Box::new(move || run(trouble, doing));
            Cell { name: format!("{trouble:?} during {doing:?}"), expect, run }
        })
    };
    table.iter().flat_map(row).collect()
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
    let error = serde_json::from_str::<serde_json::Value>(&said).ok();
    let error = error.and_then(|said| Some(said["error"]["code"].as_str()?.to_owned()));
    Outcome { error, code, wrong, said: said.chars().take(600).collect() }
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

impl Doing {
    fn options(self) -> KeyOptions {
        match self {
            Self::Pin => demo_key_with_pin(PIN),
            Self::GetInfo | Self::Touch | Self::Long => demo_key(),
        }
    }

    fn arguments(self) -> Vec<&'static str> {
        match self {
            Self::GetInfo => vec!["info", "--json"],
            Self::Touch | Self::Long => {
                [&check(ACCEPTS)[..], &["--json", "--timeout", "8s"]].concat()
            }
            Self::Pin => {
                [&check(ACCEPTS)[..], &["--json", "--timeout", "8s", "--pin-stdin"]].concat()
            }
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
    let input = if doing == Doing::Pin { format!("{PIN}\n") } else { String::new() };
    let name = key.name();
    let arguments = [&doing.arguments()[..], &["--device", &name]].concat();
    let user = (trouble == Trouble::Denied).then_some(NOBODY);
    start_as(user, &[key, bystander], &input, &arguments)
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

/// The exit code and what was said; the program is killed when it does not end.
fn end(running: Running) -> (i32, String) {
    let (tell, told) = mpsc::channel();
    let id = running.child.id().to_string();
    thread::spawn(move || tell.send(running.end()));
    match told.recv_timeout(LONGEST) {
        Ok(run) => (run.code, run.stdout),
        Err(_) => {
            drop(std::process::Command::new("kill").args(["-KILL", &id]).status());
            (-1, "it hangs".to_owned())
        }
    }
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

const PIN: &str = "1234";
/// A user who may open nothing.
const NOBODY: u32 = 65534;
/// Longer than any deadline of the program.
const LONGEST: Duration = Duration::from_secs(90);
