//! Opening hours, between the API's week and WhatsApp's.

use crate::error::{Error, Result};
use crate::network::profile::{BusinessHours as Week, Opening, OpeningDay, Weekday};
use crate::views::{BusinessDay, BusinessHours};

/// How long a business is open on a day.
pub const MODES: &[&str] = &["hours", "24h_open", "24h_closed", "appointment"];
/// Characters of a zone's name.
const ZONE: usize = 64;
/// The zone when none has ever been said.
const UTC: &str = "UTC";

/// The weekdays as people count them.
pub const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "monday"),
    (Weekday::Tuesday, "tuesday"),
    (Weekday::Wednesday, "wednesday"),
    (Weekday::Thursday, "thursday"),
    (Weekday::Friday, "friday"),
    (Weekday::Saturday, "saturday"),
    (Weekday::Sunday, "sunday"),
];

/// Changes of opening hours; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct HoursChange {
    /// IANA name.
    pub timezone: Option<String>,
    /// The days that change.
    pub days: Vec<(Weekday, BusinessDay)>,
}

/// The week after a change.
///
/// # Errors
/// `profile:hours` for what is no zone, no time or no opening.
pub(super) fn changed(before: Option<&Week>, change: &HoursChange) -> Result<Week> {
    let mut week = before.cloned().unwrap_or_default();
    if let Some(zone) = &change.timezone {
        week.timezone = timezone(zone)?;
    } else if week.timezone.is_empty() {
        week.timezone = UTC.to_owned();
    }
    for (day, wanted) in &change.days {
        week.days.retain(|known| known.day != *day);
        if let Some(opening) = opening(*day, wanted)? {
            week.days.push(OpeningDay { day: *day, opening });
        }
    }
    week.days.sort_by_key(|day| day.day);
    Ok(week)
}

fn timezone(zone: &str) -> Result<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
    let named = zone.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    if zone.len() > ZONE || !named || !zone.chars().all(fits) {
        let shown: String = zone.chars().take(40).collect();
        return wrong(format!("'{shown}' is not the name of a time zone, such as 'Europe/Berlin' or 'UTC'."));
    }
    Ok(zone.to_owned())
}

fn wrong<T>(sentence: String) -> Result<T> {
    Err(Error::invalid("profile:hours", sentence))
}

/// `None` for closed.
fn opening(day: Weekday, wanted: &BusinessDay) -> Result<Option<Opening>> {
    let name = WEEK.iter().find(|(known, _)| *known == day).map_or("", |(_, name)| *name);
    if wanted.mode != "hours" && (wanted.open.is_some() || wanted.close.is_some()) {
        let mode = &wanted.mode;
        return wrong(format!("'{name}' is '{mode}' and has times: 'open' and 'close' belong to the mode 'hours'."));
    }
    match wanted.mode.as_str() {
        "24h_open" => Ok(Some(Opening::AllDay)),
        "24h_closed" => Ok(None),
        "appointment" => Ok(Some(Opening::ByAppointment)),
        "hours" => {
            let (Some(open), Some(close)) = (&wanted.open, &wanted.close) else {
                return wrong(format!("'{name}' has the mode 'hours', so it needs both 'open' and 'close'."));
            };
            let (from, to) = (minutes(name, open)?, minutes(name, close)?);
            if from == to {
                return wrong(format!("'{name}' opens and closes at {open}; use the mode '24h_open' for all day."));
            }
            Ok(Some(Opening::Hours(from, to)))
        }
        other => wrong(format!("'{name}' has the mode '{other}'; it must be one of {}.", MODES.join(", "))),
    }
}

/// `09:30` as minutes since midnight; `24:00` is the end of the day.
fn minutes(day: &str, text: &str) -> Result<u16> {
    let read = || {
        let (hours, minutes) = text.split_once(':')?;
        let two = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        let total = hours * 60 + minutes;
        (minutes < 60 && total <= 24 * 60).then_some(total)
    };
    match read() {
        Some(minutes) => Ok(minutes),
        None => {
            let shown: String = text.chars().take(20).collect();
            wrong(format!("'{shown}' of '{day}' is not a time from 00:00 to 24:00, such as 09:30."))
        }
    }
}

/// The week as the API shows it.
pub(super) fn view(week: &Week) -> BusinessHours {
    let day = |wanted: Weekday| {
        let opening = week.days.iter().find(|known| known.day == wanted).map(|known| known.opening);
        let (mode, times) = match opening {
            None => ("24h_closed", None),
            Some(Opening::AllDay) => ("24h_open", None),
            Some(Opening::ByAppointment) => ("appointment", None),
            Some(Opening::Hours(from, to)) => ("hours", Some((clock(from), clock(to)))),
        };
        let (open, close) = times.unzip();
        BusinessDay { mode: mode.to_owned(), open, close }
    };
    BusinessHours {
        timezone: week.timezone.clone(),
        monday: day(Weekday::Monday),
        tuesday: day(Weekday::Tuesday),
        wednesday: day(Weekday::Wednesday),
        thursday: day(Weekday::Thursday),
        friday: day(Weekday::Friday),
        saturday: day(Weekday::Saturday),
        sunday: day(Weekday::Sunday),
    }
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::{HoursChange, changed, view};
    use crate::network::profile::{Opening, Weekday};
    use crate::views::BusinessDay;

    fn day(mode: &str, open: Option<&str>, close: Option<&str>) -> BusinessDay {
        BusinessDay { mode: mode.to_owned(), open: open.map(str::to_owned), close: close.map(str::to_owned) }
    }

    fn change(timezone: Option<&str>, days: &[(Weekday, BusinessDay)]) -> HoursChange {
        HoursChange { timezone: timezone.map(str::to_owned), days: days.to_vec() }
    }

    #[test]
    fn what_is_not_named_stays() {
        let hours = day("hours", Some("09:00"), Some("17:30"));
        let first = change(
            Some("Europe/Berlin"),
            &[(Weekday::Monday, hours), (Weekday::Sunday, day("appointment", None, None))],
        );
        let week = changed(None, &first).expect("hours");
        assert_eq!(week.days[0].opening, Opening::ByAppointment);
        assert_eq!(week.days[1].opening, Opening::Hours(540, 1050));
        let next = changed(Some(&week), &change(None, &[(Weekday::Sunday, day("24h_closed", None, None))]));
        let next = next.expect("hours");
        assert_eq!((next.timezone.as_str(), next.days.len()), ("Europe/Berlin", 1));
        let zone = changed(Some(&next), &change(Some("UTC"), &[])).expect("hours");
        assert_eq!((zone.timezone.as_str(), zone.days.len()), ("UTC", 1));
        let shown = view(&zone);
        assert_eq!(shown.monday, day("hours", Some("09:00"), Some("17:30")));
        assert_eq!(shown.tuesday, day("24h_closed", None, None));
        assert_eq!(changed(None, &change(None, &[])).expect("hours").timezone, "UTC");
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (zone, wanted) in [
            (None, day("hours", Some("9:00"), Some("17:00"))),
            (None, day("hours", Some("09:00"), Some("24:01"))),
            (None, day("hours", Some("09:60"), Some("10:00"))),
            (None, day("hours", Some("09:00"), Some("09:00"))),
            (None, day("hours", Some("09:00"), None)),
            (None, day("24h_open", Some("09:00"), None)),
            (None, day("sometimes", None, None)),
            (Some("Not a zone!"), day("24h_open", None, None)),
            (Some(""), day("24h_open", None, None)),
        ] {
            let refused = changed(None, &change(zone, &[(Weekday::Friday, wanted.clone())]));
            assert_eq!(refused.expect_err("refused").code, "profile:hours", "{zone:?} {wanted:?}");
        }
        let night = day("hours", Some("18:00"), Some("24:00"));
        assert!(changed(None, &change(None, &[(Weekday::Friday, night)])).is_ok());
    }
}
