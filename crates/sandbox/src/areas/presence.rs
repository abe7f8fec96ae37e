//! Presence: who is available, told to those who asked.

use wacore_binary::Node;

use super::Request;
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// The most devices that may watch one account.
const MAX_WATCHERS: usize = 10_000;

/// `<presence type>` from a companion.
pub(crate) fn received(world: &mut World, request: &Request<'_>) {
    let Some(me) = request.device else {
        return;
    };
    let stanza = request.stanza;
    let to = stanza.jid_of("to").and_then(|to| world.find(&to));
    match stanza.text_of("type").as_ref() {
        "subscribe" => {
            if let Some(to) = to {
                subscribe(world, me, to);
            }
        }
        "unsubscribe" => {
            if let Some(account) = to.and_then(|to| world.accounts.get_mut(&to)) {
                account.watchers.remove(&me);
            }
        }
        "unavailable" => set_available(world, me, false),
        "" | "available" => {
            if let Some(name) = stanza.maybe_text("name").filter(|name| !name.is_empty())
                && let Some(account) = world.accounts.get_mut(&me.account)
            {
                account.name = name;
            }
            set_available(world, me, true);
        }
        _ => {}
    }
}

/// A device wants to know about an account, and learns its present state.
pub(crate) fn subscribe(world: &mut World, device: DeviceRef, to: AccountId) {
    let Some(account) = world.accounts.get_mut(&to) else {
        return;
    };
    if account.watchers.len() < MAX_WATCHERS {
        account.watchers.insert(device);
    }
    if let Some(stanza) = state_of(world, to) {
        world.deliver_now(device, stanza);
    }
}

/// A device says whether its person is there.
pub(crate) fn set_available(world: &mut World, device: DeviceRef, available: bool) {
    let now = world.now_ms();
    let Some(account) = world.accounts.get_mut(&device.account) else {
        return;
    };
    let before = account.is_available();
    if device.is_phone() {
        account.phone.available = available;
    } else if let Some(companion) = account.devices.get_mut(&device.device) {
        companion.available = available;
    }
    let after = account.is_available();
    if before && !after {
        account.last_seen = Some(now / 1000);
    }
    if before != after {
        announce(world, device.account);
    }
}

/// A companion has gone off line.
pub(crate) fn gone(world: &mut World, device: DeviceRef) {
    set_available(world, device, false);
}

fn announce(world: &mut World, account: AccountId) {
    let Some(stanza) = state_of(world, account) else {
        return;
    };
    let watchers: Vec<DeviceRef> =
        world.accounts.get(&account).map(|account| account.watchers.iter().copied().collect()).unwrap_or_default();
    for watcher in watchers {
        if watcher.account != account {
            world.deliver_now(watcher, stanza.clone());
        }
    }
}

fn state_of(world: &World, account: AccountId) -> Option<Node> {
    let account = world.accounts.get(&account)?;
    let mut stanza = node("presence").attr("from", account.jid(Domain::Pn));
    if !account.is_available() {
        stanza = stanza.attr("type", "unavailable");
        stanza = match account.last_seen {
            Some(last) if account.privacy.get("last").is_none_or(|value| value != "none") => stanza.attr("last", last),
            _ => stanza.attr("last", "deny"),
        };
    }
    Some(stanza.build())
}
