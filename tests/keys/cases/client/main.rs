//! Cases of the client on virtual keys.

mod hostile;
