//! Certificates as metadata writes them: base64 of DER, and what real files made of it.

use crate::der;
use data_encoding::{BASE64, BASE64_NOPAD, Encoding};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::sync::LazyLock;

/// The certificates in `text`, with a defect for each liberty taken; `place` names the member.
///
/// Met in no 9 and no 68 to 72: line breaks and blanks in the text, text after the padding, PEM inside
/// base64, and two certificates glued together. All of those still yield their certificates.
pub(crate) fn decode(text: &str, place: &str, defects: &mut Vec<Finding>) -> Vec<Vec<u8>> {
    let mut report =
        |kind, detail: &str| defects.push(Finding::new(kind, format!("{place}: {detail}")));
    let Some(bytes) = strictly_or_not(text, &mut report) else {
        report(&CERTIFICATE_UNDECODABLE, "not base64");
        return Vec::new();
    };
    let inner = std::str::from_utf8(&bytes).ok().filter(|inner| inner.contains(PEM_BEGIN));
    match inner.map(without_armor) {
        None => certificates(&bytes, &mut report),
        Some(inner) => {
            report(&CERTIFICATE_PEM_IN_BASE64, "PEM text encoded a second time");
            certificates(&tolerant_bytes(inner).unwrap_or_default(), &mut report)
        }
    }
}

/// One PEM block as DER; DER stays as it is.
pub(crate) fn pem_or_der(bytes: &[u8]) -> Option<Vec<u8>> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains(PEM_BEGIN) => tolerant_bytes(without_armor(text)),
        _ => Some(bytes.to_vec()),
    }
}

fn strictly_or_not(text: &str, report: &mut impl FnMut(&'static Kind, &str)) -> Option<Vec<u8>> {
    BASE64.decode(text.as_bytes()).ok().or_else(|| {
        let bytes = tolerant_bytes(without_armor(text))?;
        report(&CERTIFICATE_BASE64, "read after dropping what is not base64");
        Some(bytes)
    })
}

/// What stands between the first pair of PEM lines, or all of `text` when there is none.
fn without_armor(text: &str) -> &str {
    let after = text.split_once(PEM_BEGIN).map_or(text, |(_, after)| after);
    let body = after.split_once(PEM_DASHES).filter(|_| after.len() < text.len());
    let body = body.map_or(after, |(_, body)| body);
    body.split_once(PEM_DASHES).map_or(body, |(body, _)| body)
}

/// Either alphabet, any white space, any padding, anything after the padding.
fn tolerant_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let digits = digits.take_while(|byte| *byte != b'=').map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    });
    LOOSE.decode(&digits.collect::<Vec<_>>()).ok()
}

fn certificates(bytes: &[u8], report: &mut impl FnMut(&'static Kind, &str)) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(next) = der::element(rest).filter(|next| next.tag == der::SEQUENCE) {
        found.push(next.whole.to_vec());
        rest = next.rest;
    }
    match (found.len(), rest.len()) {
        (0, _) => report(&CERTIFICATE_UNDECODABLE, "not one DER sequence"),
        (1, 0) => {}
        (1, extra) => report(&CERTIFICATE_TRAILING_BYTES, &format!("{extra} bytes cut off")),
        (count, _) => report(&CERTIFICATES_GLUED, &format!("{count} certificates in one text")),
    }
    found
}

const PEM_BEGIN: &str = "-----BEGIN ";
const PEM_DASHES: &str = "-----";

/// Base64 whose last character may carry unused bits.
static LOOSE: LazyLock<Encoding> = LazyLock::new(|| {
    let mut rules = BASE64_NOPAD.specification();
    rules.check_trailing_bits = false;
    rules.encoding().unwrap_or(BASE64_NOPAD)
});

/// A certificate text is not plain base64, but could be read.
pub(crate) static CERTIFICATE_BASE64: Kind = Kind {
    id: "mds.certificate-base64",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "A certificate in this entry is not written as plain base64 (line breaks, blanks or text after the end); it was read all the same.",
    next_step: "Nothing to do; stricter programs may miss this certificate.",
    source: "MDS 3.0, metadata statement, attestationRootCertificates",
};

/// A certificate text holds PEM text encoded again.
pub(crate) static CERTIFICATE_PEM_IN_BASE64: Kind = Kind {
    id: "mds.certificate-pem-in-base64",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "A certificate in this entry is a PEM file encoded a second time; it was read all the same.",
    next_step: "Nothing to do; stricter programs may miss this certificate.",
    source: "MDS 3.0, metadata statement, attestationRootCertificates",
};

/// One text holds several certificates.
pub(crate) static CERTIFICATES_GLUED: Kind = Kind {
    id: "mds.certificates-glued",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "One text in this entry holds several certificates one after the other; each is taken as an anchor.",
    next_step: "Nothing to do; other programs may see only the first certificate.",
    source: "MDS 3.0, metadata statement, attestationRootCertificates",
};

/// Bytes follow a certificate.
pub(crate) static CERTIFICATE_TRAILING_BYTES: Kind = Kind {
    id: "mds.certificate-trailing-bytes",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "Bytes follow a certificate in this entry; they were cut off.",
    next_step: "Nothing to do; stricter programs may miss this certificate.",
    source: "MDS 3.0, metadata statement, attestationRootCertificates",
};

/// A certificate text yields no certificate.
pub(crate) static CERTIFICATE_UNDECODABLE: Kind = Kind {
    id: "mds.certificate-undecodable",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "A certificate in this entry cannot be read, so registrations made under it cannot reach an anchor.",
    next_step: "Ask the vendor to correct the metadata entry, or give the certificate as an extra anchor.",
    source: "MDS 3.0, metadata statement, attestationRootCertificates",
};

#[cfg(test)]
mod tests {
    use super::*;

    const DER: [u8; 5] = [0x30, 0x03, 0x02, 0x01, 0x07];

    fn decoded(text: &str) -> (Vec<Vec<u8>>, Vec<&'static str>) {
        let mut defects = Vec::new();
        let found = decode(text, "here", &mut defects);
        (found, defects.iter().map(Finding::id).collect())
    }

    #[test]
    fn plain_base64_has_no_defect() {
        assert_eq!(decoded(&BASE64.encode(&DER)), (vec![DER.to_vec()], vec![]));
    }

    #[test]
    fn broken_lines_missing_padding_and_a_tail_are_read_with_a_defect() {
        for text in ["MAMC\r\n AQc=\n", "MAMCAQc", "MAMCAQc= tail!", "MAMCAQc= "] {
            assert_eq!(
                decoded(text),
                (vec![DER.to_vec()], vec!["mds.certificate-base64"]),
                "{text}"
            );
        }
    }

    #[test]
    fn pem_is_read_plain_and_encoded_again() {
        let pem = "-----BEGIN CERTIFICATE-----\nMAMCAQc=\n-----END CERTIFICATE-----\n";
        assert_eq!(decoded(pem), (vec![DER.to_vec()], vec!["mds.certificate-base64"]));
        let twice = BASE64.encode(pem.as_bytes());
        assert_eq!(decoded(&twice), (vec![DER.to_vec()], vec!["mds.certificate-pem-in-base64"]));
    }

    #[test]
    fn glued_certificates_are_all_kept_and_a_tail_is_cut() {
        let glued = BASE64.encode(&[DER, DER].concat());
        assert_eq!(decoded(&glued), (vec![DER.to_vec(); 2], vec!["mds.certificates-glued"]));
        let tail = BASE64.encode(&[&DER[..], &[0, 0]].concat());
        assert_eq!(decoded(&tail), (vec![DER.to_vec()], vec!["mds.certificate-trailing-bytes"]));
    }

    #[test]
    fn what_yields_nothing_is_said() {
        for text in ["", "????", "AAAA", "-----BEGIN CERTIFICATE-----"] {
            let (found, defects) = decoded(text);
            let said = defects.last().copied();
            assert_eq!((found.len(), said), (0, Some("mds.certificate-undecodable")), "{text}");
        }
    }
}
