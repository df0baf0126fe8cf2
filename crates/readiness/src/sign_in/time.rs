//! When something happened, as a log writes it, and what can be ordered of that.

use time::{Date, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A time of a log: as written, and as a place in the order of times where that is certain.
///
/// Logs are written in UTC; a time without an offset is read as UTC. Nothing here knows the present.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Time {
    /// Nanoseconds from 1970, UTC.
    place: Option<i128>,
    /// As written.
    text: String,
}

/// In which order a file writes day and month where it writes neither year first nor names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum DayOrder {
    DayFirst,
    MonthFirst,
}

impl Time {
    /// Reads a time; one whose order of day and month is open has no place yet.
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim();
        Self { place: iso(text).or_else(|| net(text)), text: super::limits::text(text) }
    }

    /// As written; empty when the record has none.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether its place among other times is known.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        self.place.is_some()
    }

    /// What this time says about the order of day and month in its file.
    pub(super) fn day_order(&self) -> Option<DayOrder> {
        let [first, second, ..] = numbers(&self.text)?;
        match (first > 12, second > 12) {
            (true, false) => Some(DayOrder::DayFirst),
            (false, true) => Some(DayOrder::MonthFirst),
            // 05.01.2024: with dots nobody writes the month first
            (false, false) => {
                self.text.split_whitespace().next()?.contains('.').then_some(DayOrder::DayFirst)
            }
            (true, true) => None,
        }
    }

    /// Finds its place now that the order of day and month is known.
    pub(super) fn settle(&mut self, order: DayOrder) {
        if self.place.is_none() {
            self.place = numbers(&self.text).and_then(|numbers| placed(numbers, order));
        }
    }
}

/// ISO 8601, with a blank for the `T` and without an offset as well.
fn iso(text: &str) -> Option<i128> {
    if !text.as_bytes().get(..4)?.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut text = text.replacen(' ', "T", 1);
    let clock = text.split_once('T').map(|(_, clock)| clock)?;
    if !clock.ends_with(['Z', 'z']) && !clock.contains(['+', '-']) {
        text.push('Z');
    }
    OffsetDateTime::parse(&text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp_nanos)
}

/// What Windows PowerShell makes of a date in JSON: milliseconds from 1970, UTC.
fn net(text: &str) -> Option<i128> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    inner.parse::<i64>().ok().map(|millis| i128::from(millis).saturating_mul(1_000_000))
}

/// `12/4/2025, 8:19:41 AM` and the like: two numbers, a year, a clock.
fn numbers(text: &str) -> Option<[u32; 6]> {
    let mut numbers = [0_u32; 6];
    let mut parts = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    for number in &mut numbers {
        *number = parts.next()?.parse().ok()?;
    }
    let [first, second, year, hour, ..] = &mut numbers;
    let lower = text.to_ascii_lowercase();
    match (lower.ends_with("am"), lower.ends_with("pm")) {
        (true, _) if *hour == 12 => *hour = 0,
        (_, true) if *hour < 12 => *hour = hour.saturating_add(12),
        _ => {}
    }
    let plausible = (1..=31).contains(first) && (1..=31).contains(second) && *year > 1999;
    plausible.then_some(numbers)
}

fn placed([first, second, year, hour, minute, seconds]: [u32; 6], order: DayOrder) -> Option<i128> {
    let (day, month) = match order {
        DayOrder::DayFirst => (first, second),
        DayOrder::MonthFirst => (second, first),
    };
    let small = |number: u32| u8::try_from(number).ok();
    let month = time::Month::try_from(small(month)?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, small(day)?).ok()?;
    let clock = date.with_hms(small(hour)?, small(minute)?, small(seconds)?).ok()?;
    Some(clock.assume_offset(UtcOffset::UTC).unix_timestamp_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_in_order(times: &[&Time]) -> bool {
        times.iter().all(|time| time.is_placed()) && times.is_sorted()
    }

    #[test]
    fn what_graph_and_the_portal_write_is_placed() {
        let graph = Time::read("2025-12-04T08:19:41.6195833Z");
        let portal = Time::read("2025-12-04 08:19:42");
        let offset = Time::read("2025-12-04T09:19:43+01:00");
        assert!(are_in_order(&[&graph, &portal, &offset]));
        assert!(Time::read("/Date(1764836381000)/").is_placed());
    }

    #[test]
    fn an_open_order_of_day_and_month_is_not_guessed() {
        let mut time = Time::read("12/4/2025, 8:19:41 PM");
        assert_eq!((time.is_placed(), time.day_order()), (false, None));
        time.settle(DayOrder::MonthFirst);
        let [before, after] = ["2025-12-04T20:19:40Z", "2025-12-04T20:19:42Z"].map(Time::read);
        assert!(are_in_order(&[&before, &time, &after]));
        assert_eq!(Time::read("13/4/2025 8:19:41").day_order(), Some(DayOrder::DayFirst));
        assert_eq!(Time::read("4/13/2025 8:19:41").day_order(), Some(DayOrder::MonthFirst));
        assert_eq!(Time::read("04.12.2025 08:19:41").day_order(), Some(DayOrder::DayFirst));
    }

    #[test]
    fn nonsense_has_no_place() {
        for text in ["", "yesterday", "2025-13-45T99:00:00Z", "99/99/2025 1:1:1", "\u{1f600}2025"] {
            let mut time = Time::read(text);
            time.settle(DayOrder::DayFirst);
            assert!(!time.is_placed(), "{text}");
        }
    }
}
