//! What one registration left behind, and the files it travels in.
