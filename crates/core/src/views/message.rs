//! An outbound message.

use serde::Serialize;
use serde_json::Value;
use sparkbot_store::rows::MessageRow;
use utoipa::ToSchema;

use super::{DeviceRef, Ref};
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::outbound::{Contents, Options, Payload};
use crate::wid::Wid;

/// A message on its way out, or where it ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutboundMessage {
    /// 24 hexadecimal digits.
    pub id: String,
    /// WhatsApp's id, known from the start and kept through every retry.
    pub wa_id: String,
    /// `message`, or `status` for a status update.
    pub entity: &'static str,
    /// Always `out`.
    pub flow: &'static str,
    /// Kind: `text`, `image`…
    #[serde(rename = "type")]
    pub kind: String,
    /// Receiver's number, when it is a person.
    pub phone: Option<String>,
    /// Receiver, when it is a group.
    pub group: Option<String>,
    /// Receiver, when it is a channel.
    pub channel: Option<String>,
    /// Receiver's WhatsApp id.
    pub wid: String,
    /// Text or caption.
    pub message: Option<String>,
    /// Where it stands in the queue: `queued`, `processing`, `processed`, `failed`, `expired`, `removed`.
    pub status: String,
    /// What WhatsApp says of it: `queued`, `processing`, `sent`, `delivered`, `read`, `played`, `failed`, `cancelled`.
    pub delivery_status: String,
    /// Whether a webhook has been told of its latest change.
    pub webhook_status: String,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: &'static str,
    /// The caller's own id.
    pub reference: Option<String>,
    /// `api`, `chat` or `autoreply`.
    pub source: String,
    /// Id of the message it answers.
    pub quote: Option<String>,
    /// In whose name it is sent.
    pub agent: Option<AgentRef>,
    /// What it says besides the text.
    #[serde(flatten)]
    pub contents: Contents,
    /// How it is sent, as it was asked.
    pub options: Options,
    /// Tries.
    pub retry: DeliveryRetry,
    /// Why it failed, in a sentence.
    pub failure_reason: Option<String>,
    /// `area:code` of the failure.
    pub failure_code: Option<String>,
    /// Owner.
    pub account: String,
    /// Who asked for it.
    pub user: Ref,
    /// The sending number; the full object with `include=device`.
    pub device: Value,
    /// What has happened to it; only with `include=events`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<MessageEvent>>,
    /// When it was accepted.
    pub created_at: String,
    /// Not before.
    pub deliver_at: String,
    /// Not after.
    pub expires_at: Option<String>,
    /// When it left the queue.
    pub processed_at: Option<String>,
    /// When WhatsApp took it.
    pub sent_at: Option<String>,
    /// When a device of the receiver had it.
    pub delivered_at: Option<String>,
    /// When it was read.
    pub read_at: Option<String>,
    /// When it was given up.
    pub failed_at: Option<String>,
    /// When it expired unsent.
    pub expired_at: Option<String>,
}

/// A team member; the rest of it with `include=agent`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentRef {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Shown name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `admin`, `supervisor` or `agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// Tries of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryRetry {
    /// At most.
    pub max: i64,
    /// So far.
    pub count: i64,
    /// When last.
    pub last_retry_at: Option<String>,
}

/// Something that happened to a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MessageEvent {
    /// `queued`, `sent`, `delivered`, `read`, `failed`…
    pub event: &'static str,
    /// ISO 8601.
    pub date: String,
}

/// Priorities as numbers, higher first.
pub const PRIORITIES: &[(&str, i64)] = &[("low", 10), ("normal", 20), ("high", 30), ("urgent", 40)];

/// The word of a priority.
#[must_use]
pub fn priority_word(priority: i64) -> &'static str {
    PRIORITIES.iter().rev().find(|(_, p)| *p <= priority).map_or("low", |(word, _)| *word)
}

impl OutboundMessage {
    /// From its row; `device` is the sending number as it is to be shown.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(row: &MessageRow, device: &DeviceRef) -> Result<Self> {
        let payload = Payload::of(row)?;
        let wid: Wid = row.chat.parse().map_err(Error::internal)?;
        Ok(Self {
            id: row.id.to_string(),
            wa_id: row.wa_id.clone(),
            entity: if row.target == "status" { "status" } else { "message" },
            flow: "out",
            kind: row.kind.clone(),
            phone: wid.phone().map(String::from),
            group: (row.target == "group").then(|| row.chat.clone()),
            channel: (row.target == "channel").then(|| row.chat.clone()),
            wid: row.chat.clone(),
            message: row.body.clone(),
            status: row.status.clone(),
            delivery_status: row.delivery_status.clone(),
            webhook_status: row.webhook_status.clone(),
            priority: priority_word(row.priority),
            reference: row.reference.clone(),
            source: row.source.clone(),
            quote: payload.quote,
            agent: row.agent_id.clone().map(|id| AgentRef { id, name: None, role: None }),
            contents: payload.contents,
            options: payload.options,
            retry: DeliveryRetry {
                max: row.retry_max,
                count: row.retry_count,
                last_retry_at: row.last_retry_at.map(iso),
            },
            failure_reason: row.failure_reason.clone(),
            failure_code: row.failure_code.clone(),
            account: row.account_id.to_string(),
            user: Ref { id: row.created_by.clone() },
            device: serde_json::to_value(device).map_err(Error::internal)?,
            events: None,
            created_at: iso(row.created_at),
            deliver_at: iso(row.deliver_at),
            expires_at: row.expires_at.map(iso),
            processed_at: row.processed_at.map(iso),
            sent_at: row.sent_at.map(iso),
            delivered_at: row.delivered_at.map(iso),
            read_at: row.read_at.map(iso),
            failed_at: row.failed_at.map(iso),
            expired_at: row.expired_at.map(iso),
        })
    }

    /// Adds what has happened, from the dates of the row.
    pub fn with_events(&mut self, row: &MessageRow) {
        let mut events: Vec<(i64, &'static str)> = [
            (Some(row.created_at), "queued"),
            (row.last_retry_at, "retry"),
            (row.sent_at, "sent"),
            (row.delivered_at, "delivered"),
            (row.read_at, "read"),
            (row.failed_at, "failed"),
            (row.expired_at, "expired"),
        ]
        .into_iter()
        .filter_map(|(at, event)| at.map(|at| (at, event)))
        .collect();
        // WhatsApp's times are whole seconds and may seem to lie before the first.
        events.sort_by_key(|(at, _)| (*at).max(row.created_at));
        self.events = Some(events.into_iter().map(|(at, event)| MessageEvent { event, date: iso(at) }).collect());
    }
}
