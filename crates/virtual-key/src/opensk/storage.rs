//! The flash memory of a virtual OpenSK.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ::opensk::api::persist::{Persist, PersistIter};
use ::opensk::ctap::status_code::CtapResult;

/// Values by key. Clones are the same memory, so that it outlives a power cycle.
///
/// Unlike a real flash store it takes values of any length, certificates of several kilobytes among them.
#[derive(Clone, Default)]
pub(super) struct Storage(Rc<RefCell<BTreeMap<usize, Vec<u8>>>>);

impl Persist for Storage {
    fn find(&self, key: usize) -> CtapResult<Option<Vec<u8>>> {
        Ok(self.0.borrow().get(&key).cloned())
    }

    fn insert(&mut self, key: usize, value: &[u8]) -> CtapResult<()> {
        self.0.borrow_mut().insert(key, value.to_vec());
        Ok(())
    }

    fn remove(&mut self, key: usize) -> CtapResult<()> {
        self.0.borrow_mut().remove(&key);
        Ok(())
    }

    fn iter(&self) -> CtapResult<PersistIter<'_>> {
        let keys: Vec<usize> = self.0.borrow().keys().copied().collect();
        Ok(Box::new(keys.into_iter().map(Ok)))
    }
}
