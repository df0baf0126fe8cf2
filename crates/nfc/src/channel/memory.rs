//! What readers have shown that they do not carry.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Which readers, or cards in them, refused extended commands, and from which length on. Shared by its clones.
///
/// It is kept by name of the reader: another card in it may be asked in short commands although it knows extended ones,
/// which costs time and nothing else.
#[derive(Clone, Debug, Default)]
pub struct ReaderMemory(Arc<Mutex<HashMap<String, usize>>>);

impl ReaderMemory {
    /// Nothing was refused yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether an extended command with `len` bytes of data is worth a try at `reader`.
    #[must_use]
    pub fn carries_extended(&self, reader: &str, len: usize) -> bool {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(reader).is_none_or(|refused| len < *refused)
    }

    /// Remembers that an extended command with `len` bytes of data was refused at `reader`.
    pub fn refuse_extended(&self, reader: &str, len: usize) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let least = refused.entry(reader.to_owned()).or_insert(len);
        *least = len.min(*least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_counts_for_that_reader_and_everything_as_long() {
        let memory = ReaderMemory::new();
        memory.refuse_extended("one", 600);
        memory.clone().refuse_extended("one", 900);
        assert!(memory.carries_extended("one", 599));
        assert!(!memory.carries_extended("one", 600));
        assert!(memory.carries_extended("two", 7609));
        memory.refuse_extended("one", 1);
        assert!(!memory.carries_extended("one", 1));
    }
}
