//! What the tests of the whole share: the built programs, and the repository's own files.
//!
//! Never published. Everything here panics on trouble, because a test that cannot be set up must fail, and loudly.

mod browser;
pub mod console;
mod program;
mod sources;
mod virtual_key;
mod wrapped;

pub use browser::Browser;
pub use program::{Run, keyvet, keyvet_command, keyvet_in, run};
pub use sources::{SourceFile, files, root, rust_sources};
pub use virtual_key::VirtualKeyProgram;
pub use wrapped::{AT, Wrapped};
