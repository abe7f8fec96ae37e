//! The phone's history, read and asked for.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sparkbot_network::link::HistoryLink;
use sparkbot_network::wid::Wid;
use sparkbot_network::{HistoryReading, HistorySink, Millis, NetworkError, Target};

use super::NumberLink;
use crate::{address, errors, history};

/// How long it may take until WhatsApp has a request for the phone.
const ANSWER: Duration = Duration::from_secs(30);

#[async_trait]
impl HistoryLink for NumberLink {
    async fn read_history(
        &self,
        packed: Bytes,
        how: HistoryReading,
        into: &mut dyn HistorySink,
    ) -> Result<(), NetworkError> {
        let client = self.number.client().ok_or(NetworkError::Closed)?;
        history::read(&self.number, &client, packed, how, into).await
    }

    async fn ask_history(
        &self,
        chat: &Wid,
        before: Option<(&Target, Millis)>,
        count: u32,
    ) -> Result<String, NetworkError> {
        let client = self.number.logged_in()?;
        let chat = address::chat_jid(&client, chat).await?;
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        let (id, from_me, at) = match before {
            Some((message, at)) => (message.id.as_str(), message.from_me, at),
            None => ("", false, self.number.now()),
        };
        let asking = client.fetch_message_history(&chat, id, from_me, at, count);
        let asked = tokio::time::timeout(ANSWER, asking).await.map_err(|_| NetworkError::Timeout)?;
        asked.map_err(|error| errors::request(error.as_ref()))
    }
}
