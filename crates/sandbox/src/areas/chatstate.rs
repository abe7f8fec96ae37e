//! Typing and recording, passed on to whoever is connected.

use wacore_binary::{Jid, Node};

use super::Request;
use crate::ids::{Chat, DeviceRef, Domain};
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
    let Some((to, domain)) = stanza.jid_of("to").and_then(|to| target(world, from, &to)) else {
        return;
    };
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

/// Whom a chat state is for, and under which name its author is known there.
fn target(world: &World, from: DeviceRef, to: &Jid) -> Option<(Chat, Domain)> {
    let chat = world.chat_of(to)?;
    match chat {
        Chat::Person(person) => {
            let blocked = |account: &Account| account.blocked.contains(&from.account);
            let reached = person != from.account && !world.accounts.get(&person).is_none_or(blocked);
            reached.then_some((chat, Domain::of(to)?))
        }
        Chat::Group(group) => {
            let group = world.groups.get(group)?;
            group.role(from.account).is_some().then_some((chat, group.addressing))
        }
        Chat::Status => None,
    }
}

/// Nothing more was heard since `since`: the other side sees a pause.
pub(crate) fn expire(world: &mut World, from: DeviceRef, to: Chat, since: u64) {
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

fn pass_on(world: &mut World, from: DeviceRef, to: Chat, domain: Domain, state: Node) {
    let author = world.jid(from, domain).to_non_ad();
    let (passed, devices) = match to {
        Chat::Person(person) => (node("chatstate").attr("from", author), world.devices_of(person)),
        Chat::Group(group) => {
            let Some(group) = world.groups.get(group) else {
                return;
            };
            let others = world.devices_in(group).into_iter().filter(|device| device.account != from.account);
            (node("chatstate").attr("from", group.jid()).attr("participant", author), others.collect())
        }
        Chat::Status => return,
    };
    let passed = passed.children([state]).build();
    for device in devices {
        world.deliver_now(device, passed.clone());
    }
}
