//! Seeded randomness that goes on across power cycles.

use std::cell::RefCell;
use std::rc::Rc;

use rand_chacha::ChaCha8Rng;
use rand_core::{CryptoRng, Error, RngCore, SeedableRng};

/// Seeded randomness; clones share one stream, so that a power cycle does not repeat it.
#[derive(Clone)]
pub(crate) struct Seeded(Rc<RefCell<ChaCha8Rng>>);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rc::new(RefCell::new(ChaCha8Rng::seed_from_u64(seed))))
    }
}

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        self.0.borrow_mut().next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.borrow_mut().next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.borrow_mut().fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.borrow_mut().try_fill_bytes(bytes)
    }
}

// what the firmware asks for; a virtual key keeps no real secret
impl CryptoRng for Seeded {}
