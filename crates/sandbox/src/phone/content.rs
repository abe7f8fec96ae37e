//! What a decrypted message is, and messages made of a few words.

use buffa::{Message as _, MessageField};
use serde_json::{Map, Value};
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type as ProtocolType;

/// What is shown of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    /// The id it edits, revokes, reacts to or quotes.
    pub(crate) target: Option<String>,
}

/// The content inside wrappers such as view-once and ephemeral.
fn unwrapped(message: &wa::Message) -> (&wa::Message, Option<&'static str>) {
    let wrappers = [
        (&message.view_once_message, "view_once"),
        (&message.view_once_message_v2, "view_once"),
        (&message.view_once_message_v2_extension, "view_once"),
        (&message.ephemeral_message, "ephemeral"),
        (&message.document_with_caption_message, "document"),
        (&message.edited_message, "edit"),
    ];
    for (wrapper, name) in wrappers {
        if let Some(inner) = wrapper.as_option().and_then(|wrapper| wrapper.message.as_option()) {
            return (inner, Some(name));
        }
    }
    (message, None)
}

/// What a person sees of a message; `None` for one that shows nothing (keys,
/// settings between devices).
pub(crate) fn seen(message: &wa::Message) -> Option<Seen> {
    let (inner, wrapper) = unwrapped(message);
    let simple =
        |kind: &str, text: Option<String>, target: Option<String>| Some(Seen { kind: kind.to_owned(), text, target });
    if let Some(text) = &inner.conversation
        && !text.is_empty()
    {
        return simple("text", Some(text.clone()), None);
    }
    if let Some(text) = inner.extended_text_message.as_option() {
        let quoted = text.context_info.as_option().and_then(|context| context.stanza_id.clone());
        return simple("text", text.text.clone(), quoted);
    }
    if let Some(reaction) = inner.reaction_message.as_option() {
        return simple("reaction", reaction.text.clone(), reaction.key.as_option().and_then(|key| key.id.clone()));
    }
    if let Some(protocol) = inner.protocol_message.as_option() {
        let target = protocol.key.as_option().and_then(|key| key.id.clone());
        return match protocol.r#type {
            Some(ProtocolType::REVOKE) => simple("revoke", None, target),
            Some(ProtocolType::MESSAGE_EDIT) => {
                let text = protocol.edited_message.as_option().and_then(seen).and_then(|seen| seen.text);
                simple("edit", text, target)
            }
            Some(ProtocolType::EPHEMERAL_SETTING) => {
                simple("ephemeral_setting", protocol.ephemeral_expiration.map(|seconds| seconds.to_string()), None)
            }
            _ => None,
        };
    }
    // Everything else is named after its protobuf field.
    let Value::Object(fields) = serde_json::to_value(inner).ok()? else {
        return None;
    };
    let (name, value) = fields.into_iter().find(|(name, value)| {
        value.is_object() && name != "message_context_info" && name != "sender_key_distribution_message"
    })?;
    let kind =
        name.strip_suffix("_message").or_else(|| name.split_once("_message_v").map(|(kind, _)| kind)).unwrap_or(&name);
    let text =
        ["caption", "text", "title", "name", "display_name", "content_text", "selected_display_text", "description"]
            .into_iter()
            .find_map(|field| value.get(field)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
            .or_else(|| Some(format!("{},{}", value.get("degrees_latitude")?, value.get("degrees_longitude")?)));
    let kind = if wrapper == Some("view_once") { format!("view_once_{kind}") } else { kind.to_owned() };
    let target = value.pointer("/context_info/stanza_id").and_then(Value::as_str).map(str::to_owned);
    Some(Seen { kind, text, target })
}

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

/// Why a message can't be made of what a control request says.
pub(crate) type Unmakeable = String;

/// A message made of JSON such as `{"text":"hi"}` or `{"reaction":{…}}`; see
/// CONTROL.md for the kinds. `key` finds the key of a message by id.
pub(crate) fn from_json(
    value: &Value,
    key: impl Fn(&str) -> Option<wa::MessageKey>,
) -> Result<wa::Message, Unmakeable> {
    let Value::Object(fields) = value else {
        return Err("message must be an object with one kind in it".to_owned());
    };
    let mut kinds = fields.iter();
    let (Some((kind, value)), None) = (kinds.next(), kinds.next()) else {
        return Err("message must have exactly one kind in it".to_owned());
    };
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let needed = |name: &str| text(name).ok_or_else(|| format!("message.{kind}.{name} must be a string"));
    let number = |name: &str| {
        value.get(name).and_then(Value::as_f64).ok_or_else(|| format!("message.{kind}.{name} must be a number"))
    };
    let target = |name: &str| {
        let id = needed(name)?;
        key(&id).ok_or_else(|| format!("this phone has no message {id}"))
    };
    let whole = || value.as_str().map(str::to_owned).ok_or_else(|| format!("message.{kind} must be a string"));
    let message = match kind.as_str() {
        "text" | "conversation" => wa::Message { conversation: Some(whole()?), ..Default::default() },
        "quote" => {
            let quoted = target("id")?;
            wa::Message {
                extended_text_message: MessageField::some(wa::message::ExtendedTextMessage {
                    text: Some(needed("text")?),
                    context_info: MessageField::some(wa::ContextInfo {
                        stanza_id: quoted.id,
                        participant: quoted.participant.or(quoted.remote_jid),
                        ..Default::default()
                    }),
                    ..Default::default()
                }),
                ..Default::default()
            }
        }
        "reaction" => wa::Message {
            reaction_message: MessageField::some(wa::message::ReactionMessage {
                key: MessageField::some(target("id")?),
                text: Some(needed("emoji")?),
                ..Default::default()
            }),
            ..Default::default()
        },
        "edit" => {
            let edited = wa::Message { conversation: Some(needed("text")?), ..Default::default() };
            protocol(ProtocolType::MESSAGE_EDIT, target("id")?, Some(edited))
        }
        "revoke" => protocol(ProtocolType::REVOKE, target("id")?, None),
        "location" => wa::Message {
            location_message: MessageField::some(wa::message::LocationMessage {
                degrees_latitude: Some(number("latitude")?),
                degrees_longitude: Some(number("longitude")?),
                name: text("name"),
                address: text("address"),
                ..Default::default()
            }),
            ..Default::default()
        },
        "contact" => wa::Message {
            contact_message: MessageField::some(wa::message::ContactMessage {
                display_name: Some(needed("displayName")?),
                vcard: Some(needed("vcard")?),
                ..Default::default()
            }),
            ..Default::default()
        },
        "protobuf" => {
            use base64::prelude::{BASE64_STANDARD, Engine as _};
            let bytes = BASE64_STANDARD.decode(whole()?).map_err(|_| "message.protobuf must be base64".to_owned())?;
            wa::Message::decode_from_slice(&bytes)
                .map_err(|error| format!("message.protobuf is not a WhatsApp message: {error}"))?
        }
        other => {
            return Err(format!(
                "unknown message kind {other}; known are text, quote, reaction, edit, revoke, location, contact and protobuf"
            ));
        }
    };
    Ok(message)
}

fn protocol(kind: ProtocolType, key: wa::MessageKey, edited: Option<wa::Message>) -> wa::Message {
    wa::Message {
        protocol_message: MessageField::some(wa::message::ProtocolMessage {
            key: MessageField::some(key),
            r#type: Some(kind),
            edited_message: edited.map_or_else(MessageField::none, MessageField::some),
            ..Default::default()
        }),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(id: &str) -> Option<wa::MessageKey> {
        (id == "ABC").then(|| wa::MessageKey { id: Some(id.to_owned()), ..Default::default() })
    }

    #[test]
    fn makes_and_sees_the_plain_kinds() {
        for (json, kind, text, target) in [
            (json!({"text": "hi"}), "text", Some("hi"), None),
            (json!({"quote": {"id": "ABC", "text": "yes"}}), "text", Some("yes"), Some("ABC")),
            (json!({"reaction": {"id": "ABC", "emoji": "👍"}}), "reaction", Some("👍"), Some("ABC")),
            (json!({"edit": {"id": "ABC", "text": "new"}}), "edit", Some("new"), Some("ABC")),
            (json!({"revoke": {"id": "ABC"}}), "revoke", None, Some("ABC")),
            (json!({"location": {"latitude": 52.5, "longitude": 13.4}}), "location", Some("52.5,13.4"), None),
            (json!({"contact": {"displayName": "Ana", "vcard": "BEGIN:VCARD"}}), "contact", Some("Ana"), None),
        ] {
            let message = from_json(&json, key).unwrap();
            let seen = seen(&message).unwrap();
            assert_eq!(
                (seen.kind.as_str(), seen.text.as_deref(), seen.target.as_deref()),
                (kind, text, target),
                "{json}"
            );
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_message() {
        for (json, part) in [
            (json!("hi"), "object"),
            (json!({}), "exactly one"),
            (json!({"text": 1}), "must be a string"),
            (json!({"reaction": {"id": "XYZ", "emoji": "x"}}), "no message XYZ"),
            (json!({"dance": {}}), "unknown message kind dance"),
            (json!({"protobuf": "%%"}), "base64"),
        ] {
            let error = from_json(&json, key).unwrap_err();
            assert!(error.contains(part), "{json}: {error}");
        }
    }
}
