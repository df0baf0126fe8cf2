//! `keyvet list`: the security keys present, and how to name each one.
//!
//! Every key that can be opened is asked what it is; nothing blinks and nobody is bothered. A key that cannot be
//! opened is listed with the reason. No key is an answer: an empty list and exit code 0. With `--watch` the list goes
//! on as lines of what comes and goes, until Ctrl-C.
//!
//! Without a key no runtime is started and no metadata is read.

use crate::{
    args::ListArgs,
    commands::Outcome,
    context::Context,
    document::{
        Document, Finding,
        key::Key,
        list::{ListDocument, SCHEMA, Unavailable},
    },
    error::CliError,
    exit::Exit,
    keys::{Keys, Models, cancelled, runtime},
};
use keyvet_transport::Selector;

/// Lists the keys.
///
/// # Errors
/// When an argument or `KEYVET_UDP` cannot be used, or the command is left by Ctrl-C.
pub fn run(args: &ListArgs, context: &Context) -> Result<Outcome, CliError> {
    let mut keys = Keys::find(&Selector::Only, context)?;
    if args.watch {
        return super::list_watch::run(args, keys, context);
    }
    let mut findings = Vec::new();
    let mut listed = Vec::new();
    if !keys.found().is_empty() {
        let models = Models::read(&args.trust, context)?;
        findings.extend(models.finding().map(Finding::from));
        let stopped = runtime::run(async |cancel| {
            keys.ask_all(&cancel).await;
            if keys.on_several_transports() {
                keys.unite(&cancel).await;
            }
            cancel.is_cancelled()
        })?;
        if stopped {
            return Err(cancelled());
        }
        listed = keys.described(&models);
    }
    Ok(outcome(listed, keys.unavailable(), findings))
}

/// A transport that cannot be asked fails the command only when nothing was found elsewhere.
fn outcome(
    keys: Vec<Key>,
    unavailable: Vec<(Unavailable, Exit)>,
    findings: Vec<Finding>,
) -> Outcome {
    let failed = unavailable.iter().fold(Exit::Ok, |exit, (_, class)| exit.strictest(*class));
    let exit = if keys.is_empty() { failed } else { Exit::Ok };
    let unavailable = unavailable.into_iter().map(|(unavailable, _)| unavailable).collect();
    let document = ListDocument { schema: SCHEMA, exit: exit.code(), keys, unavailable, findings };
    Outcome { document: Document::List(Box::new(document)), exit }
}
