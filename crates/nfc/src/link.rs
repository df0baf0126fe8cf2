//! A connection to one card.

use async_trait::async_trait;
use keyvet_transport::ChannelError;

/// A connection to the card that was in the reader when it was opened, and to no other.
///
/// Dropping it ends a transaction that is open and leaves the card powered. Its futures need no particular runtime.
#[async_trait]
pub trait CardLink: Send {
    /// Sends one command APDU and returns the whole response APDU, status word included: at least 2 bytes.
    ///
    /// Dropping the future abandons the command; the next call then waits until the card is done with it, or fails.
    ///
    /// # Errors
    /// [`ChannelError::Removed`] when the card left, also in the middle of a command; [`ChannelError::Replaced`] when
    /// another one, or the same one after a reset, is in the reader; [`ChannelError::TooLong`] when the reader does not
    /// carry commands of this length and nothing was sent.
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError>;

    /// Keeps other programs from the card until [`CardLink::end`]. Waits while another one does that, or says so.
    ///
    /// Dropping the future abandons it; [`CardLink::end`] then takes back what may have been granted late.
    ///
    /// # Errors
    /// [`ChannelError::Busy`] when another program keeps it.
    async fn begin(&mut self) -> Result<(), ChannelError>;

    /// Lets other programs to the card again.
    ///
    /// # Errors
    /// [`ChannelError`].
    async fn end(&mut self) -> Result<(), ChannelError>;
}

#[async_trait]
impl<L: CardLink + ?Sized> CardLink for Box<L> {
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        (**self).transmit(command).await
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        (**self).begin().await
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        (**self).end().await
    }
}
