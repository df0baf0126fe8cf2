//! `keyvet sign-in explain FILES…`: tells what exported sign-in and audit logs say about passkeys.
//!
//! Files are read as one log: pages of Graph, CSV files of the admin centre, sign-ins and audit entries. A file that
//! cannot be read is told and the others are explained all the same; then the class is 2. That people could not
//! sign in is an answer, not a failure of the command: class 0. What is between people and their names is
//! `--no-names`: it replaces each person by a number and leaves user names, object ids and addresses out of the
//! texts that the log quotes. Names of policies, apps and files, and the ids of records, stay.

use crate::{
    args::SignInExplainArgs,
    commands::Outcome,
    context::Context,
    document::{Document, findings, sign_in as document},
    error::CliError,
    exit::Exit,
    input::MAX_LOG_BYTES,
};
use keyvet_readiness::{
    RULESET,
    sign_in::{
        AppliedPolicy, AuthStep, Change, Event, Explanation, File, Format, Log, Named, Names,
        Reader, Story,
    },
};
use std::path::Path;

/// Explains the files.
///
/// # Errors
/// None: a file that cannot be read is part of the outcome.
pub fn run(args: &SignInExplainArgs, context: &Context) -> Result<Outcome, CliError> {
    let mut log = Log::default();
    let mut files = Vec::new();
    let mut exit = Exit::Ok;
    for path in &args.files {
        let (file, broken) = match read(path, context) {
            Ok(file) => take(path, file, &mut log),
            Err(error) => (unread(path, &error), true),
        };
        files.push(file);
        exit = if broken { exit.strictest(Exit::Usage) } else { exit };
    }
    let names = if args.no_names { Names::Replaced } else { Names::Shown };
    let document = assemble(files, log.explain(names), args, exit);
    Ok(Outcome { document: Document::SignIn(Box::new(document)), exit })
}

fn read(path: &Path, context: &Context) -> Result<File, CliError> {
    let mut reader = Reader::new();
    context.inputs.read_on(path, MAX_LOG_BYTES, &mut |bytes| reader.push(bytes))?;
    Ok(reader.finish())
}

fn take(path: &Path, file: File, log: &mut Log) -> (document::File, bool) {
    let told = document::File {
        file: path.display().to_string(),
        format: file.format.map(Format::as_str),
        records: file.records.len().max(file.steps.len()),
        error: None,
        findings: findings(&file.findings),
    };
    let broken = file.is_broken();
    log.add(file);
    (told, broken)
}

fn unread(path: &Path, error: &CliError) -> document::File {
    document::File {
        file: path.display().to_string(),
        format: None,
        records: 0,
        error: Some(error.finding().into()),
        findings: Vec::new(),
    }
}

fn assemble(
    files: Vec<document::File>,
    told: Explanation,
    args: &SignInExplainArgs,
    exit: Exit,
) -> document::SignInDocument {
    document::SignInDocument {
        schema: document::SCHEMA,
        exit: exit.code(),
        ruleset: RULESET,
        files,
        records: told.records,
        stories: told
            .stories
            .into_iter()
            .filter(|story| is_wanted(story, args))
            .map(story)
            .collect(),
        not_told: told.not_told,
        changes: told.changes.into_iter().map(change).collect(),
        findings: findings(&told.findings),
    }
}

/// Whether a story is one that was asked for.
fn is_wanted(story: &Story, args: &SignInExplainArgs) -> bool {
    let of_person = |text: &String| story.is_about(text);
    let has = |id: &String| {
        let of_event =
            |event: &Event| event.id.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(id));
        story.correlation_ids.iter().any(|own| own.eq_ignore_ascii_case(id))
            || story.events.iter().any(of_event)
    };
    args.user.as_ref().is_none_or(of_person) && args.correlation.as_ref().is_none_or(has)
}

fn story(story: Story) -> document::Story {
    document::Story {
        person: story.person,
        outcome: story.outcome.as_str(),
        correlation_ids: story.correlation_ids,
        events: story.events.into_iter().map(event).collect(),
        why: findings(&story.why),
        next: story.next,
        rules: story.rules.iter().map(|rule| rule.id).collect(),
        confidence: story.confidence.as_str(),
        notes: findings(&story.notes),
        unresolved: findings(&story.unresolved),
    }
}

fn event(event: Event) -> document::Event {
    document::Event {
        time: event.time,
        source: event.source.as_str(),
        id: event.id,
        title: event.title,
        result: event.result.as_str(),
        passed_later: event.passed_later,
        code: event.code,
        app: named(event.app),
        resource: named(event.resource),
        platform: event.platform,
        reason: event.reason,
        methods: event.steps.into_iter().map(method).collect(),
        policies: event.policies.into_iter().map(policy).collect(),
        findings: findings(&event.findings),
    }
}

fn named(named: Named) -> document::Named {
    document::Named { id: named.id, name: named.name }
}

fn method(step: AuthStep) -> document::Method {
    document::Method {
        method: step.method,
        succeeded: step.succeeded,
        result: step.result,
        requirement: step.requirement,
    }
}

fn policy(policy: AppliedPolicy) -> document::Policy {
    let (strength, strength_result) = match policy.strength {
        Some(strength) => (Some(named(strength.strength)), strength.result),
        None => (None, None),
    };
    document::Policy {
        id: policy.policy.id,
        name: policy.policy.name,
        result: policy.result,
        controls: policy.controls,
        strength,
        strength_result,
    }
}

fn change(change: Change) -> document::Change {
    document::Change {
        time: change.time,
        activity: change.activity,
        object: change.object,
        by: change.by,
        result: change.result.as_str(),
    }
}
