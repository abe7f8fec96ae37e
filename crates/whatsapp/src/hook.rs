//! Received messages on their way to the observer's transaction.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::Received;
use whatsapp_rust::types::events::InboundMessage;
use whatsapp_rust::{Client, InboundDurabilityHook, anyhow};

use crate::number::Number;
use crate::{secrets, translate};

/// Pauses between attempts to commit one batch.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(2), Duration::from_secs(5)];

/// Gates WhatsApp's acknowledgement on the observer's commit.
pub(crate) struct Hook {
    /// The client holds the hook, and the number the client.
    pub(crate) number: Weak<Number>,
}

#[async_trait]
impl InboundDurabilityHook for Hook {
    async fn on_messages(&self, client: Arc<Client>, batch: &[InboundMessage]) -> anyhow::Result<()> {
        let number = self.number.upgrade().ok_or_else(|| anyhow::anyhow!("the number is closed"))?;
        number.received_now();
        if !number.commits() {
            return Err(anyhow::anyhow!("what came before it is not committed"));
        }
        let kept = secrets::keep_received(&number, batch).await;
        if let Err(error) = &kept {
            tracing::error!(device = %number.device, %error, "the keys of received polls can't be written");
        }
        let messages = translated(&number, &client, batch).await;
        if kept.is_ok() && (messages.is_empty() || commit(&number, &messages).await) {
            number.reconnect.good();
            return Ok(());
        }
        // What is not acknowledged is delivered again, but only on the next
        // connection, and with it all that follows: the order stays.
        number.not_committed();
        tracing::error!(device = %number.device, "received messages can't be committed; reconnecting to get them again");
        tokio::spawn(async move { client.reconnect().await });
        Err(anyhow::anyhow!("not committed"))
    }
}

pub(crate) async fn translated(number: &Number, client: &Client, batch: &[InboundMessage]) -> Vec<Received> {
    let mut messages = Vec::with_capacity(batch.len());
    for item in batch {
        if let Some(message) = translate::received(number, client, item).await {
            messages.push(message);
        }
    }
    messages
}

/// Whether the observer has taken the messages, now or after a few attempts.
pub(crate) async fn commit(number: &Number, messages: &[Received]) -> bool {
    let mut pauses = PAUSES.iter();
    loop {
        let Err(error) = number.observer.received(messages.to_vec()).await else { return true };
        tracing::warn!(device = %number.device, %error, count = messages.len(), "received messages were not committed");
        let Some(pause) = pauses.next() else { return false };
        tokio::select! {
            () = tokio::time::sleep(*pause) => {}
            () = number.closing.cancelled() => return false,
        }
    }
}
