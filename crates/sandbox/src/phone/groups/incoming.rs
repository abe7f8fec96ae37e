//! What reaches a phone from chats with many: messages, and what happened in
//! its groups.

use buffa::Message as _;
use serde_json::{Map, Value, json};
use wacore::messages::MessageUtils;
use wacore_binary::{Jid, Node};
use waproto::whatsapp::Message;
use waproto::whatsapp::message::protocol_message::Type as ProtocolType;

use super::MAX_LABEL;
use crate::ids::{AccountId, Chat, DeviceRef, GroupId};
use crate::phone::incoming::{Arrived, opened_message, undecryptable};
use crate::stanza::Reading as _;
use crate::world::World;

/// Takes a message from a group, or a status update.
pub(crate) fn message(world: &mut World, me: AccountId, chat: Chat, stanza: &Node) {
    let Some((sender, from)) =
        stanza.jid_of("participant").and_then(|jid| world.find_device(&jid).map(|device| (jid, device)))
    else {
        return;
    };
    let Some(address) = stanza.jid_of("from") else {
        return;
    };
    let id = stanza.text_of("id").into_owned();
    let arrived = Arrived { from, address: &address, participant: Some(&sender), id: &id, stanza };
    let mut shown = false;
    for enc in stanza.nodes().iter().filter(|child| child.tag == "enc") {
        match open(world, me, &address, from, enc) {
            Ok(message) => {
                if has_content(&message) {
                    shown = true;
                    note_label(world, me, chat, from.account, &message);
                    opened_message(world, me, &arrived, chat, message);
                }
            }
            Err(reason) if !shown => {
                // Without the key nothing after it can be opened either.
                return undecryptable(world, me, &arrived, &reason);
            }
            Err(_) => {}
        }
    }
}

fn open(world: &mut World, me: AccountId, chat: &Jid, from: DeviceRef, enc: &Node) -> Result<Message, String> {
    let World { accounts, rng, .. } = world;
    let phone = accounts.get_mut(&me).map(|account| &mut account.phone).ok_or("no phone")?;
    let chat = chat.to_string();
    let kind = enc.text_of("type");
    let opened = match kind.as_ref() {
        "skmsg" => phone.sender_keys.open(&chat, from, enc.body()),
        _ => phone.party.open(from, &kind, enc.body(), rng),
    };
    let padded = opened.map_err(|error| error.to_string())?;
    let plain = MessageUtils::unpad_message_ref(&padded, 2).map_err(|error| error.to_string())?;
    let message = Message::decode_from_slice(plain).map_err(|error| error.to_string())?;
    if let Some(key) = message.sender_key_distribution_message.as_option() {
        let key = key.axolotl_sender_key_distribution_message.as_deref().unwrap_or_default();
        phone.sender_keys.learn(&chat, from, key).map_err(|error| error.to_string())?;
    }
    Ok(message)
}

/// Whether there is more in it than a key.
fn has_content(message: &Message) -> bool {
    let mut rest = message.clone();
    rest.sender_key_distribution_message = buffa::MessageField::none();
    rest.message_context_info = buffa::MessageField::none();
    rest != Message::default()
}

/// A member has named himself in the group.
fn note_label(world: &mut World, me: AccountId, chat: Chat, by: AccountId, message: &Message) {
    let Chat::Group(id) = chat else {
        return;
    };
    let Some(protocol) = message.protocol_message.as_option() else {
        return;
    };
    if protocol.r#type != Some(ProtocolType::GroupMemberLabelChange) {
        return;
    }
    let label: String = protocol
        .member_label
        .as_option()
        .and_then(|label| label.label.clone())
        .unwrap_or_default()
        .chars()
        .take(MAX_LABEL)
        .collect();
    let (now, who) = (world.now_ms(), number(world, by));
    let Some(account) = world.accounts.get_mut(&me) else {
        return;
    };
    if let Some(known) = account.phone.many.groups.get_mut(&id) {
        if label.is_empty() {
            known.labels.remove(&by);
        } else {
            known.labels.insert(by, label.clone());
        }
    }
    let fields = json!({"group": id.jid().to_string(), "change": "label", "by": who, "label": label});
    account.phone.events.add(now, "group", fields);
}

fn number(world: &World, account: AccountId) -> Value {
    world.accounts.get(&account).map_or(Value::Null, |account| account.number.to_string().into())
}

/// Something has happened in a group: the phone looks at it anew and keeps an
/// event.
pub(crate) fn notification(world: &mut World, me: AccountId, id: GroupId, stanza: &Node) {
    let group = world.groups.get(id).filter(|group| group.role(me).is_some()).cloned();
    let now = world.now_ms();
    let by = stanza.jid_of("participant").and_then(|jid| world.find(&jid));
    let picture = stanza.text_of("type") == "picture";
    let events: Vec<Value> = stanza
        .nodes()
        .iter()
        .map(|change| {
            let by = by.or_else(|| world.find(&change.jid_of("author")?));
            event(world, id, by, change, picture)
        })
        .collect();
    let someone_left = stanza.child("remove").is_some();
    let Some(account) = world.accounts.get_mut(&me) else {
        return;
    };
    let gone = group.is_none();
    account.phone.many.update(id, group);
    let name = id.jid().to_string();
    if gone {
        account.phone.sender_keys.forget_chat(&name);
        account.phone.many.given.remove(&Chat::Group(id));
    } else if someone_left {
        // Who has left must not read on.
        account.phone.sender_keys.forget(&name, DeviceRef::phone(me));
        account.phone.many.given.remove(&Chat::Group(id));
    }
    for fields in events {
        account.phone.events.add(now, "group", fields);
    }
}

/// What the event says: the change by the name of its element, who made it,
/// whom it is about, and the rest as it stands in the notification.
fn event(world: &World, id: GroupId, by: Option<AccountId>, change: &Node, picture: bool) -> Value {
    let mut fields = Map::new();
    fields.insert("group".to_owned(), id.jid().to_string().into());
    let name = if picture { "picture" } else { change.tag.as_ref() };
    fields.insert("change".to_owned(), name.into());
    fields.insert("by".to_owned(), by.map_or(Value::Null, |by| number(world, by)));
    let people: Vec<Value> = change
        .nodes()
        .iter()
        .filter(|child| matches!(child.tag.as_ref(), "participant" | "requested_user"))
        .filter_map(|child| world.find(&child.jid_of("jid")?))
        .map(|person| number(world, person))
        .collect();
    if !people.is_empty() {
        fields.insert("participants".to_owned(), people.into());
    }
    for (attribute, field) in [
        ("subject", "subject"),
        ("reason", "reason"),
        ("code", "code"),
        ("link_type", "linkType"),
        ("unlink_type", "linkType"),
        ("request_method", "method"),
    ] {
        if let Some(value) = change.maybe_text(attribute) {
            fields.insert(field.to_owned(), value.into());
        }
    }
    if let Some(seconds) = change.number_of("expiration") {
        fields.insert("expiration".to_owned(), seconds.into());
    }
    if picture {
        fields.insert("picture".to_owned(), change.number_of("id").map_or(Value::Null, Value::from));
    }
    if let Some(other) = change.child("group").and_then(|group| group.jid_of("jid")) {
        fields.insert("other".to_owned(), other.to_string().into());
    }
    if let Some(join) = change.child("group_join") {
        fields.insert("state".to_owned(), join.text_of("state").into());
    }
    match change.tag.as_ref() {
        "description" => {
            let body = change.child("body").map(|body| String::from_utf8_lossy(body.body()).into_owned());
            fields.insert("description".to_owned(), body.into());
        }
        tag if tag.ends_with("_mode") && !change.body().is_empty() => {
            fields.insert("mode".to_owned(), String::from_utf8_lossy(change.body()).into());
        }
        _ => {}
    }
    Value::Object(fields)
}
