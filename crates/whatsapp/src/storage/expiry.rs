//! Values with an end, and finding those that are past it without reading the
//! others.
//!
//! Beside each such value stands an index entry whose key starts with the
//! complement of its bucket of time, so that the oldest bucket is the greatest
//! key and one lookup tells whether there is anything to prune.

use sparkbot_network::session_state::{Batch, Namespace, SessionState, StoreError};

use super::keys::leading_i64;

/// Deletions that share one transaction, so that a large bucket does not hold
/// up the writer that all numbers share.
const CHUNK: usize = 500;

/// Where values with an end are kept.
pub(super) struct Expiring {
    pub(super) values: Namespace,
    pub(super) index: Namespace,
    /// Width of a bucket in seconds.
    pub(super) bucket: i64,
    /// The second by which a value is pruned; `None` for never.
    pub(super) due: fn(&[u8]) -> Option<i64>,
}

impl Expiring {
    fn bucket_of(&self, due: i64) -> u64 {
        u64::try_from(due.max(0) / self.bucket).unwrap_or_default()
    }

    fn index_key(&self, due: i64, key: &[u8]) -> Vec<u8> {
        let mut index = (!self.bucket_of(due)).to_be_bytes().to_vec();
        index.extend_from_slice(key);
        index
    }

    /// Adds a value and its index entry to a batch.
    pub(super) fn put(&self, batch: &mut Batch, key: Vec<u8>, value: Vec<u8>) {
        if let Some(due) = (self.due)(&value) {
            batch.put(self.index, self.index_key(due, &key), Vec::new());
        }
        batch.put(self.values, key, value);
    }

    /// Adds the removal of a value and of its index entry to a batch.
    pub(super) fn delete(&self, batch: &mut Batch, key: Vec<u8>, value: &[u8]) {
        if let Some(due) = (self.due)(value) {
            batch.delete(self.index, self.index_key(due, &key));
        }
        batch.delete(self.values, key);
    }

    /// Removes what was due before `end`, and answers how many that were.
    pub(super) async fn prune(&self, state: &SessionState, end: i64) -> Result<u32, StoreError> {
        let last_bucket = self.bucket_of(end);
        let mut removed = 0;
        while let Some((oldest, _)) = state.last(self.index).await? {
            let Some(bucket) = leading_i64(&oldest).map(|(complement, _)| !complement.cast_unsigned()) else {
                break;
            };
            if bucket > last_bucket {
                break;
            }
            removed += self.prune_bucket(state, bucket, end).await?;
            // Entries of this bucket may rightly remain; in older ones none do.
            if bucket == last_bucket {
                break;
            }
        }
        Ok(removed)
    }

    async fn prune_bucket(&self, state: &SessionState, bucket: u64, end: i64) -> Result<u32, StoreError> {
        let mut removed = 0;
        let entries = state.scan(self.index, &(!bucket).to_be_bytes()).await?;
        for chunk in entries.chunks(CHUNK) {
            let keys: Vec<Vec<u8>> = chunk.iter().map(|(index, _)| index[8..].to_vec()).collect();
            let found = state.get_many(self.values, &keys).await?;
            let values: std::collections::HashMap<_, _> = found.into_iter().collect();
            let mut batch = Batch::new();
            for ((index, _), key) in chunk.iter().zip(keys) {
                let due = values.get(&key).and_then(|value| (self.due)(value));
                match due {
                    Some(due) if due < end => {
                        batch.delete(self.values, key);
                        batch.delete(self.index, index.clone());
                        removed += 1;
                    }
                    Some(due) if self.bucket_of(due) == bucket => {}
                    // The value is gone, or was written again with a later end.
                    _ => {
                        batch.delete(self.index, index.clone());
                    }
                }
            }
            state.write(batch).await?;
        }
        Ok(removed)
    }
}
