//! Messages to a group: sealed once with the sender's key, which the sender
//! hands to each device beforehand, in the same stanza.

use std::collections::HashMap;

use wacore::messages::MessageUtils;
use wacore_binary::{Jid, Node, NodeContent};

use super::{Refused, existing};
use crate::areas::message::{Accepted, MAX_COPIES, PASSED_ON, view_once_notice};
use crate::ids::{DeviceRef, Domain, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::group::Group;
use crate::world::repeats::Audience;

/// Children that are for the server or are put in place anew.
const KEPT_BACK: [&str; 3] = ["participants", "enc", "device-identity"];

/// Takes a message to a group and passes it on to all devices of all members
/// but the one that sent it. With a `participant` it is meant for that device
/// alone, which has asked for it again.
pub(crate) fn accept(world: &mut World, from: DeviceRef, id: GroupId, stanza: &Node) -> Accepted {
    let group = match existing(world, id) {
        Ok(group) => group.clone(),
        Err(refused) => return Accepted::Refused(refused.0),
    };
    let Some(role) = group.role(from.account) else {
        return Accepted::Refused(Refused::FORBIDDEN.0);
    };
    if group.settings.announcement && !role.is_admin() && !is_addon(stanza) {
        return Accepted::Refused(Refused::FORBIDDEN.0);
    }
    if let Some(to) = stanza.jid_of("participant") {
        return again(world, from, &group, &to, stanza);
    }
    let audience = world.audience(from, &stanza.text_of("id"));
    let devices = world.devices_in(&group);
    let mut copies = Copies::of(world, from, group.jid(), group.addressing, stanza);
    copies.head.attrs.insert("addressing_mode", group.addressing_mode());
    for device in devices.iter().filter(|device| **device != from && audience.has(**device)) {
        let copy = copies.for_device(*device);
        world.deliver(*device, Some(from.account), copy);
    }
    world.changed();
    let phash = if audience == Audience::All { phash_if_other(world, &group, &devices, stanza) } else { None };
    Accepted::Sent { phash }
}

/// Reactions and votes are allowed where only admins write.
fn is_addon(stanza: &Node) -> bool {
    stanza.text_of("type") == "reaction" || stanza.child("meta").is_some_and(|meta| meta.text_of("polltype") == "vote")
}

fn again(world: &mut World, from: DeviceRef, group: &Group, to: &Jid, stanza: &Node) -> Accepted {
    let Some(device) = world.find_device(to).filter(|device| world.device_exists(*device)) else {
        return Accepted::Refused(Refused::NOT_FOUND.0);
    };
    if group.role(device.account).is_none() {
        return Accepted::Refused(Refused::NOT_FOUND.0);
    }
    let mut copies = Copies::of(world, from, group.jid(), group.addressing, stanza);
    copies.head.attrs.insert("addressing_mode", group.addressing_mode());
    let copy = copies.for_device(device);
    world.deliver(device, Some(from.account), copy);
    world.has_again(device, from, &stanza.text_of("id"));
    world.changed();
    Accepted::Sent { phash: None }
}

/// The hash of all devices that should have got it, when the sender has
/// counted others.
fn phash_if_other(world: &World, group: &Group, devices: &[DeviceRef], stanza: &Node) -> Option<String> {
    let theirs = stanza.maybe_text("phash")?;
    let jids: Vec<Jid> = devices.iter().map(|device| world.jid(*device, group.addressing)).collect();
    MessageUtils::participant_list_hash(&jids).ok().filter(|ours| *ours != theirs)
}

/// One stanza, to be written to many devices.
pub(crate) struct Copies {
    /// The stanza without its children.
    head: Node,
    /// The sender's key, sealed for a device.
    keys: HashMap<DeviceRef, Node>,
    /// What everybody gets.
    shared: Vec<Node>,
    /// What companions get instead of what is sealed for all.
    notice: Option<Node>,
    identity: Option<Node>,
}

impl Copies {
    /// Reads what is sealed for each device and what for all of them.
    pub(crate) fn of(world: &World, from: DeviceRef, chat: Jid, addressing: Domain, stanza: &Node) -> Self {
        let sender = world.jid(from, addressing);
        let mut head = node("message")
            .attr("id", stanza.text_of("id").as_ref())
            .attr("from", chat)
            .attr("participant", sender)
            .attr("t", world.now_secs());
        for name in PASSED_ON {
            if let Some(value) = stanza.attrs.get(name) {
                head = head.attr(name, value.clone());
            }
        }
        if let Some(account) = world.accounts.get(&from.account) {
            let other = account.jid(addressing.other());
            head = head
                .attr("notify", account.name.as_str())
                .attr(if addressing == Domain::Lid { "participant_pn" } else { "participant_lid" }, other);
        }
        let listed = stanza.child("participants").map(crate::stanza::Reading::nodes).unwrap_or_default();
        let keys = listed
            .iter()
            .take(MAX_COPIES)
            .filter_map(|to| Some((world.find_device(&to.jid_of("jid")?)?, to.child("enc")?.clone())))
            .collect();
        let mut shared: Vec<Node> = stanza.nodes().iter().filter(|child| child.tag == "enc").cloned().collect();
        shared.extend(stanza.nodes().iter().filter(|child| !KEPT_BACK.contains(&child.tag.as_ref())).cloned());
        let identity = stanza.child("device-identity").cloned();
        Self { head: head.build(), keys, shared, notice: view_once_notice(world, stanza), identity }
    }

    /// Whether something in it is sealed for this device alone.
    pub(crate) fn has_key_for(&self, device: DeviceRef) -> bool {
        self.keys.contains_key(&device)
    }

    /// The stanza as one device gets it.
    pub(crate) fn for_device(&mut self, device: DeviceRef) -> Node {
        let mut children: Vec<Node> = self.keys.remove(&device).into_iter().collect();
        let notice = self.notice.as_ref().filter(|_| !device.is_phone());
        let shared = self.shared.iter().map(|child| match notice {
            Some(notice) if child.tag == "enc" => notice.clone(),
            _ => child.clone(),
        });
        children.extend(shared);
        let first = children.iter().any(|child| child.tag == "enc" && child.text_of("type") == "pkmsg");
        if first {
            children.extend(self.identity.clone());
        }
        let mut copy = self.head.clone();
        copy.content = Some(NodeContent::Nodes(children));
        copy
    }
}
