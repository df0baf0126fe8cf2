//! Keys, channels and requests for the cases here.

use keyvet_ctap::{GetInfoRequest, MakeCredential, RelyingParty, User};
use keyvet_finding::Coded;
use keyvet_hid::{HidChannel, ReportLink};
use keyvet_transport::{Channel, ChannelError, DeviceId, Exchange, Transport};
use keyvet_virtual_key::{Firmware, KeyOptions, Touch, VirtualKey};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Both firmwares, one after the other.
pub(crate) const BOTH: [Firmware; 2] = [Firmware::FidoAuthenticator, Firmware::OpenSk];

/// A key as sold.
pub(crate) fn key(firmware: &Firmware, touch: Touch) -> VirtualKey {
    let mut options = KeyOptions::new(firmware.clone());
    options.touch = touch;
    VirtualKey::start(options).expect("the firmware starts")
}

/// A channel over `link`.
pub(crate) async fn open<L: ReportLink>(link: L) -> Result<HidChannel<L>, ChannelError> {
    let cancel = CancellationToken::new();
    HidChannel::open(link, device(), far(&cancel)).await
}

/// The name of the key.
pub(crate) fn device() -> DeviceId {
    DeviceId::new(Transport::Memory, "virtual")
}

/// An exchange whose deadline is not met.
pub(crate) fn far(cancel: &CancellationToken) -> Exchange<'_> {
    within(cancel, Duration::from_secs(60))
}

/// An exchange with that deadline.
pub(crate) fn within(cancel: &CancellationToken, time: Duration) -> Exchange<'_> {
    Exchange { deadline: Instant::now() + time, cancel, progress: &() }
}

/// The answer to `request`.
pub(crate) async fn ask(
    channel: &mut impl Channel,
    request: &[u8],
) -> Result<Vec<u8>, ChannelError> {
    let cancel = CancellationToken::new();
    channel.transact(request, far(&cancel)).await
}

/// authenticatorGetInfo.
pub(crate) fn get_info() -> Vec<u8> {
    GetInfoRequest.encode()
}

/// authenticatorClientPIN, getPINRetries (CTAP 2.2 §6.5.5.2).
pub(crate) const GET_RETRIES: [u8; 4] = [0x06, 0xa1, 0x02, 0x01];

/// authenticatorMakeCredential: the key asks for a touch.
pub(crate) fn make_credential() -> Vec<u8> {
    let rp = RelyingParty { id: "keyvet.example".into(), name: None };
    let user = User { id: vec![7; 16], name: Some("test".into()), display_name: None };
    MakeCredential::new([3; 32], rp, user).encode()
}

/// `len` bytes of which no two neighbours are alike.
pub(crate) fn bytes(len: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(len).collect()
}

/// The stable id of an error.
pub(crate) fn id<T: std::fmt::Debug>(outcome: Result<T, ChannelError>) -> &'static str {
    outcome.expect_err("it must fail").kind().id
}
