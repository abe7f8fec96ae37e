//! What the server tells devices of its own accord.

use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use crate::ids::{AccountId, ConnId, DeviceRef, Domain, PhoneNumber};
use crate::stanza::{node, server_jid};
use crate::world::World;
use crate::world::account::Account;

fn notification(world: &mut World, kind: &'static str) -> NodeBuilder {
    let id = world.stanza_id();
    node("notification").attr("type", kind).attr("id", id).attr("t", world.now_secs())
}

/// A companion has few one-time keys left.
pub(crate) fn low_keys(world: &mut World, device: DeviceRef, left: usize) {
    let stanza = notification(world, "encrypt")
        .attr("from", server_jid())
        .children([node("count").attr("value", left).build()])
        .build();
    world.deliver(device, None, stanza);
}

/// The account is protected by a passkey: whoever links it has to prove that
/// they hold it. What a browser's `navigator.credentials.get` takes.
pub(crate) fn passkey_wanted(world: &mut World, conn: ConnId) {
    let challenge = hex::encode(world.random::<16>());
    let options = format!(
        r#"{{"challenge":"{challenge}","rpId":"whatsapp.com","timeout":60000,"allowCredentials":[],"userVerification":"required"}}"#
    );
    let stanza = notification(world, "passkey_prologue_request")
        .attr("from", server_jid())
        .children([node("passkey_request_options").bytes(options.into_bytes()).build()])
        .build();
    world.send(conn, stanza);
}

/// A companion was linked: its account's other devices and all contacts learn.
pub(crate) fn device_added(world: &mut World, device: DeviceRef) {
    devices_changed(world, device, true);
}

/// A companion was unlinked.
pub(crate) fn device_removed(world: &mut World, device: DeviceRef) {
    devices_changed(world, device, false);
}

fn devices_changed(world: &mut World, device: DeviceRef, added: bool) {
    let now = world.now_secs();
    let World { accounts, rng, .. } = world;
    let Some(account) = accounts.get(&device.account) else {
        return;
    };
    let Some(signed) = account.key_index_list(now, rng) else {
        return;
    };
    let key_index = account.devices.get(&device.device).map(|companion| companion.key_index);
    let mut told: Vec<DeviceRef> = account
        .devices
        .keys()
        .filter(|id| **id != device.device)
        .map(|id| DeviceRef { account: device.account, device: *id })
        .collect();
    told.push(DeviceRef::phone(device.account));
    let contacts: Vec<AccountId> = account.contacts.iter().copied().collect();
    for contact in contacts {
        if let Some(contact) = world.accounts.get(&contact) {
            told.extend(contact.device_ids().into_iter().map(|id| DeviceRef { account: contact.id, device: id }));
        }
    }
    let mut element =
        node("device").attr("jid", world.jid(device, Domain::Pn)).attr("lid", world.jid(device, Domain::Lid));
    if let Some(key_index) = key_index {
        element = element.attr("key-index", key_index);
    }
    let mut list = node("key-index-list").attr("ts", now);
    if added {
        list = list.bytes(signed);
    }
    let change: Node = node(if added { "add" } else { "remove" }).children([element.build(), list.build()]).build();
    let of = DeviceRef::phone(device.account);
    for target in told {
        let stanza = notification(world, "devices")
            .attr("from", world.jid(of, Domain::Pn))
            .attr("lid", world.jid(of, Domain::Lid))
            .children([change.clone()])
            .build();
        world.deliver(target, None, stanza);
    }
}

/// A collection of app state has a new version; told to all companions but the
/// one that made it.
pub(crate) fn app_state_changed(
    world: &mut World,
    account: AccountId,
    except: Option<u16>,
    collection: &str,
    version: u64,
) {
    let companions: Vec<u16> =
        world.accounts.get(&account).map(|account| account.devices.keys().copied().collect()).unwrap_or_default();
    for device in companions.into_iter().filter(|device| Some(*device) != except) {
        let changed = node("collection").attr("name", collection).attr("version", version).build();
        let own = world.jid(DeviceRef::phone(account), Domain::Pn);
        let stanza = notification(world, "server_sync").attr("from", own).children([changed]).build();
        world.deliver(DeviceRef { account, device }, None, stanza);
    }
}

/// The picture of an account has changed or is gone; told to contacts who may
/// see it and to its own devices.
pub(crate) fn picture_changed(world: &mut World, account: AccountId, picture: Option<u64>) {
    let own = world.jid(DeviceRef::phone(account), Domain::Pn);
    let change = match picture {
        Some(id) => node("set").attr("jid", &own).attr("id", id).attr("author", &own),
        None => node("delete").attr("jid", &own).attr("author", &own),
    };
    tell_those_who_may(world, account, "profile", "picture", &change.build());
}

/// The about text of an account has changed.
pub(crate) fn about_changed(world: &mut World, account: AccountId, about: &str) {
    let change = node("set").bytes(about.as_bytes()).build();
    tell_those_who_may(world, account, "status", "status", &change);
}

/// A business has changed something of itself; told to contacts and to its own
/// devices.
pub(crate) fn business_changed(world: &mut World, account: AccountId, change: NodeBuilder) {
    let own = world.jid(DeviceRef::phone(account), Domain::Pn);
    tell_contacts(world, account, "business", &change.attr("jid", own).build());
}

/// Products of a business's catalog have changed.
pub(crate) fn products_changed(world: &mut World, account: AccountId, ids: &[String]) {
    let product = |id: &String| {
        let id = node("id").string_content(id.as_str()).build();
        node("product").children([id]).build()
    };
    let change = node("product_catalog").children(ids.iter().map(product)).build();
    tell_contacts(world, account, "business", &change);
}

/// A privacy category has another value; told to the other companions.
pub(crate) fn privacy_changed(world: &mut World, account: AccountId, except: Option<u16>, category: &Node) {
    let companions: Vec<u16> =
        world.accounts.get(&account).map(|account| account.devices.keys().copied().collect()).unwrap_or_default();
    let own = world.jid(DeviceRef::phone(account), Domain::Pn);
    for device in companions.into_iter().filter(|device| Some(*device) != except) {
        let change = node("privacy").children([category.clone()]).build();
        let stanza = notification(world, "account_sync").attr("from", &own).children([change]).build();
        world.deliver(DeviceRef { account, device }, None, stanza);
    }
}

/// An account has a new identity key, since its phone was set up anew; told to
/// all contacts, so that they write no more with the old one.
pub(crate) fn identity_changed(world: &mut World, account: AccountId) {
    let identity = node("identity").build();
    tell_contacts(world, account, "encrypt", &identity);
}

/// Something about a person is another; told to contacts, who look anew.
pub(crate) fn contact_changed(world: &mut World, account: AccountId) {
    let update = node("update").attr("jid", world.jid(DeviceRef::phone(account), Domain::Pn)).build();
    tell_contacts(world, account, "contacts", &update);
}

/// A person has another number; told to contacts.
pub(crate) fn number_changed(world: &mut World, account: AccountId, before: &PhoneNumber) {
    let of = DeviceRef::phone(account);
    let (pn, lid) = (world.jid(of, Domain::Pn), world.jid(of, Domain::Lid));
    let change =
        node("modify").attr("old", before.jid()).attr("new", pn).attr("old_lid", &lid).attr("new_lid", &lid).build();
    tell_contacts(world, account, "contacts", &change);
}

/// Tells all contacts and the account's own devices.
pub(crate) fn tell_contacts(world: &mut World, account: AccountId, kind: &'static str, change: &Node) {
    tell(world, account, None, kind, change);
}

fn tell_those_who_may(world: &mut World, account: AccountId, category: &str, kind: &'static str, change: &Node) {
    tell(world, account, Some(category), kind, change);
}

fn tell(world: &mut World, account: AccountId, category: Option<&str>, kind: &'static str, change: &Node) {
    let Some(found) = world.accounts.get(&account) else {
        return;
    };
    let (pn, lid) = (found.jid(Domain::Pn), found.jid(Domain::Lid));
    let people: Vec<AccountId> = found.contacts.iter().copied().chain([account]).collect();
    for person in people {
        if category.is_some_and(|category| !world.may(person, account, category)) {
            continue;
        }
        let devices = world.accounts.get(&person).map(Account::device_ids).unwrap_or_default();
        for device in devices {
            let stanza =
                notification(world, kind).attr("from", &pn).attr("lid", &lid).children([change.clone()]).build();
            world.deliver(DeviceRef { account: person, device }, None, stanza);
        }
    }
}
