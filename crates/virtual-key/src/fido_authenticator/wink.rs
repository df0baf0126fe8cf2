//! Winking, which on devices the administration application does.

use ctaphid_dispatch::app::{App, Command, Error};
use heapless_bytes::BytesView;

use crate::port::Port;

/// An application that answers `CTAPHID_WINK` (CTAP 2.2 §11.2.9.2.1).
pub(super) struct Wink<'a>(pub(super) &'a Port);

impl<'interrupt> App<'interrupt> for Wink<'_> {
    fn commands(&self) -> &'static [Command] {
        &[Command::Wink]
    }

    fn call(&mut self, _: Command, request: &[u8], _: &mut BytesView) -> Result<(), Error> {
        if !request.is_empty() {
            return Err(Error::InvalidLength);
        }
        self.0.winked();
        Ok(())
    }
}
