//! `keyvet-virtual-key`: a security key of real firmware, without hardware.

fn main() {}
