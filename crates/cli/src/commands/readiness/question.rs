//! Which question is asked, and the attempts it is about.

use crate::{
    args::{EntryArg, OneAttemptArgs, PhoneArg, ReadinessArgs, RouteArg},
    context::Context,
    error::CliError,
    exit::Exit,
    input::{MAX_DOCUMENT_BYTES, shown},
};
use keyvet_ctap::Aaguid;
use keyvet_finding::{Coded, Culprit, Finding, Kind, Printable, Severity};
use keyvet_readiness::{
    Attempt, AttemptError, Entry, MAX_ATTEMPTS_LEN_BYTES, Person, Platform, Route, read_attempts,
    read_methods, read_person, read_place,
};
use std::path::Path;

/// What is asked.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// What to change, instead of what happens.
    pub(super) plan: bool,
    /// About whom.
    pub(super) about: About<'a>,
}

/// About whom something is asked.
#[derive(Debug)]
pub(super) enum About<'a> {
    /// The attempts in this file.
    Attempts(&'a Path),
    /// One attempt of this person.
    One(&'a Path),
    /// This person, in every usual context.
    Person(&'a Path),
    /// Everybody, in every usual context.
    Everybody,
}

/// The one question that the arguments ask.
///
/// # Errors
/// When there is none, or more than one.
pub(super) fn asked(args: &ReadinessArgs) -> Result<Question<'_>, CliError> {
    let several = |what: &str| CliError::usage(&TWO_QUESTIONS, what);
    let described = described(&args.one);
    let about = match (args.attempt.as_deref(), args.person.as_deref()) {
        (Some(_), Some(_)) => return Err(several("--attempt and --as")),
        (Some(_), None) if args.matrix => return Err(several("--attempt and --matrix")),
        _ if args.matrix && args.plan => return Err(several("--matrix and --plan")),
        (Some(path), None) => About::Attempts(path),
        (None, Some(path)) if args.matrix || args.plan && described.is_none() => {
            About::Person(path)
        }
        (None, Some(path)) => About::One(path),
        (None, None) if args.matrix || args.plan => About::Everybody,
        (None, None) => {
            return Err(CliError::usage(
                &NO_QUESTION,
                "none of --attempt, --as, --matrix and --plan is given",
            ));
        }
    };
    match (described, &about) {
        (None, _) | (_, About::One(_)) => Ok(Question { plan: args.plan, about }),
        (Some(option), _) => Err(several(&format!(
            "{option} describes one attempt of the person that --as names, and something else is asked"
        ))),
    }
}

/// The first option given that describes one attempt.
fn described(one: &OneAttemptArgs) -> Option<&'static str> {
    let given = [
        (one.on.is_some(), "--on"),
        (one.signed_in_with.is_some(), "--signed-in-with"),
        (one.entry.is_some(), "--entry"),
        (one.route.is_some(), "--route"),
        (one.phone.is_some(), "--phone"),
        (one.aaguid.is_some(), "--aaguid"),
        (one.minutes_since_mfa.is_some(), "--minutes-since-mfa"),
    ];
    given.into_iter().find(|(given, _)| *given).map(|(_, name)| name)
}

/// The attempt that `--as` and its options describe.
///
/// # Errors
/// When the person's file cannot be used, or an option is missing or not understood.
pub(super) fn one(
    path: &Path,
    args: &OneAttemptArgs,
    context: &Context,
) -> Result<Attempt, CliError> {
    let missing = |option, example| {
        CliError::usage(&INCOMPLETE, format_args!("{option} is missing, for example {example}"))
    };
    let on = args.on.as_deref().ok_or_else(|| missing("--on", "--on windows/edge"))?;
    let with = args.signed_in_with.as_deref();
    let with = with.ok_or_else(|| missing("--signed-in-with", "--signed-in-with tap:multi"))?;
    let unclear = |error: AttemptError| CliError::usage(error.kind(), error);
    let (platform, surface) = read_place(on, "--on").map_err(unclear)?;
    let (methods, tap) = read_methods(with, "--signed-in-with").map_err(unclear)?;
    let mut attempt = Attempt::new(platform, surface, route(args.route));
    (attempt.person, attempt.findings) = person(path, context)?;
    attempt.entry = args.entry.map_or(attempt.entry, entry);
    attempt.signed_in_with = methods;
    attempt.minutes_since_strong_auth = args.minutes_since_mfa;
    attempt.phone = args.phone.map(phone);
    attempt.tap = tap;
    attempt.candidate.aaguid = args.aaguid.as_deref().map(aaguid).transpose()?;
    Ok(attempt)
}

fn aaguid(text: &str) -> Result<Aaguid, CliError> {
    let wrong = |_| CliError::usage(&BAD_AAGUID, format_args!("--aaguid {}", Printable(text)));
    text.trim().parse().map_err(wrong)
}

const fn entry(entry: EntryArg) -> Entry {
    match entry {
        EntryArg::Interrupt => Entry::Interrupt,
        EntryArg::Manage => Entry::Manage,
        EntryArg::InApp => Entry::InApp,
    }
}

const fn route(route: Option<RouteArg>) -> Route {
    match route {
        Some(RouteArg::Local) => Route::Local,
        Some(RouteArg::CrossDevice) => Route::CrossDevice,
        Some(RouteArg::InApp) => Route::InApp,
        Some(RouteArg::Any) | None => Route::Any,
    }
}

const fn phone(phone: PhoneArg) -> Platform {
    match phone {
        PhoneArg::Ios => Platform::Ios,
        PhoneArg::Android => Platform::Android,
    }
}

/// The person in a file.
///
/// # Errors
/// When it cannot be used, by the place that is at fault.
pub(super) fn person(path: &Path, context: &Context) -> Result<(Person, Vec<Finding>), CliError> {
    let bytes = context.inputs.read(path, MAX_DOCUMENT_BYTES)?;
    read_person(&bytes).map_err(|error| CliError::about(shown(path), &error, Exit::Usage))
}

/// The attempts in a file.
///
/// # Errors
/// When it cannot be used, by the place that is at fault.
pub(super) fn several(path: &Path, context: &Context) -> Result<Vec<Attempt>, CliError> {
    let limit = u64::try_from(MAX_ATTEMPTS_LEN_BYTES).unwrap_or(u64::MAX);
    let bytes = context.inputs.read(path, limit)?;
    read_attempts(&bytes).map_err(|error| CliError::about(shown(path), &error, Exit::Usage))
}

/// Nothing is asked.
pub(crate) static NO_QUESTION: Kind = Kind {
    id: "cli.no-question",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The command line names a tenant and does not say what to ask about it.",
    next_step: "Ask one: --attempt FILE (attempts as JSON); --as user.json --on windows/edge --signed-in-with tap:multi (one attempt); --matrix (everybody); or --plan (what to change).",
    source: "keyvet",
};

/// Too much is asked.
pub(crate) static TWO_QUESTIONS: Kind = Kind {
    id: "cli.two-questions",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The command line asks two things at once.",
    next_step: "Keep one and run the other by itself. --as goes with --matrix and --plan as well (that person everywhere), --attempt with --plan.",
    source: "keyvet",
};

/// Half an attempt.
pub(crate) static INCOMPLETE: Kind = Kind {
    id: "cli.attempt-incomplete",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "--as says who; the attempt also needs to say where, and what the person signs in with.",
    next_step: "Add --on PLATFORM/WHERE and --signed-in-with METHODS.",
    source: "keyvet",
};

/// `--aaguid` is none.
pub(crate) static BAD_AAGUID: Kind = Kind {
    id: "cli.bad-aaguid",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "An AAGUID has 32 hexadecimal digits, with or without dashes.",
    next_step: "Copy it from `keyvet info` or `keyvet list`; leave --aaguid out when the model does not matter.",
    source: "CTAP 2.2 §6.4",
};
