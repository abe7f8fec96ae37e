//! What a decrypted message is to the person who reads it.

pub(crate) mod aim;
pub(crate) mod file;
pub(crate) mod json;
pub(crate) mod make;
pub(crate) mod make_file;
mod make_menu;
mod make_poll;

use serde_json::Value;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type as ProtocolType;

pub(crate) use json::{pruned, to_json};

/// What is shown of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    /// The id it edits, revokes, reacts to or quotes.
    pub(crate) target: Option<String>,
}

/// Something a message may be wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapper {
    ViewOnce,
    Ephemeral,
    Other,
}

/// The content inside wrappers, and the wrappers.
pub(crate) fn unwrapped(message: &wa::Message) -> (&wa::Message, Vec<Wrapper>) {
    /// More than any client nests.
    const DEEPEST: usize = 4;
    let mut inner = message;
    let mut around = Vec::new();
    for _ in 0..DEEPEST {
        let wrappers = [
            (&inner.view_once_message, Wrapper::ViewOnce),
            (&inner.view_once_message_v2, Wrapper::ViewOnce),
            (&inner.view_once_message_v2_extension, Wrapper::ViewOnce),
            (&inner.ephemeral_message, Wrapper::Ephemeral),
            (&inner.document_with_caption_message, Wrapper::Other),
            (&inner.edited_message, Wrapper::Other),
            (&inner.associated_child_message, Wrapper::Other),
            (&inner.poll_creation_message_v4, Wrapper::Other),
            (&inner.lottie_sticker_message, Wrapper::Other),
            (&inner.group_mentioned_message, Wrapper::Other),
        ];
        let found = wrappers.into_iter().find_map(|(wrapper, name)| {
            Some((wrapper.as_option().and_then(|wrapper| wrapper.message.as_option())?, name))
        });
        let Some((next, name)) = found else {
            break;
        };
        inner = next;
        around.push(name);
    }
    (inner, around)
}

/// Calls a macro with the kinds of message that can say something of
/// themselves: what they quote, whom they mention, when they end.
macro_rules! kinds_with_context {
    ($use:ident) => {
        $use!(
            extended_text_message,
            image_message,
            video_message,
            ptv_message,
            audio_message,
            document_message,
            sticker_message,
            location_message,
            live_location_message,
            contact_message,
            contacts_array_message,
            poll_creation_message,
            poll_creation_message_v2,
            poll_creation_message_v3,
            poll_creation_message_v5,
            event_message,
            product_message,
            order_message,
            buttons_message,
            list_message,
            buttons_response_message,
            list_response_message,
            template_button_reply_message,
            group_invite_message,
            album_message,
        )
    };
}
use kinds_with_context;

/// What a message says about itself: quoted, forwarded, mentions, its end.
pub(crate) fn context(message: &wa::Message) -> Option<&wa::ContextInfo> {
    let (message, _) = unwrapped(message);
    macro_rules! first {
        ($($field:ident),* $(,)?) => {
            $(if let Some(part) = message.$field.as_option() {
                return part.context_info.as_option();
            })*
        };
    }
    kinds_with_context!(first);
    None
}

/// The question of a poll, in any of its versions.
pub(crate) fn poll(message: &wa::Message) -> Option<&wa::message::PollCreationMessage> {
    let (message, _) = unwrapped(message);
    [
        &message.poll_creation_message,
        &message.poll_creation_message_v2,
        &message.poll_creation_message_v3,
        &message.poll_creation_message_v5,
    ]
    .into_iter()
    .find_map(|poll| poll.as_option())
}

/// The secret with which others seal votes, answers and edits for a message.
pub(crate) fn secret(message: &wa::Message) -> Option<&[u8]> {
    let (inner, _) = unwrapped(message);
    [message, inner].into_iter().find_map(|message| message.message_context_info.as_option()?.message_secret.as_deref())
}

/// Whether a message may be looked at only once.
pub(crate) fn is_view_once(message: &wa::Message) -> bool {
    let (inner, around) = unwrapped(message);
    let marked = [
        inner.image_message.as_option().and_then(|image| image.view_once),
        inner.video_message.as_option().and_then(|video| video.view_once),
        inner.audio_message.as_option().and_then(|audio| audio.view_once),
    ];
    around.contains(&Wrapper::ViewOnce) || marked.contains(&Some(true))
}

/// What a person sees of a message; `None` for one that shows nothing (keys,
/// settings between devices).
pub(crate) fn seen(message: &wa::Message) -> Option<Seen> {
    let (inner, _) = unwrapped(message);
    let simple =
        |kind: &str, text: Option<String>, target: Option<String>| Some(Seen { kind: kind.to_owned(), text, target });
    if let Some(text) = &inner.conversation
        && !text.is_empty()
    {
        return simple("text", Some(text.clone()), None);
    }
    let quoted = context(inner).and_then(|context| context.stanza_id.clone());
    if let Some(text) = inner.extended_text_message.as_option() {
        return simple("text", text.text.clone(), quoted);
    }
    if let Some(reaction) = inner.reaction_message.as_option() {
        return simple("reaction", reaction.text.clone(), reaction.key.as_option().and_then(|key| key.id.clone()));
    }
    if let Some(comment) = inner.comment_message.as_option() {
        let text = comment.message.as_option().and_then(seen).and_then(|seen| seen.text);
        return simple("comment", text, comment.target_message_key.as_option().and_then(|key| key.id.clone()));
    }
    if let Some(pressed) = inner.buttons_response_message.as_option() {
        use wa::message::buttons_response_message::Response;
        let text = pressed.response.as_ref().map(|Response::SelectedDisplayText(text)| text.clone());
        return simple("buttons_response", text, quoted);
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
    named_after_field(message, inner, quoted)
}

/// Everything else is named after its protobuf field.
fn named_after_field(message: &wa::Message, inner: &wa::Message, quoted: Option<String>) -> Option<Seen> {
    let Value::Object(fields) = serde_json::to_value(inner).ok()? else {
        return None;
    };
    let (name, value) = fields.into_iter().find(|(name, value)| {
        value.is_object() && name != "message_context_info" && name != "sender_key_distribution_message"
    })?;
    let kind =
        name.strip_suffix("_message").or_else(|| name.split_once("_message_v").map(|(kind, _)| kind)).unwrap_or(&name);
    let text = [
        "caption",
        "text",
        "title",
        "name",
        "display_name",
        "content_text",
        "selected_display_text",
        "order_title",
        "group_name",
        "description",
    ]
    .into_iter()
    .find_map(|field| value.get(field)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
    .or_else(|| value.pointer("/product/title")?.as_str().map(str::to_owned))
    .or_else(|| Some(format!("{},{}", value.get("degrees_latitude")?, value.get("degrees_longitude")?)));
    let kind = if is_view_once(message) { format!("view_once_{kind}") } else { kind.to_owned() };
    let target = quoted.or_else(|| aim::of(inner).and_then(|aim| aim.key().id.clone()));
    Some(Seen { kind, text, target })
}
