//! A suite in parts: programs that say how their cases ended.

use crate::process::{cargo, command};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How many cases ended how.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Count {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    /// Which failed: the last words of a long run must say it.
    pub(super) names: Vec<String>,
}

impl Count {
    /// What one line says: of the harness of Rust's tests, of a script, or of the comparison of clients.
    fn of(line: &str) -> Self {
        let said = |prefix| usize::from(line.starts_with(prefix));
        let (passed, failed, skipped) = (said("ok: "), said("FAILED: "), said("skipped: "));
        let names = line.strip_prefix("FAILED: ").map(str::to_owned).into_iter().collect();
        let mut count = Self { passed, failed, skipped, names };
        if let Some(result) = line.strip_prefix("test result: ") {
            (count.passed, count.failed) = (before(result, "passed"), before(result, "failed"));
        }
        if line.contains(" comparisons agree, ") {
            count.passed = before(line, "comparisons");
        }
        count
    }

    pub(super) fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.names.extend(other.names);
    }

    /// How the names of a part's cases begin where several parts are counted together.
    fn of_part(mut self, part: &str) -> Self {
        self.names.iter_mut().for_each(|name| *name = format!("{part}: {name}"));
        self
    }

    /// `12 passed, 1 failed, 0 skipped`.
    pub(crate) fn text(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }

    /// What a step says whose cases are these.
    ///
    /// # Errors
    /// When a case failed, with the names of those that did.
    pub(crate) fn result(&self) -> Result<(), String> {
        let Self { failed, names, .. } = self;
        match failed {
            0 => Ok(()),
            _ => Err(format!("{failed} cases failed: {}", names.join("; "))),
        }
    }
}

/// The number before `word`.
fn before(line: &str, word: &str) -> usize {
    let mut last = "";
    for next in line.split_whitespace() {
        if next.trim_end_matches([';', ',']) == word {
            return last.parse().unwrap_or_default();
        }
        last = next;
    }
    0
}

/// Runs one part, prints what it prints, and counts.
pub(super) fn run(name: &str, part: &mut Command) -> Count {
    println!("\n--- {name}");
    let start = Instant::now();
    let count = counted(part);
    println!("--- {name}: {}, {:.1} s", count.text(), start.elapsed().as_secs_f64());
    count.of_part(name)
}

/// The names of failed cases as the harness of Rust's tests lists them at its end: indented, after a line `failures:`. It
/// writes that line twice, and what the cases said comes after the first.
#[derive(Default)]
struct Failures(bool);

impl Failures {
    fn name(&mut self, line: &str) -> Option<String> {
        let listed = self.0 && line.starts_with("    ");
        self.0 = listed || line == "failures:";
        listed.then(|| line.trim().to_owned())
    }
}

/// Runs a program, prints what it prints, and counts its cases.
pub(crate) fn counted(part: &mut Command) -> Count {
    heard(part, |line| println!("{line}"))
}

/// Runs a program, passes on what it prints, line by line, and counts its cases.
pub(super) fn heard(part: &mut Command, mut say: impl FnMut(&str)) -> Count {
    let failed = |why: &str, say: &mut dyn FnMut(&str)| {
        say(&format!("FAILED: {why}"));
        Count { failed: 1, names: vec![why.to_owned()], ..Count::default() }
    };
    let Ok(mut child) = part.stdout(Stdio::piped()).spawn() else {
        return failed("it does not start", &mut say);
    };
    let lines = child.stdout.take().map(|out| BufReader::new(out).split(b'\n'));
    let (mut count, mut unspoken, mut failures) = (Count::default(), 0_usize, Failures::default());
    for line in lines.into_iter().flatten().map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        say(&line);
        unspoken = unspoken.saturating_add(usize::from(line.contains(" not spoken on ")));
        count.add(Count::of(&line));
        count.names.extend(failures.name(&line));
    }
    // such a test returns early, and its harness takes that for a pass
    count.passed = count.passed.saturating_sub(unspoken);
    count.skipped = count.skipped.saturating_add(unspoken);
    let well = child.wait().is_ok_and(|status| status.success());
    if count.failed == 0 && (!well || count == Count::default()) {
        let why = if well { "it ran nothing" } else { "it ended badly, or not within its time" };
        count.add(failed(why, &mut say));
    }
    count
}

/// Builds all tests and finds the program of the test `name`.
///
/// # Errors
/// When something does not build, or there is no such test.
pub(super) fn test_program(name: &str) -> Result<String, String> {
    let mut list = cargo();
    list.args(["test", "--locked", "--workspace", "--no-run"]).env("CARGO_TERM_COLOR", "never");
    let output = list.stderr(Stdio::piped()).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("the tests do not build:\n{said}"));
    }
    executable(&said, name).ok_or_else(|| format!("cargo built no test {name:?}"))
}

/// `  Executable tests/real/main.rs (/t/debug/deps/real-0a1b)`.
fn executable(said: &str, name: &str) -> Option<String> {
    let paths = said.lines().filter_map(|line| {
        line.trim_start().strip_prefix("Executable ")?.strip_suffix(')')?.split_once(" (")
    });
    let mut paths = paths.map(|(_, path)| path);
    let of = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.rsplit_once('-').is_some_and(|(stem, _)| stem == name)
    };
    paths.find(|path| of(path)).map(str::to_owned)
}

/// `words`, what they say past the harness on standard error among what they print.
pub(super) fn in_one<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> Command {
    let mut both = command("sh");
    both.args(["-c", "exec \"$@\" 2>&1", "sh"]).args(words).env("PYTHONDONTWRITEBYTECODE", "1");
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: usize, failed: usize, skipped: usize) -> Count {
        Count { passed, failed, skipped, names: Vec::new() }
    }

    fn nameless(count: Count) -> Count {
        Count { names: Vec::new(), ..count }
    }

    #[test]
    fn every_kind_of_part_is_counted_by_its_own_words() {
        let result =
            "test result: FAILED. 12 passed; 3 failed; 2 ignored; 0 measured; 0 filtered out";
        assert_eq!(Count::of(result), count(12, 3, 0));
        assert_eq!(Count::of("ok: a name"), count(1, 0, 0));
        assert_eq!(nameless(Count::of("FAILED: a name: why")), count(0, 1, 0));
        assert_eq!(Count::of("skipped: a name: why"), count(0, 0, 1));
        let agree = "310 comparisons agree, 4 differ, 0 of them unexplained";
        assert_eq!(Count::of(agree), count(310, 0, 0));
        assert_eq!(Count::of("test a::b ... ok"), Count::default());
    }

    #[test]
    fn a_part_that_ends_badly_or_runs_nothing_has_failed() {
        let run = |script: &str| nameless(counted(&mut in_one(["sh", "-c", script])));
        assert_eq!(run("true"), count(0, 1, 0));
        assert_eq!(run("echo ok: one"), count(1, 0, 0));
        assert_eq!(run("echo ok: one; exit 3"), count(1, 1, 0));
        assert_eq!(run("echo x: not spoken on y >&2; echo ok: a; echo ok: b"), count(1, 0, 1));
    }

    /// Of a run of an hour the last lines are what everybody reads.
    #[test]
    fn the_names_of_what_failed_are_kept() {
        let script = "echo 'test a::b ... FAILED'; echo; echo failures:; echo; echo '---- a::b stdout ----'; \
                      echo '    no name'; echo; echo failures:; echo '    a::b'; echo '    c'; echo; \
                      echo 'test result: FAILED. 3 passed; 2 failed; 0 ignored'; echo FAILED: d: why; exit 1";
        let count = counted(&mut in_one(["sh", "-c", script])).of_part("p");
        assert_eq!(count.text(), "3 passed, 3 failed, 0 skipped");
        assert_eq!(count.result(), Err("3 cases failed: p: a::b; p: c; p: d: why".to_owned()));
        assert_eq!(Count::default().result(), Ok(()));
    }

    #[test]
    fn the_program_of_a_test_is_found_by_its_name() {
        let said = "  Executable unittests src/lib.rs (/t/debug/deps/keyvet_pcsc-ec98)\n  \
            Executable tests/real/main.rs (/t/debug/deps/real-dc06)\n";
        assert_eq!(executable(said, "real").as_deref(), Some("/t/debug/deps/real-dc06"));
        assert_eq!(executable(said, "client"), None);
    }
}
