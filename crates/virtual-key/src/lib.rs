//! Real firmware as software security keys, and a hostile one.

pub mod fixtures;
pub mod hostile;
