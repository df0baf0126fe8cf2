//! Arguments of the commands that talk to a key.

use super::{JudgeArgs, TrustArgs};
use clap::{Args, ValueEnum, ValueHint};
use std::{path::PathBuf, time::Duration};

/// Heading of the options that choose a key.
const KEY: &str = "Key";
/// Heading of the options about the PIN.
const PIN: &str = "PIN";

/// Which key.
#[derive(Clone, Debug, Args)]
pub struct KeyArgs {
    /// The key to use: a name that `keyvet list` prints, or any part of its path, serial number,
    /// product, manufacturer or AAGUID that no other key shares; `nfc` waits for one at a reader
    #[arg(short, long, value_name = "SELECTOR", help_heading = KEY)]
    pub device: Option<String>,

    /// Use the key that is touched first
    #[arg(long, conflicts_with = "device", help_heading = KEY)]
    pub touch: bool,
}

/// Where the PIN comes from. It is never an argument or a variable: other programs can read those.
#[derive(Clone, Debug, Args)]
pub struct PinArgs {
    /// Read the PIN from the first line of standard input instead of asking for it
    #[arg(long, help_heading = PIN)]
    pub pin_stdin: bool,

    /// Read the PIN from the first line of this file descriptor instead of asking for it
    #[arg(long, value_name = "N", conflicts_with = "pin_stdin", help_heading = PIN)]
    pub pin_fd: Option<u32>,

    /// Try a PIN even when the key would block after one or two more wrong ones
    #[arg(long, help_heading = PIN)]
    pub danger_allow_last_retries: bool,
}

/// Arguments of `keyvet list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Go on and tell what comes and goes, until Ctrl-C; with --json one object per line
    #[arg(long)]
    pub watch: bool,

    /// What metadata the models are named by.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Arguments of `keyvet identify`.
#[derive(Debug, Args)]
pub struct IdentifyArgs {
    /// Which key.
    #[command(flatten)]
    pub key: KeyArgs,

    /// How long to wait for a touch, for example 60s or 2m
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub timeout: Duration,

    /// What metadata the model is named by.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Arguments of `keyvet check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What to judge by.
    #[command(flatten)]
    pub judge: JudgeArgs,

    /// Keep the evidence in this file; `keyvet verify` gives the same verdict on it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,

    /// Say what can be said without a registration, and stop before anybody has to touch the key
    #[arg(long, conflicts_with = "save")]
    pub dry_run: bool,

    /// Ask for enterprise attestation, which can name this very key: `vendor` gives it to relying parties
    /// in the key's own list, `platform` to whomever the organisation chose
    #[arg(long, value_name = "WHO", hide_possible_values = true)]
    pub enterprise: Option<Enterprise>,

    /// Register a discoverable credential, as a passkey is; it is removed from the key afterwards
    #[arg(long)]
    pub discoverable: bool,

    /// How long to wait for a touch, for example 60s or 2m
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub timeout: Duration,

    /// Which key.
    #[command(flatten)]
    pub key: KeyArgs,

    /// Where the PIN comes from.
    #[command(flatten)]
    pub pin: PinArgs,
}

/// Who decides whether a key gives enterprise attestation (CTAP 2.2 §7.1.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Enterprise {
    /// The vendor: to relying parties in the key's own list
    Vendor,
    /// The platform: to whomever the organisation configured
    Platform,
}

/// A time as people write it: `90`, `90s`, `2m`, `500ms`.
fn duration(text: &str) -> Result<Duration, String> {
    let (digits, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let count: u64 = digits.parse().map_err(|_| String::from(BAD_DURATION))?;
    let duration = match unit.trim() {
        "" | "s" => Duration::from_secs(count),
        "ms" => Duration::from_millis(count),
        "m" | "min" => Duration::from_secs(count.saturating_mul(60)),
        _ => return Err(BAD_DURATION.into()),
    };
    let allowed = Duration::from_millis(100)..=Duration::from_secs(3600);
    allowed.contains(&duration).then_some(duration).ok_or_else(|| String::from(BAD_RANGE))
}

const BAD_DURATION: &str = "write a number and a unit: 60s, 2m or 500ms";
const BAD_RANGE: &str = "give between 100ms and 60m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        let cases = [("90", 90_000), ("90s", 90_000), ("2m", 120_000), ("500ms", 500)];
        for (text, millis) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "-1s", "1.5s", "2h", "0s", "61m", "99999999999999999999s", "ｓ"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
