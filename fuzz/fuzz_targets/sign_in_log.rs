#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| keyvet_fuzz_replay::sign_in_log(data));
