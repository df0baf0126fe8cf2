//! PIN/UV auth protocols 1 and 2 (CTAP 2.2 §6.5.6, §6.5.7).
