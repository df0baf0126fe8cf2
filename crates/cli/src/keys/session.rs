//! One key, chosen and connected: how `info`, `check` and `identify` begin.

use super::{Choice, Console, Found, Keys, Models, ask::only_u2f, client_error, touch};
use crate::{document::key::Key, error::CliError};
use keyvet_client::{Ceremony, Client, PinPolicy, Timeouts};
use keyvet_transport::{Device, Exchange, Selector};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One key, connected.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) key: Key,
    pub(crate) device: Device,
}

/// What surrounds everything that is asked of a key in one run.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) console: Arc<Console>,
    pub(crate) cancel: CancellationToken,
    pub(crate) touch_timeout: Duration,
    pub(crate) pin_policy: PinPolicy,
}

impl Around {
    pub(crate) fn ceremony(&self) -> Ceremony<'_> {
        let mut ceremony = Ceremony::new(self.console.as_ref(), &self.cancel);
        // nobody who is in a hurry waits longer for an answer than for a touch
        let answer = Timeouts::default().answer.min(self.touch_timeout);
        ceremony.timeouts = Timeouts { touch: self.touch_timeout, answer };
        ceremony.pin_policy = self.pin_policy;
        ceremony
    }
}

/// Chooses a key and connects to it.
///
/// # Errors
/// When none or several are meant, or the key cannot be opened.
pub(crate) async fn begin(
    keys: &mut Keys,
    selector: &Selector,
    models: &Models,
    around: &Around,
) -> Result<Session, CliError> {
    let (found, client) = match keys.choose(selector, models, around).await? {
        Choice::Key(found) => {
            let client = open(&found, around).await?;
            (*found, client)
        }
        Choice::ByTouch => touch::touched(keys, TOUCH_ONE, around).await?,
    };
    let session = Session::new(keys, found, client, models);
    around.console.is_before(&session.key.name, &session.device);
    Ok(session)
}

impl Session {
    /// The session with `found`, connected as `client`.
    pub(crate) fn new(keys: &Keys, mut found: Found, client: Client, models: &Models) -> Self {
        found.answer = client.info().into();
        let key = keys.describe(&found, models);
        Self { client, key, device: found.device }
    }
}

/// Opens a channel and reads getInfo.
pub(crate) async fn open(found: &Found, around: &Around) -> Result<Client, CliError> {
    let ceremony = around.ceremony();
    let device = &found.device;
    if let Some(denied) = super::refusal::denied(device) {
        return Err(denied);
    }
    let now = Instant::now();
    let deadline = now.checked_add(ceremony.timeouts.answer).unwrap_or(now);
    let exchange = Exchange { deadline, cancel: &around.cancel, progress: &() };
    let channel = found.discovery.open(&device.id, exchange).await;
    let channel = channel.map_err(|error| super::refusal::opening_error(&error, device))?;
    if !channel.limits().ctap2 {
        return Err(client_error(&only_u2f().into(), around));
    }
    around.console.is_before(&device.id.to_string(), device);
    Client::connect(channel, &ceremony).await.map_err(|error| client_error(&error, around))
}

/// Told when a key is chosen by touch.
const TOUCH_ONE: &str = "Touch the key to use: each of them blinks.";
