//! Google OpenSK: its own CTAPHID code on reports, in an environment of ours.

mod env;
mod fingerprint;
mod presence;
mod storage;

use ::opensk::api::persist::{Attestation, AttestationId, Persist};
use ::opensk::{Ctap, Transport};

use keyvet_hid::Report;
use keyvet_hid::framing::{Command, Packet};

use self::env::SoftEnv;
use self::storage::Storage;
use crate::port::{Event, Port, Run};
use crate::rng::Seeded;
use crate::{KeyOptions, StartError};

/// What OpenSK is started with.
pub(crate) struct OpenSk {
    options: KeyOptions,
}

impl OpenSk {
    pub(crate) fn new(options: &KeyOptions) -> Result<Self, StartError> {
        Ok(Self { options: options.clone() })
    }

    /// What the factory writes: attestation, AAGUID, an enrolled finger.
    fn manufacture(&self) -> Storage {
        let mut storage = Storage::default();
        let written = self.write(&mut storage);
        debug_assert!(written.is_ok(), "an empty storage takes what the factory writes");
        storage
    }

    fn write(&self, storage: &mut Storage) -> ::opensk::ctap::status_code::CtapResult<()> {
        if let Some((id, attestation)) = attestation(&self.options) {
            storage.set_attestation(id, Some(&attestation))?;
        }
        storage.set_aaguid(&aaguid(&self.options))?;
        if self.options.fingerprint {
            storage.store_template_id(fingerprint::FINGER.to_vec())?;
            storage.store_friendly_name(fingerprint::FINGER, "finger".to_owned())?;
        }
        Ok(())
    }
}

impl Run for OpenSk {
    fn run(&mut self, port: &Port) {
        let storage = self.manufacture();
        let rng = Seeded::new(self.options.seed);
        while port.power_up() {
            let env = SoftEnv::new(port, storage.clone(), rng.clone(), &self.options);
            let mut ctap = Ctap::new(env);
            while let Some(event) = port.receive(None) {
                if let Event::Report(report) = event {
                    answer(&mut ctap, port, &report);
                }
            }
        }
    }
}

fn answer(ctap: &mut Ctap<SoftEnv<'_>>, port: &Port, report: &Report) {
    let answers = ctap.process_hid_packet(report, Transport::MainHid);
    // the permission to wink lasts longer than the command
    if matches!(Packet::of(report), Packet::Initialization { command: Command::WINK, .. })
        && ctap.should_wink()
    {
        port.winked();
    }
    // U2F (CTAP1) asks again and again instead of waiting, so a touch counts from one report to the next
    if ctap.u2f_needs_user_presence() && port.poll_touch() {
        ctap.u2f_grant_user_presence();
        port.end_touch();
    }
    for answer in answers {
        port.send(&answer);
    }
}

fn attestation(options: &KeyOptions) -> Option<(AttestationId, Attestation)> {
    let (id, certificate, key) = match &options.attestation {
        crate::Attestation::SelfSigned => return None,
        crate::Attestation::Batch { certificate, key } => (AttestationId::Batch, certificate, key),
        crate::Attestation::Enterprise { certificate, key } => {
            (AttestationId::Enterprise, certificate, key)
        }
    };
    let attestation =
        Attestation { wrapped_private_key: key.to_vec(), certificate: certificate.clone() };
    Some((id, attestation))
}

fn aaguid(options: &KeyOptions) -> [u8; 16] {
    let certified = || options.attestation.certificate().and_then(crate::options::aaguid_of);
    options.aaguid.or_else(certified).map_or(AAGUID, |aaguid| aaguid.0)
}

/// 664d9f67-84a2-412a-9ff7-b4f7d8ee6d05, which OpenSK's own builds carry.
const AAGUID: [u8; 16] = 0x664d_9f67_84a2_412a_9ff7_b4f7_d8ee_6d05_u128.to_be_bytes();
