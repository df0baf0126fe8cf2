//! `keyvet readiness --tenant DIR …`: will a passkey registration succeed, and where does it stop?
//!
//! `--attempt` and `--as` walk attempts through the tenant: exit 0 when every one is ready or conditional, 3 when
//! one is blocked, else 4 when one is unknown. `--matrix` asks about everybody in every usual context, `--plan` what to
//! change for those who are stuck; both end with 0 when they could be computed. A file that cannot be used ends the
//! run with 2. Nothing is asked of a network: the tenant is what was exported.

mod export;
mod files;
mod matrix;
mod plan;
mod question;

use crate::{
    args::{Format, ReadinessArgs, ReadinessCommand},
    commands::Outcome,
    context::Context,
    document::{
        Document, findings,
        readiness::{AttemptResult, ReadinessDocument, RuleText, SCHEMA, TenantRead, Verdict},
    },
    error::{CliError, USAGE},
    exit::Exit,
    html,
    input::shown,
};
use keyvet_finding::Kind;
use keyvet_readiness::{Attempt, Part, Person, RULES, RULESET, Tenant, evaluate};
use question::About;
use std::path::Path;

/// Answers the question that the arguments ask.
///
/// # Errors
/// When the question is not clear or a file cannot be used.
pub fn run(args: &ReadinessArgs, context: &Context) -> Result<Outcome, CliError> {
    if let Some(ReadinessCommand::ExportHelp) = args.command {
        return Ok(Outcome::ok(Document::ReadinessExport(Box::new(export::document()))));
    }
    let page = page_wanted(args.format, context)?;
    let question = question::asked(args)?;
    let path = args.tenant.as_deref().ok_or_else(|| CliError::internal("--tenant is missing"))?;
    let (tenant, read) = tenant(path, context)?;
    let about = match question.about {
        About::Attempts(path) => Asked::Attempts(question::several(path, context)?),
        About::One(path) => Asked::Attempts(vec![question::one(path, &args.one, context)?]),
        About::Person(path) => Asked::People(vec![question::person(path, context)?.0]),
        About::Everybody => Asked::People(tenant.people.clone()),
    };
    Ok(match (question.plan, about) {
        (false, Asked::Attempts(attempts)) => attempted(&tenant, read, &attempts, page),
        (false, Asked::People(people)) => matrix::everybody(&tenant, read, people, page),
        (true, Asked::Attempts(attempts)) => {
            plan::for_attempts(&tenant, read, attempts.into_iter().map(plan::Tried::by_one), page)
        }
        (true, Asked::People(people)) => plan::for_people(&tenant, read, people, page),
    })
}

/// What is asked about, read.
enum Asked {
    Attempts(Vec<Attempt>),
    People(Vec<Person>),
}

/// Whether a page is asked for, and not something else beside it.
fn page_wanted(format: Option<Format>, context: &Context) -> Result<bool, CliError> {
    match (format, context.prints_json()) {
        (Some(Format::Html), false) => Ok(true),
        (Some(Format::Html | Format::Text), true) => {
            Err(CliError::usage(&USAGE, "--json and --format ask for two formats at once"))
        }
        _ => Ok(false),
    }
}

/// The tenant, and what it was read from.
fn tenant(path: &Path, context: &Context) -> Result<(Tenant, TenantRead), CliError> {
    let files = files::read(path, context)?;
    let named: Vec<_> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let tenant =
        Tenant::read(&named).map_err(|error| CliError::about(shown(path), &error, Exit::Usage))?;
    if [Part::Passkeys, Part::Policies].iter().all(|part| tenant.absent.contains(part)) {
        let what = "holds neither the passkey method nor Conditional Access policies";
        return Err(CliError::usage(&files::NO_EXPORT, format_args!("{} {what}", shown(path))));
    }
    let read = TenantRead {
        source: path.display().to_string(),
        files: files.iter().map(|(name, _)| name.clone()).collect(),
        passkeys: tenant.passkeys.is_some(),
        policies: tenant.policies.len(),
        strengths: tenant.strengths.len(),
        people: tenant.people.len(),
        findings: findings(&tenant.findings),
    };
    Ok((tenant, read))
}

fn attempted(tenant: &Tenant, read: TenantRead, attempts: &[Attempt], page: bool) -> Outcome {
    let results: Vec<_> = attempts
        .iter()
        .enumerate()
        .map(|(index, attempt)| AttemptResult::new(index, attempt, &evaluate(tenant, attempt)))
        .collect();
    let exit = results.iter().map(|result| class(result.verdict));
    let exit = exit.fold(Exit::Ok, Exit::strictest);
    let rulebook = rulebook(&results);
    let document = ReadinessDocument {
        schema: SCHEMA,
        exit: exit.code(),
        ruleset: RULESET,
        tenant: read,
        results,
        rulebook,
    };
    let document = match page {
        true => Document::Page(html::attempts(&document)),
        false => Document::Readiness(Box::new(document)),
    };
    Outcome { document, exit }
}

/// Every rule that a result names, in the order of their numbers.
fn rulebook(results: &[AttemptResult]) -> Vec<RuleText> {
    let named = |id: &&str| {
        results.iter().any(|result| {
            result.rules.contains(id) || result.steps.iter().any(|step| step.rules.contains(id))
        })
    };
    RULES.iter().filter(|rule| named(&rule.id)).map(|rule| RuleText::from(*rule)).collect()
}

const fn class(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Ready | Verdict::Conditional => Exit::Ok,
        Verdict::Unknown => Exit::Undecided,
        Verdict::Blocked => Exit::Refused,
    }
}

/// The kinds of `readiness`.
pub(crate) static KINDS: &[&Kind] = &[
    &files::NO_EXPORT,
    &question::NO_QUESTION,
    &question::TWO_QUESTIONS,
    &question::INCOMPLETE,
    &question::BAD_AAGUID,
];
