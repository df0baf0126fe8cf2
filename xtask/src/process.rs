//! Running other programs: never with standard input, always from the root of the repository.

use crate::paths::root;
use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// A command that starts in the root of the repository and finds standard input closed.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs `command`, its output going to ours.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{}: {error}", text(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", text(command))) }
}

/// Whether `command` ends well; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What one would type.
pub(crate) fn text(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

/// One word as a shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = !word.is_empty()
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=./:+,@".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_pasted_into_a_shell() {
        let mut command = command("echo");
        command.args(["a/b=c", "two words", "it's", ""]);
        assert_eq!(text(&command), r"echo a/b=c 'two words' 'it'\''s' ''");
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(command("false").arg("x")).unwrap_err();
        assert!(error.starts_with("false x: "), "{error}");
        assert!(run(&mut command("true")).is_ok());
        assert!(!succeeds(&mut command("no-such-program-anywhere")));
    }
}
