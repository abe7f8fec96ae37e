//! Webhooks: readers of the event log outside, each with a cursor of its own.

use std::collections::BTreeMap;

use sparkbot_store::rows::WebhookFilter;

use crate::app::Core;
use crate::devices::Idempotency;
use crate::error::Result;
use crate::ids::WebhookId;
use crate::keys::Caller;
use crate::page::{Page, Slice};
use crate::views::{Webhook, WebhookLog, WebhookWithSecret};

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
    "number:session",
];

/// The running deliveries.
pub struct Deliveries {}

impl Deliveries {
    pub(crate) fn new() -> Self {
        Self {}
    }
}

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

pub(crate) fn start(core: &Core) {
    todo!("{core:p}")
}

/// A page of webhooks, oldest first.
///
/// # Errors
/// Without the scope `webhooks:read`.
pub async fn list(core: &Core, caller: &Caller, filter: WebhookFilter) -> Result<Page<Webhook>> {
    todo!("{core:p} {caller:?} {filter:?}")
}

/// One webhook.
///
/// # Errors
/// `webhook:notfound`.
pub async fn get(core: &Core, caller: &Caller, id: &WebhookId) -> Result<Webhook> {
    todo!("{core:p} {caller:?} {id}")
}

/// Makes a webhook; it gets events from now on.
///
/// # Errors
/// For a bad URL, unknown event, foreign device; 409 when the same URL with the same device is there.
pub async fn create(core: &Core, caller: &Caller, new: NewWebhook) -> Result<WebhookWithSecret> {
    todo!("{core:p} {caller:?} {new:?}")
}

/// Changes a webhook.
///
/// # Errors
/// As [`create`], and `webhook:notfound`.
pub async fn update(core: &Core, caller: &Caller, id: &WebhookId, changes: WebhookChanges) -> Result<Webhook> {
    todo!("{core:p} {caller:?} {id} {changes:?}")
}

/// Deletes a webhook with its log.
///
/// # Errors
/// `webhook:notfound`.
pub async fn delete(core: &Core, caller: &Caller, id: &WebhookId) -> Result<()> {
    todo!("{core:p} {caller:?} {id}")
}

/// Takes a disabled or failed webhook into service again, with what it has missed.
///
/// # Errors
/// `webhook:notfound`.
pub async fn enable(core: &Core, caller: &Caller, id: &WebhookId) -> Result<Webhook> {
    todo!("{core:p} {caller:?} {id}")
}

/// Deliveries, newest first.
///
/// # Errors
/// `webhook:notfound`.
pub async fn logs(core: &Core, caller: &Caller, id: &WebhookId, slice: Slice) -> Result<Page<WebhookLog>> {
    todo!("{core:p} {caller:?} {id} {slice:?}")
}

/// Delivers events again from a point of the log.
///
/// # Errors
/// `webhook:notfound`; for a point that is not given or no longer kept.
pub async fn replay(core: &Core, caller: &Caller, id: &WebhookId, from: Replay) -> Result<Webhook> {
    todo!("{core:p} {caller:?} {id} {from:?}")
}
