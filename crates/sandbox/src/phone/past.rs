//! What was written on a phone before the sandbox knew it: kept small, shown
//! to companions by history sync.

use std::collections::BTreeMap;

/// The most messages one phone has in its past.
pub(crate) const MAX_MESSAGES: usize = 200_000;

/// One message of the past: a text, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct PastMessage {
    pub(crate) id: Box<str>,
    pub(crate) from_me: bool,
    /// Who wrote it in a group: an address by number.
    pub(crate) author: Option<Box<str>>,
    pub(crate) text: Box<str>,
    /// Seconds since the epoch.
    pub(crate) timestamp: u64,
    /// Whether the other side, or this one, has read it.
    pub(crate) read: bool,
    /// An emoji the other side of the message reacted with.
    pub(crate) reaction: Option<Box<str>>,
}

/// The past of one chat.
#[derive(Debug, Clone, Default)]
pub(crate) struct PastChat {
    /// The push name of the person, or a group's subject.
    pub(crate) name: Option<String>,
    /// Oldest first.
    pub(crate) messages: Vec<PastMessage>,
}

/// The past of a phone, by chat as phones name it.
#[derive(Debug, Default)]
pub(crate) struct Past {
    pub(crate) chats: BTreeMap<String, PastChat>,
}

impl Past {
    /// How many messages there are.
    pub(crate) fn len(&self) -> usize {
        self.chats.values().map(|chat| chat.messages.len()).sum()
    }

    /// Adds messages to a chat, in order of time. Gives back how many there was
    /// room for.
    pub(crate) fn add(&mut self, chat: &str, name: Option<String>, messages: Vec<PastMessage>) -> usize {
        let room = MAX_MESSAGES.saturating_sub(self.len());
        let found = self.chats.entry(chat.to_owned()).or_default();
        found.name = name.or(found.name.take());
        let before = found.messages.len();
        found.messages.extend(messages.into_iter().take(room));
        found.messages.sort_by_key(|message| message.timestamp);
        found.messages.len() - before
    }

    /// Messages of a chat that are not read.
    pub(crate) fn unread(&self, chat: &str) -> usize {
        let messages = self.chats.get(chat).map(|chat| chat.messages.as_slice()).unwrap_or_default();
        messages.iter().filter(|message| !message.from_me && !message.read).count()
    }

    /// Everything in a chat is read.
    pub(crate) fn mark_read(&mut self, chat: &str) {
        if let Some(chat) = self.chats.get_mut(chat) {
            chat.messages.iter_mut().filter(|message| !message.from_me).for_each(|message| message.read = true);
        }
    }

    /// A chat is deleted.
    pub(crate) fn forget(&mut self, chat: &str) {
        self.chats.remove(chat);
    }
}
