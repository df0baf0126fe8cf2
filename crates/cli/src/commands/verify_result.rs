//! From assessments, verdicts and metadata to the pieces of the documents.

use crate::{
    document::{
        findings,
        verify::{
            AaguidStanding, Answer, AttestationType, Certificate, Decision, Effect, FileResult,
            MetadataUsed, Reason, Statement, Status, Trust, Verdict,
        },
    },
    error::CliError,
    exit::Exit,
    time_text,
    trust::Metadata,
};
use data_encoding::HEXLOWER;
use keyvet_attestation::{self as attestation, Assessment};
use keyvet_ctap::Flags;
use keyvet_mds::{Catalogue, Entry};
use keyvet_policy as policy;
use std::path::Path;
use time::OffsetDateTime;

/// The result of a file that could not be judged.
pub(crate) fn error_result(file: &Path, error: &CliError) -> FileResult {
    FileResult { error: Some(error.finding().into()), ..blank(file, error.exit()) }
}

/// The result of a judged file.
pub(crate) fn result(
    file: &Path,
    assessment: &Assessment,
    verdict: Option<&policy::Verdict>,
    catalogue: Option<&Catalogue>,
    at: OffsetDateTime,
) -> FileResult {
    let statement = statement(assessment.statement);
    let class = verdict.map_or_else(|| class_of_statement(statement), class_of_verdict);
    let position = assessment.metadata.first().copied();
    let entry = position.zip(catalogue).and_then(|(at, catalogue)| catalogue.entry(at));
    FileResult {
        format: assessment.format.as_ref().map(|format| format.as_str().to_owned()),
        aaguid: assessment.aaguid.map(|aaguid| aaguid.to_string()),
        aaguid_standing: Some(standing(assessment.aaguid_standing)),
        statement: Some(statement),
        unchecked: assessment.statement == attestation::Statement::Unchecked,
        attestation_type: assessment.attestation_type.map(attestation_type),
        trust: Some(trust(assessment.trust)),
        model: assessment.model.clone(),
        algorithm: assessment.algorithm.map(|algorithm| algorithm.to_string()),
        flags: assessment.flags.as_ref().map(flags).unwrap_or_default(),
        certificates: assessment.certificates.iter().map(certificate).collect(),
        status: entry.map(|entry| status(entry, at)),
        findings: findings(&assessment.findings),
        verdict: verdict.map(self::verdict),
        ..blank(file, class)
    }
}

fn blank(file: &Path, class: Exit) -> FileResult {
    FileResult {
        file: file.to_string_lossy().into_owned(),
        exit: class.code(),
        class,
        error: None,
        format: None,
        aaguid: None,
        aaguid_standing: None,
        statement: None,
        unchecked: false,
        attestation_type: None,
        trust: None,
        model: None,
        algorithm: None,
        flags: Vec::new(),
        certificates: Vec::new(),
        status: None,
        findings: Vec::new(),
        verdict: None,
    }
}

/// Without a policy the statement decides.
fn class_of_statement(statement: Statement) -> Exit {
    match statement {
        Statement::Valid => Exit::Ok,
        Statement::Invalid | Statement::Malformed => Exit::Refused,
        Statement::Unsupported => Exit::Undecided,
    }
}

/// With a policy, the stricter of the two answers.
fn class_of_verdict(verdict: &policy::Verdict) -> Exit {
    let class = |answer: &policy::Answer| match answer.decision {
        policy::Decision::Accepted => Exit::Ok,
        policy::Decision::Refused => Exit::Refused,
        policy::Decision::Undecided => Exit::Undecided,
    };
    class(&verdict.registration).strictest(class(&verdict.sign_in))
}

/// The metadata a document rests on.
pub(crate) fn metadata_used(metadata: &Metadata, at: OffsetDateTime) -> MetadataUsed {
    MetadataUsed {
        no: metadata.catalogue.no,
        next_update: metadata.catalogue.next_update.to_string(),
        stale: metadata.catalogue.staleness(at).is_some(),
        source: metadata.origin.clone(),
        verified_at: time_text::show(metadata.report.checked_at),
    }
}

/// The certification of a model, over all its reports.
pub(crate) fn status(entry: &Entry, at: OffsetDateTime) -> Status {
    let summary = entry.status_summary(at);
    let update = summary.update_available.and_then(|report| report.authenticator_version);
    let compromises = summary.compromises.iter().map(|report| report.compromise.to_string());
    Status {
        level: summary.best_level.map(|level| level.to_string()),
        revoked: summary.revoked.is_some(),
        compromised: compromises.collect(),
        update_available: update,
        retired: summary.retired.is_some(),
        unknown: summary.unknown.iter().map(|report| report.status.clone()).collect(),
    }
}

/// A registration whose signature could not be checked is not one keyvet can vouch for either way.
fn statement(statement: attestation::Statement) -> Statement {
    match statement {
        attestation::Statement::Valid => Statement::Valid,
        attestation::Statement::Invalid => Statement::Invalid,
        attestation::Statement::Malformed => Statement::Malformed,
        attestation::Statement::Unsupported | attestation::Statement::Unchecked => {
            Statement::Unsupported
        }
    }
}

fn attestation_type(kind: attestation::AttestationType) -> AttestationType {
    match kind {
        attestation::AttestationType::Basic => AttestationType::Basic,
        attestation::AttestationType::AttCa => AttestationType::AttCa,
        attestation::AttestationType::AnonCa => AttestationType::AnonCa,
        attestation::AttestationType::SelfAttestation => AttestationType::SelfAttestation,
        attestation::AttestationType::None => AttestationType::None,
    }
}

fn trust(trust: attestation::Trust) -> Trust {
    match trust {
        attestation::Trust::Anchored => Trust::Anchored,
        attestation::Trust::AnchoredElsewhere => Trust::AnchoredElsewhere,
        attestation::Trust::Unanchored => Trust::Unanchored,
        attestation::Trust::NotApplicable => Trust::NotApplicable,
    }
}

fn standing(standing: attestation::AaguidStanding) -> AaguidStanding {
    match standing {
        attestation::AaguidStanding::Proven => AaguidStanding::Proven,
        attestation::AaguidStanding::Claimed => AaguidStanding::Claimed,
        attestation::AaguidStanding::Absent => AaguidStanding::Absent,
    }
}

fn flags(flags: &Flags) -> Vec<&'static str> {
    let all = [
        ("UP", flags.up()),
        ("UV", flags.uv()),
        ("BE", flags.be()),
        ("BS", flags.bs()),
        ("AT", flags.at()),
        ("ED", flags.ed()),
    ];
    all.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect()
}

fn certificate(certificate: &keyvet_x509::Certificate) -> Certificate {
    Certificate {
        subject: certificate.subject_text(),
        issuer: certificate.issuer_text(),
        not_before: time_text::show(certificate.not_before()),
        not_after: time_text::show(certificate.not_after()),
        sha256: HEXLOWER.encode(&certificate.sha256()),
    }
}

fn verdict(verdict: &policy::Verdict) -> Verdict {
    Verdict { registration: answer(&verdict.registration), sign_in: answer(&verdict.sign_in) }
}

fn answer(answer: &policy::Answer) -> Answer {
    let decision = match answer.decision {
        policy::Decision::Accepted => Decision::Accepted,
        policy::Decision::Refused => Decision::Refused,
        policy::Decision::Undecided => Decision::Undecided,
    };
    let reasons = answer.reasons.iter().map(reason).collect();
    Answer { decision, profile: answer.profile.clone(), reasons }
}

/// A reason as documents say it.
pub(crate) fn reason(reason: &policy::Reason) -> Reason {
    Reason {
        id: reason.id().to_owned(),
        source: reason.source.clone(),
        detail: reason.detail().to_owned(),
        next_step: reason.next_step().to_owned(),
        effect: match reason.effect {
            policy::Effect::Refuses => Effect::Refuses,
            policy::Effect::LeavesOpen => Effect::LeavesOpen,
            policy::Effect::Passes => Effect::Passes,
            policy::Effect::Note => Effect::Note,
        },
        meaning: reason.finding.kind().meaning,
    }
}
