//! Bringing stanzas to devices: at once, or from the queue after a login.

use wacore_binary::Node;

use super::World;
use super::connection::Backlog;
use super::queue::Class;
use super::timers::Timer;
use crate::ids::{AccountId, ConnId, DeviceRef};
use crate::stanza::{Reading as _, node, server_jid};

/// How many stanzas are written before the client asks for more.
const PRIMER: usize = 5;
/// The most written for one request of the client.
const MAX_BATCH: usize = 1_000;

impl World {
    /// Brings a stanza that must be acknowledged to a device: to the phone's
    /// hands, or into the companion's queue and, when it is live, on its socket.
    pub(crate) fn deliver(&mut self, to: DeviceRef, from: Option<AccountId>, stanza: Node) {
        if to.is_phone() {
            self.hand_to_phone(to.account, stanza);
            return;
        }
        let Some(class) = Class::of(&stanza.tag) else {
            return self.deliver_now(to, stanza);
        };
        let Some(companion) =
            self.accounts.get_mut(&to.account).and_then(|account| account.devices.get_mut(&to.device))
        else {
            return;
        };
        let id = stanza.text_of("id").into_owned();
        let seq = companion.queue.push(class, id, from, stanza);
        let Some(conn) = companion.connection else {
            return;
        };
        if self.connections.get(&conn).is_some_and(|connection| connection.backlog == Backlog::Live) {
            self.write(conn, to, seq, 1, false);
        }
    }

    /// Brings a stanza nobody acknowledges (presence, typing) to a device that
    /// is connected; others never see it.
    pub(crate) fn deliver_now(&mut self, to: DeviceRef, stanza: Node) {
        if to.is_phone() {
            self.hand_to_phone(to.account, stanza);
            return;
        }
        let conn = self
            .accounts
            .get(&to.account)
            .and_then(|account| account.devices.get(&to.device))
            .and_then(|companion| companion.connection);
        if let Some(conn) = conn {
            self.send(conn, stanza);
        }
    }

    /// The device says it is ready: announces what waited and writes the first.
    pub(crate) fn activate(&mut self, conn: ConnId, device: DeviceRef) {
        let Some(companion) =
            self.accounts.get(&device.account).and_then(|account| account.devices.get(&device.device))
        else {
            return;
        };
        if self.connections.get(&conn).is_none_or(|connection| connection.backlog != Backlog::Waiting) {
            return;
        }
        let total = companion.queue.len();
        let until = companion.queue.last();
        let count = |class| companion.queue.iter().filter(|entry| entry.class == class).count();
        let preview = node("offline_preview")
            .attr("count", total)
            .attr("message", count(Class::Message))
            .attr("notification", count(Class::Notification))
            .attr("receipt", count(Class::Receipt))
            .attr("call", count(Class::Call))
            .attr("appdata", 0)
            .build();
        self.send(conn, node("ib").attr("from", server_jid()).children([preview]).build());
        self.set_backlog(conn, Backlog::Draining { until, total, written: 0 });
        self.pull(conn, PRIMER);
        let due = self.now_ms() + self.timing.offline_push_ms;
        self.timers.set(due, Timer::OfflinePush(conn));
    }

    /// Writes the next `count` stanzas of the backlog, and the end marker after
    /// the last.
    pub(crate) fn pull(&mut self, conn: ConnId, count: usize) {
        let Some((device, Backlog::Draining { until, total, written })) =
            self.connections.get(&conn).and_then(|connection| Some((connection.device()?, connection.backlog)))
        else {
            return;
        };
        let wanted = count.min(MAX_BATCH);
        let now_written = self.write(conn, device, until, wanted, true);
        let written = written + now_written;
        if now_written < wanted || written >= total {
            self.send(
                conn,
                node("ib").attr("from", server_jid()).children([node("offline").attr("count", total).build()]).build(),
            );
            self.set_backlog(conn, Backlog::Live);
            self.write(conn, device, u64::MAX, usize::MAX, false);
        } else {
            self.set_backlog(conn, Backlog::Draining { until, total, written });
        }
    }

    /// Writes all of the backlog for a client that never asks for it.
    pub(crate) fn push_rest(&mut self, conn: ConnId) {
        while self
            .connections
            .get(&conn)
            // One that has ended in between gets nothing more.
            .is_some_and(|it| it.device().is_some() && matches!(it.backlog, Backlog::Draining { .. }))
        {
            self.pull(conn, MAX_BATCH);
        }
    }

    fn set_backlog(&mut self, conn: ConnId, backlog: Backlog) {
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.backlog = backlog;
        }
    }

    fn write(&mut self, conn: ConnId, device: DeviceRef, until: u64, count: usize, offline: bool) -> usize {
        let Some(companion) =
            self.accounts.get_mut(&device.account).and_then(|account| account.devices.get_mut(&device.device))
        else {
            return 0;
        };
        let stanzas = companion.queue.write_next(conn, until, count);
        let written = stanzas.len();
        for mut stanza in stanzas {
            if offline {
                stanza.attrs.insert("offline", "0");
            }
            if stanza.tag == "message" {
                self.write_message(conn, device, stanza);
            } else {
                self.send(conn, stanza);
            }
        }
        written
    }
}
