//! Whether metadata is due for renewal, and how a newly offered BLOB stands to the one held.

use crate::catalogue::Catalogue;
use crate::error::MdsError;
use crate::jws::Parts;
use data_encoding::HEXLOWER;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset};

/// What identifies one BLOB file.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Source {
    /// `no`.
    pub no: u64,
    /// SHA-256 of the file: says whether a file is the one that was verified.
    pub file_sha256: [u8; 32],
    /// SHA-256 of the encoded payload alone: equal when only the signature was renewed.
    pub payload_sha256: [u8; 32],
}

impl Source {
    /// The identity of `blob`, which was verified as number `no`.
    ///
    /// # Errors
    /// [`MdsError::NotJws`] or [`MdsError::TooLarge`], never for a BLOB that was verified.
    pub fn of(no: u64, blob: &[u8]) -> Result<Self, MdsError> {
        let payload_sha256 = keyvet_x509::sha256(Parts::of(blob)?.payload);
        Ok(Self { no, file_sha256: keyvet_x509::sha256(blob), payload_sha256 })
    }

    /// How `self`, newly offered, stands to `known`, the one held.
    ///
    /// # Errors
    /// [`MdsError::Rollback`] when the number is smaller: an old BLOB hides later revocations.
    pub fn compare(&self, known: Option<&Self>) -> Result<Change, MdsError> {
        let Some(known) = known else { return Ok(Change::First) };
        match self.no.cmp(&known.no) {
            std::cmp::Ordering::Less => {
                Err(MdsError::Rollback { known: known.no, offered: self.no })
            }
            std::cmp::Ordering::Greater => Ok(Change::Newer),
            _ if self.payload_sha256 == known.payload_sha256 => Ok(Change::Unchanged),
            _ => Ok(Change::SameNumberOtherContent(self.alarm(known))),
        }
    }

    fn alarm(&self, known: &Self) -> Finding {
        let short = |source: &Self| HEXLOWER.encode(source.payload_sha256.get(..8).unwrap_or(&[]));
        let detail =
            format!("no {}: payload {} held, {} offered", self.no, short(known), short(self));
        Finding::new(&SAME_NUMBER_OTHER_CONTENT, detail)
    }
}

/// How an offered BLOB stands to the one held.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// None was held.
    First,
    /// A larger number.
    Newer,
    /// The same number and the same payload.
    Unchanged,
    /// The same number, another payload: both were signed, and one of them is not what it says.
    SameNumberOtherContent(Finding),
}

impl Catalogue {
    /// A finding when `nextUpdate` has passed on the day of `at` (UTC).
    #[must_use]
    pub fn staleness(&self, at: OffsetDateTime) -> Option<Finding> {
        let today = at.to_offset(UtcOffset::UTC).date();
        let detail = || format!("next update was due {}, today is {today}", self.next_update);
        (today > self.next_update).then(|| Finding::new(&STALE, detail()))
    }
}

/// What the legal header of `catalogue` gives reason to say.
pub(crate) fn legal_header(catalogue: &Catalogue) -> Option<Finding> {
    match catalogue.legal_header.as_deref() {
        None => Some(Finding::new(&LEGAL_HEADER_MISSING, "no legalHeader")),
        Some(LEGAL_HEADER) => None,
        Some(other) => Some(Finding::new(&LEGAL_HEADER_CHANGED, other)),
    }
}

/// The sentence in every BLOB from no 9 (2021) to no 291 (2026).
const LEGAL_HEADER: &str = "Retrieval and use of this BLOB indicates acceptance of the appropriate \
    agreement located at https://fidoalliance.org/metadata/metadata-legal-terms/";

/// The metadata is older than promised.
pub(crate) static STALE: Kind = Kind {
    id: "mds.stale",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The metadata in use should have been replaced by a newer one: models and revocations published since are unknown here.",
    next_step: "Fetch the current metadata (keyvet mds fetch), or import a newer file.",
    source: "MDS 3.0 §3.1.6, nextUpdate",
};

/// Two BLOBs bear one number.
pub(crate) static SAME_NUMBER_OTHER_CONTENT: Kind = Kind {
    id: "mds.same-number-other-content",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "A BLOB with the same number but other content was accepted before. This happened once by mistake (no 7); it is also what a forged update would look like.",
    next_step: "Compare the two files (keyvet mds diff OLD NEW) before you replace the one held.",
    source: "MDS 3.0 §3.1.6, no",
};

/// The BLOB has no legal header.
pub(crate) static LEGAL_HEADER_MISSING: Kind = Kind {
    id: "mds.legal-header-missing",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The metadata does not say under which terms it may be used, as it must.",
    next_step: "Ask whoever publishes this metadata for its terms.",
    source: "MDS 3.0 §3.1.6, legalHeader",
};

/// The legal header is not the known one.
pub(crate) static LEGAL_HEADER_CHANGED: Kind = Kind {
    id: "mds.legal-header-changed",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "The terms named in the metadata are not the ones known from the FIDO Alliance.",
    next_step: "Have a person read the sentence and the terms it points to.",
    source: "MDS 3.0 §3.1.6, legalHeader",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn source(no: u64, payload: u8) -> Source {
        Source { no, file_sha256: [0; 32], payload_sha256: [payload; 32] }
    }

    #[test]
    fn a_smaller_number_is_refused_however_it_is_signed() {
        let error = source(8, 1).compare(Some(&source(9, 1))).unwrap_err();
        assert_eq!(error, MdsError::Rollback { known: 9, offered: 8 });
    }

    #[test]
    fn equal_numbers_are_unchanged_only_with_equal_payloads() {
        assert_eq!(source(9, 1).compare(Some(&source(9, 1))), Ok(Change::Unchanged));
        let Ok(Change::SameNumberOtherContent(alarm)) = source(9, 2).compare(Some(&source(9, 1)))
        else {
            panic!("an alarm");
        };
        assert_eq!(alarm.id(), "mds.same-number-other-content");
    }

    #[test]
    fn numbers_need_not_be_consecutive() {
        assert_eq!(source(71, 1).compare(Some(&source(68, 2))), Ok(Change::Newer));
        assert_eq!(source(71, 1).compare(None), Ok(Change::First));
    }

    #[test]
    fn metadata_is_stale_from_the_day_after_next_update() {
        let date = crate::status::parse_date("2026-11-01").unwrap();
        let catalogue = Catalogue::danger_from_entries(1, date, Vec::new());
        let day = date.midnight().assume_utc();
        assert!(catalogue.staleness(day + time::Duration::hours(23)).is_none());
        assert_eq!(catalogue.staleness(day + time::Duration::DAY).unwrap().id(), "mds.stale");
    }
}
