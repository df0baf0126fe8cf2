//! The key as a card.

use std::error::Error;
use std::net::SocketAddr;

use keyvet_virtual_key::card::{AppletCard, Card, FaultyCard, PowerFrom, Vpcd, atr};
use keyvet_virtual_key::{Firmware, StartError, VirtualKey};

use crate::arguments::{Arguments, CardKind};

/// Puts `key` into every slot that was named.
pub(crate) fn insert(key: &VirtualKey, arguments: &Arguments) -> Result<Vec<Vpcd>, Box<dyn Error>> {
    let in_slot = |slot: &SocketAddr| {
        let card = FaultyCard::new(card(key, arguments)?, arguments.card_faults.as_slice())
            // who is swapped in is no security key
            .swapped_for(FaultyCard::new(stranger(key), [SWAPPED_FOR]));
        let vpcd = Vpcd::connect(*slot, card).map_err(|error| format!("--card {slot}: {error}"))?;
        vpcd.follow(key);
        Ok(vpcd)
    };
    arguments.cards.iter().map(in_slot).collect()
}

fn card(key: &VirtualKey, arguments: &Arguments) -> Result<Box<dyn Card>, StartError> {
    // a key on a wire has its power from there
    let power = match arguments.listens() {
        Some(_) => PowerFrom::Elsewhere,
        None => PowerFrom::Field,
    };
    let own = *key.firmware() == Firmware::FidoAuthenticator;
    match arguments.card_kind.unwrap_or(if own { CardKind::Fido } else { CardKind::Applet }) {
        CardKind::Applet => Ok(Box::new(AppletCard::new(key).powered_from(power))),
        CardKind::Fido => fido(key, power),
    }
}

#[cfg(feature = "fido-authenticator")]
fn fido(key: &VirtualKey, power: PowerFrom) -> Result<Box<dyn Card>, StartError> {
    let card = keyvet_virtual_key::card::FidoCard::new(key)?;
    Ok(Box::new(card.powered_from(power)))
}

#[cfg(not(feature = "fido-authenticator"))]
fn fido(_: &VirtualKey, _: PowerFrom) -> Result<Box<dyn Card>, StartError> {
    Err(StartError::NotBuilt(Firmware::FidoAuthenticator))
}

fn stranger(key: &VirtualKey) -> AppletCard {
    AppletCard::new(key).with_atr(atr(b"stranger"))
}

const SWAPPED_FOR: keyvet_virtual_key::card::CardFault =
    keyvet_virtual_key::card::Bend::NotFido.from_the_start();
