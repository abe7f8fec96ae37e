//! Typing and recording, passed on to whoever is connected.

use wacore_binary::Node;

use super::Request;
use crate::ids::{DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// `<chatstate to><composing/></chatstate>` from a companion.
pub(crate) fn received(world: &mut World, request: &Request<'_>) {
    if let Some(me) = request.device {
        accept(world, me, request.stanza);
    }
}

/// Passes a chat state on, from any device.
pub(crate) fn accept(world: &mut World, from: DeviceRef, stanza: &Node) {
    let Some((to, domain)) = stanza.jid_of("to").and_then(|to| Some((world.find(&to)?, Domain::of(&to)?))) else {
        return;
    };
    if to == from.account || world.accounts.get(&to).is_none_or(|account| account.blocked.contains(&from.account)) {
        return;
    }
    let mut passed = node("chatstate").attr("from", world.jid(from, domain).to_non_ad());
    if let Some(content) = &stanza.content {
        passed = passed.apply_content(Some(content.clone()));
    }
    let passed = passed.build();
    let devices = world.accounts.get(&to).map(crate::world::account::Account::device_ids).unwrap_or_default();
    for device in devices {
        world.deliver_now(DeviceRef { account: to, device }, passed.clone());
    }
}
