//! CTAP over smart card readers (CTAP 2.2 §11.3).

mod helper;
pub mod helper_protocol;
mod link;
mod readers;
mod tapped;

pub use helper::HelperReaders;
pub use link::CardLink;
pub use readers::{CardId, ReaderState, Readers};
pub use tapped::TappedLink;
