//! App state: five collections of encrypted settings, as the server keeps them.
//!
//! The server holds patches and can't read them; the account's phone, which
//! made the key, can. Both live in this process, so an uploaded patch is checked
//! here with the phone's key before it is accepted.

use std::collections::{BTreeMap, HashMap};

use buffa::{Message as _, MessageField};
use rand::Rng as _;
use rand::rngs::StdRng;
use wacore_appstate::hash::{HashState, generate_patch_mac};
use wacore_appstate::{ExpandedAppStateKeys, Mutation, encode_record, expand_app_state_keys, process_patch};
use waproto::whatsapp as wa;
use waproto::whatsapp::syncd_mutation::SyncdOperation;

/// The collections, in the order clients name them.
pub(crate) const COLLECTIONS: [&str; 5] =
    ["critical_block", "critical_unblock_low", "regular_low", "regular_high", "regular"];
/// The most patches one collection keeps.
const MAX_PATCHES: usize = 20_000;

/// The key a phone shares with its companions.
#[derive(Debug, Clone)]
pub(crate) struct SyncKey {
    pub(crate) id: [u8; 6],
    pub(crate) data: [u8; 32],
    /// Milliseconds since the epoch.
    pub(crate) created_at_ms: i64,
}

impl SyncKey {
    pub(crate) fn generate(rng: &mut StdRng, now_secs: u64) -> Self {
        let mut data = [0; 32];
        rng.fill_bytes(&mut data);
        // Device index 0 and a running number, as a phone makes them.
        let mut id = [0; 6];
        id[2..].copy_from_slice(&(rng.next_u32() >> 8).to_be_bytes());
        Self { id, data, created_at_ms: i64::try_from(now_secs * 1000).unwrap_or(0) }
    }
}

/// Why an uploaded patch is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// It builds on another version than the current.
    Conflict,
    /// It can't be read, or a MAC is wrong.
    Invalid,
    /// The collection is full.
    Full,
}

/// One collection.
#[derive(Debug)]
struct Collection {
    state: HashState,
    /// Encoded patches, version 1 first.
    patches: Vec<Vec<u8>>,
    /// The value MAC under each index MAC.
    values: HashMap<Vec<u8>, Vec<u8>>,
}

/// The collections of one account.
#[derive(Debug)]
pub(crate) struct AppState {
    keys: std::sync::Arc<ExpandedAppStateKeys>,
    key_id: [u8; 6],
    collections: BTreeMap<&'static str, Collection>,
}

impl AppState {
    /// Empty collections but for the account's push name.
    pub(crate) fn new(key: &SyncKey, name: &str, now_secs: u64, rng: &mut StdRng) -> Self {
        let empty = || Collection { state: HashState::default(), patches: Vec::new(), values: HashMap::new() };
        let mut app_state = Self {
            keys: std::sync::Arc::new(expand_app_state_keys(&key.data)),
            key_id: key.id,
            collections: COLLECTIONS.into_iter().map(|name| (name, empty())).collect(),
        };
        app_state.set_push_name(name, now_secs, rng);
        app_state
    }

    /// The phone's own change of the push name.
    pub(crate) fn set_push_name(&mut self, name: &str, now_secs: u64, rng: &mut StdRng) {
        let value = wa::SyncActionValue {
            timestamp: i64::try_from(now_secs * 1000).ok(),
            push_name_setting: MessageField::some(wa::sync_action_value::PushNameSetting {
                name: Some(name.to_owned()),
            }),
            ..Default::default()
        };
        self.set("critical_block", br#"["setting_pushName"]"#, &value, 1, rng);
    }

    /// A mutation made by the phone. Collections that don't exist are ignored.
    pub(crate) fn set(
        &mut self,
        collection: &str,
        index: &[u8],
        value: &wa::SyncActionValue,
        version: i32,
        rng: &mut StdRng,
    ) {
        let Some((name, collection)) = COLLECTIONS
            .into_iter()
            .find(|name| *name == collection)
            .and_then(|name| Some((name, self.collections.get_mut(name)?)))
        else {
            return;
        };
        let mut iv = [0; 16];
        rng.fill_bytes(&mut iv);
        let (mutation, _) = encode_record(SyncdOperation::SET, index, value, &self.keys, &self.key_id, &iv, version);
        let mut state = collection.state.clone();
        let known = &collection.values;
        let (_, hashed) = state.update_hash(std::slice::from_ref(&mutation), |index, _| Ok(known.get(index).cloned()));
        if hashed.is_err() {
            return;
        }
        state.version += 1;
        let mut patch = wa::SyncdPatch {
            mutations: vec![mutation],
            snapshot_mac: Some(state.generate_snapshot_mac(name, &self.keys.snapshot_mac)),
            key_id: MessageField::some(wa::KeyId { id: Some(self.key_id.to_vec()) }),
            ..Default::default()
        };
        patch.patch_mac = Some(generate_patch_mac(&patch, name, &self.keys.patch_mac, state.version));
        collection.remember(patch, state);
    }

    /// A patch from a companion that knows version `base`. Gives back what it
    /// changes, readable.
    pub(crate) fn upload(&mut self, collection: &str, base: u64, patch: &[u8]) -> Result<Vec<Mutation>, Rejected> {
        let collection_name = COLLECTIONS.into_iter().find(|name| *name == collection).ok_or(Rejected::Invalid)?;
        let collection = self.collections.get_mut(collection_name).ok_or(Rejected::Invalid)?;
        if base != collection.state.version {
            return Err(Rejected::Conflict);
        }
        if collection.patches.len() >= MAX_PATCHES {
            return Err(Rejected::Full);
        }
        let mut patch = wa::SyncdPatch::decode_from_slice(patch).map_err(|_| Rejected::Invalid)?;
        patch.version = MessageField::some(wa::SyncdVersion { version: Some(base + 1) });
        let mut state = collection.state.clone();
        let keys = &self.keys;
        let key_id = self.key_id;
        let known = &collection.values;
        let processed = process_patch(
            &patch,
            &mut state,
            |id| {
                if id == key_id {
                    Ok(std::sync::Arc::clone(keys))
                } else {
                    Err(wacore_appstate::AppStateError::KeyNotFound)
                }
            },
            |index| Ok(known.get(index).cloned()),
            true,
            collection_name,
        )
        .map_err(|error| {
            tracing::debug!(%error, collection = collection_name, "an app-state patch was refused");
            Rejected::Invalid
        })?;
        let state = processed.state;
        collection.remember(patch, state);
        Ok(processed.mutations)
    }

    /// The current version, 0 when empty; `None` for an unknown collection.
    pub(crate) fn version(&self, collection: &str) -> Option<u64> {
        Some(self.collections.get(collection)?.state.version)
    }

    /// Encoded patches after a version, at most `count`, and whether there are
    /// more.
    pub(crate) fn after(&self, collection: &str, version: u64, count: usize) -> (&[Vec<u8>], bool) {
        let patches = self.collections.get(collection).map_or(&[][..], |collection| &collection.patches);
        let rest = usize::try_from(version).ok().and_then(|from| patches.get(from..)).unwrap_or_default();
        let given = rest.len().min(count);
        (&rest[..given], given < rest.len())
    }
}

impl Collection {
    fn remember(&mut self, mut patch: wa::SyncdPatch, state: HashState) {
        for mutation in &patch.mutations {
            let Some(record) = mutation.record.as_option() else {
                continue;
            };
            let index = record.index.as_option().and_then(|index| index.blob.clone());
            let value =
                record.value.as_option().and_then(|value| value.blob.as_deref()).and_then(<[u8]>::last_chunk::<32>);
            if let (Some(index), Some(value)) = (index, value) {
                if mutation.operation.is_some_and(|operation| operation == SyncdOperation::REMOVE) {
                    self.values.remove(&index);
                } else {
                    self.values.insert(index, value.to_vec());
                }
            }
        }
        patch.version = MessageField::some(wa::SyncdVersion { version: Some(state.version) });
        self.patches.push(patch.encode_to_vec());
        self.state = state;
    }
}
