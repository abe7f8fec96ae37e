//! Status updates (`status@broadcast`): a message to all those its author
//! chooses, sealed like one to a group.

use std::collections::BTreeSet;

use wacore_binary::{Jid, JidExt as _, Node};

use super::groups::messages::Copies;
use super::message::{Accepted, MAX_COPIES};
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::stanza::Reading as _;
use crate::world::World;

/// Takes a status update and passes it on to everybody who is listed, and to
/// the author's other devices.
pub(crate) fn accept(world: &mut World, from: DeviceRef, stanza: &Node) -> Accepted {
    let listed = stanza.child("participants").map(crate::stanza::Reading::nodes).unwrap_or_default();
    let named: Vec<Jid> = listed.iter().take(MAX_COPIES).filter_map(|to| to.jid_of("jid")).collect();
    let addressing = named.first().and_then(Domain::of).unwrap_or(Domain::Lid);
    let mut copies = Copies::of(world, from, Jid::status_broadcast(), addressing, stanza);
    let wanting = world.audience(from, &stanza.text_of("id"));
    let mut audience: BTreeSet<AccountId> = named.iter().filter_map(|jid| world.find(jid)).collect();
    audience.insert(from.account);
    for person in audience {
        let blocked = world
            .accounts
            .get(&person)
            .is_none_or(|account| account.blocked.contains(&from.account) && person != from.account);
        if blocked {
            continue;
        }
        for device in world.devices_of(person) {
            // A repeated one is for those who asked for the key again.
            if device != from && (wanting.has(device) || copies.has_key_for(device)) {
                let copy = copies.for_device(device);
                world.deliver(device, Some(from.account), copy);
            }
        }
    }
    world.changed();
    Accepted::Sent { phash: None }
}

/// Whether a stanza is about status updates.
pub(crate) fn is_status(jid: &Jid) -> bool {
    jid.is_status_broadcast()
}
