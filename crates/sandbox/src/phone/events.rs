//! What else happens on a phone, in order.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

/// How many events a phone keeps.
const CAPACITY: usize = 10_000;

/// One event: a kind, and what belongs to it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    pub(crate) seq: u64,
    /// Milliseconds since the epoch.
    pub(crate) at: u64,
    /// `presence`, `typing`, `receipt`, `undecryptable`, `devices`, `appState`,
    /// `read`, `link`, `group` or `peer`.
    pub(crate) kind: &'static str,
    #[serde(flatten)]
    pub(crate) fields: Value,
}

/// A ring of events.
#[derive(Debug, Default)]
pub(crate) struct Events {
    ring: VecDeque<Event>,
    last: u64,
}

impl Events {
    pub(crate) fn add(&mut self, at: u64, kind: &'static str, fields: Value) {
        self.last += 1;
        if self.ring.len() == CAPACITY {
            self.ring.pop_front();
        }
        self.ring.push_back(Event { seq: self.last, at, kind, fields });
    }

    /// The number of the newest event.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Events after `after`, oldest first.
    pub(crate) fn after(&self, after: u64) -> impl Iterator<Item = &Event> {
        let from = self.ring.partition_point(|event| event.seq <= after);
        self.ring.range(from..)
    }
}
