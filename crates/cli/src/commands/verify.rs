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
        verify_result::{self, error_result},
    },
    context::Context,
    document::{
        Document, Finding,
        verify::{FileResult, PolicyUsed, SCHEMA, VerifyDocument},
    },
    error::CliError,
    exit::Exit,
    input::{MAX_DOCUMENT_BYTES, shown},
    time_text,
    trust::{self, Metadata},
};
use keyvet_attestation::assess;
use keyvet_evidence::Registration;
use keyvet_finding as finding;
use keyvet_policy::{Policy, Provider, Scope, Subject, Verdict, decide, entra::KeyTable};
use keyvet_x509::{Anchor, LeafMemory};
use std::path::Path;
use time::OffsetDateTime;

/// Judges every file.
///
/// # Errors
/// When an argument cannot be used. What is wrong with a single file, or with the metadata, is part of
/// the outcome.
pub fn run(args: &VerifyArgs, context: &Context) -> Result<Outcome, CliError> {
    let at = context.at(args.trust.signer.at.as_deref())?;
    let client_data = client_data::ClientData::read(args, context)?;
    let anchors = trust::anchors(&args.anchor, context)?;
    let policy = args.policy.as_deref().map(|path| policy(path, context)).transpose()?;
    let metadata = match trust::metadata(&args.trust, at, context) {
        Ok(metadata) => metadata,
        Err(error) if error.exit() == Exit::TrustData => return Ok(untrusted(at, &error)),
        Err(error) => return Err(error),
    };
    let mut bench = Bench {
        at,
        anchors: &anchors,
        metadata: metadata.as_ref(),
        policy: policy.as_ref(),
        scope: Scope { profile: args.profile.clone(), groups: args.group.clone() },
        strict_validity: args.strict_validity,
        client_data: &client_data,
        memory: LeafMemory::default(),
        policy_findings: Vec::new(),
    };
    let results: Vec<_> = args.files.iter().map(|file| bench.judge(file, context)).collect();
    let document = assemble(args, &bench, results);
    Ok(outcome(document, args.strict))
}

/// What every file is judged by.
struct Bench<'a> {
    at: OffsetDateTime,
    anchors: &'a [Anchor],
    metadata: Option<&'a Metadata>,
    policy: Option<&'a Policy>,
    scope: Scope,
    strict_validity: bool,
    client_data: &'a client_data::ClientData,
    memory: LeafMemory,
    policy_findings: Vec<finding::Finding>,
}

impl Bench<'_> {
    fn judge(&mut self, file: &Path, context: &Context) -> FileResult {
        match self.registration(file, context) {
            Ok(registration) => self.assess(file, &registration),
            Err(error) => error_result(file, &error),
        }
    }

    fn registration(&self, file: &Path, context: &Context) -> Result<Registration, CliError> {
        let bytes = context.inputs.read(file, MAX_DOCUMENT_BYTES)?;
        let read = keyvet_evidence::read(&bytes);
        let registration =
            read.map_err(|error| CliError::about(shown(file), &error, Exit::Usage))?;
        self.client_data.complete(registration, file)
    }

    fn assess(&mut self, file: &Path, registration: &Registration) -> FileResult {
        let catalogue = self.metadata.map(|metadata| &metadata.catalogue);
        let mut judge = keyvet_attestation::Context::new(catalogue, self.at);
        judge.extra_anchors = self.anchors;
        judge.strict_validity = self.strict_validity;
        judge.memory = Some(&mut self.memory);
        let assessment = assess(registration, &mut judge);
        let verdict = self.policy.map(|policy| {
            let key_table = KeyTable::embedded();
            let subject = Subject { assessment: &assessment, catalogue, key_table };
            decide(policy, &subject, &self.scope)
        });
        self.keep_policy_findings(verdict.as_ref());
        verify_result::result(file, &assessment, verdict.as_ref(), catalogue, self.at)
    }

    /// They are the same for every file, and are told once.
    fn keep_policy_findings(&mut self, verdict: Option<&Verdict>) {
        if let Some(verdict) = verdict {
            self.policy_findings.clone_from(&verdict.findings);
        }
    }

    /// What is to be said about the run as a whole.
    fn findings(&self) -> Vec<Finding> {
        let about_metadata = match self.metadata {
            Some(metadata) => metadata.catalogue.staleness(self.at),
            None => Some(finding::Finding::new(&trust::NO_METADATA, "none imported, none given")),
        };
        about_metadata.iter().chain(&self.policy_findings).map(Finding::from).collect()
    }
}

fn policy(path: &Path, context: &Context) -> Result<Policy, CliError> {
    let bytes = context.inputs.read(path, MAX_DOCUMENT_BYTES)?;
    keyvet_policy::read(&bytes).map_err(|error| CliError::about(shown(path), &error, Exit::Usage))
}

fn assemble(args: &VerifyArgs, bench: &Bench<'_>, results: Vec<FileResult>) -> VerifyDocument {
    VerifyDocument {
        schema: SCHEMA,
        exit: Exit::Ok.code(),
        at: time_text::show(bench.at),
        metadata: bench.metadata.map(|metadata| verify_result::metadata_used(metadata, bench.at)),
        policy: policy_used(args, bench.policy),
        findings: bench.findings(),
        error: None,
        results,
    }
}

fn policy_used(args: &VerifyArgs, policy: Option<&Policy>) -> Option<PolicyUsed> {
    let source = shown(args.policy.as_deref()?);
    let form = match policy?.provider {
        Provider::EntraLegacy => "entra-legacy",
        Provider::EntraProfiles => "entra-profiles",
        Provider::AaguidList => "aaguid-list",
        _ => "other",
    };
    let (profile, groups) = (args.profile.clone(), args.group.clone());
    Some(PolicyUsed { source, form: form.to_owned(), profile, groups })
}

/// The strictest class of all results, and of stale metadata where that is strict.
fn outcome(mut document: VerifyDocument, strict: bool) -> Outcome {
    let stale = document.metadata.as_ref().is_some_and(|metadata| metadata.stale);
    let start = if strict && stale { Exit::TrustData } else { Exit::Ok };
    let exit = document.results.iter().fold(start, |exit, one| exit.strictest(one.class));
    document.exit = exit.code();
    Outcome { document: Document::Verify(Box::new(document)), exit }
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
