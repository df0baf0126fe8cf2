//! The handle on a virtual key.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::fault::{Armed, Fault, Place};
use crate::port::{Port, PowerEvent, Run};
use crate::{Firmware, KeyOptions, MemoryLink, StartError, Touch, prepare};

/// A handle on a virtual key. Clones are handles on the same key; it stops when the last handle and the last link are
/// gone.
///
/// Every method returns at once; what it changes holds for the reports that are sent afterwards.
#[derive(Clone)]
pub struct VirtualKey {
    running: Arc<Running>,
}

/// A key while somebody holds on to it.
pub(crate) struct Running {
    pub(crate) port: Arc<Port>,
    firmware: Firmware,
    kept: Mutex<Vec<Arc<dyn Any + Send + Sync>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.port.end();
    }
}

impl VirtualKey {
    /// Starts a key: its firmware runs, freshly powered up, prepared as the options say.
    ///
    /// # Errors
    /// [`StartError`] when the firmware is not part of this build, cannot have what was asked for, or refused it.
    pub fn start(options: KeyOptions) -> Result<Self, StartError> {
        let firmware = firmware(&options)?;
        // nobody touches while it is prepared but the preparation itself
        let key = Self::run(firmware, Touch::Immediate, options.firmware.clone())?;
        prepare::prepare(&key, &options)?;
        key.set_touch(options.touch);
        Ok(key)
    }

    fn run(mut firmware: Box<dyn Run>, touch: Touch, named: Firmware) -> Result<Self, StartError> {
        let port = Arc::new(Port::new(touch));
        let name = named.to_string();
        let running = Running { port: Arc::clone(&port), firmware: named, kept: Mutex::default() };
        let running = Arc::new(running);
        thread::Builder::new()
            .name(name)
            .stack_size(STACK_BYTES)
            .spawn(move || {
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| firmware.run(&port))) {
                    port.crash(message(panic.as_ref()));
                }
            })
            .map_err(|error| StartError::Thread(error.to_string()))?;
        Ok(Self { running })
    }

    /// Opens the key as a program opens a HID node. Several links hear all reports each.
    #[must_use]
    pub fn link(&self) -> MemoryLink {
        MemoryLink::new(Arc::clone(&self.running))
    }

    /// Touches the key once, under [`Touch::Manual`]. Lost unless the firmware asks for a touch, as on hardware: wait for
    /// a keep-alive of status 2 before, or for [`VirtualKey::waits_for_touch`].
    pub fn touch(&self) {
        self.port().touch();
    }

    /// Whether the firmware asks for a touch now.
    #[must_use]
    pub fn waits_for_touch(&self) -> bool {
        self.port().is_waiting()
    }

    /// Changes what happens when the firmware asks for a touch, also for a request that waits already.
    pub fn set_touch(&self, touch: Touch) {
        self.port().set_touch(touch);
    }

    /// Takes the power away and gives it back. Storage is kept, channels, tokens and the request at work are forgotten, the
    /// clock and with it the reset window start anew. Links stay open, as to a simulator that restarts.
    pub fn power_cycle(&self) {
        self.port().power_cycle();
    }

    /// Moves the firmware's clock forward: time-outs, the life of a PIN token, the reset window.
    pub fn advance_clock(&self, time: Duration) {
        self.port().advance(time);
    }

    /// Pulls the key out: every link hears [`ChannelError::Removed`](keyvet_transport::ChannelError::Removed), for good.
    pub fn unplug(&self) {
        self.port().unplug();
    }

    /// Plugs the key in again: a power-up on kept storage. New links can be opened.
    pub fn plug(&self) {
        self.port().plug();
    }

    /// Lets the line fail once, whatever wire the key is on. It takes the place of a fault from before.
    ///
    /// # Errors
    /// What the operating system says when it gives no thread.
    pub fn fail(&self, fault: Fault, place: Place) -> io::Result<()> {
        self.port().arm(Armed::new(fault, place));
        let port = self.shared_port();
        thread::Builder::new().name("fault".to_owned()).spawn(move || port.tend()).map(drop)
    }

    /// Whether the fault has struck.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.port().struck()
    }

    /// Takes the fault away; whether it struck.
    pub fn mend(&self) -> bool {
        self.port().mend()
    }

    /// Whether it is plugged in and its firmware runs.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.port().is_present()
    }

    /// Reports (to the key, from the key) since the start, whoever sent or heard them.
    #[must_use]
    pub fn reports(&self) -> (u64, u64) {
        self.port().reports()
    }

    /// How often the firmware was asked to wink.
    #[must_use]
    pub fn winks(&self) -> u64 {
        self.port().winks()
    }

    /// Why the firmware stopped, if it did: the text of its panic. Its links hear that the key was removed.
    #[must_use]
    pub fn crashed(&self) -> Option<String> {
        self.port().crashed()
    }

    /// Its firmware.
    #[must_use]
    pub fn firmware(&self) -> &Firmware {
        &self.running.firmware
    }

    /// Calls `watcher` after every unplug, plug and power cycle, on the thread that caused it, until it returns `false`.
    /// A watcher that holds a handle on the key keeps it running.
    pub fn watch(&self, watcher: impl Fn(PowerEvent) -> bool + Send + Sync + 'static) {
        self.port().watch(Arc::new(watcher));
    }

    /// What of this type the key keeps; made and kept now if there is none. It is dropped with the key: a wire that the
    /// key hangs on for as long as it lives.
    ///
    /// # Errors
    /// What `make` says.
    pub fn keep<T: Send + Sync + 'static, E>(
        &self,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut kept = self.running.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find_map(|thing| Arc::clone(thing).downcast().ok()) {
            return Ok(found);
        }
        let made = Arc::new(make()?);
        kept.push(Arc::<T>::clone(&made));
        Ok(made)
    }

    pub(crate) fn port(&self) -> &Port {
        &self.running.port
    }

    /// For wires and cards: does not keep the key alive.
    pub(crate) fn shared_port(&self) -> Arc<Port> {
        Arc::clone(&self.running.port)
    }
}

impl std::fmt::Debug for VirtualKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VirtualKey").field("reports", &self.reports()).finish_non_exhaustive()
    }
}

fn firmware(options: &KeyOptions) -> Result<Box<dyn Run>, StartError> {
    match &options.firmware {
        #[cfg(feature = "opensk")]
        Firmware::OpenSk => Ok(Box::new(crate::opensk::OpenSk::new(options)?)),
        #[cfg(feature = "fido-authenticator")]
        Firmware::FidoAuthenticator => {
            Ok(Box::new(crate::fido_authenticator::FidoAuthenticator::new(options)?))
        }
        Firmware::Hostile(quirks) => {
            Ok(Box::new(crate::hostile_run::HostileRun::new(options, quirks)?))
        }
        #[allow(unreachable_patterns, reason = "not with every feature on")]
        missing => Err(StartError::NotBuilt(missing.clone())),
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

/// fido-authenticator needs more than 384 KiB in a debug build.
const STACK_BYTES: usize = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Event;
    use keyvet_hid::ReportLink;
    use keyvet_transport::ChannelError;

    /// A firmware that stops at the first report.
    struct Crashes;

    impl Run for Crashes {
        fn run(&mut self, port: &Port) {
            while port.power_up() {
                if let Some(Event::Report(_)) = port.receive(None) {
                    panic!("stack of {} cards", 52);
                }
            }
        }
    }

    #[tokio::test]
    async fn a_crash_is_a_removal_for_every_link_and_is_told() {
        let key = VirtualKey::run(Box::new(Crashes), Touch::Immediate, Firmware::OpenSk).unwrap();
        let (mut link, mut other) = (key.link(), key.link());
        assert_eq!(key.crashed(), None);
        link.send(&[0; 64]).await.unwrap();
        assert_eq!(link.receive().await, Err(ChannelError::Removed));
        assert_eq!(other.receive().await, Err(ChannelError::Removed));
        assert_eq!(key.crashed().as_deref(), Some("stack of 52 cards"));
        key.plug();
        assert_eq!(key.link().send(&[0; 64]).await, Err(ChannelError::Removed));
        assert!(!key.is_present());
    }

    #[tokio::test]
    async fn a_receive_that_is_dropped_loses_no_report() {
        let key = VirtualKey::run(Box::new(Echoes), Touch::Immediate, Firmware::OpenSk).unwrap();
        let mut link = key.link();
        for number in 0..100 {
            {
                let mut waiting = link.receive();
                tokio::select! {
                    biased;
                    report = &mut waiting => panic!("nothing was sent: {report:?}"),
                    () = std::future::ready(()) => {}
                }
            }
            link.send(&[number; 64]).await.unwrap();
            assert_eq!(link.receive().await, Ok([number; 64]));
        }
    }

    struct Echoes;

    impl Run for Echoes {
        fn run(&mut self, port: &Port) {
            while port.power_up() {
                while let Some(event) = port.receive(None) {
                    if let Event::Report(report) = event {
                        port.send(&report);
                    }
                }
            }
        }
    }
}
