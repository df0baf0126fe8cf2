#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| keyvet_fuzz_replay::large_blobs(data));
