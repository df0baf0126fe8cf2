//! fido-authenticator, the firmware of Nitrokey 3 and Solo 2, on trussed in memory, behind its own USB class.

mod apdus;
mod boot;
mod bus;
mod platform;
mod usb;
mod wink;

use ::trussed::virt::{StorageConfig, Store};
use littlefs2_core::{DynFilesystem, Path, path};
use ref_swap::OptionRefSwap;
use trussed_core::InterruptFlag;

use self::boot::Boot;
use crate::port::{Port, Run};
use crate::rng::Seeded;
use crate::{Attestation, KeyOptions, StartError};

/// What fido-authenticator is started with.
pub(crate) struct FidoAuthenticator {
    options: KeyOptions,
}

impl FidoAuthenticator {
    pub(crate) fn new(options: &KeyOptions) -> Result<Self, StartError> {
        let certified = options.attestation.certificate().and_then(crate::options::aaguid_of);
        let found = certified.map_or(*AAGUID, |aaguid| aaguid.0);
        let unsupported = if matches!(options.attestation, Attestation::Enterprise { .. }) {
            Some("enterprise attestation")
        } else if options.fingerprint {
            Some("a fingerprint sensor")
        } else if options.aaguid.is_some_and(|wanted| wanted.0 != found) {
            Some("an AAGUID that its attestation certificate does not name")
        } else {
            None
        };
        match unsupported {
            None => Ok(Self { options: options.clone() }),
            Some(what) => Err(StartError::Unsupported { firmware: options.firmware.clone(), what }),
        }
    }

    /// The life of a key whose persistent storage is `internal` and `external`.
    fn live(&self, port: &Port, internal: &dyn DynFilesystem, external: &dyn DynFilesystem) {
        self.manufacture(internal);
        let rng = Seeded::new(self.options.seed);
        // the firmware wants these for ever, so a key leaves some bytes behind
        let interrupt: &'static InterruptFlag = Box::leak(Box::default());
        let current: &'static OptionRefSwap<'static, InterruptFlag> =
            Box::leak(Box::new(OptionRefSwap::new(None)));
        while port.power_up() {
            interrupt.set_idle();
            in_memory(|volatile| {
                let store = Store { internal, external, volatile };
                Boot { port, store, rng: rng.clone(), interrupt, current, options: &self.options }
                    .run();
            });
        }
    }

    /// What the factory writes: attestation key and certificate.
    fn manufacture(&self, internal: &dyn DynFilesystem) {
        if let Attestation::Batch { certificate, key } = &self.options.attestation {
            write(internal, path!("fido/x5c"), path!("fido/x5c/00"), certificate);
            // a key file of trussed: flags SENSITIVE, kind P256, scalar
            let key = [&[0, 2, 0, 5], key.as_slice()].concat();
            write(internal, path!("fido/sec"), path!("fido/sec/00"), &key);
        }
    }
}

impl Run for FidoAuthenticator {
    fn run(&mut self, port: &Port) {
        in_memory(|internal| in_memory(|external| self.live(port, internal, external)));
    }
}

/// Runs `with` on a fresh file system of 64 KiB.
#[expect(clippy::expect_used, reason = "memory is formatted and mounted without fail")]
fn in_memory(with: impl FnOnce(&dyn DynFilesystem)) {
    StorageConfig::ram().with_fs(with).expect("memory can be formatted");
}

#[expect(clippy::expect_used, reason = "a certificate too big for the storage must fail at once")]
fn write(fs: &dyn DynFilesystem, folder: &Path, path: &Path, bytes: &[u8]) {
    fs.create_dir_all(folder).expect("an empty storage has room for a folder");
    fs.write(path, bytes).expect("an empty storage has room for a certificate");
}

/// What the firmware says without a certificate that names a model.
const AAGUID: &[u8; 16] = b"AAGUID0123456789";
