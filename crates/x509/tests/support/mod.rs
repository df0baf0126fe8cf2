//! What the tests of this crate share.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]

pub mod made_up;

use data_encoding::BASE64;
use keyvet_x509::Certificate;
use std::collections::BTreeSet;

/// The distinct DER anchors of catalogue no 291, in a fixed order.
pub fn catalogue_anchors() -> Vec<Vec<u8>> {
    let payload: serde_json::Value =
        serde_json::from_slice(&keyvet_testkit::payload_291()).unwrap();
    let entries = payload["entries"].as_array().unwrap();
    let texts = entries
        .iter()
        .filter_map(|e| e["metadataStatement"]["attestationRootCertificates"].as_array())
        .flatten();
    let ders: BTreeSet<Vec<u8>> = texts.map(|text| decode(text.as_str().unwrap())).collect();
    ders.into_iter().collect()
}

/// The same, parsed.
pub fn catalogue_certificates() -> Vec<Certificate> {
    catalogue_anchors().iter().map(|der| Certificate::parse(der).unwrap()).collect()
}

/// Base64 with white space in it.
pub fn decode(text: &str) -> Vec<u8> {
    let compact: String = text.split_whitespace().collect();
    BASE64.decode(compact.as_bytes()).unwrap()
}

/// Calls every accessor: none may panic on a certificate that parsed.
pub fn touch_everything(certificate: &Certificate) {
    let texts = [certificate.subject_text(), certificate.issuer_text(), certificate.serial_hex()];
    assert!(texts.iter().all(|text| !text.contains('\x1b')));
    let _ = certificate.basic_constraints();
    let _ = certificate.key_usage();
    let _ = certificate.extended_key_usage_oids();
    let _ = certificate.dns_names();
    let _ = certificate.subject_alt_directory_attributes();
    let _ = certificate.key_identifier_sha1();
    let _ = certificate.signature_algorithm_oid();
    let _ = certificate.subject_attribute("2.5.4.3");
    certificate.extensions().for_each(|extension| {
        assert!(extension.is(&extension.oid()) || extension.oid().contains("?"))
    });
    let _ = certificate.public_key().to_string();
}

/// `certificate` as a version 1 certificate: no version, no extensions, the signature left as it was.
pub fn as_version_1(certificate: &Certificate) -> Vec<u8> {
    let tbs = elements(content(certificate.tbs_der()));
    let kept = tbs.iter().filter(|member| !matches!(member[0], 0xa0 | 0xa3));
    let new_tbs = wrap(0x30, &kept.copied().collect::<Vec<_>>().concat());
    let outer = elements(content(certificate.der()));
    wrap(0x30, &[&new_tbs[..], outer[1], outer[2]].concat())
}

/// One DER element with this tag.
pub fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, len[0], len[1]][..], content].concat()
}

/// The content of the one element `der` is.
pub fn content(der: &[u8]) -> &[u8] {
    let (header, len) = header_and_len(der);
    &der[header..header + len]
}

/// The elements in `content`.
pub fn elements(mut content: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while !content.is_empty() {
        let (header, len) = header_and_len(content);
        let (element, rest) = content.split_at(header + len);
        out.push(element);
        content = rest;
    }
    out
}

fn header_and_len(der: &[u8]) -> (usize, usize) {
    match der[1] {
        len @ 0..=0x7f => (2, len.into()),
        0x81 => (3, der[2].into()),
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        other => panic!("length byte {other:x}"),
    }
}
