//! The server's state, and the one door into it.
//!
//! Everything here is synchronous and free of sockets and clocks: a connection
//! or a control request comes in through a method of [`World`], the answers are
//! stanzas in [`World::take_outputs`]. Time stands still inside a call; the
//! caller sets it with [`World::set_now`].

pub(crate) mod account;
pub(crate) mod app_state;
pub(crate) mod business;
pub(crate) mod calls;
pub(crate) mod channels;
pub(crate) mod connection;
pub(crate) mod delivery;
pub(crate) mod group;
pub(crate) mod groups;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod numbers;
pub(crate) mod outside;
pub(crate) mod privacy;
pub(crate) mod queue;
pub(crate) mod repeats;
pub(crate) mod timers;
pub(crate) mod tokens;
pub(crate) mod traffic;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use wacore_binary::{Jid, JidExt as _, Node};

use crate::Timing;
use crate::fault::{Answering, Faults};
use crate::ids::{AccountId, Chat, ConnId, DeviceRef, Domain, GroupId, PhoneNumber};
use crate::media::cipher::Wanted;
use crate::media::store::MediaStore;
use account::Account;
use connection::Connection;
use links::Links;
use timers::Timers;
use traffic::{Direction, Traffic};

/// The most accounts one sandbox holds.
pub(crate) const MAX_ACCOUNTS: usize = 20_000;
/// How many deliveries to phones are worked off in one call; the rest waits for
/// the next, so that two phones that answer each other can't wedge the server.
const MAX_SETTLE: usize = 10_000;

/// What a call wants done to the sockets.
#[derive(Debug)]
pub(crate) enum Output {
    /// Write a stanza.
    Send(ConnId, Node),
    /// Write a frame that no client can decrypt.
    Garbage(ConnId),
    /// Close the connection once the client has had time to read what was
    /// written before.
    Close(ConnId),
    /// Close the connection without a word.
    Cut(ConnId),
    /// Fetch a file for a phone and say what came of it.
    Fetch(Box<Wanted>),
}

/// All accounts, devices and connections of one sandbox.
pub(crate) struct World {
    now_ms: u64,
    pub(crate) rng: StdRng,
    pub(crate) timing: Timing,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    by_phone: HashMap<String, AccountId>,
    by_lid: HashMap<String, AccountId>,
    pub(crate) groups: groups::Groups,
    pub(crate) connections: BTreeMap<ConnId, Connection>,
    pub(crate) links: Links,
    pub(crate) channels: channels::Channels,
    pub(crate) calls: calls::Calls,
    pub(crate) timers: Timers,
    pub(crate) faults: Faults,
    /// A fault in the answer to the iq that is being handled.
    pub(crate) answering: Option<Answering>,
    pub(crate) traffic: Traffic,
    pub(crate) repeats: repeats::Repeats,
    /// The files that messages refer to.
    pub(crate) media: Arc<MediaStore>,
    /// Stanzas on their way to phones.
    inbox: VecDeque<(AccountId, Node)>,
    outputs: Vec<Output>,
    /// Counts what a waiting control request may be waiting for.
    changes: u64,
    next_account: u32,
    next_connection: u64,
    next_stanza: u64,
}

impl World {
    /// An empty world; the same seed gives the same keys and ids.
    pub(crate) fn new(seed: u64, timing: Timing, now_ms: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut media_key = [0; 32];
        rng.fill_bytes(&mut media_key);
        Self {
            now_ms,
            rng,
            timing,
            accounts: BTreeMap::new(),
            by_phone: HashMap::new(),
            by_lid: HashMap::new(),
            groups: groups::Groups::default(),
            connections: BTreeMap::new(),
            links: Links::default(),
            channels: channels::Channels::default(),
            calls: calls::Calls::default(),
            timers: Timers::default(),
            faults: Faults::default(),
            answering: None,
            traffic: Traffic::default(),
            repeats: repeats::Repeats::default(),
            media: MediaStore::new(media_key),
            inbox: VecDeque::new(),
            outputs: Vec::new(),
            changes: 0,
            next_account: 1,
            next_connection: 1,
            next_stanza: 1,
        }
    }

    /// Sets the time of the calls that follow.
    pub(crate) fn set_now(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        self.faults.expire(now_ms);
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// The time as stanzas carry it, wrong when a fault says so.
    pub(crate) fn now_secs(&self) -> u64 {
        self.now_ms.saturating_add_signed(self.faults.skew_ms()) / 1000
    }

    /// A fresh id for a stanza the server starts.
    pub(crate) fn stanza_id(&mut self) -> String {
        let id = self.next_stanza;
        self.next_stanza += 1;
        format!("{id}.{:08x}", self.rng.next_u32())
    }

    /// What the calls so far want done to the sockets, in order.
    pub(crate) fn take_outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    /// Wants something done.
    pub(crate) fn output(&mut self, output: Output) {
        self.outputs.push(output);
    }

    /// Puts back what a test was not asking for.
    #[cfg(test)]
    pub(crate) fn requeue(&mut self, output: Output) {
        self.outputs.push(output);
    }

    /// Puts an open file on the media host; its direct path, or `None` when
    /// there is no room.
    pub(crate) fn published(&self, bytes: &[u8]) -> Option<String> {
        self.media.put(bytes, false, self.now_ms, self.timing.media_life_ms).ok()
    }

    /// The address of an open file on the media host.
    pub(crate) fn published_url(&self, bytes: &[u8]) -> Option<String> {
        let host = self.media.hosts().first().cloned().unwrap_or_default();
        Some(format!("https://{host}{}", self.published(bytes)?))
    }

    /// Says that something a control request may wait for has changed.
    pub(crate) fn changed(&mut self) {
        self.changes += 1;
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Writes a stanza to a connection.
    pub(crate) fn send(&mut self, conn: ConnId, mut node: Node) {
        crate::stanza::without_empty_lists(&mut node);
        if !self.may_write(conn, &node) {
            return;
        }
        self.record(conn, Direction::Out, &node);
        self.outputs.push(Output::Send(conn, node));
    }

    /// Closes a connection after what was written.
    pub(crate) fn close(&mut self, conn: ConnId) {
        self.outputs.push(Output::Close(conn));
    }

    /// Closes a connection as if the network had failed.
    pub(crate) fn cut(&mut self, conn: ConnId) {
        self.outputs.push(Output::Cut(conn));
    }

    /// Writes a frame that fails the client's decryption.
    pub(crate) fn garble(&mut self, conn: ConnId) {
        self.outputs.push(Output::Garbage(conn));
    }

    pub(crate) fn record(&mut self, conn: ConnId, direction: Direction, node: &Node) {
        let device = self.device_of(conn);
        let phone =
            device.and_then(|device| self.accounts.get(&device.account)).map(|account| account.number.to_string());
        self.traffic.record(self.now_ms, conn, phone, device.map(|device| device.device), direction, node);
        self.changed();
    }

    /// Puts a stanza into the hands of a phone, at the end of this call.
    pub(crate) fn hand_to_phone(&mut self, account: AccountId, node: Node) {
        self.inbox.push_back((account, node));
    }

    /// Lets the phones work off what reached them, until nothing is left.
    pub(crate) fn settle(&mut self) {
        for _ in 0..MAX_SETTLE {
            let Some((account, node)) = self.inbox.pop_front() else {
                return;
            };
            crate::phone::incoming::receive(self, account, &node);
        }
        let now = self.now_ms;
        self.timers.set(now, timers::Timer::Settle);
    }

    /// The account of a number, made now if there is none; `None` when the
    /// world is full.
    pub(crate) fn account_or_new(&mut self, number: &PhoneNumber, name: Option<&str>) -> Option<(AccountId, bool)> {
        if let Some(id) = self.by_phone.get(number.digits()) {
            return Some((*id, false));
        }
        if self.accounts.len() >= MAX_ACCOUNTS {
            return None;
        }
        let id = AccountId(self.next_account);
        let lid = loop {
            // 15 digits that no phone number begins with.
            let lid = format!("{}", 900_000_000_000_000 + self.rng.next_u64() % 99_999_999_999_999);
            if !self.by_lid.contains_key(&lid) {
                break lid;
            }
        };
        let account = Account::new(id, number.clone(), lid.clone(), name, self.now_secs(), &mut self.rng)?;
        self.next_account += 1;
        self.by_phone.insert(number.digits().to_owned(), id);
        self.by_lid.insert(lid, id);
        self.accounts.insert(id, account);
        self.changed();
        Some((id, true))
    }

    /// Gives an account another number; the number before it, or `None` when
    /// somebody has the new one.
    pub(crate) fn renumber(&mut self, id: AccountId, number: PhoneNumber) -> Option<PhoneNumber> {
        if self.by_phone.contains_key(number.digits()) {
            return None;
        }
        let account = self.accounts.get_mut(&id)?;
        self.by_phone.insert(number.digits().to_owned(), id);
        let before = std::mem::replace(&mut account.number, number);
        self.by_phone.remove(before.digits());
        self.changed();
        Some(before)
    }

    /// Forgets an account; its companions are cut off.
    pub(crate) fn remove_account(&mut self, id: AccountId) {
        let devices: Vec<u16> =
            self.accounts.get(&id).map(|account| account.devices.keys().copied().collect()).unwrap_or_default();
        for device in devices {
            crate::areas::unlink::remove(self, DeviceRef { account: id, device });
        }
        crate::areas::groups::participants::account_removed(self, id);
        self.channels.forget(id);
        if let Some(account) = self.accounts.remove(&id) {
            self.by_phone.remove(account.number.digits());
            self.by_lid.remove(&account.lid);
        }
        self.changed();
    }

    pub(crate) fn find_number(&self, number: &PhoneNumber) -> Option<AccountId> {
        self.by_phone.get(number.digits()).copied()
    }

    /// The account an address names, by number or by LID.
    pub(crate) fn find(&self, jid: &Jid) -> Option<AccountId> {
        match Domain::of(jid)? {
            Domain::Pn => self.by_phone.get(jid.user.as_str()),
            Domain::Lid => self.by_lid.get(jid.user.as_str()),
        }
        .copied()
    }

    /// The device an address names, if its account exists.
    pub(crate) fn find_device(&self, jid: &Jid) -> Option<DeviceRef> {
        Some(DeviceRef { account: self.find(jid)?, device: jid.device })
    }

    /// How a device is called in one of the two domains.
    pub(crate) fn jid(&self, device: DeviceRef, domain: Domain) -> Jid {
        self.accounts
            .get(&device.account)
            .map_or_else(Jid::default, |account| account.jid(domain).with_device(device.device))
    }

    /// The conversation an address names, whether or not the group exists.
    pub(crate) fn chat_of(&self, jid: &Jid) -> Option<Chat> {
        if jid.is_status_broadcast() {
            return Some(Chat::Status);
        }
        GroupId::of(jid).map(Chat::Group).or_else(|| self.find(jid).map(Chat::Person))
    }

    /// How a conversation is called in one of the two domains, if it exists.
    pub(crate) fn chat_jid(&self, chat: Chat, domain: Domain) -> Option<Jid> {
        match chat {
            Chat::Person(person) => self.accounts.get(&person).map(|account| account.jid(domain)),
            Chat::Group(group) => Some(group.jid()),
            Chat::Status => Some(Jid::status_broadcast()),
        }
    }

    /// The device a connection has logged in as.
    pub(crate) fn device_of(&self, conn: ConnId) -> Option<DeviceRef> {
        self.connections.get(&conn)?.device()
    }

    /// The id the next connection will have.
    pub(crate) fn upcoming_connection(&self) -> ConnId {
        ConnId(self.next_connection)
    }

    pub(crate) fn new_connection(&mut self) -> ConnId {
        let id = ConnId(self.next_connection);
        self.next_connection += 1;
        id
    }

    /// Random bytes, from the seed.
    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}
