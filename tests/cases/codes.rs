//! Errors that only a program using the crates meets as such: each carries its own code.

use keyvet_ctap::GetInfo;
use keyvet_evidence::ClientData;
use keyvet_finding::Coded;
use keyvet_testkit::{MDS_HOST, Signer};
use keyvet_x509::{Certificate, EcCurve, PublicKey, SignatureAlgorithm, VerifyError, verify};
use time::OffsetDateTime;

#[test]
fn verify_errors_carry_their_code() {
    let signer = Signer::new(MDS_HOST, OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH);
    let leaf = Certificate::parse(signer.leaf_der()).unwrap();
    let failed = |algorithm, key: &PublicKey, signature: &[u8]| {
        verify(algorithm, key, b"message", signature).unwrap_err().kind().id
    };
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    assert_eq!(failed(algorithm, leaf.public_key(), b"no DER"), "x509.signature-malformed");
    let off_the_curve = PublicKey::ec(EcCurve::P256, &[4; 65]);
    assert_eq!(failed(algorithm, &off_the_curve, b"0"), "x509.public-key-invalid");
    let mismatch = failed(SignatureAlgorithm::RsaPkcs1Sha256, leaf.public_key(), b"0");
    assert_eq!(mismatch, "x509.signature-algorithm-mismatch");
    assert_eq!(VerifyError::UnsupportedAlgorithm.kind().id, "x509.signature-unsupported");
}

#[test]
fn a_certificate_with_bytes_behind_it_is_refused_by_its_code() {
    let signer = Signer::new(MDS_HOST, OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH);
    let mut der = signer.leaf_der().to_vec();
    der.push(0);
    assert_eq!(Certificate::parse(&der).unwrap_err().kind().id, "x509.certificate-trailing-bytes");
}

#[test]
fn client_data_that_is_no_object_has_its_code() {
    let error = ClientData::parse(b"[]").unwrap_err();
    assert_eq!(error.kind().id, "evidence.client-data-malformed");
}

/// Six maps in one another, under a member that nobody knows.
#[test]
fn deep_nesting_in_an_answer_is_a_finding() {
    let mut answer = vec![0xa1, 0x18, 0x7f];
    answer.extend([0xa1, 0x01].repeat(6));
    answer.push(0x01);
    let info = GetInfo::parse(&answer).unwrap();
    assert!(
        info.findings.iter().any(|finding| finding.id() == "ctap.cbor-depth"),
        "{:?}",
        info.findings
    );
}
