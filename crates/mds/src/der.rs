//! The outermost layer of DER, enough to see where a certificate ends and whose name it bears.

/// One element: its tag, its content, its whole encoding, and what follows it.
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
    pub(crate) rest: &'a [u8],
}

/// Reads the first element of `bytes`; `None` when it is cut short or its length has more than 4 bytes.
pub(crate) fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (&tag, after_tag) = bytes.split_first()?;
    let (&first, after_first) = after_tag.split_first()?;
    let (len, body) = match first {
        0..=0x7f => (usize::from(first), after_first),
        0x81..=0x84 => long_length(usize::from(first & 0x7f), after_first)?,
        _ => return None,
    };
    let (content, rest) = body.split_at_checked(len)?;
    let (whole, _) = bytes.split_at_checked(bytes.len().checked_sub(rest.len())?)?;
    Some(Element { tag, content, whole, rest })
}

fn long_length(count: usize, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (digits, body) = bytes.split_at_checked(count)?;
    let len = digits.iter().fold(0_u64, |len, digit| len << 8 | u64::from(*digit));
    Some((usize::try_from(len).ok()?, body))
}

/// The subject of a certificate as its raw Name (RFC 5280 §4.1.2.6), without judging anything else.
pub(crate) fn subject(certificate: &[u8]) -> Option<&[u8]> {
    let outer = element(certificate).filter(|outer| outer.tag == SEQUENCE)?;
    let tbs = element(outer.content).filter(|tbs| tbs.tag == SEQUENCE)?;
    let mut next = element(tbs.content)?;
    if next.tag == VERSION {
        next = element(next.rest)?;
    }
    // next is the serial number; signature, issuer, validity, subject follow
    for _ in 0..4 {
        next = element(next.rest)?;
    }
    (next.tag == SEQUENCE).then_some(next.whole)
}

pub(crate) const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_an_element_is_seen() {
        let found = element(&[0x30, 0x01, 0xff, 0x05, 0x00]).unwrap();
        assert_eq!((found.tag, found.content, found.rest.len()), (SEQUENCE, &[0xff][..], 2));
        assert_eq!(found.whole, [0x30, 0x01, 0xff]);
    }

    #[test]
    fn cut_and_oversized_lengths_are_refused() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x02, 0x00], &[0x30, 0x80, 0, 0], &[0x30, 0x85]] {
            assert!(element(bytes).is_none(), "{bytes:02x?}");
        }
        assert!(element(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00]).is_none());
    }
}
