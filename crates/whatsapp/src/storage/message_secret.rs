//! Secrets of messages, with which later reactions, votes and edits of them
//! are opened. Kept until a deadline, or for ever.

use std::collections::HashMap;

use async_trait::async_trait;
use sparkbot_network::session_state::Batch;
use whatsapp_rust::traits::{MsgSecretEntry, MsgSecretStore};
use whatsapp_rust::wacore::store::error::Result;
use whatsapp_rust::wacore::store::traits::{merge_msg_secret_expiry, merge_msg_secret_message_ts};

use super::expiry::Expiring;
use super::keys::{compound, leading_i64};
use super::{SECRET, SECRET_BY_DEADLINE, Storage, damaged, failed};

const SECRETS: Expiring = Expiring {
    values: SECRET,
    index: SECRET_BY_DEADLINE,
    bucket: 3600,
    due: |value| match deadline(value) {
        None | Some(0) => None,
        due => due,
    },
};

fn deadline(value: &[u8]) -> Option<i64> {
    leading_i64(value).map(|(deadline, _)| deadline)
}

/// Deadline, message time, secret.
fn value(deadline: i64, message_time: i64, secret: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(16 + secret.len());
    value.extend_from_slice(&deadline.to_be_bytes());
    value.extend_from_slice(&message_time.to_be_bytes());
    value.extend_from_slice(secret);
    value
}

fn parts(value: &[u8]) -> Result<(i64, i64, &[u8])> {
    let (deadline, rest) = leading_i64(value).ok_or_else(|| damaged("message secret"))?;
    let (message_time, secret) = leading_i64(rest).ok_or_else(|| damaged("message secret"))?;
    Ok((deadline, message_time, secret))
}

#[async_trait]
impl MsgSecretStore for Storage {
    async fn put_msg_secrets(&self, entries: Vec<MsgSecretEntry>) -> Result<usize> {
        let _turn = self.turn.lock().await;
        let keyed: Vec<(Vec<u8>, &MsgSecretEntry)> = entries
            .iter()
            .map(|entry| (compound(&[&entry.chat, &entry.sender], entry.msg_id.as_bytes()), entry))
            .collect();
        let keys: Vec<Vec<u8>> = keyed.iter().map(|(key, _)| key.clone()).collect();
        let mut known: HashMap<Vec<u8>, Vec<u8>> =
            self.state.get_many(SECRET, &keys).await.map_err(failed)?.into_iter().collect();
        for (key, entry) in &keyed {
            let (mut deadline, mut message_time) = (entry.expires_at, entry.message_ts);
            if let Some(before) = known.get(key) {
                let (known_deadline, known_time, _) = parts(before)?;
                deadline = merge_msg_secret_expiry(known_deadline, deadline);
                message_time = merge_msg_secret_message_ts(known_time, message_time);
            }
            known.insert(key.clone(), value(deadline, message_time, &entry.secret));
        }
        let mut batch = Batch::new();
        for (key, value) in known {
            SECRETS.put(&mut batch, key, value);
        }
        self.state.write(batch).await.map_err(failed)?;
        Ok(entries.len())
    }

    async fn get_msg_secret(&self, chat: &str, sender: &str, msg_id: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.get_msg_secret_with_ts(chat, sender, msg_id).await?.map(|(secret, _)| secret))
    }

    async fn get_msg_secret_with_ts(&self, chat: &str, sender: &str, msg_id: &str) -> Result<Option<(Vec<u8>, i64)>> {
        let key = compound(&[chat, sender], msg_id.as_bytes());
        let Some(stored) = self.state.get(SECRET, &key).await.map_err(failed)? else {
            return Ok(None);
        };
        let (_, message_time, secret) = parts(&stored)?;
        Ok(Some((secret.to_vec(), message_time)))
    }

    async fn delete_expired_msg_secrets(&self, cutoff_timestamp: i64) -> Result<u32> {
        let _turn = self.turn.lock().await;
        self.prune_posts(cutoff_timestamp).await?;
        // A deadline that is reached now is over; the index knows "before".
        SECRETS.prune(&self.state, cutoff_timestamp.saturating_add(1)).await.map_err(failed)
    }
}
