//! Weekly hours in a time zone: when a team works.
//!
//! Hours are those of the clock on the wall, so a change to summer time moves
//! them along. Where the clock is put back, an hour that comes twice is the
//! first one; where it is put forward, an hour that is left out is the one after.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::network::Millis;

/// What a day can be.
pub const DAY_MODES: &[&str] = &["hours", "24h_open", "24h_closed"];
/// Stretches of one day at most.
const STRETCHES: usize = 6;
/// Days looked at before and after a moment: every weekday, and the next week's first.
const DAYS: i64 = 8;

/// Hours of each day of the week; a day that is not given is open all day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WeekHours {
    /// Monday.
    pub monday: DayHours,
    /// Tuesday.
    pub tuesday: DayHours,
    /// Wednesday.
    pub wednesday: DayHours,
    /// Thursday.
    pub thursday: DayHours,
    /// Friday.
    pub friday: DayHours,
    /// Saturday.
    pub saturday: DayHours,
    /// Sunday.
    pub sunday: DayHours,
}

/// Hours of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DayHours {
    /// `hours` as listed, `24h_open` or `24h_closed`.
    pub mode: String,
    /// With `hours`: 1 to 6 stretches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Stretch>,
}

impl Default for DayHours {
    fn default() -> Self {
        Self { mode: "24h_open".to_owned(), hours: Vec::new() }
    }
}

/// From when until when; one that ends before it begins goes on after midnight.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`, `24:00` for midnight.
    pub to: String,
}

impl WeekHours {
    fn days(&self) -> [(&'static str, &DayHours); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }

    /// Refuses hours that are none; `field` is where they stand in the request.
    ///
    /// # Errors
    /// `hours:invalid`, naming the day and the value.
    pub fn check(&self, field: &str) -> Result<()> {
        let wrong = |text: String| Err(Error::invalid("hours:invalid", text));
        for (day, hours) in self.days() {
            if !DAY_MODES.contains(&hours.mode.as_str()) {
                return wrong(format!(
                    "{field}.{day}.mode is '{}'; it must be one of {}.",
                    hours.mode,
                    DAY_MODES.join(", ")
                ));
            }
            let count = hours.hours.len();
            if hours.mode != "hours" && count > 0 {
                return wrong(format!("{field}.{day} has hours, which go with the mode 'hours' only."));
            }
            if hours.mode == "hours" && !(1..=STRETCHES).contains(&count) {
                return wrong(format!("{field}.{day}.hours has {count} entries; it needs 1 to {STRETCHES}."));
            }
            for Stretch { from, to } in &hours.hours {
                let fine = clock(from).is_some_and(|at| at < 1440) && clock(to).is_some() && from != to;
                if !fine {
                    return wrong(format!(
                        "{field}.{day}.hours has '{from}' to '{to}'; both must be times such as 09:00, up to 24:00, \
                         and differ."
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Minutes since midnight.
fn clock(text: &str) -> Option<i16> {
    let (hours, minutes) = text.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b':') {
        return None;
    }
    let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours * 60 + minutes <= 1440).then_some(hours * 60 + minutes)
}

/// A time zone by its IANA name.
///
/// # Errors
/// `hours:timezone`.
pub fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        let shown: String = name.chars().take(60).collect();
        Error::invalid("hours:timezone", format!("The time zone is '{shown}', which is not known."))
            .hint("Give the IANA name, such as Europe/Berlin, America/Sao_Paulo or UTC.")
    })
}

/// Hours and the zone they are in.
#[derive(Debug, Clone)]
pub struct Schedule {
    week: WeekHours,
    zone: TimeZone,
}

impl Schedule {
    /// These hours, in the zone of this name.
    ///
    /// # Errors
    /// `hours:timezone`.
    pub fn new(week: &WeekHours, timezone: &str) -> Result<Self> {
        Ok(Self { week: week.clone(), zone: zone(timezone)? })
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self, at: Millis) -> bool {
        self.around(at).iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    /// When it closed last; `None` when it never does, or never opens.
    #[must_use]
    pub fn closed_since(&self, at: Millis) -> Option<Millis> {
        self.around(at).into_iter().map(|(_, to)| to).filter(|to| *to <= at).max()
    }

    /// When it opens next, after `at`.
    #[must_use]
    pub fn opens_next(&self, at: Millis) -> Option<Millis> {
        self.around(at).into_iter().map(|(from, _)| from).filter(|from| *from > at).min()
    }

    /// The stretches around a moment.
    fn around(&self, at: Millis) -> Vec<(Millis, Millis)> {
        let Ok(moment) = Timestamp::from_millisecond(at) else { return Vec::new() };
        let today = moment.to_zoned(self.zone.clone()).date();
        let days = (-DAYS..=DAYS).filter_map(|offset| today.checked_add(offset.days()).ok());
        days.flat_map(|date| self.of(date)).collect()
    }

    fn of(&self, date: Date) -> Vec<(Millis, Millis)> {
        let index = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        let (_, day) = self.week.days()[index];
        let whole = (0, 1440);
        let stretches: Vec<(i16, i16)> = match day.mode.as_str() {
            "24h_open" => vec![whole],
            "24h_closed" => Vec::new(),
            _ => day.hours.iter().filter_map(|one| Some((clock(&one.from)?, clock(&one.to)?))).collect(),
        };
        let moments = stretches.into_iter().filter_map(|(from, to)| {
            let to = if to <= from { to + 1440 } else { to };
            Some((self.moment(date, from)?, self.moment(date, to)?))
        });
        moments.collect()
    }

    /// A time of the wall's clock, in minutes since a day's midnight.
    fn moment(&self, date: Date, minutes: i16) -> Option<Millis> {
        let date = date.checked_add(i64::from(minutes / 1440).days()).ok()?;
        let minutes = minutes % 1440;
        let time = Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()?;
        Some(date.to_datetime(time).to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::{DayHours, Schedule, Stretch, WeekHours};
    use crate::clock::{iso, parse_iso};

    fn day(stretches: &[(&str, &str)]) -> DayHours {
        let hours = stretches.iter().map(|(from, to)| Stretch { from: (*from).to_owned(), to: (*to).to_owned() });
        DayHours { mode: "hours".to_owned(), hours: hours.collect() }
    }

    fn closed() -> DayHours {
        DayHours { mode: "24h_closed".to_owned(), hours: Vec::new() }
    }

    /// Nine to five on weekdays with a break on Mondays, all night from Friday to Saturday.
    fn week() -> WeekHours {
        let plain = day(&[("09:00", "17:00")]);
        WeekHours {
            monday: day(&[("09:00", "12:00"), ("13:00", "17:00")]),
            tuesday: plain.clone(),
            wednesday: plain.clone(),
            thursday: plain,
            friday: day(&[("22:00", "02:00")]),
            saturday: closed(),
            sunday: closed(),
        }
    }

    fn at(text: &str) -> i64 {
        parse_iso(text).expect("a date")
    }

    #[test]
    fn doors_open_and_close_by_the_clock_on_the_wall() {
        let berlin = Schedule::new(&week(), "Europe/Berlin").expect("a zone");
        // 2026-01-05 is a Monday; Berlin is an hour ahead of UTC then, two hours in summer.
        for (moment, open) in [
            ("2026-01-05T07:59:59Z", false),
            ("2026-01-05T08:00:00Z", true),
            ("2026-01-05T11:00:00Z", false),
            ("2026-01-05T12:00:00Z", true),
            ("2026-01-05T16:00:00Z", false),
            ("2026-07-06T07:00:00Z", true),
            ("2026-07-06T15:00:00Z", false),
            ("2026-01-09T20:59:59Z", false),
            ("2026-01-09T21:00:00Z", true),
            ("2026-01-10T00:59:59Z", true),
            ("2026-01-10T01:00:00Z", false),
            ("2026-01-11T12:00:00Z", false),
        ] {
            assert_eq!(berlin.is_open(at(moment)), open, "{moment}");
        }
    }

    #[test]
    fn it_is_known_since_when_it_is_closed_and_until_when() {
        let berlin = Schedule::new(&week(), "Europe/Berlin").expect("a zone");
        let sunday = at("2026-01-11T12:00:00Z");
        assert_eq!(berlin.closed_since(sunday).map(iso).as_deref(), Some("2026-01-10T01:00:00.000Z"));
        assert_eq!(berlin.opens_next(sunday).map(iso).as_deref(), Some("2026-01-12T08:00:00.000Z"));
        let never = WeekHours {
            monday: closed(),
            tuesday: closed(),
            wednesday: closed(),
            thursday: closed(),
            friday: closed(),
            saturday: closed(),
            sunday: closed(),
        };
        let never = Schedule::new(&never, "UTC").expect("a zone");
        assert_eq!((never.closed_since(sunday), never.opens_next(sunday)), (None, None));
        assert!(Schedule::new(&WeekHours::default(), "UTC").expect("a zone").is_open(sunday));
    }

    #[test]
    fn the_days_on_which_clocks_change_have_their_hours() {
        let every = WeekHours { sunday: day(&[("02:30", "10:00")]), ..week() };
        let berlin = Schedule::new(&every, "Europe/Berlin").expect("a zone");
        // 2026-03-29: 02:00 is 03:00 at once; what would begin at 02:30 begins at 03:30.
        assert!(!berlin.is_open(at("2026-03-29T01:29:59Z")));
        assert!(berlin.is_open(at("2026-03-29T01:30:00Z")));
        assert!(berlin.is_open(at("2026-03-29T07:59:59Z")));
        assert!(!berlin.is_open(at("2026-03-29T08:00:00Z")));
        // 2026-10-25: 03:00 is 02:00 again; it begins at the first 02:30.
        assert!(!berlin.is_open(at("2026-10-25T00:29:59Z")));
        assert!(berlin.is_open(at("2026-10-25T00:30:00Z")));
        assert!(berlin.is_open(at("2026-10-25T08:59:59Z")));
        assert!(!berlin.is_open(at("2026-10-25T09:00:00Z")));
    }

    #[test]
    fn hours_that_are_none_are_refused_by_name() {
        assert!(week().check("hours").is_ok());
        let told = |monday: DayHours| WeekHours { monday, ..week() }.check("hours").expect_err("refused").message;
        assert!(told(day(&[])).contains("hours.monday.hours has 0 entries"));
        assert!(told(day(&[("9:00", "17:00")])).contains("'9:00' to '17:00'"));
        assert!(told(day(&[("24:00", "25:00")])).contains("'24:00'"));
        assert!(told(day(&[("09:00", "09:00")])).contains("differ"));
        assert!(told(DayHours { mode: "open".to_owned(), hours: Vec::new() }).contains("'open'"));
        assert!(told(DayHours { mode: "24h_open".to_owned(), ..day(&[("09:00", "10:00")]) }).contains("go with"));
        let error = Schedule::new(&week(), "Europe/Atlantis").expect_err("no such place");
        assert_eq!(error.code, "hours:timezone");
        assert!(error.message.contains("Europe/Atlantis"));
    }
}
