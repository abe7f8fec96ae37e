//! Messages made of a few words of JSON, as a person would make them by hand.

use buffa::{Message as _, MessageField};
use serde_json::Value;
use wacore::poll::{compute_option_hash, encrypt_poll_vote_with_secret};
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type as ProtocolType;

use super::{poll, secret};

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
struct Words<'v> {
    kind: &'v str,
    value: &'v Value,
}

impl Words<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.value.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    fn needed(&self, name: &str) -> Result<String, Unmakeable> {
        self.text(name).ok_or_else(|| format!("message.{}.{name} must be a string", self.kind))
    }

    fn number(&self, name: &str) -> Result<f64, Unmakeable> {
        let number = self.value.get(name).and_then(Value::as_f64);
        number.ok_or_else(|| format!("message.{}.{name} must be a number", self.kind))
    }

    fn whole(&self, name: &str) -> Option<i64> {
        self.value.get(name).and_then(Value::as_i64)
    }

    fn is(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn list(&self, name: &str) -> Result<&Vec<Value>, Unmakeable> {
        let list = self.value.get(name).and_then(Value::as_array).filter(|list| list.len() <= MAX_ITEMS);
        list.ok_or_else(|| format!("message.{}.{name} must be a list of at most {MAX_ITEMS}", self.kind))
    }

    fn strings(&self, name: &str) -> Result<Vec<String>, Unmakeable> {
        let strings: Option<Vec<String>> =
            self.list(name)?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        strings.ok_or_else(|| format!("message.{}.{name} must be a list of strings", self.kind))
    }

    fn whole_string(&self) -> Result<String, Unmakeable> {
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

fn location(words: &Words<'_>) -> Result<wa::message::LocationMessage, Unmakeable> {
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

fn poll_of(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    let options = words.strings("options")?;
    let selectable = words.whole("selectable").and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
    let mut distinct = options.clone();
    distinct.sort();
    distinct.dedup();
    if options.len() < 2 || distinct.len() != options.len() || selectable as usize > options.len() {
        return Err("message.poll needs two or more different options, and selectable at most as many".to_owned());
    }
    let option = |name: &String| wa::message::poll_creation_message::Option {
        option_name: Some(name.clone()),
        ..Default::default()
    };
    let question = MessageField::some(wa::message::PollCreationMessage {
        name: Some(words.needed("name")?),
        options: options.iter().map(option).collect(),
        selectable_options_count: Some(selectable),
        allow_add_option: words.is("mayAdd").then_some(true),
        ..Default::default()
    });
    // As WhatsApp's apps do: a field of its own for one choice only.
    Ok(if selectable == 1 {
        wa::Message { poll_creation_message_v3: question, ..Default::default() }
    } else {
        wa::Message { poll_creation_message: question, ..Default::default() }
    })
}

fn vote(words: &Words<'_>, target: &Target, now_ms: i64) -> Result<wa::Message, Unmakeable> {
    let asked = poll(&target.message).ok_or("message.vote.id is not a poll")?;
    let secret = secret(&target.message).ok_or("the poll has no secret to seal votes with")?;
    let names = words.strings("options")?;
    if let Some(unknown) =
        names.iter().find(|name| !asked.options.iter().any(|option| option.option_name.as_ref() == Some(name)))
    {
        return Err(format!("the poll has no option {unknown}"));
    }
    let hashes: Vec<Vec<u8>> = names.iter().map(|name| compute_option_hash(name).to_vec()).collect();
    let id = target.key.id.as_deref().unwrap_or_default();
    let (payload, iv) = encrypt_poll_vote_with_secret(&hashes, secret, id, &target.author, &target.own)
        .map_err(|error| error.to_string())?;
    Ok(wa::Message {
        poll_update_message: MessageField::some(wa::message::PollUpdateMessage {
            poll_creation_message_key: MessageField::some(target.key.clone()),
            vote: MessageField::some(wa::message::PollEncValue {
                enc_payload: Some(payload),
                enc_iv: Some(iv.to_vec()),
            }),
            sender_timestamp_ms: Some(now_ms),
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn event(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    let place = match words.value.get("location") {
        Some(value) => MessageField::some(location(&Words { kind: "event.location", value })?),
        None => MessageField::none(),
    };
    Ok(wa::Message {
        event_message: MessageField::some(wa::message::EventMessage {
            name: Some(words.needed("name")?),
            description: words.text("description"),
            location: place,
            join_link: words.text("joinLink"),
            start_time: words.whole("startTime"),
            end_time: words.whole("endTime"),
            is_canceled: Some(words.is("canceled")),
            extra_guests_allowed: words.is("guests").then_some(true),
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn respond(words: &Words<'_>, target: &Target, now_ms: i64) -> Result<wa::Message, Unmakeable> {
    use wa::message::event_response_message::EventResponseType;
    let secret = secret(&target.message).ok_or("the event has no secret to seal answers with")?;
    let response = match words.needed("answer")?.as_str() {
        "going" => EventResponseType::GOING,
        "not_going" => EventResponseType::NOT_GOING,
        "maybe" => EventResponseType::MAYBE,
        other => return Err(format!("message.respond.answer is going, not_going or maybe, not {other}")),
    };
    let response = wa::message::EventResponseMessage {
        response: Some(response),
        timestamp_ms: Some(now_ms),
        extra_guest_count: words.whole("guests").and_then(|guests| i32::try_from(guests).ok()),
    };
    let id = target.key.id.as_deref().unwrap_or_default();
    let (payload, iv) =
        wacore::event::encrypt_event_response_with_secret(&response, secret, id, &target.author, &target.own)
            .map_err(|error| error.to_string())?;
    Ok(wa::Message {
        enc_event_response_message: MessageField::some(wa::message::EncEventResponseMessage {
            event_creation_message_key: MessageField::some(target.key.clone()),
            enc_payload: Some(payload),
            enc_iv: Some(iv.to_vec()),
        }),
        ..Default::default()
    })
}

fn buttons(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    use wa::message::buttons_message::{Button, HeaderType, button};
    let of = |value: &Value| {
        let words = Words { kind: "buttons.buttons", value };
        Ok(Button {
            button_id: Some(words.needed("id")?),
            button_text: MessageField::some(button::ButtonText { display_text: Some(words.needed("text")?) }),
            r#type: Some(button::Type::RESPONSE),
            ..Default::default()
        })
    };
    let buttons: Result<Vec<_>, Unmakeable> = words.list("buttons")?.iter().map(of).collect();
    Ok(wa::Message {
        buttons_message: MessageField::some(wa::message::ButtonsMessage {
            content_text: Some(words.needed("text")?),
            footer_text: words.text("footer"),
            header_type: Some(HeaderType::EMPTY),
            buttons: buttons?,
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn list(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    use wa::message::list_message::{ListType, Row, Section};
    let row = |value: &Value| {
        let words = Words { kind: "list.sections.rows", value };
        Ok(Row {
            row_id: Some(words.needed("id")?),
            title: Some(words.needed("title")?),
            description: words.text("description"),
        })
    };
    let section = |value: &Value| {
        let words = Words { kind: "list.sections", value };
        let rows: Result<Vec<_>, Unmakeable> = words.list("rows")?.iter().map(row).collect();
        Ok(Section { title: words.text("title"), rows: rows? })
    };
    let sections: Result<Vec<_>, Unmakeable> = words.list("sections")?.iter().map(section).collect();
    Ok(wa::Message {
        list_message: MessageField::some(wa::message::ListMessage {
            title: words.text("title"),
            description: Some(words.needed("text")?),
            button_text: Some(words.needed("button")?),
            footer_text: words.text("footer"),
            list_type: Some(ListType::SINGLE_SELECT),
            sections: sections?,
            ..Default::default()
        }),
        ..Default::default()
    })
}

/// A button of a message is pressed.
fn press(words: &Words<'_>, target: &Target) -> Result<wa::Message, Unmakeable> {
    use wa::message::buttons_response_message::{Response, Type};
    let wanted = words.needed("button")?;
    let (inner, _) = super::unwrapped(&target.message);
    let button = inner
        .buttons_message
        .as_option()
        .and_then(|buttons| buttons.buttons.iter().find(|button| button.button_id.as_deref() == Some(&wanted)))
        .ok_or_else(|| format!("the message has no button {wanted}"))?;
    let text = button.button_text.as_option().and_then(|text| text.display_text.clone()).unwrap_or_default();
    Ok(wa::Message {
        buttons_response_message: MessageField::some(wa::message::ButtonsResponseMessage {
            selected_button_id: Some(wanted),
            context_info: MessageField::some(quoting(target)),
            r#type: Some(Type::DISPLAY_TEXT),
            response: Some(Response::SelectedDisplayText(text)),
        }),
        ..Default::default()
    })
}

/// A row of a list is chosen.
fn choose(words: &Words<'_>, target: &Target) -> Result<wa::Message, Unmakeable> {
    use wa::message::list_response_message::{ListType, SingleSelectReply};
    let wanted = words.needed("row")?;
    let (inner, _) = super::unwrapped(&target.message);
    let sections = inner.list_message.as_option().map(|list| list.sections.as_slice()).unwrap_or_default();
    let row = sections
        .iter()
        .flat_map(|section| &section.rows)
        .find(|row| row.row_id.as_deref() == Some(&wanted))
        .ok_or_else(|| format!("the message has no row {wanted}"))?;
    Ok(wa::Message {
        list_response_message: MessageField::some(wa::message::ListResponseMessage {
            title: row.title.clone(),
            description: row.description.clone(),
            list_type: Some(ListType::SINGLE_SELECT),
            single_select_reply: MessageField::some(SingleSelectReply { selected_row_id: Some(wanted) }),
            context_info: MessageField::some(quoting(target)),
        }),
        ..Default::default()
    })
}

fn product(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    Ok(wa::Message {
        product_message: MessageField::some(wa::message::ProductMessage {
            product: MessageField::some(wa::message::product_message::ProductSnapshot {
                product_id: Some(words.needed("id")?),
                title: Some(words.needed("title")?),
                description: words.text("description"),
                currency_code: words.text("currency"),
                price_amount1000: words.whole("price1000"),
                retailer_id: words.text("retailerId"),
                url: words.text("url"),
                ..Default::default()
            }),
            business_owner_jid: words.text("seller"),
            body: words.text("body"),
            ..Default::default()
        }),
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
mod tests {
    use serde_json::json;

    use super::super::seen;
    use super::*;

    fn find(id: &str) -> Option<Target> {
        let message = wa::Message {
            poll_creation_message: MessageField::some(wa::message::PollCreationMessage {
                options: vec![wa::message::poll_creation_message::Option {
                    option_name: Some("tea".to_owned()),
                    ..Default::default()
                }],
                ..Default::default()
            }),
            message_context_info: MessageField::some(wa::MessageContextInfo {
                message_secret: Some(vec![7; 32]),
                ..Default::default()
            }),
            ..Default::default()
        };
        (id == "ABC").then(|| Target {
            key: wa::MessageKey { id: Some(id.to_owned()), ..Default::default() },
            author: "1@lid".to_owned(),
            own: "2@lid".to_owned(),
            message,
        })
    }

    #[test]
    fn makes_and_sees_each_kind() {
        let event = json!({"event": {"name": "Lunch", "startTime": 1}});
        let list =
            json!({"list": {"text": "Pick", "button": "Open", "sections": [{"rows": [{"id": "r", "title": "R"}]}]}});
        for (json, kind, text, target) in [
            (json!({"text": "hi"}), "text", Some("hi"), None),
            (json!({"quote": {"id": "ABC", "text": "yes"}}), "text", Some("yes"), Some("ABC")),
            (
                json!({"preview": {"text": "see https://a.b", "url": "https://a.b"}}),
                "text",
                Some("see https://a.b"),
                None,
            ),
            (json!({"reaction": {"id": "ABC", "emoji": "👍"}}), "reaction", Some("👍"), Some("ABC")),
            (json!({"edit": {"id": "ABC", "text": "new"}}), "edit", Some("new"), Some("ABC")),
            (json!({"revoke": {"id": "ABC"}}), "revoke", None, Some("ABC")),
            (json!({"location": {"latitude": 52.5, "longitude": 13.4}}), "location", Some("52.5,13.4"), None),
            (json!({"liveLocation": {"latitude": 52.5, "longitude": 13.4}}), "live_location", Some("52.5,13.4"), None),
            (json!({"contact": {"displayName": "Ana", "vcard": "BEGIN:VCARD"}}), "contact", Some("Ana"), None),
            (
                json!({"contacts": {"displayName": "2", "contacts": [{"displayName": "A", "vcard": "B"}]}}),
                "contacts_array",
                Some("2"),
                None,
            ),
            (json!({"poll": {"name": "?", "options": ["a", "b"]}}), "poll_creation", Some("?"), None),
            (json!({"poll": {"name": "?", "options": ["a", "b"], "selectable": 1}}), "poll_creation", Some("?"), None),
            (json!({"vote": {"id": "ABC", "options": ["tea"]}}), "poll_update", None, Some("ABC")),
            (event, "event", Some("Lunch"), None),
            (json!({"respond": {"id": "ABC", "answer": "going"}}), "enc_event_response", None, Some("ABC")),
            (json!({"pin": {"id": "ABC"}}), "pin_in_chat", None, Some("ABC")),
            (json!({"keep": {"id": "ABC"}}), "keep_in_chat", None, Some("ABC")),
            (json!({"comment": {"id": "ABC", "text": "so"}}), "comment", Some("so"), Some("ABC")),
            (
                json!({"buttons": {"text": "Go?", "buttons": [{"id": "y", "text": "Yes"}]}}),
                "buttons",
                Some("Go?"),
                None,
            ),
            (list, "list", Some("Pick"), None),
            (json!({"product": {"id": "p", "title": "Cup"}}), "product", Some("Cup"), None),
            (json!({"order": {"id": "o", "title": "Two cups"}}), "order", Some("Two cups"), None),
            (json!({"album": {"images": 2}}), "album", None, None),
        ] {
            let message = from_json(&json, 0, find).unwrap();
            let seen = seen(&message).unwrap_or_else(|| panic!("{json} shows nothing"));
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
            (json!({"poll": {"name": "?", "options": ["a", "a"]}}), "different options"),
            (json!({"vote": {"id": "ABC", "options": ["beer"]}}), "no option beer"),
            (json!({"respond": {"id": "ABC", "answer": "no"}}), "going, not_going or maybe"),
            (json!({"press": {"id": "ABC", "button": "y"}}), "no button y"),
            (json!({"choose": {"id": "ABC", "row": "r"}}), "no row r"),
        ] {
            let error = from_json(&json, 0, find).unwrap_err();
            assert!(error.contains(part), "{json}: {error}");
        }
    }
}
