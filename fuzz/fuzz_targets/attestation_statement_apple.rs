#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| keyvet_fuzz_replay::attestation_statement_apple(data));
