//! CTAPHID on virtual keys of real firmware.
//!
//! These tests run on the real clock, because the firmware does. None asserts how long something took; a deadline that
//! must not pass is far away.

mod faulty;
mod keys;
mod lines;
mod messages;
mod reports;
mod sharing;
mod soak;
mod touch;
mod udp;
