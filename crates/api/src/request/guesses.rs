//! How often an address has presented a wrong key.
//!
//! Keys have 320 random bits, so nobody guesses one; the limit keeps a flood of
//! wrong keys out of the database's and the log's way. A right key is never
//! refused: behind a proxy many callers share one address, and one of them with
//! an old key must not lock out the others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Wrong keys per address and window.
const MOST: u32 = 20;
/// Milliseconds.
const WINDOW: i64 = 60_000;
/// Addresses remembered at most.
const ADDRESSES: usize = 10_000;

/// Wrong keys by address, in memory only.
#[derive(Default)]
pub(crate) struct Guesses {
    seen: Mutex<HashMap<Option<IpAddr>, Seen>>,
}

#[derive(Clone, Copy)]
struct Seen {
    since: i64,
    count: u32,
}

impl Guesses {
    /// Notes a wrong key; how long to wait when there were too many.
    pub(crate) fn wrong(&self, from: Option<IpAddr>, now: i64) -> Option<Duration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut from = from.map(network);
        if seen.len() >= ADDRESSES && !seen.contains_key(&from) {
            seen.retain(|_, entry| now - entry.since < WINDOW);
            // A flood from very many addresses shares one count.
            if seen.len() >= ADDRESSES {
                from = None;
            }
        }
        let entry = seen.entry(from).or_insert(Seen { since: now, count: 0 });
        if now - entry.since >= WINDOW || now < entry.since {
            *entry = Seen { since: now, count: 0 };
        }
        entry.count = entry.count.saturating_add(1);
        metrics::counter!("sparkbot_guesses_total", "what" => "key").increment(1);
        let left = (WINDOW - (now - entry.since)).clamp(1, WINDOW);
        (entry.count > MOST).then(|| Duration::from_millis(left.unsigned_abs()))
    }
}

/// Whoever has one IPv6 address has a /64 of them.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use super::{ADDRESSES, Guesses, MOST};

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn the_21st_wrong_key_within_a_minute_waits() {
        let guesses = Guesses::default();
        for n in 0..MOST {
            assert_eq!(guesses.wrong(address("192.0.2.1"), i64::from(n)), None);
        }
        assert_eq!(guesses.wrong(address("192.0.2.1"), 20_000), Some(Duration::from_secs(40)));
        assert_eq!(guesses.wrong(address("192.0.2.2"), 20_000), None);
        assert_eq!(guesses.wrong(address("192.0.2.1"), 60_000), None);
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let guesses = Guesses::default();
        for n in 0..MOST {
            assert_eq!(guesses.wrong(address(&format!("2001:db8::{n:x}")), 0), None);
        }
        assert!(guesses.wrong(address("2001:db8::ffff"), 0).is_some());
        assert!(guesses.wrong(address("2001:db8:0:1::1"), 0).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let guesses = Guesses::default();
        for n in 0..u32::try_from(ADDRESSES).expect("fits") + 100 {
            guesses.wrong(Some(IpAddr::from(n.to_be_bytes())), 0);
        }
        assert!(guesses.seen.lock().expect("lock").len() <= ADDRESSES + 1);
    }
}
