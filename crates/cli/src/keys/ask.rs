//! What a key says of itself, asked without bothering anybody: one channel, one getInfo.

use keyvet_client::{ClientError, Obstacle};
use keyvet_ctap::{Command, GetInfo, StatusCode, split_answer};
use keyvet_finding::{Coded, Finding};
use keyvet_transport::{Device, Discovery, Exchange};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What a key answered.
#[derive(Debug)]
pub(crate) enum Asked {
    /// Its getInfo.
    Info(Box<GetInfo>),
    /// Why it cannot be used.
    Failed(Finding),
}

/// Asks one key.
pub(crate) async fn ask(
    discovery: &dyn Discovery,
    device: &Device,
    cancel: &CancellationToken,
) -> Asked {
    let request = keyvet_ctap::GetInfoRequest.encode();
    match transact(discovery, device, &request, cancel).await {
        Ok(answer) => read(&answer),
        Err(finding) => Asked::Failed(finding),
    }
}

/// One request on a channel of its own.
pub(super) async fn transact(
    discovery: &dyn Discovery,
    device: &Device,
    request: &[u8],
    cancel: &CancellationToken,
) -> Result<Vec<u8>, Finding> {
    if let Some(denied) = super::refusal::denied(device) {
        return Err(denied.finding().clone());
    }
    let now = Instant::now();
    let deadline = now.checked_add(PATIENCE).unwrap_or(now);
    let exchange = Exchange { deadline, cancel, progress: &() };
    let channel = discovery.open(&device.id, exchange).await;
    let mut channel = channel.map_err(|error| finding(&error))?;
    if !channel.limits().ctap2 {
        return Err(only_u2f().finding());
    }
    channel.transact(request, exchange).await.map_err(|error| finding(&error))
}

/// A key that says already when its channel is opened that it speaks U2F only.
pub(super) fn only_u2f() -> Obstacle {
    Obstacle::NotCtap2 { versions: vec![String::from("U2F")] }
}

fn read(answer: &[u8]) -> Asked {
    match split_answer(answer) {
        Ok((StatusCode::OK, body)) => match GetInfo::parse(body) {
            Ok(info) => Asked::Info(Box::new(info)),
            Err(error) => failed(&error),
        },
        Ok((status, _)) => failed(&ClientError::Status { command: Command::GET_INFO, status }),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn Coded) -> Asked {
    Asked::Failed(finding(error))
}

pub(super) fn finding(error: &dyn Coded) -> Finding {
    Finding::new(error.kind(), error)
}

/// How long a key may take: it answers within milliseconds unless another program uses it.
const PATIENCE: Duration = Duration::from_secs(2);
