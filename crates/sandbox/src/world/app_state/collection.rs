//! One collection: what stands in it, its sum, and how it came to be.

use std::collections::{BTreeMap, VecDeque};

use buffa::{Message as _, MessageField};
use wacore_appstate::hash::HashState;
use waproto::whatsapp as wa;
use waproto::whatsapp::syncd_mutation::SyncdOperation;

/// How many patches are kept; whoever is further behind needs a snapshot.
const MAX_PATCHES: usize = 1_000;
/// How many bytes of patches are kept.
const MAX_PATCH_BYTES: usize = 8 * 1024 * 1024;

/// One record as it was uploaded, encoded.
#[derive(Debug)]
pub(super) struct Record {
    bytes: Vec<u8>,
    value_mac: [u8; 32],
}

impl Record {
    pub(super) fn decoded(&self) -> wa::SyncdRecord {
        wa::SyncdRecord::decode_from_slice(&self.bytes).unwrap_or_default()
    }
}

/// One patch, encoded with its version.
#[derive(Debug)]
pub(crate) struct StoredPatch {
    pub(crate) version: u64,
    /// The device that made it.
    pub(crate) by: u16,
    pub(crate) bytes: Vec<u8>,
}

impl StoredPatch {
    pub(crate) fn decoded(&self) -> wa::SyncdPatch {
        wa::SyncdPatch::decode_from_slice(&self.bytes).unwrap_or_default()
    }
}

/// One collection.
#[derive(Debug, Default)]
pub(super) struct Collection {
    pub(super) state: HashState,
    /// What stands in it, by index MAC.
    pub(super) records: BTreeMap<Vec<u8>, Record>,
    /// The newest patches, the oldest of them first; their versions have no gap.
    patches: VecDeque<StoredPatch>,
    patch_bytes: usize,
}

impl Collection {
    /// The value MAC that stands under an index MAC.
    pub(super) fn value_mac(&self, index: &[u8]) -> Option<Vec<u8>> {
        self.records.get(index).map(|record| record.value_mac.to_vec())
    }

    /// The patches after a version and how many they are; `None` when the first
    /// of them is no longer kept.
    pub(super) fn after(&self, version: u64) -> Option<(impl Iterator<Item = &StoredPatch>, usize)> {
        let behind = usize::try_from(self.state.version.saturating_sub(version)).ok()?;
        let from = self.patches.len().checked_sub(behind)?;
        Some((self.patches.range(from..), behind))
    }

    /// Takes over a patch that has been checked.
    pub(super) fn remember(&mut self, mut patch: wa::SyncdPatch, state: HashState, by: u16) {
        for operation in [SyncdOperation::REMOVE, SyncdOperation::SET] {
            for mutation in &patch.mutations {
                if mutation.operation.map_or(Some(SyncdOperation::SET), |op| op.as_known()) == Some(operation) {
                    self.apply(operation, mutation);
                }
            }
        }
        patch.version = MessageField::some(wa::SyncdVersion { version: Some(state.version) });
        let stored = StoredPatch { version: state.version, by, bytes: patch.encode_to_vec() };
        self.patch_bytes += stored.bytes.len();
        self.patches.push_back(stored);
        while self.patches.len() > MAX_PATCHES || self.patch_bytes > MAX_PATCH_BYTES {
            let Some(oldest) = self.patches.pop_front() else {
                break;
            };
            self.patch_bytes -= oldest.bytes.len();
        }
        self.state = state;
    }

    fn apply(&mut self, operation: SyncdOperation, mutation: &wa::SyncdMutation) {
        let Some(record) = mutation.record.as_option() else {
            return;
        };
        let Some(index) = record.index.as_option().and_then(|index| index.blob.clone()) else {
            return;
        };
        if operation == SyncdOperation::REMOVE {
            self.records.remove(&index);
            return;
        }
        let value_mac =
            record.value.as_option().and_then(|value| value.blob.as_deref()).and_then(<[u8]>::last_chunk::<32>);
        if let Some(value_mac) = value_mac {
            self.records.insert(index, Record { bytes: record.encode_to_vec(), value_mac: *value_mac });
        }
    }
}
