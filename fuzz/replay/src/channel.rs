//! A channel that is opened and used twice, whatever is at its other end.

use keyvet_transport::{Channel, ChannelError, DeviceId, Exchange, Transport};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Opens a channel with `open` and sends two requests; every step must end by its deadline and a bounded time, and no
/// answer be empty or longer than a message.
pub(crate) fn opened_and_used<C: Channel>(
    open: impl AsyncFnOnce(DeviceId, Exchange<'_>) -> Result<C, ChannelError>,
) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without I/O starts");
    runtime.block_on(async {
        let cancel = CancellationToken::new();
        let start = Instant::now();
        let device = DeviceId::new(Transport::Memory, "replay");
        let opened = open(device, exchange(&cancel)).await;
        assert!(start.elapsed() <= LONGEST, "{:?}", start.elapsed());
        if let Ok(mut channel) = opened {
            use_channel(&mut channel, &cancel).await;
        }
    });
}

async fn use_channel(channel: &mut impl Channel, cancel: &CancellationToken) {
    for request in [&[0x04][..], &[0x01; 300]] {
        let start = Instant::now();
        if let Ok(answer) = channel.transact(request, exchange(cancel)).await {
            assert!(!answer.is_empty() && answer.len() <= MAX_MESSAGE_LEN);
        }
        assert!(start.elapsed() <= LONGEST, "{:?}", start.elapsed());
    }
}

fn exchange(cancel: &CancellationToken) -> Exchange<'_> {
    let now = Instant::now();
    Exchange { deadline: now.checked_add(DEADLINE).unwrap_or(now), cancel, progress: &() }
}

/// The longest message of either transport, bytes.
const MAX_MESSAGE_LEN: usize = 7609;

const DEADLINE: Duration = Duration::from_secs(10);

/// The deadline, and what it may cost to come back in step before and after.
const LONGEST: Duration = Duration::from_secs(10 + 6);
