//! `keyvet check`: registers on a key, judges the registration, explains the verdict, keeps the evidence.
//!
//! 1. Everything that the verdict will rest on is read and the evidence file is opened: what cannot be used is told
//!    before anybody has to touch anything.
//! 2. One key is chosen. Between two it is never guessed.
//! 3. What the key says of itself is held against the policy and against what will be asked of it. A refusal that
//!    follows from the key's own word is told; the registration is made all the same, because it gives every reason.
//!    With `--dry-run` this is the end: exit class 3 for such a refusal, 11 when the key cannot do what would be asked,
//!    else 4, because nothing has been decided.
//! 4. A throw-away registration is made: for a relying party that cannot exist, with direct attestation. It leaves
//!    nothing on the key.
//! 5. It is judged as `keyvet verify` judges it, and printed. With `--save` the evidence is kept: `keyvet verify` with
//!    the same metadata, policy and time gives the same result.
//!
//! The exit class is that of the verdict (0, 3, 4; 12 for stale metadata with `--strict`), or of what went wrong with the
//! key (5 to 11).

use crate::{
    args::{CheckArgs, Enterprise},
    commands::{
        Outcome, check_before,
        check_save::{self, Evidence},
        judge::{Bench, Unready},
        trace_registration, verify,
    },
    context::Context,
    document::{
        Document,
        check::{Before, CheckDocument, LeftOnTheKey, RegistrationMade, SCHEMA},
        findings,
    },
    error::CliError,
    exit::Exit,
    keys::{
        self, Around, Console, Keys, Models, PinSource, Session, client_error, runtime, session,
    },
    time_text,
};
use keyvet_client::{
    PinPolicy, Registered, RegistrationRequest, Removal, UserVerification, Verification,
};
use keyvet_ctap::EnterpriseAttestation;
use keyvet_finding::{Finding, Severity};
use keyvet_transport::Selector;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

/// Checks one key.
///
/// # Errors
/// When an argument cannot be used, or no single key is meant. What goes wrong with the key afterwards is part of the
/// outcome, beside everything that is known by then.
pub fn run(args: &CheckArgs, context: &Context) -> Result<Outcome, CliError> {
    let at = context.at(args.judge.trust.signer.at.as_deref())?;
    let at = at.replace_nanosecond(0).unwrap_or(at);
    let selector = keys::selector(&args.key)?;
    let replayed = context.tracing.is_replay(&selector);
    if replayed && args.save.is_some() {
        return Err(CliError::usage(&keyvet_trace::NO_EVIDENCE, "--save with a recording"));
    }
    let bench = match Bench::prepare(&args.judge, at, context) {
        Ok(bench) => bench,
        Err(Unready::Untrusted(error)) => return Ok(untrusted(at, &error)),
        Err(Unready::Argument(error)) => return Err(error),
    };
    if args.pin.pin_stdin {
        context.inputs.take_stdin("--pin-stdin")?;
    }
    let evidence = args.save.as_deref().map(Evidence::open).transpose()?;
    let check = Check { args, context, bench, evidence, replayed };
    let mut keys = Keys::find(&selector, context)?;
    runtime::run(async |cancel| {
        let around = check.around(cancel);
        check.run(&mut keys, &selector, &around).await
    })?
}

/// One run of the command.
struct Check<'a> {
    args: &'a CheckArgs,
    context: &'a Context,
    /// What the registration is judged by.
    bench: Bench,
    evidence: Option<Evidence>,
    /// Whether the key is a recording.
    replayed: bool,
}

impl Check<'_> {
    fn around(&self, cancel: CancellationToken) -> Around {
        let source = PinSource::of(&self.args.pin);
        let attempts =
            if source.can_be_asked_again() { PinPolicy::default().max_attempts } else { 1 };
        let pin_policy = PinPolicy {
            danger_allow_last_retries: self.args.pin.danger_allow_last_retries,
            max_attempts: attempts,
        };
        Around {
            console: Arc::new(Console::new(self.context.renderer(), source, cancel.clone())),
            cancel,
            touch_timeout: self.args.timeout,
            pin_policy,
        }
    }

    async fn run(
        self,
        keys: &mut Keys,
        selector: &Selector,
        around: &Around,
    ) -> Result<Outcome, CliError> {
        let models = Models::of(self.bench.metadata.as_ref(), self.bench.at);
        let mut session = session::begin(keys, selector, &models, around).await?;
        let request = self.request();
        let preflight = session.client.preflight(&request);
        let obstacle = preflight.iter().any(|finding| finding.severity() == Severity::Error);
        let mut document = self.document(&session, &preflight);
        if self.args.dry_run {
            return Ok(dry(document, obstacle));
        }
        self.announce(&document, around);
        match register(&mut session, &request, around).await {
            Ok(registered) => self.judged(document, &session, &registered),
            Err(error) => {
                let left = session.client.perhaps_left(&request);
                document.findings.extend(left.as_ref().map(Into::into));
                document.error = Some(error.finding().into());
                Ok(outcome(document, error.exit()))
            }
        }
    }

    /// What will be asked of the key.
    fn request(&self) -> RegistrationRequest {
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = self.args.discoverable;
        request.enterprise_attestation = self.args.enterprise.map(|who| match who {
            Enterprise::Vendor => EnterpriseAttestation::VendorFacilitated,
            Enterprise::Platform => EnterpriseAttestation::PlatformManaged,
        });
        if self.bench.wants_verification() {
            request.user_verification = UserVerification::Required;
        }
        request
    }

    /// What is known before the registration.
    fn document(&self, session: &Session, preflight: &[Finding]) -> CheckDocument {
        let reasons = check_before::refusal(&self.bench, session.client.info());
        let noticed = preflight.iter().chain(&session.client.info().findings);
        CheckDocument {
            schema: SCHEMA,
            exit: Exit::Ok.code(),
            key: Some(session.key.clone()),
            before: Before {
                refused: !reasons.is_empty(),
                reasons,
                findings: noticed.map(Into::into).collect(),
            },
            registration: None,
            at: time_text::show(self.bench.at),
            metadata: self.bench.metadata_used(),
            policy: self.bench.policy_used(),
            findings: self.bench.findings(),
            error: None,
            results: Vec::new(),
        }
    }

    /// Tells the person which key it is, and what is known already.
    fn announce(&self, document: &CheckDocument, around: &Around) {
        if let Some(key) = &document.key {
            around.console.tell(&format!("Using {}.", crate::text::key_name(key)));
        }
        if around.console.is_at_reader() {
            around.console.keep_it_there();
        }
        if let Some(reason) = document.before.reasons.first() {
            around.console.tell(&format!(
                "It will be refused: {} It is registered all the same, to find every reason.",
                reason.meaning
            ));
        }
    }

    /// Judges the registration, and keeps it.
    fn judged(
        mut self,
        mut document: CheckDocument,
        session: &Session,
        registered: &Registered,
    ) -> Result<Outcome, CliError> {
        let (at, device) = (self.bench.at, &session.device);
        let now = OffsetDateTime::now_utc();
        let registration = check_save::complete(registered, device, self.bench.record(), now);
        let name = self.args.save.clone().unwrap_or_else(|| device.id.to_string().into());
        let result = if self.replayed {
            let unsigned = trace_registration::unsigned(registration.clone());
            trace_registration::undecided(self.bench.judge(&name, &unsigned))
        } else {
            self.bench.judge(&name, &registration)
        };
        let stale = document.metadata.as_ref().is_some_and(|metadata| metadata.stale);
        let exit = verify::exit(std::slice::from_ref(&result), self.args.judge.strict && stale);
        document.findings = self.bench.findings();
        document.results.push(result);
        let mut made = made(&registration, registered, self.args.enterprise.is_some());
        if let Some(evidence) = self.evidence {
            let path = evidence.path().to_path_buf();
            if let Err(error) = evidence.write(&registration) {
                // the verdict is known, and is told beside what went wrong
                document.error = Some(error.finding().into());
                document.registration = Some(made);
                return Ok(outcome(document, exit.strictest(error.exit())));
            }
            made.evidence = Some(path.to_string_lossy().into_owned());
            made.verify_command = Some(check_save::verify_command(self.args, &path, at));
        }
        document.registration = Some(made);
        Ok(outcome(document, exit))
    }
}

/// Registers; the person is told when to touch the key.
async fn register(
    session: &mut Session,
    request: &RegistrationRequest,
    around: &Around,
) -> Result<Registered, CliError> {
    if session.client.verification(request) == Ok(Verification::None) {
        around.console.tell_touch();
    }
    let registered = session.client.register(request, &around.ceremony()).await;
    registered.map_err(|error| client_error(&error, around))
}

/// How the registration was made.
fn made(
    registration: &keyvet_evidence::Registration,
    registered: &Registered,
    enterprise: bool,
) -> RegistrationMade {
    RegistrationMade {
        time: registration.time.clone(),
        rp_id: registration.rp_id.clone(),
        enterprise_attestation: enterprise.then_some(registered.ep_att == Some(true)),
        left_on_the_key: match &registered.removed {
            None => LeftOnTheKey::Nothing,
            Some(Removal::Removed) => LeftOnTheKey::Removed,
            Some(_) => LeftOnTheKey::Credential,
        },
        evidence: None,
        verify_command: None,
        findings: findings(&registered.findings),
    }
}

/// The end of a dry run: nothing was decided, unless the key's own word decides it.
fn dry(document: CheckDocument, obstacle: bool) -> Outcome {
    let exit = match (document.before.refused, obstacle) {
        (true, _) => Exit::Refused,
        (false, true) => Exit::NotSupported,
        (false, false) => Exit::Undecided,
    };
    outcome(document, exit)
}

fn outcome(mut document: CheckDocument, exit: Exit) -> Outcome {
    document.exit = exit.code();
    Outcome { document: Document::Check(Box::new(document)), exit }
}

/// The metadata named cannot be trusted, so nothing can be judged and no key is asked.
fn untrusted(at: OffsetDateTime, error: &CliError) -> Outcome {
    let document = CheckDocument {
        schema: SCHEMA,
        exit: error.exit().code(),
        key: None,
        before: Before::default(),
        registration: None,
        at: time_text::show(at),
        metadata: None,
        policy: None,
        findings: Vec::new(),
        error: Some(error.finding().into()),
        results: Vec::new(),
    };
    outcome(document, error.exit())
}
