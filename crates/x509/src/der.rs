//! A reader for the few DER shapes that x509-parser does not hand out as bytes.
//!
//! Definite lengths of at most four bytes only; nothing is allocated, nothing recurses.

/// One element: its tag byte, its content, and all of its bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Element<'a> {
    /// The identifier byte; tags above 30 are not read.
    pub(crate) tag: u8,
    /// The content.
    pub(crate) value: &'a [u8],
    /// Header and content.
    pub(crate) raw: &'a [u8],
}

/// Reads elements from the front of a slice.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element, when it has this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        let (element, rest) = split(self.rest)?;
        (element.tag == tag).then(|| {
            self.rest = rest;
            element
        })
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Element<'a>;

    /// The next element; `None` at the end and at the first byte that is not one.
    fn next(&mut self) -> Option<Element<'a>> {
        let (element, rest) = split(self.rest)?;
        self.rest = rest;
        Some(element)
    }
}

/// The first element of `bytes` and what follows it.
fn split(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, after_tag) = bytes.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (len, content) = length(after_tag)?;
    let (value, rest) = content.split_at_checked(len)?;
    let raw = bytes.get(..bytes.len().checked_sub(rest.len())?)?;
    Some((Element { tag, value, raw }, rest))
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let len = digits.iter().try_fold(0_usize, |n, &d| n.checked_mul(256)?.checked_add(d.into()))?;
    Some((len, rest))
}

/// INTEGER.
pub(crate) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(crate) const BIT_STRING: u8 = 0x03;
/// OBJECT IDENTIFIER.
pub(crate) const OID: u8 = 0x06;
/// SEQUENCE.
pub(crate) const SEQUENCE: u8 = 0x30;
/// SET.
pub(crate) const SET: u8 = 0x31;

/// The content of an INTEGER without leading zeros; `None` when it is negative or empty.
pub(crate) fn unsigned(value: &[u8]) -> Option<&[u8]> {
    let first = value.first()?;
    (first & 0x80 == 0).then(|| without_leading_zeros(value))
}

/// `bytes` from its first byte that is not zero.
pub(crate) fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|&&b| b == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}
