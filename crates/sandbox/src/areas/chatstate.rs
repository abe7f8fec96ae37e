//! Typing and recording, passed on to whoever is connected.

use wacore_binary::Node;

use super::Request;
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::account::Account;
use crate::world::timers::Timer;

/// `<chatstate to><composing/></chatstate>` from a companion.
pub(crate) fn received(world: &mut World, request: &Request<'_>) {
    if let Some(me) = request.device {
        accept(world, me, request.stanza);
    }
}

/// Passes a chat state on, from any device. Who writes and is not heard of again
/// pauses after a while.
pub(crate) fn accept(world: &mut World, from: DeviceRef, stanza: &Node) {
    let Some((to, domain)) = stanza.jid_of("to").and_then(|to| Some((world.find(&to)?, Domain::of(&to)?))) else {
        return;
    };
    let blocked = |account: &Account| account.blocked.contains(&from.account);
    if to == from.account || world.accounts.get(&to).is_none_or(blocked) {
        return;
    }
    let Some(state) = stanza.nodes().first() else {
        return;
    };
    let now = world.now_ms();
    let expiry = now + world.timing.presence_ms;
    if let Some(account) = world.accounts.get_mut(&from.account) {
        if state.tag == "composing" {
            account.typing.insert((from.device, to), (now, domain));
            world.timers.set(expiry, Timer::TypingEnd(from, to, now));
        } else {
            account.typing.remove(&(from.device, to));
        }
    }
    pass_on(world, from, to, domain, state.clone());
}

/// Nothing more was heard since `since`: the other side sees a pause.
pub(crate) fn expire(world: &mut World, from: DeviceRef, to: AccountId, since: u64) {
    let Some(account) = world.accounts.get_mut(&from.account) else {
        return;
    };
    let key = (from.device, to);
    let Some((_, domain)) = account.typing.get(&key).copied().filter(|(began, _)| *began == since) else {
        return;
    };
    account.typing.remove(&key);
    pass_on(world, from, to, domain, node("paused").build());
}

fn pass_on(world: &mut World, from: DeviceRef, to: AccountId, domain: Domain, state: Node) {
    let from = world.jid(from, domain).to_non_ad();
    let passed = node("chatstate").attr("from", from).children([state]).build();
    let devices = world.accounts.get(&to).map(Account::device_ids).unwrap_or_default();
    for device in devices {
        world.deliver_now(DeviceRef { account: to, device }, passed.clone());
    }
}
