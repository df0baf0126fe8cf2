//! Attestation statements, a target per format.

use crate::{checks, parts, wire};
use data_encoding::BASE64URL_NOPAD;
use keyvet_attestation::{AaguidStanding, Assessment, Context, Statement, Trust, assess};
use keyvet_evidence::Registration;
use keyvet_finding::Severity;
use keyvet_mds::{Catalogue, danger_read_unsigned_payload};
use keyvet_x509::LeafMemory;
use std::sync::OnceLock;
use time::OffsetDateTime;

/// Judges `packed` statements.
pub fn attestation_statement_packed(data: &[u8]) {
    statement("packed", data);
}

/// Judges `tpm` statements.
pub fn attestation_statement_tpm(data: &[u8]) {
    statement("tpm", data);
}

/// Judges `android-key` statements.
pub fn attestation_statement_android_key(data: &[u8]) {
    statement("android-key", data);
}

/// Judges `android-safetynet` statements.
pub fn attestation_statement_android_safetynet(data: &[u8]) {
    statement("android-safetynet", data);
}

/// Judges `fido-u2f` statements.
pub fn attestation_statement_fido_u2f(data: &[u8]) {
    statement("fido-u2f", data);
}

/// Judges `apple` statements.
pub fn attestation_statement_apple(data: &[u8]) {
    statement("apple", data);
}

/// Judges `none` statements.
pub fn attestation_statement_none(data: &[u8]) {
    statement("none", data);
}

/// Judges `compound` statements.
pub fn attestation_statement_compound(data: &[u8]) {
    statement("compound", data);
}

/// Client data and authenticator data, each behind its length, then the statement, are put into an attestation object
/// of this format and judged against a small catalogue.
///
/// Trust and a proven AAGUID need a valid statement, a verdict against it a finding that says why, and a chain that is
/// remembered gives the same assessment as one that is searched.
fn statement(format: &str, data: &[u8]) {
    let Some(registration) = registration(format, data) else { return };
    let searched = judge(&registration, None);
    check(data, &searched);
    let mut memory = LeafMemory::default();
    for _ in 0..2 {
        let remembered = judge(&registration, Some(&mut memory));
        assert_eq!(remembered, searched, "memory changes the assessment");
    }
}

fn registration(format: &str, data: &[u8]) -> Option<Registration> {
    let (client_data, rest) = parts::sized(data)?;
    let (auth_data, att_stmt) = parts::sized(rest)?;
    let mut registration = Registration::new(wire::write(format, att_stmt, auth_data));
    registration.client_data_json = Some(client_data.to_vec());
    Some(registration)
}

fn judge(registration: &Registration, memory: Option<&mut LeafMemory>) -> Assessment {
    let mut context = Context::new(Some(catalogue()), OffsetDateTime::UNIX_EPOCH);
    context.memory = memory;
    assess(registration, &mut context)
}

fn check(data: &[u8], assessment: &Assessment) {
    checks::findings(data, &assessment.findings);
    for text in
        assessment.model.iter().chain(assessment.format.as_ref().map(ToString::to_string).as_ref())
    {
        checks::printable(text);
    }
    let valid = assessment.statement == Statement::Valid;
    let has_error = assessment.findings.iter().any(|finding| finding.severity() == Severity::Error);
    assert!(
        valid || has_error || assessment.statement == Statement::Unsupported,
        "refused without a reason"
    );
    assert!(valid || assessment.trust != Trust::Anchored, "trusted without a valid statement");
    assert!(valid || assessment.aaguid_standing != AaguidStanding::Proven, "proven by nothing");
}

/// The models that the seeds name, out of a genuine BLOB.
fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let payload = BLOB.split('.').nth(1).expect("the fixture is a JWS");
        let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).expect("the fixture is a JWS");
        danger_read_unsigned_payload(&payload).expect("the fixture is metadata").0
    })
}

const BLOB: &str = include_str!("../../fixtures/blob.jwt");

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn seeds_reach_a_trusted_chain_so_that_its_rules_are_tested() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/attestation_statement_packed");
        let trusted = std::fs::read_dir(folder).unwrap().filter(|entry| {
            let seed = std::fs::read(entry.as_ref().unwrap().path()).unwrap();
            let Some(registration) = registration("packed", &seed) else { return false };
            judge(&registration, None).trust == Trust::Anchored
        });
        assert!(trusted.count() >= 5);
    }
}
