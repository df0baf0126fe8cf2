//! "Touch the one you mean": every key waits for a touch, and the first one touched is it.

use super::{
    Found, Keys, client_error,
    session::{Around, open},
};
use crate::error::CliError;
use keyvet_client::{Client, ClientError};
use tokio::task::JoinSet;

/// The key that is touched first. The others are told to stop waiting.
///
/// # Errors
/// When no key is touched in time, or none can be asked.
pub(crate) async fn touched(
    keys: &Keys,
    tell: &str,
    around: &Around,
) -> Result<(Found, Client), CliError> {
    let mut waiting = all(keys, around).await?;
    around.console.tell(tell);
    let mut touched = None;
    let mut failed = None;
    // a key that is told to stop is waited for, so that it is left in order
    while let Some(done) = waiting.tasks.join_next().await {
        match done {
            Ok((found, client, Ok(()))) if touched.is_none() => {
                waiting.around.cancel.cancel();
                touched = Some((found, client));
            }
            Ok((_, _, Err(error))) => failed = failed.or(Some(error)),
            Ok((_, _, Ok(()))) => {}
            Err(error) => return Err(CliError::internal(error)),
        }
    }
    let failed = failed.unwrap_or(ClientError::Cancelled);
    touched.ok_or_else(|| client_error(&failed, around))
}

/// The keys that wait, and what stops them.
struct Waiting {
    tasks: JoinSet<(Found, Client, Result<(), ClientError>)>,
    around: Around,
}

/// Makes every key that can be opened wait for a touch.
async fn all(keys: &Keys, around: &Around) -> Result<Waiting, CliError> {
    let around = Around { cancel: around.cancel.child_token(), ..around.clone() };
    let mut tasks = JoinSet::new();
    let mut refused = None;
    for found in keys.found().iter().filter(|found| found.can_be_touched()) {
        match open(found, &around).await {
            Ok(mut client) => {
                let (found, around) = (found.clone(), around.clone());
                tasks.spawn(async move {
                    let selected = client.select(&around.ceremony()).await;
                    (found, client, selected)
                });
            }
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        Some(refused) if tasks.is_empty() => Err(refused),
        _ => Ok(Waiting { tasks, around }),
    }
}
