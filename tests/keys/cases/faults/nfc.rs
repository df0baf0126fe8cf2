//! The half of cards: a fault × what is going on, on OpenSK behind an applet.
//!
//! The card is in the field of a reader in this process; what only a daemon does is in the rig's cells.

use std::time::Duration;

use keyvet_cli::exit::Exit;
use keyvet_cli::exit_of_client;
use keyvet_client::{Ceremony, Client, ClientError, ClientEvent, RegistrationRequest};
use keyvet_ctap::CredentialDescriptor;
use keyvet_finding::Coded;
use keyvet_hid::HidChannel;
use keyvet_key_tests::{InField, Script, options, pins};
use keyvet_nfc::CardChannel;
use keyvet_transport::{DeviceId, Exchange, Transport};
use keyvet_virtual_key::card::{
    AppletCard, Bend, CardFault, FaultSwitch, FaultyCard, PowerFrom, atr,
};
use keyvet_virtual_key::{Firmware, Touch, VirtualKey};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// What is going on when it goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum During {
    /// The key is asked what it is.
    GetInfo,
    /// The key waits for a touch, which comes.
    Touch,
    /// The person types the PIN, the right one.
    Pin,
    /// The key has a message of some 3 kB.
    Large,
}

/// How it ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// As if nothing were wrong.
    Works,
    /// With this error and this class.
    Fails(&'static str, Exit),
}

use End::{Fails, Works};

/// One test for each cell; `During` in the order getInfo, touch, PIN, large message.
macro_rules! cells {
    ($($(#[$doc:meta])* $name:ident: $fault:expr => [$info:expr, $touch:expr, $pin:expr, $large:expr];)+) => {
        $(
            $(#[$doc])*
            mod $name {
                use super::*;

                #[tokio::test]
                async fn during_get_info() {
                    cell($fault, During::GetInfo, $info).await;
                }

                #[tokio::test]
                async fn during_a_wait_for_touch() {
                    cell($fault, During::Touch, $touch).await;
                }

                #[tokio::test]
                async fn during_pin_entry() {
                    cell($fault, During::Pin, $pin).await;
                }

                #[tokio::test]
                async fn during_a_large_message() {
                    cell($fault, During::Large, $large).await;
                }
            }
        )+

        /// Cells of this half that need no daemon.
        const CELLS: usize = 4 * [$(stringify!($name)),+].len();
    };
}

const LOST: End = broken("transport.removed");
const REPLACED: End = broken("transport.replaced");
const LATE: End = broken("transport.timeout");
const REFUSED: End = broken("nfc.refused");
const EMPTY: End = broken("nfc.empty-answer");
const ENDLESS: End = broken("nfc.endless-answer");
const LENGTHS: End = broken("nfc.length-loop");
const NO_INFO: End = broken("ctap.get-info-malformed");
const MALFORMED: End = broken("ctap.response-malformed");

const fn broken(id: &'static str) -> End {
    Fails(id, Exit::Transport)
}

cells! {
    /// The card is pulled before it has the command.
    pulled: Bend::Pulled.from(1) => [LOST, LOST, LOST, LOST];
    /// The card is pulled with the answer in it.
    pulled_after: Bend::PulledAfter.from(1) => [LOST, LOST, LOST, LOST];
    /// Another card is in its place.
    swapped: Bend::Swapped.from(1) => [REPLACED, REPLACED, REPLACED, REPLACED];
    no_bytes: Bend::ZeroBytes.from(1) => [LOST, LOST, LOST, LOST];
    one_byte: Bend::OneByte.from(1) => [LOST, LOST, LOST, LOST];
    truncated: Bend::Truncated.from(1) => [REFUSED, REFUSED, REFUSED, LOST];
    body_cut: Bend::BodyCut.from(1) => [NO_INFO, MALFORMED, MALFORMED, MALFORMED];
    no_body: Bend::NoBody.from(1) => [EMPTY, EMPTY, EMPTY, EMPTY];
    doubled: Bend::Doubled.from(1) => [NO_INFO, MALFORMED, MALFORMED, MALFORMED];
    /// The touch is told one poll late, and the rest is out of step.
    stale: Bend::Stale.from(1) => [EMPTY, Works, broken("client.answer-incomplete"), broken("ctap.response-wrong-type")];
    wrong_status: Bend::WrongStatus.from(1) => [REFUSED, REFUSED, REFUSED, REFUSED];
    endless_61: Bend::Endless61.from(1) => [ENDLESS, ENDLESS, ENDLESS, ENDLESS];
    endless_61_without_a_byte: Bend::Empty61.from(1) => [ENDLESS, ENDLESS, ENDLESS, ENDLESS];
    endless_6c: Bend::Endless6c.from(1) => [LENGTHS, LENGTHS, LENGTHS, LENGTHS];
    /// Keep-alives without end, and no ear for a cancel.
    endless_91: Bend::Endless91.from(1) => [LATE, LATE, LATE, LATE];
    endless_91_until_cancelled: Bend::Endless91Cancellable.from(1) => [LATE, LATE, LATE, LATE];
    /// Every answer comes 150 ms late.
    slow: Bend::Slow.from(150) => [Works, Works, Works, Works];
    /// From the middle on: the poll for the touch is refused as it stands, and is not tried in another form.
    no_extended: Bend::NoExtended.from(1) => [Works, REFUSED, Works, Works];
    no_chaining: Bend::NoChaining.from(1) => [Works, Works, Works, Works];
    cancel_refused: Bend::CancelRefused.from(1) => [Works, Works, Works, Works];
    cancel_ignored: Bend::CancelIgnored.from(1) => [Works, Works, Works, Works];
}

#[test]
fn the_count_of_cells_is_told() {
    use std::io::Write;
    // past the capture of the test harness: it is part of what the run says
    writeln!(std::io::stderr(), "faults: {CELLS} cells of cards without a daemon").unwrap();
}

async fn cell(fault: CardFault, during: During, end: End) {
    let table = Table::new(fault, during);
    let limit = if end == LATE { SHORT } else { HANGS };
    let done = timeout(HANGS, table.act(during, limit)).await.expect("it hangs");
    let ended = match done {
        Ok(()) => Works,
        Err(error) => Fails(error.kind().id, exit_of_client(&error)),
    };
    assert_eq!(ended, end, "{fault:?} {during:?}");
    // what was going on in the key ends with its power
    table.field.power_down();
    assert_eq!(table.other.reports(), (0, 0), "another key was used");
    assert!(table.person.asked().len() <= 1, "a PIN was asked for again");
    assert_eq!(table.retries().await, 8, "a retry was lost");
}

/// A key as a card in the field, another one beside it, a person.
struct Table {
    key: VirtualKey,
    other: VirtualKey,
    field: InField,
    switch: FaultSwitch,
    person: Script,
}

impl Table {
    fn new(fault: CardFault, during: During) -> Self {
        let start = || {
            let with_pin = options(Firmware::OpenSk, |options| options.pin = Some(PIN.to_owned()));
            VirtualKey::start(with_pin).unwrap()
        };
        let (key, other) = (start(), start());
        if during == During::Touch {
            key.set_touch(Touch::Manual);
        }
        let card = AppletCard::new(&key).powered_from(PowerFrom::Field);
        let stranger = AppletCard::new(&other).with_atr(atr(b"other"));
        let card = FaultyCard::new(card, [fault]).swapped_for(stranger);
        let switch = card.switch();
        switch.set(during == During::GetInfo);
        Self { key, other, field: InField::new(card), switch, person: pins(&[PIN]) }
    }

    async fn act(&self, during: During, limit: Duration) -> Result<(), ClientError> {
        let cancel = CancellationToken::new();
        let mut ceremony = Ceremony::new(&self.person, &cancel);
        ceremony.timeouts.answer = limit;
        ceremony.timeouts.touch = limit;
        let exchange =
            Exchange { deadline: Instant::now() + HANGS, cancel: &cancel, progress: &() };
        let device = DeviceId::new(Transport::Nfc, "in the field");
        let channel = CardChannel::open(self.field.link(), device, exchange).await?;
        let mut client = Client::connect(Box::new(channel), &ceremony).await?;
        let (switch, key) = (self.switch.clone(), self.key.clone());
        let mut request = RegistrationRequest::throw_away();
        match during {
            During::GetInfo => return Ok(()),
            During::Touch => self.person.when(ClientEvent::TouchNeeded, move || {
                switch.set(true);
                key.touch();
            }),
            During::Pin => self.person.when(ClientEvent::PinNeeded, move || switch.set(true)),
            During::Large => {
                switch.set(true);
                request.exclude =
                    (0..14).map(|n| CredentialDescriptor::new(vec![n; 200])).collect();
            }
        }
        client.register(&request, &ceremony).await.map(drop)
    }

    /// The PIN retries, as another program would read them over another wire.
    async fn retries(&self) -> u64 {
        let cancel = CancellationToken::new();
        let ceremony = Ceremony::new(&self.person, &cancel);
        let exchange =
            Exchange { deadline: Instant::now() + HANGS, cancel: &cancel, progress: &() };
        let device = DeviceId::new(Transport::Memory, "virtual");
        let channel = HidChannel::open(self.key.link(), device, exchange).await.unwrap();
        let mut client = Client::connect(Box::new(channel), &ceremony).await.unwrap();
        client.pin_retries(&ceremony).await.unwrap().left
    }
}

const PIN: &str = "123456";
/// How long a ceremony waits for an answer that does not come.
const SHORT: Duration = Duration::from_secs(2);
/// Longer than any cell takes on a busy machine.
const HANGS: Duration = Duration::from_secs(120);
