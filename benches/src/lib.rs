//! What the benchmark programs share: fixtures, contenders, processor time that does not depend on machine load, and
//! the table made of it.

pub mod canned;
pub mod contenders;
pub mod fixtures;
pub mod report;
pub mod usage;
