//! The list of chats as the phone shows it.

use std::collections::BTreeMap;

use wacore_binary::Jid;

use super::app_state::chat_names;
use super::book::ChatState;
use crate::ids::{AccountId, Domain, GroupId};
use crate::world::World;

/// The newest message of a chat.
#[derive(Debug, Clone)]
pub(crate) struct Last {
    pub(crate) id: String,
    pub(crate) from: Option<String>,
    pub(crate) from_me: bool,
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    /// Seconds since the epoch.
    pub(crate) timestamp: u64,
}

/// One line of the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    /// The chat as phones name it.
    pub(crate) chat: String,
    pub(crate) lid: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) unread: usize,
    pub(crate) state: ChatState,
    pub(crate) labels: Vec<String>,
    pub(crate) messages: usize,
    pub(crate) last: Option<Last>,
}

/// All chats: pinned ones first, then by their newest message.
pub(crate) fn list(world: &World, me: AccountId) -> Vec<Listed> {
    let Some(account) = world.accounts.get(&me) else {
        return Vec::new();
    };
    let names = chat_names(world, me);
    let mut chats: BTreeMap<&str, Listed> = BTreeMap::new();
    for (chat, past) in &account.phone.past.chats {
        let listed = chats.entry(chat).or_default();
        listed.name.clone_from(&past.name);
        listed.messages = past.messages.len();
        listed.unread = account.phone.past.unread(chat);
        listed.last = past.messages.last().map(|last| Last {
            id: last.id.to_string(),
            from: last.author.as_deref().map(str::to_owned).or_else(|| (!last.from_me).then(|| chat.clone())),
            from_me: last.from_me,
            kind: "text".to_owned(),
            text: Some(last.text.to_string()),
            timestamp: last.timestamp,
        });
    }
    for shown in account.phone.conversations.iter() {
        let Some(chat) = names.get(&shown.chat) else {
            continue;
        };
        if shown.is_effect() {
            continue;
        }
        let listed = chats.entry(chat).or_default();
        listed.messages += 1;
        listed.unread += usize::from(shown.from != me && !shown.read);
        listed.last = Some(Last {
            id: shown.id.clone(),
            from: world.accounts.get(&shown.from).map(|from| from.number.to_string()),
            from_me: shown.from == me,
            kind: shown.kind.clone(),
            text: shown.text.clone(),
            timestamp: shown.timestamp,
        });
    }
    let book = &account.phone.book;
    let mut listed: Vec<Listed> = chats
        .into_iter()
        .map(|(chat, listed)| {
            let person =
                chat.parse::<Jid>().ok().and_then(|jid| world.find(&jid)).and_then(|id| world.accounts.get(&id));
            let saved =
                book.contacts.get(chat).and_then(|contact| contact.full_name.clone().or(contact.first_name.clone()));
            Listed {
                chat: chat.to_owned(),
                lid: person.map(|person| person.jid(Domain::Lid).to_string()),
                name: saved
                    .or_else(|| person.map(|person| person.name.clone()))
                    .or_else(|| {
                        let group = GroupId::parse(chat).and_then(|id| account.phone.many.groups.get(&id));
                        group.map(|known| known.group.subject.text.clone())
                    })
                    .or(listed.name.clone()),
                state: book.chats.get(chat).cloned().unwrap_or_default(),
                labels: book.labels_of(chat).into_iter().map(str::to_owned).collect(),
                ..listed
            }
        })
        .collect();
    listed.sort_by_key(|listed| {
        let newest = listed.last.as_ref().map_or(0, |last| last.timestamp);
        (std::cmp::Reverse(listed.state.pinned_at), std::cmp::Reverse(newest))
    });
    listed
}
