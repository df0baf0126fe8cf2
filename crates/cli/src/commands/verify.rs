//! `keyvet verify FILE...`: judges registrations.
//!
//! Without a policy the exit class of a file is that of its statement: valid 0, invalid or malformed 3,
//! unsupported 4. With a policy it is the stricter one of the two answers, registration and sign-in:
//! accepted 0, refused 3, undecided 4. A file that cannot be used is a result with an `error` and class 2,
//! and the other files are judged all the same. Over all files the strictest class wins; stale metadata
//! with `--strict` is class 12. Metadata given with `--mds` that does not verify ends the run with class
//! 12 before any file is judged.

use crate::{
    args::VerifyArgs,
    commands::{
        Outcome, client_data,
        judge::{Bench, Unready},
        verify_result::error_result,
    },
    context::Context,
    document::{
        Document,
        verify::{FileResult, SCHEMA, VerifyDocument},
    },
    error::CliError,
    exit::Exit,
    input::{MAX_DOCUMENT_BYTES, shown},
    time_text,
};
use keyvet_evidence::Registration;
use std::path::Path;
use time::OffsetDateTime;

/// Judges every file.
///
/// # Errors
/// When an argument cannot be used. What is wrong with a single file, or with the metadata, is part of
/// the outcome.
pub fn run(args: &VerifyArgs, context: &Context) -> Result<Outcome, CliError> {
    let at = context.at(args.judge.trust.signer.at.as_deref())?;
    let client_data = client_data::ClientData::read(args, context)?;
    let mut bench = match Bench::prepare(&args.judge, at, context) {
        Ok(bench) => bench,
        Err(Unready::Untrusted(error)) => return Ok(untrusted(at, &error)),
        Err(Unready::Argument(error)) => return Err(error),
    };
    let results = args.files.iter().map(|file| match registration(file, &client_data, context) {
        Ok(registration) => bench.judge(file, &registration),
        Err(error) => error_result(file, &error),
    });
    let results = results.collect();
    Ok(outcome(assemble(&bench, results), args.judge.strict))
}

fn registration(
    file: &Path,
    client_data: &client_data::ClientData,
    context: &Context,
) -> Result<Registration, CliError> {
    let bytes = context.inputs.read(file, MAX_DOCUMENT_BYTES)?;
    let read = keyvet_evidence::read(&bytes);
    let registration = read.map_err(|error| CliError::about(shown(file), &error, Exit::Usage))?;
    client_data.complete(registration, file)
}

fn assemble(bench: &Bench, results: Vec<FileResult>) -> VerifyDocument {
    VerifyDocument {
        schema: SCHEMA,
        exit: Exit::Ok.code(),
        at: time_text::show(bench.at),
        metadata: bench.metadata_used(),
        policy: bench.policy_used(),
        findings: bench.findings(),
        error: None,
        results,
    }
}

fn outcome(mut document: VerifyDocument, strict: bool) -> Outcome {
    let stale = document.metadata.as_ref().is_some_and(|metadata| metadata.stale);
    let exit = exit(&document.results, strict && stale);
    document.exit = exit.code();
    Outcome { document: Document::Verify(Box::new(document)), exit }
}

/// The strictest class of all results, and of stale metadata where that is a failure.
pub(crate) fn exit(results: &[FileResult], stale_fails: bool) -> Exit {
    let start = if stale_fails { Exit::TrustData } else { Exit::Ok };
    results.iter().fold(start, |exit, one| exit.strictest(one.class))
}

/// The metadata named cannot be trusted, so nothing is judged.
fn untrusted(at: OffsetDateTime, error: &CliError) -> Outcome {
    let exit = error.exit();
    let document = VerifyDocument {
        schema: SCHEMA,
        exit: exit.code(),
        at: time_text::show(at),
        metadata: None,
        policy: None,
        findings: Vec::new(),
        error: Some(error.finding().into()),
        results: Vec::new(),
    };
    Outcome { document: Document::Verify(Box::new(document)), exit }
}
