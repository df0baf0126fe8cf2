//! A list of steps that all run, each with its time, and a closing account.

use crate::rig::Ran;
use std::time::Instant;

/// The steps done so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, Outcome, f64)>,
}

enum Outcome {
    Passed,
    Failed(String),
    /// It belongs here, and this machine cannot do it.
    Skipped(String),
    /// It is not a part of this.
    NotRun(String),
}

impl Steps {
    /// Runs one step and notes how it ended; a failure does not stop the others.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<(), String>) {
        self.rig(name, || work().map(|()| Ran::Passed));
    }

    /// The same for a step that not every machine can run.
    pub(crate) fn rig(&mut self, name: &str, work: impl FnOnce() -> Result<Ran, String>) {
        println!("\n==> {name}");
        let start = Instant::now();
        let outcome = match work() {
            Ok(Ran::Passed) => Outcome::Passed,
            Ok(Ran::Skipped(why)) => Outcome::Skipped(why),
            Err(why) => Outcome::Failed(why),
        };
        let seconds = start.elapsed().as_secs_f64();
        match &outcome {
            Outcome::Failed(why) => println!("FAILED: {why}"),
            Outcome::Skipped(why) => println!("SKIPPED: {why}"),
            Outcome::Passed | Outcome::NotRun(_) => {}
        }
        println!("<== {name}: {seconds:.1} s");
        self.done.push((name.to_owned(), outcome, seconds));
    }

    /// Notes a step that is not run here, and why.
    pub(crate) fn not_run(&mut self, name: &str, why: &str) {
        self.done.push((name.to_owned(), Outcome::NotRun(why.to_owned()), 0.0));
    }

    /// Prints the account; its last line is `steps: N passed, N failed, N skipped`.
    ///
    /// # Errors
    /// When a step failed.
    pub(crate) fn finish(self) -> Result<(), String> {
        println!("\n{:>8}  step", "seconds");
        for (name, outcome, seconds) in &self.done {
            match outcome {
                Outcome::Passed => println!("{seconds:>8.1}  {name}"),
                Outcome::Failed(why) => println!("{seconds:>8.1}  {name}: FAILED: {why}"),
                Outcome::Skipped(why) => println!("{seconds:>8.1}  {name}: SKIPPED: {why}"),
                Outcome::NotRun(why) => println!("{:>8}  {name}: not run: {why}", "-"),
            }
        }
        println!("\n{}", self.account());
        let failed: Vec<String> = self.done.iter().filter_map(failure).collect();
        match failed.len() {
            0 => Ok(()),
            count => Err(format!("{count} of the steps failed: {}", failed.join("; "))),
        }
    }

    fn account(&self) -> String {
        let passed = self.count(|outcome| matches!(outcome, Outcome::Passed));
        let failed = self.count(|outcome| matches!(outcome, Outcome::Failed(_)));
        let skipped = self.count(|outcome| matches!(outcome, Outcome::Skipped(_)));
        format!("steps: {passed} passed, {failed} failed, {skipped} skipped")
    }

    fn count(&self, wanted: fn(&Outcome) -> bool) -> usize {
        self.done.iter().filter(|(_, outcome, _)| wanted(outcome)).count()
    }
}

fn failure((name, outcome, _): &(String, Outcome, f64)) -> Option<String> {
    match outcome {
        Outcome::Failed(why) => Some(format!("{name}: {why}")),
        Outcome::Passed | Outcome::Skipped(_) | Outcome::NotRun(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_counts_neither_as_passed_nor_as_failed() {
        let mut steps = Steps::default();
        steps.step("a", || Ok(()));
        steps.rig("b", || Ok(Ran::Skipped("no kernel".to_owned())));
        steps.not_run("c", "elsewhere");
        assert_eq!(steps.account(), "steps: 1 passed, 0 failed, 1 skipped");
        assert_eq!(steps.finish(), Ok(()));
    }

    #[test]
    fn a_failed_step_fails_the_whole() {
        let mut steps = Steps::default();
        steps.rig("a", || Err("it broke".to_owned()));
        steps.step("b", || Ok(()));
        assert_eq!(steps.account(), "steps: 1 passed, 1 failed, 0 skipped");
        assert_eq!(steps.finish(), Err("1 of the steps failed: a: it broke".to_owned()));
    }
}
