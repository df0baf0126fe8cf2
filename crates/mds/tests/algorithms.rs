//! Every allowed signature algorithm, signed by another implementation (Python's `cryptography`).
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

use keyvet_finding::Coded;
use keyvet_mds::{Trust, verify_blob};
use keyvet_testkit::vector;
use keyvet_x509::{Anchor, read_pem};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const ALGORITHMS: [&str; 9] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

fn file(algorithm: &str, kind: &str) -> Vec<u8> {
    vector(&format!("mds-algorithms/{algorithm}.{kind}"))
}

fn trust(algorithm: &str) -> Trust {
    let root = read_pem(&file(algorithm, "pem")).unwrap().remove(0);
    let at = OffsetDateTime::parse("2026-11-22T00:00:00Z", &Rfc3339).unwrap();
    Trust::with_roots(vec![Anchor::from_certificate(&root, algorithm)], at)
}

#[test]
fn every_allowed_algorithm_is_verified() {
    for algorithm in ALGORITHMS {
        let (catalogue, report) = verify_blob(&file(algorithm, "jwt"), &trust(algorithm)).unwrap();
        assert_eq!((catalogue.no, report.algorithm.as_str()), (1, algorithm));
    }
}

#[test]
fn another_signature_of_the_right_length_is_refused() {
    for algorithm in ALGORITHMS {
        let mut blob = file(algorithm, "jwt");
        let middle = blob.len() - 60;
        blob[middle] = if blob[middle] == b'A' { b'B' } else { b'A' };
        let error = verify_blob(&blob, &trust(algorithm)).unwrap_err();
        assert_eq!(error.kind().id, "mds.signature-invalid", "{algorithm}");
    }
}

#[test]
fn the_root_of_another_file_is_refused() {
    for pair in ALGORITHMS.windows(2) {
        let error = verify_blob(&file(pair[0], "jwt"), &trust(pair[1])).unwrap_err();
        assert_eq!(error.kind().id, "mds.chain-untrusted", "{pair:?}");
    }
}
