//! What a received protobuf says, in the API's words.

use sparkbot_network::{Flags, QuotedRef};
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::wacore::types::message::MessageInfo;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::buttons_response_message::Response;
use whatsapp_rust::waproto::whatsapp::message::protocol_message::Type;
use whatsapp_rust::{Jid, waproto};

use crate::address;

/// Kind, text and reference of a message.
pub(crate) struct Reading {
    pub(crate) kind: &'static str,
    /// Text, caption, or the emoji of a reaction.
    pub(crate) body: Option<String>,
    /// The message that is answered, reacted to, edited, revoked or voted on.
    pub(crate) about: Option<QuotedRef>,
}

/// Reads a message; `None` for those between devices that people never see.
pub(crate) fn read(message: &wa::Message) -> Option<Reading> {
    if let Some(reading) = read_change(message) {
        return reading;
    }
    let base = message.get_base_message();
    let kind = kind(base)?;
    Some(Reading { kind, body: body(base), about: context(base).and_then(quoted) })
}

/// Messages that change another one. `Some(None)` when it is none of them and
/// nothing that people see either.
#[expect(clippy::option_option, reason = "not a change, and a change that nobody sees, are different answers")]
fn read_change(message: &wa::Message) -> Option<Option<Reading>> {
    let base = message.get_base_message();
    let change = |kind, body: Option<&str>, key: Option<&wa::MessageKey>| {
        Some(Some(Reading { kind, body: body.map(str::to_owned), about: key.and_then(target) }))
    };
    if let Some(protocol) = base.protocol_message.as_option() {
        let key = protocol.key.as_option();
        return match protocol.r#type {
            Some(Type::REVOKE) => change("revoke", None, key),
            Some(Type::MESSAGE_EDIT) => {
                let body = protocol.edited_message.as_option().and_then(|edited| body(edited.get_base_message()));
                change("edit", body.as_deref(), key)
            }
            Some(Type::EPHEMERAL_SETTING) => change("system", None, None),
            _ => Some(None),
        };
    }
    if let Some(reaction) = base.reaction_message.as_option() {
        // A reaction that is taken back comes with an empty text.
        let emoji = reaction.text.as_deref().filter(|emoji| !emoji.is_empty());
        return change("reaction", emoji, reaction.key.as_option());
    }
    if let Some(reaction) = base.enc_reaction_message.as_option() {
        return change("reaction", None, reaction.target_message_key.as_option());
    }
    if let Some(vote) = base.poll_update_message.as_option() {
        return change("poll_vote", None, vote.poll_creation_message_key.as_option());
    }
    if let Some(answer) = base.enc_event_response_message.as_option() {
        return change("event_response", None, answer.event_creation_message_key.as_option());
    }
    if let Some(pin) = base.pin_in_chat_message.as_option() {
        return change("pin", None, pin.key.as_option());
    }
    if let Some(keep) = base.keep_in_chat_message.as_option() {
        return change("keep", None, keep.key.as_option());
    }
    None
}

fn kind(base: &wa::Message) -> Option<&'static str> {
    let polls = [
        &base.poll_creation_message,
        &base.poll_creation_message_v2,
        &base.poll_creation_message_v3,
        &base.poll_creation_message_v5,
        &base.poll_creation_message_v6,
    ];
    let kinds = [
        (base.conversation.is_some() || base.extended_text_message.is_set(), "text"),
        (base.image_message.is_set(), "image"),
        (base.video_message.is_set() || base.ptv_message.is_set(), "video"),
        (base.audio_message.is_set(), "audio"),
        (base.document_message.is_set(), "document"),
        (base.sticker_message.is_set() || base.lottie_sticker_message.is_set(), "sticker"),
        (base.location_message.is_set() || base.live_location_message.is_set(), "location"),
        (base.contact_message.is_set() || base.contacts_array_message.is_set(), "contacts"),
        (polls.iter().any(|poll| poll.is_set()) || base.poll_creation_message_v4.is_set(), "poll"),
        (base.event_message.is_set(), "event"),
        (base.list_message.is_set(), "list"),
        (base.list_response_message.is_set(), "list_response"),
        (base.buttons_message.is_set(), "buttons"),
        (base.buttons_response_message.is_set() || base.template_button_reply_message.is_set(), "buttons_response"),
        (base.interactive_message.is_set(), "interactive"),
        (base.interactive_response_message.is_set(), "interactive_response"),
        (base.template_message.is_set() || base.highly_structured_message.is_set(), "template"),
        (base.product_message.is_set(), "product"),
        (base.order_message.is_set(), "order"),
        (base.group_invite_message.is_set(), "group_invite"),
        (base.album_message.is_set(), "album"),
        (base.comment_message.is_set() || base.enc_comment_message.is_set(), "comment"),
        (base.call.is_set() || base.call_log_messsage.is_set(), "call"),
        (
            base.send_payment_message.is_set()
                || base.request_payment_message.is_set()
                || base.payment_invite_message.is_set(),
            "payment",
        ),
    ];
    if let Some((_, kind)) = kinds.into_iter().find(|(is_set, _)| *is_set) {
        return Some(kind);
    }
    // Keys for a group are for the client; everything else is shown as
    // something that this version does not know, rather than lost.
    let only_keys =
        base.sender_key_distribution_message.is_set() || base.fast_ratchet_key_sender_key_distribution_message.is_set();
    let says_something = waproto::codec::message_encoded_len(base) > 0;
    (says_something && !only_keys).then_some("unknown")
}

/// Text or caption.
fn body(base: &wa::Message) -> Option<String> {
    let buttons = base.buttons_response_message.as_option();
    let chosen = buttons.and_then(|reply| {
        let Response::SelectedDisplayText(text) = reply.response.as_ref()?;
        Some(text.as_str())
    });
    let found = base
        .text_content()
        .or_else(|| base.get_caption())
        .or_else(|| base.live_location_message.as_option()?.caption.as_deref())
        .or_else(|| base.list_response_message.as_option()?.title.as_deref())
        .or(chosen)
        .or_else(|| base.template_button_reply_message.as_option()?.selected_display_text.as_deref())
        .or_else(|| base.interactive_response_message.as_option()?.body.as_option()?.text.as_deref())
        .or_else(|| base.interactive_message.as_option()?.body.as_option()?.text.as_deref())
        .or_else(|| base.list_message.as_option()?.description.as_deref())
        .or_else(|| base.buttons_message.as_option()?.content_text.as_deref())
        .or_else(|| base.group_invite_message.as_option()?.caption.as_deref())
        .or_else(|| base.order_message.as_option()?.message.as_deref());
    found.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What a message carries about its surroundings: the quoted message, whether
/// it was forwarded.
fn context(base: &wa::Message) -> Option<&wa::ContextInfo> {
    macro_rules! first_of {
        ($($field:ident),+ $(,)?) => {
            $(if let Some(part) = base.$field.as_option() {
                return part.context_info.as_option();
            })+
        };
    }
    first_of!(
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
        list_message,
        list_response_message,
        buttons_message,
        buttons_response_message,
        template_message,
        template_button_reply_message,
        interactive_message,
        interactive_response_message,
        product_message,
        order_message,
        group_invite_message,
    );
    None
}

fn quoted(context: &wa::ContextInfo) -> Option<QuotedRef> {
    let id = context.stanza_id.clone().filter(|id| !id.is_empty())?;
    let author = context.participant.as_deref().and_then(|author| author.parse::<Jid>().ok());
    let message = context.quoted_message.as_option();
    Some(QuotedRef {
        id,
        author: author.and_then(|author| address::wid(&author)),
        body: message.and_then(|message| body(message.get_base_message())),
    })
}

fn target(key: &wa::MessageKey) -> Option<QuotedRef> {
    let author = key.participant.as_deref().and_then(|author| author.parse::<Jid>().ok());
    Some(QuotedRef {
        id: key.id.clone().filter(|id| !id.is_empty())?,
        author: author.and_then(|author| address::wid(&author)),
        body: None,
    })
}

pub(crate) fn flags(message: &wa::Message, info: &MessageInfo) -> Flags {
    let chat = &info.source.chat;
    Flags {
        forward_score: 0,
        forwarded: message.is_forwarded(),
        ephemeral_seconds: info
            .ephemeral_expiration
            .or_else(|| message.get_base_message().get_ephemeral_expiration())
            .filter(|seconds| *seconds > 0),
        view_once: message.is_view_once(),
        broadcast: info.source.broadcast_list_owner.is_some()
            || chat.server == whatsapp_rust::Server::Broadcast && chat.user_base() != "status",
    }
}
