//! How long it takes from a cancel to the end: measured and printed, never asserted, because machines stall.

use crate::support::{
    ACCEPTS, Plugged, assert_stopped, check, demo_key, keyvet, plug, start, until_it_waits,
};
use keyvet_client::{Ceremony, Client, ClientError, ClientEvent, RegistrationRequest};
use keyvet_key_tests::{Script, Wire, channel};
use keyvet_virtual_key::Touch;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const TIMES: usize = 10;

#[tokio::test]
async fn a_cancel_ends_the_ceremony_and_the_key_answers_the_next_one() {
    let key = plug(demo_key());
    let mut took = Vec::new();
    for _ in 0..TIMES {
        key.key.set_touch(Touch::Manual);
        took.push(cancelled(&key).await);
        assert!(!key.key.waits_for_touch(), "the key was told to stop");
    }
    report("ceremony", took);
}

/// From the cancel to the return; afterwards the same client registers.
async fn cancelled(key: &Plugged) -> Duration {
    let (person, cancel) = (Script::default(), CancellationToken::new());
    let began = Arc::new(Mutex::new(None));
    let (token, now) = (cancel.clone(), Arc::clone(&began));
    person.when(ClientEvent::TouchNeeded, move || {
        now.lock().unwrap().get_or_insert_with(Instant::now);
        token.cancel();
    });
    let ceremony = Ceremony::new(&person, &cancel);
    let mut client = Client::connect(channel(&key.key).await, &ceremony).await.unwrap();
    let request = RegistrationRequest::throw_away();
    let error = client.register(&request, &ceremony).await.unwrap_err();
    let took = began.lock().unwrap().expect("it was asked for a touch").elapsed();
    assert_eq!(error, ClientError::Cancelled);
    key.key.set_touch(Touch::Immediate);
    let (person, free) = (Script::default(), CancellationToken::new());
    client.register(&request, &Ceremony::new(&person, &free)).await.unwrap();
    took
}

#[test]
fn ctrl_c_ends_the_program_and_the_key_answers_the_next_one() {
    let key = plug(demo_key());
    let mut took = Vec::new();
    for _ in 0..TIMES {
        key.key.set_touch(Touch::Manual);
        let name = key.name();
        let arguments = [&check(ACCEPTS)[..], &["--json", "--device", &name]].concat();
        let running = start(&[&key], "", &arguments);
        until_it_waits(&key);
        let began = Instant::now();
        running.signal("-INT");
        let run = running.end();
        took.push(began.elapsed());
        assert_eq!(run.code, 7, "{run:?}");
        assert_stopped(&key);
        assert_eq!(keyvet(&[&key], ["info", "--device", &name]).code, 0, "it works afterwards");
    }
    report("program, with `kill` and the end of the process", took);
}

fn report(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let (median, longest) = (took[took.len() / 2], took[took.len() - 1]);
    let wire = match Wire::current() {
        Wire::Memory if what != "ceremony" => Wire::Udp,
        wire => wire,
    };
    let line = format!(
        "cancel over {}, {what}: median {:.1} ms, longest {:.1} ms of {}\n",
        wire.as_str(),
        median.as_secs_f64() * 1e3,
        longest.as_secs_f64() * 1e3,
        took.len()
    );
    io::stdout().write_all(line.as_bytes()).unwrap();
}
