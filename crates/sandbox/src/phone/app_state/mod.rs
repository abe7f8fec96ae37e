//! App state on the phone: what companions change is taken over, what the
//! person changes becomes a patch.

pub(crate) mod actions;
mod apply;

use std::collections::BTreeMap;

use serde_json::json;
use wacore_binary::Jid;

use crate::areas::notifications;
use crate::ids::{AccountId, Chat, Domain};
use crate::world::World;
use crate::world::app_state::{COLLECTIONS, Change};
use actions::Action;

/// How a chat is named on phones: a person by number, everything else by its
/// own address.
pub(crate) fn chat_name(world: &World, jid: &Jid) -> String {
    match world.find(jid).and_then(|id| world.accounts.get(&id)) {
        Some(account) => account.jid(Domain::Pn).to_string(),
        None => jid.to_non_ad().to_string(),
    }
}

/// The names of all chats a phone has messages of.
pub(crate) fn chat_names(world: &World, me: AccountId) -> BTreeMap<Chat, String> {
    let chats = world.accounts.get(&me).map(|account| account.phone.conversations.chat_ids()).unwrap_or_default();
    let named = |chat: Chat| Some((chat, world.chat_jid(chat, Domain::Pn)?.to_string()));
    chats.into_iter().filter_map(named).collect()
}

/// Takes over what has changed since the phone last looked, if it is on.
pub(crate) fn catch_up(world: &mut World, me: AccountId) {
    for collection in COLLECTIONS {
        let Some(account) = world.accounts.get(&me).filter(|account| account.phone.online) else {
            return;
        };
        let known = account.phone.book.read_up_to.get(collection).copied().unwrap_or(0);
        if account.app_state.version(collection).is_none_or(|version| version <= known) {
            continue;
        }
        for changed in account.app_state.changed_after(collection, known) {
            for mutation in &changed.mutations {
                apply::apply(world, me, mutation);
                if changed.by != 0 {
                    tell(world, me, collection, changed.version, changed.by, mutation);
                }
            }
            if let Some(account) = world.accounts.get_mut(&me) {
                account.phone.book.read_up_to.insert(collection, changed.version);
            }
        }
    }
    world.changed();
}

fn tell(
    world: &mut World,
    me: AccountId,
    collection: &str,
    version: u64,
    device: u16,
    mutation: &wacore_appstate::Mutation,
) {
    let now = world.now_ms();
    let value = mutation.action_value.as_ref().and_then(|value| serde_json::to_value(value).ok());
    if let Some(account) = world.accounts.get_mut(&me) {
        account.phone.events.add(
            now,
            "appState",
            json!({
                "device": device,
                "collection": collection,
                "version": version,
                "operation": format!("{:?}", mutation.operation).to_lowercase(),
                "index": mutation.index,
                "value": value.map(crate::phone::content::pruned),
            }),
        );
    }
}

/// The person changes something: a patch per collection, told to all
/// companions, and the phone shows it.
pub(crate) fn change(world: &mut World, me: AccountId, actions: &[Action]) {
    for collection in COLLECTIONS {
        let changes: Vec<Change> = actions
            .iter()
            .filter(|action| action.schema.collection.as_str() == collection)
            .map(|action| action.change(world.now_ms()))
            .collect();
        if changes.is_empty() {
            continue;
        }
        let World { accounts, rng, .. } = world;
        let Some(account) = accounts.get_mut(&me) else {
            return;
        };
        if let Some(version) = account.app_state.change(collection, &changes, rng) {
            notifications::app_state_changed(world, me, None, collection, version);
        }
    }
    catch_up(world, me);
}
