//! The phone's duties to its companions: the app-state key, peer requests.

use buffa::MessageField;
use serde_json::json;
use waproto::whatsapp as wa;
use waproto::whatsapp::Message;
use waproto::whatsapp::message::protocol_message::Type;

use super::{history, outgoing, placeholders};
use crate::ids::{AccountId, DeviceRef};
use crate::world::World;
use crate::world::app_state::SyncKey;

/// A companion has uploaded its first prekeys: from now on it can be written to,
/// and gets the key without having to ask.
pub(crate) fn companion_ready(world: &mut World, device: DeviceRef) {
    if let Some(account) = world.accounts.get_mut(&device.account) {
        account.phone.owes_key_to.insert(device.device);
        share_owed(world, device.account);
    }
}

/// Gives the key to everyone who lacks it, if the phone is on.
pub(crate) fn share_owed(world: &mut World, me: AccountId) {
    let Some(account) = world.accounts.get_mut(&me) else {
        return;
    };
    if !account.phone.online {
        return;
    }
    let owed = std::mem::take(&mut account.phone.owes_key_to);
    let companions: Vec<u16> = owed.into_iter().filter(|device| account.devices.contains_key(device)).collect();
    let keys: Vec<SyncKey> = account.app_state.keys().all().cloned().collect();
    let share = key_share(&keys, account.devices.keys().copied());
    for device in companions {
        outgoing::send_peer(world, me, device, &share);
        let told = world.accounts.get_mut(&me).is_some_and(|account| !account.phone.told.insert(device));
        if !told {
            history::begin(world, me, device);
        }
    }
}

/// Makes a new key and gives it to all companions; `false` when there were too
/// many already.
pub(crate) fn rotate(world: &mut World, me: AccountId) -> bool {
    let now = world.now_secs();
    let World { accounts, rng, .. } = world;
    let Some(account) = accounts.get_mut(&me) else {
        return false;
    };
    if !account.app_state.rotate_key(rng, now) {
        return false;
    }
    let keys: Vec<SyncKey> = account.app_state.keys().all().cloned().collect();
    let companions: Vec<u16> = account.devices.keys().copied().collect();
    let share = key_share(&keys, companions.iter().copied());
    for device in companions {
        outgoing::send_peer(world, me, device, &share);
    }
    true
}

fn key_share(keys: &[SyncKey], devices: impl Iterator<Item = u16>) -> Message {
    let device_indexes: Vec<u32> = std::iter::once(0).chain(devices.map(u32::from)).collect();
    let shared = keys.iter().map(|key| wa::message::AppStateSyncKey {
        key_id: MessageField::some(wa::message::AppStateSyncKeyId { key_id: Some(key.id.to_vec()) }),
        key_data: MessageField::some(wa::message::AppStateSyncKeyData {
            key_data: Some(key.data.to_vec()),
            fingerprint: MessageField::some(wa::message::AppStateSyncKeyFingerprint {
                raw_id: Some(1),
                current_index: Some(1),
                device_indexes: device_indexes.clone(),
            }),
            timestamp: Some(key.created_at_ms),
        }),
    });
    let keys = shared.collect();
    peer(Type::APP_STATE_SYNC_KEY_SHARE, |message| {
        message.app_state_sync_key_share = MessageField::some(wa::message::AppStateSyncKeyShare { keys });
    })
}

/// A protocol message between devices of one account.
pub(super) fn peer(kind: Type, fill: impl FnOnce(&mut wa::message::ProtocolMessage)) -> Message {
    let mut protocol = wa::message::ProtocolMessage { r#type: Some(kind), ..Default::default() };
    fill(&mut protocol);
    Message { protocol_message: MessageField::some(protocol), ..Default::default() }
}

/// A companion asks its phone for something.
pub(crate) fn peer_message(world: &mut World, me: AccountId, from: DeviceRef, id: &str, message: &Message) {
    let Some(protocol) = message.protocol_message.as_option() else {
        return;
    };
    let kind = protocol.r#type.map_or_else(|| "UNKNOWN".to_owned(), |kind| format!("{kind:?}"));
    let now = world.now_ms();
    if let Some(account) = world.accounts.get_mut(&me) {
        account.phone.events.add(now, "peer", json!({"device": from.device, "type": kind}));
    }
    if protocol.app_state_sync_key_request.is_set()
        && let Some(account) = world.accounts.get_mut(&me)
    {
        account.phone.owes_key_to.insert(from.device);
        share_owed(world, me);
    }
    let asked = protocol.peer_data_operation_request_message.as_option();
    if let Some(request) = asked.filter(|request| !request.placeholder_message_resend_request.is_empty()) {
        placeholders::answer(world, me, from.device, id, request);
    }
    if let Some(request) = asked.and_then(|asked| asked.history_sync_on_demand_request.as_option()) {
        history::on_demand(world, me, from.device, id, request);
    }
}
