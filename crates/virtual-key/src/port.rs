//! Where a firmware meets its surroundings: reports, touch, clock, power.
//!
//! Every key has one [`Port`]. The firmware's thread calls the half "for a firmware", handles and links the other half.
//! Nothing here polls: every wait is on one condition variable that every change of state notifies.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use keyvet_hid::Report;
use keyvet_transport::ChannelError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use crate::Touch;
use crate::fault::{Armed, Way};

/// A firmware, or what plays one. It is given a thread of its own, with a stack of 2 MiB.
///
/// `run` is the whole life of the key, storage included:
///
/// ```text
/// while port.power_up() {
///     let mut state = …;                       // what a power cycle forgets
///     while let Some(event) = port.receive(None) {
///         // Event::Report: answer with port.send, wait with port.wait_for_touch
///     }
/// }
/// ```
///
/// It returns when [`Port::power_up`] says that the key is no longer needed. A panic counts as a crash: every link hears
/// that the key was removed, and the handle tells why.
pub(crate) trait Run: Send {
    /// Runs until the key is no longer needed.
    fn run(&mut self, port: &Port);
}

/// What a firmware may receive.
pub(crate) enum Event {
    /// A report of the host.
    Report(Report),
    /// What a card reader wants; only keys with a card's face are asked.
    Field(Field),
    /// Nothing came in the time given.
    Nothing,
}

/// What a card reader wants of a key that is its own card.
pub(crate) enum Field {
    /// Forget what was selected: the reader cut the power of the card's half.
    Reset,
    /// Answer a command APDU. Without an answer the card is mute.
    Apdu {
        /// The command.
        command: Vec<u8>,
        /// Where the answer goes.
        answer: SyncSender<Vec<u8>>,
    },
}

/// What happens to the power of a key, from outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PowerEvent {
    /// It was pulled out.
    Unplugged,
    /// It was plugged in again.
    Plugged,
    /// Its power was taken and given back.
    Cycled,
}

type Watcher = Arc<dyn Fn(PowerEvent) -> bool + Send + Sync>;

/// What ended a wait for a touch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wait {
    /// Somebody touched the key.
    Touched,
    /// A report of the host is there; [`Port::receive`] has it. It may be a cancel.
    Report,
    /// The time given is over, or the clock was moved.
    Time,
    /// The power is gone.
    PowerOff,
}

/// Reports, touch, clock and power of one key.
pub(crate) struct Port {
    state: Mutex<State>,
    changed: Condvar,
    watchers: Mutex<Vec<Watcher>>,
    plug: watch::Sender<Plug>,
}

/// Whether a key is there to be put on a wire.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Plug {
    /// Counted up by every unplug.
    pub(crate) number: u64,
    /// Plugged in, and its firmware runs.
    pub(crate) present: bool,
    /// Nobody needs the key any more.
    pub(crate) ended: bool,
}

struct State {
    inbox: VecDeque<Report>,
    field: VecDeque<Field>,
    openers: Vec<UnboundedSender<Report>>,
    touch: Touch,
    touched: bool,
    waiting_since: Option<Instant>,
    /// Counted up by every power-up; `running` follows when the firmware has noticed.
    power: u64,
    running: u64,
    /// Counted up by every unplug; a link knows the number it was opened under.
    plugged: u64,
    present: bool,
    powered_at: Instant,
    advanced: Duration,
    sent: u64,
    received: u64,
    winks: u64,
    crashed: Option<String>,
    ended: bool,
    armed: Option<Armed>,
    /// Counted up by every arming.
    arming: u64,
}

/// For a firmware.
impl Port {
    /// Waits until the key has power afresh; `false` when it is no longer needed.
    pub(crate) fn power_up(&self) -> bool {
        let mut state = self.lock();
        while !state.ended && (!state.present || state.running == state.power) {
            state = self.wait(state, None);
        }
        state.running = state.power;
        !state.ended
    }

    /// The next report; `None` when the power is gone.
    pub(crate) fn receive(&self, at_most: Option<Duration>) -> Option<Event> {
        let until = at_most.and_then(|time| Instant::now().checked_add(time));
        let mut state = self.lock();
        loop {
            if !state.has_power() {
                return None;
            }
            if let Some(report) = state.inbox.pop_front() {
                return Some(Event::Report(report));
            }
            // after the reports: whoever waits for a touch takes reports alone
            if let Some(field) = state.field.pop_front() {
                return Some(Event::Field(field));
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Some(Event::Nothing);
            }
            state = self.wait(state, left);
        }
    }

    /// Sends a report to everybody who has the key open. Without power nobody hears it.
    pub(crate) fn send(&self, report: &Report) {
        self.change(|state| {
            if state.has_power() {
                state.received = state.received.saturating_add(1);
                state.pass(Way::FromKey, report);
            }
        });
    }

    /// The firmware begins to ask for a touch; one from before does not count.
    pub(crate) fn begin_touch(&self) {
        let mut state = self.lock();
        state.touched = false;
        state.waiting_since = Some(Instant::now());
    }

    /// Waits for a touch, a report or the end of the time, whichever is first.
    pub(crate) fn wait_for_touch(&self, at_most: Duration) -> Wait {
        self.wait_for(at_most, true)
    }

    /// Waits for a touch or the end of the time, and leaves reports alone.
    pub(crate) fn wait_for_touch_alone(&self, at_most: Duration) -> Wait {
        self.wait_for(at_most, false)
    }

    fn wait_for(&self, at_most: Duration, reports: bool) -> Wait {
        let began = Instant::now();
        let mut state = self.lock();
        let advanced = state.advanced;
        loop {
            if !state.has_power() {
                return Wait::PowerOff;
            }
            if state.take_touch() {
                return Wait::Touched;
            }
            if reports && !state.inbox.is_empty() {
                return Wait::Report;
            }
            let left = at_most.saturating_sub(began.elapsed());
            if left.is_zero() || state.advanced != advanced {
                return Wait::Time;
            }
            let left = state.touch_due().map_or(left, |due| left.min(due));
            state = self.wait(state, Some(left));
        }
    }

    /// Asks for a touch without waiting; whether it has come. A touch from before the first asking does not count.
    pub(crate) fn poll_touch(&self) -> bool {
        let mut state = self.lock();
        if state.waiting_since.is_none() {
            state.touched = false;
            state.waiting_since = Some(Instant::now());
        }
        state.has_power() && state.take_touch()
    }

    /// The firmware no longer asks for a touch.
    pub(crate) fn end_touch(&self) {
        self.lock().waiting_since = None;
    }

    /// Time since the power-up, as the firmware's clock has it.
    pub(crate) fn uptime(&self) -> Duration {
        let state = self.lock();
        state.powered_at.elapsed().saturating_add(state.advanced)
    }

    /// Whether the power the firmware came up with is still there.
    pub(crate) fn has_power(&self) -> bool {
        self.lock().has_power()
    }

    /// The firmware winked.
    pub(crate) fn winked(&self) {
        let mut state = self.lock();
        state.winks = state.winks.saturating_add(1);
    }
}

/// For handles and links.
impl Port {
    pub(crate) fn new(touch: Touch) -> Self {
        let state = State {
            inbox: VecDeque::new(),
            field: VecDeque::new(),
            openers: Vec::new(),
            touch,
            touched: false,
            waiting_since: None,
            power: 1,
            running: 0,
            plugged: 1,
            present: true,
            powered_at: Instant::now(),
            advanced: Duration::ZERO,
            sent: 0,
            received: 0,
            winks: 0,
            crashed: None,
            ended: false,
            armed: None,
            arming: 0,
        };
        let plug = watch::Sender::new(state.plug());
        Self { state: Mutex::new(state), changed: Condvar::new(), watchers: Mutex::default(), plug }
    }

    /// Whether the key is plugged in, from now on.
    pub(crate) fn plug_changes(&self) -> watch::Receiver<Plug> {
        self.plug.subscribe()
    }

    /// Opens the node; the receiver ends with the plug or the firmware.
    pub(crate) fn open(&self) -> (u64, UnboundedReceiver<Report>) {
        let (opener, input) = unbounded_channel();
        let mut state = self.lock();
        if state.is_reachable() {
            state.openers.push(opener);
        }
        (state.plugged, input)
    }

    /// The number of the plug as it is now.
    pub(crate) fn plugged(&self) -> u64 {
        self.lock().plugged
    }

    pub(crate) fn write(&self, plugged: u64, report: &Report) -> Result<(), ChannelError> {
        self.change(|state| {
            if !state.is_reachable() || state.plugged != plugged {
                return Err(ChannelError::Removed);
            }
            state.sent = state.sent.saturating_add(1);
            state.pass(Way::ToKey, report);
            Ok(())
        })
    }

    /// What a card reader wants; `false` while there is no key.
    pub(crate) fn ask(&self, field: Field) -> bool {
        self.change(|state| {
            let reachable = state.is_reachable() && !state.ended;
            if reachable {
                if matches!(field, Field::Apdu { .. }) {
                    state.sent = state.sent.saturating_add(1);
                }
                state.field.push_back(field);
            }
            reachable
        })
    }

    /// Calls `watcher` after every change of power, on the thread that made it, until it returns `false`.
    pub(crate) fn watch(&self, watcher: Watcher) {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(watcher);
    }

    fn tell(&self, event: PowerEvent) {
        // called without the lock, because a watcher may look at the key
        let watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let ended: Vec<_> = watchers.iter().filter(|watcher| !watcher(event)).collect();
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|watcher| !ended.iter().any(|ended| Arc::ptr_eq(ended, watcher)));
    }

    pub(crate) fn touch(&self) {
        self.change(|state| state.touched = state.waiting_since.is_some());
    }

    pub(crate) fn set_touch(&self, touch: Touch) {
        self.change(|state| state.touch = touch);
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.lock().waiting_since.is_some()
    }

    pub(crate) fn power_cycle(&self) {
        self.power_cycle_untold();
        self.tell(PowerEvent::Cycled);
    }

    /// The power of a card's field went and came: no news to whoever watches it.
    pub(crate) fn power_cycle_untold(&self) {
        self.change(State::power_cycle);
    }

    pub(crate) fn unplug(&self) {
        self.change(|state| {
            state.present = false;
            state.power_cycle();
            state.plugged = state.plugged.saturating_add(1);
            state.openers.clear();
        });
        self.tell(PowerEvent::Unplugged);
    }

    pub(crate) fn plug(&self) {
        let plugged = self.change(|state| {
            let was_out = !state.present;
            if was_out {
                state.present = true;
                state.power_cycle();
            }
            was_out
        });
        if plugged {
            self.tell(PowerEvent::Plugged);
        }
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.change(|state| state.advanced = state.advanced.saturating_add(time));
    }

    /// Whether it is plugged in, runs, and somebody needs it.
    pub(crate) fn is_alive(&self) -> bool {
        let state = self.lock();
        state.is_reachable() && !state.ended
    }

    pub(crate) fn is_present(&self) -> bool {
        self.lock().is_reachable()
    }

    pub(crate) fn reports(&self) -> (u64, u64) {
        let state = self.lock();
        (state.sent, state.received)
    }

    pub(crate) fn forget_reports(&self) {
        let mut state = self.lock();
        (state.sent, state.received) = (0, 0);
    }

    pub(crate) fn winks(&self) -> u64 {
        self.lock().winks
    }

    pub(crate) fn crashed(&self) -> Option<String> {
        self.lock().crashed.clone()
    }

    pub(crate) fn crash(&self, why: String) {
        self.change(|state| {
            state.crashed = Some(why);
            state.openers.clear();
            state.field.clear();
        });
        self.tell(PowerEvent::Unplugged);
    }

    pub(crate) fn end(&self) {
        self.change(|state| {
            state.ended = true;
            state.field.clear();
            state.openers.clear();
        });
    }

    /// Lets the line fail; a fault from before is mended.
    pub(crate) fn arm(&self, armed: Armed) {
        self.change(|state| {
            state.armed = Some(armed);
            state.arming = state.arming.saturating_add(1);
        });
    }

    /// The line does not fail any more; whether it did.
    pub(crate) fn mend(&self) -> bool {
        self.change(|state| state.armed.take()).is_some_and(|armed| armed.struck())
    }

    pub(crate) fn struck(&self) -> bool {
        self.lock().armed.as_ref().is_some_and(Armed::struck)
    }

    /// Delivers what comes late by the fault that is armed now, until it is mended.
    pub(crate) fn tend(&self) {
        let mut state = self.lock();
        let arming = state.arming;
        while !state.ended && state.arming == arming {
            let Some(armed) = &mut state.armed else { return };
            let (due, next) = armed.due();
            for (way, report) in &due {
                state.deliver(*way, report);
            }
            if !due.is_empty() {
                self.changed.notify_all();
            }
            state = self.wait(state, next);
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        let now = state.plug();
        self.plug.send_if_modified(|before| std::mem::replace(before, now) != now);
        drop(state);
        self.changed.notify_all();
        result
    }

    // a poisoned lock is taken as it is: no method panics between two changes that belong together
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        at_most: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        match at_most {
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }
}

impl State {
    fn has_power(&self) -> bool {
        self.present && !self.ended && self.running == self.power
    }

    fn is_reachable(&self) -> bool {
        self.present && self.crashed.is_none()
    }

    fn plug(&self) -> Plug {
        Plug { number: self.plugged, present: self.is_reachable(), ended: self.ended }
    }

    /// Carries a report, as well as the line does.
    fn pass(&mut self, way: Way, report: &Report) {
        let bent = match &mut self.armed {
            Some(armed) => armed.bend(way, report),
            None => vec![*report],
        };
        bent.iter().for_each(|report| self.deliver(way, report));
    }

    fn deliver(&mut self, way: Way, report: &Report) {
        match way {
            Way::ToKey => self.inbox.push_back(*report),
            Way::FromKey => self.openers.retain(|opener| opener.send(*report).is_ok()),
        }
    }

    /// The next power-up starts from here: what is sent from now on is for it, and its clock runs.
    fn power_cycle(&mut self) {
        self.power = self.power.saturating_add(1);
        self.inbox.clear();
        self.field.clear();
        self.touched = false;
        self.waiting_since = None;
        self.powered_at = Instant::now();
        self.advanced = Duration::ZERO;
    }

    fn take_touch(&mut self) -> bool {
        match self.touch {
            Touch::Immediate => true,
            Touch::Never => false,
            Touch::Manual => std::mem::take(&mut self.touched),
            Touch::After(_) => self.touch_due() == Some(Duration::ZERO),
        }
    }

    /// How long until the key touches itself.
    fn touch_due(&self) -> Option<Duration> {
        match (self.touch, self.waiting_since) {
            (Touch::After(time), Some(since)) => Some(time.saturating_sub(since.elapsed())),
            _ => None,
        }
    }
}
