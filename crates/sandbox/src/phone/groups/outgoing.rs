//! Messages of a phone to a group, and status updates.

use std::collections::BTreeSet;

use buffa::{Message as _, MessageField};
use wacore::messages::MessageUtils;
use wacore_binary::{Jid, Node};
use waproto::whatsapp as wa;
use waproto::whatsapp::Message;

use crate::areas::groups::Refused;
use crate::areas::message::Accepted;
use crate::ids::{AccountId, Chat, DeviceRef, Domain};
use crate::phone::envelope::Envelope;
use crate::phone::outgoing::{self, Sent, Unsent};
use crate::stanza::node;
use crate::world::World;

/// To whom a message goes, and under which names.
struct Audience {
    people: BTreeSet<AccountId>,
    addressing: Domain,
}

fn audience(world: &World, me: AccountId, chat: Chat, chosen: &[AccountId]) -> Result<Audience, Unsent> {
    match chat {
        Chat::Group(id) => {
            let group = world.groups.get(id).ok_or(Unsent::Refused(Refused::NOT_FOUND.0))?;
            if group.role(me).is_none() {
                return Err(Unsent::Refused(Refused::FORBIDDEN.0));
            }
            Ok(Audience { people: group.members.keys().copied().collect(), addressing: group.addressing })
        }
        Chat::Status => {
            let account = world.accounts.get(&me).ok_or(Unsent::Unsealed)?;
            let chosen: BTreeSet<AccountId> =
                if chosen.is_empty() { account.contacts.clone() } else { chosen.iter().copied().collect() };
            Ok(Audience { people: chosen.into_iter().chain([me]).collect(), addressing: Domain::Lid })
        }
        Chat::Person(_) => Err(Unsent::Unsealed),
    }
}

/// Sends a message to a group or as a status update. `chosen` are those who see
/// the update, all contacts when empty.
pub(crate) fn send(
    world: &mut World,
    me: AccountId,
    chat: Chat,
    chosen: &[AccountId],
    message: Message,
    id: &str,
) -> Result<Sent, Unsent> {
    let audience = audience(world, me, chat, chosen)?;
    let own = DeviceRef::phone(me);
    let name = world.chat_jid(chat, audience.addressing).ok_or(Unsent::Unsealed)?;
    let devices: BTreeSet<DeviceRef> =
        audience.people.iter().flat_map(|person| world.devices_of(*person)).filter(|device| *device != own).collect();
    let without_key = without_key(world, me, chat, &name, &devices);

    let mut children = Vec::new();
    let mut participants = hand_out(world, me, &name, &without_key, audience.addressing)?;
    if chat == Chat::Status {
        let given: BTreeSet<AccountId> = without_key.iter().map(|device| device.account).collect();
        participants.extend(
            audience.people.iter().filter(|person| !given.contains(person)).map(|person| {
                node("to").attr("jid", world.jid(DeviceRef::phone(*person), audience.addressing)).build()
            }),
        );
    }
    if !participants.is_empty() {
        children.push(node("participants").children(participants).build());
    }
    let padded = outgoing::padded(world, &message.encode_to_vec());
    let World { accounts, rng, .. } = world;
    let account = accounts.get_mut(&me).ok_or(Unsent::Unsealed)?;
    let sealed = account.phone.sender_keys.seal(&name.to_string(), own, &padded, rng).map_err(|_| Unsent::Unsealed)?;
    let envelope = Envelope::of(&message);
    children.push(envelope.copy(node("enc").attr("v", 2).attr("type", "skmsg").bytes(sealed).build()));
    children.extend(envelope.meta());
    let mut stanza = envelope.stanza(node("message").attr("to", &name).attr("id", id));
    if let Chat::Group(_) = chat {
        let all: Vec<Jid> =
            devices.iter().chain([&own]).map(|device| world.jid(*device, audience.addressing)).collect();
        if let Ok(phash) = MessageUtils::participant_list_hash(&all) {
            stanza = stanza.attr("phash", phash);
        }
        stanza = stanza.attr("addressing_mode", if audience.addressing == Domain::Lid { "lid" } else { "pn" });
    }
    if let Accepted::Refused(code) = crate::areas::message::accept(world, own, &stanza.children(children).build()) {
        return Err(outgoing::failed(world, me, chat, id, message, code));
    }
    if let Some(account) = world.accounts.get_mut(&me) {
        account.phone.many.given.entry(chat).or_default().extend(without_key);
    }
    Ok(outgoing::shown(world, me, chat, id, message))
}

/// The devices that lack the phone's key. When somebody who has it is gone, a
/// new one is made, which nobody has.
fn without_key(
    world: &mut World,
    me: AccountId,
    chat: Chat,
    name: &Jid,
    devices: &BTreeSet<DeviceRef>,
) -> Vec<DeviceRef> {
    let Some(account) = world.accounts.get_mut(&me) else {
        return Vec::new();
    };
    let given = account.phone.many.given.entry(chat).or_default();
    // Not everybody sees every status update; that is no reason for a new key.
    if chat != Chat::Status && !given.is_subset(devices) {
        given.clear();
        account.phone.sender_keys.forget(&name.to_string(), DeviceRef::phone(me));
    }
    devices.difference(given).copied().collect()
}

/// `<to jid><enc/></to>` with the phone's key for each device.
fn hand_out(
    world: &mut World,
    me: AccountId,
    name: &Jid,
    devices: &[DeviceRef],
    addressing: Domain,
) -> Result<Vec<Node>, Unsent> {
    let key = key_message(world, me, name)?.encode_to_vec();
    let mut sealed = Vec::with_capacity(devices.len());
    for device in devices {
        if let Some(enc) = outgoing::seal(world, me, *device, &key, None) {
            sealed.push(node("to").attr("jid", world.jid(*device, addressing)).children([enc]).build());
        }
    }
    Ok(sealed)
}

/// A message that carries nothing but the phone's key.
fn key_message(world: &mut World, me: AccountId, name: &Jid) -> Result<Message, Unsent> {
    let World { accounts, rng, .. } = world;
    let account = accounts.get_mut(&me).ok_or(Unsent::Unsealed)?;
    let name = name.to_string();
    let key = account.phone.sender_keys.distribution(&name, DeviceRef::phone(me), rng).map_err(|_| Unsent::Unsealed)?;
    Ok(Message {
        sender_key_distribution_message: MessageField::some(wa::message::SenderKeyDistributionMessage {
            group_id: Some(name),
            axolotl_sender_key_distribution_message: Some(key),
        }),
        ..Default::default()
    })
}

/// Answers a device that could not open a message: the same, sealed for it
/// alone, together with the key for those that follow.
pub(crate) fn again(
    world: &mut World,
    me: AccountId,
    chat: Chat,
    to: DeviceRef,
    requester: &Jid,
    (id, message, count): (&str, &Message, u64),
) {
    let domain = Domain::of(requester).unwrap_or(Domain::Lid);
    let Some(name) = world.chat_jid(chat, domain) else {
        return;
    };
    let Ok(key) = key_message(world, me, &name) else {
        return;
    };
    let envelope = Envelope::of(message);
    let stanza = envelope.stanza(node("message").attr("to", &name).attr("id", id));
    let stanza = if let Chat::Group(_) = chat {
        let whole = Message { sender_key_distribution_message: key.sender_key_distribution_message, ..message.clone() };
        let Some(enc) = outgoing::seal(world, me, to, &whole.encode_to_vec(), Some(count)) else {
            return;
        };
        let children = std::iter::once(envelope.copy(enc)).chain(envelope.meta());
        stanza.attr("participant", requester).children(children).build()
    } else {
        // For a status update the key goes out alone, beside the same message.
        let Some(enc) = outgoing::seal(world, me, to, &key.encode_to_vec(), Some(count)) else {
            return;
        };
        let padded = outgoing::padded(world, &message.encode_to_vec());
        let World { accounts, rng, .. } = world;
        let sealed = accounts.get_mut(&me).and_then(|account| {
            account.phone.sender_keys.seal(&name.to_string(), DeviceRef::phone(me), &padded, rng).ok()
        });
        let Some(sealed) = sealed else {
            return;
        };
        let to = node("to").attr("jid", requester).children([enc]).build();
        stanza
            .children([
                node("participants").children([to]).build(),
                node("enc").attr("v", 2).attr("type", "skmsg").bytes(sealed).build(),
            ])
            .build()
    };
    crate::areas::message::accept(world, DeviceRef::phone(me), &stanza);
    if let Some(account) = world.accounts.get_mut(&me) {
        account.phone.many.given.entry(chat).or_default().insert(to);
    }
}
