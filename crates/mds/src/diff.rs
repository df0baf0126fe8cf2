//! What changed between two BLOBs: models that came and went, statuses, anchors, statements.

use crate::catalogue::Catalogue;
use crate::entry::Entry;
use crate::status::StatusReport;
use std::collections::BTreeSet;

/// The differences, `old` to `new`, each list in file order.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Diff<'a> {
    /// Entries of the new BLOB that the old one has not.
    pub added: Vec<&'a Entry>,
    /// Entries of the old BLOB that the new one has not.
    pub removed: Vec<&'a Entry>,
    /// Entries of both that differ.
    pub changed: Vec<EntryChange<'a>>,
}

/// One model, before and after.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EntryChange<'a> {
    /// The entry in the old BLOB.
    pub old: &'a Entry,
    /// The entry in the new BLOB.
    pub new: &'a Entry,
    /// Status reports that came.
    pub status_added: Vec<&'a StatusReport>,
    /// Status reports that went.
    pub status_removed: Vec<&'a StatusReport>,
    /// Anchors that came, DER.
    pub anchors_added: Vec<&'a [u8]>,
    /// Anchors that went, DER.
    pub anchors_removed: Vec<&'a [u8]>,
    /// Other members that changed.
    pub members: Vec<MemberChange>,
}

/// One member as text, before and after; outside text, to be shown through
/// [`keyvet_finding::Printable`]. An absent member is empty.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MemberChange {
    /// Name of the member in the metadata.
    pub name: &'static str,
    /// Before.
    pub old: String,
    /// After.
    pub new: String,
}

impl Diff<'_> {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// Compares `old` with `new`. Entries are the same model when they share an AAGUID, an AAID or a key
/// identifier; entries without any are compared by place.
#[must_use]
pub fn diff<'a>(old: &'a Catalogue, new: &'a Catalogue) -> Diff<'a> {
    let mut diff = Diff::default();
    let mut met = BTreeSet::new();
    for entry in new.entries() {
        match counterpart(entry, old) {
            None => diff.added.push(entry),
            Some(before) => {
                met.insert(before.position);
                diff.changed.extend(change(before, entry));
            }
        }
    }
    diff.removed = old.entries().filter(|entry| !met.contains(&entry.position)).collect();
    diff
}

fn counterpart<'a>(entry: &Entry, other: &'a Catalogue) -> Option<&'a Entry> {
    let by_aaguid = || entry.aaguid.and_then(|aaguid| other.by_aaguid(&aaguid));
    let by_aaid = || entry.aaid.as_deref().and_then(|aaid| other.by_aaid(aaid));
    let by_key = || entry.key_identifiers.iter().find_map(|key| best_by_key(entry, key, other));
    let nameless = |found: &&Entry| is_nameless(entry) && is_nameless(found);
    let by_place = || other.entry(entry.position).filter(nameless);
    by_aaguid().or_else(by_aaid).or_else(by_key).or_else(by_place)
}

/// A key identifier may be in two entries: the one that shares most of them is the same model.
fn best_by_key<'a>(entry: &Entry, key: &[u8; 20], other: &'a Catalogue) -> Option<&'a Entry> {
    let shared = |found: &&Entry| {
        let known = &found.key_identifiers;
        entry.key_identifiers.iter().filter(|key| known.contains(key)).count()
    };
    // the first of equals
    other.by_key_identifier(key).into_iter().rev().max_by_key(shared)
}

fn is_nameless(entry: &Entry) -> bool {
    entry.aaguid.is_none() && entry.aaid.is_none() && entry.key_identifiers.is_empty()
}

fn change<'a>(old: &'a Entry, new: &'a Entry) -> Option<EntryChange<'a>> {
    let change = EntryChange {
        old,
        new,
        status_added: missing_from(&old.status_reports, &new.status_reports).collect(),
        status_removed: missing_from(&new.status_reports, &old.status_reports).collect(),
        anchors_added: missing_from(&old.anchors, &new.anchors).map(Vec::as_slice).collect(),
        anchors_removed: missing_from(&new.anchors, &old.anchors).map(Vec::as_slice).collect(),
        members: member_changes(old, new),
    };
    let differs = !change.members.is_empty()
        || !change.status_added.is_empty()
        || !change.status_removed.is_empty()
        || !change.anchors_added.is_empty()
        || !change.anchors_removed.is_empty();
    differs.then_some(change)
}

fn missing_from<'a, T: PartialEq>(known: &'a [T], all: &'a [T]) -> impl Iterator<Item = &'a T> {
    all.iter().filter(|item| !known.contains(item))
}

fn member_changes(old: &Entry, new: &Entry) -> Vec<MemberChange> {
    let pairs = members(old).into_iter().zip(members(new));
    let changed = pairs.filter(|((_, old), (_, new))| old != new);
    changed.map(|((name, old), (_, new))| MemberChange { name, old, new }).collect()
}

/// What a person compares, as text. `timeOfLastStatusChange` follows the reports and is left out.
fn members(entry: &Entry) -> Vec<(&'static str, String)> {
    let list = |items: &[String]| items.join(", ");
    let info = entry.get_info.clone().unwrap_or_default();
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let options = info.options.iter().map(|(name, value)| format!("{name}={value}"));
    let keys = entry.key_identifiers.iter().map(|key| data_encoding::HEXLOWER.encode(key));
    let alternatives = entry.user_verification_alternatives.iter().map(|all| all.join("+"));
    vec![
        ("description", entry.description.clone().unwrap_or_default()),
        ("authenticatorVersion", number(entry.authenticator_version)),
        ("protocolFamily", entry.protocol_family.0.clone()),
        ("attestationCertificateKeyIdentifiers", keys.collect::<Vec<_>>().join(", ")),
        ("attestationTypes", list(&entry.attestation_types)),
        ("userVerificationDetails", alternatives.collect::<Vec<_>>().join(", ")),
        ("keyProtection", list(&entry.key_protection)),
        ("matcherProtection", list(&entry.matcher_protection)),
        ("attachmentHint", list(&entry.attachment_hint)),
        ("authenticationAlgorithms", list(&entry.authentication_algorithms)),
        ("getInfo.versions", list(&info.versions)),
        ("getInfo.extensions", list(&info.extensions)),
        ("getInfo.options", options.collect::<Vec<_>>().join(", ")),
        ("getInfo.transports", list(&info.transports)),
        ("getInfo.algorithms", format!("{:?}", info.algorithms)),
        ("getInfo.firmwareVersion", number(info.firmware_version)),
        ("rogueListURL", entry.rogue_list_url.clone().unwrap_or_default()),
        ("biometricStatusReports", list(&entry.biometric_status_reports)),
    ]
}
