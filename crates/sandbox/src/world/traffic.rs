//! The last stanzas of all connections, for people and tests to look at.

use std::collections::VecDeque;

use serde::Serialize;
use wacore_binary::Node;

use crate::ids::ConnId;
use crate::stanza::display;

/// How many stanzas are kept.
const CAPACITY: usize = 5_000;
/// How long one may be when shown, in bytes.
const SHOWN: usize = 4_096;

/// Which way a stanza went, seen from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    In,
    Out,
}

/// One stanza that passed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Passed {
    pub(crate) seq: u64,
    /// Milliseconds since the epoch.
    pub(crate) at: u64,
    pub(crate) connection: u64,
    pub(crate) phone: Option<String>,
    pub(crate) device: Option<u16>,
    pub(crate) direction: Direction,
    pub(crate) stanza: String,
}

/// A ring of what passed.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    ring: VecDeque<Passed>,
    last: u64,
}

impl Traffic {
    pub(crate) fn record(
        &mut self,
        at: u64,
        conn: ConnId,
        phone: Option<String>,
        device: Option<u16>,
        direction: Direction,
        node: &Node,
    ) {
        self.last += 1;
        if self.ring.len() == CAPACITY {
            self.ring.pop_front();
        }
        self.ring.push_back(Passed {
            seq: self.last,
            at,
            connection: conn.0,
            phone,
            device,
            direction,
            stanza: display(node, SHOWN),
        });
    }

    /// The number of the newest stanza.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// What passed after `after`, oldest first.
    pub(crate) fn after(&self, after: u64) -> impl Iterator<Item = &Passed> {
        let from = self.ring.partition_point(|passed| passed.seq <= after);
        self.ring.range(from..)
    }
}
