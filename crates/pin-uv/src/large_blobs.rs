//! Large blobs (CTAP 2.3 §6.10): the checksum of the stored array, and what is encrypted in its entries.
//!
//! The array itself is [`LargeBlobArray`]; reading and writing it on a key is for a client.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use keyvet_ctap::{LargeBlob, LargeBlobArray, LargeBlobArrayError, LargeBlobKey};
use keyvet_finding::{Coded, Culprit, Kind, Severity};
use miniz_oxide::{
    deflate,
    inflate::{
        TINFLStatus,
        core::{DecompressorOxide, decompress, inflate_flags},
    },
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Most bytes of one blob, before compression. Keys store some thousand bytes, which could claim to be many more.
pub const MAX_BLOB_BYTES: usize = 1 << 20;

/// Why stored bytes are not a serialized large-blob array.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SerializedArrayError {
    /// Too few bytes for a checksum and an empty array.
    #[error("serialized large-blob array has {len} bytes, at least 17 are needed")]
    Short {
        /// Bytes stored.
        len: usize,
    },
    /// The last 16 bytes are not the SHA-256 of those before.
    #[error("the checksum of the serialized large-blob array does not fit its {len} bytes")]
    Checksum {
        /// Bytes stored.
        len: usize,
    },
    /// The checksum fits, but what it is of is no array.
    #[error(transparent)]
    Array(#[from] LargeBlobArrayError),
}

/// Why there is no blob to be had from an entry, or none to be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LargeBlobError {
    /// The entry was not made with this key, or it was altered since.
    #[error("the large blob was not sealed with this credential's key")]
    OtherKey,
    /// The content is not one raw DEFLATE stream.
    #[error("the large blob's content is not DEFLATE")]
    Deflate,
    /// The content has another length than it claims.
    #[error("the large blob is {} than the {orig_size} bytes that it claims", if *.longer { "longer" } else { "shorter" })]
    Size {
        /// The length claimed.
        orig_size: u64,
        /// Whether there is more than that.
        longer: bool,
    },
    /// More than [`MAX_BLOB_BYTES`].
    #[error("a large blob of {len} bytes, at most {MAX_BLOB_BYTES} are taken")]
    TooLarge {
        /// Bytes of the blob before compression.
        len: u64,
    },
}

/// The stored array is cut or damaged.
pub static LARGE_BLOB_ARRAY_CHECKSUM: Kind = Kind {
    id: "pin-uv.large-blob-array-checksum",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The large-blob array stored on the key does not fit its checksum: a write was interrupted, or the storage is damaged. By the specification it counts as empty.",
    next_step: "Read it once more; if it stays, the blobs on this key are lost and the next write begins anew.",
    source: "CTAP 2.3 §6.10.2",
};

/// The entry belongs to another credential.
pub static LARGE_BLOB_OTHER_KEY: Kind = Kind {
    id: "pin-uv.large-blob-other-key",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "An entry of the large-blob array cannot be opened with this credential's key: it belongs to another credential, or it was altered.",
    next_step: "Nothing to do; the other entries are tried.",
    source: "CTAP 2.3 §6.10.4",
};

/// What was encrypted is not what it claims to be.
pub static LARGE_BLOB_CONTENT: Kind = Kind {
    id: "pin-uv.large-blob-content",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "A large blob was sealed with the right key, but its content is not DEFLATE or has another length than origSize claims. Nothing of it was used.",
    next_step: "Find out which program wrote it, and have it written anew.",
    source: "CTAP 2.3 §6.10.4",
};

/// The blob is larger than is reasonable.
pub static LARGE_BLOB_TOO_LARGE: Kind = Kind {
    id: "pin-uv.large-blob-too-large",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "A large blob has, or claims to have, more than 1 MiB before compression. It was not opened or made.",
    next_step: "Store less, or store it elsewhere.",
    source: "CTAP 2.3 §6.10.3",
};

impl Coded for SerializedArrayError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Short { .. } | Self::Checksum { .. } => &LARGE_BLOB_ARRAY_CHECKSUM,
            Self::Array(error) => error.kind(),
        }
    }
}

impl Coded for LargeBlobError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::OtherKey => &LARGE_BLOB_OTHER_KEY,
            Self::Deflate | Self::Size { .. } => &LARGE_BLOB_CONTENT,
            Self::TooLarge { .. } => &LARGE_BLOB_TOO_LARGE,
        }
    }
}

/// The array in `stored`: CBOR, then the first 16 bytes of its SHA-256.
///
/// # Errors
/// [`SerializedArrayError`]. After [`Short`](SerializedArrayError::Short) and
/// [`Checksum`](SerializedArrayError::Checksum) a platform goes on as if the array were empty (§6.10.2); after
/// [`Array`](SerializedArrayError::Array) it does not.
pub fn deserialize(stored: &[u8]) -> Result<LargeBlobArray, SerializedArrayError> {
    let len = stored.len();
    let parts = stored.split_last_chunk::<CHECKSUM>().filter(|(array, _)| !array.is_empty());
    let (array, checksum) = parts.ok_or(SerializedArrayError::Short { len })?;
    if *checksum != checksum_of(array) {
        return Err(SerializedArrayError::Checksum { len });
    }
    Ok(LargeBlobArray::parse(array)?)
}

/// `array` as it is stored: CBOR, then the first 16 bytes of its SHA-256.
#[must_use]
pub fn serialize(array: &LargeBlobArray) -> Vec<u8> {
    let mut bytes = array.encode();
    bytes.extend(checksum_of(&bytes));
    bytes
}

/// The blob of the credential with this key: that of the first entry that it opens, if there is one.
///
/// # Errors
/// [`LargeBlobError`] when that entry's content is not what it claims; there is no second one to be tried (§6.10.4).
pub fn find(
    array: &LargeBlobArray,
    key: &LargeBlobKey,
) -> Result<Option<Zeroizing<Vec<u8>>>, LargeBlobError> {
    let blobs = array.entries.iter().filter_map(|entry| entry.blob());
    let mut opened = blobs.map(|blob| open(blob, key));
    opened.find(|opened| *opened != Err(LargeBlobError::OtherKey)).transpose()
}

/// Decrypts and inflates one blob. Nothing is inflated before its tag is checked, and never more than `origSize` bytes.
///
/// # Errors
/// [`LargeBlobError`].
pub fn open(blob: &LargeBlob, key: &LargeBlobKey) -> Result<Zeroizing<Vec<u8>>, LargeBlobError> {
    let mut deflated = Zeroizing::new(blob.ciphertext.clone());
    let (nonce, about) = ((&blob.nonce).into(), associated_data(blob.orig_size));
    cipher(key)
        .decrypt_in_place(nonce, &about, &mut *deflated)
        .map_err(|_| LargeBlobError::OtherKey)?;
    inflate(&deflated, blob.orig_size)
}

/// Deflates and encrypts one blob of at most [`MAX_BLOB_BYTES`]. `nonce` must be drawn anew each time.
///
/// # Errors
/// [`LargeBlobError::TooLarge`].
pub fn seal(data: &[u8], key: &LargeBlobKey, nonce: [u8; 12]) -> Result<LargeBlob, LargeBlobError> {
    let orig_size = u64::try_from(data.len()).unwrap_or(u64::MAX);
    if data.len() > MAX_BLOB_BYTES {
        return Err(LargeBlobError::TooLarge { len: orig_size });
    }
    let deflated = Zeroizing::new(deflate::compress_to_vec(data, DEFLATE_LEVEL));
    Ok(sealed(&deflated, orig_size, key, nonce))
}

#[expect(clippy::expect_used, reason = "AES-GCM takes 64 GiB; a deflated MiB is no more than that")]
fn sealed(deflated: &[u8], orig_size: u64, key: &LargeBlobKey, nonce: [u8; 12]) -> LargeBlob {
    let (mut ciphertext, about) = (deflated.to_vec(), associated_data(orig_size));
    cipher(key)
        .encrypt_in_place((&nonce).into(), &about, &mut ciphertext)
        .expect("AES-GCM takes 64 GiB");
    LargeBlob { ciphertext, nonce, orig_size }
}

/// The one raw DEFLATE stream (RFC 1951) that `deflated` is, `orig_size` bytes when inflated.
fn inflate(deflated: &[u8], orig_size: u64) -> Result<Zeroizing<Vec<u8>>, LargeBlobError> {
    let room = usize::try_from(orig_size).ok().filter(|len| *len <= MAX_BLOB_BYTES);
    let room = room.ok_or(LargeBlobError::TooLarge { len: orig_size })?;
    let mut data = Zeroizing::new(vec![0; room]);
    let mut state = Box::<DecompressorOxide>::default();
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    match decompress(&mut state, deflated, &mut data, 0, flags) {
        (TINFLStatus::Done, read, _) if read != deflated.len() => Err(LargeBlobError::Deflate),
        (TINFLStatus::Done, _, written) if written == room => Ok(data),
        (TINFLStatus::Done, ..) => Err(LargeBlobError::Size { orig_size, longer: false }),
        (TINFLStatus::HasMoreOutput, ..) => Err(LargeBlobError::Size { orig_size, longer: true }),
        _ => Err(LargeBlobError::Deflate),
    }
}

fn cipher(key: &LargeBlobKey) -> Aes256Gcm {
    Aes256Gcm::new((&key.0).into())
}

/// `blob` ‖ origSize, little-endian.
fn associated_data(orig_size: u64) -> [u8; 12] {
    let mut data = *b"blob\0\0\0\0\0\0\0\0";
    let size = orig_size.to_le_bytes();
    data.iter_mut().skip(4).zip(size).for_each(|(to, from)| *to = from);
    data
}

fn checksum_of(array: &[u8]) -> [u8; CHECKSUM] {
    let digest = <[u8; 32]>::from(Sha256::digest(array));
    let mut checksum = [0; CHECKSUM];
    checksum.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    checksum
}

/// Bytes of SHA-256 that are kept.
const CHECKSUM: usize = 16;

/// The usual balance; storage on a key is small and blobs are too.
const DEFLATE_LEVEL: u8 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    /// A compressor may choose its bytes; with those of the recorded entry, the ciphertext must be the recorded one.
    #[test]
    fn what_is_deflated_alike_is_sealed_to_the_recorded_bytes() {
        let text = include_str!("../../../tests/vectors/pin-uv/storage/large-blob.json");
        let vector: serde_json::Value = serde_json::from_str(text).unwrap();
        let bytes =
            |member: &str| HEXLOWER.decode(vector[member].as_str().unwrap().as_bytes()).unwrap();
        let (key, nonce) = (bytes("key").try_into().unwrap(), bytes("nonce").try_into().unwrap());
        let blob = sealed(&bytes("deflated"), 5, &LargeBlobKey(key), nonce);
        assert_eq!(blob.ciphertext, bytes("ciphertext"));
    }
}
