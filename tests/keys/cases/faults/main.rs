//! The fault matrix: everything that can befall a wire, in the middle of everything a key is asked to do.
//!
//! Each cell is one run of the built program on a virtual key of real firmware. It has an expected error and an expected
//! exit class, or is expected to be tolerated; and whatever happened, the program ends, no PIN retry is lost, no other
//! key is asked for anything, and the key works afterwards.
//!
//! `KEYVET_TEST_WIRE` names the wire; without it, it is UDP. Cells that only a node of the kernel has are run there, and
//! those of a card service where a real pcscd is.

#[cfg(test)]
mod cancel;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod daemon;
#[cfg(test)]
mod hid;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod moment;
#[cfg(test)]
mod nfc;
#[cfg(test)]
mod service;
#[cfg(test)]
#[path = "../program/support.rs"]
#[allow(dead_code, reason = "shared with the cases of the program")]
mod support;
