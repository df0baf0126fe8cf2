//! Status words (ISO 7816-4 §5.6).

pub(super) type Status = [u8; 2];

pub(super) const OK: Status = [0x90, 0x00];
/// NFCCTAP: not done yet (CTAP 2.2 §11.3.7.2).
pub(super) const WORKING: Status = [0x91, 0x00];
pub(super) const WRONG_LENGTH: Status = [0x67, 0x00];
pub(super) const LAST_OF_CHAIN_EXPECTED: Status = [0x68, 0x83];
pub(super) const NO_CHAINING: Status = [0x68, 0x84];
pub(super) const CONDITIONS: Status = [0x69, 0x85];
pub(super) const NOT_FOUND: Status = [0x6a, 0x82];
pub(super) const WRONG_P1_P2: Status = [0x6a, 0x86];
pub(super) const NO_INSTRUCTION: Status = [0x6d, 0x00];
pub(super) const NO_CLASS: Status = [0x6e, 0x00];
pub(super) const NO_DIAGNOSIS: Status = [0x6f, 0x00];
