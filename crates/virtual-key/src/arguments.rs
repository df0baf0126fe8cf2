//! What the program is told.

use std::error::Error;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use keyvet_ctap::Aaguid;
use keyvet_virtual_key::card::CardFault;
use keyvet_virtual_key::fixtures::{Authority, DEMO_MODEL, Leaf, LeafOptions};
use keyvet_virtual_key::fixtures::{demo_authority, demo_leaf};
use keyvet_virtual_key::hostile::Quirk;
use keyvet_virtual_key::{Attestation, Firmware, KeyOptions, Touch};

/// A security key of real firmware, without hardware, on a UDP port.
///
/// It speaks CTAPHID, one report of 64 bytes per datagram, and prints `listening on ADDRESS:PORT` once it does. It keeps
/// nothing: the next start is a new key, the same one under the same seed. Its secrets are for tests; never trust it.
#[derive(Debug, Parser)]
#[command(name = "keyvet-virtual-key", version)]
pub(crate) struct Arguments {
    /// Firmware of the key; hostile when a quirk is named, else opensk
    #[arg(long, value_enum)]
    firmware: Option<FirmwareName>,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8111, unless another wire is named]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Be a HID node of this kernel, without a USB device (Linux, root, /dev/uhid)
    #[arg(long)]
    pub(crate) uhid: bool,
    /// Be a USB device of this kernel's gadget side (Linux, root, configfs, a free device controller such as dummy_udc)
    #[arg(long)]
    pub(crate) gadget: bool,
    /// Be a USB device served over USB/IP, as 1-1; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) usbip: Option<SocketAddr>,
    /// Serial number of the node
    #[arg(long)]
    pub(crate) serial: Option<String>,
    /// Manufacturer text of the node
    #[arg(long)]
    pub(crate) manufacturer: Option<String>,
    /// Product text of the node
    #[arg(long)]
    pub(crate) product: Option<String>,
    /// Be a card in the slot of vpcd (vsmartcard) that listens there, once or more; with --listen the key is seen over
    /// both at once
    #[arg(long = "card", value_name = "ADDRESS:PORT")]
    pub(crate) cards: Vec<SocketAddr>,
    /// What the card is: fido (fido-authenticator's own application, its default) or applet (one before any firmware,
    /// the default of the others)
    #[arg(long, value_enum, requires = "cards")]
    pub(crate) card_kind: Option<CardKind>,
    /// What is wrong with the card, once or more
    #[arg(long = "card-fault", value_name = "NAME[:N]", requires = "cards")]
    pub(crate) card_faults: Vec<CardFault>,
    /// List the faults of cards and end
    #[arg(long)]
    pub(crate) list_card_faults: bool,
    /// What signs the attestation: self, demo, cut (too long a certificate), unknown-root, enterprise (opensk), or a PEM
    /// file with a certificate and its P-256 key
    #[arg(long, default_value = "self", value_name = "KIND|FILE")]
    attestation: String,
    /// AAGUID, when it is not the one of the attestation certificate (not with fido-authenticator)
    #[arg(long)]
    aaguid: Option<Aaguid>,
    /// When it is touched: immediate, never, manual (see --control), or after:2s
    #[arg(long, default_value = "immediate", value_parser = touch)]
    touch: Touch,
    /// How long the firmware waits for a touch
    #[arg(long, default_value = "30s", value_parser = duration, value_name = "TIME")]
    up_timeout: Duration,
    /// A PIN that is set at the start
    #[arg(long)]
    pin: Option<String>,
    /// Shortest PIN in code points, set before the PIN
    #[arg(long, value_name = "LENGTH")]
    min_pin_length: Option<u8>,
    /// The PIN must be changed before it is of use
    #[arg(long, requires = "pin")]
    force_pin_change: bool,
    /// User verification is demanded always
    #[arg(long)]
    always_uv: bool,
    /// A finger is enrolled; every touch is that finger (opensk)
    #[arg(long)]
    fingerprint: bool,
    /// Where its randomness comes from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A way to misbehave, once or more (hostile)
    #[arg(long = "quirk", value_name = "NAME", value_parser = Quirk::from_str)]
    quirks: Vec<Quirk>,
    /// List the quirks and end
    #[arg(long)]
    pub(crate) list_quirks: bool,
    /// Read commands from standard input, one a line: touch, set-touch WHEN, unplug, plug, power-cycle, advance TIME,
    /// remove and insert (the card), quit; each is confirmed on standard output, and the end of input is a quit
    #[arg(long)]
    pub(crate) control: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum FirmwareName {
    Opensk,
    FidoAuthenticator,
    Hostile,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum CardKind {
    Fido,
    Applet,
}

impl Arguments {
    /// Where to listen, if at all.
    pub(crate) fn listens(&self) -> Option<SocketAddr> {
        let another = !self.cards.is_empty() || self.uhid || self.gadget || self.usbip.is_some();
        self.listen.or((!another).then_some(DEFAULT_LISTEN))
    }

    /// The key that was asked for.
    pub(crate) fn options(&self) -> Result<KeyOptions, Box<dyn Error>> {
        let firmware = self.firmware()?;
        let attestation = attestation(&self.attestation, &firmware)?;
        Ok(KeyOptions {
            attestation,
            aaguid: self.aaguid,
            touch: self.touch,
            seed: self.seed,
            up_timeout: self.up_timeout,
            pin: self.pin.clone(),
            min_pin_length: self.min_pin_length,
            force_pin_change: self.force_pin_change,
            always_uv: self.always_uv,
            fingerprint: self.fingerprint,
            ..KeyOptions::new(firmware)
        })
    }

    fn firmware(&self) -> Result<Firmware, &'static str> {
        match self.firmware {
            None if self.quirks.is_empty() => Ok(Firmware::OpenSk),
            None | Some(FirmwareName::Hostile) => Ok(Firmware::Hostile(self.quirks.clone())),
            Some(_) if !self.quirks.is_empty() => Err("--quirk is for --firmware hostile"),
            Some(FirmwareName::Opensk) => Ok(Firmware::OpenSk),
            Some(FirmwareName::FidoAuthenticator) => Ok(Firmware::FidoAuthenticator),
        }
    }
}

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8111);

fn attestation(kind: &str, firmware: &Firmware) -> Result<Attestation, Box<dyn Error>> {
    let options = LeafOptions::of(DEMO_MODEL);
    let leaf = match kind {
        "self" => return Ok(Attestation::SelfSigned),
        "enterprise" => {
            let options = LeafOptions::enterprise(DEMO_MODEL, "KV-0001");
            let Leaf { certificate, key } = demo_authority().leaf(&options);
            return Ok(Attestation::Enterprise { certificate, key });
        }
        "demo" => demo_leaf(),
        "cut" if *firmware == Firmware::FidoAuthenticator => {
            demo_authority().leaf(&LeafOptions { min_len: 1100, ..options })
        }
        // the others send any length, so it is cut before they have it
        "cut" => cut(demo_leaf()),
        "unknown-root" => Authority::new("Unknown").leaf(&options),
        path => read(Path::new(path))?,
    };
    Ok(Attestation::Batch { certificate: leaf.certificate, key: leaf.key })
}

fn cut(mut leaf: Leaf) -> Leaf {
    leaf.certificate.truncate(leaf.certificate.len().saturating_sub(40));
    leaf
}

fn read(path: &Path) -> Result<Leaf, String> {
    let failed = |error: &dyn Error| format!("--attestation {}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    Leaf::from_pem(&text).map_err(|error| failed(&error))
}

/// `immediate`, `never`, `manual` or `after:TIME`.
pub(crate) fn touch(text: &str) -> Result<Touch, String> {
    match (text, text.strip_prefix("after:")) {
        (_, Some(time)) => duration(time).map(Touch::After),
        ("immediate", _) => Ok(Touch::Immediate),
        ("never", _) => Ok(Touch::Never),
        ("manual", _) => Ok(Touch::Manual),
        _ => Err("not one of immediate, never, manual, after:TIME".to_owned()),
    }
}

/// `500ms`, `11s` or `2m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.strip_prefix(digits).unwrap_or_default();
    let wrong = || "not a time such as 500ms, 11s or 2m".to_owned();
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_hold_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("11s"), Ok(Duration::from_secs(11)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "s", "11", "-1s", "1h", "1 s", "99999999999999999999s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_touch_has_a_word_or_a_time() {
        assert_eq!(touch("manual"), Ok(Touch::Manual));
        assert_eq!(touch("after:2s"), Ok(Touch::After(Duration::from_secs(2))));
        assert!(touch("after:").is_err() && touch("sometimes").is_err());
    }

    #[test]
    fn a_card_does_not_listen_unless_told() {
        let listens = |words: &[&str]| {
            let words = ["keyvet-virtual-key"].iter().chain(words);
            Arguments::try_parse_from(words).map(|arguments| arguments.listens())
        };
        assert_eq!(listens(&[]).unwrap(), Some(DEFAULT_LISTEN));
        assert_eq!(listens(&["--card", "127.0.0.1:35963"]).unwrap(), None);
        let both = listens(&["--card", "127.0.0.1:35963", "--listen", "127.0.0.1:9"]);
        assert_eq!(both.unwrap(), Some("127.0.0.1:9".parse().unwrap()));
        assert!(listens(&["--card-fault", "pulled:3"]).is_err());
    }

    #[test]
    fn a_quirk_makes_the_key_hostile() {
        let parsed = |words: &[&str]| {
            let words = ["keyvet-virtual-key"].iter().chain(words);
            Arguments::try_parse_from(words).unwrap().options().map(|options| options.firmware)
        };
        assert_eq!(parsed(&[]).unwrap(), Firmware::OpenSk);
        let hostile = parsed(&["--quirk", "cancel-ignored"]).unwrap();
        assert_eq!(hostile, Firmware::Hostile(vec![Quirk::CancelIgnored]));
        assert!(parsed(&["--quirk", "cancel-ignored", "--firmware", "opensk"]).is_err());
    }
}
