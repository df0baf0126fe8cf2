//! `cargo xtask demo`: the main job on real input.

/// Builds keyvet and shows it.
pub(crate) fn run() -> Result<(), String> {
    Err("the program is not there yet".to_owned())
}
