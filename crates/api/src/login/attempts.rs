//! How often passwords were guessed.
//!
//! Three counts, each over a quarter of an hour: of one address for one person,
//! of everybody for one person, and of one address. The first is low, so that a
//! password can't be tried out; the second is higher, so that a stranger does
//! not lock a person out with a handful of guesses.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::request::network;

/// Milliseconds.
const WINDOW: i64 = 15 * 60 * 1000;
/// Guesses of one address for one person.
const PAIR: u32 = 10;
/// Guesses for one person.
const PERSON: u32 = 100;
/// Guesses of one address.
const ADDRESS: u32 = 100;
/// Counts remembered at most.
const COUNTS: usize = 30_000;

/// What is counted.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    /// Guesses of an address for a person.
    Pair(Option<IpAddr>, String),
    /// Guesses for a person.
    Person(String),
    /// Guesses of an address.
    Address(Option<IpAddr>),
    /// What there is no more room for.
    Others,
}

/// Attempts by address and person, in memory only.
#[derive(Default)]
pub(crate) struct Attempts {
    counts: Mutex<HashMap<Key, Count>>,
}

#[derive(Clone, Copy)]
struct Count {
    since: i64,
    tries: u32,
}

fn keys(from: Option<IpAddr>, email: &str) -> [(Key, u32); 3] {
    let (from, email) = (from.map(network), email.to_owned());
    [(Key::Pair(from, email.clone()), PAIR), (Key::Person(email), PERSON), (Key::Address(from), ADDRESS)]
}

impl Attempts {
    /// Counts an attempt; how long to wait when there were too many.
    pub(crate) fn begin(&self, from: Option<IpAddr>, email: &str, now: i64) -> Option<Duration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTS {
            counts.retain(|_, count| now - count.since < WINDOW);
        }
        let full = counts.len() >= COUNTS;
        let mut wait = None;
        for (key, most) in keys(from, email) {
            // A flood of made-up names shares one count.
            let key = if full && !counts.contains_key(&key) { Key::Others } else { key };
            let count = counts.entry(key).or_insert(Count { since: now, tries: 0 });
            if now - count.since >= WINDOW || now < count.since {
                *count = Count { since: now, tries: 0 };
            }
            count.tries = count.tries.saturating_add(1);
            if count.tries > most {
                wait = wait.max(Some(WINDOW - (now - count.since)));
            }
        }
        wait.map(|wait| Duration::from_millis(wait.max(1).unsigned_abs()))
    }

    /// The password was right: what was counted for it does not count, and the
    /// guesses of this address for this person are forgotten.
    pub(crate) fn right(&self, from: Option<IpAddr>, email: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let [(pair, _), (person, _), (address, _)] = keys(from, email);
        counts.remove(&pair);
        for key in [person, address] {
            if let Some(count) = counts.get_mut(&key) {
                count.tries = count.tries.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use super::{ADDRESS, Attempts, COUNTS, PAIR, WINDOW};

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn the_eleventh_guess_waits_and_others_do_not() {
        let attempts = Attempts::default();
        for n in 0..PAIR {
            assert_eq!(attempts.begin(address("192.0.2.1"), "ada@example.com", i64::from(n)), None);
        }
        let wait = attempts.begin(address("192.0.2.1"), "ada@example.com", 60_000);
        assert_eq!(wait, Some(Duration::from_secs(14 * 60)));
        assert_eq!(attempts.begin(address("192.0.2.2"), "ada@example.com", 60_000), None);
        assert_eq!(attempts.begin(address("192.0.2.1"), "bob@example.com", 60_000), None);
        assert_eq!(attempts.begin(address("192.0.2.1"), "ada@example.com", WINDOW), None);
    }

    #[test]
    fn a_right_password_forgets_the_guesses_before_it() {
        let attempts = Attempts::default();
        for _ in 0..ADDRESS * 2 {
            assert_eq!(attempts.begin(address("192.0.2.1"), "ada@example.com", 0), None);
            attempts.right(address("192.0.2.1"), "ada@example.com");
        }
    }

    #[test]
    fn one_address_tries_only_so_many_people() {
        let attempts = Attempts::default();
        for n in 0..ADDRESS {
            assert_eq!(attempts.begin(address("192.0.2.1"), &format!("{n}@example.com"), 0), None);
        }
        assert!(attempts.begin(address("192.0.2.1"), "new@example.com", 0).is_some());
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        for n in 0..u32::try_from(COUNTS).expect("fits") {
            attempts.begin(Some(IpAddr::from(n.to_be_bytes())), &format!("{n}@example.com"), 0);
        }
        assert!(attempts.counts.lock().expect("lock").len() <= COUNTS + 3);
    }
}
