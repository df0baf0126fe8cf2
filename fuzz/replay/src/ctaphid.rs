//! CTAPHID streams: what a key may send to a client, and a client to a key.

use async_trait::async_trait;
use keyvet_hid::descriptor::Layout;
use keyvet_hid::framing::{
    ChannelId, Command, DeviceEvent, DeviceSide, ErrorCode, InitReply, MAX_MESSAGE_LEN, Message,
    Reports, Step, Transaction,
};
use keyvet_hid::{HidChannel, Report, ReportLink};
use keyvet_transport::ChannelError;

use crate::channel::opened_and_used;

/// The reports of `data` as what a key sends: to one transaction, and to a whole channel that is opened and used twice.
pub fn ctaphid_client(data: &[u8]) {
    let mut transaction = Transaction::new(CHANNEL, Command::CBOR);
    for report in reports(data) {
        if let Ok(Step::Reply(answer)) = transaction.push(&report) {
            assert!(answer.len() <= MAX_MESSAGE_LEN);
            let message = Message { channel: CHANNEL, command: Command::CBOR, payload: answer };
            assert_eq!(sent(&message), Some(message), "a reply that cannot be sent");
        }
        let _ = InitReply::parse(&report, NONCE);
    }
    opened_and_used(async |device, exchange| {
        let link = Replay { reports: reports(data), nonce: None };
        HidChannel::open(link, device, exchange).await
    });
}

/// The reports of `data` as what a client sends: every request comes out whole, every refusal has a name.
pub fn ctaphid_device(data: &[u8]) {
    let mut side = DeviceSide::new();
    for report in reports(data) {
        match side.push(&report) {
            DeviceEvent::Nothing => {}
            DeviceEvent::Request(message) => {
                assert!(message.payload.len() <= MAX_MESSAGE_LEN);
                assert_eq!(sent(&message), Some(message), "a request that cannot be sent");
            }
            DeviceEvent::Refuse { code, .. } => assert_ne!(code, ErrorCode::OTHER),
        }
    }
}

/// A report descriptor: a key has one report each way, and more bytes behind a whole one change nothing that was said.
pub fn report_descriptor(data: &[u8]) {
    let Ok(Some(layout)) = Layout::parse(data) else { return };
    assert_eq!(layout.input.id.is_some(), layout.output.id.is_some(), "all are numbered or none");
    if layout.carries_messages().is_ok() {
        assert_eq!((layout.input.len, layout.output.len), (64, 64));
    }
    // an item of no meaning
    let longer = [data, &[0x00]].concat();
    if longer.len() <= 4096 {
        assert_eq!(Layout::parse(&longer), Ok(Some(layout)));
    }
}

/// The message after it was split and put together.
fn sent(message: &Message) -> Option<Message> {
    let mut side = DeviceSide::new();
    let reports = Reports::new(message.channel, message.command, &message.payload).ok()?;
    let mut events = reports.map(|report| side.push(&report));
    events.find_map(|event| match event {
        DeviceEvent::Request(message) => Some(message),
        _ => None,
    })
}

/// Sends nothing anywhere and receives what was given. A reply to INIT gets the nonce of the last INIT, or no input would
/// ever open a channel; one whose nonce begins with a zero keeps it.
struct Replay<I> {
    reports: I,
    nonce: Option<[u8; 8]>,
}

#[async_trait]
impl<I: Iterator<Item = Report> + Send> ReportLink for Replay<I> {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        let [_, _, _, _, command, _, _, nonce @ ..] = report;
        if *command == INIT {
            self.nonce = nonce.first_chunk().copied();
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        let Some(mut report) = self.reports.next() else { return std::future::pending().await };
        let [_, _, _, _, command, _, _, payload @ ..] = &mut report;
        if let (INIT, Some(nonce)) = (*command, self.nonce)
            && let Some(slot) = payload.first_chunk_mut()
            && !slot.starts_with(&[0])
        {
            *slot = nonce;
        }
        Ok(report)
    }
}

/// Whole reports; what is left over is one padded with zeros.
fn reports(data: &[u8]) -> impl Iterator<Item = Report> + Send {
    data.chunks(64).map(|chunk| {
        let mut report = [0; 64];
        for (slot, byte) in report.iter_mut().zip(chunk) {
            *slot = *byte;
        }
        report
    })
}

/// The channel of the recorded reports.
const CHANNEL: ChannelId = ChannelId(0x0022_0002);
const NONCE: [u8; 8] = [0; 8];

/// `CTAPHID_INIT` with the bit of an initialization packet.
const INIT: u8 = 0x86;
