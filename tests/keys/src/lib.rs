//! What the tests on virtual keys share: a key on the bench, a person who follows a script, a key that says something
//! else of itself.
//!
//! Never published. Everything here panics on trouble, because a test that cannot be set up must fail, and loudly.
//!
//! Virtual keys run on the real clock, so their tests do too (`keyvet_virtual_key`, "Time"). Nothing here sleeps: whoever
//! has to wait for a key waits for an event of it.

mod bench;
mod both;
mod edited;
mod in_field;
mod readers;
mod script;
pub mod wire;
pub mod wire_pcsc;

pub use bench::{Bench, options};
pub use edited::{Edited, Instead, Said};
pub use in_field::{InField, InFieldLink};
pub use readers::TestReaders;
pub use script::{Script, pins};
pub use wire::{Wire, channel};
