//! Simulated phones.
//!
//! A phone is device 0 of its account: a Signal party of its own that decrypts
//! whatever the server brings it, keeps it as a person would see it, and writes,
//! reads, replies by script, signs companions in and shares keys with them.

pub(crate) mod app_state;
pub(crate) mod arrival;
pub(crate) mod book;
pub(crate) mod chat_list;
pub(crate) mod content;
pub(crate) mod conversation;
pub(crate) mod envelope;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod history;
pub(crate) mod incoming;
pub(crate) mod linking;
pub(crate) mod marks;
pub(crate) mod migration;
pub(crate) mod news;
pub(crate) mod outgoing;
pub(crate) mod party;
pub(crate) mod past;
pub(crate) mod past_maker;
pub(crate) mod placeholders;
pub(crate) mod reading;
pub(crate) mod revision;
pub(crate) mod script;
pub(crate) mod sender_keys;
pub(crate) mod sync_keys;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::rngs::StdRng;
use wacore_binary::Node;
use waproto::whatsapp::Message;

use crate::ids::{AccountId, Domain};
use book::Book;
use conversation::Conversations;
use events::Events;
use groups::Many;
use party::Party;
use past::Past;
use script::Script;
use sender_keys::SenderKeys;

/// How many stanzas wait for a phone that is off.
const MAX_WAITING: usize = 10_000;

/// One phone.
pub(crate) struct Phone {
    pub(crate) party: Party,
    pub(crate) sender_keys: SenderKeys,
    /// Its groups, and who has its keys.
    pub(crate) many: Many,
    /// A phone that is off gets its stanzas when it is switched on.
    pub(crate) online: bool,
    /// Whether it tells others that it is available.
    pub(crate) available: bool,
    waiting: VecDeque<Node>,
    pub(crate) conversations: Conversations,
    pub(crate) events: Events,
    pub(crate) script: Script,
    /// What companions change through app state.
    pub(crate) book: Book,
    /// Messages from before the sandbox knew this phone.
    pub(crate) past: Past,
    /// What companions have still to be told of the past.
    pub(crate) telling: BTreeMap<u16, history::Plan>,
    /// Companions that were told, or are being told.
    pub(crate) told: BTreeSet<u16>,
    /// Messages for companions, by device and id, should one have to be sent
    /// again.
    pub(crate) peer_sent: VecDeque<(u16, String, Message)>,
    /// Companions that have not yet been given the key.
    pub(crate) owes_key_to: BTreeSet<u16>,
    /// Under which name each account last wrote to this one.
    domains: BTreeMap<AccountId, Domain>,
}

impl Phone {
    /// A phone that is on, with fresh keys; `None` if a key can't be made.
    pub(crate) fn new(rng: &mut StdRng) -> Option<Self> {
        Some(Self {
            party: Party::generate(rng)?,
            sender_keys: SenderKeys::default(),
            many: Many::default(),
            online: true,
            available: false,
            waiting: VecDeque::new(),
            conversations: Conversations::default(),
            events: Events::default(),
            script: Script::default(),
            book: Book::default(),
            past: Past::default(),
            telling: BTreeMap::new(),
            told: BTreeSet::new(),
            peer_sent: VecDeque::new(),
            owes_key_to: BTreeSet::new(),
            domains: BTreeMap::new(),
        })
    }

    /// Keeps a stanza for when the phone is on again.
    fn keep(&mut self, node: Node) {
        if self.waiting.len() == MAX_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(node);
    }

    /// What arrived while it was off.
    pub(crate) fn take_waiting(&mut self) -> VecDeque<Node> {
        std::mem::take(&mut self.waiting)
    }

    /// Under which name a message to `account` goes.
    pub(crate) fn domain_for(&self, account: AccountId, default: Domain) -> Domain {
        self.domains.get(&account).copied().unwrap_or(default)
    }
}
