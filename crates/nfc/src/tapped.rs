//! A link somebody listens to.

use async_trait::async_trait;
use keyvet_transport::{ChannelError, DeviceId, Direction, Packet, Tap};
use std::sync::Arc;

use crate::CardLink;

/// A link whose every APDU a [`Tap`] hears: a command before it is sent, a response as it arrives; nothing, an empty one,
/// where the card was taken away.
///
/// Without a tap it is the link alone.
pub struct TappedLink<L> {
    link: L,
    device: DeviceId,
    tap: Option<Arc<dyn Tap>>,
}

impl<L> TappedLink<L> {
    /// `link` to `device`, heard by `tap`.
    pub const fn new(link: L, device: DeviceId, tap: Option<Arc<dyn Tap>>) -> Self {
        Self { link, device, tap }
    }

    fn tell(&self, direction: Direction, bytes: &[u8]) {
        if let Some(tap) = &self.tap {
            tap.packet(Packet::new(&self.device, direction, bytes));
        }
    }
}

#[async_trait]
impl<L: CardLink> CardLink for TappedLink<L> {
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        self.tell(Direction::Out, command);
        let response = self.link.transmit(command).await;
        match &response {
            Ok(response) => self.tell(Direction::In, response),
            Err(ChannelError::Removed) => self.tell(Direction::In, &[]),
            Err(_) => {}
        }
        response
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        self.link.begin().await
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        self.link.end().await
    }
}

impl<L> std::fmt::Debug for TappedLink<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TappedLink").field("device", &self.device).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_transport::Transport;
    use std::sync::Mutex;

    struct Scripted(Vec<Result<Vec<u8>, ChannelError>>);

    #[async_trait]
    impl CardLink for Scripted {
        async fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, ChannelError> {
            self.0.remove(0)
        }

        async fn begin(&mut self) -> Result<(), ChannelError> {
            Ok(())
        }

        async fn end(&mut self) -> Result<(), ChannelError> {
            Ok(())
        }
    }

    #[derive(Default)]
    struct Heard(Mutex<Vec<(Direction, Vec<u8>)>>);

    impl Tap for Heard {
        fn packet(&self, packet: Packet<'_>) {
            assert_eq!(packet.device.path, "reader");
            self.0.lock().unwrap().push((packet.direction, packet.bytes.to_vec()));
        }
    }

    #[tokio::test]
    async fn a_tap_hears_what_was_sent_and_what_came_and_that_the_card_was_taken_away() {
        let heard = Arc::new(Heard::default());
        let busy = Err(ChannelError::Busy);
        let link = Scripted(vec![Ok(vec![0x90, 0x00]), busy, Err(ChannelError::Removed)]);
        let device = DeviceId::new(Transport::Nfc, "reader");
        let mut link = TappedLink::new(Box::new(link), device, Some(heard.clone()));
        link.begin().await.unwrap();
        assert_eq!(link.transmit(&[1]).await, Ok(vec![0x90, 0x00]));
        assert_eq!(link.transmit(&[2]).await, Err(ChannelError::Busy));
        assert_eq!(link.transmit(&[3]).await, Err(ChannelError::Removed));
        link.end().await.unwrap();
        let expected = [
            (Direction::Out, vec![1]),
            (Direction::In, vec![0x90, 0x00]),
            (Direction::Out, vec![2]),
            (Direction::Out, vec![3]),
            (Direction::In, vec![]),
        ];
        assert_eq!(*heard.0.lock().unwrap(), expected);
    }
}
