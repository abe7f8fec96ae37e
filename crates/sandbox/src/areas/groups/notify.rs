//! `w:gp2` notifications: what happened in a group, told to every device of
//! everybody concerned, the device that did it included.

use std::collections::BTreeSet;

use wacore_binary::Node;

use super::info;
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::stanza::node;
use crate::world::World;
use crate::world::group::Group;

/// Tells all members, and `also` those who are members no longer.
pub(super) fn members(world: &mut World, group: &Group, by: Option<AccountId>, change: &Node, also: &[AccountId]) {
    let people: BTreeSet<AccountId> = group.members.keys().chain(also).copied().collect();
    people_told(world, group, by, change, people);
}

/// Tells the admins only.
pub(super) fn admins(world: &mut World, group: &Group, by: Option<AccountId>, change: &Node) {
    admins_and(world, group, by, change, &[]);
}

/// Tells the admins and `also` some who are no members.
pub(super) fn admins_and(world: &mut World, group: &Group, by: Option<AccountId>, change: &Node, also: &[AccountId]) {
    let people: BTreeSet<AccountId> = group.admins().chain(also.iter().copied()).collect();
    people_told(world, group, by, change, people);
}

/// Tells some members that they are in the group now: the whole of it, since
/// they know nothing of it yet. `reason` is `invite` when they came by a link.
pub(super) fn joined(
    world: &mut World,
    group: &Group,
    by: Option<AccountId>,
    people: &[AccountId],
    (kind, reason, key): (Option<&'static str>, Option<&'static str>, Option<&str>),
) {
    let created = |group: Node| {
        let mut created = node("create");
        for (name, value) in [("type", kind), ("reason", reason), ("key", key)] {
            if let Some(value) = value {
                created = created.attr(name, value);
            }
        }
        created.children([group]).build()
    };
    let has_companions =
        people.iter().any(|person| world.accounts.get(person).is_some_and(|account| !account.devices.is_empty()));
    // A phone looks the group up; a thousand copies of a thousand members would
    // only cost time.
    let for_phones = created(info::head(world, group).build());
    let for_companions = if has_companions { created(info::full(world, group)) } else { for_phones.clone() };
    let stanzas = [for_phones, for_companions].map(|change| stanza(world, group, by, change));
    let devices: Vec<DeviceRef> = people.iter().flat_map(|person| world.devices_of(*person)).collect();
    for device in devices {
        let stanza = if device.is_phone() { &stanzas[0] } else { &stanzas[1] };
        world.deliver(device, None, stanza.clone());
    }
}

fn people_told(
    world: &mut World,
    group: &Group,
    by: Option<AccountId>,
    change: &Node,
    people: impl IntoIterator<Item = AccountId>,
) {
    let stanza = stanza(world, group, by, change.clone());
    let devices: Vec<DeviceRef> = people.into_iter().flat_map(|person| world.devices_of(person)).collect();
    for device in devices {
        world.deliver(device, None, stanza.clone());
    }
}

fn stanza(world: &mut World, group: &Group, by: Option<AccountId>, change: Node) -> Node {
    let id = world.stanza_id();
    let mut stanza = node("notification")
        .attr("from", group.jid())
        .attr("type", "w:gp2")
        .attr("id", id)
        .attr("t", world.now_secs())
        .attr("addressing_mode", group.addressing_mode());
    if let Some((by, account)) = by.and_then(|by| Some((by, world.accounts.get(&by)?))) {
        stanza = stanza.attr("participant", world.member_jid(group, by)).attr("notify", account.name.as_str());
        if group.addressing == Domain::Lid {
            stanza = stanza.attr("participant_pn", world.jid(DeviceRef::phone(by), Domain::Pn));
        }
    }
    stanza.children([change]).build()
}
