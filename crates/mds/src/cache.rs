//! The verified metadata as compact bytes, without images; entries are decoded when they are asked for.
//!
//! Layout: magic, version (u16, big-endian), SHA-256 of all that follows, length of the head (u32,
//! big-endian), head, entries, anchors. Not a public format: another version is another cache.

use crate::catalogue::{Anchor, Catalogue, Index};
use crate::entry::Entry;
use crate::error::MdsError;
use crate::freshness::Source;
use crate::report::BlobReport;
use crate::status::parse_date;
use keyvet_x509::sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a cache holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cached {
    /// The entries.
    pub catalogue: Catalogue,
    /// What was checked when the BLOB was imported, and for which time.
    pub report: BlobReport,
    /// Which BLOB it was.
    pub source: Source,
}

/// The bytes of a cache; the same input gives the same bytes.
///
/// # Errors
/// [`MdsError::CacheCorrupt`] when the catalogue exceeds the format (4 GiB), which no BLOB that was read
/// does.
pub fn encode_cache(
    catalogue: &Catalogue,
    report: &BlobReport,
    source: &Source,
) -> Result<Vec<u8>, MdsError> {
    let mut records = Vec::new();
    let places: BTreeMap<&[u8], u32> = catalogue
        .index
        .anchors
        .iter()
        .zip(0..)
        .map(|(anchor, place)| (&*anchor.der, place))
        .collect();
    let mut lengths = Vec::new();
    for entry in catalogue.entries() {
        let anchors: Vec<u32> =
            entry.anchors.iter().filter_map(|der| places.get(&**der).copied()).collect();
        let record = postcard::to_allocvec(&(entry, anchors)).map_err(corrupt)?;
        lengths.push(u32::try_from(record.len()).map_err(corrupt)?);
        records.extend(record);
    }
    let anchors = &catalogue.index.anchors;
    let head = Head {
        no: catalogue.no,
        next_update: catalogue.next_update.to_string(),
        legal_header: catalogue.legal_header.clone(),
        report: report.clone(),
        source: source.clone(),
        lengths,
        index: catalogue.index.clone(),
        anchors: anchors.iter().map(stored_anchor).collect::<Result<_, _>>()?,
    };
    let head = postcard::to_allocvec(&head).map_err(corrupt)?;
    let head_len = u32::try_from(head.len()).map_err(corrupt)?.to_be_bytes();
    let mut body = [&head_len, &*head, &*records].concat();
    anchors.iter().for_each(|anchor| body.extend(&anchor.der));
    Ok([MAGIC, &VERSION.to_be_bytes(), &sha256(&body), &*body].concat())
}

/// Reads a cache: checks that it is whole, and leaves every entry encoded until it is asked for.
///
/// The hash finds damage, not forgery: whoever can write the cache can write the hash. Keep the file
/// where only its owner writes.
///
/// # Errors
/// [`MdsError::CacheVersion`] or [`MdsError::CacheCorrupt`]: import the BLOB again.
pub fn decode_cache(bytes: &[u8]) -> Result<Cached, MdsError> {
    let body = whole_body(bytes)?;
    let (head_len, rest) = body.split_first_chunk().ok_or_else(cut)?;
    let head_len = usize::try_from(u32::from_be_bytes(*head_len)).map_err(corrupt)?;
    let (head, rest) = rest.split_at_checked(head_len).ok_or_else(cut)?;
    let head: Head = postcard::from_bytes(head).map_err(corrupt)?;
    let (records, anchors) = Records::take(rest, &head.lengths)?;
    let mut index = head.index;
    index.anchors = take_anchors(anchors, head.anchors)?;
    let next_update = parse_date(&head.next_update).ok_or_else(cut)?;
    let catalogue = Catalogue {
        no: head.no,
        next_update,
        legal_header: head.legal_header,
        slots: vec![OnceLock::new(); head.lengths.len()],
        records: Some(records),
        index,
    };
    Ok(Cached { catalogue, report: head.report, source: head.source })
}

/// What follows the hash, when the hash fits.
fn whole_body(bytes: &[u8]) -> Result<&[u8], MdsError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| corrupt("not a metadata cache"))?;
    let (version, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let found = u16::from_be_bytes(*version);
    if found != VERSION {
        return Err(MdsError::CacheVersion { found });
    }
    let (hash, body) = rest.split_first_chunk::<32>().ok_or_else(cut)?;
    (*hash == sha256(body)).then_some(body).ok_or_else(|| corrupt("the hash does not fit"))
}

fn corrupt(reason: impl ToString) -> MdsError {
    MdsError::CacheCorrupt { reason: reason.to_string() }
}

fn cut() -> MdsError {
    corrupt("it ends too early")
}

#[derive(Serialize, Deserialize)]
struct Head {
    no: u64,
    next_update: String,
    legal_header: Option<String>,
    report: BlobReport,
    source: Source,
    /// Bytes of each entry, in order.
    lengths: Vec<u32>,
    index: Index,
    anchors: Vec<StoredAnchor>,
}

/// Length of the certificate, and its owners.
type StoredAnchor = (u32, Vec<u32>);

fn stored_anchor(anchor: &Anchor) -> Result<StoredAnchor, MdsError> {
    Ok((u32::try_from(anchor.der.len()).map_err(corrupt)?, anchor.owners.clone()))
}

fn take_anchors(mut bytes: &[u8], stored: Vec<StoredAnchor>) -> Result<Vec<Anchor>, MdsError> {
    let mut take = |(len, owners)| {
        let len: u32 = len;
        let len = usize::try_from(len).map_err(corrupt)?;
        let (der, rest) = bytes.split_at_checked(len).ok_or_else(cut)?;
        bytes = rest;
        Ok(Anchor { der: der.to_vec(), owners })
    };
    stored.into_iter().map(&mut take).collect()
}

/// Encoded entries, decoded one at a time.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    bytes: Vec<u8>,
    /// Where each entry starts in `bytes`, and where the last ends.
    bounds: Vec<usize>,
}

impl Records {
    /// The entries at the start of `bytes`, and what follows them.
    fn take<'a>(bytes: &'a [u8], lengths: &[u32]) -> Result<(Self, &'a [u8]), MdsError> {
        let mut bounds = vec![0_usize];
        let mut end = 0_usize;
        for len in lengths {
            let len = usize::try_from(*len).map_err(corrupt)?;
            end = end.checked_add(len).ok_or_else(cut)?;
            bounds.push(end);
        }
        let (records, rest) = bytes.split_at_checked(end).ok_or_else(cut)?;
        Ok((Self { bytes: records.to_vec(), bounds }, rest))
    }

    /// The entry at `position`, its anchors taken from `index`.
    pub(crate) fn entry(&self, position: u32, index: &Index) -> Option<Entry> {
        let place = usize::try_from(position).ok()?;
        let range = *self.bounds.get(place)?..*self.bounds.get(place.checked_add(1)?)?;
        let (mut entry, anchors): (Entry, Vec<u32>) =
            postcard::from_bytes(self.bytes.get(range)?).ok()?;
        let places = anchors.into_iter().filter_map(|place| usize::try_from(place).ok());
        let found = places.filter_map(|place| index.anchors.get(place));
        entry.anchors = found.map(|anchor| anchor.der.clone()).collect();
        Some(entry)
    }
}

const MAGIC: &[u8] = b"keyvet metadata cache\n";

/// Raise it with every change to what [`Entry`], [`BlobReport`] or [`Index`] hold.
const VERSION: u16 = 1;
