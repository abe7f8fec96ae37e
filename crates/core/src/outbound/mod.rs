//! The queue: what was accepted, in what order it leaves, and what became of it.

use sparkbot_store::rows::MessageFilter;

use crate::app::Core;
use crate::devices::Idempotency;
use crate::error::Result;
use crate::ids::{DeviceId, MessageId};
use crate::keys::Caller;
use crate::page::Page;
use crate::views::OutboundMessage;

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

/// Accepts a message: it is in the queue, durable, when this returns.
///
/// # Errors
/// For every value out of range; `device:notfound`; `queue:full`.
pub async fn enqueue(core: &Core, caller: &Caller, new: NewMessage) -> Result<OutboundMessage> {
    todo!("{core:p} {caller:?} {new:?}")
}

/// A page of messages.
///
/// # Errors
/// Without the scope `messages:read`.
pub async fn list(core: &Core, caller: &Caller, filter: MessageFilter, include: Include) -> Result<Page<OutboundMessage>> {
    todo!("{core:p} {caller:?} {filter:?} {include:?}")
}

/// One message.
///
/// # Errors
/// `message:notfound`.
pub async fn get(core: &Core, caller: &Caller, id: &MessageId, include: Include) -> Result<OutboundMessage> {
    todo!("{core:p} {caller:?} {id} {include:?}")
}
