//! Stanzas a companion has still to acknowledge.
//!
//! A stanza stays here until the companion has answered it with an ack or a
//! receipt, however often it was written to a socket; a client that dies first
//! gets it again, marked `offline`.

use std::collections::VecDeque;

use wacore_binary::Node;

use crate::ids::{AccountId, ConnId};

/// The most stanzas kept for one companion; beyond it the oldest is lost.
pub(crate) const MAX_QUEUED: usize = 20_000;

/// The kinds of stanza that are acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Message,
    Receipt,
    Notification,
    Call,
}

impl Class {
    /// By the tag of the stanza, which is also the `class` of its ack.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        match tag {
            "message" => Some(Self::Message),
            "receipt" => Some(Self::Receipt),
            "notification" => Some(Self::Notification),
            "call" => Some(Self::Call),
            _ => None,
        }
    }
}

/// One stanza that waits for its acknowledgement.
#[derive(Debug, Clone)]
pub(crate) struct Queued {
    pub(crate) seq: u64,
    pub(crate) class: Class,
    pub(crate) id: String,
    /// Who sent it; `None` for the server itself.
    pub(crate) from: Option<AccountId>,
    pub(crate) node: Node,
    /// On which connection it was last written.
    pub(crate) written_on: Option<ConnId>,
}

/// The stanzas of one companion, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    entries: VecDeque<Queued>,
    last: u64,
    /// How many were lost to the limit.
    pub(crate) lost: u64,
}

impl Queue {
    pub(crate) fn push(&mut self, class: Class, id: String, from: Option<AccountId>, node: Node) -> u64 {
        self.last += 1;
        if self.entries.len() == MAX_QUEUED {
            self.entries.pop_front();
            self.lost += 1;
        }
        self.entries.push_back(Queued { seq: self.last, class, id, from, node, written_on: None });
        self.last
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of the newest stanza.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Queued> {
        self.entries.iter()
    }

    /// Up to `count` stanzas not yet written on `conn`, with numbers up to
    /// `until`; they count as written from now on.
    pub(crate) fn write_next(&mut self, conn: ConnId, until: u64, count: usize) -> Vec<Node> {
        self.entries
            .iter_mut()
            .filter(|entry| entry.seq <= until && entry.written_on != Some(conn))
            .take(count)
            .map(|entry| {
                entry.written_on = Some(conn);
                entry.node.clone()
            })
            .collect()
    }

    /// Removes what the companion acknowledged. The sender decides between
    /// stanzas of the same id; `None` matches any.
    pub(crate) fn acknowledge(&mut self, class: Class, id: &str, from: Option<AccountId>) -> bool {
        let matching = |entry: &Queued| entry.class == class && entry.id == id;
        let at = self
            .entries
            .iter()
            .position(|entry| matching(entry) && (from.is_none() || entry.from == from))
            .or_else(|| self.entries.iter().position(|entry| matching(entry) && entry.from.is_none()));
        at.and_then(|at| self.entries.remove(at)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stanza::node;

    fn queue(ids: &[(&str, u32)]) -> Queue {
        let mut queue = Queue::default();
        for (id, from) in ids {
            queue.push(
                Class::Message,
                (*id).to_owned(),
                Some(AccountId(*from)),
                node("message").attr("id", *id).build(),
            );
        }
        queue
    }

    #[test]
    fn keeps_what_was_written_until_it_is_acknowledged() {
        let mut queue = queue(&[("A", 1), ("B", 1)]);
        assert_eq!(queue.write_next(ConnId(1), u64::MAX, 10).len(), 2);
        assert_eq!(queue.write_next(ConnId(1), u64::MAX, 10).len(), 0);
        assert!(queue.acknowledge(Class::Message, "A", Some(AccountId(1))));
        let again = queue.write_next(ConnId(2), u64::MAX, 10);
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].attrs.get("id").unwrap().as_str(), "B");
    }

    #[test]
    fn the_same_id_of_another_sender_is_another_stanza() {
        let mut queue = queue(&[("A", 1), ("A", 2)]);
        assert!(queue.acknowledge(Class::Message, "A", Some(AccountId(2))));
        assert_eq!(queue.iter().map(|entry| entry.from).collect::<Vec<_>>(), [Some(AccountId(1))]);
        assert!(!queue.acknowledge(Class::Receipt, "A", Some(AccountId(1))));
        assert!(!queue.acknowledge(Class::Message, "A", Some(AccountId(3))));
    }

    #[test]
    fn writes_in_order_and_only_up_to_the_mark() {
        let mut queue = queue(&[("A", 1), ("B", 1), ("C", 1)]);
        let mark = queue.iter().nth(1).unwrap().seq;
        let first = queue.write_next(ConnId(1), mark, 1);
        assert_eq!(first[0].attrs.get("id").unwrap().as_str(), "A");
        assert_eq!(queue.write_next(ConnId(1), mark, 10).len(), 1);
        assert_eq!(queue.write_next(ConnId(1), mark, 10).len(), 0);
    }

    #[test]
    fn a_full_queue_loses_its_oldest_and_counts_it() {
        let mut queue = Queue::default();
        for n in 0..=MAX_QUEUED {
            queue.push(Class::Message, n.to_string(), None, node("message").build());
        }
        assert_eq!((queue.len(), queue.lost), (MAX_QUEUED, 1));
    }
}
