//! What a phone does with a stanza the server brings it.

use buffa::Message as _;
use serde_json::json;
use wacore::messages::MessageUtils;
use wacore_binary::{Jid, Node};
use waproto::whatsapp::Message;

use super::arrival::{self, Arrival};
use super::conversation::Receipt;
use super::outgoing::Scheduled;
use super::{files, outgoing, sync_keys};
use crate::ids::{AccountId, DeviceRef, Domain};
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
    sync_keys::share_owed(world, me);
}

fn number(world: &World, account: AccountId) -> String {
    world.accounts.get(&account).map(|account| account.number.to_string()).unwrap_or_default()
}

fn event(world: &mut World, me: AccountId, kind: &'static str, fields: serde_json::Value) {
    let now = world.now_ms();
    if let Some(account) = world.accounts.get_mut(&me) {
        account.phone.events.add(now, kind, fields);
    }
}

fn message(world: &mut World, me: AccountId, stanza: &Node) {
    let Some((jid, from)) = stanza.jid_of("from").and_then(|jid| world.find_device(&jid).map(|device| (jid, device)))
    else {
        return;
    };
    let Some(enc) = stanza.child("enc") else {
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
    match message {
        Ok(message) => opened_message(world, me, from, &jid, &id, stanza, message),
        Err(reason) => undecryptable(world, me, from, &jid, &id, stanza, &reason),
    }
}

fn opened_message(
    world: &mut World,
    me: AccountId,
    from: DeviceRef,
    jid: &Jid,
    id: &str,
    stanza: &Node,
    message: Message,
) {
    let peer = stanza.text_of("category") == "peer";
    send_receipt(world, me, jid, id, peer.then_some("peer_msg"), stanza);
    if from.account == me && peer {
        return sync_keys::peer_message(world, me, from, id, &message);
    }
    let context = message.message_context_info.clone();
    let (chat, message) = if from.account == me {
        let Some(sent) = message.device_sent_message.into_option() else {
            return;
        };
        let Some(chat) = sent.destination_jid.and_then(|to| to.parse::<Jid>().ok()).and_then(|to| world.chat_of(&to))
        else {
            return;
        };
        let Some(mut message) = sent.message.into_option() else {
            return;
        };
        // Some clients keep the secret outside of the copy.
        if !message.message_context_info.is_set() {
            message.message_context_info = context;
        }
        (chat, message)
    } else {
        (from.account.into(), message)
    };
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
        outgoing::read(world, me, from.account, Some(&[id.to_owned()]));
    }
    if let Some((text, delay_ms)) = reply {
        let due = world.now_ms() + delay_ms;
        world.timers.set(due, Timer::Reply(me, Box::new(Scheduled { to: from.account.into(), text })));
    }
}

fn send_receipt(world: &mut World, me: AccountId, to: &Jid, id: &str, kind: Option<&'static str>, stanza: &Node) {
    let Some(account) = world.accounts.get(&me) else {
        return;
    };
    if !account.phone.script.body.receipts {
        return;
    }
    let own = world.find(to) == Some(me);
    let mut receipt = node("receipt").attr("to", to).attr("id", id);
    if let Some(kind) = kind {
        receipt = receipt.attr("type", kind);
    } else if own {
        receipt = receipt.attr("type", "sender");
        if let Some(recipient) = stanza.jid_of("recipient") {
            receipt = receipt.attr("recipient", recipient);
        }
    }
    crate::areas::receipt::accept(world, DeviceRef::phone(me), &receipt.build());
}

fn undecryptable(world: &mut World, me: AccountId, from: DeviceRef, jid: &Jid, id: &str, stanza: &Node, reason: &str) {
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
    let mut receipt = node("receipt").attr("to", jid).attr("id", id).attr("type", "retry");
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

/// The ids a receipt is about: its own and those of its list.
pub(crate) fn receipt_ids(stanza: &Node) -> Vec<String> {
    let mut ids = vec![stanza.text_of("id").into_owned()];
    for item in stanza.child("list").map(crate::stanza::Reading::nodes).unwrap_or_default() {
        ids.push(item.text_of("id").into_owned());
    }
    ids
}

fn receipt(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(from) = stanza.jid_of("from").and_then(|jid| world.find_device(&jid)) else {
        return;
    };
    let kind = match stanza.text_of("type").as_ref() {
        "" | "inactive" => "delivery".to_owned(),
        other => other.to_owned(),
    };
    let ids = receipt_ids(stanza);
    let by = number(world, from.account);
    let now = world.now_ms();
    let Some(account) = world.accounts.get_mut(&me) else {
        return;
    };
    if from.account == me && matches!(kind.as_str(), "read" | "read-self" | "played" | "played-self") {
        // Read on a companion: for the person it is read.
        for shown in account.phone.conversations.iter_mut().filter(|shown| ids.contains(&shown.id)) {
            shown.read = true;
        }
        account.phone.events.add(now, "read", json!({"ids": ids, "device": from.device, "type": kind}));
        return;
    }
    for id in &ids {
        if let Some(shown) = account.phone.conversations.of(me, id) {
            shown.add_receipt(Receipt { by: by.clone(), device: from.device, kind: kind.clone(), timestamp: now });
        }
    }
    account.phone.events.add(now, "receipt", json!({"ids": ids, "by": by, "device": from.device, "type": kind}));
    match kind.as_str() {
        "retry" => outgoing::resend(world, me, from, stanza),
        "server-error" => files::upload_again(world, me, from, stanza),
        _ => {}
    }
}

fn presence(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(from) = stanza.jid_of("from").and_then(|jid| world.find(&jid)) else {
        return;
    };
    let state = stanza.maybe_text("type").unwrap_or_else(|| "available".to_owned());
    let fields = json!({"from": number(world, from), "state": state, "lastSeen": stanza.number_of("last")});
    event(world, me, "presence", fields);
}

fn typing(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(from) = stanza.jid_of("from").and_then(|jid| world.find_device(&jid)) else {
        return;
    };
    let Some(state) = stanza.nodes().first() else {
        return;
    };
    let name = match (state.tag.as_ref(), state.text_of("media").as_ref()) {
        ("composing", "audio") => "recording",
        (other, _) => other,
    };
    let fields = json!({"from": number(world, from.account), "device": from.device, "state": name});
    event(world, me, "typing", fields);
}

fn notification(world: &mut World, me: AccountId, stanza: &Node) {
    match stanza.text_of("type").as_ref() {
        "devices" => {}
        "mediaretry" => return files::retried(world, me, stanza),
        _ => return,
    }
    let Some(of) = stanza.jid_of("from").and_then(|jid| world.find(&jid)) else {
        return;
    };
    let Some(change) = stanza.nodes().first() else {
        return;
    };
    let devices: Vec<u16> =
        change.nodes().iter().filter_map(|device| device.jid_of("jid")).map(|jid| jid.device).collect();
    if change.tag == "remove"
        && let Some(account) = world.accounts.get_mut(&me)
    {
        for device in &devices {
            account.phone.party.forget(DeviceRef { account: of, device: *device });
        }
    }
    let fields = json!({"of": number(world, of), "change": change.tag, "devices": devices});
    event(world, me, "devices", fields);
}
