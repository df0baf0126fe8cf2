//! Set-up, demo and test, with no dependencies.

fn main() {}
