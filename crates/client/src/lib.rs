//! What a person wants from a security key.
