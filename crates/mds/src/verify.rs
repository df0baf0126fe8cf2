//! From the signed bytes to a catalogue: form, chain, signature, and only then the payload.

use crate::catalogue::Catalogue;
use crate::error::MdsError;
use crate::jws::Jws;
use crate::report::BlobReport;
use crate::trust::Trust;
use crate::{freshness, payload, signer};

/// Verifies `blob` under `trust` and reads it (MDS 3.0 §3.1.7).
///
/// The report says what was checked and what was not. Whether the BLOB is newer than the one held is a
/// separate question: [`crate::Source::compare`]; whether it is due for renewal another:
/// [`Catalogue::staleness`].
///
/// # Errors
/// One [`MdsError`] per reason to refuse the whole; a bad entry is none.
pub fn verify_blob(blob: &[u8], trust: &Trust) -> Result<(Catalogue, BlobReport), MdsError> {
    let jws = Jws::parse(blob)?;
    let algorithm = jws.algorithm.name.to_owned();
    let signer = signer::judge(&jws.certificates, trust)?;
    let key = jws.certificates.first().map(|leaf| leaf.public_key().clone());
    let key = key.ok_or_else(|| MdsError::SignerCertificate { reason: "none".to_owned() })?;
    let mut payload = payload::read(&jws.verify(&key)?)?;
    let mut findings = signer.findings;
    findings.append(&mut payload.findings);
    let catalogue = Catalogue::new(payload);
    findings.extend(freshness::legal_header(&catalogue));
    let report = BlobReport {
        algorithm,
        checked_at: trust.at,
        chain: signer.chain,
        root: signer.root,
        host: signer.host,
        revocation: signer.revocation,
        findings,
    };
    Ok((catalogue, report))
}
