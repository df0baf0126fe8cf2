//! Where reports come from and go to.

use async_trait::async_trait;
use keyvet_transport::ChannelError;

use crate::Report;

/// A line that carries reports of 64 bytes in both directions, in order, and nothing else.
///
/// Several links may lead to one authenticator; each then hears every report that the authenticator sends, as on Linux.
#[async_trait]
pub trait ReportLink: Send {
    /// Sends one report.
    ///
    /// # Errors
    /// [`ChannelError`], mostly [`ChannelError::Removed`].
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError>;

    /// Waits for one report. Dropping the future loses none: the report comes with the next call.
    ///
    /// # Errors
    /// [`ChannelError`], mostly [`ChannelError::Removed`].
    async fn receive(&mut self) -> Result<Report, ChannelError>;

    /// A report that is here already, without waiting for one.
    ///
    /// # Errors
    /// As [`ReportLink::receive`].
    async fn receive_ready(&mut self) -> Result<Option<Report>, ChannelError> {
        tokio::select! {
            biased;
            report = self.receive() => report.map(Some),
            () = std::future::ready(()) => Ok(None),
        }
    }
}

#[async_trait]
impl<L: ReportLink + ?Sized> ReportLink for Box<L> {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        (**self).send(report).await
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        (**self).receive().await
    }

    async fn receive_ready(&mut self) -> Result<Option<Report>, ChannelError> {
        (**self).receive_ready().await
    }
}
