//! PEM files with one or more certificates (RFC 7468), as roots and anchors are handed around.

use crate::certificate::{Certificate, CertificateError};
use keyvet_finding::{Coded, Culprit, Kind, Severity};

/// Why a PEM file gave no certificates.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// Longer than [`MAX_PEM_LEN`].
    #[error("{len} bytes are more than a certificate file may have")]
    TooLong {
        /// How many there are.
        len: usize,
    },
    /// No `-----BEGIN CERTIFICATE-----` was found.
    #[error("no certificate in the file")]
    Empty,
    /// More than [`MAX_PEM_CERTIFICATES`].
    #[error("more than {MAX_PEM_CERTIFICATES} certificates in the file")]
    TooMany,
    /// A block without an end line, or with characters that are not base64.
    #[error("certificate {number} is not base64, or its end line is missing")]
    Armour {
        /// Which block, counted from 1.
        number: usize,
    },
    /// A block that holds no certificate.
    #[error("certificate {number}: {cause}")]
    Certificate {
        /// Which block, counted from 1.
        number: usize,
        /// Why.
        cause: CertificateError,
    },
}

/// Longest PEM file that is read, in bytes.
pub const MAX_PEM_LEN: usize = 16 * 1024 * 1024;

/// Most certificates read from one PEM file.
pub const MAX_PEM_CERTIFICATES: usize = 10_000;

/// Reads every certificate in `text`; blocks with other labels and text between blocks are passed over.
///
/// # Errors
/// [`PemError`] when there is none, and for the first block that is not a certificate: a file of anchors
/// is taken whole or not at all.
pub fn read_pem(text: &[u8]) -> Result<Vec<Certificate>, PemError> {
    if text.len() > MAX_PEM_LEN {
        return Err(PemError::TooLong { len: text.len() });
    }
    let text = String::from_utf8_lossy(text);
    let mut certificates = Vec::new();
    for block in text.split(BEGIN).skip(1) {
        let number = certificates.len().saturating_add(1);
        if number > MAX_PEM_CERTIFICATES {
            return Err(PemError::TooMany);
        }
        let (body, _) = block.split_once(END).ok_or(PemError::Armour { number })?;
        let der = decode_base64(body).ok_or(PemError::Armour { number })?;
        let parsed = Certificate::parse(&der);
        certificates.push(parsed.map_err(|cause| PemError::Certificate { number, cause })?);
    }
    if certificates.is_empty() { Err(PemError::Empty) } else { Ok(certificates) }
}

/// Base64 with white space between; `None` at any other character or a length that cannot be.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len().checked_div(4)?.saturating_mul(3));
    let symbols: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let body = symbols.strip_suffix(b"==").or(symbols.strip_suffix(b"=")).unwrap_or(&symbols);
    for group in body.chunks(4) {
        let missing = 4_usize.checked_sub(group.len())?;
        let bits = group.iter().try_fold(0_u32, |bits, &s| Some((bits << 6) | sextet(s)?))?;
        let bits = (0..missing).fold(bits, |bits, _| bits << 6);
        let [_, bytes @ ..] = bits.to_be_bytes();
        out.extend_from_slice(bytes.get(..3_usize.checked_sub(missing)?)?);
    }
    (symbols.len().is_multiple_of(4) && body.len() % 4 != 1).then_some(out)
}

fn sextet(symbol: u8) -> Option<u32> {
    let value = match symbol {
        b'A'..=b'Z' => symbol.checked_sub(b'A')?,
        b'a'..=b'z' => symbol.checked_sub(b'a')?.checked_add(26)?,
        b'0'..=b'9' => symbol.checked_sub(b'0')?.checked_add(52)?,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

impl Coded for PemError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Certificate { cause, .. } => cause.kind(),
            _ => &PEM_UNREADABLE,
        }
    }
}

/// A file that should hold PEM certificates and does not.
pub static PEM_UNREADABLE: Kind = Kind {
    id: "x509.pem-unreadable",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A file given as certificates in PEM form cannot be read as such.",
    next_step: "Give a file with lines `-----BEGIN CERTIFICATE-----`; convert a DER file first.",
    source: "RFC 7468 §5",
};
