//! What was asked for along with a message, as it was asked: shown again, and
//! carried out by the sender and after delivery.

use serde_json::{Map, Value, json};

use super::NewMessage;

/// What to keep of a request besides its columns.
pub(super) fn of(new: &NewMessage) -> Map<String, Value> {
    let mut payload = Map::new();
    let mut put = |name: &str, value: Value| {
        payload.insert(name.to_owned(), value);
    };
    if let Some(quote) = &new.quote {
        put("quote", json!(quote.to_ascii_uppercase()));
    }
    if let Some(label) = &new.label {
        put("label", json!(label));
    }
    if new.live {
        put("live", json!(true));
    }
    if let Some(enqueue) = new.enqueue.as_deref().filter(|e| !e.is_empty()) {
        put("enqueue", json!(enqueue));
    }
    if new.typing > 0 {
        put("typing", json!(new.typing));
    }
    if new.send_read_ack {
        put("sendReadAck", json!(true));
    }
    if new.order {
        put("order", json!(true));
    }
    if !new.actions.is_empty() {
        put("actions", json!(new.actions));
    }
    payload
}

/// A field of what was asked for along with a message.
pub(super) fn asked<'v>(payload: &'v Value, name: &str) -> Option<&'v Value> {
    payload.get(name).filter(|value| !value.is_null())
}
