//! Distinguished names: raw bytes for comparison, text for people, attributes by identifier.

use crate::der::{self, Element, Reader};
use crate::oid::Oid;
use keyvet_finding::Printable;
use std::borrow::Cow;

/// One attribute of a name: its identifier in dotted form and its value as text.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NameAttribute {
    /// The type, such as `2.5.4.3` for the common name.
    pub oid: String,
    /// The value as text; a value that is no string is its DER in hex after a `#`. As received:
    /// not escaped for a terminal.
    pub value: String,
}

/// The name in `raw` in the manner of RFC 4514: most specific part first, printable.
pub(crate) fn text(raw: &[u8]) -> String {
    let rdns: Vec<Element<'_>> = rdns(raw).collect();
    let mut out = String::with_capacity(raw.len().saturating_mul(2));
    for (i, rdn) in rdns.into_iter().rev().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        push_rdn(&mut out, rdn);
    }
    Printable(&out).to_string()
}

/// Every attribute of the name in `raw`, in its order.
pub(crate) fn attributes(raw: &[u8]) -> impl Iterator<Item = (Oid<'_>, Element<'_>)> {
    rdns(raw).flat_map(pairs)
}

/// The values of the attribute `oid`, in order.
pub(crate) fn values(raw: &[u8], oid: &str) -> Vec<String> {
    attributes(raw)
        .filter(|(have, _)| have.is(oid))
        .map(|(_, value)| value_text(value).into_owned())
        .collect()
}

/// The first value of the attribute `oid`.
pub(crate) fn value(raw: &[u8], oid: &str) -> Option<String> {
    let (_, value) = attributes(raw).find(|(have, _)| have.is(oid))?;
    Some(value_text(value).into_owned())
}

/// Attributes with identifiers as text.
pub(crate) fn owned_attributes(raw: &[u8]) -> Vec<NameAttribute> {
    attributes(raw)
        .map(|(oid, value)| NameAttribute {
            oid: oid.to_string(),
            value: value_text(value).into_owned(),
        })
        .collect()
}

fn rdns(raw: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let name = Reader::new(raw).expect(der::SEQUENCE).map_or(&[][..], |name| name.value);
    Reader::new(name).filter(|rdn| rdn.tag == der::SET)
}

fn pairs(rdn: Element<'_>) -> impl Iterator<Item = (Oid<'_>, Element<'_>)> {
    Reader::new(rdn.value).filter_map(|pair| {
        let mut members = Reader::new(pair.value);
        let oid = members.expect(der::OID)?;
        Some((Oid(oid.value), members.next()?))
    })
}

fn push_rdn(out: &mut String, rdn: Element<'_>) {
    for (i, (oid, value)) in pairs(rdn).enumerate() {
        out.push_str(if i > 0 { "+" } else { "" });
        push_short_name(out, oid);
        out.push('=');
        push_escaped(out, &value_text(value));
    }
}

/// The value as text, decoded by its string type.
fn value_text(value: Element<'_>) -> Cow<'_, str> {
    let bytes = value.value;
    match value.tag {
        // UTF8String, NumericString, PrintableString, IA5String, VisibleString
        0x0c | 0x12 | 0x13 | 0x16 | 0x1a => String::from_utf8_lossy(bytes),
        // TeletexString: in practice Latin-1
        0x14 => bytes.iter().copied().map(char::from).collect(),
        // BMPString: UTF-16
        0x1e => char::decode_utf16(bytes.chunks_exact(2).map(be16))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        _ => std::iter::once("#".to_owned())
            .chain(value.raw.iter().map(|b| format!("{b:02x}")))
            .collect(),
    }
}

fn be16(pair: &[u8]) -> u16 {
    pair.iter().fold(0, |n, &b| (n << 8) | u16::from(b))
}

/// RFC 4514 §2.4: the characters that would be read as structure.
fn push_escaped(out: &mut String, value: &str) {
    let is_structure = |c: char| matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
    let has_structure = value.bytes().any(|byte| is_structure(char::from(byte)));
    if !has_structure && !value.starts_with(' ') && !value.ends_with(' ') {
        out.push_str(value);
        return;
    }
    for (i, c) in value.char_indices() {
        let edge = c == ' ' && (i == 0 || i.saturating_add(1) == value.len());
        if edge || is_structure(c) {
            out.push('\\');
        }
        out.push(c);
    }
}

fn push_short_name(out: &mut String, oid: Oid<'_>) {
    match SHORT_NAMES.iter().find(|(dotted, _)| oid.is(dotted)) {
        Some((_, short)) => out.push_str(short),
        None => out.push_str(&oid.to_string()),
    }
}

/// RFC 4514 §3 and the attributes attestation certificates carry besides.
const SHORT_NAMES: [(&str, &str); 11] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.11", "OU"),
    ("2.5.4.10", "O"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.5", "SERIALNUMBER"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "EMAIL"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(attributes: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
        let wrap = |tag: u8, value: &[u8]| {
            let mut out = vec![tag, u8::try_from(value.len()).unwrap()];
            out.extend_from_slice(value);
            out
        };
        let rdns: Vec<u8> = attributes
            .iter()
            .flat_map(|(oid, tag, value)| {
                let pair = [wrap(0x06, oid), wrap(*tag, value)].concat();
                wrap(0x31, &wrap(0x30, &pair))
            })
            .collect();
        wrap(0x30, &rdns)
    }

    #[test]
    fn text_is_most_specific_first_with_structure_escaped() {
        let raw = name(&[(&[0x55, 4, 6], 0x13, b"SE"), (&[0x55, 4, 3], 0x0c, b"A, B ")]);
        assert_eq!(text(&raw), r"CN=A\, B\ , C=SE");
        assert_eq!(values(&raw, "2.5.4.6"), ["SE"]);
    }

    #[test]
    fn a_terminal_escape_in_a_name_is_never_printed() {
        let raw = name(&[(&[0x55, 4, 3], 0x0c, b"\x1b[31mred")]);
        assert!(!text(&raw).contains('\x1b'));
        assert!(text(&raw).contains("[31mred"));
    }

    #[test]
    fn string_types_are_decoded_and_other_types_shown_in_hex() {
        let raw = name(&[
            (&[0x55, 4, 3], 0x1e, &[0, b'K', 0, b'1']),
            (&[0x55, 4, 10], 0x14, &[0xc9]),
            (&[0x29, 1], 0x04, &[0xab]),
        ]);
        assert_eq!(text(&raw), "1.1.1=#0401ab, O=É, CN=K1");
    }

    #[test]
    fn bytes_that_are_no_name_give_empty_text() {
        assert_eq!(text(b"\x30\x05abc"), "");
        assert_eq!(text(b""), "");
    }
}
