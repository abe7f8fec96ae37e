//! WhatsApp's own labels, which business accounts have.

use std::future::Future;

use async_trait::async_trait;
use sparkbot_network::NetworkError;
use sparkbot_network::link::LabelLink;
use sparkbot_network::wid::Wid;

use super::{ANSWER, NumberLink};
use crate::{address, errors};

#[async_trait]
impl LabelLink for NumberLink {
    async fn is_business(&self) -> Result<bool, NetworkError> {
        let client = self.number.logged_in()?;
        let Some(own) = client.pn() else { return Err(NetworkError::NotLinked) };
        let found = super::lookup(&client, &[own.to_non_ad()]).await?;
        Ok(found.into_values().any(|account| account.is_business))
    }

    async fn save_label(&self, id: &str, name: &str, color: i32) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        settled(client.labels().create_label(id, name, color)).await
    }

    async fn delete_label(&self, id: &str) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        settled(client.labels().delete_label(id)).await
    }

    async fn label_chat(&self, id: &str, chat: &Wid, on: bool) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let chat = address::chat_jid(&client, chat).await?;
        let labels = client.labels();
        if on {
            settled(labels.add_chat_label(id, &chat)).await
        } else {
            settled(labels.remove_chat_label(id, &chat)).await
        }
    }
}

async fn settled<E: std::error::Error + 'static>(
    change: impl Future<Output = Result<(), E>> + Send,
) -> Result<(), NetworkError> {
    let done = tokio::time::timeout(ANSWER, change).await.map_err(|_| NetworkError::Timeout)?;
    done.map_err(|error| errors::request(&error))
}
