//! The certificate extensions that judging needs. Others are handed out as bytes.

use crate::der::{self, Reader};
use crate::names::{self, NameAttribute};
use crate::oid::Oid;

/// One extension as it stands in the certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Extension<'a> {
    pub(crate) oid: Oid<'a>,
    /// Whether whoever does not know the extension must refuse the certificate.
    pub critical: bool,
    /// The content of `extnValue`: the DER inside the outer OCTET STRING.
    pub value: &'a [u8],
}

impl Extension<'_> {
    /// The identifier in dotted form.
    #[must_use]
    pub fn oid(&self) -> String {
        self.oid.to_string()
    }

    /// Whether this is the extension with the dotted identifier `oid`.
    #[must_use]
    pub fn is(&self, oid: &str) -> bool {
        self.oid.is(oid)
    }
}

/// `basicConstraints` (RFC 5280 §4.2.1.9).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BasicConstraints {
    /// Whether the subject may issue certificates.
    pub ca: bool,
    /// How many intermediates may follow below it.
    pub path_len: Option<u32>,
}

/// `keyUsage` (RFC 5280 §4.2.1.3).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct KeyUsage {
    /// Bit 0.
    pub digital_signature: bool,
    /// Bit 5: may sign certificates.
    pub key_cert_sign: bool,
    /// Bit 6: may sign revocation lists.
    pub crl_sign: bool,
}

/// `basicConstraints`, with an explicit FALSE tolerated as shipped keys write it.
pub(crate) fn basic_constraints(value: &[u8]) -> Option<BasicConstraints> {
    let mut outer = Reader::new(value);
    let mut members = Reader::new(outer.expect(der::SEQUENCE)?.value);
    let ca = match members.expect(BOOLEAN) {
        Some(flag) if flag.value.len() == 1 => flag.value != [0],
        Some(_) => return None,
        None => false,
    };
    let path_len = match members.expect(der::INTEGER) {
        Some(number) => Some(small_number(number.value)?),
        None => None,
    };
    let complete = members.rest().is_empty() && outer.rest().is_empty();
    complete.then_some(BasicConstraints { ca, path_len })
}

/// `keyUsage`: bits counted from the most significant bit of the first byte.
pub(crate) fn key_usage(value: &[u8]) -> Option<KeyUsage> {
    let (_unused_bits, bits) = Reader::new(value).expect(der::BIT_STRING)?.value.split_first()?;
    let first = bits.first().copied().unwrap_or_default();
    Some(KeyUsage {
        digital_signature: first & 0x80 != 0,
        key_cert_sign: first & 0x04 != 0,
        crl_sign: first & 0x02 != 0,
    })
}

/// The identifiers in a SEQUENCE OF OBJECT IDENTIFIER, as `extKeyUsage` is.
pub(crate) fn oid_list(value: &[u8]) -> Vec<String> {
    let Some(list) = Reader::new(value).expect(der::SEQUENCE) else { return Vec::new() };
    let oids = Reader::new(list.value).filter(|member| member.tag == der::OID);
    oids.map(|member| Oid(member.value).to_string()).collect()
}

/// The `dNSName` members of a `subjectAltName`.
pub(crate) fn dns_names(value: &[u8]) -> Vec<String> {
    general_names(value, DNS_NAME).map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

/// The attributes of the `directoryName` members of a `subjectAltName`.
pub(crate) fn directory_attributes(value: &[u8]) -> Vec<NameAttribute> {
    general_names(value, DIRECTORY_NAME).flat_map(names::owned_attributes).collect()
}

fn general_names(value: &[u8], tag: u8) -> impl Iterator<Item = &[u8]> {
    let list = Reader::new(value).expect(der::SEQUENCE).map_or(&[][..], |list| list.value);
    Reader::new(list).filter(move |name| name.tag == tag).map(|name| name.value)
}

/// A path length; one that does not fit 32 bits is no limit anyone meant.
fn small_number(value: &[u8]) -> Option<u32> {
    let digits = der::unsigned(value)?;
    digits.iter().try_fold(0_u32, |n, &d| n.checked_mul(256)?.checked_add(d.into()))
}

const BOOLEAN: u8 = 0x01;
const DNS_NAME: u8 = 0x82;
const DIRECTORY_NAME: u8 = 0xa4;

pub(crate) const KEY_USAGE: &str = "2.5.29.15";
pub(crate) const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub(crate) const CERTIFICATE_POLICIES: &str = "2.5.29.32";

/// Extensions that may be critical without a refusal: those above are looked at, and policies decide
/// nothing here because every policy is acceptable.
pub(crate) const UNDERSTOOD: [&str; 5] =
    [KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, CERTIFICATE_POLICIES];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_constraints_in_every_encoding_that_ships() {
        let read = |der: &[u8]| basic_constraints(der).map(|c| (c.ca, c.path_len));
        assert_eq!(read(&[0x30, 0]), Some((false, None)));
        assert_eq!(read(&[0x30, 3, 1, 1, 0]), Some((false, None)));
        assert_eq!(read(&[0x30, 3, 1, 1, 0xff]), Some((true, None)));
        assert_eq!(read(&[0x30, 6, 1, 1, 0xff, 2, 1, 0]), Some((true, Some(0))));
    }

    #[test]
    fn malformed_basic_constraints_are_none_and_never_a_ca() {
        for der in [&[][..], &[0x30, 3, 1, 1], &[0x30, 4, 1, 2, 0xff, 0], &[0x30, 3, 1, 1, 0xff, 0]]
        {
            assert_eq!(basic_constraints(der), None, "{der:x?}");
        }
        assert_eq!(basic_constraints(&[0x30, 6, 1, 1, 0xff, 2, 1, 0x80]), None, "negative");
    }

    #[test]
    fn key_usage_bits_are_counted_from_the_left() {
        let usage = key_usage(&[0x03, 2, 1, 0x06]).unwrap();
        assert!(usage.key_cert_sign && usage.crl_sign && !usage.digital_signature);
        let usage = key_usage(&[0x03, 2, 7, 0x80]).unwrap();
        assert!(!usage.key_cert_sign && !usage.crl_sign && usage.digital_signature);
    }
}
