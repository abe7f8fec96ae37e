//! The only source of time for rules. Tests pass their own.

use std::sync::Arc;

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the Unix epoch, UTC.
    fn now(&self) -> Millis;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Millis {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// A clock as everything holds it.
pub type SharedClock = Arc<dyn Clock>;

/// ISO 8601 in UTC with milliseconds, as the API shows dates.
#[must_use]
pub fn iso(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map_or_else(|_| String::from("invalid date"), |t| t.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// Reads ISO 8601 dates with an offset or `Z`.
#[must_use]
pub fn parse_iso(text: &str) -> Option<Millis> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::{iso, parse_iso};

    #[test]
    fn dates_round_trip_with_milliseconds() {
        assert_eq!(iso(1_700_000_000_007), "2023-11-14T22:13:20.007Z");
        assert_eq!(parse_iso("2023-11-14T23:13:20.007+01:00"), Some(1_700_000_000_007));
        assert_eq!(parse_iso("yesterday"), None);
    }
}
