//! One key seen over two transports is one key: by evidence, never by likeness.
//!
//! A USB key may show itself as HID and as a smart card, or lie on a reader while it is plugged in. Two things prove that
//! two devices are one key:
//!
//! - both are the same USB device (bus and device number);
//! - both hand out the same public key for key agreement (CTAP 2.2 §6.5.5.4). The authenticator makes that pair at random
//!   when it gets power, has one for all transports, and keeps it until a wrong PIN or a reset. Reading it needs no PIN
//!   and spends no retry.
//!
//! Two keys of one model have different pairs and stay two. A key that cannot be asked stays what it was seen as.

use super::{Answer, Claim, Found, Keys, ask::transact};
use keyvet_ctap::{
    ClientPin, ClientPinResponse, CoseKeyAgreement, GetInfo, StatusCode, split_answer,
};
use keyvet_transport::DeviceId;
use tokio_util::sync::CancellationToken;

impl Keys {
    /// Makes one of what is one; whether there was anything to make one of. Every key was asked before.
    pub(crate) async fn unite(&mut self, cancel: &CancellationToken) -> bool {
        let is_card = |found: &Found| found.device.is_card();
        let (cards, mut others): (Vec<_>, Vec<_>) = self.found.drain(..).partition(is_card);
        let mut alone = Vec::new();
        let mut agreements = Agreements::default();
        let all = cards.len();
        for card in cards {
            match same(&card, &others, &mut agreements, cancel)
                .await
                .and_then(|at| others.get_mut(at))
            {
                Some(other) => other.join(card),
                None => alone.push(card),
            }
        }
        let united = alone.len() != all;
        self.found = others;
        self.found.extend(alone);
        united
    }
}

impl Found {
    /// `card` is another face of this key. The one that can be used is the one to use.
    fn join(&mut self, mut card: Self) {
        let is_lost = |found: &Self| matches!(found.answer, Answer::Failed(_));
        if is_lost(self) && !is_lost(&card) {
            std::mem::swap(self, &mut card);
        }
        self.also.push(card.device);
        self.also.append(&mut card.also);
    }
}

/// Which of `others` is the key in the reader.
async fn same(
    card: &Found,
    others: &[Found],
    agreements: &mut Agreements,
    cancel: &CancellationToken,
) -> Option<usize> {
    for (at, other) in others.iter().enumerate() {
        if card.is_same_by(other, agreements, cancel).await {
            return Some(at);
        }
    }
    None
}

/// Whether both are one USB device, when both say where they are plugged in. Two models are never one key: a card may lie
/// in the reader that is part of a key.
fn by_place(card: &Found, other: &Found) -> Option<bool> {
    if let (Some(one), Some(two)) = (model(card), model(other))
        && one != two
    {
        return Some(false);
    }
    Some(card.device.usb_address? == other.device.usb_address?)
}

fn model(found: &Found) -> Option<keyvet_ctap::Aaguid> {
    found.claim().and_then(|claim| claim.aaguid)
}

/// A protocol by which both can be asked, when both claim the same model.
fn common_protocol(card: &Found, other: &Found) -> Option<u64> {
    let (card, other) = (card.claim()?, other.claim()?);
    let common = card.protocols.iter().find(|protocol| other.protocols.contains(protocol));
    common.copied().filter(|_| card.aaguid.is_some() && card.aaguid == other.aaguid)
}

/// The protocols for which a key has a key agreement; none without PIN and verification.
pub(super) fn protocols(info: &GetInfo) -> Vec<u64> {
    let has = |id| info.option(id).is_some();
    if !has("clientPin") && !has("uv") && !has("pinUvAuthToken") {
        return Vec::new();
    }
    match &info.pin_uv_auth_protocols {
        Some(protocols) => protocols.clone(),
        None => vec![1],
    }
}

/// The public keys for key agreement that keys hand out now, each asked for once: among many cards and keys of one model
/// every card is compared with every key.
#[derive(Default)]
struct Agreements(Vec<(DeviceId, u64, Option<CoseKeyAgreement>)>);

impl Agreements {
    async fn of(
        &mut self,
        found: &Found,
        protocol: u64,
        cancel: &CancellationToken,
    ) -> Option<CoseKeyAgreement> {
        let device = &found.device.id;
        let mut known = self.0.iter();
        if let Some((.., known)) = known.find(|(id, by, _)| id == device && *by == protocol) {
            return *known;
        }
        let asked = agreement(found, protocol, cancel).await;
        self.0.push((device.clone(), protocol, asked));
        asked
    }
}

/// The public key for key agreement that a key hands out now.
async fn agreement(
    found: &Found,
    protocol: u64,
    cancel: &CancellationToken,
) -> Option<CoseKeyAgreement> {
    let request = ClientPin::GetKeyAgreement { protocol }.encode();
    let answer = transact(found.discovery.as_ref(), &found.device, &request, cancel).await.ok()?;
    match split_answer(&answer) {
        Ok((StatusCode::OK, body)) => ClientPinResponse::parse(body).ok()?.key_agreement,
        _ => None,
    }
}

impl Found {
    /// Whether both are one key, one of them on a card reader. Both were asked before.
    pub(crate) async fn is_same(&self, other: &Self, cancel: &CancellationToken) -> bool {
        self.is_same_by(other, &mut Agreements::default(), cancel).await
    }

    async fn is_same_by(
        &self,
        other: &Self,
        agreements: &mut Agreements,
        cancel: &CancellationToken,
    ) -> bool {
        let is_card = |found: &Self| found.device.is_card();
        if is_card(self) == is_card(other) {
            return false;
        }
        if let Some(same) = by_place(self, other) {
            return same;
        }
        let Some(protocol) = common_protocol(self, other) else { return false };
        let one = agreements.of(self, protocol, cancel).await;
        one.is_some() && one == agreements.of(other, protocol, cancel).await
    }

    fn claim(&self) -> Option<&Claim> {
        match &self.answer {
            Answer::Claims(claim) => Some(claim),
            _ => None,
        }
    }
}
