//! Asking the cards present whether they are keys.

use keyvet_transport::ChannelError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::iso7816::{CardError, Selected, Selection};
use crate::{CardId, CardLink, ReaderState, Readers};

/// What is in a reader.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// A card with a FIDO application.
    Key,
    /// Another card, or none.
    NoKey,
    /// A card that could not be asked.
    Denied(ChannelError),
}

/// What was found out already: a card is asked once from its insertion to its removal.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Arc<Mutex<HashMap<String, (CardId, Found)>>>);

impl Known {
    /// What is known of the card in `reader`. Where insertions are not counted, a card cannot be told from another of the
    /// same kind.
    fn of(&self, reader: &ReaderState) -> Option<Found> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (card, found) = known.get(&reader.name)?;
        (reader.card.as_ref() == Some(card) && card.events > 0).then(|| found.clone())
    }

    fn learn(&self, reader: &ReaderState, found: &Found) {
        if let (Some(card), Found::Key | Found::NoKey) = (&reader.card, found) {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(reader.name.clone(), (card.clone(), found.clone()));
        }
    }
}

/// What is in each of `states`. The cards not known yet are asked at the same time, each for a bounded time.
pub(super) fn all<'a>(
    readers: &Arc<dyn Readers>,
    known: &Known,
    states: &'a [ReaderState],
) -> Vec<(&'a ReaderState, Found)> {
    thread::scope(|scope| {
        let asked: Vec<_> = states
            .iter()
            .map(|state| match without_asking(known, state) {
                Some(found) => (state, Ok(found)),
                None => {
                    let asking = thread::Builder::new().name("keyvet-card-probe".into());
                    (state, Err(asking.spawn_scoped(scope, || ask(readers.as_ref(), state))))
                }
            })
            .collect();
        let found = asked.into_iter().map(|(state, found)| match found {
            Ok(found) => (state, found),
            Err(Ok(asking)) => {
                let found = asking.join().unwrap_or(Found::NoKey);
                known.learn(state, &found);
                (state, found)
            }
            Err(Err(error)) => (state, Found::Denied(ChannelError::Io(error.to_string()))),
        });
        found.collect()
    })
}

fn without_asking(known: &Known, state: &ReaderState) -> Option<Found> {
    if state.card.is_none() {
        return Some(Found::NoKey);
    }
    match known.of(state) {
        Some(Found::Key) | None if state.exclusive => Some(Found::Denied(ChannelError::Busy)),
        known => known,
    }
}

/// Asks the card in a reader. It has a runtime of its own, because a scan may be made from within another one.
fn ask(readers: &dyn Readers, state: &ReaderState) -> Found {
    let Some(card) = &state.card else { return Found::NoKey };
    let runtime = match Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => return Found::Denied(ChannelError::Io(error.to_string())),
    };
    let selecting = async { timeout(PATIENCE, select(readers, &state.name, card)).await };
    match runtime.block_on(selecting) {
        Ok(found) => found,
        // somebody keeps it to himself, or the reader hangs: both are told by this
        Err(_) => Found::Denied(ChannelError::Busy),
    }
}

async fn select(readers: &dyn Readers, reader: &str, card: &CardId) -> Found {
    let outcome = async {
        let mut link = readers.connect(reader, card).await?;
        link.begin().await?;
        let found = converse(link.as_mut()).await;
        // the link is dropped next, which ends it as well
        let _ = link.end().await;
        found
    };
    match outcome.await {
        Ok(found) => found,
        // it left while it was asked: there is nothing to show
        Err(ChannelError::Removed | ChannelError::Replaced { .. }) => Found::NoKey,
        Err(why) => Found::Denied(why),
    }
}

async fn converse(link: &mut dyn CardLink) -> Result<Found, ChannelError> {
    let (mut selection, mut apdu) = Selection::new();
    loop {
        match selection.push(&link.transmit(&apdu).await?) {
            Ok(Selected::Send(next)) => apdu = next,
            Ok(Selected::Done(_)) => return Ok(Found::Key),
            Err(error @ CardError::Deactivated) => return Ok(Found::Denied(error.into())),
            Err(CardError::TooShort { .. }) => return Err(ChannelError::Removed),
            // whatever that is, it does not say that it is a key
            Err(_) => return Ok(Found::NoKey),
        }
    }
}

/// How long one card may take to connect and to say what it is. The slowest contactless ones take a fifth of that.
const PATIENCE: Duration = Duration::from_secs(2);
