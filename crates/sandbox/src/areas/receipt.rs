//! Receipts: delivered, read, played, and "send that again".

use wacore_binary::{Node, Server};

use super::{Request, ack};
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::phone::news::receipt_ids;
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::queue::Class;

/// Attributes that the other side sees.
const PASSED_ON: [&str; 3] = ["id", "type", "category"];

/// `<receipt>` from a companion: answers it, takes the messages off its queue
/// and passes it on.
pub(crate) fn received(world: &mut World, request: &Request<'_>) {
    let Some(device) = request.device else {
        return;
    };
    let stanza = request.stanza;
    let mut answer =
        node("ack").attr("class", "receipt").attr("id", stanza.text_of("id").as_ref()).attr("t", world.now_secs());
    for (theirs, ours) in [("to", "from"), ("participant", "participant")] {
        if let Some(jid) = stanza.jid_of(theirs) {
            answer = answer.attr(ours, jid);
        }
    }
    if let Some(kind) = stanza.maybe_text("type") {
        answer = answer.attr("type", kind);
    }
    world.send(request.conn, answer.build());
    // A retry receipt asks for more; the message stays until its ack.
    let retry = stanza.text_of("type") == "retry";
    if !retry {
        for id in receipt_ids(stanza) {
            ack::done(world, request, Class::Message, &id);
        }
    }
    accept(world, device, stanza);
}

/// Passes a receipt on: a retry to the very device that sent the message, all
/// others to every device of its account.
pub(crate) fn accept(world: &mut World, from: DeviceRef, stanza: &Node) {
    if let Some(chat) = stanza.jid_of("to").filter(|to| matches!(to.server, Server::Group | Server::Broadcast)) {
        return super::groups::receipts::accept(world, from, &chat, stanza);
    }
    let Some((to, domain)) = stanza.jid_of("to").and_then(|to| Some((to.clone(), Domain::of(&to)?))) else {
        return;
    };
    let Some(target) = world.find_device(&to) else {
        return;
    };
    let kind = stanza.text_of("type").into_owned();
    let mut passed = node("receipt")
        .attr("from", world.jid(from, domain))
        .attr("t", stanza.number_of("t").unwrap_or_else(|| world.now_secs()));
    for name in PASSED_ON {
        if let Some(value) = stanza.attrs.get(name) {
            passed = passed.attr(name, value.clone());
        }
    }
    let recipient = stanza.jid_of("recipient");
    if let Some(recipient) = &recipient {
        passed = passed.attr("recipient", recipient);
    }
    if let Some(content) = &stanza.content {
        passed = passed.apply_content(Some(content.clone()));
    }
    let passed = passed.build();
    if kind == "retry" {
        world.wants_again(from, target, &stanza.text_of("id"));
        return world.deliver(target, Some(from.account), passed);
    }
    if kind == "server-error" {
        // Only the phone still has the file.
        return world.deliver(DeviceRef::phone(target.account), Some(from.account), passed);
    }
    if target.account == from.account {
        // What a companion tells its own account: only the phone cares.
        if !from.is_phone() && matches!(kind.as_str(), "read" | "read-self" | "played-self") {
            world.hand_to_phone(from.account, passed);
        }
        return;
    }
    for device in all_devices(world, target.account) {
        world.deliver(device, Some(from.account), passed.clone());
    }
    if !from.is_phone() && matches!(kind.as_str(), "read" | "played") {
        // The person has read it, on whichever device.
        let mut own = passed;
        own.attrs.insert("recipient", to);
        world.hand_to_phone(from.account, own);
    }
}

fn all_devices(world: &World, account: AccountId) -> Vec<DeviceRef> {
    world
        .accounts
        .get(&account)
        .map(|found| found.device_ids().into_iter().map(|device| DeviceRef { account, device }).collect())
        .unwrap_or_default()
}
