//! The environment OpenSK runs in.

use ::opensk::api::crypto::software_crypto::SoftwareCrypto;
use ::opensk::api::customization::{CustomizationImpl, DEFAULT_CUSTOMIZATION};
use ::opensk::api::key_store;
use ::opensk::api::rng::Rng;
use ::opensk::ctap::data_formats::EnterpriseAttestationMode;
use ::opensk::env::Env;

use super::fingerprint::Sensor;
use super::presence::{Presence, UpClock, presence_and_clock};
use super::storage::Storage;
use crate::port::Port;
use crate::rng::Seeded;
use crate::{Attestation, KeyOptions};

/// The environment of one power-up.
pub(super) struct SoftEnv<'a> {
    storage: Storage,
    rng: Seeded,
    presence: Presence<'a>,
    clock: UpClock<'a>,
    sensor: Sensor<'a>,
    customization: CustomizationImpl,
}

impl<'a> SoftEnv<'a> {
    pub(super) fn new(port: &'a Port, storage: Storage, rng: Seeded, options: &KeyOptions) -> Self {
        let (presence, clock) = presence_and_clock(port, options);
        let customization = customization(options);
        let sensor = Sensor::new(port, rng.clone());
        Self { storage, rng, presence, clock, sensor, customization }
    }
}

fn customization(options: &KeyOptions) -> CustomizationImpl {
    let mut customization = DEFAULT_CUSTOMIZATION;
    match options.attestation {
        Attestation::SelfSigned => {}
        Attestation::Batch { .. } => customization.use_batch_attestation = true,
        Attestation::Enterprise { .. } => {
            customization.enterprise_attestation_mode =
                Some(EnterpriseAttestationMode::PlatformManaged);
        }
    }
    customization
}

/// What debugging output goes to.
pub(super) struct Nowhere;

impl std::fmt::Write for Nowhere {
    fn write_str(&mut self, _: &str) -> std::fmt::Result {
        Ok(())
    }
}

impl Rng for Seeded {}

impl key_store::Helper for SoftEnv<'_> {}

impl<'a> Env for SoftEnv<'a> {
    type Rng = Seeded;
    type UserPresence = Presence<'a>;
    type Persist = Storage;
    type KeyStore = Self;
    type Write = Nowhere;
    type Customization = CustomizationImpl;
    type HidConnection = Presence<'a>;
    type Clock = UpClock<'a>;
    type Crypto = SoftwareCrypto;
    type Fingerprint = Sensor<'a>;

    fn rng(&mut self) -> &mut Seeded {
        &mut self.rng
    }

    fn user_presence(&mut self) -> &mut Presence<'a> {
        &mut self.presence
    }

    fn persist(&mut self) -> &mut Storage {
        &mut self.storage
    }

    fn key_store(&mut self) -> &mut Self {
        self
    }

    fn clock(&mut self) -> &mut UpClock<'a> {
        &mut self.clock
    }

    fn fingerprint(&mut self) -> &mut Sensor<'a> {
        &mut self.sensor
    }

    fn write(&mut self) -> Nowhere {
        Nowhere
    }

    fn customization(&self) -> &CustomizationImpl {
        &self.customization
    }

    fn hid_connection(&mut self) -> &mut Presence<'a> {
        &mut self.presence
    }

    fn boots_after_soft_reset(&self) -> bool {
        false
    }

    fn firmware_version(&self) -> Option<u64> {
        Some(FIRMWARE_VERSION)
    }
}

/// What getInfo says of the firmware (0x0E).
const FIRMWARE_VERSION: u64 = 1;
