//! Points in time as people give and read them: RFC 3339.

use crate::error::CliError;
use keyvet_finding::{Culprit, Kind, Printable, Severity};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// The time named by `text`.
///
/// # Errors
/// When it is not an RFC 3339 date with time and zone.
pub(crate) fn parse(text: &str) -> Result<OffsetDateTime, CliError> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
        CliError::usage(&BAD_TIME, format_args!("{} is not an RFC 3339 time", Printable(text)))
    })
}

/// `at` in UTC, as in `2026-11-22T20:00:00Z`.
#[must_use]
pub(crate) fn show(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC).replace_nanosecond(0).unwrap_or(at);
    at.format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}

/// The text is not a point in time.
pub(crate) static BAD_TIME: Kind = Kind {
    id: "cli.bad-time",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The value of --at is not a point in time that keyvet can read.",
    next_step: "Write date, time and zone, for example 2024-12-01T00:00:00Z.",
    source: "RFC 3339 §5.6",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_utc_without_fractions() {
        assert_eq!(show(parse("2024-12-01T02:00:00.25+02:00").unwrap()), "2024-12-01T00:00:00Z");
    }

    #[test]
    fn half_a_time_is_refused() {
        for text in ["", "2024-12-01", "2024-12-01 25:00:00Z", "now"] {
            assert_eq!(parse(text).unwrap_err().finding().id(), "cli.bad-time", "{text}");
        }
    }
}
