//! Sending, up to WhatsApp's acknowledgement.

mod channel;
mod receiver;
mod status;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sparkbot_network::{Content, NetworkError, Outgoing, Report, Sent};
use tokio::sync::oneshot;
use whatsapp_rust::wacore_binary::JidExt;
use whatsapp_rust::{Client, SendOptions, waproto};

use crate::content::conversation::Conversation;
use crate::content::{self, Draft};
use crate::errors;
use crate::number::{Number, Taken};

/// Keys, device lists and encryption; longer means that WhatsApp does not answer.
const PREPARE: Duration = Duration::from_secs(45);
/// From the socket to the acknowledgement.
const ACKNOWLEDGE: Duration = Duration::from_secs(20);

/// Sends one message and waits for WhatsApp to take it.
pub(crate) async fn send(number: &Number, outgoing: Outgoing) -> Result<Sent, NetworkError> {
    content::check(&outgoing.content)?;
    let client = number.logged_in()?;
    let (to, normalised) = in_time(receiver::find(number, &client, &outgoing.to)).await?;
    let conversation = in_time(Conversation::new(number, &client, to)).await?;
    let drafting = content::draft(&conversation, &outgoing);
    // Uploads have limits of their own.
    let draft = match &outgoing.content {
        Content::Media(_) | Content::Product { .. } => drafting.await?,
        _ => in_time(drafting).await?,
    };
    if conversation.is_channel() {
        return channel::send(number, &conversation, &outgoing, draft).await;
    }
    in_time(number.settle(&client)).await?;
    if let Some(post) = &outgoing.status {
        return status::send(number, &client, outgoing.id, draft, post).await;
    }
    let raw = Bytes::from(waproto::codec::message_to_vec(&draft.message));
    let at = encrypted(number, &client, &conversation, outgoing.id, draft).await?;
    Ok(Sent { at, chat: normalised, raw })
}

/// `task`, or [`NetworkError::Timeout`] when it takes too long.
async fn in_time<T>(task: impl Future<Output = Result<T, NetworkError>>) -> Result<T, NetworkError> {
    tokio::time::timeout(PREPARE, task).await.map_err(|_| NetworkError::Timeout)?
}

/// Sends to a person or a group; answers WhatsApp's time of it.
async fn encrypted(
    number: &Number,
    client: &Arc<Client>,
    conversation: &Conversation<'_>,
    id: String,
    draft: Draft,
) -> Result<Option<i64>, NetworkError> {
    // Before the stanza leaves: the answer may be faster than this task.
    let acknowledged = number.expect_ack(&id);
    let options = SendOptions::default().with_message_id(id).with_extra_stanza_nodes(draft.nodes);
    let to = conversation.to.clone();
    let is_group = to.is_group();
    let sending = client.send_message_with_options(to, draft.message, options);
    tokio::time::timeout(PREPARE, sending)
        .await
        .map_err(|_| NetworkError::Timeout)?
        .map_err(|error| errors::send(&error, is_group))?;
    acknowledgement(number, acknowledged, is_group).await
}

/// Waits for WhatsApp to take a message that is on the socket.
async fn acknowledgement(
    number: &Number,
    acknowledged: oneshot::Receiver<Taken>,
    is_group: bool,
) -> Result<Option<i64>, NetworkError> {
    let taken = tokio::time::timeout(ACKNOWLEDGE, acknowledged)
        .await
        .map_err(|_| NetworkError::Timeout)?
        .map_err(|_| NetworkError::Interrupted)?;
    let Some(code) = taken.error else {
        return Ok(taken.at);
    };
    let error = errors::nack(code, is_group);
    if let NetworkError::Refused { code: 463, reason } = &error {
        number.reports.say(Report::Restricted { code: 463, reason: reason.clone() });
    }
    Err(error)
}
