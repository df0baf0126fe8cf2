//! Inputs made of several parts: each part behind its length, two bytes, high byte first.

/// The first part and what follows it.
pub(crate) fn sized(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = input.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))
}

/// Every part until the input ends or a length does not fit.
pub(crate) fn all(input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = input;
    while let Some((part, after)) = sized(rest) {
        parts.push(part);
        rest = after;
    }
    parts
}
