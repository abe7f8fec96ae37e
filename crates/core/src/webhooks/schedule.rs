//! When a failed delivery is tried again.

use std::time::Duration;

use rand::RngExt;

/// After the first failure an event is tried again for this long, milliseconds.
pub(super) const GIVE_UP: i64 = 24 * 3600 * 1000;

/// A receiver that asks for patience gets this much at most.
pub(super) const LONGEST_PATIENCE: Duration = Duration::from_secs(3600);

/// The gaps between tries; the last one repeats until a day is over.
#[must_use]
pub fn default_gaps() -> Vec<Duration> {
    [5, 15, 60, 5 * 60, 15 * 60, 3600, 2 * 3600, 4 * 3600, 8 * 3600].map(Duration::from_secs).to_vec()
}

/// The gap after the `attempts`-th failure, milliseconds, a tenth longer at
/// most, so that what failed together does not come back together.
pub(super) fn gap(gaps: &[Duration], attempts: i64) -> i64 {
    let nth = usize::try_from(attempts - 1).unwrap_or(0);
    let gap = gaps.get(nth).or(gaps.last()).copied().unwrap_or(Duration::from_secs(60));
    let gap = i64::try_from(gap.as_millis()).unwrap_or(GIVE_UP);
    gap + rand::rng().random_range(0..=gap / 10)
}

/// When an event that failed `attempts` times and is due at `due` goes again, as
/// a server that has just started sees it: at once where no failure makes it wait
/// that long, as the clock was put back meanwhile.
pub(super) fn due_after_start(gaps: &[Duration], attempts: i64, due: i64, now: i64) -> i64 {
    let patience = i64::try_from(LONGEST_PATIENCE.as_millis()).unwrap_or(GIVE_UP);
    let nth = usize::try_from(attempts - 1).unwrap_or(0);
    let longest = gaps.get(nth).or(gaps.last()).map_or(0, |gap| i64::try_from(gap.as_millis()).unwrap_or(GIVE_UP));
    let longest = (longest + longest / 10).max(patience);
    if due > now + longest { now } else { due }
}

/// Reads `Retry-After`: seconds or a date.
pub(super) fn retry_after(value: &str, now: i64) -> Option<Duration> {
    let wait = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp().as_millisecond();
            Duration::from_millis(u64::try_from(at - now).unwrap_or(0))
        }
    };
    Some(wait.min(LONGEST_PATIENCE))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{default_gaps, due_after_start, gap, retry_after};

    #[test]
    fn gaps_grow_and_the_last_repeats() {
        let gaps = default_gaps();
        let mut before = 0;
        for attempts in 1..=9 {
            let gap = gap(&gaps, attempts);
            assert!(gap > before, "{attempts}: {gap}");
            before = gap * 10 / 11;
        }
        assert!(gap(&gaps, 1) >= 5_000 && gap(&gaps, 1) <= 5_500);
        assert!(gap(&gaps, 50) >= 8 * 3_600_000);
    }

    #[test]
    fn a_clock_put_back_over_a_restart_makes_nothing_wait_for_the_time_that_was() {
        let (gaps, now, hour) = (default_gaps(), 1_000_000_000, 3_600_000);
        assert_eq!(due_after_start(&gaps, 1, now + 5_000, now), now + 5_000);
        assert_eq!(due_after_start(&gaps, 1, now + hour, now), now + hour, "the receiver has asked for patience");
        assert_eq!(due_after_start(&gaps, 1, now + 27 * hour, now), now);
        assert_eq!(due_after_start(&gaps, 9, now + 8 * hour, now), now + 8 * hour);
        assert_eq!(due_after_start(&gaps, 9, now + 9 * hour, now), now);
    }

    #[test]
    fn receivers_may_ask_for_patience_within_bounds() {
        assert_eq!(retry_after("120", 0), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("999999", 0), Some(Duration::from_secs(3600)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 0), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 90_000), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", 0), None);
    }
}
