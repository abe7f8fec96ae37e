//! What a person would see on the phone.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::Serialize;
use serde_json::Value;
use waproto::whatsapp::Message;

use super::marks::Marks;
use crate::ids::{AccountId, Chat};

/// How many messages a phone keeps; the oldest go first.
const CAPACITY: usize = 20_000;
/// How many receipts are kept per message.
/// Enough for a full group, whose members all have a phone and some a companion.
const MAX_RECEIPTS: usize = 4_096;

/// That a device has got, read or played a message.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    /// Who: the number.
    pub(crate) by: String,
    pub(crate) device: u16,
    /// `server`, `delivery`, `read`, `played`, `retry`…
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Milliseconds since the epoch.
    pub(crate) timestamp: u64,
}

/// One message of a conversation.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) seq: u64,
    pub(crate) id: String,
    pub(crate) chat: Chat,
    pub(crate) from: AccountId,
    pub(crate) from_device: u16,
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    /// Seconds since the epoch.
    pub(crate) timestamp: u64,
    /// How often it arrived.
    pub(crate) copies: u32,
    /// The message it edits, revokes, reacts to or quotes.
    pub(crate) target: Option<String>,
    pub(crate) read: bool,
    pub(crate) receipts: Vec<Receipt>,
    /// What was done with it since.
    pub(crate) marks: Marks,
    pub(crate) message: Box<Message>,
}

/// Kinds of message that do something to another and are none to be read.
const EFFECTS: [&str; 8] =
    ["reaction", "edit", "revoke", "poll_update", "poll_add_option", "event_response", "pin_in_chat", "keep_in_chat"];

impl Shown {
    /// Whether it only does something to another message.
    pub(crate) fn is_effect(&self) -> bool {
        EFFECTS.contains(&self.kind.as_str())
    }

    /// The whole message as JSON, with protobuf names in snake case.
    pub(crate) fn raw(&self) -> Value {
        crate::phone::content::to_json(&self.message)
    }
}

/// All messages of a phone, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Conversations {
    messages: VecDeque<Shown>,
    /// Sequence number by sender and id; ids of different people may be equal.
    by_id: HashMap<(AccountId, String), u64>,
    /// Messages taken off the phone, which do not come back with a second copy.
    forgotten: VecDeque<(AccountId, String)>,
    last: u64,
}

impl Conversations {
    /// Adds a message, or counts one more copy of a known one. Gives back
    /// whether it was new.
    pub(crate) fn add(&mut self, mut message: Shown) -> bool {
        let key = (message.from, message.id.clone());
        if let Some(seq) = self.by_id.get(&key).copied() {
            if let Some(known) = self.at_mut(seq) {
                known.copies += 1;
            }
            return false;
        }
        self.last += 1;
        message.seq = self.last;
        if self.messages.len() == CAPACITY
            && let Some(oldest) = self.messages.pop_front()
        {
            self.by_id.remove(&(oldest.from, oldest.id));
        }
        self.by_id.insert(key, message.seq);
        self.messages.push_back(message);
        true
    }

    /// The number of the newest message.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Messages after `after`, oldest first, of one chat or all.
    pub(crate) fn after(&self, after: u64, chat: Option<Chat>) -> impl Iterator<Item = &Shown> {
        let from = self.messages.partition_point(|message| message.seq <= after);
        self.messages.range(from..).filter(move |message| chat.is_none_or(|chat| message.chat == chat))
    }

    /// A message by id, whoever sent it.
    pub(crate) fn find(&self, id: &str) -> Option<&Shown> {
        self.messages.iter().rev().find(|message| message.id == id)
    }

    /// A message by sender and id.
    pub(crate) fn of(&mut self, from: AccountId, id: &str) -> Option<&mut Shown> {
        let seq = self.by_id.get(&(from, id.to_owned())).copied()?;
        self.at_mut(seq)
    }

    /// A message by sender and id, to look at.
    pub(crate) fn known(&self, from: AccountId, id: &str) -> Option<&Shown> {
        let seq = self.by_id.get(&(from, id.to_owned())).copied()?;
        let at = self.messages.binary_search_by_key(&seq, |message| message.seq).ok()?;
        self.messages.get(at)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Shown> {
        self.messages.iter_mut()
    }

    /// How many conversations there are.
    pub(crate) fn chats(&self) -> usize {
        self.chat_ids().len()
    }

    /// All chats there are messages of.
    pub(crate) fn chat_ids(&self) -> BTreeSet<Chat> {
        self.messages.iter().map(|message| message.chat).collect()
    }

    /// All messages, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Shown> {
        self.messages.iter()
    }

    /// Takes messages off the phone.
    pub(crate) fn forget(&mut self, mut forget: impl FnMut(&Shown) -> bool) {
        let forgotten = &mut self.forgotten;
        self.messages.retain(|message| {
            let gone = forget(message);
            if gone {
                forgotten.push_back((message.from, message.id.clone()));
            }
            !gone
        });
        while self.forgotten.len() > CAPACITY
            && let Some(oldest) = self.forgotten.pop_front()
        {
            self.by_id.remove(&oldest);
        }
    }

    fn at_mut(&mut self, seq: u64) -> Option<&mut Shown> {
        let at = self.messages.binary_search_by_key(&seq, |message| message.seq).ok()?;
        self.messages.get_mut(at)
    }
}

impl Shown {
    /// How far a message of one's own has got, by the receipts of anybody but
    /// `own`: `failed`, `sent`, `delivered`, `read` or `played`.
    pub(crate) fn status(&self, own: &str) -> &'static str {
        let has = |kind: &str| self.receipts.iter().any(|receipt| receipt.kind == kind && receipt.by != own);
        match () {
            () if self.marks.refused.is_some() => "failed",
            () if has("played") => "played",
            () if has("read") => "read",
            () if has("delivery") => "delivered",
            () => "sent",
        }
    }

    pub(crate) fn add_receipt(&mut self, receipt: Receipt) {
        let known = self
            .receipts
            .iter()
            .any(|known| known.by == receipt.by && known.device == receipt.device && known.kind == receipt.kind);
        if self.receipts.len() < MAX_RECEIPTS && !known {
            self.receipts.push(receipt);
        }
    }
}
