//! `keyvet identify`: which of the keys is this one?
//!
//! A key that is named, or the only one, is made to blink; a key that cannot blink on demand asks for a touch instead.
//! Of several keys each asks for a touch, and the one touched is printed with the name that `--device` takes. A key on a
//! card reader can do neither, and is told by the name of the reader. Nothing is changed on any of them.

use crate::{
    args::IdentifyArgs,
    commands::Outcome,
    context::Context,
    document::{
        Document,
        identify::{How, IdentifyDocument, SCHEMA},
    },
    error::CliError,
    exit::Exit,
    keys::{
        self, Around, Choice, Console, Keys, Models, PinSource, Session, client_error, runtime,
        session, touch,
    },
};
use keyvet_client::{ClientError, PinPolicy};
use keyvet_transport::{ChannelError, Selector};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Makes a key show itself, or waits for a touch.
///
/// # Errors
/// When there is no key, none was touched in time, or a key cannot be opened.
pub fn run(args: &IdentifyArgs, context: &Context) -> Result<Outcome, CliError> {
    let mut selector = keys::selector(&args.key)?;
    let mut keys = Keys::find(&selector, context)?;
    keys.reach(&selector);
    if selector == Selector::Only && keys.found().len() > 1 {
        selector = Selector::Touch;
    }
    let models = Models::read(&args.trust, context)?;
    runtime::run(async |cancel| {
        let around = around(args, context, cancel);
        identified(&mut keys, &selector, &models, &around).await
    })?
}

fn around(args: &IdentifyArgs, context: &Context, cancel: CancellationToken) -> Around {
    Around {
        console: Arc::new(Console::new(context.renderer(), PinSource::Terminal, cancel.clone())),
        cancel,
        touch_timeout: args.timeout,
        pin_policy: PinPolicy::default(),
    }
}

async fn identified(
    keys: &mut Keys,
    selector: &Selector,
    models: &Models,
    around: &Around,
) -> Result<Outcome, CliError> {
    let (how, session) = match keys.choose(selector, models, around).await? {
        Choice::ByTouch => {
            let (found, client) = touch::touched(keys, TOUCH, around).await?;
            (How::Touch, Session::new(keys, found, client, models))
        }
        Choice::Key(found) => {
            let client = session::open(&found, around).await?;
            let mut session = Session::new(keys, *found, client, models);
            (shown(&mut session, around).await?, session)
        }
    };
    let document =
        IdentifyDocument { schema: SCHEMA, exit: Exit::Ok.code(), how, key: session.key };
    Ok(Outcome::ok(Document::Identify(Box::new(document))))
}

/// Makes it blink; where it cannot, waits for its touch, for which it blinks too. One on a reader is told by the reader.
async fn shown(session: &mut Session, around: &Around) -> Result<How, CliError> {
    if session.device.is_card() {
        return Ok(How::Reader);
    }
    match session.client.wink(&around.ceremony()).await {
        Ok(()) => return Ok(How::Blink),
        Err(ClientError::Channel(ChannelError::Unsupported(_))) => {}
        Err(error) => return Err(client_error(&error, around)),
    }
    around.console.tell(keys::TOUCH);
    let selected = session.client.select(&around.ceremony()).await;
    selected.map(|()| How::Touch).map_err(|error| client_error(&error, around))
}

/// Told when there are several keys.
const TOUCH: &str = "Touch the key you mean: each of them blinks.";
