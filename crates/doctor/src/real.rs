//! The machine that the program runs on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::system::{Opening, Pcscd, Person, Platform, Probes, Rooted, System};

impl System {
    /// The machine that the program runs on. `helper` is where the program for card readers is looked for.
    #[must_use]
    pub fn this_machine(helper: Option<PathBuf>) -> Self {
        let variable = |name: &str| Some((name.to_owned(), std::env::var(name).ok()?));
        Self {
            files: Box::new(Rooted("/".into())),
            probes: Box::new(Real { helper }),
            person: person(&std::fs::read_to_string("/proc/self/status").unwrap_or_default()),
            environment: Self::VARIABLES
                .into_iter()
                .filter_map(variable)
                .collect::<BTreeMap<_, _>>(),
            platform: platform(),
        }
    }
}

struct Real {
    helper: Option<PathBuf>,
}

impl Probes for Real {
    fn open(&self, path: &str) -> Opening {
        let path = path.to_owned();
        let slow = || Opening::Failed("it does not open in time".into());
        in_time(move || open(&path)).unwrap_or_else(slow)
    }

    fn pcscd(&self, socket: &str) -> Pcscd {
        let socket = socket.to_owned();
        in_time(move || pcscd(&socket)).unwrap_or(Pcscd::Silent)
    }

    fn helper(&self) -> bool {
        self.helper.as_ref().is_some_and(|path| path.is_file())
    }
}

/// What `probe` says, if it says it in time; a probe that hangs is left behind.
fn in_time<T: Send + 'static>(probe: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (said, outcome) = mpsc::channel();
    let spawned = thread::Builder::new().name("keyvet-probe".into()).spawn(move || {
        // nobody may be waiting any more
        let _ = said.send(probe());
    });
    spawned.ok()?;
    outcome.recv_timeout(LIMIT).ok()
}

fn open(path: &str) -> Opening {
    use std::io::ErrorKind;
    match std::fs::OpenOptions::new().read(true).write(true).open(path) {
        Ok(_) => Opening::Open,
        Err(error) => match error.kind() {
            ErrorKind::PermissionDenied => Opening::Denied,
            ErrorKind::NotFound => Opening::Missing,
            _ => Opening::Failed(error.to_string()),
        },
    }
}

/// Asks for the protocol's version, as every client does first: a service that does not want this user hangs up instead
/// of answering.
#[cfg(unix)]
fn pcscd(socket: &str) -> Pcscd {
    use std::io::{ErrorKind, Read, Write};
    let mut stream = match std::os::unix::net::UnixStream::connect(socket) {
        Ok(stream) => stream,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Pcscd::Denied,
        Err(_) => return Pcscd::Stopped,
    };
    // this thread ends then, even when nobody waits for it
    let _ = stream.set_read_timeout(Some(LIMIT));
    let mut answer = [0; VERSION_WORDS.len().saturating_sub(2).saturating_mul(4)];
    let request: Vec<u8> = VERSION_WORDS.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let asked = stream.write_all(&request).and_then(|()| stream.read_exact(&mut answer));
    match asked.map_err(|error| error.kind()) {
        Ok(()) => Pcscd::Answers,
        Err(ErrorKind::WouldBlock | ErrorKind::TimedOut) => Pcscd::Silent,
        Err(_) => Pcscd::HangsUp,
    }
}

#[cfg(not(unix))]
fn pcscd(_socket: &str) -> Pcscd {
    Pcscd::Stopped
}

/// User and groups, as `/proc/self/status` tells them.
fn person(status: &str) -> Person {
    let numbers = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<u32>>()
    };
    // real, effective, saved, file system
    let effective = |name: &str| numbers(name).get(1).copied();
    let mut groups = numbers("Groups:");
    groups.extend(effective("Gid:"));
    Person { uid: effective("Uid:").unwrap_or_default(), groups }
}

#[cfg(target_os = "linux")]
fn platform() -> Platform {
    Platform::Linux
}

/// Without the rights of an administrator this folder cannot be listed. Not tried on Windows.
#[cfg(windows)]
fn platform() -> Platform {
    let windows = std::env::var_os("SystemRoot").unwrap_or_else(|| "C:\\Windows".into());
    let folder = PathBuf::from(windows).join("System32").join("config");
    Platform::Windows { elevated: std::fs::read_dir(folder).is_ok() }
}

#[cfg(not(any(target_os = "linux", windows)))]
fn platform() -> Platform {
    Platform::Other
}

/// How long a probe may take.
const LIMIT: Duration = Duration::from_secs(3);

/// The first message of a client (pcsc-lite's winscard_msg.h): length of the body, `CMD_VERSION`; then the body, which has
/// the protocol's version 4.4 and room for a result. The answer is the body.
#[cfg(unix)]
const VERSION_WORDS: [u32; 5] = [12, 0x11, 4, 4, 0];

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixListener;

    #[test]
    fn the_person_is_who_the_kernel_says() {
        let status = "Name:\tx\nUid:\t1000\t1001\t1\t1\nGid:\t7\t8\t9\t9\nGroups:\t20 46 \n";
        assert_eq!(person(status), Person { uid: 1001, groups: vec![20, 46, 8] });
        assert_eq!(person(""), Person { uid: 0, groups: vec![] });
    }

    #[test]
    fn a_node_that_opens_and_one_that_is_not_there_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let probes = Real { helper: None };
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("node"), "").unwrap();
        assert_eq!(probes.open(&path("node")), Opening::Open);
        assert_eq!(probes.open(&path("none")), Opening::Missing);
        assert!(matches!(probes.open(&path("")), Opening::Failed(_)), "a folder is no node");
    }

    #[expect(clippy::unwrap_used, reason = "helper of a test: what goes wrong must fail it")]
    /// A service that does `serve` with its first client.
    fn service(serve: impl FnOnce(std::os::unix::net::UnixStream) + Send + 'static) -> Pcscd {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("comm");
        let listener = UnixListener::bind(&path).unwrap();
        let server = thread::spawn(move || serve(listener.accept().unwrap().0));
        let found = Real { helper: None }.pcscd(&path.display().to_string());
        server.join().unwrap();
        found
    }

    #[test]
    fn a_service_that_answers_and_one_that_hangs_up_are_told_apart() {
        let answers = service(|mut client| {
            let mut request = [0; 20];
            client.read_exact(&mut request).unwrap();
            client.write_all(&request[8..]).unwrap();
        });
        assert_eq!(answers, Pcscd::Answers);
        assert_eq!(service(drop), Pcscd::HangsUp);
        let half = service(|mut client| client.write_all(&[0; 5]).unwrap());
        assert_eq!(half, Pcscd::HangsUp);
    }

    #[test]
    fn a_socket_without_service_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("comm");
        drop(UnixListener::bind(&path).unwrap());
        assert_eq!(Real { helper: None }.pcscd(&path.display().to_string()), Pcscd::Stopped);
    }

    #[test]
    fn the_helper_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Real { helper: None }.helper());
        assert!(!Real { helper: Some(folder.path().join("keyvet-pcsc")) }.helper());
        std::fs::write(folder.path().join("keyvet-pcsc"), "").unwrap();
        assert!(Real { helper: Some(folder.path().join("keyvet-pcsc")) }.helper());
    }
}
