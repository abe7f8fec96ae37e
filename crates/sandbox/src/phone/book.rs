//! What a phone keeps beside its messages: how its chats stand, its address
//! book, labels, quick replies and preferences. Companions change all of it
//! through app state.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

/// The most entries of any one kind; what comes after is not taken over.
const MAX_ENTRIES: usize = 100_000;
/// Muted without an end.
pub(crate) const FOR_EVER: i64 = -1;

/// How a chat stands in the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChatState {
    pub(crate) archived: bool,
    /// Milliseconds since the epoch, when it was pinned.
    pub(crate) pinned_at: Option<i64>,
    /// Milliseconds since the epoch, or [`FOR_EVER`].
    pub(crate) muted_until: Option<i64>,
    /// Marked as unread by hand.
    pub(crate) marked_unread: bool,
    pub(crate) locked: bool,
}

/// A person in the address book.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contact {
    pub(crate) full_name: Option<String>,
    pub(crate) first_name: Option<String>,
    /// Whether it stands in the address book of the phone itself.
    pub(crate) on_phone: bool,
}

/// A label, or a list as newer apps call it.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) color: i32,
    pub(crate) predefined_id: Option<i32>,
    pub(crate) order: Option<i32>,
    #[serde(skip)]
    pub(crate) chats: BTreeSet<String>,
    /// Chat and id of labelled messages.
    #[serde(skip)]
    pub(crate) messages: BTreeSet<(String, String)>,
}

/// A text that is typed by its shortcut.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuickReply {
    pub(crate) shortcut: String,
    pub(crate) message: String,
    pub(crate) keywords: Vec<String>,
    pub(crate) count: i32,
}

/// Everything but the messages. Chats are named by their address: the phone
/// number's for people, the group's own for groups.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) chats: BTreeMap<String, ChatState>,
    pub(crate) contacts: BTreeMap<String, Contact>,
    pub(crate) labels: BTreeMap<String, Label>,
    pub(crate) quick_replies: BTreeMap<String, QuickReply>,
    /// Chat, whether the phone's person wrote it, and id.
    pub(crate) starred: BTreeSet<(String, bool, String)>,
    pub(crate) favorites: Vec<String>,
    pub(crate) muted_statuses: BTreeSet<String>,
    pub(crate) unarchive_chats: Option<bool>,
    pub(crate) twenty_four_hour_format: Option<bool>,
    pub(crate) locale: Option<String>,
    /// Settings nothing here acts on, by their index.
    pub(crate) other: BTreeMap<String, Value>,
    /// Up to which version of each collection it has read.
    pub(crate) read_up_to: BTreeMap<&'static str, u64>,
}

impl Book {
    /// How a chat stands, made on the way.
    pub(crate) fn chat_mut(&mut self, chat: &str) -> Option<&mut ChatState> {
        entry(&mut self.chats, chat)
    }

    /// A label, made on the way.
    pub(crate) fn label_mut(&mut self, id: &str) -> Option<&mut Label> {
        entry(&mut self.labels, id)
    }

    /// A contact, made on the way.
    pub(crate) fn contact_mut(&mut self, contact: &str) -> Option<&mut Contact> {
        entry(&mut self.contacts, contact)
    }

    /// A quick reply, made on the way.
    pub(crate) fn quick_reply_mut(&mut self, id: &str) -> Option<&mut QuickReply> {
        entry(&mut self.quick_replies, id)
    }

    /// A setting nothing here acts on.
    pub(crate) fn set_other(&mut self, index: &str, value: Value) {
        if let Some(entry) = entry(&mut self.other, index) {
            *entry = value;
        }
    }

    /// Stars a message or takes the star away.
    pub(crate) fn star(&mut self, chat: &str, from_me: bool, id: &str, starred: bool) {
        let key = (chat.to_owned(), from_me, id.to_owned());
        if !starred {
            self.starred.remove(&key);
        } else if self.starred.len() < MAX_ENTRIES {
            self.starred.insert(key);
        }
    }

    pub(crate) fn is_starred(&self, chat: &str, from_me: bool, id: &str) -> bool {
        self.starred.contains(&(chat.to_owned(), from_me, id.to_owned()))
    }

    /// The ids of a chat's labels.
    pub(crate) fn labels_of(&self, chat: &str) -> Vec<&str> {
        self.labels.iter().filter(|(_, label)| label.chats.contains(chat)).map(|(id, _)| id.as_str()).collect()
    }

    /// Forgets what hangs on a chat that was deleted.
    pub(crate) fn forget_chat(&mut self, chat: &str) {
        self.chats.remove(chat);
        self.starred.retain(|(of, _, _)| of != chat);
        for label in self.labels.values_mut() {
            label.chats.remove(chat);
            label.messages.retain(|(of, _)| of != chat);
        }
    }
}

fn entry<'m, T: Default>(map: &'m mut BTreeMap<String, T>, key: &str) -> Option<&'m mut T> {
    if !map.contains_key(key) && map.len() >= MAX_ENTRIES {
        return None;
    }
    Some(map.entry(key.to_owned()).or_default())
}
