//! Metadata through keyvet: `mds-keyvet blob FILE`, `mds-keyvet make-cache FILE CACHE`, `mds-keyvet cache CACHE`.
//!
//! `blob` verifies, parses and indexes; `cache` reads the file and finds one model. Processor time of that work only.

use keyvet_benches::usage::own_cpu;
use keyvet_mds::{Catalogue, Source, Trust, decode_cache, encode_cache, verify_blob};
use std::fs;
use time::OffsetDateTime;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["blob", file] => blob(file),
        ["make-cache", file, cache] => make_cache(file, cache),
        ["cache", cache] => from_cache(cache),
        _ => panic!("usage: mds-keyvet blob FILE | make-cache FILE CACHE | cache CACHE"),
    }
}

fn blob(file: &str) {
    let bytes = fs::read(file).expect("the BLOB is readable");
    let before = own_cpu();
    let (catalogue, _report) = verify_blob(&bytes, &trust()).expect("the BLOB verifies");
    report(&catalogue, before);
}

fn make_cache(file: &str, cache: &str) {
    let bytes = fs::read(file).expect("the BLOB is readable");
    let (catalogue, report) = verify_blob(&bytes, &trust()).expect("the BLOB verifies");
    let source = Source::of(catalogue.no, &bytes).expect("it was verified");
    let encoded = encode_cache(&catalogue, &report, &source).expect("it is small");
    fs::write(cache, encoded).expect("the cache is writable");
}

fn from_cache(cache: &str) {
    let before = own_cpu();
    let bytes = fs::read(cache).expect("the cache is readable");
    let cached = decode_cache(&bytes).expect("the cache is whole");
    let model = MODEL.parse().expect("an AAGUID");
    assert!(cached.catalogue.by_aaguid(&model).is_some(), "the model is in the cache");
    report(&cached.catalogue, before);
}

fn report(catalogue: &Catalogue, before: std::time::Duration) {
    let cpu = own_cpu() - before;
    println!(r#"{{"cpu_us":{},"entries":{}}}"#, cpu.as_micros(), catalogue.len());
}

/// Inside the life of the signer of no 121.
fn trust() -> Trust {
    Trust::fido(OffsetDateTime::from_unix_timestamp(1_733_400_000).expect("December 2024"))
}

/// YubiKey 5 Series.
const MODEL: &str = "cb69481e-8ff7-4039-93ec-0a2729a154a8";
