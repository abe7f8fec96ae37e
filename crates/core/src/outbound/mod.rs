//! The queue: what was accepted, in what order it leaves, and what became of it.
//!
//! [`accept`] checks and writes a message, [`sender`] hands due ones to the
//! number's link, [`outcome`] writes what became of them, [`actions`] carries
//! out what was asked for after delivery, [`payload`] holds what was asked.

mod accept;
mod actions;
mod outcome;
mod payload;
mod sender;

pub use sparkbot_store::rows::MessageFilter;
use sparkbot_store::rows::MessageRow;

use crate::app::Core;
use crate::devices::Idempotency;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId, MessageId};
use crate::keys::{Caller, Scope};
use crate::page::Page;
use crate::views::{Device, DeviceRef, OutboundMessage};

pub use accept::enqueue;
pub(crate) use outcome::{receipt, remove_waiting, server_ack};
pub(crate) use sender::send_all;

/// What `POST /v1/messages` says.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The sending number.
    pub device: DeviceId,
    /// Receiver, E.164; one of `phone`, `group`, `channel`.
    pub phone: Option<String>,
    /// Receiver, `…@g.us`.
    pub group: Option<String>,
    /// Receiver, `…@newsletter`.
    pub channel: Option<String>,
    /// Text, 1 to 6,000 characters.
    pub message: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: Option<String>,
    /// Caller's own id, 128 characters at most.
    pub reference: Option<String>,
    /// In whose name.
    pub agent: Option<String>,
    /// Label put on the chat.
    pub label: Option<String>,
    /// Only when the number is online, at once.
    pub live: bool,
    /// `always`, `never`, `opportunistic` or absent.
    pub enqueue: Option<String>,
    /// Tries after the first, 0 to 100.
    pub retries: Option<i64>,
    /// Carried out after delivery, as asked.
    pub actions: Vec<serde_json::Value>,
    /// When it is no longer worth sending.
    pub expiration: Option<Expiration>,
    /// Mark the chat as read first.
    pub send_read_ack: bool,
    /// Seconds of "typing…" before it, 0 to 30.
    pub typing: i64,
    /// WhatsApp id of the message it answers.
    pub quote: Option<String>,
    /// Keep the order within the chat even over failures.
    pub order: bool,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<Idempotency>,
}

/// When a message is no longer worth sending; one of the three.
#[derive(Debug, Clone, Default)]
pub struct Expiration {
    /// 5 to 2,592,000 seconds from now.
    pub seconds: Option<i64>,
    /// `10m`, `2h`, `1d`… from now.
    pub duration: Option<String>,
    /// ISO 8601.
    pub date: Option<String>,
}

/// What to show along with a message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Include {
    /// The full device.
    pub device: bool,
    /// The full agent.
    pub agent: bool,
    /// What has happened to it.
    pub events: bool,
}

/// A page of messages.
///
/// # Errors
/// Without the scope `messages:read`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    filter: MessageFilter,
    include: Include,
) -> Result<Page<OutboundMessage>> {
    caller.need(Scope::MessagesRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_messages(&filter).await?;
    let rows = scope.messages(&filter).await?;
    drop(reading);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(show(core, &caller.account, &row, include).await?);
    }
    Ok(Page { items, total })
}

/// One message.
///
/// # Errors
/// `message:notfound`.
pub async fn get(core: &Core, caller: &Caller, id: &MessageId, include: Include) -> Result<OutboundMessage> {
    caller.need(Scope::MessagesRead)?;
    let row = core.store().read().await?.account(&caller.account).message(id).await?.ok_or_else(|| {
        Error::not_found("message:notfound", format!("There is no outbound message {id} in this account."))
    })?;
    show(core, &caller.account, &row, include).await
}

async fn show(core: &Core, account: &AccountId, row: &MessageRow, include: Include) -> Result<OutboundMessage> {
    let now = core.now();
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    // Messages outlive their number.
    let device = scope.device(&row.device_id).await?;
    let reference = device.as_ref().map_or_else(
        || DeviceRef {
            id: row.device_id.to_string(),
            phone: None,
            alias: String::new(),
            plan: String::new(),
            version: 2,
        },
        DeviceRef::of,
    );
    let mut message = OutboundMessage::of(row, &reference)?;
    if include.device
        && let Some(device) = &device
    {
        let queue = scope.queue_counts(&device.id, now).await?;
        let device = Device::of(device, Vec::new(), queue, now)?;
        message.device = serde_json::to_value(device).map_err(Error::internal)?;
    }
    if include.agent
        && let Some(agent) = &row.agent_id
        && let Ok(id) = agent.parse()
        && let Some(user) = scope.user(&id).await?
    {
        message.agent =
            Some(crate::views::AgentRef { id: user.id.to_string(), name: Some(user.name), role: Some(user.role) });
    }
    if include.events {
        message.with_events(row);
    }
    Ok(message)
}
