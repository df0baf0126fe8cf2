//! A card at the other end of the helper program.

use async_trait::async_trait;
use keyvet_transport::ChannelError;
use std::sync::Arc;
use tokio::sync::oneshot;

use super::process::Process;
use crate::helper_protocol::{MAX_FRAME_LEN, Request};
use crate::{CardId, CardLink};

/// One link; closed when it is dropped.
#[derive(Debug)]
pub(super) struct HelperLink {
    process: Arc<Process>,
    link: u32,
}

impl HelperLink {
    pub(super) async fn connect(
        process: Arc<Process>,
        reader: &str,
        card: &CardId,
    ) -> Result<Self, ChannelError> {
        let (reply, answer) = reply();
        let request = Request::Connect { reader: reader.into(), card: card.clone() };
        let link = process.request(&request, reply);
        // made before it is known to be open: when this future is dropped, it is closed
        let link = Self { process, link };
        answer.await.map_err(|_| ChannelError::Removed)??;
        Ok(link)
    }

    /// Sends `request`; `if_dropped` follows when nobody takes the answer.
    async fn call(&self, request: Request, if_dropped: Request) -> Result<Vec<u8>, ChannelError> {
        let (reply, answer) = reply();
        self.process.request(&request, reply);
        let mut guard = Guard { process: &self.process, if_dropped: Some(if_dropped) };
        let answer = answer.await;
        guard.if_dropped = None;
        answer.map_err(|_| ChannelError::Removed)?
    }
}

#[async_trait]
impl CardLink for HelperLink {
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        let max = MAX_FRAME_LEN.saturating_sub(REQUEST_LEN);
        if command.len() > max {
            return Err(ChannelError::TooLong { len: command.len(), max });
        }
        let request = Request::Transmit { link: self.link, command: command.to_vec() };
        self.call(request, Request::Spoil(self.link)).await
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        self.call(Request::Begin(self.link), Request::End(self.link)).await.map(|_| ())
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        self.call(Request::End(self.link), Request::End(self.link)).await.map(|_| ())
    }
}

impl Drop for HelperLink {
    fn drop(&mut self) {
        self.process.note(&Request::Close(self.link));
    }
}

struct Guard<'a> {
    process: &'a Process,
    if_dropped: Option<Request>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(request) = self.if_dropped.take() {
            self.process.note(&request);
        }
    }
}

type Answer = Result<Vec<u8>, ChannelError>;

fn reply() -> (super::process::Reply, oneshot::Receiver<Answer>) {
    let (sender, answer) = oneshot::channel();
    // nobody waits for the answer any more: then it is dropped
    (Box::new(move |answer| drop(sender.send(answer))), answer)
}

/// id, code and link before a command.
const REQUEST_LEN: usize = 9;
