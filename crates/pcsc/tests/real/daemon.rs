//! A pcscd of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::card::PATIENCE;

/// A pcscd with virtual readers; killed when dropped. There is one at a time at the usual place.
pub(crate) struct Daemon {
    child: Child,
    config: tempfile::TempDir,
    socket: PathBuf,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Daemon {
    /// One with this many drivers of two slots each, at the usual place.
    pub(crate) fn start(drivers: u16) -> Self {
        Self::named(drivers, b"Virtual Reader")
    }

    /// One whose readers have this name, which need not be text.
    pub(crate) fn named(drivers: u16, name: &[u8]) -> Self {
        let alone = alone();
        let config = config(drivers, FIRST_PORT, name);
        let mut daemon = Self::spawn(Command::new("pcscd"), config, SOCKET.into());
        daemon._alone = Some(alone);
        daemon
    }

    /// A second one with one driver, in a mount namespace of its own, so that it has a `/run` of its own.
    pub(crate) fn elsewhere() -> Self {
        let config = config(1, ELSEWHERE_PORT, b"Elsewhere");
        let mut unshare = Command::new("unshare");
        let script = "mount -t tmpfs none /run && mkdir /run/pcscd && exec pcscd \"$@\"";
        unshare.args(["--mount", "sh", "-c", script, "pcscd"]);
        let mut daemon = Self::spawn(unshare, config, PathBuf::new());
        // unshare and the shell become pcscd, so the process id stays
        daemon.socket = format!("/proc/{}/root{SOCKET}", daemon.child.id()).into();
        let (socket, comm) = (&daemon.socket, format!("/proc/{}/comm", daemon.child.id()));
        let is_pcscd = || fs::read_to_string(&comm).is_ok_and(|name| name == "pcscd\n");
        until("the second daemon's socket", || is_pcscd() && socket.exists());
        daemon
    }

    fn spawn(mut program: Command, config: tempfile::TempDir, socket: PathBuf) -> Self {
        program.args(["--foreground", "--config"]).arg(config.path()).stdin(Stdio::null());
        let log = fs::File::create(config.path().with_extension("log")).unwrap();
        program.stdout(log.try_clone().unwrap()).stderr(log);
        let child = program.spawn().unwrap();
        let mut daemon = Self { child, config, socket, _alone: None };
        if daemon.socket != Path::new("") {
            until("the daemon's socket", || daemon.answers());
        }
        daemon
    }

    /// A stale socket refuses.
    fn answers(&mut self) -> bool {
        assert!(self.child.try_wait().unwrap().is_none(), "pcscd ended: {}", self.log());
        std::os::unix::net::UnixStream::connect(&self.socket).is_ok()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.config.path().with_extension("log")).unwrap_or_default()
    }

    /// The port of a slot, counted from 0.
    pub(crate) fn port(slot: u16) -> u16 {
        FIRST_PORT + slot
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Kills it, as a crash does: its socket stays.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again at the same place.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let mut program = Command::new("pcscd");
        program.args(["--foreground", "--config"]).arg(self.config.path());
        self.child = program.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        until("the daemon again", || self.answers());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(self.config.path().with_extension("log"));
        if self._alone.is_some() {
            remove_leftovers();
        }
    }
}

/// Keeps the usual place to one test at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static PLACE: Mutex<()> = Mutex::new(());
    let alone = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
    remove_leftovers();
    alone
}

fn remove_leftovers() {
    for file in [SOCKET, "/run/pcscd/pcscd.pid"] {
        let _ = fs::remove_file(file);
    }
}

/// Each driver is a file of its own: pcscd loads it once per entry, and two entries of one file share its memory.
fn config(drivers: u16, first_port: u16, name: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().with_extension("drivers");
    fs::create_dir(&library).unwrap();
    for at in 0..drivers {
        let driver = library.join(format!("driver{at}.so"));
        fs::copy(installed_driver(), &driver).unwrap();
        let port = first_port + 2 * at;
        let mut entry = b"FRIENDLYNAME \"".to_vec();
        entry.extend(name);
        entry.extend(format!(" {at:02}\"\nDEVICENAME /dev/null:{port}\n").bytes());
        entry.extend(format!("LIBPATH {}\nCHANNELID {port}\n", driver.display()).bytes());
        fs::write(folder.path().join(format!("reader{at}")), entry).unwrap();
    }
    folder
}

/// Waits for `done`, for a bounded time.
pub(crate) fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Where the package `vsmartcard-vpcd` puts it, or the rig has it.
fn installed_driver() -> PathBuf {
    let named = std::env::var_os("KEYVET_VPCD_DRIVER").map(PathBuf::from);
    named.unwrap_or_else(|| "/usr/lib/pcsc/drivers/serial/libifdvpcd.so".into())
}

/// Where pcscd listens, in the rig's namespace.
pub(crate) const SOCKET: &str = "/run/pcscd/pcscd.comm";
const FIRST_PORT: u16 = 45_000;
const ELSEWHERE_PORT: u16 = 45_100;
