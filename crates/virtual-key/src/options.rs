//! What a virtual key is made of.

use std::fmt;
use std::time::Duration;

use keyvet_ctap::Aaguid;

use crate::hostile::Quirk;

/// What a virtual key is made of. Change the members of a [`KeyOptions::new`] or of the default.
#[derive(Clone, Debug)]
pub struct KeyOptions {
    /// The firmware.
    pub firmware: Firmware,
    /// What signs the attestation statement.
    pub attestation: Attestation,
    /// The AAGUID. Without one it is that of the attestation certificate, or else the firmware's own.
    ///
    /// fido-authenticator reads it out of the certificate and refuses any other; OpenSK takes any.
    pub aaguid: Option<Aaguid>,
    /// What happens when the firmware asks for a touch.
    pub touch: Touch,
    /// Where the firmware's randomness comes from. Two keys with the same seed that get the same commands in the same
    /// order make the same credentials.
    pub seed: u64,
    /// How long the firmware waits for a touch. 30 seconds, as real keys do, unless a test wants to see it pass.
    pub up_timeout: Duration,
    /// How long the firmware waits for the rest of a message: OpenSK for the next report, fido-authenticator for all of them.
    /// Their own 100 ms and 550 ms are of chips that do nothing else; on a machine whose threads stand still for longer they
    /// refuse messages that no host was slow with. Half a second, unless a test says otherwise.
    pub message_timeout: Duration,
    /// A PIN that is set before the first report.
    pub pin: Option<String>,
    /// The shortest PIN in code points, set before the PIN (`setMinPINLength`, CTAP 2.2 §6.11.4). 4 without.
    pub min_pin_length: Option<u8>,
    /// Whether the PIN must be changed before it is of use (`forceChangePin`, CTAP 2.2 §6.11.4).
    pub force_pin_change: bool,
    /// Whether user verification is demanded always (`toggleAlwaysUv`, CTAP 2.2 §6.11.2).
    pub always_uv: bool,
    /// Whether a finger is enrolled, so that the key has built-in user verification; OpenSK alone. Every touch is
    /// that finger.
    pub fingerprint: bool,
    /// Whether enterprise attestation is switched on, where [`KeyOptions::attestation`] has it
    /// (`enableEnterpriseAttestation`, CTAP 2.2 §6.11.1).
    pub enterprise_enabled: bool,
}

impl KeyOptions {
    /// A key as sold: no PIN, touched at once, self attestation, seed 1.
    #[must_use]
    pub fn new(firmware: Firmware) -> Self {
        Self {
            firmware,
            attestation: Attestation::SelfSigned,
            aaguid: None,
            touch: Touch::Immediate,
            seed: 1,
            up_timeout: Duration::from_secs(30),
            message_timeout: Duration::from_millis(500),
            pin: None,
            min_pin_length: None,
            force_pin_change: false,
            always_uv: false,
            fingerprint: false,
            enterprise_enabled: true,
        }
    }
}

impl Default for KeyOptions {
    fn default() -> Self {
        Self::new(Firmware::OpenSk)
    }
}

/// The firmware of a virtual key.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Firmware {
    /// Nitrokey 3 and Solo 2.
    FidoAuthenticator,
    /// Google OpenSK.
    OpenSk,
    /// The hostile key, with these quirks. It is touched at once unless a quirk says otherwise.
    Hostile(Vec<Quirk>),
}

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FidoAuthenticator => "fido-authenticator",
            Self::OpenSk => "opensk",
            Self::Hostile(_) => "hostile",
        })
    }
}

/// What signs the attestation statement. Both firmwares send one certificate, the leaf, and sign with P-256 alone.
#[derive(Clone)]
#[non_exhaustive]
pub enum Attestation {
    /// The credential's own key (WebAuthn L3 §6.5.3 "self attestation").
    SelfSigned,
    /// A key shared by a batch.
    Batch {
        /// The leaf, DER. fido-authenticator cuts it after 1024 bytes; OpenSK sends it whole.
        certificate: Vec<u8>,
        /// Its private key: the P-256 scalar, big-endian.
        key: [u8; 32],
    },
    /// A key that names this one device, used when a command asks for it (CTAP 2.2 §7.1.3, platform-managed);
    /// otherwise self attestation. OpenSK alone.
    Enterprise {
        /// The leaf, DER.
        certificate: Vec<u8>,
        /// Its private key: the P-256 scalar, big-endian.
        key: [u8; 32],
    },
}

impl Attestation {
    /// The leaf, DER.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        match self {
            Self::SelfSigned => None,
            Self::Batch { certificate, .. } | Self::Enterprise { certificate, .. } => {
                Some(certificate)
            }
        }
    }
}

/// The AAGUID in the extension of a certificate (WebAuthn L3 §8.2.1), found as fido-authenticator finds it: by its bytes,
/// where the extension is not critical.
pub(crate) fn aaguid_of(certificate: &[u8]) -> Option<Aaguid> {
    let at = certificate.windows(EXTENSION.len()).position(|window| window == EXTENSION)?;
    certificate.get(at..)?.get(EXTENSION.len()..)?.first_chunk().copied().map(Aaguid)
}

/// OBJECT IDENTIFIER 1.3.6.1.4.1.45724.1.1.4, then an OCTET STRING with an OCTET STRING of 16 bytes.
const EXTENSION: &[u8] = b"\x06\x0b\x2b\x06\x01\x04\x01\x82\xe5\x1c\x01\x01\x04\x04\x12\x04\x10";

impl fmt::Debug for Attestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelfSigned => f.write_str("SelfSigned"),
            Self::Batch { certificate, .. } => write!(f, "Batch({} bytes)", certificate.len()),
            Self::Enterprise { certificate, .. } => {
                write!(f, "Enterprise({} bytes)", certificate.len())
            }
        }
    }
}

/// What happens when the firmware asks for a touch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Touch {
    /// It is touched at once: no keep-alive is ever seen.
    Immediate,
    /// Nobody touches it.
    Never,
    /// It is touched by [`VirtualKey::touch`](crate::VirtualKey::touch), once per call. A touch while the firmware
    /// does not ask for one is lost, as on hardware.
    Manual,
    /// It is touched that long after it began to ask.
    After(Duration),
}

/// Why a virtual key cannot be started.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// This build lacks the firmware.
    #[error("the firmware {0} is not part of this build")]
    NotBuilt(Firmware),
    /// The firmware cannot do what is asked of it.
    #[error("{firmware} cannot have {what}")]
    Unsupported {
        /// The firmware.
        firmware: Firmware,
        /// What was asked.
        what: &'static str,
    },
    /// The firmware refused a command that prepares it.
    #[error("the firmware refused to {what}: status 0x{status:02x}")]
    Refused {
        /// What was tried.
        what: &'static str,
        /// The status it answered (CTAP 2.2 §8.2).
        status: u8,
    },
    /// The PIN does not fit the protocol, or the firmware did not keep to it while the PIN was set.
    #[error("the PIN cannot be set")]
    Pin,
    /// The firmware stopped while it was prepared.
    #[error("the firmware stopped: {0}")]
    Crashed(String),
    /// The operating system gave no thread.
    #[error("no thread: {0}")]
    Thread(String),
}
