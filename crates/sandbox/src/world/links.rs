//! Links under way: refs of QR codes, link codes, and how attempts ended.

use std::collections::{BTreeMap, HashMap, VecDeque};

use wacore::libsignal::protocol::KeyPair;

use crate::ids::{AccountId, ConnId, DeviceRef};

/// The most link codes pending at once.
pub(crate) const MAX_CODES: usize = 10_000;
/// How many outcomes and expired refs are remembered.
const REMEMBERED: usize = 10_000;

/// A link code that a companion shows.
pub(crate) struct PendingCode {
    pub(crate) conn: ConnId,
    pub(crate) reference: String,
    /// The companion's ephemeral key, sealed with the code.
    pub(crate) wrapped: Vec<u8>,
    pub(crate) expires_at_ms: u64,
    pub(crate) tries_left: u32,
    /// Set while a typed code is being checked with the companion.
    pub(crate) checking: Option<Checking>,
}

/// A typed code on its way to the companion and back.
pub(crate) struct Checking {
    pub(crate) attempt: u64,
    pub(crate) account: AccountId,
    pub(crate) ephemeral: KeyPair,
    pub(crate) companion_ephemeral: [u8; 32],
}

/// How an attempt to link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Linked(DeviceRef),
    WrongCode {
        tries_left: u32,
    },
    /// The companion refused what the phone signed.
    Refused,
    /// The companion went away.
    Gone,
}

/// Everything that is being linked.
#[derive(Default)]
pub(crate) struct Links {
    /// By the digits of the number the code is for.
    pub(crate) codes: BTreeMap<String, PendingCode>,
    refs: HashMap<String, ConnId>,
    expired: VecDeque<String>,
    outcomes: VecDeque<(u64, Outcome)>,
    waiting: HashMap<u64, ConnId>,
    next_attempt: u64,
}

impl Links {
    pub(crate) fn add_ref(&mut self, reference: String, conn: ConnId) {
        self.refs.insert(reference, conn);
    }

    /// The connection that shows this ref.
    pub(crate) fn by_ref(&self, reference: &str) -> Option<ConnId> {
        self.refs.get(reference).copied()
    }

    /// Whether a ref was shown once and is no longer valid.
    pub(crate) fn is_expired(&self, reference: &str) -> bool {
        self.expired.iter().any(|expired| expired == reference)
    }

    /// A number under which the outcome of an attempt can be asked for.
    pub(crate) fn attempt(&mut self, conn: ConnId) -> u64 {
        self.next_attempt += 1;
        self.waiting.insert(self.next_attempt, conn);
        self.next_attempt
    }

    pub(crate) fn end(&mut self, attempt: u64, outcome: Outcome) {
        if self.waiting.remove(&attempt).is_some() {
            if self.outcomes.len() == REMEMBERED {
                self.outcomes.pop_front();
            }
            self.outcomes.push_back((attempt, outcome));
        }
    }

    pub(crate) fn outcome(&self, attempt: u64) -> Option<Outcome> {
        self.outcomes.iter().rev().find(|(of, _)| *of == attempt).map(|(_, outcome)| *outcome)
    }

    /// Forgets what a connection showed.
    pub(crate) fn connection_closed(&mut self, conn: ConnId) {
        let expired = &mut self.expired;
        self.refs.retain(|reference, of| {
            if *of == conn {
                if expired.len() == REMEMBERED {
                    expired.pop_front();
                }
                expired.push_back(reference.clone());
            }
            *of != conn
        });
        self.codes.retain(|_, code| code.conn != conn);
        let gone: Vec<u64> = self.waiting.iter().filter(|(_, of)| **of == conn).map(|(attempt, _)| *attempt).collect();
        for attempt in gone {
            self.end(attempt, Outcome::Gone);
        }
    }
}
