//! A fingerprint sensor on which every finger is the right one.

use std::time::Duration;

use ::opensk::api::fingerprint::{
    Ctap2EnrollFeedback, Fingerprint, FingerprintCheckError, FingerprintKind,
};
use ::opensk::ctap::status_code::CtapResult;

use rand_core::RngCore;

use crate::port::{Port, Wait};
use crate::rng::Seeded;

/// The template of a finger that is enrolled from the start.
pub(super) const FINGER: &[u8] = b"finger";

/// A fingerprint sensor. A touch of the key is a touch of the sensor, with the finger that was enrolled.
pub(super) struct Sensor<'a> {
    port: &'a Port,
    rng: Seeded,
    samples: usize,
    template: [u8; 8],
}

impl<'a> Sensor<'a> {
    pub(super) fn new(port: &'a Port, rng: Seeded) -> Self {
        Self { port, rng, samples: 0, template: [0; 8] }
    }

    fn wait(&self, milliseconds: usize) -> Wait {
        let time = Duration::from_millis(milliseconds.try_into().unwrap_or(u64::MAX));
        self.port.wait_for_touch_alone(time)
    }
}

impl Fingerprint for Sensor<'_> {
    fn prepare_enrollment(&mut self) -> CtapResult<()> {
        self.samples = 0;
        self.rng.fill_bytes(&mut self.template);
        Ok(())
    }

    /// Two samples make a template.
    fn capture_sample(
        &mut self,
        timeout_ms: Option<usize>,
    ) -> CtapResult<(Ctap2EnrollFeedback, usize, Option<Vec<u8>>)> {
        self.port.begin_touch();
        let waited = self.wait(timeout_ms.unwrap_or(SAMPLE_TIMEOUT_MS));
        self.port.end_touch();
        let (feedback, good) = match waited {
            Wait::Touched => (Ctap2EnrollFeedback::FpGood, 1),
            _ => (Ctap2EnrollFeedback::NoUserActivity, 0),
        };
        self.samples = self.samples.saturating_add(good);
        let left = SAMPLES.saturating_sub(self.samples);
        // told from the start: a template that is named late goes by two names, and OpenSK forgets the first
        Ok((feedback, left, Some(self.template.to_vec())))
    }

    fn cancel_enrollment(&mut self) -> CtapResult<()> {
        Ok(())
    }

    fn remove_enrollment(&mut self, _: &[u8]) -> CtapResult<()> {
        Ok(())
    }

    fn check_fingerprint_init(&mut self) -> CtapResult<()> {
        self.port.begin_touch();
        Ok(())
    }

    // the firmware does not look at reports meanwhile, so a cancel waits until the check is over
    fn check_fingerprint(&mut self, timeout_ms: usize) -> Result<(), FingerprintCheckError> {
        match self.wait(timeout_ms) {
            Wait::Touched => Ok(()),
            Wait::PowerOff => Err(FingerprintCheckError::Other),
            Wait::Report | Wait::Time => Err(FingerprintCheckError::Timeout),
        }
    }

    fn check_fingerprint_complete(&mut self) -> CtapResult<()> {
        self.port.end_touch();
        Ok(())
    }

    fn fingerprint_kind(&self) -> FingerprintKind {
        FingerprintKind::Touch
    }

    fn max_capture_samples_required_for_enroll(&self) -> usize {
        SAMPLES
    }
}

const SAMPLES: usize = 2;
const SAMPLE_TIMEOUT_MS: usize = 5_000;
