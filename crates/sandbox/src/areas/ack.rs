//! `<ack class id>`: a companion has a stanza safe.

use super::Request;
use crate::fault::Kind;
use crate::stanza::Reading as _;
use crate::world::World;
use crate::world::queue::Class;

/// Takes the stanza off the companion's queue.
pub(crate) fn acknowledged(world: &mut World, request: &Request<'_>) {
    let Some(class) = Class::of(&request.stanza.text_of("class")) else {
        return;
    };
    let id = request.stanza.text_of("id").into_owned();
    done(world, request, class, &id);
}

/// The companion has answered a stanza; it is not delivered again. A fault may
/// keep the server from hearing it.
pub(crate) fn done(world: &mut World, request: &Request<'_>, class: Class, id: &str) {
    let Some(device) = request.device else {
        return;
    };
    // In a group, `to` is the group and the sender stands beside it.
    let sender = ["to", "participant"].into_iter().find_map(|name| world.find(&request.stanza.jid_of(name)?));
    if world.happens_to(device, Kind::LoseReceipts) {
        return;
    }
    if let Some(companion) =
        world.accounts.get_mut(&device.account).and_then(|account| account.devices.get_mut(&device.device))
    {
        companion.queue.acknowledge(class, id, sender);
    }
}
