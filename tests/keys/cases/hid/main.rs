//! Cases of the hid on virtual keys.
