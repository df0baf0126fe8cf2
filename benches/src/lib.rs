//! What the benchmark programs share: the fixtures, and CPU time that does not depend on machine load.

pub mod contenders;
pub mod fixtures;
pub mod usage;
