//! PEM files of roots and anchors.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are ours"
)]

use keyvet_finding::Coded;
use keyvet_x509::{MAX_PEM_LEN, PemError, read_pem};

fn root(name: &str) -> String {
    let bytes = keyvet_testkit::vector(&format!("mds/globalsign-root-{name}.pem"));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_file_with_several_certificates_and_text_between_is_read_whole() {
    let text = format!("Bag attributes\r\n{}\n# comment\n{}", root("r3"), root("r46"));
    let certificates = read_pem(text.as_bytes()).unwrap();
    let names: Vec<_> = certificates.iter().map(|c| c.subject_text()).collect();
    assert_eq!(names.len(), 2);
    assert!(names[0].contains("GlobalSign Root CA - R3"), "{names:?}");
    assert!(names[1].contains("GlobalSign Root R46"), "{names:?}");
}

#[test]
fn line_ends_and_line_lengths_do_not_matter() {
    let (first, windows) = (root("r3"), root("r3").replace('\n', "\r\n"));
    let one_line = first.replacen("-----\n", "-----#", 1).replace('\n', "").replacen('#', "\n", 1);
    let expected = read_pem(first.as_bytes()).unwrap();
    assert_eq!(read_pem(windows.as_bytes()).unwrap(), expected);
    assert_eq!(read_pem(one_line.as_bytes()).unwrap(), expected);
}

#[test]
fn what_is_no_certificate_file_is_refused_for_its_own_reason() {
    let good = root("r3");
    let refuse = |text: &str| read_pem(text.as_bytes()).unwrap_err();
    assert_eq!(refuse(""), PemError::Empty);
    assert_eq!(
        refuse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
        PemError::Empty
    );
    let second = PemError::Armour { number: 2 };
    assert_eq!(refuse(&format!("{good}{}", good.replace("-----END", ""))), second);
    assert_eq!(refuse(&format!("{good}{}", good.replace("MII", "M*I"))), second);
    let empty = refuse("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----");
    assert!(matches!(empty, PemError::Certificate { number: 1, .. }), "{empty:?}");
    assert_eq!(empty.kind().id, "x509.certificate-unreadable");
}

#[test]
fn a_file_beyond_the_limit_is_not_read() {
    let long = vec![b' '; MAX_PEM_LEN + 1];
    assert_eq!(read_pem(&long).unwrap_err(), PemError::TooLong { len: MAX_PEM_LEN + 1 });
    assert_eq!(read_pem(&long[1..]).unwrap_err(), PemError::Empty);
}

#[test]
fn every_length_of_base64_decodes_as_the_reference_does() {
    let der = read_pem(root("r46").as_bytes()).unwrap()[0].der().to_vec();
    for tail in 0..4 {
        let bytes = &der[..der.len() - tail];
        let body = data_encoding::BASE64.encode(bytes);
        let text = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----");
        match read_pem(text.as_bytes()) {
            Ok(read) => assert_eq!((read[0].der(), tail), (bytes, 0)),
            Err(PemError::Certificate { .. }) => assert!(tail > 0),
            Err(other) => panic!("{other:?}"),
        }
    }
}
