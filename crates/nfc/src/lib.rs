//! CTAP over smart card readers (CTAP 2.2 §11.3).

mod link;
mod readers;

pub use link::CardLink;
pub use readers::{CardId, ReaderState, Readers};
