//! Naming one device among those found.

use keyvet_ctap::Aaguid;
use keyvet_finding::{Coded, Culprit, Kind, Severity};
use std::fmt;
use std::str::FromStr;

use crate::{Device, DeviceId, Transport};

/// Names one device among those found, and never guesses between two.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Selector {
    /// The only one there is.
    #[default]
    Only,
    /// The one at this place: `hid:/dev/hidraw3`, `udp:127.0.0.1:8111`, `nfc:READER` with all or a unique part of the
    /// reader's name.
    Place {
        /// How it is reached.
        transport: Transport,
        /// Where.
        path: String,
    },
    /// The only one on this transport: `nfc`, `hid`.
    On(Transport),
    /// The only one whose path, serial number, product, manufacturer or AAGUID contains this text, in any case. An AAGUID
    /// fits with and without dashes. A text that is all of a path, of its last part, of a serial number or of an AAGUID
    /// beats one that is only a part.
    Part(String),
    /// The one that the person touches. A list cannot tell: this is [`Selector::Only`] until somebody asks the keys.
    Touch,
}

/// A device that may be chosen.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The device.
    pub device: Device,
    /// Its model, when somebody has asked it.
    pub aaguid: Option<Aaguid>,
}

impl Candidate {
    /// A device that was not asked for its model.
    #[must_use]
    pub const fn new(device: Device) -> Self {
        Self { device, aaguid: None }
    }
}

impl Selector {
    /// Index of the one candidate that is meant.
    ///
    /// # Errors
    /// [`SelectionError`], with everything there is to choose from.
    pub fn choose(&self, candidates: &[Candidate]) -> Result<usize, SelectionError> {
        if candidates.is_empty() {
            return Err(SelectionError::None);
        }
        let whole = self.fitting(candidates, Fit::Whole);
        let fitting = if whole.is_empty() { self.fitting(candidates, Fit::Part) } else { whole };
        match fitting.as_slice() {
            [] => Err(SelectionError::NoMatch {
                wanted: self.to_string(),
                present: candidates.to_vec(),
            }),
            [only] => Ok(*only),
            several => Err(SelectionError::Several(
                several.iter().filter_map(|at| candidates.get(*at)).cloned().collect(),
            )),
        }
    }

    /// The transport that is named, if one is.
    #[must_use]
    pub const fn transport(&self) -> Option<Transport> {
        match self {
            Self::Place { transport, .. } | Self::On(transport) => Some(*transport),
            Self::Only | Self::Part(_) | Self::Touch => None,
        }
    }

    /// The device at a place that no scan needs to find: an address.
    #[must_use]
    pub fn address(&self) -> Option<DeviceId> {
        match self {
            Self::Place { transport: Transport::Udp, path } => {
                Some(DeviceId::new(Transport::Udp, path))
            }
            _ => None,
        }
    }

    fn fitting(&self, candidates: &[Candidate], fit: Fit) -> Vec<usize> {
        let fits = |(at, candidate)| self.fits(candidate, fit).then_some(at);
        candidates.iter().enumerate().filter_map(fits).collect()
    }

    fn fits(&self, candidate: &Candidate, fit: Fit) -> bool {
        match self {
            Self::Only | Self::Touch => true,
            Self::On(transport) => candidate.device.id.transport == *transport,
            Self::Place { transport, path } => {
                let id = &candidate.device.id;
                id.transport == *transport && is_place(id, path, fit)
            }
            Self::Part(text) => match fit {
                Fit::Whole => is_whole(candidate, text),
                Fit::Part => is_part(candidate, text),
            },
        }
    }
}

#[derive(Clone, Copy)]
enum Fit {
    Whole,
    Part,
}

/// Readers have long names, so a part will do.
fn is_place(id: &DeviceId, path: &str, fit: Fit) -> bool {
    match (fit, id.transport) {
        (Fit::Part, Transport::Nfc) => id.path.to_lowercase().contains(&path.to_lowercase()),
        _ => id.path == *path,
    }
}

fn is_whole(candidate: &Candidate, text: &str) -> bool {
    let device = &candidate.device;
    let path = device.id.path.as_str();
    let last = path.rsplit('/').next().unwrap_or(path);
    let aaguid = text.parse::<Aaguid>().ok();
    let serial = device.serial.as_deref();
    [Some(path), Some(last), serial].contains(&Some(text))
        || (aaguid.is_some() && aaguid == candidate.aaguid)
}

fn is_part(candidate: &Candidate, text: &str) -> bool {
    let device = &candidate.device;
    let wanted = text.to_lowercase();
    let dashed = candidate.aaguid.map(|aaguid| aaguid.to_string());
    let plain = dashed.as_ref().map(|text| text.replace('-', ""));
    let texts = [
        Some(&device.id.path),
        device.serial.as_ref(),
        device.product.as_ref(),
        device.manufacturer.as_ref(),
        dashed.as_ref(),
        plain.as_ref(),
    ];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&wanted))
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => f.write_str("the only key"),
            Self::On(transport) => write!(f, "the only key on {transport}"),
            Self::Place { transport, path } => write!(f, "{transport}:{path}"),
            Self::Part(text) => f.write_str(text),
            Self::Touch => f.write_str("the key that is touched"),
        }
    }
}

/// The text names nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a device is named like hid:/dev/hidraw3, nfc:READER, nfc, udp:127.0.0.1:8111, or by a part of its name"
)]
pub struct ParseSelectorError;

impl FromStr for Selector {
    type Err = ParseSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let place = text.split_once(':').and_then(|(word, path)| {
            word.parse().ok().map(|transport| (transport, path.to_owned()))
        });
        match place {
            None if text.parse::<Transport>().is_ok() => {
                text.parse().map(Self::On).map_err(|_| ParseSelectorError)
            }
            _ if text.trim().is_empty() => Err(ParseSelectorError),
            Some((_, path)) if path.is_empty() => Err(ParseSelectorError),
            Some((transport, path)) => Ok(Self::Place { transport, path }),
            None => Ok(Self::Part(text.to_owned())),
        }
    }
}

/// Why no device was chosen.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// There is none.
    #[error("no key is there")]
    None,
    /// None fits.
    #[error("no key fits {wanted:?}")]
    NoMatch {
        /// What was asked for.
        wanted: String,
        /// What is there.
        present: Vec<Candidate>,
    },
    /// More than one fits.
    #[error("{} keys fit", .0.len())]
    Several(Vec<Candidate>),
}

impl SelectionError {
    /// What there is to choose from.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::None => &[],
            Self::NoMatch { present, .. } => present,
            Self::Several(candidates) => candidates,
        }
    }
}

impl Coded for SelectionError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::None => &NO_KEY,
            Self::NoMatch { .. } => &NO_MATCH,
            Self::Several(_) => &SEVERAL_MATCH,
        }
    }
}

/// There is no key.
pub(crate) static NO_KEY: Kind = Kind {
    id: "transport.no-key",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "No security key is plugged in, or the system does not show it as one.",
    next_step: "Plug the key in and run `keyvet list`; if it is not listed, `keyvet doctor` says why.",
    source: "CTAP 2.2 §11.2.8",
};

/// No key fits.
pub(crate) static NO_MATCH: Kind = Kind {
    id: "transport.no-match",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "There are keys, but none that the given name fits.",
    next_step: "Name one of the keys listed, by its path or by any part of its name that no other has.",
    source: "keyvet",
};

/// More than one key fits.
pub(crate) static SEVERAL_MATCH: Kind = Kind {
    id: "transport.several-match",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "More than one key fits; keyvet does not guess which one is meant.",
    next_step: "Name one of the keys listed by its path, or choose by touch.",
    source: "keyvet",
};
