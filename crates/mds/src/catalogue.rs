//! Verified metadata, found by AAGUID, by certificate key identifier, or by anchor.

use crate::cache::Records;
use crate::der;
use crate::entry::Entry;
use crate::error::CACHE_CORRUPT;
use crate::payload::Payload;
use crate::status::Status;
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use time::Date;

/// Every entry of one BLOB. From a cache, an entry is decoded when it is first asked for.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// `no`: the serial number of the BLOB; larger is newer, not consecutive.
    pub no: u64,
    /// `nextUpdate`: the day by which a newer BLOB is promised.
    pub next_update: Date,
    /// `legalHeader`, as received.
    pub legal_header: Option<String>,
    pub(crate) slots: Vec<OnceLock<Entry>>,
    pub(crate) records: Option<Records>,
    pub(crate) index: Index,
}

/// A distinct anchor certificate and the entries that list it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AnchorRef<'a> {
    /// The certificate, DER.
    pub der: &'a [u8],
    /// Positions of its entries, for [`Catalogue::entry`]; at least one.
    pub owners: &'a [u32],
}

impl Catalogue {
    /// A catalogue of made-up entries, for tests and for metadata from other sources.
    ///
    /// Nothing says who wrote the entries: never call this on a file that claims to be the FIDO BLOB.
    #[must_use]
    pub fn danger_from_entries(no: u64, next_update: Date, entries: Vec<Entry>) -> Self {
        let legal_header = None;
        Self::new(Payload { no, next_update, legal_header, entries, findings: Vec::new() })
    }

    pub(crate) fn new(payload: Payload) -> Self {
        let Payload { no, next_update, legal_header, mut entries, .. } = payload;
        for (position, entry) in (0..).zip(&mut entries) {
            entry.position = position;
        }
        mark_duplicates(&mut entries);
        let index = Index::of(&entries);
        let slots = entries.into_iter().map(OnceLock::from).collect();
        Self { no, next_update, legal_header, slots, records: None, index }
    }

    /// How many entries there are, readable or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no entry at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// All entries, in file order. From a cache this decodes every one: prefer a lookup.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        (0..).map_while(|position| self.entry(position))
    }

    /// The entry at `position`.
    #[must_use]
    pub fn entry(&self, position: u32) -> Option<&Entry> {
        let slot = self.slots.get(usize::try_from(position).ok()?)?;
        Some(slot.get_or_init(|| {
            let decoded =
                self.records.as_ref().and_then(|records| records.entry(position, &self.index));
            decoded.unwrap_or_else(|| unreadable(position))
        }))
    }

    /// The entry of a FIDO2 model; the zero AAGUID names none.
    ///
    /// When a BLOB lists a model twice, the entry with the gravest status answers, and carries the defect
    /// `mds.duplicate-aaguid`.
    #[must_use]
    pub fn by_aaguid(&self, aaguid: &Aaguid) -> Option<&Entry> {
        let start = self.index.aaguids.partition_point(|(known, _)| *known < aaguid.0);
        let (known, position) = self.index.aaguids.get(start)?;
        (*known == aaguid.0 && !aaguid.is_zero()).then(|| self.entry(*position)).flatten()
    }

    /// Every entry that lists this attestation key (SHA-1 of the public-key bit string, RFC 5280 §4.2.1.2
    /// method 1): nothing keeps two entries from listing one key.
    #[must_use]
    pub fn by_key_identifier(&self, key: &[u8; 20]) -> Vec<&Entry> {
        let start = self.index.keys.partition_point(|(known, _)| known < key);
        let rest = self.index.keys.get(start..).unwrap_or_default();
        let positions = rest.iter().take_while(|(known, _)| known == key);
        positions.filter_map(|(_, position)| self.entry(*position)).collect()
    }

    /// The entry of a UAF model.
    #[must_use]
    pub fn by_aaid(&self, aaid: &str) -> Option<&Entry> {
        self.entries().find(|entry| entry.aaid.as_deref() == Some(aaid))
    }

    /// Every distinct anchor with the entries it belongs to; decodes no entry.
    pub fn anchors(&self) -> impl Iterator<Item = AnchorRef<'_>> {
        self.index.anchors.iter().map(Anchor::as_ref)
    }

    /// The anchors whose subject is `name` (a raw DER Name): the ones that may have issued a certificate
    /// with that issuer. Decodes no entry and parses no certificate.
    pub fn anchors_named<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = AnchorRef<'a>> {
        self.anchors().filter(move |anchor| der::subject(anchor.der) == Some(name))
    }
}

/// Stands for a record that passed the hash and still does not decode: a fault of ours, never silent.
fn unreadable(position: u32) -> Entry {
    let defect = Finding::new(&CACHE_CORRUPT, format!("entry {position} does not decode"));
    Entry { position, defects: vec![defect], ..Entry::default() }
}

/// What is found without touching an entry; positions are places in the file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Index {
    /// Sorted; among equals the gravest status first.
    pub(crate) aaguids: Vec<([u8; 16], u32)>,
    /// Sorted.
    pub(crate) keys: Vec<([u8; 20], u32)>,
    /// Distinct, in order of first use.
    #[serde(skip)]
    pub(crate) anchors: Vec<Anchor>,
}

#[derive(Clone, Debug)]
pub(crate) struct Anchor {
    pub(crate) der: Vec<u8>,
    pub(crate) owners: Vec<u32>,
}

impl Anchor {
    fn as_ref(&self) -> AnchorRef<'_> {
        AnchorRef { der: &self.der, owners: &self.owners }
    }
}

impl Index {
    fn of(entries: &[Entry]) -> Self {
        let mut aaguids: Vec<_> = entries
            .iter()
            .filter_map(|entry| Some((entry.aaguid?.0, gravity(entry), entry.position)))
            .collect();
        aaguids.sort_unstable();
        let keys = entries
            .iter()
            .flat_map(|entry| entry.key_identifiers.iter().map(move |key| (*key, entry.position)));
        let mut keys: Vec<_> = keys.collect();
        keys.sort_unstable();
        keys.dedup();
        let aaguids = aaguids.into_iter().map(|(aaguid, _, position)| (aaguid, position)).collect();
        Self { aaguids, keys, anchors: distinct_anchors(entries) }
    }
}

/// 0 is gravest. Dates are left aside: which of two entries answers must not change over night.
fn gravity(entry: &Entry) -> u8 {
    let grave = |report: &crate::StatusReport| match report.meaning() {
        Status::Revoked => 0,
        Status::Compromised(_) => 1,
        _ => 2,
    };
    entry.status_reports.iter().map(grave).min().unwrap_or(2)
}

fn distinct_anchors(entries: &[Entry]) -> Vec<Anchor> {
    let mut places: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut anchors: Vec<Anchor> = Vec::new();
    for entry in entries {
        for der in &entry.anchors {
            let place = *places.entry(der).or_insert(anchors.len());
            match anchors.get_mut(place) {
                Some(anchor) if anchor.owners.contains(&entry.position) => {}
                Some(anchor) => anchor.owners.push(entry.position),
                None => anchors.push(Anchor { der: der.clone(), owners: vec![entry.position] }),
            }
        }
    }
    anchors
}

fn mark_duplicates(entries: &mut [Entry]) {
    let mut counts: BTreeMap<Aaguid, usize> = BTreeMap::new();
    for aaguid in entries.iter().filter_map(|entry| entry.aaguid) {
        let count = counts.entry(aaguid).or_default();
        *count = count.saturating_add(1);
    }
    for entry in entries {
        if let Some(aaguid) = entry.aaguid
            && let Some(count @ 2..) = counts.get(&aaguid)
        {
            let detail = format!("{aaguid} in {count} entries");
            entry.defects.push(Finding::new(&DUPLICATE_AAGUID, detail));
        }
    }
}

/// Two entries claim one AAGUID.
pub(crate) static DUPLICATE_AAGUID: Kind = Kind {
    id: "mds.duplicate-aaguid",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "Several entries claim this AAGUID; the one with the gravest status answers.",
    next_step: "Read all entries of this AAGUID before you rely on one; tell the FIDO Alliance.",
    source: "MDS 3.0 §3.1.1",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::danger_read_unsigned_payload;

    fn catalogue(entries: &str) -> Catalogue {
        let json = format!(r#"{{"no":1,"nextUpdate":"2026-01-01","entries":[{entries}]}}"#);
        danger_read_unsigned_payload(json.as_bytes()).unwrap().0
    }

    const ONE: &str = "00000000-0000-0000-0000-000000000001";

    #[test]
    fn of_two_entries_with_one_aaguid_the_revoked_one_answers() {
        let good =
            format!(r#"{{"aaguid":"{ONE}","statusReports":[{{"status":"FIDO_CERTIFIED"}}]}}"#);
        let bad = format!(r#"{{"aaguid":"{ONE}","statusReports":[{{"status":"REVOKED"}}]}}"#);
        for entries in [format!("{good},{bad}"), format!("{bad},{good}")] {
            let catalogue = catalogue(&entries);
            let found = catalogue.by_aaguid(&ONE.parse().unwrap()).unwrap();
            assert_eq!(found.status_reports[0].status, "REVOKED");
            assert_eq!(catalogue.len(), 2);
            let marked = |e: &Entry| e.defects.iter().any(|d| d.id() == "mds.duplicate-aaguid");
            assert!(catalogue.entries().all(marked));
        }
    }

    #[test]
    fn all_entries_of_a_key_identifier_are_found() {
        let keys = format!(r#"{{"attestationCertificateKeyIdentifiers":["{}"]}}"#, "0a".repeat(20));
        let catalogue = catalogue(&format!("{keys},{{}},{keys}"));
        let found = catalogue.by_key_identifier(&[0x0a; 20]);
        assert_eq!(found.iter().map(|entry| entry.position).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn an_entry_with_several_ids_is_found_under_each() {
        let catalogue = catalogue(&format!(
            r#"{{"aaguid":"{ONE}","aaid":"a#1","attestationCertificateKeyIdentifiers":["{}"]}}"#,
            "0A".repeat(20)
        ));
        assert!(catalogue.by_aaguid(&ONE.parse().unwrap()).is_some());
        assert!(catalogue.by_aaid("a#1").is_some());
        let found = catalogue.by_key_identifier(&[0x0a; 20]);
        assert!(found[0].defects.iter().any(|d| d.id() == "mds.entry-several-ids"));
    }

    #[test]
    fn an_entry_for_the_zero_aaguid_is_kept_and_never_found() {
        let catalogue = catalogue(r#"{"aaguid":"00000000000000000000000000000000"}"#);
        assert_eq!(catalogue.len(), 1);
        assert!(catalogue.by_aaguid(&Aaguid::ZERO).is_none());
    }
}
