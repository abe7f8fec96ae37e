//! What a message carries about its surroundings: the quoted one, people named
//! in it, whether it was forwarded.

use sparkbot_network::status::StatusLook;
use sparkbot_network::wid::Wid;
use sparkbot_network::{Flags, QuotedRef};
use whatsapp_rust::Server;
use whatsapp_rust::buffa::Enumeration;
use whatsapp_rust::types::message::MessageInfo;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::waproto::whatsapp as wa;

use super::{Arrival, body};
use crate::address;

/// Names of more people than that are not read.
const MENTIONS: usize = 1024;

/// All kinds that can carry a context.
macro_rules! with_context {
    ($first_of:ident) => {
        $first_of!(
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
            poll_creation_message_v6,
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
            album_message
        )
    };
}

/// The context of a message out of its wrappers.
pub(crate) fn of(base: &wa::Message) -> Option<&wa::ContextInfo> {
    macro_rules! first_of {
        ($($field:ident),+ $(,)?) => {
            $(if let Some(part) = base.$field.as_option() {
                return part.context_info.as_option();
            })+
        };
    }
    with_context!(first_of);
    None
}

/// As [`of`], to be changed.
pub(crate) fn of_mut(base: &mut wa::Message) -> Option<&mut wa::ContextInfo> {
    macro_rules! first_of {
        ($($field:ident),+ $(,)?) => {
            $(if base.$field.is_set() {
                return base.$field.as_option_mut()?.context_info.as_option_mut();
            })+
        };
    }
    with_context!(first_of);
    None
}

pub(super) async fn quoted(arrival: &Arrival<'_>, context: &wa::ContextInfo) -> Option<QuotedRef> {
    let id = context.stanza_id.clone().filter(|id| !id.is_empty())?;
    let author = match context.participant.as_deref() {
        Some(author) => address::person_named(arrival.client, author).await.map(|author| author.wid),
        None => None,
    };
    let message = context.quoted_message.as_option();
    Some(QuotedRef { id, author, body: message.and_then(|message| body::of(message.get_base_message())) })
}

pub(super) async fn mentions(arrival: &Arrival<'_>, context: &wa::ContextInfo) -> Vec<Wid> {
    let mut people = Vec::with_capacity(context.mentioned_jid.len().min(MENTIONS));
    for named in context.mentioned_jid.iter().take(MENTIONS) {
        if let Some(person) = address::person_named(arrival.client, named).await {
            people.push(person.wid);
        }
    }
    people
}

pub(crate) fn flags(message: &wa::Message, info: &MessageInfo) -> Flags {
    let chat = &info.source.chat;
    let base = message.get_base_message();
    Flags {
        forward_score: of(base).and_then(|context| context.forwarding_score).unwrap_or(0),
        forwarded: message.is_forwarded(),
        ephemeral_seconds: info
            .ephemeral_expiration
            .or_else(|| base.get_ephemeral_expiration())
            .filter(|seconds| *seconds > 0),
        view_once: message.is_view_once(),
        broadcast: info.source.broadcast_list_owner.is_some()
            || chat.server == Server::Broadcast && chat.user_base() != "status",
        look: (chat.server == Server::Broadcast && chat.user_base() == "status").then(|| look(base)).flatten(),
    }
}

/// How the text of a status update looks.
fn look(message: &wa::Message) -> Option<StatusLook> {
    let text = message.extended_text_message.as_option()?;
    let font = text.font.map_or(0, |font| font.to_i32());
    text.background_argb.map(|background| StatusLook { background, font })
}
