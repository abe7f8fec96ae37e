//! Single messages as history sync carries them.

use buffa::MessageField;
use waproto::whatsapp as wa;
use waproto::whatsapp::web_message_info::{Status, StubType};

use crate::ids::{Chat, Domain};
use crate::phone::conversation::Shown;
use crate::phone::past::PastMessage;
use crate::world::World;
use crate::world::account::Account;

/// A message of the past.
pub(super) fn of_past(world: &World, past: &PastMessage, chat: &str, name: Option<&str>) -> wa::WebMessageInfo {
    let author = past.author.as_deref().map(|author| {
        let addressing: Domain = world.timing.addressing.into();
        let person = author.parse().ok().and_then(|jid| world.find(&jid)).and_then(|id| world.accounts.get(&id));
        person.map_or_else(|| author.to_owned(), |person| person.jid(addressing).to_string())
    });
    let key = wa::MessageKey {
        remote_jid: Some(chat.to_owned()),
        from_me: Some(past.from_me),
        id: Some(past.id.to_string()),
        participant: author.clone(),
    };
    let reactions = past.reaction.as_ref().map(|emoji| wa::Reaction {
        key: MessageField::some(wa::MessageKey {
            remote_jid: Some(chat.to_owned()),
            from_me: Some(!past.from_me),
            id: Some(format!("{}R", past.id)),
            participant: None,
        }),
        text: Some(emoji.to_string()),
        sender_timestamp_ms: i64::try_from((past.timestamp + 1) * 1000).ok(),
        ..Default::default()
    });
    wa::WebMessageInfo {
        key: MessageField::some(key),
        message: MessageField::some(wa::Message { conversation: Some(past.text.to_string()), ..Default::default() }),
        message_timestamp: Some(past.timestamp),
        status: Some(if past.read { Status::READ } else { Status::DELIVERY_ACK }),
        participant: author,
        push_name: name.filter(|_| !past.from_me).map(str::to_owned),
        reactions: reactions.into_iter().collect(),
        ..Default::default()
    }
}

/// A message the phone has sent or received, with what came of it.
pub(super) fn of_shown(
    world: &World,
    account: &Account,
    shown: &Shown,
    address: &str,
    chat: &str,
) -> wa::WebMessageInfo {
    let addressing: Domain = world.timing.addressing.into();
    let from_me = shown.from == account.id;
    let author = world.accounts.get(&shown.from);
    let participant = match shown.chat {
        Chat::Person(_) => None,
        Chat::Group(_) | Chat::Status if from_me => None,
        Chat::Group(_) | Chat::Status => author.map(|author| author.jid(addressing).to_string()),
    };
    let mut info = wa::WebMessageInfo {
        key: MessageField::some(wa::MessageKey {
            remote_jid: Some(address.to_owned()),
            from_me: Some(from_me),
            id: Some(shown.id.clone()),
            participant: participant.clone(),
        }),
        message: MessageField::some((*shown.message).clone()),
        message_timestamp: Some(shown.timestamp),
        status: Some(status(shown, from_me)),
        participant,
        push_name: author.filter(|_| !from_me).map(|author| author.name.clone()),
        starred: Some(account.phone.book.is_starred(chat, from_me, &shown.id)),
        user_receipt: receipts(world, shown),
        message_secret: shown.message.message_context_info.as_option().and_then(|info| info.message_secret.clone()),
        ..Default::default()
    };
    take_over_marks(&mut info, shown, account, world, address);
    info
}

/// What people did with a message since.
fn take_over_marks(info: &mut wa::WebMessageInfo, shown: &Shown, account: &Account, world: &World, address: &str) {
    let marks = &shown.marks;
    let addressing: Domain = world.timing.addressing.into();
    // The key of the message by which somebody did it.
    let key = |by, kind: &str| {
        let mut rows = account.phone.conversations.iter().rev().filter(|row| row.from == by && row.kind == kind);
        let row = rows.find(|row| row.target.as_deref() == Some(&shown.id));
        let person = world.accounts.get(&by).map(|person| person.jid(addressing).to_string());
        MessageField::some(wa::MessageKey {
            remote_jid: Some(address.to_owned()),
            from_me: Some(by == account.id),
            id: row.map(|row| row.id.clone()),
            participant: person.filter(|_| by != account.id && !matches!(shown.chat, Chat::Person(_))),
        })
    };
    for (by, emoji) in marks.reactions.iter().filter(|(_, emoji)| !emoji.value.is_empty()) {
        info.reactions.push(wa::Reaction {
            key: key(*by, "reaction"),
            text: Some(emoji.value.clone()),
            sender_timestamp_ms: Some(emoji.at_ms),
            ..Default::default()
        });
    }
    for (by, vote) in &marks.votes {
        info.poll_updates.push(wa::PollUpdate {
            poll_update_message_key: key(*by, "poll_update"),
            vote: MessageField::some(wa::message::PollVoteMessage { selected_options: vote.value.clone() }),
            sender_timestamp_ms: Some(vote.at_ms),
            ..Default::default()
        });
    }
    if marks.edited_at.is_some() && shown.kind == "text" {
        let message_context_info = shown.message.message_context_info.clone();
        info.message = MessageField::some(wa::Message {
            conversation: shown.text.clone(),
            message_context_info,
            ..Default::default()
        });
    }
    if marks.revoked_by.is_some() {
        info.message = MessageField::none();
        info.message_stub_type = Some(StubType::REVOKE);
    }
}

fn status(shown: &Shown, from_me: bool) -> Status {
    let got = |kind: &str| shown.receipts.iter().any(|receipt| receipt.kind == kind);
    match () {
        () if got("played") => Status::PLAYED,
        () if got("read") || (!from_me && shown.read) => Status::READ,
        () if got("delivery") || !from_me => Status::DELIVERY_ACK,
        () => Status::SERVER_ACK,
    }
}

/// When each person got, read and played it.
fn receipts(world: &World, shown: &Shown) -> Vec<wa::UserReceipt> {
    let mut people: std::collections::BTreeMap<&str, wa::UserReceipt> = std::collections::BTreeMap::new();
    for receipt in &shown.receipts {
        let Some(person) = crate::ids::PhoneNumber::parse(&receipt.by)
            .and_then(|number| world.find_number(&number))
            .and_then(|id| world.accounts.get(&id))
        else {
            continue;
        };
        let known = people.entry(&receipt.by).or_insert_with(|| wa::UserReceipt {
            user_jid: person.jid(world.timing.addressing.into()).to_string(),
            ..Default::default()
        });
        let at = i64::try_from(receipt.timestamp / 1000).ok();
        match receipt.kind.as_str() {
            "delivery" => known.receipt_timestamp = known.receipt_timestamp.or(at),
            "read" => known.read_timestamp = known.read_timestamp.or(at),
            "played" => known.played_timestamp = known.played_timestamp.or(at),
            _ => {}
        }
    }
    people.into_values().collect()
}
