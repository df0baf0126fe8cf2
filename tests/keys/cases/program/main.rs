//! Cases of the program on virtual keys.
