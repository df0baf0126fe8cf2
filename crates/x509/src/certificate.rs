//! One certificate as owned facts: parsed once, its bytes kept as received.

use crate::der::{self, Reader};
use crate::digest::{sha1, sha256};
use crate::extension::{self, BasicConstraints, Extension, KeyUsage};
use crate::names::{self, NameAttribute};
use crate::oid::Oid;
use crate::public_key::PublicKey;
use crate::signature_algorithm::SignatureAlgorithm;
use crate::verify::{VerifyError, verify};
use keyvet_finding::{Coded, Culprit, Kind, Severity};
use std::fmt;
use std::ops::Range;
use time::OffsetDateTime;
use x509_parser::certificate::{TbsCertificate, TbsCertificateParser};
use x509_parser::nom::Parser;

/// An X.509 certificate of any version, as shipped keys carry them.
///
/// Accepted although RFC 5280 forbids it, because catalogue certificates do it: version 1, serial
/// numbers that are negative, zero or not minimal, bytes after the last member of the signed part, a
/// wrong count of unused bits in the signature. Two certificates are equal when their bytes are.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    parts: Parts,
    version: u32,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    public_key: PublicKey,
    signature_algorithm: Option<SignatureAlgorithm>,
    extensions: Vec<ExtensionParts>,
}

/// Where things lie in the DER.
#[derive(Clone)]
struct Parts {
    tbs: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    spki: Range<usize>,
    public_key_bits: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
}

#[derive(Clone)]
struct ExtensionParts {
    oid: Range<usize>,
    critical: bool,
    value: Range<usize>,
}

/// Why bytes are not a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The certificate is followed by other bytes.
    #[error("{len} bytes follow the certificate")]
    TrailingBytes {
        /// How many.
        len: usize,
    },
    /// Longer than [`Certificate::MAX_LEN`].
    #[error("{len} bytes are more than a certificate may have")]
    TooLong {
        /// How many there are.
        len: usize,
    },
    /// The outer shape is not that of a certificate.
    #[error("not a certificate: {part} is missing or cut short")]
    Shape {
        /// The part that could not be read.
        part: &'static str,
    },
    /// The signed part does not parse.
    #[error("the signed part does not parse: {cause}")]
    Contents {
        /// What the parser said.
        cause: String,
    },
}

impl Certificate {
    /// Longest certificate that is read, in bytes. The longest in the catalogue has under 4 KiB; one
    /// with an ML-DSA-87 key and signature about 8 KiB.
    pub const MAX_LEN: usize = 64 * 1024;

    /// Parses one DER certificate that fills `der` exactly.
    ///
    /// # Errors
    /// [`CertificateError`] when `der` is longer than [`Certificate::MAX_LEN`], has other bytes after
    /// the certificate, or is none.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > Self::MAX_LEN {
            return Err(CertificateError::TooLong { len: der.len() });
        }
        let outer = Outer::read(der)?;
        let tbs = parse_tbs(outer.tbs)?;
        let at = |part: &[u8]| span(der, part);
        let (issuer, subject) = names_of(der).unzip();
        let bits: &[u8] = &tbs.subject_pki.subject_public_key.data;
        let parts = Parts {
            tbs: at(outer.tbs)?,
            serial: at(tbs.raw_serial())?,
            issuer: same_name(der, tbs.issuer.as_raw(), issuer, "the issuer")?,
            subject: same_name(der, tbs.subject.as_raw(), subject, "the subject")?,
            spki: at(tbs.subject_pki.raw)?,
            public_key_bits: at(bits)?,
            algorithm: at(outer.algorithm)?,
            signature: at(outer.signature)?,
        };
        let extensions = tbs.extensions().iter().map(|extension| {
            Ok(ExtensionParts {
                oid: at(extension.oid.as_bytes())?,
                critical: extension.critical,
                value: at(extension.value)?,
            })
        });
        Ok(Self {
            version: tbs.version.0.saturating_add(1),
            not_before: tbs.validity.not_before.to_datetime(),
            not_after: tbs.validity.not_after.to_datetime(),
            public_key: PublicKey::from_spki(tbs.subject_pki.raw),
            signature_algorithm: SignatureAlgorithm::from_algorithm_identifier(outer.algorithm),
            extensions: extensions.collect::<Result<_, _>>()?,
            parts,
            der: der.to_vec(),
        })
    }

    /// The certificate exactly as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The signed part, exactly as received.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        self.part(&self.parts.tbs)
    }

    /// The subject's DER, for comparison.
    #[must_use]
    pub fn subject_raw(&self) -> &[u8] {
        self.part(&self.parts.subject)
    }

    /// The issuer's DER, for comparison.
    #[must_use]
    pub fn issuer_raw(&self) -> &[u8] {
        self.part(&self.parts.issuer)
    }

    /// The subject for people: RFC 4514 order, printable; empty when the name is empty.
    #[must_use]
    pub fn subject_text(&self) -> String {
        names::text(self.subject_raw())
    }

    /// The issuer for people: RFC 4514 order, printable; empty when the name is empty.
    #[must_use]
    pub fn issuer_text(&self) -> String {
        names::text(self.issuer_raw())
    }

    /// The first value of a subject attribute, such as `2.5.4.11` for the unit; as received, not escaped.
    #[must_use]
    pub fn subject_attribute(&self, oid: &str) -> Option<String> {
        names::value(self.subject_raw(), oid)
    }

    /// Every value of a subject attribute, in order; as received, not escaped.
    #[must_use]
    pub fn subject_attributes(&self, oid: &str) -> Vec<String> {
        names::values(self.subject_raw(), oid)
    }

    /// The subject's key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The subject's key as SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        self.part(&self.parts.spki)
    }

    /// 1, 2 or 3 as people count (the wire says one less).
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Start of validity.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// End of validity, inclusive.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whether `at` lies within the validity, both ends included.
    #[must_use]
    pub fn is_valid_at(&self, at: OffsetDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&at)
    }

    /// The serial number in lower-case hex, as encoded: leading zeros and signs included.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
        self.serial()
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
            .flatten()
            .collect()
    }

    /// The content bytes of the serial number.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.part(&self.parts.serial)
    }

    /// SHA-256 of the whole certificate.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// RFC 5280 §4.2.1.2 method 1: SHA-1 of the key's bit string, without its unused-bits byte.
    /// This is what `attestationCertificateKeyIdentifiers` in metadata holds.
    #[must_use]
    pub fn key_identifier_sha1(&self) -> [u8; 20] {
        sha1(self.part(&self.parts.public_key_bits))
    }

    /// Whether issuer and subject are the same name; says nothing about the signature.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer_raw() == self.subject_raw()
    }

    /// How the certificate was signed; `None` for an algorithm keyvet does not know.
    #[must_use]
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        self.signature_algorithm
    }

    /// The signature algorithm's identifier in dotted form.
    #[must_use]
    pub fn signature_algorithm_oid(&self) -> String {
        let sequence = Reader::new(self.part(&self.parts.algorithm)).expect(der::SEQUENCE);
        let oid = sequence.and_then(|s| Reader::new(s.value).expect(der::OID));
        oid.map(|oid| Oid(oid.value).to_string()).unwrap_or_default()
    }

    /// Checks the certificate's signature with `issuer`; names and dates are not looked at.
    ///
    /// # Errors
    /// [`VerifyError`], as [`verify`].
    pub fn verify_signed_by(&self, issuer: &PublicKey) -> Result<(), VerifyError> {
        let algorithm = self.signature_algorithm.ok_or(VerifyError::UnsupportedAlgorithm)?;
        verify(algorithm, issuer, self.tbs_der(), self.part(&self.parts.signature))
    }

    /// Every extension, in order.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        self.extensions.iter().map(|parts| Extension {
            oid: Oid(self.part(&parts.oid)),
            critical: parts.critical,
            value: self.part(&parts.value),
        })
    }

    /// The first extension with the dotted identifier `oid`.
    #[must_use]
    pub fn extension(&self, oid: &str) -> Option<Extension<'_>> {
        self.extensions().find(|extension| extension.is(oid))
    }

    /// `basicConstraints`; `None` when absent, repeated or malformed.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        extension::basic_constraints(self.only(extension::BASIC_CONSTRAINTS)?.value)
    }

    /// `keyUsage`; `None` when absent. One that is repeated or malformed allows nothing.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.extension(extension::KEY_USAGE)?;
        let only = self.only(extension::KEY_USAGE);
        Some(only.and_then(|e| extension::key_usage(e.value)).unwrap_or_default())
    }

    /// The purposes of `extKeyUsage` in dotted form; empty when absent or malformed.
    #[must_use]
    pub fn extended_key_usage_oids(&self) -> Vec<String> {
        let only = self.only(extension::EXTENDED_KEY_USAGE);
        only.map(|e| extension::oid_list(e.value)).unwrap_or_default()
    }

    /// The DNS names of `subjectAltName`, as received.
    #[must_use]
    pub fn dns_names(&self) -> Vec<String> {
        let only = self.only(extension::SUBJECT_ALT_NAME);
        only.map(|e| extension::dns_names(e.value)).unwrap_or_default()
    }

    /// The attributes of every directory name in `subjectAltName`, in order; TPM certificates keep
    /// manufacturer, model and version there, in one relative name or in three.
    #[must_use]
    pub fn subject_alt_directory_attributes(&self) -> Vec<NameAttribute> {
        let only = self.only(extension::SUBJECT_ALT_NAME);
        only.map(|e| extension::directory_attributes(e.value)).unwrap_or_default()
    }

    /// The extension `oid` when it is there exactly once.
    pub(crate) fn only(&self, oid: &str) -> Option<Extension<'_>> {
        let mut found = self.extensions().filter(|extension| extension.is(oid));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or_default()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl std::hash::Hash for Certificate {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.der.hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject_text())
            .field("serial", &self.serial_hex())
            .finish_non_exhaustive()
    }
}

/// The three members of a certificate as bytes. Read here and not by x509-parser for two shipped
/// oddities: bytes after the last member of the signed part (the parser would hand out a signed part
/// without them, which never verifies), and old Yubico certificates that count unused bits wrongly.
struct Outer<'a> {
    tbs: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Outer<'a> {
    fn read(der: &'a [u8]) -> Result<Self, CertificateError> {
        let missing = |part| CertificateError::Shape { part };
        let mut input = Reader::new(der);
        let certificate = input.expect(der::SEQUENCE).ok_or(missing("the certificate"))?;
        if !input.rest().is_empty() {
            return Err(CertificateError::TrailingBytes { len: input.rest().len() });
        }
        let mut members = Reader::new(certificate.value);
        let tbs = members.expect(der::SEQUENCE).ok_or(missing("the signed part"))?;
        let algorithm = members.expect(der::SEQUENCE).ok_or(missing("the algorithm"))?;
        let signature = members.expect(der::BIT_STRING).ok_or(missing("the signature"))?;
        if !members.rest().is_empty() {
            return Err(CertificateError::TrailingBytes { len: members.rest().len() });
        }
        let (_unused_bits, signature) =
            signature.value.split_first().ok_or(missing("the signature"))?;
        Ok(Self { tbs: tbs.raw, algorithm: algorithm.raw, signature })
    }
}

fn parse_tbs(raw: &[u8]) -> Result<TbsCertificate<'_>, CertificateError> {
    // extensions are decoded on demand: most are never asked for
    let mut parser = TbsCertificateParser::new().with_deep_parse_extensions(false);
    match parser.parse(raw) {
        Ok((_, tbs)) => Ok(tbs),
        Err(error) => Err(CertificateError::Contents { cause: short(&error.to_string()) }),
    }
}

/// A parser message without the input bytes that nom appends to it.
fn short(message: &str) -> String {
    message.chars().take(120).collect()
}

/// Where `name` lies in `der`, when x509-parser read the same bytes as [`names_of`].
///
/// x509-parser stops at the first component it cannot read and hands out the bytes so far, so that names which differ
/// behind that point would compare equal. Found by fuzzing.
fn same_name(
    der: &[u8],
    name: &[u8],
    expected: Option<&[u8]>,
    part: &'static str,
) -> Result<Range<usize>, CertificateError> {
    let place = span(der, name)?;
    let same = expected.is_some_and(|expected| span(der, expected).as_ref() == Ok(&place));
    same.then_some(place).ok_or(CertificateError::Shape { part })
}

/// Issuer and subject of a certificate without parsing the rest: version? serial, algorithm, issuer, validity, subject.
///
/// [`Certificate::parse`] accepts only what reads the same here, so that an anchor is found by name before it is parsed.
pub(crate) fn names_of(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let certificate = Reader::new(der).expect(der::SEQUENCE)?;
    let tbs = Reader::new(certificate.value).expect(der::SEQUENCE)?;
    let mut members = Reader::new(tbs.value);
    let _version = members.expect(0xa0);
    let _algorithm = members.nth(1)?;
    let issuer = members.expect(der::SEQUENCE)?.raw;
    let _validity = members.next()?;
    Some((issuer, members.expect(der::SEQUENCE)?.raw))
}

/// Where `part`, a slice of `der`, lies in it.
fn span(der: &[u8], part: &[u8]) -> Result<Range<usize>, CertificateError> {
    let lost = CertificateError::Shape { part: "a member" };
    let start = part.as_ptr().addr().checked_sub(der.as_ptr().addr()).ok_or(lost.clone())?;
    let end = start.checked_add(part.len()).ok_or(lost.clone())?;
    (end <= der.len()).then_some(start..end).ok_or(lost)
}

impl Coded for CertificateError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::TrailingBytes { .. } => &CERTIFICATE_TRAILING_BYTES,
            _ => &CERTIFICATE_UNREADABLE,
        }
    }
}

/// Bytes where a certificate should be, that are none.
pub static CERTIFICATE_UNREADABLE: Kind = Kind {
    id: "x509.certificate-unreadable",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Something that should be an X.509 certificate cannot be read as one.",
    next_step: "Check that the file or registration was not damaged; otherwise report it to whoever made it.",
    source: "RFC 5280 §4.1",
};

/// A certificate with something behind it.
pub static CERTIFICATE_TRAILING_BYTES: Kind = Kind {
    id: "x509.certificate-trailing-bytes",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A certificate is followed by further bytes, for instance a second certificate glued to it.",
    next_step: "Split or cut the input so that it holds exactly one certificate.",
    source: "RFC 5280 §4.1",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_an_unreadable_component_is_refused_not_shortened() {
        let pem = include_bytes!("../../../tests/vectors/mds/globalsign-root-r46.pem");
        let root = crate::read_pem(pem).unwrap().remove(0);
        let parts = &root.parts;
        for (place, part) in [(&parts.issuer, "the issuer"), (&parts.subject, "the subject")] {
            let mut der = root.der().to_vec();
            let first_component = place.start + 2;
            assert_eq!(der[first_component], der::SET);
            der[first_component] = der::SEQUENCE;
            assert_eq!(Certificate::parse(&der).err(), Some(CertificateError::Shape { part }));
        }
    }

    #[test]
    fn a_certificate_whose_names_can_be_found_in_two_ways_is_refused() {
        let pem = include_bytes!("../../../tests/vectors/mds/globalsign-root-r46.pem");
        let mut der = crate::read_pem(pem).unwrap().remove(0).der().to_vec();
        let version = 8;
        assert_eq!(der[version], 0xa0);
        der[version] = 0x80;
        let refused = CertificateError::Shape { part: "the issuer" };
        assert_eq!(Certificate::parse(&der).err(), Some(refused));
    }
}
