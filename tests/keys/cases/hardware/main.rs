//! The client's ceremonies on keys that are plugged in, and that a file allows: `cargo xtask hw-tests FILE`.
//!
//! A program of its own and not tests of the harness, because a case that cannot run must say why and count as skipped,
//! and because a person touches the keys one after the other. Only keys of the file are opened; only those that may be
//! reset are given a PIN.

mod allowed;
mod cases;

use std::env;
use std::process::ExitCode;

use keyvet_hid::HidDiscovery;
use keyvet_transport::Discovery;

use self::allowed::Allowed;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let wire = env::var("KEYVET_TEST_WIRE").unwrap_or_default();
    let file = env::var("KEYVET_HW_ALLOW").unwrap_or_default();
    if wire != "hardware" || file.is_empty() {
        println!(
            "skipped: hardware: no key may be used unless it is asked for: cargo xtask hw-tests FILE"
        );
        return ExitCode::SUCCESS;
    }
    match run(&file).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            println!("FAILED: hardware: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Every case on every key that is allowed; whether none failed.
async fn run(file: &str) -> Result<bool, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let allowed = Allowed::parse(&text)?;
    let devices = HidDiscovery::new().scan().map_err(|error| error.to_string())?;
    let (mut well, mut keys) = (true, 0);
    for device in &devices {
        let Some(key) = allowed.key(device).await else {
            println!("skipped: {}: not in {file}, not touched", device.id.path.escape_debug());
            continue;
        };
        keys += 1;
        well &= cases::all(device, key.may_be_reset).await;
    }
    if keys == 0 {
        println!("skipped: hardware: none of the keys of {file} is plugged in");
    }
    Ok(well)
}
