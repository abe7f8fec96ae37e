//! What the protocol knows of others: addresses, devices, groups, tokens, and
//! messages on their way.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::session_state::{Batch, StoreError as StateError};
use whatsapp_rust::traits::{DeviceListRecord, LidPnMappingEntry, ProtocolStore, TcTokenEntry};
use whatsapp_rust::wacore::store::error::{Result, StoreError};
use whatsapp_rust::wacore::store::traits::{PendingInboundKey, PendingInboundRow};

use crate::history::arrival::announces;

use super::expiry::Expiring;
use super::keys::{compound, leading_i64};
use super::{
    BASE_KEY, DEVICE_LIST, GROUP, LID, PENDING, PHONE, SENDER_KEY_DEVICES, SENT, SENT_BY_AGE, Storage, TC_TOKEN,
    damaged, decode, encode, failed, text,
};

/// Sent messages by the second of sending.
const SENT_MESSAGES: Expiring = Expiring {
    values: SENT,
    index: SENT_BY_AGE,
    bucket: 300,
    due: |value| leading_i64(value).map(|(sent_at, _)| sent_at),
};

/// Between tries to write received messages.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// Whether each device has our sender key of a group.
type KeyHolders = BTreeMap<String, bool>;

/// A payload with the second it was stored in front.
fn stamped(second: i64, payload: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(8 + payload.len());
    value.extend_from_slice(&second.to_be_bytes());
    value.extend_from_slice(payload);
    value
}

fn unstamped(value: &[u8]) -> Result<Vec<u8>> {
    leading_i64(value).map(|(_, payload)| payload.to_vec()).ok_or_else(|| damaged("message"))
}

impl Storage {
    async fn key_holders(&self, group: &str) -> Result<KeyHolders> {
        match self.state.get(SENDER_KEY_DEVICES, group.as_bytes()).await.map_err(failed)? {
            Some(bytes) => decode(&bytes),
            None => Ok(KeyHolders::new()),
        }
    }

    async fn mapping(&self, lid: &str) -> Result<Option<LidPnMappingEntry>> {
        let stored = self.state.get(LID, lid.as_bytes()).await.map_err(failed)?;
        stored.map(|bytes| decode(&bytes)).transpose()
    }

    /// An announcement of history is stored only once its part is kept; see
    /// [`crate::history::arrival`].
    async fn wait_for_history(&self, rows: &[PendingInboundRow<'_>]) -> Result<()> {
        let Some(waits) = self.history_announced.get() else { return Ok(()) };
        let mut senders = Vec::new();
        for row in rows.iter().filter(|row| announces(row.message)) {
            // One that stands here was waited for before the crash.
            if self.get_pending_inbound(row.chat, row.sender, row.id).await?.is_none() {
                senders.push(row.sender.to_owned());
            }
        }
        if senders.is_empty() || waits(senders).await {
            return Ok(());
        }
        Err(StoreError::Validation("the connection was lost while history was fetched".to_owned()))
    }

    async fn change_token(
        &self,
        jid: &str,
        change: impl FnOnce(Option<TcTokenEntry>) -> Option<TcTokenEntry> + Send,
    ) -> Result<()> {
        let _turn = self.turn.lock().await;
        match change(self.get_tc_token(jid).await?) {
            Some(entry) => self.put_tc_token(jid, &entry).await,
            None => Ok(()),
        }
    }
}

#[async_trait]
impl ProtocolStore for Storage {
    async fn get_sender_key_devices(&self, group_jid: &str) -> Result<Vec<(String, bool)>> {
        Ok(self.key_holders(group_jid).await?.into_iter().collect())
    }

    async fn set_sender_key_status(&self, group_jid: &str, entries: &[(&str, bool)]) -> Result<()> {
        let _turn = self.turn.lock().await;
        let mut holders = self.key_holders(group_jid).await?;
        for (device, has_key) in entries {
            holders.insert((*device).to_owned(), *has_key);
        }
        let mut batch = Batch::new();
        batch.put(SENDER_KEY_DEVICES, group_jid.as_bytes(), encode(&holders)?);
        self.state.write(batch).await.map_err(failed)
    }

    async fn clear_sender_key_devices(&self, group_jid: &str) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(SENDER_KEY_DEVICES, group_jid.as_bytes());
        self.state.write(batch).await.map_err(failed)
    }

    async fn delete_sender_key_device_rows(&self, device_jids: &[&str]) -> Result<()> {
        if device_jids.is_empty() {
            return Ok(());
        }
        let _turn = self.turn.lock().await;
        let mut batch = Batch::new();
        for (group, stored) in self.state.scan(SENDER_KEY_DEVICES, &[]).await.map_err(failed)? {
            let mut holders: KeyHolders = decode(&stored)?;
            let before = holders.len();
            holders.retain(|device, _| !device_jids.contains(&device.as_str()));
            if holders.len() < before {
                batch.put(SENDER_KEY_DEVICES, group, encode(&holders)?);
            }
        }
        self.state.write(batch).await.map_err(failed)
    }

    async fn clear_all_sender_key_devices(&self) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete_prefix(SENDER_KEY_DEVICES, Vec::new());
        self.state.write(batch).await.map_err(failed)
    }

    async fn get_lid_mapping(&self, lid: &str) -> Result<Option<LidPnMappingEntry>> {
        self.mapping(lid).await
    }

    async fn get_pn_mapping(&self, phone: &str) -> Result<Option<LidPnMappingEntry>> {
        match self.state.get(PHONE, phone.as_bytes()).await.map_err(failed)? {
            Some(lid) => self.mapping(&text(lid)?).await,
            None => Ok(None),
        }
    }

    async fn put_lid_mapping(&self, entry: &LidPnMappingEntry) -> Result<()> {
        self.put_lid_mappings(std::slice::from_ref(entry)).await
    }

    async fn put_lid_mappings(&self, entries: &[LidPnMappingEntry]) -> Result<()> {
        let _turn = self.turn.lock().await;
        let lids: Vec<Vec<u8>> = entries.iter().map(|entry| entry.lid.clone().into_bytes()).collect();
        let mut known: BTreeMap<String, LidPnMappingEntry> = BTreeMap::new();
        for (_, stored) in self.state.get_many(LID, &lids).await.map_err(failed)? {
            let entry: LidPnMappingEntry = decode(&stored)?;
            known.insert(entry.lid.clone(), entry);
        }
        let mut batch = Batch::new();
        let mut learnt = Vec::new();
        for entry in entries {
            let before = known.insert(entry.lid.clone(), entry.clone()).map(|before| before.phone_number);
            if before.as_ref() != Some(&entry.phone_number) {
                learnt.push(entry);
                if let Some(phone) = before {
                    // The old number may belong to somebody else by now.
                    let holder = self.state.get(PHONE, phone.as_bytes()).await.map_err(failed)?;
                    if holder.as_deref() == Some(entry.lid.as_bytes()) {
                        batch.delete(PHONE, phone.as_bytes());
                    }
                }
            }
            batch.put(LID, entry.lid.as_bytes(), encode(entry)?);
            batch.put(PHONE, entry.phone_number.as_bytes(), entry.lid.as_bytes());
        }
        self.state.write(batch).await.map_err(failed)?;
        if let Some(told) = self.addresses_learnt.get() {
            learnt.into_iter().for_each(told);
        }
        Ok(())
    }

    async fn get_all_lid_mappings(&self) -> Result<Vec<LidPnMappingEntry>> {
        let all = self.state.scan(LID, &[]).await.map_err(failed)?;
        all.into_iter().map(|(_, stored)| decode(&stored)).collect()
    }

    async fn save_base_key(&self, address: &str, message_id: &str, base_key: &[u8]) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(BASE_KEY, compound(&[address], message_id.as_bytes()), base_key);
        self.state.write(batch).await.map_err(failed)
    }

    async fn has_same_base_key(&self, address: &str, message_id: &str, current_base_key: &[u8]) -> Result<bool> {
        let key = compound(&[address], message_id.as_bytes());
        let stored = self.state.get(BASE_KEY, &key).await.map_err(failed)?;
        Ok(stored.is_some_and(|stored| stored == current_base_key))
    }

    async fn delete_base_key(&self, address: &str, message_id: &str) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(BASE_KEY, compound(&[address], message_id.as_bytes()));
        self.state.write(batch).await.map_err(failed)
    }

    async fn update_device_list(&self, record: DeviceListRecord) -> Result<()> {
        self.update_device_lists(vec![record]).await
    }

    async fn update_device_lists(&self, records: Vec<DeviceListRecord>) -> Result<()> {
        let mut batch = Batch::new();
        for record in &records {
            batch.put(DEVICE_LIST, record.user.as_bytes(), encode(record)?);
        }
        self.state.write(batch).await.map_err(failed)
    }

    async fn get_devices(&self, user: &str) -> Result<Option<DeviceListRecord>> {
        let stored = self.state.get(DEVICE_LIST, user.as_bytes()).await.map_err(failed)?;
        stored.map(|bytes| decode(&bytes)).transpose()
    }

    async fn delete_devices(&self, user: &str) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(DEVICE_LIST, user.as_bytes());
        self.state.write(batch).await.map_err(failed)
    }

    async fn get_group_metadata(&self, group_jid: &str) -> Result<Option<Vec<u8>>> {
        self.state.get(GROUP, group_jid.as_bytes()).await.map_err(failed)
    }

    async fn put_group_metadata(&self, group_jid: &str, blob: &[u8]) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(GROUP, group_jid.as_bytes(), blob);
        self.state.write(batch).await.map_err(failed)
    }

    async fn delete_group_metadata(&self, group_jid: &str) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(GROUP, group_jid.as_bytes());
        self.state.write(batch).await.map_err(failed)
    }

    async fn get_tc_token(&self, jid: &str) -> Result<Option<TcTokenEntry>> {
        let stored = self.state.get(TC_TOKEN, jid.as_bytes()).await.map_err(failed)?;
        stored.map(|bytes| decode(&bytes)).transpose()
    }

    async fn put_tc_token(&self, jid: &str, entry: &TcTokenEntry) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(TC_TOKEN, jid.as_bytes(), encode(entry)?);
        self.state.write(batch).await.map_err(failed)
    }

    async fn delete_tc_token(&self, jid: &str) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(TC_TOKEN, jid.as_bytes());
        self.state.write(batch).await.map_err(failed)
    }

    async fn get_all_tc_token_jids(&self) -> Result<Vec<String>> {
        let all = self.state.scan(TC_TOKEN, &[]).await.map_err(failed)?;
        all.into_iter().map(|(key, _)| text(key)).collect()
    }

    async fn delete_expired_tc_tokens(&self, token_cutoff: i64, sender_cutoff: i64) -> Result<u32> {
        let _turn = self.turn.lock().await;
        let mut batch = Batch::new();
        let mut removed = 0;
        for (key, stored) in self.state.scan(TC_TOKEN, &[]).await.map_err(failed)? {
            let entry: TcTokenEntry = decode(&stored)?;
            let token_lives = !entry.token.is_empty() && entry.token_timestamp >= token_cutoff;
            let sender_lives = entry.sender_timestamp.is_some_and(|at| at >= sender_cutoff);
            if !token_lives && !sender_lives {
                batch.delete(TC_TOKEN, key);
                removed += 1;
            }
        }
        self.state.write(batch).await.map_err(failed)?;
        Ok(removed)
    }

    async fn touch_tc_token_sender_timestamp(&self, jid: &str, sender_timestamp: i64) -> Result<()> {
        self.change_token(jid, |known| {
            let mut entry = known.unwrap_or(TcTokenEntry {
                token: Vec::new(),
                token_timestamp: sender_timestamp,
                sender_timestamp: None,
            });
            let before = entry.sender_timestamp.unwrap_or(sender_timestamp);
            entry.sender_timestamp = Some(before.max(sender_timestamp));
            Some(entry)
        })
        .await
    }

    async fn store_received_tc_token(&self, jid: &str, token: &[u8], token_timestamp: i64) -> Result<()> {
        self.change_token(jid, |known| {
            let fresher = |known: &TcTokenEntry| !known.token.is_empty() && token_timestamp < known.token_timestamp;
            if known.as_ref().is_some_and(fresher) {
                return None;
            }
            let sender_timestamp = known.and_then(|known| known.sender_timestamp);
            Some(TcTokenEntry { token: token.to_vec(), token_timestamp, sender_timestamp })
        })
        .await
    }

    async fn store_sent_message(&self, chat_jid: &str, message_id: &str, payload: &[u8]) -> Result<()> {
        let mut batch = Batch::new();
        let key = compound(&[chat_jid], message_id.as_bytes());
        SENT_MESSAGES.put(&mut batch, key, stamped(self.now_seconds(), payload));
        self.state.write(batch).await.map_err(failed)
    }

    async fn take_sent_message(&self, chat_jid: &str, message_id: &str) -> Result<Option<Vec<u8>>> {
        let _turn = self.turn.lock().await;
        let key = compound(&[chat_jid], message_id.as_bytes());
        let Some(stored) = self.state.get(SENT, &key).await.map_err(failed)? else {
            return Ok(None);
        };
        let mut batch = Batch::new();
        SENT_MESSAGES.delete(&mut batch, key, &stored);
        self.state.write(batch).await.map_err(failed)?;
        unstamped(&stored).map(Some)
    }

    async fn delete_expired_sent_messages(&self, cutoff_timestamp: i64) -> Result<u32> {
        let _turn = self.turn.lock().await;
        SENT_MESSAGES.prune(&self.state, cutoff_timestamp).await.map_err(failed)
    }

    async fn store_pending_inbound(&self, chat: &str, sender: &str, id: &str, message: &[u8]) -> Result<()> {
        self.store_pending_inbound_batch(&[PendingInboundRow { chat, sender, id, message }]).await
    }

    async fn store_pending_inbound_batch(&self, rows: &[PendingInboundRow<'_>]) -> Result<()> {
        self.wait_for_history(rows).await?;
        let _received = self.received.read().await;
        let now = self.now_seconds();
        let mut pause = FIRST_PAUSE;
        loop {
            let mut batch = Batch::new();
            for row in rows {
                batch.put(PENDING, compound(&[row.chat, row.sender], row.id.as_bytes()), stamped(now, row.message));
            }
            match self.state.write(batch).await {
                // The ratchet has moved on in memory and what it opened is nowhere else: told that
                // it is not kept, the client would drop it, write the ratchet once it can, and not
                // be able to open it when it comes again. Nothing is acknowledged while this waits.
                Err(error @ (StateError::Unavailable(_) | StateError::Database(_))) => {
                    tracing::warn!(device = %self.state.device(), %error, "received messages wait to be written");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LAST_PAUSE);
                }
                done => return done.map_err(failed),
            }
        }
    }

    async fn get_pending_inbound(&self, chat: &str, sender: &str, id: &str) -> Result<Option<Vec<u8>>> {
        let stored = self.state.get(PENDING, &compound(&[chat, sender], id.as_bytes())).await.map_err(failed)?;
        stored.map(|value| unstamped(&value)).transpose()
    }

    async fn delete_pending_inbound(&self, chat: &str, sender: &str, id: &str) -> Result<()> {
        self.delete_pending_inbound_batch(&[PendingInboundKey { chat, sender, id }]).await
    }

    async fn delete_pending_inbound_batch(&self, keys: &[PendingInboundKey<'_>]) -> Result<()> {
        let mut batch = Batch::new();
        for key in keys {
            batch.delete(PENDING, compound(&[key.chat, key.sender], key.id.as_bytes()));
        }
        self.state.write(batch).await.map_err(failed)
    }

    async fn delete_expired_pending_inbound(&self, cutoff_timestamp: i64) -> Result<u32> {
        // Rows live here for the milliseconds between decryption and commit, so
        // there is nothing to gain from an index.
        let mut batch = Batch::new();
        let mut removed = 0;
        for (key, value) in self.state.scan(PENDING, &[]).await.map_err(failed)? {
            if leading_i64(&value).is_none_or(|(at, _)| at < cutoff_timestamp) {
                batch.delete(PENDING, key);
                removed += 1;
            }
        }
        self.state.write(batch).await.map_err(failed)?;
        Ok(removed)
    }
}
