//! What `POST /v1/messages` may say.

use serde::{Deserialize, Serialize};
use sparkbot_core::devices::Idempotency;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::outbound::{Expiration, NewMessage};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder};

use crate::error::{Answer, Problem};
use crate::request::parse_id;
use crate::request::words::{one_of, words};

words! {
    Priority = &["low", "normal", "high", "urgent"];
    Enqueue = &["", "always", "never", "opportunistic"];
}

/// A required word with its description; an inlined type would be joined with a
/// contradicting object for that.
fn action() -> Object {
    let words = one_of(&[
        "chat:assign",
        "chat:unassign",
        "chat:resolve",
        "chat:unresolve",
        "chat:read",
        "chat:unread",
        "labels:add",
        "labels:remove",
        "labels:set",
        "metadata:set",
        "metadata:add",
        "metadata:remove",
    ]);
    ObjectBuilder::from(words).description(Some("What to do.")).build()
}

/// A message to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"device": crate::examples::DEVICE, "phone": "+16001234561", "message": "hello"}))]
pub(crate) struct SendMessage {
    /// Id of the sending number.
    device: String,
    /// Receiver's phone number in E.164.
    #[schema(max_length = 40)]
    phone: Option<String>,
    /// Receiving group, `…@g.us`.
    #[schema(max_length = 50)]
    group: Option<String>,
    /// Receiving channel, `…@newsletter`.
    #[schema(max_length = 50)]
    channel: Option<String>,
    /// The text.
    #[schema(max_length = 6000)]
    message: Option<String>,
    /// Which messages of the queue leave first.
    #[schema(value_type = Option<Priority>, inline)]
    priority: Option<String>,
    /// Your own id for it, to find it by.
    #[schema(max_length = 128)]
    reference: Option<String>,
    /// Id of the team member in whose name it is sent.
    #[schema(max_length = 24)]
    agent: Option<String>,
    /// Label to put on the chat.
    #[schema(max_length = 30)]
    label: Option<String>,
    /// Send at once, and only when the number is online.
    live: Option<bool>,
    /// Whether it may wait in the queue.
    #[schema(value_type = Option<Enqueue>, inline)]
    enqueue: Option<String>,
    /// Tries after the first.
    #[schema(minimum = 0, maximum = 100, default = 25)]
    retries: Option<i64>,
    /// What to do with the chat after delivery.
    #[schema(max_items = 20)]
    actions: Option<Vec<Action>>,
    /// When it is no longer worth sending.
    expiration: Option<Expires>,
    /// Mark the chat as read first.
    send_read_ack: Option<bool>,
    /// Seconds of "typing…" before it.
    #[schema(minimum = 0, maximum = 30)]
    typing: Option<i64>,
    /// WhatsApp id of the message it answers.
    #[schema(max_length = 32)]
    quote: Option<String>,
    /// Keep the order within the chat even over failures.
    order: Option<bool>,
}

/// Something to do with the chat.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Action {
    /// What to do.
    #[schema(schema_with = action)]
    action: String,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<ActionParams>,
}

/// With what to do it; each action uses some of these.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActionParams {
    /// Id of a team member, for `chat:assign`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 24)]
    agent: Option<String>,
    /// Id of a department, for `chat:assign`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 24)]
    department: Option<String>,
    /// Label names, for `labels:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 50)]
    labels: Option<Vec<String>>,
    /// Facts about the contact, for `metadata:set` and `metadata:add`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 10)]
    metadata: Option<Vec<Metadata>>,
    /// Names of facts, for `metadata:remove`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 30)]
    keys: Option<Vec<String>>,
}

/// A fact about a contact.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Metadata {
    /// Its name.
    #[schema(max_length = 30)]
    key: String,
    /// What it says.
    #[schema(max_length = 300)]
    value: String,
}

/// When a message is no longer worth sending; one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Expires {
    /// Seconds from now.
    #[schema(minimum = 5, maximum = 2_592_000)]
    seconds: Option<i64>,
    /// `10m`, `2h`, `1d`… from now.
    #[schema(max_length = 10)]
    duration: Option<String>,
    /// ISO 8601 with a time zone.
    #[schema(format = DateTime)]
    date: Option<String>,
}

impl SendMessage {
    pub(super) fn into_new(self, idempotency: Option<Idempotency>) -> Answer<NewMessage> {
        let device: DeviceId = parse_id(&self.device)?;
        let actions: Result<Vec<_>, _> = self.actions.iter().flatten().map(serde_json::to_value).collect();
        Ok(NewMessage {
            device,
            phone: given(self.phone),
            group: given(self.group),
            channel: given(self.channel),
            message: self.message,
            priority: self.priority,
            reference: given(self.reference),
            agent: given(self.agent),
            label: given(self.label),
            live: self.live.unwrap_or_default(),
            enqueue: given(self.enqueue),
            retries: self.retries,
            actions: actions.map_err(|error| Problem::internal(format!("an action can't be written: {error}")))?,
            expiration: self.expiration.map(|e| Expiration { seconds: e.seconds, duration: e.duration, date: e.date }),
            send_read_ack: self.send_read_ack.unwrap_or_default(),
            typing: self.typing.unwrap_or_default(),
            quote: given(self.quote),
            order: self.order.unwrap_or_default(),
            idempotency,
        })
    }
}

/// Forms send optional fields that nobody filled in as empty strings.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
