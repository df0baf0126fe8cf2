//! The 200 registrations through everyone, rounds interleaved: `judge ROUNDS [NAME]`. One JSON line a contender.
//!
//! With a name, that contender alone: for a profiler.

use keyvet_benches::contenders::{Floor, Keyvet, Raw, WebauthnRs};
use keyvet_benches::fixtures::Fixtures;
use keyvet_benches::usage::own_cpu;
use std::cell::RefCell;

/// Passes over the set in one round; the round's figure is the least of them, for the machine does other work too.
const PASSES: u32 = 7;

fn main() {
    let rounds: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(7);
    let set = Fixtures::generate();
    let (raw, floor, webauthn_rs) = (Raw::new(&set), Floor::new(&set), WebauthnRs::new(&set));
    let keyvet = Keyvet::new(&set);
    let memory = RefCell::default();
    keyvet.remembering(&mut memory.borrow_mut());
    let contenders: [(&str, &dyn Fn()); 6] = [
        ("raw", &|| raw.all()),
        ("floor-one", &|| floor.parse_and_one()),
        ("floor-two", &|| floor.all()),
        ("keyvet", &|| keyvet.all()),
        ("keyvet-known-leaf", &|| keyvet.remembering(&mut memory.borrow_mut())),
        ("webauthn-rs-core", &|| webauthn_rs.all()),
    ];
    let only = std::env::args().nth(2);
    let contenders: Vec<_> = contenders
        .into_iter()
        .filter(|(name, _)| only.as_ref().is_none_or(|only| only == name))
        .collect();
    let mut figures = vec![Vec::new(); contenders.len()];
    for _ in 0..rounds {
        let mut least = vec![f64::INFINITY; contenders.len()];
        for _ in 0..PASSES {
            for ((_, all), least) in contenders.iter().zip(&mut least) {
                *least = least.min(micros_each(*all, set.registrations.len()));
            }
        }
        figures.iter_mut().zip(least).for_each(|(figures, least)| figures.push(least));
    }
    for ((name, _), figures) in contenders.iter().zip(figures) {
        println!("{}", serde_json::json!({ "name": name, "us": figures }));
    }
}

fn micros_each(all: &dyn Fn(), registrations: usize) -> f64 {
    let before = own_cpu();
    all();
    let count = f64::from(u32::try_from(registrations).expect("there are 200"));
    (own_cpu() - before).as_secs_f64() * 1e6 / count
}
