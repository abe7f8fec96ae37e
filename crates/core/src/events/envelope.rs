//! The form in which events are told: to webhooks, to readers of the log, to
//! streams. One place, so that all of them say the same.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sparkbot_store::rows::EventRow;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::views::DeviceRef;

/// An event in the form in which webhooks get it, with its position.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Position in the log: pass the last one as `after` to go on.
    pub seq: i64,
    /// WhatsApp's id of the message when it is about one, else the event's own id.
    pub id: String,
    /// The event's own id, the same at every delivery.
    pub event_id: String,
    /// What it is about: `message`, `device`…
    pub object: String,
    /// `message:in:new` and so on.
    pub event: String,
    /// Unix seconds.
    pub created: i64,
    /// With `message:out:ack`: how far the message has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ack: Option<Value>,
    /// The number.
    pub device: Option<DeviceRef>,
    /// Who made the change; null when WhatsApp or the server did.
    pub by: Option<EventBy>,
    /// The thing itself.
    pub data: Value,
}

/// The person who made a change.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventBy {
    /// Id of the team member.
    pub user: String,
    /// What they are called.
    pub name: String,
    /// `admin`, `supervisor` or `agent`.
    pub role: String,
    /// Id of the API key that was used.
    pub key: String,
}

/// What webhooks get: the same without the position, which means nothing to them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'e> {
    id: &'e str,
    event_id: &'e str,
    object: &'e str,
    event: &'e str,
    created: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ack: &'e Option<Value>,
    device: &'e Option<DeviceRef>,
    by: &'e Option<EventBy>,
    data: &'e Value,
}

/// What [`super::append()`] has stored.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    device: Option<DeviceRef>,
    #[serde(default)]
    by: Option<EventBy>,
    #[serde(default)]
    data: Value,
}

impl Event {
    /// From its row.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub(crate) fn of(row: &EventRow) -> Result<Self> {
        let Stored { device, by, data } = serde_json::from_str(&row.data).map_err(Error::internal)?;
        let id = if row.object == "message" {
            // Messages of the queue have WhatsApp's id beside their own.
            let told = ["waId", "id"].into_iter().find_map(|key| data.get(key).and_then(Value::as_str));
            told.unwrap_or(&row.object_id).to_owned()
        } else {
            row.id.to_string()
        };
        Ok(Self {
            seq: row.seq,
            id,
            event_id: row.id.to_string(),
            object: row.object.clone(),
            event: row.event.clone(),
            created: row.created_at.div_euclid(1000),
            ack: (row.event == "message:out:ack").then(|| data.get("ack").cloned()).flatten(),
            device,
            by,
            data,
        })
    }

    /// What is posted to webhooks.
    ///
    /// # Errors
    /// Never, as far as is known: everything in it came from JSON.
    pub(crate) fn body(&self) -> Result<Vec<u8>> {
        let body = Body {
            id: &self.id,
            event_id: &self.event_id,
            object: &self.object,
            event: &self.event,
            created: self.created,
            ack: &self.ack,
            device: &self.device,
            by: &self.by,
            data: &self.data,
        };
        serde_json::to_vec(&body).map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sparkbot_store::ids::EventId;
    use sparkbot_store::rows::EventRow;

    use super::Event;
    use crate::ids::AccountId;

    fn row(event: &str, object: &str, data: &Value) -> EventRow {
        EventRow {
            seq: 7,
            id: EventId::new(1_700_000_000_999),
            account_id: AccountId::new(0),
            device_id: None,
            event: event.to_owned(),
            object: object.to_owned(),
            object_id: "object".to_owned(),
            lane: "lane".to_owned(),
            data: data.to_string(),
            created_at: 1_700_000_000_999,
        }
    }

    #[test]
    fn readers_and_webhooks_are_told_the_same() {
        let device = json!({ "id": "d", "phone": null, "alias": "Support", "plan": "io", "version": 2 });
        let event = Event::of(&row(
            "message:out:ack",
            "message",
            &json!({ "device": device, "data": { "id": "3EB0", "ack": "read" } }),
        ))
        .expect("event");
        let mut read = serde_json::to_value(&event).expect("JSON");
        let posted: Value = serde_json::from_slice(&event.body().expect("body")).expect("JSON");
        assert_eq!(read.as_object_mut().expect("object").remove("seq"), Some(json!(7)));
        assert_eq!(read, posted);
        assert_eq!(posted["ack"], "read");
        assert_eq!(posted["id"], "3EB0");
        assert_eq!(posted["created"], 1_700_000_000);
        assert_eq!(posted["device"]["alias"], "Support");
    }

    #[test]
    fn ids_are_what_clients_look_for() {
        let told = |event, object, data: Value| Event::of(&row(event, object, &data)).expect("event");
        let queued = told(
            "message:out:sent",
            "message",
            json!({ "data": { "id": "0123456789abcdef01234567", "waId": "3EB0" } }),
        );
        assert_eq!(queued.id, "3EB0");
        assert_ne!(queued.event_id, queued.id);
        assert_eq!(told("message:update", "message", json!({ "data": {} })).id, "object");
        let session = told("number:session", "device", json!({ "data": { "id": "x" } }));
        assert_eq!(session.id, session.event_id);
        assert!(session.ack.is_none() && session.device.is_none());
    }
}
