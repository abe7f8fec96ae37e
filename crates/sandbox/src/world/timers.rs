//! What the world wants to be woken for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use wacore_binary::Node;

use super::World;
use crate::ids::{AccountId, Chat, ConnId, DeviceRef};
use crate::phone::outgoing::Scheduled;

/// The most timers that may be pending.
const MAX_TIMERS: usize = 200_000;

/// What is to be done when a time comes.
#[derive(Debug, Clone)]
pub(crate) enum Timer {
    /// The last QR code of a connection has expired.
    LinkingEnd(ConnId),
    /// The client never asked for its offline messages.
    OfflinePush(ConnId),
    /// A stanza that a fault held back.
    Delayed(ConnId, Box<Node>),
    /// A connection gets over what a fault did to it.
    TroubleEnd(ConnId),
    /// No message came after the one that was to come after it.
    SetBack(ConnId),
    /// A phone's scripted reply.
    Reply(AccountId, Box<Scheduled>),
    /// Someone began to write to somebody and was never heard of again.
    TypingEnd(DeviceRef, Chat, u64),
    /// The next part of the history for a companion.
    History(AccountId, u16),
    /// More deliveries to phones than one call works off.
    Settle,
}

/// Pending timers, earliest first; those of the same time in order of setting.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    due_ms: u64,
    order: u64,
    timer: Timer,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.due_ms, self.order) == (other.due_ms, other.order)
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due_ms, self.order).cmp(&(other.due_ms, other.order))
    }
}

impl Timers {
    /// Wants `timer` at `due_ms`; silently dropped beyond the limit.
    pub(crate) fn set(&mut self, due_ms: u64, timer: Timer) {
        if self.heap.len() < MAX_TIMERS {
            self.next += 1;
            self.heap.push(Reverse(Entry { due_ms, order: self.next, timer }));
        }
    }

    /// When the world wants to be woken next, in milliseconds.
    pub(crate) fn next_due(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(entry)| entry.due_ms)
    }

    fn pop_due(&mut self, now_ms: u64) -> Option<Timer> {
        if self.next_due()? > now_ms {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry.timer)
    }
}

impl World {
    /// Does what has become due.
    pub(crate) fn tick(&mut self) {
        while let Some(timer) = self.timers.pop_due(self.now_ms()) {
            match timer {
                Timer::LinkingEnd(conn) => crate::areas::linking_qr::end_if_expired(self, conn),
                Timer::OfflinePush(conn) => self.push_rest(conn),
                Timer::Delayed(conn, node) => {
                    if self.connections.contains_key(&conn) {
                        self.send(conn, *node);
                    }
                }
                Timer::TroubleEnd(conn) => self.end_trouble(conn),
                Timer::SetBack(conn) => self.write_set_back(conn),
                Timer::Reply(account, scheduled) => crate::phone::outgoing::send_scheduled(self, account, &scheduled),
                Timer::TypingEnd(from, to, since) => crate::areas::chatstate::expire(self, from, to, since),
                Timer::History(account, device) => crate::phone::history::go_on(self, account, device),
                Timer::Settle => return,
            }
        }
    }
}
