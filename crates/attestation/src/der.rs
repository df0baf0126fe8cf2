//! The little DER that attestation extensions need: one borrowing reader, no recursion, no allocation.
//!
//! Certificates themselves are `keyvet-x509`'s; this reads only what stands inside an extension value.

use thiserror::Error;

/// Class bits of a universal tag.
pub(crate) const UNIVERSAL: u8 = 0;
/// Class bits of a context-specific tag.
pub(crate) const CONTEXT: u8 = 2;
/// Universal tag numbers (X.690 §8).
pub(crate) const INTEGER: u32 = 2;
pub(crate) const OCTET_STRING: u32 = 4;
pub(crate) const ENUMERATED: u32 = 10;
pub(crate) const SEQUENCE: u32 = 16;
pub(crate) const SET: u32 = 17;

/// Why bytes are not the DER that was expected.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum DerError {
    /// The input ends inside an element.
    #[error("the bytes end inside an element")]
    Truncated,
    /// A tag or length form that DER forbids, or a number beyond what we read.
    #[error("a tag or length is not DER")]
    Form,
    /// Another element than the one that belongs here.
    #[error("expected tag {expected}, got {got}")]
    Unexpected { expected: u32, got: u32 },
    /// Bytes after the last element.
    #[error("{0} bytes follow the last element")]
    Trailing(usize),
}

/// One element: identifier octets taken apart, and its content.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Element<'a> {
    pub(crate) class: u8,
    pub(crate) number: u32,
    pub(crate) content: &'a [u8],
}

impl<'a> Element<'a> {
    /// A reader of what this element holds.
    pub(crate) fn reader(&self) -> Reader<'a> {
        Reader { rest: self.content }
    }

    /// The content as a non-negative integer below 2^63; `None` for anything else.
    pub(crate) fn as_integer(&self) -> Option<i64> {
        let is_number = matches!(self.number, INTEGER | ENUMERATED) && self.class == UNIVERSAL;
        if !is_number || self.content.is_empty() || self.content.len() > 8 {
            return None;
        }
        let value = self.content.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        i64::try_from(value).ok().filter(|_| self.content.first().is_some_and(|b| *b < 0x80))
    }
}

/// Reads elements one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next element, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Element<'a>>, DerError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let first = self.byte()?;
        let number = match u32::from(first & 0x1f) {
            0x1f => self.long_tag()?,
            short => short,
        };
        let len = self.length()?;
        let (content, rest) = self.rest.split_at_checked(len).ok_or(DerError::Truncated)?;
        self.rest = rest;
        Ok(Some(Element { class: first >> 6, number, content }))
    }

    /// The next element, which must be there.
    pub(crate) fn required(&mut self) -> Result<Element<'a>, DerError> {
        self.next()?.ok_or(DerError::Truncated)
    }

    /// The next element, which must have this universal tag.
    pub(crate) fn expect(&mut self, number: u32) -> Result<Element<'a>, DerError> {
        let element = self.required()?;
        if element.class == UNIVERSAL && element.number == number {
            Ok(element)
        } else {
            Err(DerError::Unexpected { expected: number, got: element.number })
        }
    }

    /// Refuses bytes that were not read.
    pub(crate) fn end(&self) -> Result<(), DerError> {
        match self.rest.len() {
            0 => Ok(()),
            more => Err(DerError::Trailing(more)),
        }
    }

    fn byte(&mut self) -> Result<u8, DerError> {
        let (first, rest) = self.rest.split_first().ok_or(DerError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    /// High tag number form; three octets hold every tag of Android's key description.
    fn long_tag(&mut self) -> Result<u32, DerError> {
        let mut number = 0_u32;
        for _ in 0..3 {
            let byte = self.byte()?;
            number = (number << 7) | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(DerError::Form)
    }

    fn length(&mut self) -> Result<usize, DerError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(usize::from(first));
        }
        let count = first & 0x7f;
        if count == 0 || count > 3 {
            return Err(DerError::Form);
        }
        let mut len = 0_usize;
        for _ in 0..count {
            len = (len << 8) | usize::from(self.byte()?);
        }
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_tag_numbers_of_key_descriptions_are_read() {
        // [702] EXPLICIT INTEGER 0, as Android writes `origin`
        let mut reader = Reader::new(&[0xbf, 0x85, 0x3e, 0x03, 0x02, 0x01, 0x00]);
        let origin = reader.required().unwrap();
        assert_eq!((origin.class, origin.number), (CONTEXT, 702));
        assert_eq!(origin.reader().required().unwrap().as_integer(), Some(0));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn a_length_beyond_the_input_is_refused() {
        assert_eq!(Reader::new(&[0x04, 0x05, 0x01]).required(), Err(DerError::Truncated));
        assert_eq!(
            Reader::new(&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff]).required(),
            Err(DerError::Form)
        );
        assert_eq!(Reader::new(&[0x30, 0x80]).required(), Err(DerError::Form));
        assert_eq!(Reader::new(&[0xbf, 0xff, 0xff, 0xff, 0x00]).required(), Err(DerError::Form));
    }

    #[test]
    fn another_tag_and_trailing_bytes_are_refused() {
        let mut reader = Reader::new(&[0x02, 0x01, 0x05, 0x00]);
        assert_eq!(
            reader.expect(SEQUENCE),
            Err(DerError::Unexpected { expected: SEQUENCE, got: INTEGER })
        );
        assert_eq!(reader.end(), Err(DerError::Trailing(1)));
    }

    #[test]
    fn negative_and_giant_integers_are_not_numbers_here() {
        let integer = |content| Element { class: UNIVERSAL, number: INTEGER, content };
        assert_eq!(integer(&[0x80]).as_integer(), None);
        assert_eq!(integer(&[0x01; 9]).as_integer(), None);
        assert_eq!(integer(&[0x01, 0x00]).as_integer(), Some(256));
    }
}
