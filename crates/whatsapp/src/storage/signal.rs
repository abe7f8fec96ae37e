//! Identities, ratchets and the keys that open them.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use sparkbot_network::session_state::{Batch, Namespace};
use whatsapp_rust::traits::SignalStore;
use whatsapp_rust::wacore::store::error::Result;

use super::{IDENTITY, PREKEY, SENDER_KEY, SESSION, SIGNED_PREKEY, Storage, damaged, failed};

fn id_of(key: &[u8]) -> Result<u32> {
    key.try_into().map(u32::from_be_bytes).map_err(|_| damaged("prekey id"))
}

impl Storage {
    async fn put_one(&self, ns: Namespace, key: &[u8], value: &[u8]) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(ns, key, value);
        self.state.write(batch).await.map_err(failed)
    }

    async fn delete_one(&self, ns: Namespace, key: &[u8]) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(ns, key);
        self.state.write(batch).await.map_err(failed)
    }

    async fn put_records(&self, ns: Namespace, records: &[(Arc<str>, Bytes)]) -> Result<()> {
        let mut batch = Batch::new();
        for (address, record) in records {
            batch.put(ns, address.as_bytes(), record.as_ref());
        }
        self.state.write(batch).await.map_err(failed)
    }
}

#[async_trait]
impl SignalStore for Storage {
    async fn put_identity(&self, address: &str, key: [u8; 32]) -> Result<()> {
        self.put_one(IDENTITY, address.as_bytes(), &key).await
    }

    async fn put_identities_batch(&self, identities: &[(Arc<str>, [u8; 32])]) -> Result<()> {
        let mut batch = Batch::new();
        for (address, key) in identities {
            batch.put(IDENTITY, address.as_bytes(), key.as_slice());
        }
        self.state.write(batch).await.map_err(failed)
    }

    async fn load_identity(&self, address: &str) -> Result<Option<[u8; 32]>> {
        let stored = self.state.get(IDENTITY, address.as_bytes()).await.map_err(failed)?;
        stored.map(|key| key.try_into().map_err(|_| damaged("identity"))).transpose()
    }

    async fn delete_identity(&self, address: &str) -> Result<()> {
        self.delete_one(IDENTITY, address.as_bytes()).await
    }

    async fn get_session(&self, address: &str) -> Result<Option<Bytes>> {
        Ok(self.state.get(SESSION, address.as_bytes()).await.map_err(failed)?.map(Bytes::from))
    }

    async fn put_session(&self, address: &str, session: &[u8]) -> Result<()> {
        self.behind_received().await;
        self.put_one(SESSION, address.as_bytes(), session).await
    }

    async fn put_sessions_batch(&self, sessions: &[(Arc<str>, Bytes)]) -> Result<()> {
        self.behind_received().await;
        self.put_records(SESSION, sessions).await
    }

    async fn delete_session(&self, address: &str) -> Result<()> {
        self.delete_one(SESSION, address.as_bytes()).await
    }

    async fn has_signal_state_for_user(&self, user: &str) -> Result<bool> {
        // Addresses are `user@server`, or `user:device@server`.
        for ns in [SESSION, IDENTITY] {
            for separator in ['@', ':'] {
                let prefix = format!("{user}{separator}");
                if !self.state.scan(ns, prefix.as_bytes()).await.map_err(failed)?.is_empty() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn store_prekey(&self, id: u32, record: &[u8], _uploaded: bool) -> Result<()> {
        self.put_one(PREKEY, &id.to_be_bytes(), record).await
    }

    async fn store_prekeys_batch(&self, keys: &[(u32, Bytes)], _uploaded: bool) -> Result<()> {
        let mut batch = Batch::new();
        for (id, record) in keys {
            batch.put(PREKEY, id.to_be_bytes(), record.as_ref());
        }
        self.state.write(batch).await.map_err(failed)
    }

    async fn load_prekey(&self, id: u32) -> Result<Option<Bytes>> {
        Ok(self.state.get(PREKEY, &id.to_be_bytes()).await.map_err(failed)?.map(Bytes::from))
    }

    async fn load_prekeys_batch(&self, ids: &[u32]) -> Result<Vec<(u32, Bytes)>> {
        let keys: Vec<Vec<u8>> = ids.iter().map(|id| id.to_be_bytes().to_vec()).collect();
        let found = self.state.get_many(PREKEY, &keys).await.map_err(failed)?;
        found.into_iter().map(|(key, record)| Ok((id_of(&key)?, Bytes::from(record)))).collect()
    }

    async fn mark_prekeys_uploaded(&self, _ids: &[u32]) -> Result<()> {
        // Nothing reads the mark: which keys are on the server follows from the
        // two watermarks in the device. Writing nothing also keeps the promise
        // that a key consumed in the meantime is never brought back.
        Ok(())
    }

    async fn remove_prekey(&self, id: u32) -> Result<()> {
        self.delete_one(PREKEY, &id.to_be_bytes()).await
    }

    async fn get_max_prekey_id(&self) -> Result<u32> {
        let last = self.state.last(PREKEY).await.map_err(failed)?;
        last.map_or(Ok(0), |(key, _)| id_of(&key))
    }

    async fn store_signed_prekey(&self, id: u32, record: &[u8]) -> Result<()> {
        self.put_one(SIGNED_PREKEY, &id.to_be_bytes(), record).await
    }

    async fn load_signed_prekey(&self, id: u32) -> Result<Option<Vec<u8>>> {
        self.state.get(SIGNED_PREKEY, &id.to_be_bytes()).await.map_err(failed)
    }

    async fn load_all_signed_prekeys(&self) -> Result<Vec<(u32, Vec<u8>)>> {
        let all = self.state.scan(SIGNED_PREKEY, &[]).await.map_err(failed)?;
        all.into_iter().map(|(key, record)| Ok((id_of(&key)?, record))).collect()
    }

    async fn remove_signed_prekey(&self, id: u32) -> Result<()> {
        self.delete_one(SIGNED_PREKEY, &id.to_be_bytes()).await
    }

    async fn put_sender_key(&self, address: &str, record: &[u8]) -> Result<()> {
        self.behind_received().await;
        self.put_one(SENDER_KEY, address.as_bytes(), record).await
    }

    async fn put_sender_keys_batch(&self, sender_keys: &[(Arc<str>, Bytes)]) -> Result<()> {
        self.behind_received().await;
        self.put_records(SENDER_KEY, sender_keys).await
    }

    async fn get_sender_key(&self, address: &str) -> Result<Option<Vec<u8>>> {
        self.state.get(SENDER_KEY, address.as_bytes()).await.map_err(failed)
    }

    async fn delete_sender_key(&self, address: &str) -> Result<()> {
        self.delete_one(SENDER_KEY, address.as_bytes()).await
    }
}
