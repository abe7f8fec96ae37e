//! What a phone does with a stanza the server brings it.

use buffa::Message as _;
use serde_json::json;
use wacore::messages::MessageUtils;
use wacore_binary::{Jid, Node};
use waproto::whatsapp::Message;

use super::arrival::{self, Arrival};
use super::news::{notification, presence, receipt, typing};
use super::outgoing::Scheduled;
use super::{app_state, history, outgoing, reading, sync_keys};
use crate::ids::{AccountId, Chat, DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::keys::Bundle;
use crate::world::timers::Timer;

/// How often a phone asks for the same message again.
const MAX_RETRIES: u32 = 5;

/// Takes a stanza in, or keeps it while the phone is off.
pub(crate) fn receive(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(account) = world.accounts.get_mut(&me) else {
        return;
    };
    if !account.phone.online {
        // Presence and typing are of the moment.
        if matches!(stanza.tag.as_ref(), "message" | "receipt" | "notification") {
            account.phone.keep(stanza.clone());
        }
        return;
    }
    match stanza.tag.as_ref() {
        "message" => message(world, me, stanza),
        "receipt" => receipt(world, me, stanza),
        "presence" => presence(world, me, stanza),
        "chatstate" => typing(world, me, stanza),
        "notification" => notification(world, me, stanza),
        _ => {}
    }
    world.changed();
}

/// Takes in what waited, after the phone was switched on.
pub(crate) fn switched_on(world: &mut World, me: AccountId) {
    let Some(account) = world.accounts.get_mut(&me) else {
        return;
    };
    account.phone.online = true;
    for stanza in account.phone.take_waiting() {
        world.hand_to_phone(me, stanza);
    }
    app_state::catch_up(world, me);
    sync_keys::share_owed(world, me);
    history::resume(world, me);
}

pub(super) fn number(world: &World, account: AccountId) -> String {
    world.accounts.get(&account).map(|account| account.number.to_string()).unwrap_or_default()
}

/// A message that has reached the phone.
pub(super) struct Arrived<'a> {
    /// The device that sent it.
    pub(super) from: DeviceRef,
    /// Where it came from: that device, or the chat.
    pub(super) address: &'a Jid,
    /// The device, when `address` is a chat.
    pub(super) participant: Option<&'a Jid>,
    pub(super) id: &'a str,
    pub(super) stanza: &'a Node,
}

fn message(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(jid) = stanza.jid_of("from") else {
        return;
    };
    if let Some(chat @ (Chat::Group(_) | Chat::Status)) = world.chat_of(&jid) {
        return super::groups::incoming::message(world, me, chat, stanza);
    }
    let (Some(from), Some(enc)) = (world.find_device(&jid), stanza.child("enc")) else {
        return;
    };
    let id = stanza.text_of("id").into_owned();
    let opened = {
        let World { accounts, rng, .. } = world;
        let Some(account) = accounts.get_mut(&me) else {
            return;
        };
        if from.account != me
            && let Some(domain) = Domain::of(&jid)
        {
            account.phone.domains.insert(from.account, domain);
        }
        account.phone.party.open(from, &enc.text_of("type"), enc.body(), rng)
    };
    let message = opened.map_err(|error| error.to_string()).and_then(|plain| {
        let plain = MessageUtils::unpad_message_ref(&plain, 2).map_err(|error| error.to_string())?;
        Message::decode_from_slice(plain).map_err(|error| error.to_string())
    });
    let arrived = Arrived { from, address: &jid, participant: None, id: &id, stanza };
    match message {
        Ok(message) => opened_direct(world, me, &arrived, message),
        Err(reason) => undecryptable(world, me, &arrived, &reason),
    }
}

fn opened_direct(world: &mut World, me: AccountId, arrived: &Arrived<'_>, message: Message) {
    let from = arrived.from;
    if from.account != me {
        return opened_message(world, me, arrived, from.account.into(), message);
    }
    if arrived.stanza.text_of("category") == "peer" {
        send_receipt(world, me, arrived, Some("peer_msg"));
        return sync_keys::peer_message(world, me, from, arrived.id, &message);
    }
    let context = message.message_context_info.clone();
    let Some(sent) = message.device_sent_message.into_option() else {
        return send_receipt(world, me, arrived, None);
    };
    let chat = sent.destination_jid.and_then(|to| to.parse::<Jid>().ok()).and_then(|to| world.chat_of(&to));
    match chat.zip(sent.message.into_option()) {
        Some((chat, mut message)) => {
            // Some clients keep the secret outside of the copy.
            if !message.message_context_info.is_set() {
                message.message_context_info = context;
            }
            opened_message(world, me, arrived, chat, message);
        }
        None => send_receipt(world, me, arrived, None),
    }
}

/// Shows a message, acknowledges it, and lets the script answer.
pub(super) fn opened_message(world: &mut World, me: AccountId, arrived: &Arrived<'_>, chat: Chat, message: Message) {
    send_receipt(world, me, arrived, None);
    let Arrived { from, id, stanza, .. } = *arrived;
    let timestamp = stanza.number_of("t").unwrap_or_else(|| world.now_secs());
    let arrival = Arrival { id: id.to_owned(), chat, from, timestamp, message };
    let Some(taken) = arrival::take_in(world, me, arrival) else {
        return;
    };
    if !taken.new || from.account == me {
        return;
    }
    let Some(account) = world.accounts.get(&me) else {
        return;
    };
    let script = &account.phone.script;
    let text = taken.text.filter(|_| taken.kind == "text" && !outgoing::is_scripted(id));
    let reply = text.and_then(|text| script.reply_to(&text));
    if script.body.read {
        reading::read(world, me, chat, Some(&[id.to_owned()]));
    }
    if let Some((text, delay_ms)) = reply {
        let due = world.now_ms() + delay_ms;
        // A status update is answered to its author, not to all the world.
        let to = if chat == Chat::Status { from.account.into() } else { chat };
        world.timers.set(due, Timer::Reply(me, Box::new(Scheduled { to, text })));
    }
}

fn send_receipt(world: &mut World, me: AccountId, arrived: &Arrived<'_>, kind: Option<&'static str>) {
    let Some(account) = world.accounts.get(&me) else {
        return;
    };
    if !account.phone.script.body.receipts {
        return;
    }
    let own = arrived.from.account == me;
    let mut receipt = node("receipt").attr("to", arrived.address).attr("id", arrived.id);
    if let Some(participant) = arrived.participant {
        if own {
            // In a group nobody waits for the receipt of one's own device.
            return;
        }
        receipt = receipt.attr("participant", participant);
    }
    if let Some(kind) = kind {
        receipt = receipt.attr("type", kind);
    } else if own {
        receipt = receipt.attr("type", "sender");
        if let Some(recipient) = arrived.stanza.jid_of("recipient") {
            receipt = receipt.attr("recipient", recipient);
        }
    }
    crate::areas::receipt::accept(world, DeviceRef::phone(me), &receipt.build());
}

pub(super) fn undecryptable(world: &mut World, me: AccountId, arrived: &Arrived<'_>, reason: &str) {
    let Arrived { from, id, stanza, .. } = *arrived;
    // A second copy of a message that was opened can't be opened again; that is
    // a duplicate and no failure.
    let now = world.now_ms();
    let from_number = number(world, from.account);
    let World { accounts, rng, .. } = world;
    let Some(account) = accounts.get_mut(&me) else {
        return;
    };
    if let Some(known) = account.phone.conversations.of(from.account, id) {
        known.copies += 1;
        return;
    }
    let count = stanza
        .child("enc")
        .and_then(|enc| enc.number_of("count"))
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(0)
        + 1;
    account.phone.events.add(
        now,
        "undecryptable",
        json!({"id": id, "from": from_number, "fromDevice": from.device, "reason": reason, "count": count}),
    );
    if count > MAX_RETRIES {
        return;
    }
    let registration = account.phone.party.registration_id();
    let Some(keys) = account.phone.party.retry_keys(rng) else {
        return;
    };
    let retry = node("retry")
        .attr("v", 1)
        .attr("id", id)
        .attr("t", stanza.number_of("t").unwrap_or(now / 1000))
        .attr("count", count)
        .build();
    let mut receipt = node("receipt").attr("to", arrived.address).attr("id", id).attr("type", "retry");
    if let Some(participant) = arrived.participant {
        receipt = receipt.attr("participant", participant);
    }
    if let Some(recipient) = stanza.jid_of("recipient") {
        receipt = receipt.attr("recipient", recipient);
    }
    let receipt = receipt
        .children([retry, node("registration").bytes(registration.to_be_bytes().to_vec()).build(), keys_node(&keys)])
        .build();
    crate::areas::receipt::accept(world, DeviceRef::phone(me), &receipt);
}

fn keys_node(bundle: &Bundle) -> Node {
    let id = |id: u32| node("id").bytes(id.to_be_bytes()[1..].to_vec()).build();
    let mut children =
        vec![node("type").bytes(vec![5]).build(), node("identity").bytes(bundle.identity.to_vec()).build()];
    if let Some((key, public)) = bundle.one_time {
        children.push(node("key").children([id(key), node("value").bytes(public.to_vec()).build()]).build());
    }
    children.push(
        node("skey")
            .children([
                id(bundle.signed.id),
                node("value").bytes(bundle.signed.public.to_vec()).build(),
                node("signature").bytes(bundle.signed.signature.to_vec()).build(),
            ])
            .build(),
    );
    node("keys").children(children).build()
}
