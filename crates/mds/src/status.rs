//! Status reports, and what the set of them says at a time.
//!
//! Reports are not in any order one may rely on, and two of one date are common, so nothing here asks for
//! the last one: revocation wins over everything, weaknesses stand until an update answers them, and the
//! level is the highest one reported.

use serde::{Deserialize, Serialize};
use std::fmt;
use time::{Date, Month, OffsetDateTime};

/// One report of an entry (MDS 3.0 §3.1.3); every member but `status` is optional.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StatusReport {
    /// `status`, as written; unknown ones are kept.
    pub status: String,
    /// `effectiveDate`, as written: a date (`2023-12-20`).
    pub effective_date: Option<String>,
    /// `authenticatorVersion`: the firmware the report speaks of.
    pub authenticator_version: Option<u64>,
    /// `certificate`, DER: the attestation certificate or root that a compromise report names.
    pub certificate: Option<Vec<u8>>,
    /// `url`.
    pub url: Option<String>,
    /// `certificationDescriptor`.
    pub certification_descriptor: Option<String>,
    /// `certificateNumber`.
    pub certificate_number: Option<String>,
    /// `certificationPolicyVersion`.
    pub certification_policy_version: Option<String>,
    /// `certificationRequirementsVersion`.
    pub certification_requirements_version: Option<String>,
    /// `certificationProfiles`: `consumer`, `enterprise`.
    pub certification_profiles: Vec<String>,
    /// `sunsetDate`, as written.
    pub sunset_date: Option<String>,
    /// `fipsRevision`.
    pub fips_revision: Option<u64>,
    /// `fipsPhysicalSecurityLevel`.
    pub fips_physical_security_level: Option<u64>,
    /// Names of members this reader does not know.
    pub unknown_members: Vec<String>,
}

impl StatusReport {
    /// What the status means; unknown text is [`Status::Unknown`].
    #[must_use]
    pub fn meaning(&self) -> Status {
        Status::of(&self.status)
    }

    /// Whether the report binds on the day of `at` (UTC). A missing or unreadable date binds at once.
    #[must_use]
    pub fn binds_at(&self, at: OffsetDateTime) -> bool {
        self.date().is_none_or(|date| date <= at.to_offset(time::UtcOffset::UTC).date())
    }

    /// `effectiveDate` as a date.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.effective_date.as_deref().and_then(parse_date)
    }
}

/// What one status means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Status {
    /// `REVOKED`: must not be accepted.
    Revoked,
    /// A known weakness.
    Compromised(Compromise),
    /// `UPDATE_AVAILABLE`.
    UpdateAvailable,
    /// `RETIRED`.
    Retired,
    /// A certification, or a statement about there being none.
    Level(Level),
    /// Not known here.
    Unknown,
}

impl Status {
    fn of(text: &str) -> Self {
        match text {
            "REVOKED" => Self::Revoked,
            "USER_VERIFICATION_BYPASS" => Self::Compromised(Compromise::UserVerificationBypass),
            "ATTESTATION_KEY_COMPROMISE" => Self::Compromised(Compromise::AttestationKey),
            "USER_KEY_REMOTE_COMPROMISE" => Self::Compromised(Compromise::UserKeyRemote),
            "USER_KEY_PHYSICAL_COMPROMISE" => Self::Compromised(Compromise::UserKeyPhysical),
            "UPDATE_AVAILABLE" => Self::UpdateAvailable,
            "RETIRED" => Self::Retired,
            other => Level::of(other).map_or(Self::Unknown, Self::Level),
        }
    }
}

/// The kinds of known weakness.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Compromise {
    /// `USER_VERIFICATION_BYPASS`: signs without verifying the user.
    UserVerificationBypass,
    /// `ATTESTATION_KEY_COMPROMISE`: others can attest as this model.
    AttestationKey,
    /// `USER_KEY_REMOTE_COMPROMISE`: a user's key can be taken from afar.
    UserKeyRemote,
    /// `USER_KEY_PHYSICAL_COMPROMISE`: a user's key can be taken from the device in hand.
    UserKeyPhysical,
}

impl Compromise {
    /// The status text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserVerificationBypass => "USER_VERIFICATION_BYPASS",
            Self::AttestationKey => "ATTESTATION_KEY_COMPROMISE",
            Self::UserKeyRemote => "USER_KEY_REMOTE_COMPROMISE",
            Self::UserKeyPhysical => "USER_KEY_PHYSICAL_COMPROMISE",
        }
    }
}

impl fmt::Display for Compromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Certification, lowest first; the order is the order of strength.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// `NOT_FIDO_CERTIFIED`: listed, not certified.
    NotCertified,
    /// `SELF_ASSERTION_SUBMITTED`: the vendor's own checklist.
    SelfAsserted,
    /// `FIDO_CERTIFIED`: functional certification, no level named.
    Certified,
    /// `FIDO_CERTIFIED_L1`.
    L1,
    /// `FIDO_CERTIFIED_L1plus`.
    L1Plus,
    /// `FIDO_CERTIFIED_L2`.
    L2,
    /// `FIDO_CERTIFIED_L2plus`.
    L2Plus,
    /// `FIDO_CERTIFIED_L3`.
    L3,
    /// `FIDO_CERTIFIED_L3plus`.
    L3Plus,
}

impl Level {
    /// The level a status text stands for.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        LEVELS.iter().find(|(_, name)| *name == text).map(|(level, _)| *level)
    }

    /// The status text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        LEVELS.iter().find(|(level, _)| *level == self).map_or("", |(_, name)| name)
    }

    /// Whether FIDO certified the model, at whatever level.
    #[must_use]
    pub fn is_certified(self) -> bool {
        self >= Self::Certified
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A weakness reported for an entry, and the update that answers it, if one does.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CompromiseReport<'a> {
    /// What is weak.
    pub compromise: Compromise,
    /// The report.
    pub report: &'a StatusReport,
    /// Firmware from which an update of the same day or later answers it.
    pub cleared_from: Option<u64>,
}

impl CompromiseReport<'_> {
    /// Whether it touches a key of firmware `version`; an unknown version is touched.
    #[must_use]
    pub fn touches(&self, version: Option<u64>) -> bool {
        !matches!((self.cleared_from, version), (Some(from), Some(version)) if version >= from)
    }
}

/// What all reports that bind at one time say together.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct StatusSummary<'a> {
    /// The report that revokes the model; wins over everything.
    pub revoked: Option<&'a StatusReport>,
    /// Known weaknesses.
    pub compromises: Vec<CompromiseReport<'a>>,
    /// The highest level reported.
    pub best_level: Option<Level>,
    /// Newest firmware an `UPDATE_AVAILABLE` report names.
    pub update_available: Option<&'a StatusReport>,
    /// The report that retires the model.
    pub retired: Option<&'a StatusReport>,
    /// Reports with a status not known here.
    pub unknown: Vec<&'a StatusReport>,
    /// Reports whose date has not come; they count for nothing yet.
    pub pending: Vec<&'a StatusReport>,
}

impl<'a> StatusSummary<'a> {
    /// Reads `reports` as a set at `at`. `entry_version` is the statement's `authenticatorVersion`: an
    /// update above it is not described by the statement, and answers nothing.
    #[must_use]
    pub fn of(reports: &'a [StatusReport], entry_version: Option<u64>, at: OffsetDateTime) -> Self {
        let mut summary = Self::default();
        reports.iter().for_each(|report| summary.add(report, at));
        let updates = reports.iter().filter(|report| {
            report.meaning() == Status::UpdateAvailable
                && report.binds_at(at)
                && report
                    .authenticator_version
                    .is_some_and(|v| entry_version.is_none_or(|e| v <= e))
        });
        let updates: Vec<_> = updates.collect();
        for compromise in &mut summary.compromises {
            compromise.cleared_from = cleared_from(compromise.report, &updates);
        }
        summary
    }

    fn add(&mut self, report: &'a StatusReport, at: OffsetDateTime) {
        if !report.binds_at(at) {
            return self.pending.push(report);
        }
        match report.meaning() {
            Status::Revoked => self.revoked = self.revoked.or(Some(report)),
            Status::Retired => self.retired = self.retired.or(Some(report)),
            Status::Compromised(compromise) => {
                let found = CompromiseReport { compromise, report, cleared_from: None };
                self.compromises.push(found);
            }
            Status::UpdateAvailable => self.add_update(report),
            Status::Level(level) => self.best_level = self.best_level.max(Some(level)),
            Status::Unknown => self.unknown.push(report),
        }
    }

    fn add_update(&mut self, report: &'a StatusReport) {
        let newest = self.update_available.and_then(|known| known.authenticator_version);
        if self.update_available.is_none() || report.authenticator_version > newest {
            self.update_available = Some(report);
        }
    }

    /// Whether FIDO certified the model at some level and has not revoked it.
    #[must_use]
    pub fn is_certified(&self) -> bool {
        self.revoked.is_none() && self.best_level.is_some_and(Level::is_certified)
    }

    /// The one status a person reads first: `REVOKED`, else the gravest weakness, else the best level.
    #[must_use]
    pub fn headline(&self) -> &'a str {
        let weakness = self.compromises.first().map(|found| &*found.report.status);
        let bad = self.revoked.map(|report| &*report.status).or(weakness);
        let unknown = self.unknown.first().map(|report| &*report.status);
        bad.or(self.best_level.map(Level::as_str)).or(unknown).unwrap_or("no status")
    }
}

/// The lowest firmware of an update that came on the day of `compromise` or later.
fn cleared_from(compromise: &StatusReport, updates: &[&StatusReport]) -> Option<u64> {
    let later = updates.iter().filter(|update| match (compromise.date(), update.date()) {
        (Some(found), Some(answered)) => answered >= found,
        _ => false,
    });
    later.filter_map(|update| update.authenticator_version).min()
}

/// `YYYY-MM-DD`, as metadata writes every date.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let widths_right = (year.len(), month.len(), day.len()) == (4, 2, 2);
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    (widths_right && digits).then_some(date)
}

const LEVELS: [(Level, &str); 9] = [
    (Level::NotCertified, "NOT_FIDO_CERTIFIED"),
    (Level::SelfAsserted, "SELF_ASSERTION_SUBMITTED"),
    (Level::Certified, "FIDO_CERTIFIED"),
    (Level::L1, "FIDO_CERTIFIED_L1"),
    (Level::L1Plus, "FIDO_CERTIFIED_L1plus"),
    (Level::L2, "FIDO_CERTIFIED_L2"),
    (Level::L2Plus, "FIDO_CERTIFIED_L2plus"),
    (Level::L3, "FIDO_CERTIFIED_L3"),
    (Level::L3Plus, "FIDO_CERTIFIED_L3plus"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date: &str) -> OffsetDateTime {
        parse_date(date).unwrap().midnight().assume_utc()
    }

    fn report(status: &str, date: &str, version: Option<u64>) -> StatusReport {
        StatusReport {
            status: status.into(),
            effective_date: Some(date.into()),
            authenticator_version: version,
            ..StatusReport::default()
        }
    }

    #[test]
    fn revocation_wins_wherever_it_stands() {
        let mut reports = vec![
            report("REVOKED", "2023-12-20", None),
            report("FIDO_CERTIFIED_L2", "2024-01-01", None),
        ];
        for _ in 0..2 {
            let summary = StatusSummary::of(&reports, None, at("2024-06-01"));
            assert_eq!((summary.headline(), summary.is_certified()), ("REVOKED", false));
            reports.reverse();
        }
    }

    #[test]
    fn the_best_level_counts_not_the_last_nor_the_newest() {
        let reports = [
            report("FIDO_CERTIFIED_L3plus", "2020-01-01", None),
            report("FIDO_CERTIFIED_L1plus", "2021-01-01", None),
            report("FIDO_CERTIFIED", "2022-01-01", None),
        ];
        let summary = StatusSummary::of(&reports, None, at("2024-06-01"));
        assert_eq!(summary.best_level, Some(Level::L3Plus));
    }

    #[test]
    fn levels_are_ordered_as_certified() {
        let names = ["FIDO_CERTIFIED_L1", "FIDO_CERTIFIED_L1plus", "FIDO_CERTIFIED_L2"];
        let levels: Vec<_> = names.iter().map(|name| Level::of(name).unwrap()).collect();
        assert!(levels.is_sorted() && Level::Certified < Level::L1);
        assert!(!Level::SelfAsserted.is_certified() && Level::Certified.is_certified());
    }

    #[test]
    fn a_report_binds_from_its_day_on() {
        let reports = [report("REVOKED", "2024-06-02", None)];
        let before = StatusSummary::of(&reports, None, at("2024-06-01"));
        assert!(before.revoked.is_none() && before.pending.len() == 1);
        assert!(StatusSummary::of(&reports, None, at("2024-06-02")).revoked.is_some());
    }

    #[test]
    fn a_report_with_no_readable_date_binds_at_once() {
        let reports = [report("REVOKED", "soon", None)];
        assert!(StatusSummary::of(&reports, None, at("2020-01-01")).revoked.is_some());
    }

    #[test]
    fn an_update_clears_a_weakness_only_for_keys_that_have_it() {
        let reports = [
            report("UPDATE_AVAILABLE", "2024-02-01", Some(5)),
            report("USER_VERIFICATION_BYPASS", "2024-01-01", None),
        ];
        let summary = StatusSummary::of(&reports, Some(5), at("2024-06-01"));
        let weakness = &summary.compromises[0];
        assert_eq!(weakness.cleared_from, Some(5));
        assert!(weakness.touches(Some(4)) && weakness.touches(None) && !weakness.touches(Some(5)));
    }

    #[test]
    fn an_update_from_before_or_beyond_the_statement_clears_nothing() {
        let weakness = report("USER_KEY_REMOTE_COMPROMISE", "2024-03-01", None);
        let earlier = [report("UPDATE_AVAILABLE", "2024-02-01", Some(5)), weakness.clone()];
        let beyond = [report("UPDATE_AVAILABLE", "2024-04-01", Some(6)), weakness];
        for reports in [earlier, beyond] {
            let summary = StatusSummary::of(&reports, Some(5), at("2024-06-01"));
            assert!(summary.compromises[0].touches(Some(9)));
        }
    }

    #[test]
    fn unknown_statuses_are_kept() {
        let reports = [report("FIDO_CERTIFIED_L4", "2024-01-01", None)];
        let summary = StatusSummary::of(&reports, None, at("2024-06-01"));
        assert_eq!(summary.unknown.len(), 1);
        assert_eq!((summary.best_level, summary.headline()), (None, "FIDO_CERTIFIED_L4"));
    }

    #[test]
    fn only_full_dates_are_dates() {
        assert_eq!(
            parse_date("2024-02-29").map(|date| date.to_string()),
            Some("2024-02-29".into())
        );
        for text in ["2023-02-29", "2023-2-9", "+023-02-09", "2023-02-09T00:00:00Z", "", "--"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
