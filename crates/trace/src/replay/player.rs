//! Which recorded exchange answers a request.

use keyvet_finding::Finding;
use keyvet_transport::ChannelError;

use crate::asks::Asks;
use crate::error::NOT_RECORDED;
use crate::exchange::Exchange;

/// The exchanges of one device, each played once and in order.
#[derive(Debug)]
pub(super) struct Player {
    exchanges: Vec<(Asks, Exchange)>,
    played: Vec<bool>,
}

impl Player {
    pub(super) fn new(exchanges: Vec<Exchange>) -> Self {
        let asks = |exchange: Exchange| {
            (Asks::of(exchange.request.kind, &exchange.request.payload), exchange)
        };
        let exchanges: Vec<_> = exchanges.into_iter().map(asks).collect();
        Self { played: vec![false; exchanges.len()], exchanges }
    }

    /// The first exchange that was not played yet and asked for the same. What changes nothing is answered again as it
    /// was the last time.
    ///
    /// # Errors
    /// When none is left.
    pub(super) fn play(&mut self, asks: Asks) -> Result<Exchange, ChannelError> {
        self.play_next(asks).map(|(exchange, _)| exchange)
    }

    /// The same, and whether the same was asked again right after it.
    ///
    /// # Errors
    /// When none is left.
    pub(super) fn play_next(&mut self, asks: Asks) -> Result<(Exchange, bool), ChannelError> {
        let next = self.next(asks);
        let again =
            || self.exchanges.iter().rposition(|(asked, _)| asks.is_repeatable() && *asked == asks);
        let Some(at) = next.or_else(again) else { return Err(self.not_recorded(asks)) };
        if let Some(played) = self.played.get_mut(at) {
            *played = true;
        }
        let mut from = self.exchanges.iter().skip(at);
        let exchange = from.next().map(|(_, exchange)| exchange.clone());
        let repeated = from.next().is_some_and(|(asked, _)| *asked == asks);
        exchange.map(|exchange| (exchange, repeated)).ok_or_else(|| self.not_recorded(asks))
    }

    /// Whether an exchange that asks for it is left.
    pub(super) fn has(&self, asks: Asks) -> bool {
        self.next(asks).is_some()
    }

    fn next(&self, asks: Asks) -> Option<usize> {
        let mut left = self.exchanges.iter().zip(&self.played);
        left.position(|((asked, _), played)| *asked == asks && !played)
    }

    fn not_recorded(&self, asks: Asks) -> ChannelError {
        let mut left = self.exchanges.iter().zip(&self.played);
        let expected = left.find(|(_, played)| !**played).map(|((asked, _), _)| asked);
        let detail = match expected {
            Some(expected) => format!("{asks} was asked; the recording goes on with {expected}"),
            None => format!("{asks} was asked; the recording ends before that"),
        };
        ChannelError::Framing(Finding::new(&NOT_RECORDED, detail))
    }
}
