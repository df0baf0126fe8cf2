//! One boot of a machine: a job goes in, its output comes out, and an exit code that the guest itself has reported.

use crate::paths::{root, target};
use crate::process::quoted;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What the guest is to do.
pub(crate) struct Job {
    /// The program, found on the guest's `PATH`, and its arguments.
    pub(crate) command: Vec<String>,
    /// Where it starts.
    pub(crate) folder: PathBuf,
    /// Its environment beside `PATH` and `HOME`.
    pub(crate) environment: Vec<(String, String)>,
    /// How long all of it may take, with the boot.
    pub(crate) limit: Duration,
}

/// A kernel that is ready to boot.
pub(crate) trait Machine {
    /// What a person calls it.
    fn name(&self) -> String;

    /// Whether programs run there about as fast as here.
    fn is_fast(&self) -> bool;

    /// The program to run, with its arguments, for the job in this folder. Descriptor 1 is the console, 3 and 4 are
    /// what the guest finds as `$rig_out` and `$rig_err`.
    fn command(&self, job: &Path) -> Vec<String>;

    /// The terminals that descriptors 3 and 4 are in the guest.
    fn terminals(&self) -> [&'static str; 2];
}

/// Whether a no-op comes back from `machine` within `limit`.
pub(crate) fn boots(machine: &dyn Machine, limit: Duration) -> Result<(), String> {
    let job = Job {
        command: vec!["true".to_owned()],
        folder: "/".into(),
        environment: Vec::new(),
        limit,
    };
    match boot(machine, &job)? {
        0 => Ok(()),
        code => Err(format!("{}: a no-op ended with {code}", machine.name())),
    }
}

/// Boots `machine`, runs `job` and passes its output on. The exit code is the command's.
///
/// # Errors
/// When the guest did not report one, with the end of what its console showed.
pub(crate) fn boot(machine: &dyn Machine, job: &Job) -> Result<u8, String> {
    let folder = Folder::with(machine, job)?;
    let mut guard = Command::new(root().join(GUARD));
    guard.arg(&folder.0).args(machine.command(&folder.0)).process_group(0);
    guard.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut guard = guard.spawn().map_err(|error| format!("{GUARD}: {error}"))?;
    let copies = [
        guard.stdout.take().map(|from| copied(from, std::io::stdout())),
        guard.stderr.take().map(|from| copied(from, std::io::stderr())),
    ];
    let ended = wait(&mut guard, job.limit);
    let console = fs::read(folder.0.join("console")).unwrap_or_default();
    // the guard ends what is left when this is closed
    drop(guard.stdin.take());
    let _ = guard.wait();
    for copy in copies.into_iter().flatten() {
        let _ = copy.join();
    }
    let console = String::from_utf8_lossy(&console);
    let seconds = job.limit.as_secs();
    match (reported(&console), ended) {
        (Some(code), _) => Ok(code),
        (None, false) => {
            Err(format!("{} took more than {seconds} s{}", machine.name(), end(&console)))
        }
        (None, true) => {
            Err(format!("{}: the guest did not report{}", machine.name(), end(&console)))
        }
    }
}

/// Whether it ended within `limit`.
fn wait(child: &mut Child, limit: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

fn copied(
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(len @ 1..) = from.read(&mut buffer) {
            // a closed output must not stop the guest
            let _ = buffer.get(..len).map(|bytes| to.write_all(bytes).and_then(|()| to.flush()));
        }
    })
}

/// The last exit code on the console; a line of its own.
fn reported(console: &str) -> Option<u8> {
    console.lines().rev().find_map(|line| line.trim().strip_prefix("RIG exit=")?.parse().ok())
}

/// The last lines of a console, on lines of their own.
fn end(console: &str) -> String {
    let lines: Vec<&str> =
        console.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let skip = lines.len().saturating_sub(12);
    lines.into_iter().skip(skip).map(|line| format!("\n    {}", line.escape_debug())).collect()
}

/// The folder of a job; deleted when dropped.
struct Folder(PathBuf);

impl Folder {
    fn with(machine: &dyn Machine, job: &Job) -> Result<Self, String> {
        let parent = target().join("rigs");
        let number = Instant::now();
        let folder = Self(parent.join(format!("job-{}-{}", std::process::id(), serial(number))));
        let failed = |error: std::io::Error| format!("{}: {error}", folder.0.display());
        fs::create_dir_all(&folder.0).map_err(failed)?;
        // a kernel's command line ends a word at a space, and a list of QEMU's ends at a comma
        let path = folder.0.display().to_string();
        if path.contains([' ', ',', '"']) || root().display().to_string().contains([' ', ',', '"'])
        {
            return Err(format!("a rig cannot run from a path with a space or a comma: {path}"));
        }
        fs::write(folder.0.join("guest"), session(machine)).map_err(failed)?;
        fs::write(folder.0.join("command"), script(job)).map_err(failed)?;
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // the guard may have deleted it
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Different for each job of this process.
fn serial(now: Instant) -> String {
    format!("{now:?}").chars().filter(char::is_ascii_digit).collect()
}

fn session(machine: &dyn Machine) -> String {
    let [out, err] = machine.terminals();
    let session = quoted(&root().join(SESSION).display().to_string());
    format!("rig_out={out}\nrig_err={err}\n. {session}\n")
}

fn script(job: &Job) -> String {
    let mut script = format!("cd {}\n", quoted(&job.folder.display().to_string()));
    for (name, value) in &job.environment {
        script.push_str(&format!("export {name}={}\n", quoted(value)));
    }
    let words: Vec<String> = job.command.iter().map(|word| quoted(word)).collect();
    script.push_str(&format!("exec {}\n", words.join(" ")));
    script
}

const GUARD: &str = "tests/rigs/hid/guard";
const SESSION: &str = "tests/rigs/hid/guest/session";
/// The guest's first process.
pub(crate) const INIT: &str = "tests/rigs/hid/guest/machine";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_a_line_of_its_own_and_the_last_one_counts() {
        assert_eq!(reported("x\r\nRIG exit=0\r\nRIG exit=7\r\nreboot: System halted\r\n"), Some(7));
        assert_eq!(reported("echo RIG exit=0"), None);
        assert_eq!(reported("RIG exit=\n"), None);
        assert_eq!(reported("RIG exit=256\n"), None);
    }

    #[test]
    fn what_a_command_says_reaches_the_guest_as_it_is() {
        let job = Job {
            command: vec!["keyvet".to_owned(), "a b'c".to_owned()],
            folder: "/x y".into(),
            environment: vec![("A".to_owned(), "$HOME".to_owned())],
            limit: Duration::ZERO,
        };
        assert_eq!(script(&job), "cd '/x y'\nexport A='$HOME'\nexec keyvet 'a b'\\''c'\n");
    }

    #[test]
    fn a_console_is_quoted_by_its_last_lines_and_escaped() {
        let console: String = (0..40).map(|n| format!("line {n}\u{1b}\r\n\r\n")).collect();
        let end = end(&console);
        assert_eq!(end.lines().count(), 13);
        assert!(end.ends_with("line 39\\u{1b}"), "{end}");
    }
}
