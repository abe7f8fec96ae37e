//! App state: five collections of encrypted settings, as the server keeps them.
//!
//! The server holds patches and can't read them; the account's phone, which
//! made the keys, can. Both live in this process, so an uploaded patch is checked
//! here with the phone's keys before it is accepted.

mod collection;
mod keys;

use std::collections::BTreeMap;

use buffa::{Message as _, MessageField};
use rand::Rng as _;
use rand::rngs::StdRng;
use wacore_appstate::hash::{generate_index_mac, generate_patch_mac};
use wacore_appstate::{AppStateError, Mutation, decode_record, encode_record, process_patch};
use waproto::whatsapp as wa;
use waproto::whatsapp::syncd_mutation::SyncdOperation;

use collection::Collection;
pub(crate) use collection::StoredPatch;
pub(crate) use keys::{KeyRing, SyncKey};

/// The collections, in the order clients name them.
pub(crate) const COLLECTIONS: [&str; 5] =
    ["critical_block", "critical_unblock_low", "regular_low", "regular_high", "regular"];
/// The most records one collection keeps.
const MAX_RECORDS: usize = 100_000;
/// The most bytes of one patch without what it keeps outside.
const MAX_PATCH: usize = 4 * 1024 * 1024;
/// The most mutations of one patch.
const MAX_MUTATIONS: usize = 20_000;

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

/// One thing a phone changes.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The JSON array that names what is changed.
    pub(crate) index: Vec<u8>,
    /// The new value; `None` removes the record.
    pub(crate) value: Option<wa::SyncActionValue>,
    /// Version of the action's schema.
    pub(crate) version: i32,
}

/// What one patch changed, readable.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) version: u64,
    /// The device that made it; the phone's is 0.
    pub(crate) by: u16,
    pub(crate) mutations: Vec<Mutation>,
}

/// The collections of one account.
#[derive(Debug)]
pub(crate) struct AppState {
    keys: KeyRing,
    collections: BTreeMap<&'static str, Collection>,
}

impl AppState {
    /// Empty collections but for the account's push name.
    pub(crate) fn new(key: SyncKey, name: &str, now_secs: u64, rng: &mut StdRng) -> Self {
        let mut app_state = Self {
            keys: KeyRing::new(key),
            collections: COLLECTIONS.into_iter().map(|name| (name, Collection::default())).collect(),
        };
        let value = wa::SyncActionValue {
            timestamp: i64::try_from(now_secs * 1000).ok(),
            push_name_setting: MessageField::some(wa::sync_action_value::PushNameSetting {
                name: Some(name.to_owned()),
            }),
            ..Default::default()
        };
        let change = Change { index: br#"["setting_pushName"]"#.to_vec(), value: Some(value), version: 1 };
        app_state.change("critical_block", &[change], rng);
        app_state
    }

    /// The keys its phone has made.
    pub(crate) fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// The phone makes a new key for what is changed from now on.
    pub(crate) fn rotate_key(&mut self, rng: &mut StdRng, now_secs: u64) -> bool {
        self.keys.rotate(rng, now_secs)
    }

    /// A patch made by the phone. Gives back the new version; `None` when there
    /// is nothing to change, no such collection or no room.
    pub(crate) fn change(&mut self, collection: &str, changes: &[Change], rng: &mut StdRng) -> Option<u64> {
        let (name, collection) = named(&mut self.collections, collection)?;
        let (key, expanded) = self.keys.newest();
        let mut mutations = Vec::with_capacity(changes.len());
        for change in changes {
            let mut iv = [0; 16];
            rng.fill_bytes(&mut iv);
            // A record sealed with an earlier key has another index MAC, so
            // that it must be removed by that key.
            let removed = wa::SyncActionValue::default();
            for (key, expanded) in self.keys.earlier() {
                if collection.records.contains_key(&generate_index_mac(&change.index, &expanded.index)) {
                    let operation = SyncdOperation::REMOVE;
                    let (mutation, _) =
                        encode_record(operation, &change.index, &removed, expanded, &key.id, &iv, change.version);
                    mutations.push(mutation);
                }
            }
            let known = collection.records.contains_key(&generate_index_mac(&change.index, &expanded.index));
            let (operation, value) = match &change.value {
                Some(value) => (SyncdOperation::SET, value),
                None if known => (SyncdOperation::REMOVE, &removed),
                None => continue,
            };
            let (mutation, _) = encode_record(operation, &change.index, value, expanded, &key.id, &iv, change.version);
            mutations.push(mutation);
        }
        if mutations.is_empty() || collection.records.len() + mutations.len() > MAX_RECORDS {
            return None;
        }
        let mut state = collection.state.clone();
        state.update_hash(&mutations, |index, _| Ok(collection.value_mac(index))).1.ok()?;
        state.version += 1;
        let mut patch = wa::SyncdPatch {
            mutations,
            snapshot_mac: Some(state.generate_snapshot_mac(name, &expanded.snapshot_mac)),
            key_id: MessageField::some(wa::KeyId { id: Some(key.id.to_vec()) }),
            device_index: Some(0),
            ..Default::default()
        };
        patch.patch_mac = Some(generate_patch_mac(&patch, name, &expanded.patch_mac, state.version));
        collection.remember(patch, state, 0);
        self.version(name)
    }

    /// A patch from a companion that knows version `base`; mutations kept
    /// outside must have been put in already.
    pub(crate) fn upload(
        &mut self,
        collection: &str,
        base: u64,
        mut patch: wa::SyncdPatch,
        by: u16,
    ) -> Result<u64, Rejected> {
        let (name, collection) = named(&mut self.collections, collection).ok_or(Rejected::Invalid)?;
        if base != collection.state.version {
            return Err(Rejected::Conflict);
        }
        if collection.records.len() + patch.mutations.len() > MAX_RECORDS {
            return Err(Rejected::Full);
        }
        if patch.mutations.is_empty() || patch.mutations.len() > MAX_MUTATIONS {
            return Err(Rejected::Invalid);
        }
        patch.version = MessageField::some(wa::SyncdVersion { version: Some(base + 1) });
        patch.device_index = Some(u32::from(by));
        let mut state = collection.state.clone();
        let keys = &self.keys;
        let processed = process_patch(
            &patch,
            &mut state,
            |id| keys.get(id).ok_or(AppStateError::KeyNotFound),
            |index| Ok(collection.value_mac(index)),
            true,
            name,
        )
        .map_err(|error| {
            tracing::debug!(%error, collection = name, "an app-state patch was refused");
            Rejected::Invalid
        })?;
        // The library lets a patch pass whose sum over the collection differs,
        // as clients must; the one who made it has no excuse.
        let key = patch.key_id.as_option().and_then(|key| key.id.as_deref()).and_then(|id| keys.get(id));
        let expected = key.map(|key| processed.state.generate_snapshot_mac(name, &key.snapshot_mac));
        if expected.is_none() || patch.snapshot_mac != expected || patch.patch_mac.is_none() {
            tracing::debug!(collection = name, "an app-state patch was refused for its snapshot MAC");
            return Err(Rejected::Invalid);
        }
        collection.remember(patch, processed.state, by);
        Ok(base + 1)
    }

    /// Reads an uploaded patch; `None` if it is none or too large.
    pub(crate) fn parse(patch: &[u8]) -> Option<wa::SyncdPatch> {
        (patch.len() <= MAX_PATCH).then(|| wa::SyncdPatch::decode_from_slice(patch).ok()).flatten()
    }

    /// The current version, 0 when empty; `None` for an unknown collection.
    pub(crate) fn version(&self, collection: &str) -> Option<u64> {
        Some(self.collections.get(collection)?.state.version)
    }

    /// Patches after a version, at most `count`, and whether there are more;
    /// `None` when so old a version can only be brought up by a snapshot.
    pub(crate) fn after(
        &self,
        collection: &str,
        version: u64,
        count: usize,
    ) -> Option<(impl Iterator<Item = &StoredPatch>, bool)> {
        let (rest, left) = self.collections.get(collection)?.after(version)?;
        Some((rest.take(count), left > count))
    }

    /// Everything a collection holds.
    pub(crate) fn snapshot(&self, collection: &str) -> Option<wa::SyncdSnapshot> {
        let (name, found) = self.collections.get_key_value(collection)?;
        let (key, expanded) = self.keys.newest();
        Some(wa::SyncdSnapshot {
            version: MessageField::some(wa::SyncdVersion { version: Some(found.state.version) }),
            records: found.records.values().map(collection::Record::decoded).collect(),
            mac: Some(found.state.generate_snapshot_mac(name, &expanded.snapshot_mac)),
            key_id: MessageField::some(wa::KeyId { id: Some(key.id.to_vec()) }),
        })
    }

    /// Whether a record stands under an index.
    pub(crate) fn holds(&self, collection: &str, index: &[u8]) -> bool {
        self.collections.get(collection).is_some_and(|collection| {
            std::iter::once(self.keys.newest())
                .chain(self.keys.earlier())
                .any(|(_, keys)| collection.records.contains_key(&generate_index_mac(index, &keys.index)))
        })
    }

    /// What was changed after a version, readable, in order. When the patches
    /// are no longer there, everything the collection holds.
    pub(crate) fn changed_after(&self, collection: &str, version: u64) -> Vec<Changed> {
        let Some(found) = self.collections.get(collection) else {
            return Vec::new();
        };
        let open = |record: &wa::SyncdRecord, operation| {
            let id = record.key_id.as_option()?.id.as_deref()?;
            let keys = self.keys.get(id)?;
            decode_record(operation, record, &keys, id, true).ok().map(|(mutation, _)| mutation)
        };
        match found.after(version) {
            Some((patches, _)) => patches
                .map(|stored| Changed {
                    version: stored.version,
                    by: stored.by,
                    mutations: stored
                        .decoded()
                        .mutations
                        .iter()
                        .filter_map(|mutation| {
                            let operation = mutation.operation.map_or(Some(SyncdOperation::SET), |op| op.as_known())?;
                            open(mutation.record.as_option()?, operation)
                        })
                        .collect(),
                })
                .collect(),
            None => vec![Changed {
                version: found.state.version,
                by: 0,
                mutations: found
                    .records
                    .values()
                    .filter_map(|record| open(&record.decoded(), SyncdOperation::SET))
                    .collect(),
            }],
        }
    }
}

fn named<'c>(
    collections: &'c mut BTreeMap<&'static str, Collection>,
    name: &str,
) -> Option<(&'static str, &'c mut Collection)> {
    let name = COLLECTIONS.into_iter().find(|known| *known == name)?;
    Some((name, collections.get_mut(name)?))
}
