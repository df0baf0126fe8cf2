//! Programs side by side, whose cases are counted together.

use super::parts::{self, Count};
use std::process::Command;
use std::thread;

/// Runs the programs of each lane one after the other, all lanes at once. What the first lane prints is seen as it comes,
/// what the others print when all of them are done.
pub(super) fn run(lanes: Vec<Vec<Command>>) -> Count {
    let mut lanes = lanes.into_iter();
    let first = lanes.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = lanes.map(|lane| scope.spawn(move || kept(lane))).collect();
        let mut all = counted(first, |line| println!("{line}"));
        for other in others {
            let (text, count) = other.join().unwrap_or_else(|_| (String::new(), lost()));
            println!("{text}");
            all.add(count);
        }
        all
    })
}

fn kept(lane: Vec<Command>) -> (String, Count) {
    let mut text = String::new();
    let count = counted(lane, |line| {
        text.push_str(line);
        text.push('\n');
    });
    (text, count)
}

fn counted(lane: Vec<Command>, mut say: impl FnMut(&str)) -> Count {
    let mut all = Count::default();
    for mut program in lane {
        all.add(parts::heard(&mut program, &mut say));
    }
    all
}

/// A lane of which nothing came back.
fn lost() -> Count {
    let names = vec!["a lane broke down".to_owned()];
    Count { failed: 1, names, ..Count::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::parts::in_one;

    #[test]
    fn every_program_of_every_lane_is_counted() {
        let say = |text: &str| in_one(["printf", "%s\\n", text]);
        let lanes =
            vec![vec![say("ok: a"), say("skipped: b")], vec![say("FAILED: c"), say("ok: d")]];
        let count = run(lanes);
        assert_eq!(count.text(), "2 passed, 1 failed, 1 skipped");
        assert_eq!(count.names, ["c"]);
        assert_eq!(run(Vec::new()), Count::default());
    }
}
