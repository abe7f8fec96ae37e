//! How fast a campaign goes, and when it must slow down.

use rand::RngExt;

use crate::network::Millis;

/// People of one campaign in one number's queue at most. Few, so that a pause
/// finds most of them not yet handed out.
pub(super) const WINDOW: i64 = 32;
/// This many refusals in a row, and a number sends no more of a campaign.
pub(super) const REFUSALS: i64 = 5;
/// Time that a message has to arrive before it tells something of delivery.
pub(super) const GRACE: Millis = 10 * 60_000;
/// Between two looks at delivery.
pub(super) const LOOKS: Millis = 60_000;
/// Messages that are looked at: the latest ones.
pub(super) const SAMPLE: i64 = 100;
/// With fewer than these nothing can be said.
const ENOUGH: i64 = 20;
/// The slowest: so many times slower than wanted.
const SLOWEST: i64 = 8;

/// What delivery says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Too little is known, or it stays as it is.
    Same,
    /// Go on so many times slower than wanted; 1 is the speed that was asked for.
    Slow(i64),
    /// Stand still until a person has looked.
    Stop,
}

/// What follows from `arrived` of `sent` messages, while the campaign is
/// `slowed` times slower than wanted.
///
/// Some phones are always off, so that two thirds are good. Below four in ten
/// each look doubles the slowness; below one in ten the campaign stands still.
pub(super) fn verdict(sent: i64, arrived: i64, slowed: i64) -> Verdict {
    if sent < ENOUGH {
        return Verdict::Same;
    }
    let share = arrived.saturating_mul(100) / sent;
    match share {
        ..10 => Verdict::Stop,
        10..40 if slowed < SLOWEST => Verdict::Slow(slowed * 2),
        66.. if slowed > 1 => Verdict::Slow(slowed / 2),
        _ => Verdict::Same,
    }
}

/// Milliseconds from one person to the next, with jitter; none when nothing but
/// the number's own queue sets the pace.
pub(super) fn gap(speed: f64, slowed: i64) -> Option<Millis> {
    // What has no pace of its own gets one when it has to slow down.
    let speed = if speed <= 0.0 && slowed > 1 { 60.0 } else { speed };
    if speed <= 0.0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a single digit")]
    let mean = 60_000.0 / speed * slowed as f64;
    let jittered = mean * rand::rng().random_range(0.8..1.2);
    #[expect(clippy::cast_possible_truncation, reason = "a few hours at most")]
    Some(jittered as Millis)
}

/// How many more people a number takes at `now`.
pub(super) fn room(open: i64, next_at: Millis, paced: bool, now: Millis) -> i64 {
    if next_at > now {
        return 0;
    }
    let room = (WINDOW - open).max(0);
    if paced { room.min(1) } else { room }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, WINDOW, gap, room, verdict};

    #[test]
    fn falling_delivery_slows_down_and_stops() {
        assert_eq!(verdict(19, 0, 1), Verdict::Same, "too few to say");
        assert_eq!(verdict(100, 95, 1), Verdict::Same);
        assert_eq!(verdict(100, 50, 1), Verdict::Same, "neither good nor bad");
        assert_eq!(verdict(100, 39, 1), Verdict::Slow(2));
        assert_eq!(verdict(100, 39, 4), Verdict::Slow(8));
        assert_eq!(verdict(100, 39, 8), Verdict::Same, "no slower than that");
        assert_eq!(verdict(100, 9, 1), Verdict::Stop);
        assert_eq!(verdict(20, 0, 8), Verdict::Stop);
        assert_eq!(verdict(100, 70, 8), Verdict::Slow(4), "it recovers in steps");
        assert_eq!(verdict(100, 50, 2), Verdict::Same);
    }

    #[test]
    fn a_pace_is_kept_with_jitter() {
        assert_eq!(gap(0.0, 1), None);
        for (speed, slowed, mean) in [(1.0, 1, 60_000), (60.0, 1, 1000), (60.0, 4, 4000), (0.0, 2, 2000)] {
            let gap = gap(speed, slowed).expect("a gap");
            assert!((mean * 8 / 10..mean * 12 / 10).contains(&gap), "{speed} {slowed}: {gap}");
        }
    }

    #[test]
    fn a_number_takes_few_at_a_time() {
        assert_eq!(room(0, 0, false, 1000), WINDOW);
        assert_eq!(room(WINDOW - 1, 0, false, 1000), 1);
        assert_eq!(room(WINDOW + 5, 0, false, 1000), 0);
        assert_eq!(room(0, 0, true, 1000), 1);
        assert_eq!(room(0, 1001, true, 1000), 0);
    }
}
