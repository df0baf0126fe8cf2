//! Processor time and peak memory, as the kernel counts them.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What one program cost.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// Peak resident set, in kB.
    pub peak_kb: i64,
}

/// User and system time of this process so far.
pub fn own_cpu() -> Duration {
    // SAFETY: rusage is plain data, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live rusage that the call fills in.
    let status = unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    assert_eq!(status, 0, "getrusage of ourselves cannot fail");
    cpu(&usage)
}

/// Runs `command` to its end and says what that process alone cost, with its output and exit status.
///
/// # Errors
/// When it cannot be started or read.
pub fn run(command: &mut Command) -> io::Result<(Usage, Vec<u8>, i32)> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.as_mut() {
        io::Read::read_to_end(stdout, &mut output)?;
    }
    let mut status = 0;
    // SAFETY: rusage is plain data, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let id = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    // SAFETY: both pointers are to live values; the child is ours and not waited for elsewhere.
    let waited = unsafe { libc::wait4(id, &raw mut status, 0, &raw mut usage) };
    if waited != id {
        return Err(io::Error::last_os_error());
    }
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 };
    Ok((Usage { cpu: cpu(&usage), peak_kb: usage.ru_maxrss }, output, code))
}

fn cpu(usage: &libc::rusage) -> Duration {
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn time(value: libc::timeval) -> Duration {
    let seconds = u64::try_from(value.tv_sec).unwrap_or(0);
    let micros = u64::try_from(value.tv_usec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(micros)
}
