//! What the outside sees of things: the same JSON in answers, in events and in
//! webhooks. Field names are the API's own.

mod chat;
mod device;
mod message;
mod webhook;

pub use chat::{Chat, ChatMessage, ChatOwner, ChatStats, Contact, MessageMeta, Quoted};
pub use device::{
    Billing, Device, DeviceRef, DeviceSettings, Link, Profile, QueueView, Session, SessionFacts, SessionLog,
    SessionState, Subscription,
};
pub use message::{AgentRef, DeliveryRetry, MessageEvent, OutboundMessage, PRIORITIES, priority_word};
pub use webhook::{Webhook, WebhookLog, WebhookWithSecret};

use serde::Serialize;
use utoipa::ToSchema;

/// Something named by its id, where the whole of it is not shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ref {
    /// 24 hexadecimal digits.
    pub id: String,
}
