//! When a lost connection is made again.
//!
//! The client would do it by itself, but it forgets its failures only after a
//! connection that has lasted 30 s: on a line that breaks every few seconds it
//! waits longer and longer, up to a quarter of an hour, although each login
//! succeeds. Here a connection counts as good as soon as a message has passed.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rand::RngExt;

/// The longest wait, WhatsApp Web's.
const LONGEST: u64 = 900;
/// What "too many requests" counts for.
const RATE_LIMITED: u32 = 5;

/// How often a number has failed to get a good connection in a row.
#[derive(Default)]
pub(crate) struct Reconnect {
    /// Connections tried since the last good one.
    tries: AtomicU32,
}

impl Reconnect {
    /// A connection is being made.
    pub(crate) fn trying(&self) {
        self.tries.fetch_add(1, Ordering::Relaxed);
    }

    /// The connection is good.
    pub(crate) fn good(&self) {
        if self.tries.load(Ordering::Relaxed) > 1 {
            self.tries.store(1, Ordering::Relaxed);
        }
    }

    /// WhatsApp wants to hear less from us.
    pub(crate) fn rate_limited(&self) {
        self.tries.fetch_add(RATE_LIMITED, Ordering::Relaxed);
    }

    /// How long to wait: Fibonacci numbers in seconds, as WhatsApp Web does.
    pub(crate) fn wait(&self) -> Duration {
        let (mut now, mut next) = (1, 1);
        for _ in 1..self.tries.load(Ordering::Relaxed).min(64) {
            (now, next) = (next, (now + next).min(LONGEST));
        }
        Duration::from_secs(now)
    }

    /// The same, with a tenth of jitter so that numbers don't march in step.
    pub(crate) fn jittered(&self) -> Duration {
        self.wait().mul_f64(rand::rng().random_range(0.9..1.1))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Reconnect;

    fn waits(reconnect: &Reconnect, tries: usize) -> Vec<u64> {
        let wait = |_| {
            reconnect.trying();
            reconnect.wait().as_secs()
        };
        (0..tries).map(wait).collect()
    }

    #[test]
    fn waits_grow_until_a_connection_is_good() {
        let reconnect = Reconnect::default();
        assert_eq!(waits(&reconnect, 8), [1, 1, 2, 3, 5, 8, 13, 21]);
        reconnect.good();
        assert_eq!(reconnect.wait(), Duration::from_secs(1), "a good one that breaks is tried again soon");
        assert_eq!(waits(&reconnect, 40).last(), Some(&900));
    }

    #[test]
    fn a_rate_limit_counts_for_more() {
        let reconnect = Reconnect::default();
        reconnect.trying();
        reconnect.rate_limited();
        assert_eq!(reconnect.wait(), Duration::from_secs(8));
    }
}
