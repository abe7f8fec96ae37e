//! Keys of messages: what reactions, votes and answers to a message are
//! encrypted under, and what this number makes up itself.
//!
//! The client keeps the secrets it sees too, but writes them some time after a
//! message has been acknowledged. A poll whose secret was lost in a crash could
//! never be counted, so those of polls and events are written before the
//! message leaves, and before one that arrived is acknowledged.

use sparkbot_network::NetworkError;
use whatsapp_rust::traits::{MsgSecretEntry, MsgSecretStore};
use whatsapp_rust::types::events::InboundMessage;
use whatsapp_rust::wacore::crypto::hkdf_sha256_into;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::wacore::store::error::StoreError;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::{Client, Jid};

use crate::number::Number;
use crate::{address, inbound};

/// For how long votes on a poll and answers to an event can be read, in
/// seconds.
pub(crate) const KEPT: u64 = 365 * 86_400;

fn failed(error: &StoreError) -> NetworkError {
    NetworkError::State(error.to_string())
}

/// A key that only this number can make, the same each time it is asked for.
pub(crate) fn derived(client: &Client, purpose: &str, id: &str) -> Result<[u8; 32], NetworkError> {
    let device = client.persistence_manager().get_device_snapshot();
    let mut key = [0; 32];
    hkdf_sha256_into(&device.adv_secret_key, None, format!("sparkbot {purpose} {id}").as_bytes(), &mut key)
        .map_err(|error| NetworkError::State(error.to_string()))?;
    Ok(key)
}

/// Writes the secret of a message that others will refer to.
pub(crate) async fn keep(
    number: &Number,
    chat: &Jid,
    author: &Jid,
    id: &str,
    secret: [u8; 32],
) -> Result<(), NetworkError> {
    let now = number.now() / 1000;
    let until = now.saturating_add(i64::try_from(KEPT).unwrap_or(i64::MAX));
    let entry = MsgSecretEntry::new(chat, author, id, secret, until, now);
    number.storage.put_msg_secrets(vec![entry]).await.map(drop).map_err(|error| failed(&error))
}

/// Writes the secrets of polls and events that have arrived.
pub(crate) async fn keep_received(number: &Number, batch: &[InboundMessage]) -> Result<(), NetworkError> {
    for item in batch {
        let base = item.message.get_base_message();
        if inbound::poll::creation(base).is_none() && base.event_message.is_unset() {
            continue;
        }
        let secret = in_message(&item.message).or_else(|| in_message(base));
        if let Some(secret) = secret {
            keep(number, &item.info.source.chat, &item.info.source.sender, &item.info.id, secret).await?;
        }
    }
    Ok(())
}

/// The secret that a message carries.
pub(crate) fn in_message(message: &wa::Message) -> Option<[u8; 32]> {
    message.message_context_info.as_option()?.message_secret.as_deref()?.try_into().ok()
}

/// The secret of a message that was sent or received, under whichever address
/// of its chat and author it is known.
pub(crate) async fn find(
    number: &Number,
    client: &Client,
    chat: &Jid,
    author: &Jid,
    id: &str,
) -> Result<Option<[u8; 32]>, NetworkError> {
    for chat in both(client, chat).await {
        for author in both(client, author).await {
            let found = number
                .storage
                .get_msg_secret(&chat.to_non_ad_string(), &author.to_non_ad_string(), id)
                .await
                .map_err(|error| failed(&error))?;
            if let Some(secret) = found.and_then(|secret| secret.try_into().ok()) {
                return Ok(Some(secret));
            }
        }
    }
    Ok(None)
}

/// The secret of `message`, carried or kept.
pub(crate) async fn of(
    number: &Number,
    client: &Client,
    message: &wa::Message,
    chat: &Jid,
    author: &Jid,
    id: &str,
) -> Result<[u8; 32], NetworkError> {
    if let Some(secret) = in_message(message) {
        return Ok(secret);
    }
    let kept = find(number, client, chat, author, id).await?;
    kept.ok_or_else(|| NetworkError::Invalid("the message's key is not known here".to_owned()))
}

/// A chat or person under both addresses, the one it was named by first.
pub(crate) async fn both(client: &Client, jid: &Jid) -> Vec<Jid> {
    let mut names = vec![jid.to_non_ad()];
    names.extend(address::other(client, jid, None).await);
    names
}
