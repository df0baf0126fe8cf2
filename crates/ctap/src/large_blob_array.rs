//! The large-blob array (CTAP 2.3 §6.10.3), which a key stores without knowing what it is.
//!
//! CBOR alone: the 16 bytes of SHA-256 behind the stored array and what is encrypted in it are for `keyvet-pin-uv`.

use keyvet_cbor::{DecodeError, Item, Mode, Out, decode};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::{
    canonical,
    command::{canonical, numbered},
};

/// Large-blob array: one entry for each credential that has a blob.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct LargeBlobArray {
    /// The entries, in the order stored.
    pub entries: Vec<LargeBlobEntry>,
    /// What is odd about the array.
    pub findings: Vec<Finding>,
}

/// One element of the array. Its bytes stay as received, so that an entry of another program is written back as it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LargeBlobEntry {
    cbor: Vec<u8>,
    blob: Option<LargeBlob>,
}

/// Large-blob map: the encrypted blob of some credential; nothing in it says of which.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LargeBlob {
    /// 1 `ciphertext`: AES-256-GCM with its tag of 16 bytes at the end.
    pub ciphertext: Vec<u8>,
    /// 2 `nonce`.
    pub nonce: [u8; 12],
    /// 3 `origSize`: bytes of the blob before it was compressed, as claimed.
    pub orig_size: u64,
}

/// Why bytes are not a large-blob array.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LargeBlobArrayError {
    /// Not one item of CBOR, or one beyond the bounds of a reader.
    #[error("large-blob array: {0}")]
    Cbor(#[from] DecodeError),
    /// Not an array.
    #[error("large-blob array is {found}, not an array")]
    NotAnArray {
        /// What it is.
        found: &'static str,
    },
}

/// The large-blob array is not one.
pub static LARGE_BLOB_ARRAY_MALFORMED: Kind = Kind {
    id: "ctap.large-blob-array-malformed",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "What is stored on the key as its large-blob array is whole, but it is not a CBOR array. Keys store what a program gives them, unread.",
    next_step: "Find out which program writes large blobs to this key; nothing was changed.",
    source: "CTAP 2.3 §6.10.3, §8",
};

/// An element of the array is not a large-blob map.
pub static LARGE_BLOB_ENTRY: Kind = Kind {
    id: "ctap.large-blob-entry",
    severity: Severity::Warning,
    culprit: Culprit::Client,
    meaning: "An entry of the key's large-blob array is not a map with ciphertext, a nonce of 12 bytes and origSize. It was passed over and is kept as it is.",
    next_step: "Nothing to do; the blob of the credential that it may have belonged to cannot be read.",
    source: "CTAP 2.3 §6.10.3",
};

impl Coded for LargeBlobArrayError {
    fn kind(&self) -> &'static Kind {
        &LARGE_BLOB_ARRAY_MALFORMED
    }
}

impl LargeBlobArray {
    /// Reads the array, which takes all of `bytes`; the checksum behind it is not part of it.
    ///
    /// At most 1 MiB and 16,384 items of CBOR are read. An element that is not a large-blob map is a finding.
    ///
    /// # Errors
    /// [`LargeBlobArrayError`] when the bytes are not one bounded array.
    pub fn parse(bytes: &[u8]) -> Result<Self, LargeBlobArrayError> {
        let decoded = decode(bytes, Mode::Tolerant)?;
        let found = decoded.item.type_name();
        let items = decoded.item.as_array().ok_or(LargeBlobArrayError::NotAnArray { found })?;
        let mut array = Self {
            entries: Vec::new(),
            findings: canonical::findings("large-blob array", &decoded),
        };
        let mut odd = 0_usize;
        for (index, item) in items.iter().enumerate() {
            let blob = LargeBlob::read(item);
            if let (Err(why), 0..MAX_ODD) = (&blob, odd) {
                odd = odd.saturating_add(1);
                let detail = format!("entry {index}: {why}");
                array.findings.push(Finding::new(&LARGE_BLOB_ENTRY, detail));
            }
            array.entries.push(LargeBlobEntry { cbor: item.raw().to_vec(), blob: blob.ok() });
        }
        Ok(array)
    }

    /// The array with every entry as it was received, or as it was made here.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let len = u64::try_from(self.entries.len()).unwrap_or(u64::MAX);
        // the header of an array is that of the number of its entries, in another major type
        let mut bytes = canonical(&Out::Unsigned(len));
        bytes.iter_mut().take(1).for_each(|first| *first |= ARRAY);
        self.entries.iter().for_each(|entry| bytes.extend(&entry.cbor));
        bytes
    }
}

impl LargeBlobEntry {
    /// The element's CBOR, exactly as received.
    #[must_use]
    pub fn cbor(&self) -> &[u8] {
        &self.cbor
    }

    /// The element as a large-blob map, where it is one.
    #[must_use]
    pub fn blob(&self) -> Option<&LargeBlob> {
        self.blob.as_ref()
    }
}

impl From<LargeBlob> for LargeBlobEntry {
    fn from(blob: LargeBlob) -> Self {
        let members = vec![
            (0x01, Some(blob.ciphertext.as_slice().into())),
            (0x02, Some(blob.nonce.as_slice().into())),
            (0x03, Some(Out::Unsigned(blob.orig_size))),
        ];
        Self { cbor: canonical(&numbered(members)), blob: Some(blob) }
    }
}

impl LargeBlob {
    /// The map in `item`, which may have members of other names; otherwise why it is none.
    fn read(item: &Item<'_>) -> Result<Self, String> {
        if item.as_map().is_none() {
            return Err(format!("{}, not a map", item.type_name()));
        }
        let nonce = member(item, 0x02, "nonce", Item::as_bytes)?;
        let wrong = format!("nonce has {} bytes, not 12", nonce.len());
        Ok(Self {
            ciphertext: member(item, 0x01, "ciphertext", Item::as_bytes)?.into(),
            nonce: nonce.try_into().map_err(|_| wrong)?,
            orig_size: member(item, 0x03, "origSize", Item::as_u64)?,
        })
    }
}

fn member<'i, 'a, T>(
    map: &'i Item<'a>,
    key: i64,
    name: &str,
    read: impl Fn(&'i Item<'a>) -> Option<T>,
) -> Result<T, String> {
    let item = map.get_int(key).ok_or_else(|| format!("no {name}"))?;
    read(item).ok_or_else(|| format!("{name} is {}", item.type_name()))
}

/// Major type 4.
const ARRAY: u8 = 0x80;

/// Odd entries reported one by one; a hostile array may hold thousands.
const MAX_ODD: usize = 8;
