//! In which hours of the day a campaign sends, by the clocks of its time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::network::Millis;

/// Whole hours, `start` to `end`; over midnight when `start` is the later one.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    zone: TimeZone,
    start: i8,
    end: i8,
}

impl Opening {
    /// From what was asked.
    ///
    /// # Errors
    /// `campaign:timezone`, `campaign:hours`.
    pub(super) fn new(zone: &str, start: i64, end: i64) -> Result<Self> {
        let hours = |field: &str, hour: i64, least: i64, most: i64| {
            i8::try_from(hour).ok().filter(|hour| (least..=most).contains(&i64::from(*hour))).ok_or_else(|| {
                Error::invalid(
                    "campaign:hours",
                    format!("settings.hours.{field} is {hour}; it is a whole hour from {least} to {most}."),
                )
            })
        };
        let (start, end) = (hours("start", start, 0, 23)?, hours("end", end, 1, 24)?);
        if start == end {
            return Err(Error::invalid(
                "campaign:hours",
                format!("settings.hours starts and ends at {start}, which leaves no time to send."),
            )
            .hint("Leave 'hours' out to send at any time."));
        }
        Ok(Self { zone: self::zone(zone)?, start, end })
    }

    fn holds(&self, hour: i8) -> bool {
        if self.start < self.end {
            (self.start..self.end).contains(&hour)
        } else {
            hour >= self.start || hour < self.end
        }
    }

    /// Whether it is open at `now`.
    pub(super) fn is_open(&self, now: Millis) -> bool {
        let Ok(at) = Timestamp::from_millisecond(now) else { return true };
        self.holds(at.to_zoned(self.zone.clone()).hour())
    }

    /// When it opens next, after `now`. A clock that is put forward over the hour
    /// of opening opens at once; one that is put back opens at the first of the
    /// two.
    pub(super) fn opens(&self, now: Millis) -> Millis {
        let hour = 3_600_000;
        let Ok(at) = Timestamp::from_millisecond(now) else { return now + hour };
        let mut day = at.to_zoned(self.zone.clone()).date();
        for _ in 0..3 {
            let opening = self.zone.to_ambiguous_zoned(day.at(self.start, 0, 0, 0)).compatible();
            if let Ok(opening) = opening
                && opening.timestamp().as_millisecond() > now
            {
                return opening.timestamp().as_millisecond();
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        now + hour
    }
}

/// A time zone by its name in the IANA database.
///
/// # Errors
/// `campaign:timezone`.
pub(super) fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        let shown: String = name.chars().take(60).collect();
        Error::invalid("campaign:timezone", format!("There is no time zone '{shown}'."))
            .hint("Give a name of the IANA database, such as Europe/Berlin or America/Sao_Paulo.")
    })
}

#[cfg(test)]
mod tests {
    use super::Opening;

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().expect(text).as_millisecond()
    }

    fn opening(zone: &str, start: i64, end: i64) -> Opening {
        Opening::new(zone, start, end).expect("hours")
    }

    #[test]
    fn hours_are_those_of_the_time_zone() {
        let berlin = opening("Europe/Berlin", 9, 18);
        for (time, open) in [
            ("2026-01-15T07:59:59Z", false),
            ("2026-01-15T08:00:00Z", true),
            ("2026-01-15T16:59:59Z", true),
            ("2026-01-15T17:00:00Z", false),
            // In summer, clocks there are an hour further.
            ("2026-07-15T07:00:00Z", true),
            ("2026-07-15T16:00:00Z", false),
        ] {
            assert_eq!(berlin.is_open(at(time)), open, "{time}");
        }
        assert_eq!(berlin.opens(at("2026-01-15T17:00:00Z")), at("2026-01-16T08:00:00Z"));
        assert_eq!(berlin.opens(at("2026-01-15T03:00:00Z")), at("2026-01-15T08:00:00Z"));
        assert!(opening("America/Sao_Paulo", 20, 24).is_open(at("2026-01-16T02:59:00Z")));
    }

    #[test]
    fn the_day_of_a_changed_clock_opens_by_its_own_clock() {
        let berlin = opening("Europe/Berlin", 9, 18);
        assert_eq!(berlin.opens(at("2026-03-28T20:00:00Z")), at("2026-03-29T07:00:00Z"), "one hour less in that night");
        assert_eq!(berlin.opens(at("2026-10-24T20:00:00Z")), at("2026-10-25T08:00:00Z"), "one hour more in that night");
        // 2 o'clock does not exist in the first night, and comes twice in the second.
        let early = opening("Europe/Berlin", 2, 4);
        assert_eq!(early.opens(at("2026-03-29T00:30:00Z")), at("2026-03-29T01:00:00Z"));
        assert!(early.is_open(at("2026-03-29T01:00:00Z")) && !early.is_open(at("2026-03-29T02:00:00Z")));
        assert_eq!(early.opens(at("2026-10-24T22:30:00Z")), at("2026-10-25T00:00:00Z"));
        assert!(early.is_open(at("2026-10-25T00:30:00Z")) && early.is_open(at("2026-10-25T01:30:00Z")));
    }

    #[test]
    fn hours_may_go_over_midnight() {
        let night = opening("UTC", 22, 6);
        for (time, open) in [
            ("2026-01-15T21:59:00Z", false),
            ("2026-01-15T22:00:00Z", true),
            ("2026-01-16T05:59:00Z", true),
            ("2026-01-16T06:00:00Z", false),
        ] {
            assert_eq!(night.is_open(at(time)), open, "{time}");
        }
        assert_eq!(night.opens(at("2026-01-16T06:00:00Z")), at("2026-01-16T22:00:00Z"));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (zone, start, end, part) in [
            ("Mars/Olympus", 9, 18, "no time zone 'Mars/Olympus'"),
            ("UTC", 24, 6, "start is 24"),
            ("UTC", -1, 6, "start is -1"),
            ("UTC", 9, 25, "end is 25"),
            ("UTC", 9, 9, "leaves no time"),
        ] {
            let error = Opening::new(zone, start, end).expect_err(part);
            assert!(error.message.contains(part), "{}", error.message);
        }
    }
}
