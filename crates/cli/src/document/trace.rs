//! The document of `keyvet trace show`.

use super::Finding;
use serde::Serialize;

/// What `keyvet trace show --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TraceDocument {
    /// `keyvet.trace-show/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The recording.
    pub file: String,
    /// Version of the keyvet that wrote it.
    pub keyvet: Option<String>,
    /// Operating system and processor on which it was written.
    pub platform: Option<String>,
    /// The devices, in the order in which they were met.
    pub devices: Vec<TraceDevice>,
    /// How many packets there are.
    pub packets: usize,
    /// The commands, in the order of time.
    pub commands: Vec<TraceCommand>,
    /// What was noticed about the file.
    pub findings: Vec<Finding>,
}

/// A device of a recording.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TraceDevice {
    /// Its number in the recording.
    pub number: u32,
    /// How it was reached, as in `hid`.
    pub transport: String,
    /// Where.
    pub path: String,
    /// USB product text.
    pub product: Option<String>,
    /// USB manufacturer text.
    pub manufacturer: Option<String>,
    /// USB vendor and product number, as in `1050:0407`.
    pub usb: Option<String>,
}

/// One command and what became of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TraceCommand {
    /// Microseconds since the recording began.
    pub at_us: u64,
    /// Number of the device.
    pub device: u32,
    /// The command, with its subcommand.
    pub command: String,
    /// Its parameters, in words; for people, the wording may change.
    pub parameters: Option<String>,
    /// Length of the request, in bytes.
    pub request_bytes: usize,
    /// Reports or APDUs of the request.
    pub request_packets: usize,
    /// The answer; null when none came.
    pub answer: Option<TraceAnswer>,
    /// Keep-alives while it was worked on.
    pub keep_alives: usize,
    /// Whether the key asked for a touch.
    pub touch: bool,
    /// Whether it was cancelled from this side.
    pub cancelled: bool,
    /// The longest silence until the answer was whole, in microseconds.
    pub longest_silence_us: u64,
    /// What went wrong on the line; for people, the wording may change.
    pub troubles: Vec<String>,
}

/// An answer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TraceAnswer {
    /// Microseconds from the first packet of the request to the last of the answer.
    pub after_us: u64,
    /// Its status, by name and number.
    pub status: Option<String>,
    /// What it says, in words; for people, the wording may change.
    pub says: Option<String>,
    /// Its length, in bytes.
    pub bytes: usize,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.trace-show/1";
