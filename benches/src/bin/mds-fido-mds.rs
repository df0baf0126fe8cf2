//! One metadata BLOB through fido-mds: `mds-fido-mds FILE`. Its clock is the system's, so run it under a fake one.

use keyvet_benches::usage::own_cpu;
use std::str::FromStr;

fn main() {
    let path = std::env::args().nth(1).expect("usage: mds-fido-mds FILE");
    let text = std::fs::read_to_string(path).expect("the BLOB is readable");
    let before = own_cpu();
    let mds = fido_mds::FidoMds::from_str(&text).expect("fido-mds accepts the BLOB");
    let cpu = own_cpu() - before;
    let (fido2, u2f, uaf) = (mds.fido2.len(), mds.u2f.len(), mds.uaf.len());
    println!(r#"{{"cpu_us":{},"fido2":{fido2},"u2f":{u2f},"uaf":{uaf}}}"#, cpu.as_micros());
}
