//! From the signed bytes to a catalogue: form, chain, signature, and only then the payload.

use crate::catalogue::Catalogue;
use crate::error::MdsError;
use crate::jws::Jws;
use crate::report::{BlobReport, ChainLink};
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
    let mut payload = payload::read(&jws.verify()?)?;
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

/// Signature and signer of a BLOB, each looked at whatever became of the other.
#[derive(Debug)]
#[non_exhaustive]
pub struct Examination {
    /// Whether the signature is one by the first certificate of `x5c`, whoever that is.
    pub signature: Result<(), MdsError>,
    /// Whether that certificate leads to a trusted root at the time of `trust`.
    pub chain: Result<(), MdsError>,
    /// The certificates of `x5c` as received.
    pub certificates: Vec<ChainLink>,
    /// The algorithm the header names.
    pub algorithm: String,
}

/// Tells what is wrong with a BLOB that [`verify_blob`] refuses. Nothing it says is a reason to trust the BLOB.
///
/// # Errors
/// When the envelope itself cannot be read, so that there is nothing to look at.
pub fn examine_blob(blob: &[u8], trust: &Trust) -> Result<Examination, MdsError> {
    let jws = Jws::parse(blob)?;
    let chain = signer::judge(&jws.certificates, trust).map(drop);
    let certificates = jws.certificates.iter().map(ChainLink::of).collect();
    let algorithm = jws.algorithm.name.to_owned();
    let signature = jws.verify().map(drop);
    Ok(Examination { signature, chain, certificates, algorithm })
}
