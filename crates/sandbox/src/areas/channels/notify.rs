//! Telling devices that a channel has changed.

use serde_json::{Value, json};
use wacore_binary::Node;

use super::{metadata, reading};
use crate::ids::{AccountId, DeviceRef};
use crate::stanza::{node, server_jid};
use crate::world::World;
use crate::world::channels::Channel;

/// The account follows or has made a channel: its other devices learn.
pub(crate) fn joined(world: &mut World, channel: &Channel, by: DeviceRef) {
    let data = json!({"xwa2_notify_newsletter_on_join": metadata::of(world, channel, by.account)});
    own_devices(world, by, "NotificationNewsletterJoin", &json!({ "data": data }));
}

/// The account has left a channel.
pub(crate) fn left(world: &mut World, channel: &Channel, by: DeviceRef) {
    let data = json!({"xwa2_notify_newsletter_on_leave": {"id": channel.jid.to_string(), "role": "guest"}});
    own_devices(world, by, "NotificationNewsletterLeave", &json!({ "data": data }));
}

/// The account has silenced a channel or lets it be heard.
pub(crate) fn muted(world: &mut World, channel: &Channel, by: DeviceRef, muted: bool) {
    let mute = if muted { "ON" } else { "OFF" };
    let data = json!({"xwa2_notify_newsletter_on_mute_change": {"id": channel.jid.to_string(), "mute": mute}});
    own_devices(world, by, "NotificationNewsletterMuteChange", &json!({ "data": data }));
}

/// A channel is called or looks otherwise: everybody who follows it learns.
pub(crate) fn updated(world: &mut World, channel: &Channel, by: DeviceRef) {
    let id = channel.jid.to_string();
    let thread = metadata::public(world, channel)["thread_metadata"].take();
    let settings = json!({
        "name": channel.name.text,
        "description": channel.description.text,
        "picture": thread["picture"]["direct_path"],
    });
    // Baileys reads `updates`, the others `data`.
    let update = json!({
        "operation": "NotificationNewsletterUpdate",
        "updates": [{"jid": id, "settings": settings}],
        "data": {"xwa2_notify_newsletter_on_metadata_update": {"id": id, "thread_metadata": thread}},
    });
    everybody(world, channel, by, "NotificationNewsletterUpdate", &update);
}

/// A channel is gone.
pub(crate) fn deleted(world: &mut World, channel: &Channel, by: DeviceRef) {
    let change = json!({"id": channel.jid.to_string(), "state": {"type": "DELETED"}});
    let data = json!({ "xwa2_notify_newsletter_on_state_change": change });
    everybody(world, channel, by, "NotificationNewsletterStateChange", &json!({ "data": data }));
}

/// Posts, reactions and views of a channel, for devices that look at it now.
pub(crate) fn live(world: &mut World, id: &str, server_id: u64) {
    let now = world.now_ms();
    let seconds = world.now_secs();
    let Some(channel) = world.channels.get_mut(id) else {
        return;
    };
    channel.watchers.retain(|_, until| *until > now);
    let watchers: Vec<DeviceRef> = channel.watchers.keys().copied().collect();
    let jid = channel.jid.clone();
    let Some(post) = channel.post(server_id).cloned() else {
        return;
    };
    for device in watchers {
        let messages = node("messages")
            .attr("jid", jid.clone())
            .attr("t", seconds)
            .children([reading::update(&post, device.account)])
            .build();
        let update = node("live_updates").children([messages]).build();
        let stanza = node("notification")
            .attr("type", "newsletter")
            .attr("id", world.stanza_id())
            .attr("t", seconds)
            .attr("from", jid.clone())
            .children([update])
            .build();
        world.deliver_now(device, stanza);
    }
}

fn own_devices(world: &mut World, by: DeviceRef, operation: &'static str, payload: &Value) {
    tell(world, by.account, Some(by), operation, payload);
}

fn everybody(world: &mut World, channel: &Channel, by: DeviceRef, operation: &'static str, payload: &Value) {
    for account in channel.audience() {
        tell(world, account, Some(by), operation, payload);
    }
}

/// To the companions of an account but one; the phone looks at the server.
fn tell(world: &mut World, account: AccountId, except: Option<DeviceRef>, operation: &'static str, payload: &Value) {
    let devices: Vec<u16> =
        world.accounts.get(&account).map(|account| account.devices.keys().copied().collect()).unwrap_or_default();
    let payload = payload.to_string().into_bytes();
    for device in devices.into_iter().map(|device| DeviceRef { account, device }) {
        if Some(device) == except {
            continue;
        }
        let update: Node = node("update").attr("op_name", operation).bytes(payload.clone()).build();
        let stanza = node("notification")
            .attr("type", "mex")
            .attr("id", world.stanza_id())
            .attr("t", world.now_secs())
            .attr("from", server_jid())
            .children([update])
            .build();
        world.deliver(device, None, stanza);
    }
}
