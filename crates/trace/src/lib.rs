//! What crossed the wire between this machine and a key, as JSON Lines.
