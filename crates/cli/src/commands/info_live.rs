//! `keyvet info` of a key that is plugged in.

use crate::{
    args::InfoArgs,
    commands::{Outcome, info},
    context::Context,
    document::{Document, Finding, info::InfoDocument},
    error::CliError,
    keys::{self, Around, Console, Keys, Models, PinSource, Session, runtime, session},
};
use keyvet_client::{PinPolicy, Timeouts};
use std::sync::Arc;

/// Asks one key.
pub(super) fn run(args: &InfoArgs, context: &Context) -> Result<Outcome, CliError> {
    let selector = keys::selector(&args.key)?;
    let mut keys = Keys::find(&selector, context)?;
    let models = Models::read(&args.trust, context)?;
    runtime::run(async |cancel| {
        let around = Around {
            console: Arc::new(Console::new(
                context.renderer(),
                PinSource::Terminal,
                cancel.clone(),
            )),
            cancel,
            touch_timeout: Timeouts::default().touch,
            pin_policy: PinPolicy::default(),
        };
        let mut session = session::begin(&mut keys, &selector, &models, &around).await?;
        let document = document(&mut session, &models, &around).await;
        Ok(Outcome::ok(Document::Info(Box::new(document))))
    })?
}

async fn document(session: &mut Session, models: &Models, around: &Around) -> InfoDocument {
    let mut document = info::document(session.client.info());
    document.findings.extend(models.finding().map(Finding::from));
    document.model.clone_from(&session.key.model);
    document.metadata = models.used();
    document.key = Some(session.key.clone());
    // asked only of keys that can answer; one that does not leaves the member out
    let option = |id| session.client.info().option(id);
    let (pin, uv) = (option("clientPin") == Some(true), option("uv") == Some(true));
    if pin {
        let retries = session.client.pin_retries(&around.ceremony()).await.ok();
        document.pin_retries = retries.map(|retries| retries.left);
    }
    if uv {
        document.uv_retries = session.client.uv_retries(&around.ceremony()).await.ok();
    }
    document
}
