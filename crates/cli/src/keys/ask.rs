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
    if let Some(denied) = &device.denied {
        return failed(denied);
    }
    let now = Instant::now();
    let deadline = now.checked_add(PATIENCE).unwrap_or(now);
    let exchange = Exchange { deadline, cancel, progress: &() };
    let mut channel = match discovery.open(&device.id, exchange).await {
        Ok(channel) => channel,
        Err(error) => return failed(&error),
    };
    if !channel.limits().ctap2 {
        return Asked::Failed(only_u2f().finding());
    }
    match channel.transact(&keyvet_ctap::GetInfoRequest.encode(), exchange).await {
        Ok(answer) => read(&answer),
        Err(error) => failed(&error),
    }
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
    Asked::Failed(Finding::new(error.kind(), error))
}

/// How long a key may take: it answers within milliseconds unless another program uses it.
const PATIENCE: Duration = Duration::from_secs(2);
