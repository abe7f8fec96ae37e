//! What a phone is told besides messages: receipts, presence, typing, and
//! notifications.

use serde_json::json;
use wacore_binary::Node;

use super::conversation::Receipt;
use super::incoming::number;
use super::{files, outgoing};
use crate::ids::{AccountId, DeviceRef, GroupId};
use crate::stanza::Reading as _;
use crate::world::World;

fn event(world: &mut World, me: AccountId, kind: &'static str, fields: serde_json::Value) {
    let now = world.now_ms();
    if let Some(account) = world.accounts.get_mut(&me) {
        account.phone.events.add(now, kind, fields);
    }
}

/// The ids a receipt is about: its own and those of its list.
pub(crate) fn receipt_ids(stanza: &Node) -> Vec<String> {
    let mut ids = vec![stanza.text_of("id").into_owned()];
    for item in stanza.child("list").map(crate::stanza::Reading::nodes).unwrap_or_default() {
        ids.push(item.text_of("id").into_owned());
    }
    ids
}

pub(super) fn receipt(world: &mut World, me: AccountId, stanza: &Node) {
    // In a group, `from` is the group and the reader stands beside it.
    let Some(from) = ["participant", "from"].into_iter().find_map(|name| world.find_device(&stanza.jid_of(name)?))
    else {
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

pub(super) fn presence(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(from) = stanza.jid_of("from").and_then(|jid| world.find(&jid)) else {
        return;
    };
    let state = stanza.maybe_text("type").unwrap_or_else(|| "available".to_owned());
    let fields = json!({"from": number(world, from), "state": state, "lastSeen": stanza.number_of("last")});
    event(world, me, "presence", fields);
}

pub(super) fn typing(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(address) = stanza.jid_of("from") else {
        return;
    };
    let author = stanza.jid_of("participant").unwrap_or_else(|| address.clone());
    let (Some(from), Some(state)) = (world.find_device(&author), stanza.nodes().first()) else {
        return;
    };
    let name = match (state.tag.as_ref(), state.text_of("media").as_ref()) {
        ("composing", "audio") => "recording",
        (other, _) => other,
    };
    let mut fields = json!({"from": number(world, from.account), "device": from.device, "state": name});
    if let (Some(group), Some(fields)) = (GroupId::of(&address), fields.as_object_mut()) {
        fields.insert("chat".to_owned(), group.jid().to_string().into());
    }
    event(world, me, "typing", fields);
}

pub(super) fn notification(world: &mut World, me: AccountId, stanza: &Node) {
    let group = stanza.jid_of("from").as_ref().and_then(GroupId::of);
    match (stanza.text_of("type").as_ref(), group) {
        ("w:gp2" | "picture", Some(group)) => {
            return super::groups::incoming::notification(world, me, group, stanza);
        }
        ("devices", _) => {}
        ("mediaretry", _) => return files::retried(world, me, stanza),
        ("contacts", _) => return number_changed(world, me, stanza),
        (kind @ ("picture" | "status" | "encrypt" | "disappearing_mode"), _) => {
            return profile_changed(world, me, kind, stanza);
        }
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

/// A person has another number.
fn number_changed(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(change) = stanza.child("modify") else {
        return;
    };
    let Some(of) = change.jid_of("new").and_then(|jid| world.find(&jid)).filter(|of| *of != me) else {
        return;
    };
    let before = change.jid_of("old").map(|jid| format!("+{}", jid.user));
    let fields = json!({"of": number(world, of), "what": "number", "before": before});
    event(world, me, "profile", fields);
}

/// Something about a person is another now.
fn profile_changed(world: &mut World, me: AccountId, kind: &str, stanza: &Node) {
    let Some(of) = stanza.jid_of("from").and_then(|jid| world.find(&jid)).filter(|of| *of != me) else {
        return;
    };
    let Some(change) = stanza.nodes().first() else {
        return;
    };
    let what = match kind {
        "status" => "about",
        "encrypt" => "identity",
        "disappearing_mode" => "disappearingMode",
        other => other,
    };
    if what == "identity"
        && let Some(account) = world.accounts.get_mut(&me)
    {
        account.phone.party.forget(DeviceRef::phone(of));
    }
    let text = (what == "about").then(|| String::from_utf8_lossy(change.body()).into_owned());
    let fields = json!({
        "of": number(world, of), "what": what, "id": change.maybe_text("id"), "text": text,
        "seconds": change.number_of("duration"),
    });
    event(world, me, "profile", fields);
}
