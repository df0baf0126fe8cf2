//! The `keyvet` program.

fn main() {}
