//! Waiting for readers and cards.

use keyvet_nfc::ReaderState;
use pcsc::{Context, Error, PNP_NOTIFICATION, ReaderState as Raw, Scope, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::connection::Done;
use crate::{errors, status};

/// A thread that waits until the readers are no longer what they were.
pub(crate) struct Waiting {
    context: Context,
    stopped: Arc<AtomicBool>,
}

impl Waiting {
    /// Begins to wait; `done` is told when something is otherwise than `known`, also when it is already.
    ///
    /// # Errors
    /// Without a service to ask, `done` is told and there is nothing to wait for.
    pub(crate) fn start(known: Vec<ReaderState>, done: Done<()>) -> Option<Self> {
        let context = match Context::establish(Scope::User) {
            Ok(context) => context,
            Err(error) => {
                done.tell(Err(errors::at_reader(PLACE, error)));
                return None;
            }
        };
        let stopped = Arc::<AtomicBool>::default();
        let (waits, seen) = (context.clone(), Arc::clone(&stopped));
        let thread = thread::Builder::new().name("keyvet-pcsc-wait".into());
        // when there can be no thread, the closure is dropped, and with it `done`, which tells so
        let _ = thread.spawn(move || {
            let changed = wait(&waits, &known, &seen);
            done.tell(changed.map_err(|error| errors::at_reader(PLACE, error)));
        });
        Some(Self { context, stopped })
    }

    /// Whether [`Waiting::stop`] has nothing to stop.
    pub(crate) fn is_over(&self) -> bool {
        // the thread drops its half at its end
        Arc::strong_count(&self.stopped) == 1
    }
}

impl Drop for Waiting {
    /// A cancel that comes before the library waits is lost; the slice is short enough for that.
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        if !self.is_over() {
            // the service may be gone; then nothing waits
            let _ = self.context.cancel();
        }
    }
}

fn wait(context: &Context, known: &[ReaderState], stopped: &AtomicBool) -> Result<(), Error> {
    let mut readers = status::raw(context)?;
    while !stopped.load(Ordering::SeqCst) {
        if otherwise(known, &readers) {
            return Ok(());
        }
        readers.iter_mut().for_each(Raw::sync_current_state);
        match sleep(context, &mut readers) {
            // in use, not in use any more: nothing that we tell
            Ok(()) | Err(Error::Timeout | Error::Cancelled | Error::UnknownReader) => {
                readers = status::raw(context)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sleeps until a reader or a card comes or goes. A reader's coming is not told to whoever waits for as many readers as
/// there can be; then none can come.
fn sleep(context: &Context, readers: &mut Vec<Raw>) -> Result<(), Error> {
    readers.truncate(status::MAX_AT_ONCE);
    if readers.len() < status::MAX_AT_ONCE {
        readers.push(Raw::new(PNP_NOTIFICATION(), State::UNAWARE));
    }
    context.get_status_change(SLICE, readers)
}

fn otherwise(known: &[ReaderState], now: &[Raw]) -> bool {
    let told = |reader: &ReaderState| (reader.name.clone(), reader.card.clone(), reader.exclusive);
    let mut before: Vec<_> = known.iter().map(told).collect();
    let mut after: Vec<_> = now.iter().map(|raw| told(&status::state(raw))).collect();
    before.sort_by(|a, b| a.0.cmp(&b.0));
    after.sort_by(|a, b| a.0.cmp(&b.0));
    before != after
}

/// The readers as a whole.
const PLACE: &str = "pcscd";

/// How long the library waits before everything is looked at again: only what it failed to tell is found so late.
const SLICE: Duration = Duration::from_secs(2);
