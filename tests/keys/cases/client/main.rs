//! Cases of the client on virtual keys.
