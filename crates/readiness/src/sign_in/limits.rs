//! How much of a log is kept: enough for any real one, and no more.

/// Most bytes of one record; a real one has 2 to 30 KB.
pub(super) const RECORD_BYTES: usize = 1 << 20;
/// Most bytes kept of one text of a record.
const TEXT_BYTES: usize = 1_000;
/// Most items kept of a list in a record.
pub(super) const ITEMS: usize = 500;
/// Most records kept of all files together.
pub(super) const RECORDS: usize = 500_000;
/// How many records of a person are looked through for what belongs to one of them.
pub(super) const LOOK: usize = 2_000;
/// Most findings of one kind that are told one by one.
pub(super) const FINDINGS: usize = 10;

/// The text, cut where it is longer than any that a log has.
pub(super) fn text(text: &str) -> String {
    if text.len() <= TEXT_BYTES {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(TEXT_BYTES);
    let mut kept = text.get(..end).unwrap_or_default().to_owned();
    kept.push('…');
    kept
}
