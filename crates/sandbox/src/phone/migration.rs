//! Names and keys that change: moving to LIDs, setting the app up anew,
//! another number.

use buffa::{Message as _, MessageField};
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type;

use super::party::Party;
use super::{outgoing, sync_keys};
use crate::areas::groups::participants;
use crate::areas::{notifications, unlink};
use crate::ids::{AccountId, Chat, DeviceRef, PhoneNumber};
use crate::world::World;

/// Tells all companions which LID belongs to which number, of everybody the
/// phone has to do with. Gives back how many they are.
pub(crate) fn to_lid(world: &mut World, me: AccountId) -> usize {
    let now = world.now_secs();
    let Some(account) = world.accounts.get(&me) else {
        return 0;
    };
    let mut people = account.contacts.clone();
    people.insert(me);
    people.extend(account.phone.conversations.chat_ids().into_iter().filter_map(|chat| match chat {
        Chat::Person(person) => Some(person),
        Chat::Group(_) | Chat::Status => None,
    }));
    people.extend(account.phone.past.chats.keys().filter_map(|chat| world.find(&chat.parse().ok()?)));
    let mappings: Vec<wa::LIDMigrationMapping> = people
        .iter()
        .filter_map(|person| world.accounts.get(person))
        .filter_map(|person| {
            let (pn, assigned_lid) = (person.number.digits().parse().ok()?, person.lid.parse().ok()?);
            Some(wa::LIDMigrationMapping { pn, assigned_lid, latest_lid: Some(assigned_lid) })
        })
        .collect();
    let count = mappings.len();
    let payload =
        wa::LIDMigrationMappingSyncPayload { pn_to_lid_mappings: mappings, chat_db_migration_timestamp: Some(now) };
    let message = sync_keys::peer(Type::LID_MIGRATION_MAPPING_SYNC, |message| {
        message.lid_migration_mapping_sync_message = MessageField::some(wa::LIDMigrationMappingSyncMessage {
            encoded_mapping_payload: Some(payload.encode_to_vec()),
        });
    });
    let companions: Vec<u16> = account.devices.keys().copied().collect();
    for device in companions {
        outgoing::send_peer(world, me, device, &message);
    }
    count
}

/// The app is set up anew: other keys, no companions, and everybody who knows
/// the account learns that its identity is another. `false` when no keys could
/// be made.
pub(crate) fn reinstall(world: &mut World, me: AccountId) -> bool {
    unlink_all(world, me);
    let World { accounts, rng, .. } = world;
    let (Some(account), Some(party)) = (accounts.get_mut(&me), Party::generate(rng)) else {
        return false;
    };
    account.phone.party = party;
    account.renew(rng);
    notifications::identity_changed(world, me);
    notifications::contact_changed(world, me);
    world.changed();
    true
}

/// The person takes another number: no companions any more, and contacts and
/// groups learn of it. The LID, the keys and the conversations stay. `false` when
/// somebody has the number.
pub(crate) fn change_number(world: &mut World, me: AccountId, to: PhoneNumber) -> bool {
    let Some(before) = world.renumber(me, to) else {
        return false;
    };
    unlink_all(world, me);
    notifications::number_changed(world, me, &before);
    participants::renumbered(world, me);
    world.changed();
    true
}

fn unlink_all(world: &mut World, me: AccountId) {
    let companions: Vec<u16> =
        world.accounts.get(&me).map(|account| account.devices.keys().copied().collect()).unwrap_or_default();
    for device in companions {
        unlink::remove(world, DeviceRef { account: me, device });
    }
}
