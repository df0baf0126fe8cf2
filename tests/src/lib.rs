//! What the tests of the whole share: the built program, and the repository's own files.
//!
//! Never published. Everything here panics on trouble, because a test that cannot be set up must fail, and loudly.

mod program;
mod sources;
mod wrapped;

pub use program::{Run, keyvet, keyvet_in};
pub use sources::{SourceFile, files, root, rust_sources};
pub use wrapped::{AT, Wrapped};
