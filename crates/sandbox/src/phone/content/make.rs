//! Messages made of a few words of JSON, as a person would make them by hand.

use buffa::{Message as _, MessageField};
use serde_json::Value;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type as ProtocolType;

use super::make_menu::{buttons, choose, list, press, product};
use super::make_poll::{event, poll_of, respond, vote};

/// Why a message can't be made of what a control request says.
pub(crate) type Unmakeable = String;

/// The most options of a poll, and what a list or a row of buttons may hold.
const MAX_ITEMS: usize = 100;

/// A message of this phone that a new one is about.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) key: wa::MessageKey,
    /// The address of its author, as the key of a vote wants it.
    pub(crate) author: String,
    /// The own address, of the same kind.
    pub(crate) own: String,
    pub(crate) message: wa::Message,
}

/// The words of one kind.
pub(super) struct Words<'v> {
    pub(super) kind: &'v str,
    pub(super) value: &'v Value,
}

impl Words<'_> {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    pub(super) fn needed(&self, name: &str) -> Result<String, Unmakeable> {
        self.text(name).ok_or_else(|| format!("message.{}.{name} must be a string", self.kind))
    }

    pub(super) fn number(&self, name: &str) -> Result<f64, Unmakeable> {
        let number = self.value.get(name).and_then(Value::as_f64);
        number.ok_or_else(|| format!("message.{}.{name} must be a number", self.kind))
    }

    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        self.value.get(name).and_then(Value::as_i64)
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn list(&self, name: &str) -> Result<&Vec<Value>, Unmakeable> {
        let list = self.value.get(name).and_then(Value::as_array).filter(|list| list.len() <= MAX_ITEMS);
        list.ok_or_else(|| format!("message.{}.{name} must be a list of at most {MAX_ITEMS}", self.kind))
    }

    pub(super) fn strings(&self, name: &str) -> Result<Vec<String>, Unmakeable> {
        let strings: Option<Vec<String>> =
            self.list(name)?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        strings.ok_or_else(|| format!("message.{}.{name} must be a list of strings", self.kind))
    }

    pub(super) fn whole_string(&self) -> Result<String, Unmakeable> {
        self.value.as_str().map(str::to_owned).ok_or_else(|| format!("message.{} must be a string", self.kind))
    }
}

/// A message made of JSON such as `{"text":"hi"}` or `{"reaction":{…}}`; see
/// CONTROL.md for the kinds. `find` finds a message by id.
pub(crate) fn from_json(
    value: &Value,
    now_ms: u64,
    find: impl Fn(&str) -> Option<Target>,
) -> Result<wa::Message, Unmakeable> {
    let Value::Object(fields) = value else {
        return Err("message must be an object with one kind in it".to_owned());
    };
    let mut kinds = fields.iter();
    let (Some((kind, value)), None) = (kinds.next(), kinds.next()) else {
        return Err("message must have exactly one kind in it".to_owned());
    };
    let words = Words { kind, value };
    let target = || {
        let id = words.needed("id")?;
        find(&id).ok_or_else(|| format!("this phone has no message {id}"))
    };
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    match kind.as_str() {
        "text" | "conversation" => Ok(wa::Message { conversation: Some(words.whole_string()?), ..Default::default() }),
        "quote" => {
            let quoted = target()?;
            Ok(wa::Message {
                extended_text_message: MessageField::some(wa::message::ExtendedTextMessage {
                    text: Some(words.needed("text")?),
                    context_info: MessageField::some(quoting(&quoted)),
                    ..Default::default()
                }),
                ..Default::default()
            })
        }
        "preview" => Ok(wa::Message {
            extended_text_message: MessageField::some(wa::message::ExtendedTextMessage {
                text: Some(words.needed("text")?),
                matched_text: Some(words.needed("url")?),
                title: words.text("title"),
                description: words.text("description"),
                ..Default::default()
            }),
            ..Default::default()
        }),
        "reaction" => Ok(wa::Message {
            reaction_message: MessageField::some(wa::message::ReactionMessage {
                key: MessageField::some(target()?.key),
                text: Some(words.needed("emoji")?),
                sender_timestamp_ms: Some(now_ms),
                ..Default::default()
            }),
            ..Default::default()
        }),
        "edit" => {
            let target = target()?;
            let edited = edited(&target.message, words.needed("text")?);
            Ok(protocol(ProtocolType::MESSAGE_EDIT, target.key, Some(edited), now_ms))
        }
        "revoke" => Ok(protocol(ProtocolType::REVOKE, target()?.key, None, now_ms)),
        "location" => Ok(wa::Message { location_message: MessageField::some(location(&words)?), ..Default::default() }),
        "liveLocation" => Ok(wa::Message {
            live_location_message: MessageField::some(wa::message::LiveLocationMessage {
                degrees_latitude: Some(words.number("latitude")?),
                degrees_longitude: Some(words.number("longitude")?),
                caption: words.text("caption"),
                sequence_number: Some(words.whole("sequence").unwrap_or(1)),
                ..Default::default()
            }),
            ..Default::default()
        }),
        "contact" => Ok(wa::Message { contact_message: MessageField::some(contact(&words)?), ..Default::default() }),
        "contacts" => {
            let cards: Result<Vec<_>, _> =
                words.list("contacts")?.iter().map(|value| contact(&Words { kind, value })).collect();
            Ok(wa::Message {
                contacts_array_message: MessageField::some(wa::message::ContactsArrayMessage {
                    display_name: words.text("displayName"),
                    contacts: cards?,
                    ..Default::default()
                }),
                ..Default::default()
            })
        }
        "poll" => poll_of(&words),
        "vote" => vote(&words, &target()?, now_ms),
        "event" => event(&words),
        "respond" => respond(&words, &target()?, now_ms),
        "pin" | "unpin" => {
            use wa::message::pin_in_chat_message::Type;
            let seconds = words.whole("seconds").and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(604_800);
            Ok(wa::Message {
                pin_in_chat_message: MessageField::some(wa::message::PinInChatMessage {
                    key: MessageField::some(target()?.key),
                    r#type: Some(if kind == "pin" { Type::PIN_FOR_ALL } else { Type::UNPIN_FOR_ALL }),
                    sender_timestamp_ms: Some(now_ms),
                }),
                message_context_info: MessageField::some(wa::MessageContextInfo {
                    message_add_on_duration_in_secs: Some(if kind == "pin" { seconds } else { 0 }),
                    ..Default::default()
                }),
                ..Default::default()
            })
        }
        "keep" | "unkeep" => Ok(wa::Message {
            keep_in_chat_message: MessageField::some(wa::message::KeepInChatMessage {
                key: MessageField::some(target()?.key),
                keep_type: Some(if kind == "keep" {
                    wa::KeepType::KEEP_FOR_ALL
                } else {
                    wa::KeepType::UNDO_KEEP_FOR_ALL
                }),
                timestamp_ms: Some(now_ms),
            }),
            ..Default::default()
        }),
        "comment" => Ok(wa::Message {
            comment_message: MessageField::some(wa::message::CommentMessage {
                message: MessageField::some(wa::Message {
                    conversation: Some(words.needed("text")?),
                    ..Default::default()
                }),
                target_message_key: MessageField::some(target()?.key),
            }),
            ..Default::default()
        }),
        "buttons" => buttons(&words),
        "list" => list(&words),
        "press" => press(&words, &target()?),
        "choose" => choose(&words, &target()?),
        "product" => Ok(product(&words)?),
        "order" => Ok(wa::Message {
            order_message: MessageField::some(wa::message::OrderMessage {
                order_id: Some(words.needed("id")?),
                order_title: words.text("title"),
                message: words.text("message"),
                item_count: words.whole("items").and_then(|items| i32::try_from(items).ok()),
                total_amount1000: words.whole("total1000"),
                total_currency_code: words.text("currency"),
                token: words.text("token"),
                seller_jid: words.text("seller"),
                ..Default::default()
            }),
            ..Default::default()
        }),
        "album" => {
            let count = |name| words.whole(name).and_then(|count| u32::try_from(count).ok());
            Ok(wa::Message {
                album_message: MessageField::some(wa::message::AlbumMessage {
                    expected_image_count: count("images"),
                    expected_video_count: count("videos"),
                    ..Default::default()
                }),
                ..Default::default()
            })
        }
        "protobuf" => {
            use base64::prelude::{BASE64_STANDARD, Engine as _};
            let bytes = BASE64_STANDARD
                .decode(words.whole_string()?)
                .map_err(|_| "message.protobuf must be base64".to_owned())?;
            wa::Message::decode_from_slice(&bytes)
                .map_err(|error| format!("message.protobuf is not a WhatsApp message: {error}"))
        }
        other => Err(format!(
            "unknown message kind {other}; known are text, quote, preview, reaction, edit, revoke, location, liveLocation, \
             contact, contacts, poll, vote, event, respond, pin, unpin, keep, unkeep, comment, buttons, list, press, choose, \
             product, order, album and protobuf"
        )),
    }
}

/// What a quote says about the message it quotes.
pub(crate) fn quoting(quoted: &Target) -> wa::ContextInfo {
    wa::ContextInfo {
        stanza_id: quoted.key.id.clone(),
        participant: Some(quoted.author.clone()),
        quoted_message: MessageField::some(quoted.message.clone()),
        ..Default::default()
    }
}

fn edited(message: &wa::Message, text: String) -> wa::Message {
    let (inner, _) = super::unwrapped(message);
    let mut edited = wa::Message::default();
    if let Some(image) = inner.image_message.as_option() {
        edited.image_message = MessageField::some(wa::message::ImageMessage { caption: Some(text), ..image.clone() });
    } else if let Some(video) = inner.video_message.as_option() {
        edited.video_message = MessageField::some(wa::message::VideoMessage { caption: Some(text), ..video.clone() });
    } else if let Some(document) = inner.document_message.as_option() {
        edited.document_message =
            MessageField::some(wa::message::DocumentMessage { caption: Some(text), ..document.clone() });
    } else {
        edited.conversation = Some(text);
    }
    edited
}

pub(super) fn location(words: &Words<'_>) -> Result<wa::message::LocationMessage, Unmakeable> {
    Ok(wa::message::LocationMessage {
        degrees_latitude: Some(words.number("latitude")?),
        degrees_longitude: Some(words.number("longitude")?),
        name: words.text("name"),
        address: words.text("address"),
        ..Default::default()
    })
}

fn contact(words: &Words<'_>) -> Result<wa::message::ContactMessage, Unmakeable> {
    Ok(wa::message::ContactMessage {
        display_name: Some(words.needed("displayName")?),
        vcard: Some(words.needed("vcard")?),
        ..Default::default()
    })
}

fn protocol(kind: ProtocolType, key: wa::MessageKey, edited: Option<wa::Message>, now_ms: i64) -> wa::Message {
    wa::Message {
        protocol_message: MessageField::some(wa::message::ProtocolMessage {
            key: MessageField::some(key),
            r#type: Some(kind),
            edited_message: edited.map_or_else(MessageField::none, MessageField::some),
            timestamp_ms: Some(now_ms),
            ..Default::default()
        }),
        ..Default::default()
    }
}

#[cfg(test)]
#[path = "make_tests.rs"]
mod tests;
