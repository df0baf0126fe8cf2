//! The hostile key on a thread, as the firmwares are.

use crate::fixtures::Leaf;
use crate::hostile::{HostileKey, HostileOptions, Next, Quirk};
use crate::port::{Event, Port, Run};
use crate::{Attestation, Firmware, KeyOptions, StartError};

/// The hostile key, driven by the port's clock.
pub(crate) struct HostileRun {
    options: HostileOptions,
}

impl HostileRun {
    pub(crate) fn new(options: &KeyOptions, quirks: &[Quirk]) -> Result<Self, StartError> {
        let mut hostile = HostileOptions::with(quirks);
        hostile.attestation = attestation(&options.firmware, &options.attestation)?;
        let certified = options.attestation.certificate().and_then(crate::options::aaguid_of);
        hostile.aaguid = options.aaguid.or(certified).unwrap_or(hostile.aaguid);
        hostile.pin.clone_from(&options.pin);
        hostile.seed = options.seed;
        hostile.up_timeout = options.up_timeout;
        Ok(Self { options: hostile })
    }
}

impl Run for HostileRun {
    fn run(&mut self, port: &Port) {
        let mut key = HostileKey::new(self.options.clone());
        while port.power_up() {
            key.power_cycle();
            while live(&mut key, port) {}
        }
    }
}

/// One step; `false` when the power is gone, or the key takes itself off the bus.
fn live(key: &mut HostileKey, port: &Port) -> bool {
    let now = port.uptime();
    let at_most = match key.next(now) {
        Next::Report(report) => {
            port.send(&report);
            return port.has_power();
        }
        Next::Gone => {
            port.unplug();
            return false;
        }
        Next::At(then) => Some(then.saturating_sub(now)),
        Next::Idle => None,
    };
    match port.receive(at_most) {
        None => return false,
        // no card's face: nobody asks
        Some(Event::Nothing | Event::Field(_)) => {}
        Some(Event::Report(report)) => key.report(port.uptime(), &report),
    }
    true
}

fn attestation(firmware: &Firmware, attestation: &Attestation) -> Result<Option<Leaf>, StartError> {
    match attestation {
        Attestation::SelfSigned => Ok(None),
        Attestation::Batch { certificate, key } => {
            Ok(Some(Leaf { certificate: certificate.clone(), key: *key }))
        }
        Attestation::Enterprise { .. } => Err(StartError::Unsupported {
            firmware: firmware.clone(),
            what: "enterprise attestation; its quirks claim it",
        }),
    }
}
