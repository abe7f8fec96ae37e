//! Webhooks: readers of the event log outside, each with a cursor of its own.

mod dispatch;
mod manage;
mod rules;
mod schedule;
mod secrets;
mod signature;

use std::collections::BTreeMap;

use crate::app::Core;
use crate::devices::Idempotency;

pub use dispatch::Deliveries;
pub use manage::{create, delete, enable, get, list, logs, replay, update};
pub use schedule::default_gaps;
pub use secrets::reseal;
pub use signature::sign;
pub use sparkbot_store::rows::WebhookFilter;

/// The events a webhook can ask for.
pub const EVENTS: &[&str] = &[
    "message:in:new",
    "message:out:new",
    "message:out:sent",
    "message:out:ack",
    "message:out:failed",
    "message:out:retry",
    "message:out:removed",
    "message:out:expired",
    "message:update",
    "message:reaction",
    "channel:in",
    "status:update",
    "group:update",
    "chat:update",
    "contact:update",
    "campaign:update",
    "label:update",
    "number:session",
];

/// What `POST /v1/webhooks` says.
#[derive(Debug, Clone, Default)]
pub struct NewWebhook {
    /// 1 to 30 characters.
    pub name: String,
    /// `http://` or `https://`.
    pub url: String,
    /// At least one of [`EVENTS`].
    pub events: Vec<String>,
    /// Only of this number.
    pub device: Option<String>,
    /// Extra headers.
    pub headers: BTreeMap<String, String>,
    /// Key of the signature; made when absent.
    pub secret: Option<String>,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<Idempotency>,
}

/// What `PATCH /v1/webhooks/{id}` may change; absent stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookChanges {
    /// New name.
    pub name: Option<String>,
    /// New address.
    pub url: Option<String>,
    /// New list of events.
    pub events: Option<Vec<String>>,
    /// Only of this number; `Some(None)`: of all.
    pub device: Option<Option<String>>,
    /// Extra headers, replaced as a whole.
    pub headers: Option<BTreeMap<String, String>>,
    /// `active` or `disabled`.
    pub status: Option<String>,
}

/// From where to deliver again; one of the two.
#[derive(Debug, Clone, Copy, Default)]
pub struct Replay {
    /// Events after this position.
    pub after: Option<i64>,
    /// Events since this time, Unix milliseconds.
    pub since: Option<i64>,
}

/// Starts the deliveries of all webhooks in service; [`Core::start`] calls it.
#[doc(hidden)]
pub fn start(core: &Core) {
    dispatch::start(core);
}
