//! Digests, so that this crate alone touches the cryptographic library.

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    compute(&SHA256, bytes)
}

/// SHA-384 of `bytes`.
#[must_use]
pub fn sha384(bytes: &[u8]) -> [u8; 48] {
    compute(&SHA384, bytes)
}

/// SHA-512 of `bytes`.
#[must_use]
pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    compute(&SHA512, bytes)
}

/// SHA-1 of `bytes`: key identifiers and old TPM statements only, never a new promise.
#[must_use]
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    compute(&SHA1_FOR_LEGACY_USE_ONLY, bytes)
}

/// A SHA-256 fed piece by piece.
pub(crate) struct Sha256(aws_lc_rs::digest::Context);

impl Sha256 {
    pub(crate) fn new() -> Self {
        Self(aws_lc_rs::digest::Context::new(&SHA256))
    }

    /// Adds `bytes` with its length in front, so that two lists never hash alike.
    pub(crate) fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        fixed(self.0.finish().as_ref())
    }
}

fn compute<const N: usize>(algorithm: &'static Algorithm, bytes: &[u8]) -> [u8; N] {
    fixed(digest(algorithm, bytes).as_ref())
}

/// The digest as an array; its length is that of the algorithm by construction.
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_of_abc_are_those_of_fips_180() {
        assert_eq!(sha1(b"abc")[..4], [0xa9, 0x99, 0x3e, 0x36]);
        assert_eq!(sha256(b"abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(sha384(b"abc")[..4], [0xcb, 0x00, 0x75, 0x3f]);
        assert_eq!(sha512(b"abc")[..4], [0xdd, 0xaf, 0x35, 0xa1]);
        assert_eq!(sha512(b"abc")[60..], [0xa5, 0x4c, 0xa4, 0x9f]);
    }

    #[test]
    fn moving_a_byte_from_one_part_to_the_next_changes_the_hash() {
        let hash = |a: &[u8], b: &[u8]| Sha256::new().part(a).part(b).finish();
        assert_ne!(hash(b"ab", b"c"), hash(b"a", b"bc"));
    }
}
