//! Presence: who is available, told to those who asked and may know.

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
    let to = stanza.jid_of("to").and_then(|to| Some((world.find(&to)?, Domain::of(&to)?)));
    match stanza.text_of("type").as_ref() {
        "subscribe" => {
            if let Some((to, domain)) = to
                && world.may_approach(me.account, to, stanza.nodes())
            {
                subscribe(world, me, to, domain);
            }
        }
        "unsubscribe" => {
            if let Some(account) = to.and_then(|(to, _)| world.accounts.get_mut(&to)) {
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

/// A device wants to know about an account, under one of its names, and learns
/// its present state.
pub(crate) fn subscribe(world: &mut World, device: DeviceRef, to: AccountId, domain: Domain) {
    let Some(account) = world.accounts.get_mut(&to) else {
        return;
    };
    if account.watchers.len() < MAX_WATCHERS || account.watchers.contains_key(&device) {
        account.watchers.insert(device, domain);
    }
    if let Some(companion) = companion(world, device) {
        companion.watching.insert(to);
    }
    if let Some(stanza) = state_for(world, to, device.account, domain) {
        world.deliver_now(device, stanza);
    }
}

fn companion(world: &mut World, device: DeviceRef) -> Option<&mut crate::world::account::Device> {
    world.accounts.get_mut(&device.account)?.devices.get_mut(&device.device)
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

/// A companion has gone off line; it has to ask again for whom it watched.
pub(crate) fn gone(world: &mut World, device: DeviceRef) {
    set_available(world, device, false);
    let watched = companion(world, device).map(|companion| std::mem::take(&mut companion.watching)).unwrap_or_default();
    for account in watched {
        if let Some(account) = world.accounts.get_mut(&account) {
            account.watchers.remove(&device);
        }
    }
}

/// Who may see the account has changed: whoever watches learns what they see
/// now.
pub(crate) fn seen_anew(world: &mut World, account: AccountId) {
    announce(world, account);
}

fn announce(world: &mut World, account: AccountId) {
    let watchers: Vec<(DeviceRef, Domain)> = world
        .accounts
        .get(&account)
        .map(|account| account.watchers.iter().map(|(device, domain)| (*device, *domain)).collect())
        .unwrap_or_default();
    for (watcher, domain) in watchers {
        if watcher.account != account
            && let Some(stanza) = state_for(world, account, watcher.account, domain)
        {
            world.deliver_now(watcher, stanza);
        }
    }
}

/// What somebody sees of an account: `last="deny"` when they may not know when
/// it was there, and never available when they may not know that it is.
fn state_for(world: &World, account: AccountId, viewer: AccountId, domain: Domain) -> Option<Node> {
    let found = world.accounts.get(&account)?;
    let stanza = node("presence").attr("from", found.jid(domain));
    if found.is_available() && world.may(viewer, account, "online") {
        return Some(stanza.build());
    }
    let stanza = stanza.attr("type", "unavailable");
    Some(match found.last_seen.filter(|_| world.may(viewer, account, "last")) {
        Some(last) => stanza.attr("last", last).build(),
        None => stanza.attr("last", "deny").build(),
    })
}
