//! Nobody touches the key, somebody presses Ctrl-C, the key is pulled out.

use super::support::{
    ACCEPTS, assert_stopped, check, code_of, demo_key, failed_check, file, keyvet, plug, start,
    until_it_waits,
};
use keyvet_key_tests::spoken;
use keyvet_virtual_key::{Firmware, KeyOptions, Touch};

#[test]
fn nobody_touches_the_key() {
    let key = plug(demo_key());
    key.key.set_touch(Touch::Never);
    let failed = failed_check(&key, "", &["--timeout", "300ms"]);
    assert_eq!(failed, (7, "transport.touch-timeout".into()));
    key.key.set_touch(Touch::Immediate);
    assert_eq!(keyvet(&[&key], check(ACCEPTS)).code, 0, "the key works afterwards");
}

#[test]
fn ctrl_c_cancels_on_the_key_and_keeps_no_evidence() {
    let key = plug(demo_key());
    key.key.set_touch(Touch::Manual);
    let folder = tempfile::tempdir().unwrap();
    let save = file(&folder, "run.json");
    let arguments = [&check(ACCEPTS)[..], &["--json", "--save", &save]].concat();
    for signal in ["-INT", "-TERM"] {
        let running = start(&[&key], "", &arguments);
        until_it_waits(&key);
        running.signal(signal);
        let run = running.end();
        assert_eq!((run.code, code_of(&run)), (7, "client.cancelled".into()), "{signal}");
        assert_stopped(&key);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    }
    key.key.set_touch(Touch::Immediate);
    assert_eq!(keyvet(&[&key], check(ACCEPTS)).code, 0, "the key works afterwards");
}

#[test]
fn after_ctrl_c_the_prompt_is_back_and_the_key_answers_the_next_command() {
    is_back_after_ctrl_c(demo_key());
}

#[test]
fn after_ctrl_c_the_prompt_is_back_and_a_nitrokey_answers_the_next_command() {
    spoken!();
    is_back_after_ctrl_c(KeyOptions::new(Firmware::FidoAuthenticator));
}

fn is_back_after_ctrl_c(options: KeyOptions) {
    let firmware = options.firmware.to_string();
    let key = plug(options);
    let line = format!("{}, {firmware}", key.transport());
    key.key.set_touch(Touch::Manual);
    let running = start(&[&key], "", &[&check(ACCEPTS)[..], &["--json"]].concat());
    until_it_waits(&key);
    let run = running.interrupted(&line);
    assert_eq!((run.code, code_of(&run)), (7, "client.cancelled".into()));
    assert_eq!(keyvet(&[&key], ["info", "--json"]).code, 0, "{line}");
}

#[test]
fn a_key_that_is_pulled_out_while_it_waits_is_told() {
    let key = plug(demo_key());
    key.key.set_touch(Touch::Manual);
    let running =
        start(&[&key], "", &[&check(ACCEPTS)[..], &["--json", "--timeout", "2s"]].concat());
    until_it_waits(&key);
    key.key.unplug();
    let run = running.end();
    assert!([7, 10].contains(&run.code), "{run:?}");
    let error = run.json()["error"].clone();
    assert!(error["next_step"].is_string(), "{run:?}");
    assert_eq!(run.json()["key"]["name"], key.name(), "what was known by then is told");
}

#[test]
fn a_key_that_does_not_answer_at_all_is_told() {
    spoken!();
    let key = plug(demo_key());
    key.falls_silent();
    let run = keyvet(&[&key], [&check(ACCEPTS)[..], &["--json"]].concat());
    assert_eq!((run.code, code_of(&run)), (10, "transport.timeout".into()));
}
