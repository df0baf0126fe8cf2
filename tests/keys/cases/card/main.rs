//! The client on keys that are cards, in a reader of this process; and one key that is on two wires at once.

use std::time::Duration;

use keyvet_client::{AssertionRequest, Ceremony, Client, RegistrationRequest};
use keyvet_hid::HidChannel;
use keyvet_key_tests::{InField, options, pins};
use keyvet_nfc::CardChannel;
use keyvet_transport::{Channel, DeviceId, Exchange, Transport};
use keyvet_virtual_key::card::{
    AppletCard, Bend, Card, CardFault, FaultyCard, FidoCard, Selection,
};
use keyvet_virtual_key::{Firmware, VirtualKey};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const PIN: &str = "123456";
const LONG: Duration = Duration::from_secs(120);

fn key(firmware: Firmware) -> VirtualKey {
    VirtualKey::start(options(firmware, |options| options.pin = Some(PIN.to_owned()))).unwrap()
}

/// Every kind of card with `faults`, and its key.
fn cards(faults: &[CardFault]) -> Vec<(VirtualKey, InField)> {
    let (opensk, fido) = (key(Firmware::OpenSk), key(Firmware::FidoAuthenticator));
    let own: Box<dyn Card> = Box::new(FidoCard::new(&fido).unwrap());
    let applet = |key| -> Box<dyn Card> { Box::new(AppletCard::new(key)) };
    let cards = [(opensk.clone(), applet(&opensk)), (fido.clone(), applet(&fido)), (fido, own)];
    let in_field = |card| InField::new(FaultyCard::new(card, faults));
    cards.into_iter().map(|(key, card)| (key, in_field(card))).collect()
}

async fn on_card(field: &InField) -> Box<dyn Channel> {
    let cancel = CancellationToken::new();
    let exchange = Exchange { deadline: Instant::now() + LONG, cancel: &cancel, progress: &() };
    let device = DeviceId::new(Transport::Nfc, "in the field");
    Box::new(CardChannel::open(field.link(), device, exchange).await.unwrap())
}

async fn on_hid(key: &VirtualKey) -> Box<dyn Channel> {
    let cancel = CancellationToken::new();
    let exchange = Exchange { deadline: Instant::now() + LONG, cancel: &cancel, progress: &() };
    let device = DeviceId::new(Transport::Memory, "virtual");
    Box::new(HidChannel::open(key.link(), device, exchange).await.unwrap())
}

/// Registers on one channel and signs on the other.
async fn registers_and_signs(first: Box<dyn Channel>, second: Box<dyn Channel>) {
    let (person, cancel) = (pins(&[PIN; 2]), CancellationToken::new());
    let ceremony = Ceremony::new(&person, &cancel);
    let request = RegistrationRequest::throw_away();
    let mut client = Client::connect(first, &ceremony).await.unwrap();
    let made = client.register(&request, &ceremony).await.unwrap();
    drop(client);
    let mut question = AssertionRequest::new(&request.rp_id);
    let id = made.auth_data.attested.as_ref().unwrap().credential_id.clone();
    question.allow = vec![keyvet_ctap::CredentialDescriptor::new(id)];
    let mut client = Client::connect(second, &ceremony).await.unwrap();
    client.assert(&question, &ceremony).await.unwrap();
}

#[tokio::test]
async fn a_card_registers_and_signs_in_extended_and_in_short_commands() {
    for faults in [vec![], vec![Bend::NoExtended.from_the_start()]] {
        for (_key, field) in cards(&faults) {
            registers_and_signs(on_card(&field).await, on_card(&field).await).await;
        }
    }
}

#[tokio::test]
async fn a_select_with_or_without_le_may_be_refused() {
    for bend in [Bend::SelectNeedsLe, Bend::SelectRefusesLe] {
        for (_key, field) in cards(&[bend.from_the_start()]) {
            registers_and_signs(on_card(&field).await, on_card(&field).await).await;
        }
    }
}

#[tokio::test]
async fn a_card_may_name_itself_in_three_ways() {
    for selection in [Selection::Fido20, Selection::Fido21, Selection::U2fV2] {
        let key = key(Firmware::OpenSk);
        let field = InField::new(AppletCard::new(&key).selected_as(selection));
        registers_and_signs(on_card(&field).await, on_card(&field).await).await;
    }
}

/// What one face made, the other one knows: there is one authenticator behind both.
#[tokio::test]
async fn one_key_is_on_two_wires_at_once() {
    for (key, field) in cards(&[]) {
        registers_and_signs(on_card(&field).await, on_hid(&key).await).await;
        registers_and_signs(on_hid(&key).await, on_card(&field).await).await;
    }
}
