//! When a message leaves at the earliest, and when it is no longer worth
//! sending.

use crate::clock::{iso, parse_iso};
use crate::error::{Error, Result};

/// Longest life in the queue: 30 days.
const LIFE_SECONDS: i64 = 2_592_000;
/// How far ahead a message may be scheduled: 366 days.
const AHEAD_SECONDS: i64 = 366 * 86_400;
/// A time that has just passed is now: the request took a while.
const JUST_PASSED: i64 = 60_000;

/// When a message leaves at the earliest; one of the three.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    /// ISO 8601.
    pub date: Option<String>,
    /// Seconds from now.
    pub delay: Option<i64>,
    /// `10m`, `2h`, `1d`, `1w`… from now.
    pub delay_to: Option<String>,
}

/// When a message is no longer worth sending; one of the three.
#[derive(Debug, Clone, Default)]
pub struct Expiration {
    /// 5 to 2,592,000 seconds after it is due.
    pub seconds: Option<i64>,
    /// `10m`, `2h`, `1d`… after it is due.
    pub duration: Option<String>,
    /// ISO 8601.
    pub date: Option<String>,
}

/// When a message is due, from `deliverAt` and `schedule`, of which one is
/// given at most; `None` for at once.
pub(super) fn due(deliver_at: Option<&str>, schedule: Option<&Schedule>, now: i64) -> Result<Option<i64>> {
    let Some(schedule) = schedule else {
        return deliver_at.map(|text| date("deliverAt", text, now)).transpose();
    };
    let given = usize::from(deliver_at.is_some())
        + usize::from(schedule.date.is_some())
        + usize::from(schedule.delay.is_some())
        + usize::from(schedule.delay_to.is_some());
    if given != 1 {
        return Err(Error::invalid(
            "message:schedule",
            "A scheduled message needs exactly one of deliverAt, schedule.date, schedule.delay and schedule.delayTo.",
        ));
    }
    if let Some(text) = &schedule.date {
        return date("schedule.date", text, now).map(Some);
    }
    if let Some(delay) = schedule.delay {
        if !(0..=AHEAD_SECONDS).contains(&delay) {
            return Err(Error::invalid(
                "message:schedule",
                format!("schedule.delay is {delay}; it must be 0 to {AHEAD_SECONDS} seconds."),
            ));
        }
        return Ok(Some(now + delay * 1000));
    }
    let text = schedule.delay_to.as_deref().unwrap_or_default();
    let delay = seconds(text).filter(|s| *s <= AHEAD_SECONDS).ok_or_else(|| {
        Error::invalid(
            "message:schedule",
            format!("schedule.delayTo is '{text}'; it must be a time such as 30s, 15m, 2h, 3d or 1w, at most 366d."),
        )
    })?;
    Ok(Some(now + delay * 1000))
}

/// A date to deliver at.
pub(super) fn date(field: &str, text: &str, now: i64) -> Result<i64> {
    let at = parse_iso(text).ok_or_else(|| {
        Error::invalid(
            "message:schedule",
            format!("{field} is '{text}'; it must be a date such as {}.", iso(now + 3_600_000)),
        )
    })?;
    if at < now - JUST_PASSED {
        return Err(Error::invalid("message:schedule", format!("{field} {text} has passed."))
            .hint("Leave it out to send at once."));
    }
    if at > now + AHEAD_SECONDS * 1000 {
        return Err(Error::invalid("message:schedule", format!("{field} {text} is more than 366 days ahead.")));
    }
    Ok(at.max(now))
}

/// When a message due at `due` is no longer worth sending, Unix milliseconds.
pub(super) fn expiry(expiration: &Expiration, due: i64) -> Result<i64> {
    let given = usize::from(expiration.seconds.is_some())
        + usize::from(expiration.duration.is_some())
        + usize::from(expiration.date.is_some());
    if given != 1 {
        return Err(Error::invalid("message:expiration", "expiration needs exactly one of seconds, duration or date."));
    }
    if let Some(seconds) = expiration.seconds {
        if !(5..=LIFE_SECONDS).contains(&seconds) {
            return Err(Error::invalid(
                "message:expiration",
                format!("expiration.seconds is {seconds}; it must be 5 to {LIFE_SECONDS}."),
            ));
        }
        return Ok(due + seconds * 1000);
    }
    if let Some(duration) = &expiration.duration {
        let seconds = seconds(duration).filter(|s| (5..=LIFE_SECONDS).contains(s)).ok_or_else(|| {
            Error::invalid(
                "message:expiration",
                format!(
                    "expiration.duration is '{duration}'; it must be a time such as 30s, 10m, 2h or 7d, at most 30d."
                ),
            )
        })?;
        return Ok(due + seconds * 1000);
    }
    let text = expiration.date.as_deref().unwrap_or_default();
    let at = parse_iso(text).ok_or_else(|| {
        Error::invalid(
            "message:expiration",
            format!("expiration.date is '{text}'; it must be a date such as {}.", iso(due + 3_600_000)),
        )
    })?;
    if at <= due {
        return Err(Error::invalid(
            "message:expiration",
            format!("expiration.date {text} has passed by the time the message is due, {}.", iso(due)),
        ));
    }
    Ok(at)
}

/// `30s`, `10m`, `2h`, `7d`, `1w` in seconds.
fn seconds(duration: &str) -> Option<i64> {
    let unit = match duration.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let number = duration.get(..duration.len() - 1)?;
    if number.is_empty() || number.len() > 7 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    number.parse::<i64>().ok().map(|n| n * unit)
}

#[cfg(test)]
mod tests {
    use super::{Expiration, Schedule, due, expiry, seconds};

    #[test]
    fn durations_have_one_unit() {
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("7d"), Some(604_800));
        assert_eq!(seconds("1w"), Some(604_800));
        for bad in ["", "m", "-1m", "10", "1.5h", "10y", "99999999s", "ñ"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn expiration_takes_one_way_of_saying_it() {
        let now = 1_000_000;
        let ask = |seconds, duration: Option<&str>, date: Option<&str>| {
            let (duration, date) = (duration.map(str::to_owned), date.map(str::to_owned));
            expiry(&Expiration { seconds, duration, date }, now)
        };
        assert_eq!(ask(Some(5), None, None).expect("seconds"), now + 5000);
        assert_eq!(ask(None, Some("1h"), None).expect("duration"), now + 3_600_000);
        assert!(ask(None, None, Some("1970-01-01T01:00:00Z")).is_ok());
        assert!(ask(None, None, Some("1970-01-01T00:00:01Z")).expect_err("past").message.contains("has passed"));
        for seconds in [4, 2_592_001] {
            assert!(ask(Some(seconds), None, None).expect_err("out of range").message.contains("5 to 2592000"));
        }
        assert!(ask(None, Some("31d"), None).is_err());
        assert!(ask(None, None, None).is_err());
        assert!(ask(Some(10), Some("1h"), None).is_err());
    }

    #[test]
    fn a_schedule_takes_one_way_of_saying_it() {
        let now = 1_000_000_000;
        let ask = |at: Option<&str>, date: Option<&str>, delay, delay_to: Option<&str>| {
            let (date, delay_to) = (date.map(str::to_owned), delay_to.map(str::to_owned));
            due(at, Some(&Schedule { date, delay, delay_to }), now)
        };
        assert_eq!(due(None, None, now).expect("at once"), None);
        assert_eq!(due(Some("1970-01-13T00:00:00Z"), None, now).expect("a date"), Some(1_036_800_000));
        assert_eq!(ask(None, Some("1970-01-13T00:00:00Z"), None, None).expect("a date"), Some(1_036_800_000));
        assert_eq!(ask(None, None, Some(60), None).expect("a delay"), Some(now + 60_000));
        assert_eq!(ask(None, None, None, Some("1w")).expect("a delay"), Some(now + 604_800_000));
        assert!(ask(None, None, Some(31_622_401), None).expect_err("far").message.contains("31622400"));
        assert!(ask(None, None, None, Some("53w")).expect_err("far").message.contains("366d"));
        assert!(ask(None, Some("1969-01-01T00:00:00Z"), None, None).expect_err("past").message.contains("has passed"));
        assert!(ask(None, Some("1975-01-01T00:00:00Z"), None, None).expect_err("far").message.contains("366 days"));
        assert!(ask(None, None, None, None).is_err());
        assert!(ask(Some("1970-01-13T00:00:00Z"), None, Some(1), None).is_err());
    }
}
