//! The driver: decode, check, verify, find the model, follow the chain, read the status.
//!
//! Findings come in that order. Up to and including the statement, a finding of severity error makes the
//! statement invalid; those after it speak of trust and metadata and leave the statement alone.

use keyvet_cbor::{Mode, decode};
use keyvet_ctap::{AttestationObject, AuthenticatorData};
use keyvet_evidence::Registration;
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::assessment::{Assessment, Statement};
use crate::context::Context;
use crate::verification::{Ceremony, STATEMENT_MALFORMED, Stop, Verification};
use crate::{ceremony_checks, client_data, format, judgement, key_info};

/// No client data.
pub static CLIENT_DATA_MISSING: Kind = Kind {
    id: "attestation.client-data-missing",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "Neither client data nor its hash was given, so the signature of the statement cannot be checked.",
    next_step: "Give the clientDataJSON of the same registration beside the attestation object.",
    source: "WebAuthn L3 §7.1",
};

/// Judges one registration. Never panics; time and memory are bounded on any input.
///
/// The findings come in the order of the checks. See [`Assessment`] for what the verdicts mean.
#[must_use]
pub fn assess(registration: &Registration, context: &mut Context<'_>) -> Assessment {
    let mut assessment = Assessment::new(Statement::Malformed);
    let Some((object, auth_data)) = read(registration, &mut assessment) else {
        return assessment;
    };
    let Some(credential) = &auth_data.attested else {
        assessment.statement = Statement::Invalid;
        assessment
            .findings
            .push(Finding::new(&ceremony_checks::NO_CREDENTIAL, "flag AT is not set"));
        return assessment;
    };
    assessment.aaguid = Some(credential.aaguid);
    assessment.algorithm = credential.public_key.alg;
    let belonging = ceremony_checks::belonging(registration, &auth_data, credential);
    assessment.findings.extend(belonging);
    if let Some(json) = &registration.client_data_json {
        assessment.findings.extend(client_data::check(json, &auth_data.rp_id_hash));
    }
    let client_data_hash = registration.client_data_hash();
    let ceremony = Ceremony {
        auth_data_bytes: &object.auth_data,
        auth_data: &auth_data,
        credential,
        client_data_hash: &client_data_hash.unwrap_or_default(),
    };
    let verification = match client_data_hash.is_none() && format::needs_client_data(&object.fmt) {
        true => unchecked(),
        false => verify(&object, &ceremony),
    };
    record(&verification, &mut assessment);
    let key_info = key_info::read(registration, credential.aaguid);
    let subject = judgement::Subject {
        format: &object.fmt,
        ceremony: &ceremony,
        verification: &verification,
        registration,
        firmware: key_info.firmware(),
    };
    subject.judge(&mut assessment, context);
    assessment.certificates = verification.into_certificates();
    assessment.findings.extend(key_info.findings);
    assessment.get_info = key_info.get_info;
    assessment
}

/// Attestation object and authenticator data; `None` when either does not decode.
fn read(
    registration: &Registration,
    assessment: &mut Assessment,
) -> Option<(AttestationObject, AuthenticatorData)> {
    let object = kept(AttestationObject::parse(&registration.attestation_object), assessment)?;
    assessment.format = Some(object.fmt.clone());
    assessment.findings.extend(object.findings.iter().cloned());
    let auth_data = kept(AuthenticatorData::parse(&object.auth_data), assessment)?;
    assessment.flags = Some(auth_data.flags);
    assessment.findings.extend(auth_data.findings.iter().cloned());
    assessment.findings.extend(ceremony_checks::flags(&auth_data));
    Some((object, auth_data))
}

fn kept<T, E: Coded>(result: Result<T, E>, assessment: &mut Assessment) -> Option<T> {
    result.map_err(|error| assessment.findings.push(Finding::new(error.kind(), &error))).ok()
}

fn verify(object: &AttestationObject, ceremony: &Ceremony<'_>) -> Verification {
    match decode(&object.att_stmt, Mode::Tolerant) {
        Ok(decoded) => format::verify(&object.fmt, &decoded.item, ceremony),
        Err(error) => {
            Verification::stopped(Stop::Malformed(Finding::new(&STATEMENT_MALFORMED, error)))
        }
    }
}

fn unchecked() -> Verification {
    let missing = Finding::new(&CLIENT_DATA_MISSING, "no clientDataJSON and no hash");
    Verification::stopped(Stop::Unchecked(missing))
}

/// The verdict on the statement: what its format found, lowered by errors found before.
fn record(verification: &Verification, assessment: &mut Assessment) {
    let is_error = |finding: &Finding| finding.severity() == Severity::Error;
    let before = match assessment.findings.iter().any(is_error) {
        true => Statement::Invalid,
        false => Statement::Valid,
    };
    assessment.statement = verification.statement.worst(before);
    assessment.findings.extend(verification.findings.iter().cloned());
}
