//! The running helper program.

use keyvet_transport::ChannelError;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::helper_protocol::{Request, SERVICE, decode_answer, greeting, read_frame, write_frame};

/// What becomes of an answer.
pub(super) type Reply = Box<dyn FnOnce(Result<Vec<u8>, ChannelError>) + Send>;

/// A running helper. It is told to end, and after a bounded time made to, when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    pending: Arc<Mutex<Pending>>,
    /// None when it is to end.
    stdin: Mutex<Option<ChildStdin>>,
    child: Arc<Mutex<Child>>,
    /// Closed when the helper is gone.
    gone: Mutex<Receiver<()>>,
}

/// Who waits for answers.
#[derive(Default)]
struct Pending {
    last_id: u32,
    replies: HashMap<u32, Reply>,
    /// Why there will be no answer any more.
    over: Option<ChannelError>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("over", &self.over).finish_non_exhaustive()
    }
}

impl Process {
    /// Starts `program`. That it greets as it should is seen with its first answer.
    pub(super) fn start(program: &Path) -> Result<Self, ChannelError> {
        let mut child = command(program).spawn().map_err(|error| not_started(program, &error))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (pending, child) = (Arc::<Mutex<Pending>>::default(), Arc::new(Mutex::new(child)));
        let (alive, gone) = mpsc::channel();
        let (answers, ending) = (Arc::clone(&pending), Arc::clone(&child));
        thread::Builder::new()
            .name("keyvet-pcsc-answers".into())
            .spawn(move || {
                let trouble = stdout.map_or(Trouble::Ended, |stdout| listen(stdout, &answers));
                lock(&answers).end(&trouble.told(end(&ending)));
                drop(alive);
            })
            .map_err(|error| ChannelError::Io(error.to_string()))?;
        Ok(Self { pending, stdin: Mutex::new(stdin), child, gone: Mutex::new(gone) })
    }

    /// Whether it is worth asking.
    pub(super) fn is_alive(&self) -> bool {
        lock(&self.pending).over.is_none()
    }

    /// Sends `request`; `reply` is called once, with the answer or with the reason why there is none. The id names the
    /// link or the waiting that the request makes.
    pub(super) fn request(&self, request: &Request, reply: Reply) -> u32 {
        let mut pending = lock(&self.pending);
        if let Some(why) = pending.over.clone() {
            drop(pending);
            reply(Err(why));
            return 0;
        }
        pending.last_id = pending.last_id.wrapping_add(1);
        let id = pending.last_id;
        pending.replies.insert(id, reply);
        drop(pending);
        self.tell(id, request);
        id
    }

    /// Sends a request that has no answer of its own.
    pub(super) fn note(&self, request: &Request) {
        let mut pending = lock(&self.pending);
        pending.last_id = pending.last_id.wrapping_add(1);
        let id = pending.last_id;
        drop(pending);
        self.tell(id, request);
    }

    /// Sends `request` under the id of an earlier one.
    pub(super) fn tell(&self, id: u32, request: &Request) {
        let mut stdin = lock(&self.stdin);
        let written = stdin.as_mut().map(|pipe| write_frame(pipe, &request.encode(id)));
        drop(stdin);
        if written.is_some_and(|written| written.is_err()) {
            // whoever waits is told by the thread that reads
            end(&self.child);
        }
    }

    /// Sends `request` and waits for its answer, at most `patience`; a helper that takes longer is killed.
    pub(super) fn ask(
        &self,
        request: &Request,
        patience: Duration,
    ) -> Result<Vec<u8>, ChannelError> {
        let (sender, answer) = mpsc::channel();
        self.request(request, Box::new(move |answer| drop(sender.send(answer))));
        match answer.recv_timeout(patience) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Disconnected) => Err(ChannelError::Removed),
            Err(RecvTimeoutError::Timeout) => {
                end(&self.child);
                let cause = format!("it did not answer within {} s", patience.as_secs());
                Err(ChannelError::ServiceMissing { service: SERVICE, cause })
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(lock(&self.stdin).take());
        // it leaves its cards as they are to be left; when it cannot, because a card keeps it, it is ended
        let gone = lock(&self.gone).recv_timeout(FAREWELL);
        if gone == Err(RecvTimeoutError::Timeout) {
            end(&self.child);
        }
    }
}

impl Pending {
    fn end(&mut self, why: &ChannelError) {
        self.over = Some(why.clone());
        for (_, reply) in self.replies.drain() {
            reply(Err(why.clone()));
        }
    }
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // a Ctrl-C at the terminal is ours: the helper still has to carry the cancel to the card
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// Why the helper says no more.
enum Trouble {
    Ended,
    Greeting,
    Said(String),
}

/// Hands answers to those who wait, until there are none any more.
fn listen(mut stdout: ChildStdout, pending: &Mutex<Pending>) -> Trouble {
    match read_frame(&mut stdout) {
        Ok(None) => return Trouble::Ended,
        Ok(Some(greeted)) if greeted == greeting() => {}
        Ok(Some(_)) | Err(_) => return Trouble::Greeting,
    }
    loop {
        let body = match read_frame(&mut stdout) {
            Ok(Some(body)) => body,
            Ok(None) => return Trouble::Ended,
            Err(error) => return Trouble::Said(error.to_string()),
        };
        match decode_answer(&body) {
            Ok((id, answer)) => {
                let reply = lock(pending).replies.remove(&id);
                if let Some(reply) = reply {
                    reply(answer);
                }
            }
            Err(malformed) => return Trouble::Said(malformed.to_string()),
        }
    }
}

impl Trouble {
    fn told(self, status: Option<ExitStatus>) -> ChannelError {
        let cause = match (self, status) {
            (Self::Ended, Some(status)) if status.code() == Some(NOT_LOADED) => NO_LIBRARY.into(),
            (Self::Ended, Some(status)) => format!("keyvet-pcsc ended ({status})"),
            (Self::Ended, None) => "keyvet-pcsc ended".into(),
            (Self::Greeting, _) => {
                "keyvet-pcsc is of another build than keyvet; install both from the same one".into()
            }
            (Self::Said(what), _) => format!("keyvet-pcsc answered wrongly: {what}"),
        };
        ChannelError::ServiceMissing { service: SERVICE, cause }
    }
}

fn not_started(program: &Path, error: &io::Error) -> ChannelError {
    let program = program.display();
    let cause = match error.kind() {
        io::ErrorKind::NotFound => {
            format!("the program {program} is not there; install it beside keyvet")
        }
        _ => format!("{program} does not start: {error}"),
    };
    ChannelError::ServiceMissing { service: SERVICE, cause }
}

/// Ends the helper if it still runs, and says how it ended.
fn end(child: &Mutex<Child>) -> Option<ExitStatus> {
    let mut child = lock(child);
    // it may have ended by itself: then this changes nothing
    let _ = child.kill();
    child.wait().ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the dynamic loader of Linux ends with when a library is missing.
const NOT_LOADED: i32 = 127;

const NO_LIBRARY: &str = "the library libpcsclite is not installed (Debian, Ubuntu: package libpcsclite1; \
    Fedora: pcsc-lite-libs; Arch: pcsclite)";

/// How long a helper that is told to end may take. It has a shorter limit of its own.
const FAREWELL: Duration = Duration::from_secs(1);
