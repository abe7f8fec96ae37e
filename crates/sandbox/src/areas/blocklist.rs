//! The list of blocked contacts.

use wacore_binary::Node;

use super::Request;
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::account::Account;

/// The whole list.
pub(crate) fn get(world: &mut World, request: &Request<'_>) {
    let Some(me) = request.device else {
        return;
    };
    let list = list(world, me.account);
    request.result(world, [list]);
}

fn list(world: &World, account: AccountId) -> Node {
    let items = blocked(world, account).map(|account| item(account, None));
    node("list").attr("dhash", hash_of(world, account)).children(items.collect::<Vec<_>>()).build()
}

fn blocked(world: &World, account: AccountId) -> impl Iterator<Item = &Account> {
    let ids = world.accounts.get(&account).into_iter().flat_map(|account| &account.blocked);
    ids.filter_map(|id| world.accounts.get(id))
}

fn item(account: &Account, action: Option<&str>) -> Node {
    let mut item = node("item").attr("jid", account.jid(Domain::Lid)).attr("pn_jid", account.jid(Domain::Pn));
    if let Some(action) = action {
        item = item.attr("action", action);
    }
    item.build()
}

/// Changes with every change of the list.
fn hash_of(world: &World, account: AccountId) -> String {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    for blocked in blocked(world, account) {
        hash.update(blocked.jid(Domain::Lid).to_string());
    }
    hex::encode(&hash.finalize()[..8])
}

/// `<item action="block|unblock" jid>`.
pub(crate) fn set(world: &mut World, request: &Request<'_>) {
    let (Some(me), Some(wanted)) = (request.device, request.stanza.child("item")) else {
        return;
    };
    let block = match wanted.text_of("action").as_ref() {
        "block" => true,
        "unblock" => false,
        _ => return request.error(world, 400, "bad-request"),
    };
    let Some(person) = wanted
        .jid_of("jid")
        .and_then(|jid| world.find(&jid))
        .or_else(|| wanted.jid_of("pn_jid").and_then(|jid| world.find(&jid)))
    else {
        return request.error(world, 404, "item-not-found");
    };
    change(world, me.account, person, block, Some(me.device));
    let list = list(world, me.account);
    request.result(world, [list]);
}

/// Blocks or unblocks, and tells the account's companions but the one that
/// asked.
pub(crate) fn change(world: &mut World, account: AccountId, person: AccountId, block: bool, except: Option<u16>) {
    let before = hash_of(world, account);
    let Some(found) = world.accounts.get_mut(&account) else {
        return;
    };
    let changed = if block { found.blocked.insert(person) } else { found.blocked.remove(&person) };
    if !changed {
        return;
    }
    let companions: Vec<u16> = found.devices.keys().copied().filter(|device| Some(*device) != except).collect();
    let Some(item) =
        world.accounts.get(&person).map(|person| item(person, Some(if block { "block" } else { "unblock" })))
    else {
        return;
    };
    let now = hash_of(world, account);
    for device in companions {
        let id = world.stanza_id();
        let list =
            node("blocklist").attr("action", "modify").attr("dhash", now.as_str()).attr("prev_dhash", before.as_str());
        let stanza = node("notification")
            .attr("type", "account_sync")
            .attr("id", id)
            .attr("t", world.now_secs())
            .attr("from", world.jid(DeviceRef::phone(account), Domain::Pn))
            .children([list.children([item.clone()]).build()])
            .build();
        world.deliver(DeviceRef { account, device }, None, stanza);
    }
}
