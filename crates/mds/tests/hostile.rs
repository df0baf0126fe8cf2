//! BLOBs that someone tampered with, each refused for its own reason; and revocation lists.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test states what it expects; no outside data comes here"
)]

use data_encoding::BASE64URL_NOPAD;
use keyvet_finding::Coded;
use keyvet_mds::{BlobReport, Change, MDS_HOST, MdsError, Revocation, Source, Trust, verify_blob};
use keyvet_testkit::Signer;
use keyvet_x509::{Anchor, Certificate};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use time::{Duration, OffsetDateTime};

const PAYLOAD: &[u8] = br#"{"legalHeader":"x","no":5,"nextUpdate":"2026-12-01","entries":[]}"#;

/// 2026-10-15.
fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_792_022_400).unwrap()
}

fn signer(host: &str) -> Signer {
    Signer::new(host, now() - Duration::DAY, now() + Duration::DAY)
}

fn trust(signer: &Signer) -> Trust {
    let root = Certificate::parse(signer.root_der()).unwrap();
    Trust::with_roots(vec![Anchor::from_certificate(&root, "test")], now())
}

fn refused(blob: &str, trust: &Trust) -> &'static str {
    verify_blob(blob.as_bytes(), trust).unwrap_err().kind().id
}

#[test]
fn a_good_blob_is_accepted_and_white_space_around_it_is_nothing() {
    let signer = signer(MDS_HOST);
    let blob = format!("\n{}\r\n", signer.wrap(PAYLOAD));
    let (catalogue, report) = verify_blob(blob.as_bytes(), &trust(&signer)).unwrap();
    assert_eq!((catalogue.no, &*report.algorithm, &*report.root), (5, "ES256", "test"));
}

#[test]
fn algorithms_that_prove_nothing_are_refused_before_anything_else() {
    let signer = signer(MDS_HOST);
    for alg in [r#""none""#, r#""HS256""#, r#""None""#, r#""EdDSA""#, "null", "7"] {
        let header = signer.header(&[signer.leaf_der()]).replace(r#""ES256""#, alg);
        let blob = signer.wrap_with_header(&header, PAYLOAD);
        assert_eq!(refused(&blob, &trust(&signer)), "mds.algorithm-forbidden", "{alg}");
        let (signed, _) = blob.rsplit_once('.').unwrap();
        assert_eq!(refused(&format!("{signed}."), &trust(&signer)), "mds.algorithm-forbidden");
    }
}

#[test]
fn an_allowed_algorithm_that_is_not_the_keys_is_a_bad_signature() {
    let signer = signer(MDS_HOST);
    for alg in ["RS256", "PS256", "ES384", "ES512"] {
        let header = signer.header(&[signer.leaf_der()]).replace("ES256", alg);
        let blob = signer.wrap_with_header(&header, PAYLOAD);
        assert_eq!(refused(&blob, &trust(&signer)), "mds.signature-invalid", "{alg}");
    }
}

#[test]
fn headers_that_ask_for_more_are_refused() {
    let signer = signer(MDS_HOST);
    let header = signer.header(&[signer.leaf_der()]);
    for (member, id) in [
        (r#""x5u":"https://example.org""#, "mds.header-member-forbidden"),
        (r#""jku":"https://example.org""#, "mds.header-member-forbidden"),
        (r#""crit":["exp"]"#, "mds.header-member-forbidden"),
        (r#""alg":"ES256""#, "mds.header-malformed"),
        (r#""x5c":[]"#, "mds.signer-certificate-malformed"),
    ] {
        let header = header.replacen('{', &format!("{{{member},"), 1);
        let blob = signer.wrap_with_header(&header, PAYLOAD);
        assert_eq!(refused(&blob, &trust(&signer)), id, "{member}");
    }
    for (header, id) in [
        ("[]", "mds.header-malformed"),
        ("{", "mds.header-malformed"),
        (r#"{"x5c":["AAAA"]}"#, "mds.signer-certificate-malformed"),
        (r#"{"alg":"ES256"}"#, "mds.signer-certificate-malformed"),
        (r#"{"alg":"ES256","x5c":[7]}"#, "mds.signer-certificate-malformed"),
    ] {
        let blob = signer.wrap_with_header(header, PAYLOAD);
        assert_eq!(refused(&blob, &trust(&signer)), id, "{header}");
    }
}

#[test]
fn bad_base64_and_bad_json_are_different_reasons() {
    let signer = signer(MDS_HOST);
    let blob = signer.wrap(PAYLOAD);
    let (signed, signature) = blob.rsplit_once('.').unwrap();
    assert_eq!(refused(&format!("{signed}=.{signature}"), &trust(&signer)), "mds.not-jws");
    assert_eq!(refused(&signer.wrap(b"{"), &trust(&signer)), "mds.payload-malformed");
}

#[test]
fn the_signature_is_judged_before_the_payload_is_parsed() {
    let signer = signer(MDS_HOST);
    let blob = signer.wrap(PAYLOAD);
    let mut parts: Vec<_> = blob.split('.').collect();
    let broken = BASE64URL_NOPAD.encode(b"{not json");
    parts[1] = &broken;
    assert_eq!(refused(&parts.join("."), &trust(&signer)), "mds.signature-invalid");
}

#[test]
fn signatures_of_other_lengths_and_trivial_ones_are_refused() {
    let signer = signer(MDS_HOST);
    let blob = signer.wrap(PAYLOAD);
    let (signed, _) = blob.rsplit_once('.').unwrap();
    for signature in [vec![], vec![0; 64], vec![0; 63], vec![0xff; 64], vec![1; 4096]] {
        let blob = format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature));
        assert_eq!(refused(&blob, &trust(&signer)), "mds.signature-invalid");
    }
}

#[test]
fn time_outside_the_signers_life_and_unknown_roots_are_different_reasons() {
    let signer = signer(MDS_HOST);
    let blob = signer.wrap(PAYLOAD);
    let at = |days| {
        let mut trust = trust(&signer);
        trust.at += Duration::days(days);
        trust
    };
    assert_eq!(refused(&blob, &at(2)), "mds.signer-expired");
    assert_eq!(refused(&blob, &at(-2)), "mds.signer-not-yet-valid");
    assert_eq!(refused(&blob, &Trust::fido(now())), "mds.chain-untrusted");
    let other = self::signer(MDS_HOST);
    assert_eq!(refused(&blob, &trust(&other)), "mds.chain-untrusted");
}

#[test]
fn another_host_is_refused_unless_it_is_the_one_configured() {
    let signer = signer("metadata.example.org");
    let blob = signer.wrap(PAYLOAD);
    let mut trust = trust(&signer);
    assert_eq!(refused(&blob, &trust), "mds.signer-host-mismatch");
    trust.host = Some("Metadata.example.org".to_owned());
    let (_, report) = verify_blob(blob.as_bytes(), &trust).unwrap();
    assert_eq!(report.host.as_deref(), Some("metadata.example.org"));
    trust.host = Some("example.org".to_owned());
    assert_eq!(refused(&blob, &trust), "mds.signer-host-mismatch");
}

#[test]
fn an_older_blob_is_a_rollback_and_another_one_of_the_same_number_an_alarm() {
    let signer = signer(MDS_HOST);
    let source = |no, payload: &[u8]| Source::of(no, signer.wrap(payload).as_bytes()).unwrap();
    let held = source(5, PAYLOAD);
    let older = source(4, PAYLOAD).compare(Some(&held)).unwrap_err();
    assert_eq!(older.kind().id, "mds.rollback");
    // ECDSA signatures differ each time: the payload decides
    assert_eq!(source(5, PAYLOAD).compare(Some(&held)), Ok(Change::Unchanged));
    let other = source(5, b"{}").compare(Some(&held));
    assert!(matches!(other, Ok(Change::SameNumberOtherContent(_))));
    assert_eq!(source(6, b"{}").compare(Some(&held)), Ok(Change::Newer));
}

#[test]
fn without_a_list_the_report_says_that_revocation_was_not_checked() {
    let pki = Pki::new();
    let report = pki.check(&[]).unwrap();
    assert_eq!(report.revocation, Revocation::NotChecked);
    assert_eq!(pki.said(&report), ["mds.revocation-not-checked"]);
}

#[test]
fn a_list_that_does_not_name_the_signer_clears_it_in_der_and_pem() {
    let pki = Pki::new();
    let list = pki.list(&[1, 2, 3], 5);
    for bytes in [list.der().to_vec(), list.pem().unwrap().into_bytes()] {
        let report = pki.check(&[bytes]).unwrap();
        assert_eq!(report.revocation, Revocation::Checked);
        assert!(pki.said(&report).is_empty());
    }
}

#[test]
fn a_revoked_signer_is_refused_even_by_a_stale_list() {
    let pki = Pki::new();
    for days in [5, -1] {
        let list = pki.list(&pki.serial, days).der().to_vec();
        assert_eq!(pki.check(&[list]).unwrap_err().kind().id, "mds.signer-revoked");
    }
}

#[test]
fn a_stale_list_is_a_warning() {
    let pki = Pki::new();
    let report = pki.check(&[pki.list(&[1], -1).der().to_vec()]).unwrap();
    assert_eq!(pki.said(&report), ["mds.crl-stale"]);
}

#[test]
fn a_list_by_someone_else_in_the_issuers_name_is_refused() {
    let (pki, other) = (Pki::new(), Pki::new());
    let forged = other.list(&[1], 5).der().to_vec();
    assert_eq!(pki.check(&[forged]).unwrap_err().kind().id, "mds.crl-untrusted");
    let mut damaged = pki.list(&[1], 5).der().to_vec();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    assert_eq!(pki.check(&[damaged]).unwrap_err().kind().id, "mds.crl-untrusted");
}

#[test]
fn bytes_that_are_no_list_are_refused() {
    let pki = Pki::new();
    for bytes in [&b""[..], b"-----BEGIN X509 CRL-----", b"0\x03\x02\x01\x07", b"text"] {
        assert_eq!(pki.check(&[bytes.to_vec()]).unwrap_err().kind().id, "mds.crl-malformed");
    }
}

/// A root whose key is at hand, and a BLOB signed by a leaf under it.
struct Pki {
    params: CertificateParams,
    key: KeyPair,
    root: Certificate,
    serial: Vec<u8>,
    blob: String,
}

impl Pki {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap();
        let serial = vec![0x5a, 1, 2, 3];
        let mut leaf = CertificateParams::new([MDS_HOST.to_owned()]).unwrap();
        leaf.serial_number = Some(SerialNumber::from_slice(&serial));
        let leaf_key = KeyPair::generate().unwrap();
        let leaf = leaf.signed_by(&leaf_key, &Issuer::from_params(&params, &key)).unwrap();
        let blob = sign(&leaf_key, leaf.der());
        Self { params, key, root: Certificate::parse(root.der()).unwrap(), serial, blob }
    }

    /// A list of one revoked serial number, due to be replaced in `days`.
    fn list(&self, serial: &[u8], days: i64) -> rcgen::CertificateRevocationList {
        let revoked = RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time: now() - Duration::days(9),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: now() - Duration::days(9),
            next_update: now() + Duration::days(days),
            crl_number: SerialNumber::from_slice(&[1]),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&Issuer::from_params(&self.params, &self.key)).unwrap()
    }

    fn check(&self, lists: &[Vec<u8>]) -> Result<BlobReport, MdsError> {
        let roots = vec![Anchor::from_certificate(&self.root, "test")];
        let mut trust = Trust::with_roots(roots, now());
        trust.crls = lists.to_vec();
        verify_blob(self.blob.as_bytes(), &trust).map(|(_, report)| report)
    }

    fn said(&self, report: &BlobReport) -> Vec<&'static str> {
        let ids = report.findings.iter().map(|finding| finding.id());
        ids.filter(|id| *id != "mds.legal-header-changed").collect()
    }
}

/// ES256, the signature turned from DER into two numbers.
fn sign(key: &KeyPair, leaf: &[u8]) -> String {
    let x5c = data_encoding::BASE64.encode(leaf);
    let header = format!(r#"{{"alg":"ES256","x5c":["{x5c}"]}}"#);
    let [header, payload] = [header.as_bytes(), PAYLOAD].map(|part| BASE64URL_NOPAD.encode(part));
    let signed = format!("{header}.{payload}");
    let der = rcgen::SigningKey::sign(key, signed.as_bytes()).unwrap();
    let r_len = usize::from(der[3]);
    let numbers = [&der[4..4 + r_len], &der[6 + r_len..]].map(|number| {
        let mut fixed = [0; 32];
        let digits = &number[number.len().saturating_sub(32)..];
        fixed[32 - digits.len()..].copy_from_slice(digits);
        fixed
    });
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&numbers.concat()))
}
