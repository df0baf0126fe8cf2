//! JSON as administrators export it: decoded from whatever Windows wrote, members findable in any case,
//! nothing said twice, and every value with a place that an error can name.
//!
//! It reads and never writes. Registrations (`keyvet-evidence`) and metadata (`keyvet-mds`) have trees of
//! their own: the one keeps repeated members until somebody asks for them, the other borrows and never fails.
//!
//! ```
//! let json = keyvet_json::read(br#"{"State": "enabled", "includeTargets": [7]}"#, 1 << 20)?;
//! let root = keyvet_json::At::root(&json);
//! assert_eq!(root.member("state").unwrap().text()?, "enabled");
//! let targets = root.member("includeTargets").unwrap().array()?;
//! assert_eq!(targets[0].text().unwrap_err().to_string(), "includeTargets[0] is a number, expected a string");
//! # Ok::<(), keyvet_json::JsonError>(())
//! ```

mod at;
mod decode;
mod error;
mod tree;

pub use at::At;
pub use decode::{decode, read};
pub use error::JsonError;
pub use tree::{Json, parse};
