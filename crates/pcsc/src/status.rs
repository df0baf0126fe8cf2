//! What the readers say of themselves.

use keyvet_nfc::{CardId, ReaderState};
use keyvet_transport::{CardInterface, UsbAddress};
use pcsc::{
    Attribute, Context, Disposition, Error, Protocols, ReaderState as Raw, Scope, ShareMode, State,
};
use std::ffi::{CStr, CString};
use std::time::Duration;

use crate::{atr, names};

/// Every reader, sorted by name.
pub(crate) fn readers(context: &Context) -> Result<Vec<ReaderState>, Error> {
    let mut readers: Vec<_> = raw(context)?.iter().map(|raw| with_address(context, raw)).collect();
    readers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(readers)
}

/// The card in the reader of this name now.
pub(crate) fn card(context: &Context, name: &CStr) -> Result<Option<CardId>, Error> {
    let mut one = [Raw::new(name, State::UNAWARE)];
    context.get_status_change(Duration::ZERO, &mut one)?;
    Ok(one.first().map(state).and_then(|state| state.card))
}

/// Whether the card in the reader of this name stays there. The service looks at its cards now and then alone, so a card
/// that has just been pulled counts as present for a while; that is waited for.
pub(crate) fn stays(name: &str) -> bool {
    let stays = |name: &CStr| {
        let context = Context::establish(Scope::User)?;
        let mut one = [Raw::new(name, State::UNAWARE)];
        context.get_status_change(Duration::ZERO, &mut one)?;
        let before = one.first().map(state).and_then(|state| state.card);
        one.iter_mut().for_each(Raw::sync_current_state);
        match context.get_status_change(LOOKS, &mut one) {
            Ok(()) => Ok(before.is_some() && card(&context, name)? == before),
            Err(Error::Timeout) => Ok(before.is_some()),
            Err(error) => Err(error),
        }
    };
    names::name(name).is_some_and(|name| stays(&name).unwrap_or_default())
}

/// Every reader as the library knows it; asked again when one comes or goes meanwhile.
pub(crate) fn raw(context: &Context) -> Result<Vec<Raw>, Error> {
    let mut last = Error::UnknownReader;
    for _ in 0..ATTEMPTS {
        match attempt(context) {
            Err(error @ (Error::InsufficientBuffer | Error::UnknownReader)) => last = error,
            Err(Error::NoReadersAvailable) => return Ok(Vec::new()),
            done => return done,
        }
    }
    Err(last)
}

fn attempt(context: &Context) -> Result<Vec<Raw>, Error> {
    let names: Vec<CString> = context.list_readers_owned()?;
    let mut all: Vec<_> = names.into_iter().map(|name| Raw::new(name, State::UNAWARE)).collect();
    for some in all.chunks_mut(MAX_AT_ONCE) {
        context.get_status_change(Duration::ZERO, some)?;
    }
    Ok(all)
}

/// What one reader says, but for its place.
pub(crate) fn state(raw: &Raw) -> ReaderState {
    let mut reader = ReaderState::new(names::text(raw.name()));
    let flags = raw.event_state();
    if flags.contains(State::PRESENT) {
        let events = raw.event_count().into();
        reader.card = Some(CardId { atr: raw.atr().to_vec(), events });
    }
    reader.exclusive = flags.contains(State::EXCLUSIVE);
    reader.interface = atr::interface(&reader.name, reader.card.as_ref().map(|card| &*card.atr));
    reader
}

/// A reader over the air is never a half of a key, and asking costs other programs a moment: then its place is not asked.
fn with_address(context: &Context, raw: &Raw) -> ReaderState {
    let mut reader = state(raw);
    let worth_asking = reader.card.is_some() && !reader.exclusive;
    if worth_asking && reader.interface != CardInterface::Contactless {
        reader.usb_address = address(context, raw.name());
    }
    reader
}

/// Asks the reader, not the card. Most drivers know the answer, many do not.
fn address(context: &Context, name: &CStr) -> Option<UsbAddress> {
    let reader = context.connect(name, ShareMode::Direct, Protocols::UNDEFINED).ok()?;
    let channel = reader.get_attribute_owned(Attribute::ChannelId);
    // the library's own drop would reset the card
    let _ = reader.disconnect(Disposition::LeaveCard);
    usb_address(&channel.ok()?)
}

/// `DDDDCCCC`: 0x0020 stands for USB, then bus and device (PC/SC part 3 §3.1.2, `SCARD_ATTR_CHANNEL_ID`), as a number of
/// this machine.
fn usb_address(channel: &[u8]) -> Option<UsbAddress> {
    let number = match *channel {
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]),
        [a, b, c, d, e, f, g, h] => {
            u32::try_from(u64::from_ne_bytes([a, b, c, d, e, f, g, h])).ok()?
        }
        _ => return None,
    };
    let [0, 0x20, bus, device] = number.to_be_bytes() else {
        return None;
    };
    Some(UsbAddress { bus, device })
}

/// Readers that one call may name: pcscd's limit.
pub(crate) const MAX_AT_ONCE: usize = 16;

/// Longer than pcscd takes between two looks at its cards: 0.4 s.
const LOOKS: Duration = Duration::from_millis(600);

/// How often a list that changes under our hands is asked for.
const ATTEMPTS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_of_a_usb_reader_is_its_bus_and_device() {
        let address = Some(UsbAddress { bus: 3, device: 0x1d });
        assert_eq!(usb_address(&0x0020_031d_u32.to_ne_bytes()), address);
        assert_eq!(usb_address(&0x0020_031d_u64.to_ne_bytes()), address);
    }

    #[test]
    fn other_channels_are_no_place() {
        assert_eq!(usb_address(&0x0001_031d_u32.to_ne_bytes()), None);
        assert_eq!(usb_address(&0x1_0020_031d_u64.to_ne_bytes()), None);
        assert_eq!(usb_address(&[]), None);
        assert_eq!(usb_address(&[0x20, 3, 0x1d]), None);
    }
}
