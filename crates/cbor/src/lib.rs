//! Strict, bounded CTAP2 CBOR (CTAP 2.2 §8): a reader that keeps exact byte spans, and a canonical writer.
//!
//! A thin layer over minicbor's pull decoder. It adds what a judge of hostile input needs: limits on
//! length, depth and items before anything is allocated; no duplicate key, trailing byte, tag, float
//! or indefinite length; offset and member path in every error. [`Mode::Tolerant`] lets pass what shipped
//! keys get wrong (key order, non-minimal forms, depth 5 to 16) and records each as a [`Deviation`].
//!
//! It is not a general CBOR library: no serde bridge, no tags, no floats.
//!
//! ```
//! use keyvet_cbor::{Mode, decode};
//! let decoded = decode(&[0xa1, 0x01, 0x81, 0x63, b'a', b'b', b'c'], Mode::Strict)?;
//! let versions = decoded.item.get_int(1).and_then(|item| item.as_array()).unwrap_or_default();
//! assert_eq!(versions.len(), 1);
//! # Ok::<(), keyvet_cbor::DecodeError>(())
//! ```

mod deviation;
mod error;
mod item;
mod limits;
mod reader;
mod writer;

pub use deviation::{Deviation, DeviationKind};
pub use error::{DecodeError, DecodeErrorKind, Path};
pub use item::{Item, Value};
pub use limits::{Limits, Mode};
pub use reader::{Decoded, decode, decode_prefix, decode_prefix_within};
pub use writer::{EncodeError, Out, encode};
