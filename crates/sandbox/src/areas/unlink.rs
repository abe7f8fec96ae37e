//! Unlinking a companion, from its own side or the phone's.

use super::{Request, notifications};
use crate::ids::DeviceRef;
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// `<remove-companion-device jid>` or `all="true"`.
pub(crate) fn requested(world: &mut World, request: &Request<'_>) {
    let (Some(me), Some(removal)) = (request.device, request.stanza.child("remove-companion-device")) else {
        return;
    };
    let devices: Vec<u16> = if removal.text_of("all") == "true" {
        world.accounts.get(&me.account).map(|account| account.devices.keys().copied().collect()).unwrap_or_default()
    } else {
        match removal.jid_of("jid").and_then(|jid| world.find_device(&jid)) {
            Some(device) if device.account == me.account && world.device_exists(device) && !device.is_phone() => {
                vec![device.device]
            }
            _ => return request.error(world, 400, "bad-request"),
        }
    };
    request.result(world, []);
    for device in devices {
        remove(world, DeviceRef { account: me.account, device });
    }
}

/// Takes a companion out of its account: its connection ends with
/// `device_removed`, a later login fails with 401.
pub(crate) fn remove(world: &mut World, device: DeviceRef) -> bool {
    let Some(companion) =
        world.accounts.get_mut(&device.account).and_then(|account| account.devices.remove(&device.device))
    else {
        return false;
    };
    if let Some(conn) = companion.connection {
        let conflict = node("conflict").attr("type", "device_removed").build();
        world.end_stream(conn, node("stream:error").attr("code", 401).children([conflict]).build());
    }
    if let Some(account) = world.accounts.get_mut(&device.account) {
        account.phone.party.forget(device);
        account.phone.owes_key_to.remove(&device.device);
    }
    world.repeats.forget(device);
    for account in world.accounts.values_mut() {
        account.watchers.remove(&device);
    }
    notifications::device_removed(world, device);
    world.changed();
    true
}
