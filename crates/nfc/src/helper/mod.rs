//! Card readers through the helper program, so that nothing here is linked with a smart card library.

mod link;
mod process;

use async_trait::async_trait;
use keyvet_transport::ChannelError;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::link::HelperLink;
use self::process::Process;
use crate::helper_protocol::{Request, SERVICE, decode_readers};
use crate::{CardId, CardLink, ReaderState, Readers};

/// The card readers that the program `keyvet-pcsc` serves.
///
/// The program is started when readers are asked for the first time, and again when it has ended; it ends with this value
/// and the links made from it. On Linux it is not started where pcscd has no socket, so a machine without smart cards pays
/// for nothing but a look at the file system.
///
/// Dropping the future of an exchange returns at once; the helper takes the card's answer and drops it, before anything
/// else goes to that card. A helper that does not answer a question about readers within 5 s is killed.
#[derive(Debug)]
pub struct HelperReaders {
    program: PathBuf,
    /// One of these is there, or there is no service; none on systems whose service is always there.
    sockets: Vec<PathBuf>,
    process: Mutex<Option<Arc<Process>>>,
}

impl HelperReaders {
    /// The program that the environment variable `KEYVET_PCSC` names, or the one beside the running program.
    #[must_use]
    pub fn new() -> Self {
        Self::with_program(program(env::var_os("KEYVET_PCSC"), env::current_exe().ok().as_deref()))
    }

    /// The helper program at this path.
    #[must_use]
    pub fn with_program(program: impl Into<PathBuf>) -> Self {
        Self::at(program.into(), sockets(env::var_os("PCSCLITE_CSOCK_NAME")))
    }

    fn at(program: PathBuf, sockets: Vec<PathBuf>) -> Self {
        Self { program, sockets, process: Mutex::default() }
    }

    /// Whether there can be a service to ask: a look at the file system, for those to whom cards are one of many things.
    #[must_use]
    pub fn may_be_served(&self) -> bool {
        self.sockets.is_empty() || self.sockets.iter().any(|socket| socket.exists())
    }

    /// The running helper, or a new one.
    fn process(&self) -> Result<Arc<Process>, ChannelError> {
        if !self.may_be_served() {
            return Err(self.no_service());
        }
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = process.as_ref().filter(|process| process.is_alive()) {
            return Ok(Arc::clone(running));
        }
        let started = Arc::new(Process::start(&self.program)?);
        *process = Some(Arc::clone(&started));
        Ok(started)
    }

    fn no_service(&self) -> ChannelError {
        let places: Vec<_> = self.sockets.iter().map(|place| place.display().to_string()).collect();
        let cause = format!(
            "no socket at {}; install and start it (Debian, Ubuntu: package pcscd)",
            places.join(" or ")
        );
        ChannelError::ServiceMissing { service: SERVICE, cause }
    }
}

impl Default for HelperReaders {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Readers for HelperReaders {
    fn list(&self) -> Result<Vec<ReaderState>, ChannelError> {
        let payload = self.process()?.ask(&Request::List, PATIENCE)?;
        decode_readers(&payload).map_err(|error| ChannelError::Io(error.to_string()))
    }

    async fn connect(
        &self,
        reader: &str,
        card: &CardId,
    ) -> Result<Box<dyn CardLink>, ChannelError> {
        Ok(Box::new(HelperLink::connect(self.process()?, reader, card).await?))
    }

    fn wait(&self, known: &[ReaderState], stop: &Receiver<()>) -> Result<(), ChannelError> {
        let process = self.process()?;
        let (sender, answer) = mpsc::channel();
        // nobody waits for the answer any more: then it is dropped
        let reply = Box::new(move |answer| drop(sender.send(answer)));
        let id = process.request(&Request::Wait(known.to_vec()), reply);
        loop {
            match answer.recv_timeout(STOP_SLICE) {
                Ok(answer) => return answer.map(|_| ()),
                Err(RecvTimeoutError::Disconnected) => return Err(ChannelError::Removed),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if stop.try_recv() != Err(TryRecvError::Empty) {
                process.tell(id, &Request::Stop);
                return Ok(());
            }
        }
    }
}

fn program(chosen: Option<OsString>, running: Option<&Path>) -> PathBuf {
    let name = format!("keyvet-pcsc{}", env::consts::EXE_SUFFIX);
    match (chosen, running.and_then(Path::parent)) {
        (Some(chosen), _) if !chosen.is_empty() => chosen.into(),
        (_, Some(folder)) => folder.join(name),
        (_, None) => name.into(),
    }
}

/// Where pcscd listens; systemd makes the socket before the daemon runs.
fn sockets(chosen: Option<OsString>) -> Vec<PathBuf> {
    match chosen {
        _ if !cfg!(target_os = "linux") => Vec::new(),
        Some(chosen) => vec![chosen.into()],
        None => ["/run/pcscd/pcscd.comm", "/var/run/pcscd/pcscd.comm"].map(PathBuf::from).into(),
    }
}

/// How long a question about readers may take: a busy pcscd answers in milliseconds, one that starts in a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// How soon a waiting notices that it is to end; news of readers is told at once.
const STOP_SLICE: Duration = Duration::from_millis(50);

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::helper_protocol::{encode_answer, encode_readers, write_frame};
    use keyvet_finding::Coded;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// A helper of our making: a shell script.
    struct Script {
        folder: tempfile::TempDir,
        readers: HelperReaders,
    }

    fn script(text: &str) -> Script {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("helper");
        let text = format!("#!/bin/sh\n{text}");
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let readers = HelperReaders::at(program, Vec::new());
        Script { folder, readers }
    }

    /// Greets as the real one does.
    const GREET: &str = r"printf '\000\000\000\015keyvet-pcsc\000\001'; ";
    /// Waits for a request: an answer before it would be nobody's.
    const ASKED: &str = "dd bs=1 count=1 2>/dev/null > $0.in;";

    fn cause(readers: &HelperReaders) -> String {
        let error = readers.list().unwrap_err();
        assert_eq!(error.kind().id, "transport.service-missing", "{error}");
        error.to_string()
    }

    #[test]
    fn the_helper_is_beside_the_program_unless_the_environment_names_one() {
        let beside = program(None, Some(Path::new("/opt/keyvet/keyvet")));
        assert_eq!(beside, Path::new("/opt/keyvet/keyvet-pcsc"));
        assert_eq!(program(Some("/h".into()), Some(Path::new("/a/b"))), Path::new("/h"));
        assert_eq!(program(Some("".into()), Some(Path::new("/a/b"))), Path::new("/a/keyvet-pcsc"));
    }

    #[test]
    fn without_a_socket_nothing_is_started() {
        let missing = PathBuf::from("/nonexistent/pcscd.comm");
        let readers = HelperReaders::at("/nonexistent/helper".into(), vec![missing]);
        assert!(cause(&readers).contains("no socket at /nonexistent/pcscd.comm; install"));
    }

    #[test]
    fn a_helper_that_is_not_there_is_named() {
        let readers = HelperReaders::at("/nonexistent/keyvet-pcsc".into(), Vec::new());
        assert!(cause(&readers).contains("/nonexistent/keyvet-pcsc"));
    }

    #[test]
    fn a_helper_without_its_library_says_what_to_install() {
        assert!(cause(&script("exit 127").readers).contains("libpcsclite1"));
    }

    #[test]
    fn a_helper_that_ends_or_is_killed_is_told_and_started_again() {
        let helper = script("echo x >> $0.runs; exit 3");
        assert!(cause(&helper.readers).contains("exit status: 3"));
        assert!(cause(&helper.readers).contains("exit status: 3"));
        let runs = fs::read_to_string(helper.folder.path().join("helper.runs")).unwrap();
        assert_eq!(runs, "x\nx\n");
        assert!(cause(&script(&format!("{GREET} kill -9 $$")).readers).contains("signal: 9"));
    }

    #[test]
    fn a_helper_of_another_version_or_of_none_is_told_and_ended() {
        let other = r"printf '\000\000\000\015keyvet-pcsc\000\002'; exec sleep 60";
        assert!(cause(&script(other).readers).contains("of another build"));
        assert!(cause(&script("yes; exec sleep 60").readers).contains("of another build"));
    }

    #[test]
    fn answers_outside_the_protocol_end_the_helper() {
        let short = format!(r"{GREET} printf '\000\000\000\001x'; exec sleep 60");
        assert!(cause(&script(&short).readers).contains("not of the protocol"));
        let long = format!(r"{GREET} printf '\377\377\377\377'; exec sleep 60");
        assert!(cause(&script(&long).readers).contains("length of a frame"));
    }

    #[test]
    fn the_readers_of_an_answer_are_listed() {
        let mut reader = ReaderState::new("A \u{1b}[2J b");
        reader.card = Some(CardId { atr: vec![0x3b, 0x80], events: 7 });
        let payload = encode_readers(std::slice::from_ref(&reader));
        let mut answer = Vec::new();
        write_frame(&mut answer, &encode_answer(1, &Ok(payload))).unwrap();
        let helper = script(&format!("{GREET} {ASKED} cat $0.answer; exec sleep 60"));
        fs::write(helper.folder.path().join("helper.answer"), answer).unwrap();
        assert_eq!(helper.readers.list(), Ok(vec![reader]));
    }

    #[tokio::test]
    async fn a_waiting_ends_with_its_stop_and_the_helper_with_its_readers() {
        let helper = script(&format!("{GREET} cat > $0.in; echo ended > $0.end"));
        let (alive, stop) = mpsc::channel();
        drop(alive);
        assert_eq!(helper.readers.wait(&[], &stop), Ok(()));
        let folder = helper.folder;
        // returns when the helper is gone
        drop(helper.readers);
        assert_eq!(fs::read_to_string(folder.path().join("helper.end")).unwrap(), "ended\n");
        let said = fs::read(folder.path().join("helper.in")).unwrap();
        assert_eq!(said.last(), Some(&0x04), "stop");
    }

    #[tokio::test]
    async fn an_abandoned_exchange_returns_at_once_and_spoils_the_card() {
        let connected = r"\000\000\000\005\000\000\000\001\000";
        let text = format!("{GREET} {ASKED} printf '{connected}'; cat >> $0.in");
        let helper = script(&text);
        let mut link = helper.readers.connect("r", &CardId::default()).await.unwrap();
        tokio::select! {
            biased;
            answer = link.transmit(&[0; 5]) => panic!("nothing answers, yet {answer:?}"),
            () = std::future::ready(()) => {}
        }
        drop(link);
        let folder = helper.folder;
        drop(helper.readers);
        let said = fs::read(folder.path().join("helper.in")).unwrap();
        assert!(said.ends_with(&[0x08, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 4, 0x09, 0, 0, 0, 1]));
    }
}
