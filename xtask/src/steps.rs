//! A list of steps that all run, each with its time, and a closing account.

use std::time::Instant;

/// The steps done so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, Outcome, f64)>,
}

enum Outcome {
    Passed,
    Failed(String),
    NotRun(String),
}

impl Steps {
    /// Runs one step and notes how it ended; a failure does not stop the others.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<(), String>) {
        println!("\n==> {name}");
        let start = Instant::now();
        let outcome = work().map_or_else(Outcome::Failed, |()| Outcome::Passed);
        let seconds = start.elapsed().as_secs_f64();
        if let Outcome::Failed(why) = &outcome {
            println!("FAILED: {why}");
        }
        println!("<== {name}: {seconds:.1} s");
        self.done.push((name.to_owned(), outcome, seconds));
    }

    /// Notes a step that is not run here, and why.
    pub(crate) fn not_run(&mut self, name: &str, why: &str) {
        self.done.push((name.to_owned(), Outcome::NotRun(why.to_owned()), 0.0));
    }

    /// Prints the account; its last line is `N passed, N failed`.
    ///
    /// # Errors
    /// When a step failed.
    pub(crate) fn finish(self) -> Result<(), String> {
        println!("\n{:>8}  step", "seconds");
        for (name, outcome, seconds) in &self.done {
            match outcome {
                Outcome::Passed => println!("{seconds:>8.1}  {name}"),
                Outcome::Failed(why) => println!("{seconds:>8.1}  {name}: FAILED: {why}"),
                Outcome::NotRun(why) => println!("{:>8}  {name}: not run: {why}", "-"),
            }
        }
        let count = |wanted: fn(&Outcome) -> bool| {
            self.done.iter().filter(|(_, outcome, _)| wanted(outcome)).count()
        };
        let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
        println!(
            "\nsteps: {} passed, {failed} failed",
            count(|outcome| matches!(outcome, Outcome::Passed))
        );
        if failed == 0 { Ok(()) } else { Err(format!("{failed} of the steps failed")) }
    }
}
