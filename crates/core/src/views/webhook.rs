//! Webhooks and their logs.

use serde::Serialize;
use sparkbot_store::rows::{DeliveryRow, WebhookRow};
use utoipa::ToSchema;

use super::Ref;
use crate::clock::iso;
use crate::error::{Error, Result};

/// A receiver of events.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// 24 hexadecimal digits.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Which events.
    pub events: Vec<String>,
    /// `active`, `pending` (nothing gets through right now, being retried), `failed` (given up) or `disabled`.
    pub status: String,
    /// Only of this number; of all when null.
    pub device: Option<Ref>,
    /// Names of the extra headers; their values are secret.
    pub headers: Vec<String>,
    /// Failures in a row.
    pub retries: i64,
    /// How far in the event log it has come: what is later has not been looked at yet.
    pub position: i64,
    /// Owner.
    pub account: String,
    /// Who made it.
    pub user: Ref,
    /// When a delivery was last tried.
    pub last_run_at: Option<String>,
    /// When a delivery was last tried again.
    pub last_retry_at: Option<String>,
    /// When a delivery last failed.
    pub last_failure_at: Option<String>,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
}

/// A fresh webhook with the key of its signature, told only once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WebhookWithSecret {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: Webhook,
    /// Key of the HMAC in `X-SparkBot-Signature`.
    pub secret: String,
}

/// One try of a delivery.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookLog {
    /// 24 hexadecimal digits.
    pub id: String,
    /// The webhook.
    pub webhook: Ref,
    /// `delivery` or `error`.
    pub event: String,
    /// `ok`, `http:500`, `timeout`…
    pub code: String,
    /// Id of the delivered event: the same at every try.
    pub event_id: String,
    /// What the event is about.
    pub object_id: String,
    /// Which number.
    pub device_id: Option<String>,
    /// `message`, `device`…
    pub object_type: String,
    /// `message:in:new`…
    pub object_event: String,
    /// A sentence.
    pub message: Option<String>,
    /// What was sent.
    pub body: Option<String>,
    /// Which try, from 1.
    pub attempt: i64,
    /// Milliseconds.
    pub response_time: Option<i64>,
    /// HTTP status.
    pub response_status: Option<i64>,
    /// Content type.
    pub response_type: Option<String>,
    /// The answer's first 3,000 characters.
    pub response_body: Option<String>,
    /// ISO 8601.
    pub created_at: String,
}

impl Webhook {
    /// From its row and the names of its extra headers.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(row: &WebhookRow, headers: Vec<String>) -> Result<Self> {
        Ok(Self {
            id: row.id.to_string(),
            name: row.name.clone(),
            url: row.url.clone(),
            events: serde_json::from_str(&row.events).map_err(Error::internal)?,
            status: row.status.clone(),
            device: row.device_id.clone().map(|id| Ref { id }),
            headers,
            position: row.position,
            retries: row.failures,
            account: row.account_id.to_string(),
            user: Ref { id: row.created_by.clone() },
            last_run_at: row.last_run_at.map(iso),
            last_retry_at: row.last_retry_at.map(iso),
            last_failure_at: row.last_failure_at.map(iso),
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
        })
    }
}

impl WebhookLog {
    /// From its row.
    #[must_use]
    pub fn of(row: DeliveryRow, webhook: &str) -> Self {
        Self {
            id: row.id,
            webhook: Ref { id: webhook.to_owned() },
            event: row.event,
            code: row.code,
            event_id: row.event_id,
            object_id: row.object_id,
            device_id: row.device_id,
            object_type: row.object_type,
            object_event: row.object_event,
            message: row.message,
            body: row.body,
            attempt: row.attempt,
            response_time: row.response_time,
            response_status: row.response_status,
            response_type: row.response_type,
            response_body: row.response_body,
            created_at: iso(row.created_at),
        }
    }
}
