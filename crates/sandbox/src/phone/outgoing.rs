//! What a phone sends: messages to all devices concerned, receipts, retries.

use buffa::{Message as _, MessageField};
use rand::Rng as _;
use wacore_binary::Node;
use waproto::whatsapp as wa;
use waproto::whatsapp::Message;

use super::arrival::{self, Arrival};
use super::content::{self, aim};
use super::envelope::Envelope;
use super::groups;
use crate::areas::message::Accepted;
use crate::ids::{AccountId, Chat, DeviceRef, Domain};
use crate::stanza::{Reading as _, node, uint};
use crate::world::World;
use crate::world::keys::{Bundle, SignedKey};

/// Ids of scripted replies begin like this; a script never answers one, so that
/// two phones that echo don't talk for ever.
const SCRIPTED: &str = "3EB05C41";
const TYPED: &str = "3EB0";
/// How often a phone sends the same message again to one device.
const MAX_RESENDS: u64 = 5;
/// How many messages for companions are kept in case they ask again.
const MAX_PEER_SENT: usize = 64;

/// A reply that is sent later.
#[derive(Debug, Clone)]
pub(crate) struct Scheduled {
    pub(crate) to: Chat,
    pub(crate) text: String,
}

/// A message that is on its way.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) id: String,
    /// Seconds since the epoch.
    pub(crate) timestamp: u64,
}

/// Whether a message was sent by a script.
pub(crate) fn is_scripted(id: &str) -> bool {
    id.starts_with(SCRIPTED)
}

/// A message id as phones make them, unless the caller wants his own.
fn new_id(world: &mut World, prefix: &str) -> String {
    let random: [u8; 9] = world.random();
    let mut id = prefix.to_owned();
    id.push_str(&hex::encode_upper(random));
    id.truncate(22);
    id
}

/// Sends what a script decided earlier.
pub(crate) fn send_scheduled(world: &mut World, me: AccountId, scheduled: &Scheduled) {
    if world.accounts.get(&me).is_none_or(|account| !account.phone.online) {
        return;
    }
    let id = new_id(world, SCRIPTED);
    let message = Message { conversation: Some(scheduled.text.clone()), ..Default::default() };
    let _ = send_to(world, me, scheduled.to, message, Some(id), (None, &[]));
}

/// Why a message was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// A key is missing; a fault of the sandbox.
    Unsealed,
    /// The server has refused it, with this code.
    Refused(u32),
}

/// Sends a message to a conversation. `audience` are those who see a status
/// update, all contacts when empty.
pub(crate) fn send_to(
    world: &mut World,
    me: AccountId,
    to: Chat,
    message: Message,
    id: Option<String>,
    (domain, audience): (Option<Domain>, &[AccountId]),
) -> Result<Sent, Unsent> {
    match to {
        Chat::Person(to) => send(world, me, to, message, id, domain),
        Chat::Group(_) | Chat::Status => {
            let id = id.unwrap_or_else(|| new_id(world, TYPED));
            groups::outgoing::send(world, me, to, audience, message, &id)
        }
    }
}

/// Sends a message to every device of `to` and to the sender's own companions.
/// One that the server refuses is on the phone as failed.
pub(crate) fn send(
    world: &mut World,
    me: AccountId,
    to: AccountId,
    message: Message,
    id: Option<String>,
    domain: Option<Domain>,
) -> Result<Sent, Unsent> {
    let id = match id {
        Some(id) => id,
        None => new_id(world, TYPED),
    };
    let domain = domain.unwrap_or_else(|| {
        world
            .accounts
            .get(&me)
            .map_or(Domain::Lid, |account| account.phone.domain_for(to, world.timing.addressing.into()))
    });
    let recipient = world.accounts.get(&to).ok_or(Unsent::Unsealed)?.jid(domain);
    let plain = message.encode_to_vec();
    let own = device_sent(&message, &recipient.to_string()).encode_to_vec();
    let mut targets: Vec<(DeviceRef, &[u8])> = Vec::new();
    if to != me {
        targets.extend(world.devices_of(to).into_iter().map(|device| (device, plain.as_slice())));
    }
    let companions = world.devices_of(me).into_iter().filter(|device| !device.is_phone());
    targets.extend(companions.map(|device| (device, own.as_slice())));

    let envelope = Envelope::of(&message);
    let mut participants = Vec::with_capacity(targets.len());
    for (device, bytes) in targets {
        if let Some(enc) = seal(world, me, device, bytes, None) {
            let copy = envelope.copy(enc);
            participants.push(node("to").attr("jid", world.jid(device, domain)).children([copy]).build());
        }
    }
    let children = std::iter::once(node("participants").children(participants).build())
        .chain(envelope.meta())
        .chain(trust(world, me, to));
    let stanza = node("message").attr("to", recipient).attr("id", id.as_str());
    let stanza = envelope.stanza(stanza).children(children).build();
    match crate::areas::message::accept(world, DeviceRef::phone(me), &stanza) {
        Accepted::Sent { .. } => Ok(shown(world, me, to.into(), &id, message)),
        Accepted::Refused(code) => Err(failed(world, me, to.into(), &id, message, code)),
    }
}

/// What shows that the phone may write to somebody: the token they gave, else
/// what its salt makes of their name.
fn trust(world: &World, me: AccountId, to: AccountId) -> Option<Node> {
    let given = world.token_of(to, me).map(|token| node("tctoken").bytes(token.bytes.clone()).build());
    given.or_else(|| Some(node("cstoken").bytes(world.first_contact_token(me, to)?).build()))
}

/// Puts a message that is on its way into the phone's own conversation.
pub(super) fn shown(world: &mut World, me: AccountId, chat: Chat, id: &str, message: Message) -> Sent {
    let timestamp = world.now_secs();
    if let Some(again) = world.accounts.get_mut(&me).and_then(|account| account.phone.conversations.of(me, id)) {
        again.marks.refused = None;
    }
    arrival::take_in(world, me, Arrival { id: id.to_owned(), chat, from: DeviceRef::phone(me), timestamp, message });
    world.changed();
    Sent { id: id.to_owned(), timestamp }
}

/// Puts a message that the server has refused into the phone's own conversation,
/// as failed. One that would have changed another message changes nothing.
pub(super) fn failed(world: &mut World, me: AccountId, chat: Chat, id: &str, message: Message, code: u32) -> Unsent {
    if aim::of(content::unwrapped(&message).0).is_none() {
        shown(world, me, chat, id, message);
        let account = world.accounts.get_mut(&me);
        if let Some(refused) = account.and_then(|account| account.phone.conversations.of(me, id)) {
            refused.marks.refused = Some(code);
        }
    }
    Unsent::Refused(code)
}

/// Sends a message between devices of the account, which no conversation shows.
pub(crate) fn send_peer(world: &mut World, me: AccountId, device: u16, message: &Message) {
    let to = DeviceRef { account: me, device };
    let Some(enc) = seal(world, me, to, &message.encode_to_vec(), None) else {
        return;
    };
    let id = new_id(world, TYPED);
    if let Some(account) = world.accounts.get_mut(&me) {
        if account.phone.peer_sent.len() == MAX_PEER_SENT {
            account.phone.peer_sent.pop_front();
        }
        account.phone.peer_sent.push_back((device, id.clone(), message.clone()));
    }
    let stanza = node("message")
        .attr("to", world.jid(to, Domain::Pn))
        .attr("id", id)
        .attr("type", "text")
        .attr("category", "peer")
        .attr("push_priority", "high_force")
        .children([enc])
        .build();
    crate::areas::message::accept(world, DeviceRef::phone(me), &stanza);
}

/// `<enc>` of a message for one device, with a session made for it if needed.
pub(super) fn seal(world: &mut World, me: AccountId, to: DeviceRef, plain: &[u8], retry: Option<u64>) -> Option<Node> {
    let has_session = world.accounts.get(&me)?.phone.party.has_session(to);
    if !has_session {
        let bundle = world.take_bundle(to)?;
        let World { accounts, rng, .. } = world;
        accounts.get_mut(&me)?.phone.party.start(to, &bundle, rng).ok()?;
    }
    let padded = padded(world, plain);
    let sealed = world.accounts.get_mut(&me)?.phone.party.seal(to, &padded).ok()?;
    let mut enc = node("enc").attr("v", 2).attr("type", sealed.kind);
    if let Some(count) = retry {
        enc = enc.attr("count", count);
    }
    Some(enc.bytes(sealed.bytes).build())
}

/// A message with 1 to 16 bytes after it, each of which says how many.
pub(super) fn padded(world: &mut World, plain: &[u8]) -> Vec<u8> {
    let padding = 1 + u8::try_from(world.rng.next_u32() % 16).unwrap_or(0);
    let mut padded = plain.to_vec();
    padded.resize(plain.len() + usize::from(padding), padding);
    padded
}

fn device_sent(message: &Message, to: &str) -> Message {
    Message {
        device_sent_message: MessageField::some(wa::message::DeviceSentMessage {
            destination_jid: Some(to.to_owned()),
            message: MessageField::some(message.clone()),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Answers a retry receipt: the same message, sealed with a new session.
pub(crate) fn resend(world: &mut World, me: AccountId, to: DeviceRef, receipt: &Node) {
    let Some(retry) = receipt.child("retry") else {
        return;
    };
    let id = retry.maybe_text("id").unwrap_or_else(|| receipt.text_of("id").into_owned());
    let count = retry.number_of("count").unwrap_or(1);
    if count > MAX_RESENDS {
        return;
    }
    // In a group, `from` is the group and the one who asks stands beside it.
    let Some(jid) = receipt.jid_of("participant").or_else(|| receipt.jid_of("from")) else {
        return;
    };
    let bundle = receipt.child("keys").and_then(|keys| retry_bundle(keys, receipt)).or_else(|| world.take_bundle(to));
    let World { accounts, rng, .. } = world;
    let Some(account) = accounts.get_mut(&me) else {
        return;
    };
    if let Some(bundle) = bundle {
        account.phone.party.forget(to);
        let _ = account.phone.party.start(to, &bundle, rng);
    }
    let mut sent = account.phone.peer_sent.iter();
    let peer = sent.find(|(device, sent, _)| to.account == me && *device == to.device && *sent == id);
    if let Some(plain) = peer.map(|(_, _, message)| message.encode_to_vec()) {
        if let Some(enc) = seal(world, me, to, &plain, Some(count)) {
            let stanza = node("message")
                .attr("to", jid)
                .attr("id", id.as_str())
                .attr("type", "text")
                .attr("category", "peer")
                .children([enc])
                .build();
            crate::areas::message::accept(world, DeviceRef::phone(me), &stanza);
        }
        return;
    }
    let Some(shown) = account.phone.conversations.of(me, &id) else {
        // A peer message: keys are what companions can't do without.
        account.phone.owes_key_to.insert(to.device);
        if to.account == me {
            super::sync_keys::share_owed(world, me);
        }
        return;
    };
    let (message, chat) = ((*shown.message).clone(), shown.chat);
    if !matches!(chat, Chat::Person(_)) {
        return groups::outgoing::again(world, me, chat, to, &jid, (&id, &message, count));
    }
    let envelope = Envelope::of(&message);
    let domain = Domain::of(&jid).unwrap_or(Domain::Lid);
    let mut stanza = envelope.stanza(node("message").attr("to", jid).attr("id", id.as_str()));
    let plain = if to.account == me {
        let Some(chat) = world.chat_jid(chat, domain) else {
            return;
        };
        stanza = stanza.attr("recipient", &chat);
        device_sent(&message, &chat.to_string())
    } else {
        message
    };
    if let Some(enc) = seal(world, me, to, &plain.encode_to_vec(), Some(count)) {
        let stanza = stanza.children(std::iter::once(envelope.copy(enc)).chain(envelope.meta())).build();
        crate::areas::message::accept(world, DeviceRef::phone(me), &stanza);
    }
}

fn retry_bundle(keys: &Node, receipt: &Node) -> Option<Bundle> {
    let signed = keys.child("skey")?;
    Some(Bundle {
        registration_id: uint(receipt.body_of("registration"))?,
        identity: keys.body_of("identity").try_into().ok()?,
        signed: SignedKey {
            id: uint(signed.body_of("id"))?,
            public: signed.body_of("value").try_into().ok()?,
            signature: signed.body_of("signature").try_into().ok()?,
        },
        one_time: keys
            .child("key")
            .and_then(|key| Some((uint(key.body_of("id"))?, key.body_of("value").try_into().ok()?))),
        device_identity: None,
    })
}
