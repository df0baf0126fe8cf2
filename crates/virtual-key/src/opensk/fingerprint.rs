//! A fingerprint sensor on which every finger is the right one.

use std::time::Duration;

use ::opensk::api::fingerprint::{
    Ctap2EnrollFeedback, Fingerprint, FingerprintCheckError, FingerprintKind,
};
use ::opensk::ctap::status_code::CtapResult;

use crate::port::{Port, Wait};

/// The template of a finger that is enrolled from the start.
pub(super) const FINGER: &[u8] = b"finger";

/// A fingerprint sensor. A touch of the key is a touch of the sensor, with the finger that was enrolled.
pub(super) struct Sensor<'a> {
    port: &'a Port,
    samples: usize,
    enrolled: u8,
}

impl<'a> Sensor<'a> {
    pub(super) fn new(port: &'a Port) -> Self {
        Self { port, samples: 0, enrolled: 0 }
    }
}

impl Fingerprint for Sensor<'_> {
    fn prepare_enrollment(&mut self) -> CtapResult<()> {
        self.samples = 0;
        Ok(())
    }

    /// Two samples make a template.
    fn capture_sample(
        &mut self,
        timeout_ms: Option<usize>,
    ) -> CtapResult<(Ctap2EnrollFeedback, usize, Option<Vec<u8>>)> {
        let left = SAMPLES.saturating_sub(self.samples);
        if self.check_fingerprint(timeout_ms.unwrap_or(SAMPLE_TIMEOUT_MS)).is_err() {
            return Ok((Ctap2EnrollFeedback::NoUserActivity, left, None));
        }
        self.samples = self.samples.saturating_add(1);
        if self.samples < SAMPLES {
            return Ok((Ctap2EnrollFeedback::FpGood, left.saturating_sub(1), None));
        }
        self.enrolled = self.enrolled.wrapping_add(1);
        Ok((Ctap2EnrollFeedback::FpGood, 0, Some(vec![self.enrolled])))
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
        let time = Duration::from_millis(timeout_ms.try_into().unwrap_or(u64::MAX));
        match self.port.wait_for_touch_alone(time) {
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
