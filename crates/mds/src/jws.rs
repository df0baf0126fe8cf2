//! The envelope: three base64url parts, an allowed algorithm, a signature over the bytes as received.

use crate::error::MdsError;
use crate::json::Json;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use keyvet_x509::{Certificate, EcCurve, PublicKey, SignatureAlgorithm, verify};

/// A BLOB taken apart, nothing judged but its form and its header.
#[derive(Debug)]
pub(crate) struct Jws<'a> {
    pub(crate) algorithm: Algorithm,
    /// `x5c`, signer first.
    pub(crate) certificates: Vec<Certificate>,
    /// Header and payload as received, which is what was signed.
    signed: &'a [u8],
    signature: Vec<u8>,
    /// Decoded, not parsed: call [`Jws::verify`] first.
    payload: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes `bytes` apart (RFC 7515 §7.1); white space around the whole is not part of it.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, MdsError> {
        let parts = Parts::of(bytes)?;
        let (algorithm, certificates) = header(&base64url("header", parts.header)?)?;
        Ok(Self {
            algorithm,
            certificates,
            signed: parts.signed,
            signature: base64url("signature", parts.signature)?,
            payload: base64url("payload", parts.payload)?,
        })
    }

    /// The payload, once the signature by the first certificate holds. Who that is, is not asked here.
    pub(crate) fn verify(self) -> Result<Vec<u8>, MdsError> {
        let none = || signer_certificate("no x5c".to_owned());
        let key = self.certificates.first().ok_or_else(none)?.public_key();
        let wrong = |reason: String| MdsError::Signature { reason };
        self.algorithm.fits(key).map_err(wrong)?;
        let signature = self.algorithm.wire_signature(&self.signature).map_err(wrong)?;
        verify(self.algorithm.signature, key, self.signed, &signature)
            .map_err(|error| wrong(format!("{}: {error}", self.algorithm.name)))?;
        Ok(self.payload)
    }
}

/// The three parts, still encoded.
pub(crate) struct Parts<'a> {
    header: &'a [u8],
    pub(crate) payload: &'a [u8],
    signature: &'a [u8],
    signed: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self, MdsError> {
        if bytes.len() > MAX_BLOB_LEN {
            return Err(MdsError::TooLarge { len: bytes.len(), max: MAX_BLOB_LEN });
        }
        let bytes = bytes.trim_ascii();
        let mut parts = bytes.splitn(4, |byte| *byte == b'.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(not_jws("the number of parts is not three"));
        };
        let signed = header.len().saturating_add(payload.len()).saturating_add(1);
        let signed = bytes.get(..signed).unwrap_or_default();
        Ok(Self { header, payload, signature, signed })
    }
}

fn not_jws(reason: impl Into<String>) -> MdsError {
    MdsError::NotJws { reason: reason.into() }
}

fn base64url(name: &str, part: &[u8]) -> Result<Vec<u8>, MdsError> {
    BASE64URL_NOPAD.decode(part).map_err(|error| not_jws(format!("{name}: {error}")))
}

fn header(json: &[u8]) -> Result<(Algorithm, Vec<Certificate>), MdsError> {
    let malformed = |reason: String| MdsError::Header { reason };
    let parsed = serde_json::from_slice(json).map_err(|error| malformed(error.to_string()))?;
    let Json::Object(members) = parsed else {
        return Err(malformed("not an object".to_owned()));
    };
    let (mut algorithm, mut certificates) = (None, None);
    for (name, value) in members {
        let again = match &*name {
            "alg" => algorithm.replace(Algorithm::read(&value)?).is_some(),
            "x5c" => certificates.replace(read_certificates(&value)?).is_some(),
            // an address to fetch, or an extension that must be understood
            "x5u" | "jku" | "crit" => {
                return Err(MdsError::HeaderMember { name: name.into_owned() });
            }
            _ => false,
        };
        if again {
            return Err(malformed(format!("two members named {name}")));
        }
    }
    let algorithm = algorithm.ok_or_else(|| malformed("no alg".to_owned()))?;
    let certificates = certificates.ok_or_else(|| signer_certificate("no x5c".to_owned()))?;
    Ok((algorithm, certificates))
}

fn signer_certificate(reason: String) -> MdsError {
    MdsError::SignerCertificate { reason }
}

/// The certificates of `x5c`, at least one and at most [`MAX_CERTIFICATES`].
fn read_certificates(value: &Json<'_>) -> Result<Vec<Certificate>, MdsError> {
    let Json::Array(items) = value else {
        return Err(signer_certificate(format!("x5c is {}", value.type_name())));
    };
    if items.is_empty() || items.len() > MAX_CERTIFICATES {
        return Err(signer_certificate(format!("x5c has {} certificates", items.len())));
    }
    let read = |(i, item): (usize, &Json<'_>)| {
        read_certificate(item).map_err(|reason| signer_certificate(format!("x5c[{i}]: {reason}")))
    };
    items.iter().enumerate().map(read).collect()
}

fn read_certificate(item: &Json<'_>) -> Result<Certificate, String> {
    let Json::Text(text) = item else { return Err(item.type_name().to_owned()) };
    let der = BASE64.decode(text.as_bytes()).map_err(|error| error.to_string())?;
    Certificate::parse(&der).map_err(|error| error.to_string())
}

/// A signature algorithm that metadata may be signed with (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Algorithm {
    pub(crate) name: &'static str,
    signature: SignatureAlgorithm,
    /// `Some` for ECDSA: the curve `alg` names.
    curve: Option<EcCurve>,
}

impl Algorithm {
    fn read(value: &Json<'_>) -> Result<Self, MdsError> {
        let known = |text: &str| ALGORITHMS.iter().find(|algorithm| algorithm.name == text);
        match value {
            Json::Text(text) => known(text)
                .copied()
                .ok_or_else(|| MdsError::AlgorithmForbidden { alg: text.to_string() }),
            other => Err(MdsError::AlgorithmForbidden { alg: other.type_name().to_owned() }),
        }
    }

    /// `alg` names the curve (RFC 7518 §3.4) and wants RSA keys of at least 2048 bits (§3.3).
    fn fits(&self, key: &PublicKey) -> Result<(), String> {
        let fits = match (key, self.curve) {
            (PublicKey::Ec { curve, .. }, Some(wanted)) => *curve == wanted,
            (PublicKey::Rsa { .. }, None) => key.bits().is_some_and(|bits| bits >= 2048),
            _ => false,
        };
        fits.then_some(()).ok_or_else(|| format!("the signer's key does not fit {}", self.name))
    }

    /// The signature as the verifier wants it: ECDSA goes from two numbers of fixed length to DER.
    fn wire_signature(&self, signature: &[u8]) -> Result<Vec<u8>, String> {
        let Some(curve) = self.curve else { return Ok(signature.to_vec()) };
        let (r, s) = signature
            .split_at_checked(curve.coordinate_len())
            .filter(|(r, s)| r.len() == s.len())
            .ok_or_else(|| format!("{} bytes are no {} signature", signature.len(), self.name))?;
        Ok(der_sequence(&[der_integer(r), der_integer(s)].concat()))
    }
}

/// Content of at most 132 bytes: P-521 needs 2 × (2 + 66).
fn der_sequence(content: &[u8]) -> Vec<u8> {
    let len = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let head: &[u8] = if len < 0x80 { &[0x30, len] } else { &[0x30, 0x81, len] };
    [head, content].concat()
}

fn der_integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    let content = [sign, digits].concat();
    [&[0x02, u8::try_from(content.len()).unwrap_or(u8::MAX)], &*content].concat()
}

const fn rsa(name: &'static str, signature: SignatureAlgorithm) -> Algorithm {
    Algorithm { name, signature, curve: None }
}

const fn ecdsa(name: &'static str, signature: SignatureAlgorithm, curve: EcCurve) -> Algorithm {
    Algorithm { name, signature, curve: Some(curve) }
}

/// `none` and the HMAC family are absent on purpose: they prove nothing about who signed.
const ALGORITHMS: [Algorithm; 9] = [
    rsa("RS256", SignatureAlgorithm::RsaPkcs1Sha256),
    rsa("RS384", SignatureAlgorithm::RsaPkcs1Sha384),
    rsa("RS512", SignatureAlgorithm::RsaPkcs1Sha512),
    rsa("PS256", SignatureAlgorithm::RsaPssSha256),
    rsa("PS384", SignatureAlgorithm::RsaPssSha384),
    rsa("PS512", SignatureAlgorithm::RsaPssSha512),
    ecdsa("ES256", SignatureAlgorithm::EcdsaSha256, EcCurve::P256),
    ecdsa("ES384", SignatureAlgorithm::EcdsaSha384, EcCurve::P384),
    ecdsa("ES512", SignatureAlgorithm::EcdsaSha512, EcCurve::P521),
];

/// Bytes of the largest BLOB that is read: six times the largest seen (no 278, 10.4 MB).
pub const MAX_BLOB_LEN: usize = 64 * 1024 * 1024;

/// Certificates in `x5c`; real ones have two or three.
const MAX_CERTIFICATES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_shortest_der_and_stay_positive() {
        assert_eq!(der_integer(&[0, 0, 0x7f]), [0x02, 1, 0x7f]);
        assert_eq!(der_integer(&[0, 0x80]), [0x02, 2, 0, 0x80]);
        assert_eq!(der_integer(&[0, 0]), [0x02, 1, 0]);
        assert_eq!(der_sequence(&[0; 0x80])[..3], [0x30, 0x81, 0x80]);
    }

    #[test]
    fn other_numbers_of_parts_are_refused() {
        for text in ["", "a.b", "a.b.c.d", "{}"] {
            assert!(matches!(Jws::parse(text.as_bytes()), Err(MdsError::NotJws { .. })), "{text}");
        }
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_looked_at() {
        let large = vec![b'.'; MAX_BLOB_LEN + 1];
        assert!(matches!(Jws::parse(&large), Err(MdsError::TooLarge { .. })));
    }
}
