//! Receipts in groups and for status updates: they name the chat, and in
//! `participant` whose message they are about.

use wacore_binary::{Jid, Node};

use crate::ids::{DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// Attributes that the other side sees.
const PASSED_ON: [&str; 3] = ["id", "type", "context"];

/// Passes a receipt on to the author of the message: a retry to the very device
/// that sent it, all others to every device.
pub(crate) fn accept(world: &mut World, from: DeviceRef, chat: &Jid, stanza: &Node) {
    let Some(author) = stanza.jid_of("participant") else {
        return;
    };
    let (Some(target), Some(domain)) = (world.find_device(&author), Domain::of(&author)) else {
        return;
    };
    let mut passed = node("receipt")
        .attr("from", chat)
        .attr("participant", world.jid(from, domain))
        .attr("t", stanza.number_of("t").unwrap_or_else(|| world.now_secs()));
    if domain == Domain::Lid {
        passed = passed.attr("participant_pn", world.jid(DeviceRef::phone(from.account), Domain::Pn));
    }
    for name in PASSED_ON {
        if let Some(value) = stanza.attrs.get(name) {
            passed = passed.attr(name, value.clone());
        }
    }
    if let Some(content) = &stanza.content {
        passed = passed.apply_content(Some(content.clone()));
    }
    let passed = passed.build();
    let kind = stanza.text_of("type");
    if kind == "retry" {
        world.wants_again(from, target, &stanza.text_of("id"));
        return world.deliver(target, Some(from.account), passed);
    }
    let read = matches!(kind.as_ref(), "read" | "read-self" | "played" | "played-self");
    if !from.is_phone() && read {
        // The person has read it, on whichever device.
        world.hand_to_phone(from.account, passed.clone());
    }
    if target.account != from.account && !kind.ends_with("-self") {
        for device in world.devices_of(target.account) {
            world.deliver(device, Some(from.account), passed.clone());
        }
    }
}
