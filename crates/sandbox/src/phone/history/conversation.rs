//! Conversations as history sync carries them.

use std::collections::{BTreeMap, BTreeSet};

use wacore_binary::Jid;
use waproto::whatsapp as wa;
use waproto::whatsapp::conversation::EndOfHistoryTransferType as End;
use waproto::whatsapp::group_participant::Rank;

use super::web_message;
use crate::ids::{AccountId, Chat, Domain, GroupId};
use crate::phone::app_state::chat_names;
use crate::phone::chat_list::list;
use crate::phone::conversation::Shown;
use crate::world::World;
use crate::world::account::Account;
use crate::world::group::Role;

/// A stretch of a chat, counted from its oldest message.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) chat: String,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether nothing older is left to tell.
    pub(super) last: bool,
}

/// How long a chat is.
pub(super) struct Length {
    pub(super) name: String,
    pub(super) messages: usize,
    /// Where its recent part begins.
    pub(super) recent_from: usize,
}

/// All chats of people and groups, the newest first.
pub(super) fn chats(world: &World, me: AccountId, since: u64) -> Vec<Length> {
    let Some(account) = world.accounts.get(&me) else {
        return Vec::new();
    };
    let live = live(world, account);
    let listed = list(world, me).into_iter().filter(|listed| !listed.chat.ends_with("@broadcast"));
    let none = Vec::new();
    listed
        .map(|listed| {
            let past = account.phone.past.chats.get(&listed.chat).map_or(&none, |chat| &chat.messages);
            let live = live.get(listed.chat.as_str()).map(Vec::as_slice).unwrap_or_default();
            let old = past.partition_point(|message| message.timestamp < since);
            let recent_from =
                if old < past.len() { old } else { old + live.partition_point(|shown| shown.timestamp < since) };
            Length { messages: past.len() + live.len(), recent_from, name: listed.chat }
        })
        .collect()
}

/// The messages the phone itself has seen, by chat and oldest first.
fn live<'w>(world: &World, account: &'w Account) -> BTreeMap<String, Vec<&'w Shown>> {
    let names = chat_names(world, account.id);
    let mut live: BTreeMap<String, Vec<&Shown>> = BTreeMap::new();
    for shown in account.phone.conversations.iter().filter(|shown| !shown.is_effect()) {
        if let Some(name) = names.get(&shown.chat) {
            live.entry(name.clone()).or_default().push(shown);
        }
    }
    live
}

/// Where the messages before a given one end.
pub(super) fn position(world: &World, me: AccountId, chat: &str, id: Option<&str>, oldest: Option<u64>) -> usize {
    let Some(account) = world.accounts.get(&me) else {
        return 0;
    };
    let past = account.phone.past.chats.get(chat).map(|chat| chat.messages.as_slice()).unwrap_or_default();
    let live = live(world, account);
    let live = live.get(chat).map(Vec::as_slice).unwrap_or_default();
    let by_id = id.and_then(|id| {
        past.iter()
            .position(|message| &*message.id == id)
            .or_else(|| live.iter().position(|shown| shown.id == id).map(|at| past.len() + at))
    });
    by_id.unwrap_or_else(|| {
        let before = |timestamp: u64| oldest.is_none_or(|oldest| timestamp < oldest);
        past.partition_point(|message| before(message.timestamp))
            + live.partition_point(|shown| before(shown.timestamp))
    })
}

/// Pieces of chats with their messages, newest message first as phones send
/// them.
pub(super) fn conversations(world: &World, me: AccountId, pieces: &[Piece]) -> Vec<wa::Conversation> {
    let Some(account) = world.accounts.get(&me) else {
        return Vec::new();
    };
    let live = live(world, account);
    let listed: BTreeMap<String, _> = list(world, me).into_iter().map(|listed| (listed.chat.clone(), listed)).collect();
    let addressing: Domain = world.timing.addressing.into();
    let mut conversations = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let Some(listed) = listed.get(&piece.chat) else {
            continue;
        };
        let person =
            piece.chat.parse::<Jid>().ok().and_then(|jid| world.find(&jid)).and_then(|id| world.accounts.get(&id));
        let address = person.map_or_else(|| piece.chat.clone(), |person| person.jid(addressing).to_string());
        let past = account.phone.past.chats.get(&piece.chat);
        let past_messages = past.map(|past| past.messages.as_slice()).unwrap_or_default();
        let live = live.get(&piece.chat).map(Vec::as_slice).unwrap_or_default();
        let mut messages = Vec::with_capacity(piece.to.saturating_sub(piece.from));
        for at in (piece.from..piece.to).rev() {
            let message = match past_messages.get(at) {
                Some(past) => web_message::of_past(world, past, &address, listed.name.as_deref()),
                None => match live.get(at - past_messages.len()) {
                    Some(shown) => web_message::of_shown(world, account, shown, &address, &piece.chat),
                    None => continue,
                },
            };
            messages.push(wa::HistorySyncMsg {
                message: buffa::MessageField::some(message),
                msg_order_id: u64::try_from(at + 1).ok(),
            });
        }
        let token = person.and_then(|person| world.token_of(person.id, me));
        let given = person.and_then(|person| account.tokens.get(&person.id));
        let newest = listed.last.as_ref().map(|last| last.timestamp);
        let state = &listed.state;
        conversations.push(wa::Conversation {
            id: address,
            messages,
            last_msg_timestamp: newest,
            conversation_timestamp: newest,
            unread_count: u32::try_from(listed.unread).ok(),
            marked_as_unread: Some(state.marked_unread),
            archived: Some(state.archived),
            pinned: state.pinned_at.and_then(|at| u32::try_from(at / 1000).ok()),
            // For ever is -1, which this field has no sign for.
            mute_end_time: state
                .muted_until
                .map(|until| if until < 0 { u64::MAX } else { until.unsigned_abs() / 1000 }),
            locked: Some(state.locked),
            name: listed.name.clone(),
            display_name: listed.name.clone(),
            pn_jid: person.map(|person| person.jid(Domain::Pn).to_string()),
            lid_jid: person.map(|person| person.jid(Domain::Lid).to_string()),
            account_lid: person.map(|_| account.jid(Domain::Lid).to_string()),
            tc_token: token.map(|token| token.bytes.clone()),
            tc_token_timestamp: token.map(|token| token.given_at),
            tc_token_sender_timestamp: given.map(|given| given.given_at),
            participant: participants(world, account, &piece.chat),
            not_spam: Some(true),
            end_of_history_transfer: Some(piece.last),
            end_of_history_transfer_type: Some(if piece.last {
                End::COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY
            } else {
                End::COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY
            }),
            ..Default::default()
        });
    }
    conversations
}

/// The one conversation a companion asked for.
pub(super) fn on_demand(world: &World, me: AccountId, piece: &Piece) -> Vec<wa::Conversation> {
    let mut conversations = conversations(world, me, std::slice::from_ref(piece));
    for conversation in &mut conversations {
        conversation.end_of_history_transfer_type = Some(if piece.last {
            End::COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY
        } else {
            End::COMPLETE_ON_DEMAND_SYNC_BUT_MORE_MSG_REMAIN_ON_PRIMARY
        });
    }
    conversations
}

/// The members of a group as the phone has last heard of it.
fn participants(world: &World, account: &Account, chat: &str) -> Vec<wa::GroupParticipant> {
    let Some(known) = GroupId::parse(chat).and_then(|id| account.phone.many.groups.get(&id)) else {
        return Vec::new();
    };
    let members = known.group.members.iter();
    members
        .filter_map(|(id, member)| {
            Some(wa::GroupParticipant {
                user_jid: world.accounts.get(id)?.jid(known.group.addressing).to_string(),
                rank: Some(match member.role {
                    Role::Member => Rank::REGULAR,
                    Role::Admin => Rank::ADMIN,
                    Role::SuperAdmin => Rank::SUPERADMIN,
                }),
                ..Default::default()
            })
        })
        .collect()
}

/// The names people have given themselves, of everybody the phone has to do
/// with.
pub(super) fn push_names(world: &World, me: AccountId) -> Vec<wa::Pushname> {
    let Some(account) = world.accounts.get(&me) else {
        return Vec::new();
    };
    let mut people: BTreeSet<AccountId> = BTreeSet::from([me]);
    people.extend(account.phone.conversations.chat_ids().into_iter().filter_map(|chat| match chat {
        Chat::Person(person) => Some(person),
        Chat::Group(_) | Chat::Status => None,
    }));
    people.extend(account.phone.conversations.iter().map(|shown| shown.from));
    people.extend(account.phone.past.chats.keys().filter_map(|chat| world.find(&chat.parse().ok()?)));
    let addressing: Domain = world.timing.addressing.into();
    people
        .into_iter()
        .filter_map(|person| world.accounts.get(&person))
        .map(|person| wa::Pushname {
            id: Some(person.jid(addressing).to_string()),
            pushname: Some(person.name.clone()),
        })
        .collect()
}

/// Which number belongs to which LID, of the people in these pieces.
pub(super) fn mappings(world: &World, pieces: &[Piece]) -> Vec<wa::PhoneNumberToLIDMapping> {
    pieces
        .iter()
        .filter_map(|piece| world.accounts.get(&world.find(&piece.chat.parse().ok()?)?))
        .map(|person| wa::PhoneNumberToLIDMapping {
            pn_jid: Some(person.jid(Domain::Pn).to_string()),
            lid_jid: Some(person.jid(Domain::Lid).to_string()),
        })
        .collect()
}

/// The status updates a phone shows.
pub(super) fn statuses(world: &World, me: AccountId) -> Vec<wa::WebMessageInfo> {
    let Some(account) = world.accounts.get(&me) else {
        return Vec::new();
    };
    let shown = account.phone.conversations.iter().filter(|shown| shown.chat == Chat::Status);
    shown
        .filter(|shown| !shown.is_effect())
        .map(|shown| web_message::of_shown(world, account, shown, crate::ids::STATUS, crate::ids::STATUS))
        .collect()
}
