//! What requests about webhooks may say.

use std::collections::BTreeMap;

use serde::Deserialize;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::devices::Idempotency;
use sparkbot_core::page::Slice;
use sparkbot_core::webhooks::WebhookFilter;
use sparkbot_core::webhooks::{EVENTS, NewWebhook, Replay, WebhookChanges};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;
use crate::error::{Answer, Problem};
use crate::request::present;
use crate::request::words::words;

words! {
    WebhookStatus = &["active", "disabled", "pending", "failed"];
    NewStatus = &["active", "disabled"];
    EventName = EVENTS;
}

fn size() -> i64 {
    20
}

/// Which webhooks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhookSearch {
    /// Only of these numbers.
    devices: Option<Vec<String>>,
    /// Only in one of these states.
    #[param(value_type = Vec<WebhookStatus>, inline)]
    #[serde(default)]
    status: Vec<String>,
    /// Only with this text in name or URL.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Webhooks a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl WebhookSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn filter(self) -> WebhookFilter {
        let paging = self.paging();
        WebhookFilter {
            devices: self.devices.unwrap_or_default(),
            status: self.status,
            search: self.search,
            size: paging.size(),
            skip: paging.skip(),
        }
    }
}

/// Which part of a log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogSearch {
    /// Lines at most.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Lines to leave out first.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    skip: i64,
}

impl LogSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::rows(self.size, self.skip)
    }

    pub(super) fn slice(&self) -> Slice {
        Slice { size: self.size, skip: self.skip }
    }
}

/// A new webhook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "CRM", "url": "https://example.com/hooks/whatsapp", "events": ["message:in:new"]}))]
pub(crate) struct CreateWebhook {
    /// What people will call it.
    #[schema(min_length = 1, max_length = 30)]
    name: String,
    /// Where to deliver, `https://…` or `http://…`.
    #[schema(max_length = 1000)]
    url: String,
    /// Which events to deliver.
    #[schema(value_type = Vec<EventName>, inline, min_items = 1, max_items = 32)]
    events: Vec<String>,
    /// Id of a number: only its events. All numbers' when absent.
    device: Option<String>,
    /// Extra headers of each delivery; their values are never shown again.
    headers: Option<BTreeMap<String, String>>,
    /// Key of the signature; made when absent.
    secret: Option<String>,
}

impl CreateWebhook {
    pub(super) fn into_new(self, idempotency: Option<Idempotency>) -> NewWebhook {
        NewWebhook {
            name: self.name,
            url: self.url,
            events: self.events,
            device: self.device.filter(|id| !id.is_empty()),
            headers: self.headers.unwrap_or_default(),
            secret: self.secret.filter(|secret| !secret.is_empty()),
            idempotency,
        }
    }
}

/// Changes of a webhook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"events": ["message:in:new", "message:out:failed"]}))]
pub(crate) struct ChangeWebhook {
    /// What people call it.
    #[schema(min_length = 1, max_length = 30)]
    name: Option<String>,
    /// Where to deliver.
    #[schema(max_length = 1000)]
    url: Option<String>,
    /// Which events to deliver.
    #[schema(value_type = Option<Vec<EventName>>, inline, min_items = 1, max_items = 32)]
    events: Option<Vec<String>>,
    /// Id of a number: only its events. Empty or null: all numbers'.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    device: Option<Option<String>>,
    /// Extra headers of each delivery, replaced as a whole.
    headers: Option<BTreeMap<String, String>>,
    /// Out of service, or in it.
    #[schema(value_type = Option<NewStatus>, inline)]
    status: Option<String>,
}

impl ChangeWebhook {
    pub(super) fn into_changes(self) -> WebhookChanges {
        WebhookChanges {
            name: self.name,
            url: self.url,
            events: self.events,
            device: self.device.map(|id| id.filter(|id| !id.is_empty())),
            headers: self.headers,
            status: self.status,
        }
    }
}

/// From where to deliver again; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"since": "2026-01-31T09:30:00Z"}))]
pub(crate) struct ReplayFrom {
    /// Events after this position of the event log.
    #[schema(minimum = 0)]
    after: Option<i64>,
    /// Events since this time, ISO 8601 with a time zone.
    #[schema(format = DateTime)]
    since: Option<String>,
}

impl ReplayFrom {
    pub(super) fn into_replay(self) -> Answer<Replay> {
        if self.after.is_some() == self.since.is_some() {
            return Err(Problem::invalid(
                "webhook:replay",
                "The body must have one of 'after', a position of the event log, and 'since', a time.",
            ));
        }
        Ok(Replay { after: self.after, since: self.since.as_deref().and_then(parse_iso) })
    }
}
