//! PIN/UV auth protocols through the public API, on `tests/vectors/pin-uv`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "helpers of tests state what they expect"
)]

mod known_answers;
mod properties;
mod storage;
mod support;
mod verdicts;
mod wycheproof;
