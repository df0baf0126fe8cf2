//! What crossed the wire between this machine and a key, as JSON Lines: recorded, redacted by meaning, shown, replayed.
//!
//! A [`Recorder`] is a [`keyvet_transport::Tap`]: every discovery takes one. It follows the messages of both sides, decodes
//! them, and writes a packet only when everything in its message that is not known to be harmless was replaced by filler
//! of the same length. PINs in any form, tokens, credential ids, public keys and signatures, users, relying parties other
//! than the throw-away one, secrets of extensions and everything that no specification names never reach the file; the
//! table is in `src/redact/mod.rs`.
//!
//! A [`Recording`] is such a file, read. Lines are JSON objects: the first has the schema, [`SCHEMA`]; then devices,
//! packets, and a closing line.
//!
//! ```
//! use keyvet_trace::{Recorder, Recording};
//! use keyvet_transport::{DeviceId, Direction, Packet, Tap, Transport};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("trace.jsonl");
//! let recorder = Recorder::create(&path, "0.1.0")?;
//! let key = DeviceId::new(Transport::Hid, "/dev/hidraw3");
//! recorder.packet(Packet::new(&key, Direction::Out, &[0; 64]));
//! recorder.end()?;
//! let recording = Recording::parse(&std::fs::read(&path)?)?;
//! assert_eq!(recording.packets.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod asks;
mod error;
mod exchange;
mod explain;
mod follow;
mod line;
mod recorder;
mod recording;
mod redact;
mod replay;
mod stream;
#[cfg(test)]
mod stream_tests;

pub use error::{KINDS, NO_EVIDENCE, REDACTED_REGISTRATION, TraceError};
pub use explain::{Explained, ExplainedAnswer, explain};
pub use line::SCHEMA;
pub use recorder::Recorder;
pub use recording::{
    MAX_DEVICES, MAX_LINE_BYTES, MAX_PACKETS, RecordedDevice, RecordedPacket, Recording,
};
pub use replay::ReplayDiscovery;
