//! What faults do to connections and to what passes over them.

use std::collections::VecDeque;

use rand::Rng as _;
use wacore_binary::Node;

use super::{FaultBody, Kind, Trouble, Whom};
use crate::areas::{self, session, unlink};
use crate::ids::{ConnId, DeviceRef};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::connection::Stage;
use crate::world::timers::Timer;
use crate::world::traffic::Direction;

/// After what time a message is written that was to come after the next one.
const REORDER_MS: u64 = 2_000;

/// What becomes of the answer to the iq that is being handled.
#[derive(Debug)]
pub(crate) struct Answering {
    pub(super) conn: ConnId,
    pub(super) id: String,
    /// `None` when the answer is lost.
    pub(super) delay_ms: Option<u64>,
}

impl World {
    /// The fault of a kind that strikes a device now.
    pub(crate) fn struck(&mut self, device: Option<DeviceRef>, kind: Kind, xmlns: Option<&str>) -> Option<FaultBody> {
        if self.faults.list().is_empty() {
            return None;
        }
        let phone = device.and_then(|device| self.accounts.get(&device.account)).map(|found| found.number.to_string());
        let whom = Whom { phone: phone.as_deref(), device: device.map(|device| device.device), xmlns };
        self.faults.strike(kind, whom)
    }

    /// Whether a fault strikes a device now.
    pub(crate) fn happens_to(&mut self, device: DeviceRef, kind: Kind) -> bool {
        self.struck(Some(device), kind, None).is_some()
    }

    /// Adds a fault, or lets it strike at once: its id, how many connections it
    /// struck, and its seed. `None` when too many are pending.
    pub(crate) fn add_fault(&mut self, body: FaultBody) -> Option<(u64, usize, Option<u64>)> {
        if body.is_immediate() {
            return Some((self.faults.next_id(), self.strike_all(&body), None));
        }
        let (now, seed) = (self.now_ms(), self.rng.next_u64() >> 12);
        let struck = body.clone();
        let added = self.faults.add(body, now, seed)?;
        let (id, seed) = (added.id, added.body.seed);
        let struck = if struck.kind == Kind::Ban { self.strike_all(&struck) } else { 0 };
        Some((id, struck, seed))
    }

    /// Lets a fault strike the connections it is meant for; how many they were.
    fn strike_all(&mut self, body: &FaultBody) -> usize {
        let meant: Vec<ConnId> = self
            .connections
            .values()
            .filter(|connection| {
                let device = connection.device();
                let number = device
                    .and_then(|device| self.accounts.get(&device.account))
                    .map(|account| account.number.to_string());
                body.phone.as_ref().is_none_or(|phone| number.as_ref() == Some(phone))
                    && body.device.is_none_or(|wanted| device.is_some_and(|device| device.device == wanted))
            })
            .map(|connection| connection.id)
            .collect();
        for conn in &meant {
            self.strike(*conn, body);
        }
        if body.kind == Kind::ExpireSession {
            self.expire_sessions(body);
        }
        meant.len()
    }

    /// Forgets the companions meant, also those that are not connected.
    fn expire_sessions(&mut self, body: &FaultBody) {
        let meant: Vec<DeviceRef> = self
            .accounts
            .values()
            .filter(|account| body.phone.as_ref().is_none_or(|phone| account.number.to_string() == *phone))
            .flat_map(|account| account.devices.keys().map(|device| DeviceRef { account: account.id, device: *device }))
            .filter(|device| body.device.is_none_or(|wanted| device.device == wanted))
            .collect();
        for device in meant {
            unlink::remove(self, device);
        }
    }

    /// Lets a fault strike one connection.
    fn strike(&mut self, conn: ConnId, body: &FaultBody) {
        match body.kind {
            Kind::StreamError => {
                let code = body.code.unwrap_or(503);
                let mut error = node("stream:error").attr("code", code);
                if code == 401 {
                    error = error.children([node("conflict").attr("type", "device_removed").build()]);
                }
                self.end_stream(conn, error.build());
            }
            Kind::Conflict => self.end_stream(conn, session::replaced()),
            Kind::Stall => {
                let trouble = match body.ms {
                    Some(_) => Trouble::Held { inward: VecDeque::new(), outward: VecDeque::new() },
                    None => Trouble::Deaf,
                };
                self.trouble(conn, trouble, body.ms);
            }
            Kind::HalfOpen => self.trouble(conn, Trouble::HalfOpen, body.ms),
            Kind::Corrupt => self.garble(conn),
            Kind::ExpireSession => {
                let device = self.device_of(conn);
                self.break_off(conn);
                if let Some(device) = device {
                    unlink::remove(self, device);
                }
            }
            _ => self.break_off(conn),
        }
    }

    /// Cuts a connection; its device is off line from now on.
    pub(super) fn break_off(&mut self, conn: ConnId) {
        self.leave(conn);
        self.set_stage(conn, Stage::Ended);
        self.cut(conn);
    }

    /// Whether a stanza is written now; faults may lose it, hold it back or
    /// damage it.
    pub(crate) fn may_write(&mut self, conn: ConnId, stanza: &Node) -> bool {
        if !self.passes(conn, stanza) {
            return false;
        }
        if self.faults.list().is_empty() {
            return true;
        }
        let device = self.device_of(conn);
        if device.is_some() && self.struck(device, Kind::Corrupt, None).is_some() {
            self.garble(conn);
            return false;
        }
        true
    }

    /// Handles a stanza that has reached the server, unless a fault comes in
    /// between.
    pub(crate) fn take_in(&mut self, conn: ConnId, stanza: &Node) {
        if !self.hears(conn, stanza) {
            return;
        }
        self.record(conn, Direction::In, stanza);
        if self.faults.list().is_empty() {
            return areas::handle(self, conn, stanza);
        }
        let device = self.device_of(conn);
        let blow = Kind::OF_CONNECTIONS.into_iter().find_map(|kind| self.struck(device, kind, None));
        // The client can't know whether its last stanza was still taken.
        let taken = blow.as_ref().is_none_or(|_| self.rng.next_u32() & 1 == 1);
        if taken && !self.refused(conn, device, stanza) {
            self.decide_answer(conn, device, stanza);
            areas::handle(self, conn, stanza);
            self.answering = None;
        }
        if let Some(blow) = blow {
            self.strike(conn, &blow);
        }
    }

    /// Refuses an iq if a fault says so.
    fn refused(&mut self, conn: ConnId, device: Option<DeviceRef>, stanza: &Node) -> bool {
        if stanza.tag != "iq" || !matches!(stanza.text_of("type").as_ref(), "get" | "set") {
            return false;
        }
        let xmlns = stanza.text_of("xmlns").into_owned();
        let code = if self.struck(device, Kind::RateLimit, Some(&xmlns)).is_some() {
            429
        } else if let Some(body) = self.struck(device, Kind::IqError, Some(&xmlns)) {
            body.code.unwrap_or(500)
        } else {
            return false;
        };
        let request = areas::Request { conn, device, stanza };
        request.error(self, code, meaning(code));
        true
    }

    /// Whether the answer to an iq is lost or late.
    fn decide_answer(&mut self, conn: ConnId, device: Option<DeviceRef>, stanza: &Node) {
        if stanza.tag != "iq" || !matches!(stanza.text_of("type").as_ref(), "get" | "set") {
            return;
        }
        let xmlns = stanza.text_of("xmlns").into_owned();
        let delay_ms = if self.struck(device, Kind::LoseIqs, Some(&xmlns)).is_some() {
            None
        } else if let Some(ms) = self.struck(device, Kind::DelayIqs, Some(&xmlns)).and_then(|body| body.ms) {
            Some(ms)
        } else {
            return;
        };
        self.answering = Some(Answering { conn, id: stanza.text_of("id").into_owned(), delay_ms });
    }

    /// Writes the ack of a client's message, unless a fault loses it or holds it
    /// back.
    pub(crate) fn ack_message(&mut self, conn: ConnId, device: DeviceRef, ack: Node) {
        if self.happens_to(device, Kind::LoseAcks) {
            return;
        }
        if self.happens_to(device, Kind::DoubleAcks) {
            self.send(conn, ack.clone());
        }
        match self.struck(Some(device), Kind::DelayAcks, None).and_then(|body| body.ms) {
            Some(ms) => {
                let due = self.now_ms() + ms;
                self.timers.set(due, Timer::Delayed(conn, Box::new(ack)));
            }
            None => self.send(conn, ack),
        }
    }

    /// The code a client's message is refused with.
    pub(crate) fn message_refusal(&mut self, device: DeviceRef) -> Option<u32> {
        if self.happens_to(device, Kind::RateLimit) {
            return Some(429);
        }
        self.struck(Some(device), Kind::AckError, None).map(|body| body.code.unwrap_or(479))
    }

    /// Writes a message to a companion, with what faults make of it.
    pub(crate) fn write_message(&mut self, conn: ConnId, device: DeviceRef, mut stanza: Node) {
        if self.faults.list().is_empty() && self.connections.get(&conn).is_none_or(|it| it.set_back.is_none()) {
            return self.send(conn, stanza);
        }
        if self.happens_to(device, Kind::LoseDeliveries) {
            return;
        }
        if self.happens_to(device, Kind::DamageDeliveries) {
            stanza = areas::message::damaged(&stanza);
        }
        if let Some(ms) = self.struck(Some(device), Kind::DelayDeliveries, None).and_then(|body| body.ms) {
            let due = self.now_ms() + ms;
            return self.timers.set(due, Timer::Delayed(conn, Box::new(stanza)));
        }
        let waiting = self.connections.get(&conn).is_some_and(|connection| connection.set_back.is_some());
        if !waiting && self.happens_to(device, Kind::Reorder) {
            let due = self.now_ms() + REORDER_MS;
            self.timers.set(due, Timer::SetBack(conn));
            if let Some(connection) = self.connections.get_mut(&conn) {
                connection.set_back = Some(stanza);
            }
            return;
        }
        if self.happens_to(device, Kind::Duplicate) {
            self.send(conn, stanza.clone());
        }
        self.send(conn, stanza);
        self.write_set_back(conn);
    }

    /// Writes the message that was to come after the next one.
    pub(crate) fn write_set_back(&mut self, conn: ConnId) {
        if let Some(stanza) = self.connections.get_mut(&conn).and_then(|connection| connection.set_back.take()) {
            self.send(conn, stanza);
        }
    }
}

/// What WhatsApp calls an error.
fn meaning(code: u32) -> &'static str {
    match code {
        400 => "bad-request",
        401 => "not-authorized",
        403 => "forbidden",
        404 => "item-not-found",
        405 => "not-allowed",
        406 => "not-acceptable",
        409 => "conflict",
        410 => "gone",
        419 => "resource-limit",
        429 => "rate-overlimit",
        501 => "feature-not-implemented",
        503 => "service-unavailable",
        _ => "internal-server-error",
    }
}
