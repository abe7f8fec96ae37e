//! A message as JSON: all that its protobuf says.

use serde_json::{Map, Value};
use waproto::whatsapp as wa;

/// The message as JSON: snake-case protobuf names, absent fields left out,
/// bytes as base64.
pub(crate) fn to_json(message: &wa::Message) -> Value {
    serde_json::to_value(message).map_or(Value::Null, pruned)
}

/// JSON of a protobuf message without what is absent, bytes as base64.
pub(crate) fn pruned(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut kept = Map::new();
            for (name, value) in fields {
                let value = pruned(value);
                let empty = match &value {
                    Value::Null => true,
                    Value::Array(items) => items.is_empty(),
                    Value::Object(fields) => fields.is_empty(),
                    _ => false,
                };
                if !empty {
                    kept.insert(name, value);
                }
            }
            Value::Object(kept)
        }
        Value::Array(items) => {
            let bytes: Option<Vec<u8>> =
                items.iter().map(|item| item.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect();
            match bytes {
                Some(bytes) if bytes.len() >= 8 => {
                    use base64::prelude::{BASE64_STANDARD, Engine as _};
                    Value::String(BASE64_STANDARD.encode(bytes))
                }
                _ => Value::Array(items.into_iter().map(pruned).collect()),
            }
        }
        other => other,
    }
}
