//! The ways to keys: which transports a command looks on.

use crate::{context::Context, error::CliError};
use keyvet_finding::{Culprit, Kind, Printable, Severity};
use keyvet_hid::{HidDiscovery, UdpAddress, UdpDiscovery};
#[cfg(feature = "nfc")]
use keyvet_nfc::{CardDiscovery, HelperReaders, Readers};
use keyvet_transport::{Discovery, Selector, Transport};
use std::sync::Arc;

/// Names simulators that count as keys present: `127.0.0.1:8111,127.0.0.1:8112`.
const UDP_VARIABLE: &str = "KEYVET_UDP";

/// The ways to keys.
pub(super) struct Transports {
    /// In the order in which keys are listed.
    pub(super) discoveries: Vec<Arc<dyn Discovery>>,
    /// The card readers among them.
    #[cfg(feature = "nfc")]
    pub(super) readers: Option<Arc<dyn Readers>>,
}

impl Transports {
    /// Every transport on which a key that `wanted` means could be.
    pub(super) fn of(wanted: &Selector, context: &Context) -> Result<Self, CliError> {
        if let Some(recording) = context.tracing.replay(wanted, context)? {
            return Ok(Self {
                discoveries: vec![recording],
                #[cfg(feature = "nfc")]
                readers: None,
            });
        }
        let tap = context.tracing.tap();
        let simulators = simulators(&std::env::var(UDP_VARIABLE).unwrap_or_default())?;
        let mut discoveries: Vec<Arc<dyn Discovery>> =
            vec![Arc::new(HidDiscovery::new().tapped(tap.clone()))];
        if !simulators.is_empty() || wanted.address().is_some() {
            discoveries.push(Arc::new(UdpDiscovery::of(simulators).tapped(tap.clone())));
        }
        #[cfg(feature = "nfc")]
        let readers = readers(wanted);
        #[cfg(feature = "nfc")]
        if let Some(readers) = &readers {
            discoveries.push(Arc::new(CardDiscovery::new(Arc::clone(readers)).tapped(tap)));
        }
        #[cfg(not(feature = "nfc"))]
        if wanted.transport() == Some(Transport::Nfc) {
            let what = format_args!("--device {wanted}: keyvet was built without the feature nfc");
            return Err(CliError::usage(&super::choose::BAD_SELECTOR, what));
        }
        Ok(Self {
            discoveries,
            #[cfg(feature = "nfc")]
            readers,
        })
    }

    /// The way to simulators that are named by their address alone.
    pub(super) fn to_address() -> Arc<dyn Discovery> {
        Arc::new(UdpDiscovery::new(Vec::new()))
    }
}

/// The card readers, where a card could be meant. Nothing is started here, and where nothing serves cards nothing is
/// started later either, unless they were asked for: then it is told what is missing.
#[cfg(feature = "nfc")]
fn readers(wanted: &Selector) -> Option<Arc<dyn Readers>> {
    let readers = HelperReaders::new();
    let wanted = match wanted.transport() {
        Some(transport) => transport == Transport::Nfc,
        None => readers.may_be_served(),
    };
    if wanted { Some(Arc::new(readers)) } else { None }
}

fn simulators(text: &str) -> Result<Vec<UdpAddress>, CliError> {
    let addresses = text.split(',').map(str::trim).filter(|address| !address.is_empty());
    let parse = |address: &str| {
        let what = format_args!("{UDP_VARIABLE}: {} is no address", Printable(address));
        address.parse().map_err(|_| CliError::usage(&BAD_ADDRESS, what))
    };
    addresses.map(parse).collect()
}

/// A simulator's address cannot be read.
pub(crate) static BAD_ADDRESS: Kind = Kind {
    id: "cli.bad-simulator-address",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The variable KEYVET_UDP names simulators that count as keys; what it holds is not a list of addresses.",
    next_step: "Write addresses with ports and commas between them, for example 127.0.0.1:8111,127.0.0.1:8112, or \
                unset the variable.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulators_are_addresses_with_commas_between_them() {
        let two = simulators(" 127.0.0.1:8111, [::1]:8112/7112,").unwrap();
        assert_eq!(two.len(), 2);
        assert_eq!(simulators("").unwrap(), []);
        let error = simulators("localhost:8111").unwrap_err();
        assert_eq!(error.finding().id(), "cli.bad-simulator-address");
    }
}
