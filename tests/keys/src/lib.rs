//! What the cases on virtual keys share.
