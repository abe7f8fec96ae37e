//! App state: keys, versions of collections, and the MACs of what they hold.

use std::collections::HashMap;

use async_trait::async_trait;
use sparkbot_network::session_state::Batch;
use whatsapp_rust::traits::{AppStateSyncKey, AppSyncStore};
use whatsapp_rust::wacore::appstate::hash::HashState;
use whatsapp_rust::wacore::appstate::processor::AppStateMutationMAC;
use whatsapp_rust::wacore::store::error::Result;

use super::book;
use super::keys::{compound, prefix};
use super::{MUTATION_MAC, SYNC_KEY, SYNC_KEY_LATEST, SYNC_VERSION, Storage, decode, encode, failed};

#[async_trait]
impl AppSyncStore for Storage {
    async fn get_sync_key(&self, key_id: &[u8]) -> Result<Option<AppStateSyncKey>> {
        let stored = self.state.get(SYNC_KEY, key_id).await.map_err(failed)?;
        stored.map(|bytes| decode(&bytes)).transpose()
    }

    async fn set_sync_key(&self, key_id: &[u8], key: AppStateSyncKey) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(SYNC_KEY, key_id, encode(&key)?);
        batch.put(SYNC_KEY_LATEST, Vec::new(), key_id);
        self.state.write(batch).await.map_err(failed)
    }

    async fn get_version(&self, name: &str) -> Result<HashState> {
        match self.state.get(SYNC_VERSION, name.as_bytes()).await.map_err(failed)? {
            Some(bytes) => decode(&bytes),
            None => Ok(HashState::default()),
        }
    }

    async fn set_version(&self, name: &str, state: HashState) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(SYNC_VERSION, name.as_bytes(), encode(&state)?);
        self.state.write(batch).await.map_err(failed)
    }

    async fn put_mutation_macs(&self, name: &str, _version: u64, mutations: &[AppStateMutationMAC]) -> Result<()> {
        let mut batch = Batch::new();
        for mutation in mutations {
            batch.put(MUTATION_MAC, compound(&[name], &mutation.index_mac), mutation.value_mac.clone());
        }
        self.state.write(batch).await.map_err(failed)
    }

    async fn get_mutation_mac(&self, name: &str, index_mac: &[u8]) -> Result<Option<Vec<u8>>> {
        self.state.get(MUTATION_MAC, &compound(&[name], index_mac)).await.map_err(failed)
    }

    async fn get_mutation_macs(&self, name: &str, index_macs: &[[u8; 32]]) -> Result<HashMap<[u8; 32], Vec<u8>>> {
        let start = prefix(&[name]).len();
        let keys: Vec<Vec<u8>> = index_macs.iter().map(|mac| compound(&[name], mac)).collect();
        let found = self.state.get_many(MUTATION_MAC, &keys).await.map_err(failed)?;
        Ok(found
            .into_iter()
            .filter_map(|(key, value)| Some((<[u8; 32]>::try_from(key.get(start..)?).ok()?, value)))
            .collect())
    }

    async fn delete_mutation_macs(&self, name: &str, index_macs: &[Vec<u8>]) -> Result<()> {
        let mut batch = Batch::new();
        for index_mac in index_macs {
            batch.delete(MUTATION_MAC, compound(&[name], index_mac));
        }
        self.state.write(batch).await.map_err(failed)?;
        if name == book::COLLECTION {
            self.entries_gone(index_macs).await?;
        }
        Ok(())
    }

    async fn clear_mutation_macs(&self, name: &str) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete_prefix(MUTATION_MAC, prefix(&[name]));
        self.state.write(batch).await.map_err(failed)
    }

    async fn get_latest_sync_key_id(&self) -> Result<Option<Vec<u8>>> {
        self.state.get(SYNC_KEY_LATEST, &[]).await.map_err(failed)
    }
}
