//! One processor for one machine.
//!
//! A machine of User-Mode Linux is many processes of which one runs at a time. On one processor they hand over to each other
//! about twice as fast as across two.

use crate::process::{command, succeeds};
use std::fs;
use std::process::Stdio;

/// What to put before a command that is to stay on one of our processors, counted around; nothing where there is no `taskset`.
pub(super) fn kept_on(nth: usize) -> Vec<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ours = allowed(&status);
    let one = nth.checked_rem(ours.len()).and_then(|nth| ours.get(nth));
    let mut probe = command("taskset");
    let probe = probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    match one.filter(|_| succeeds(probe)) {
        Some(one) => vec!["taskset".to_owned(), "--cpu-list".to_owned(), one.to_string()],
        None => Vec::new(),
    }
}

/// The processors that a process may run on, from what the kernel says of it.
fn allowed(status: &str) -> Vec<usize> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let ranges = list.unwrap_or_default().trim().split(',');
    ranges.filter_map(range).flatten().collect()
}

fn range(text: &str) -> Option<std::ops::RangeInclusive<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.parse().ok()?..=last.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processors_are_read_from_their_ranges() {
        let of = |list: &str| allowed(&format!("Name:\tx\nCpus_allowed_list:\t{list}\nMems:\t0\n"));
        assert_eq!(of("0-1"), [0, 1]);
        assert_eq!(of("3"), [3]);
        assert_eq!(of("0,4-6"), [0, 4, 5, 6]);
        assert_eq!(allowed("Name:\tx\n"), Vec::<usize>::new());
    }
}
