//! Kinds of messages, in the API's words.

use whatsapp_rust::waproto;
use whatsapp_rust::waproto::whatsapp as wa;

use super::poll;

/// `None` for what only clients see.
pub(super) fn of(base: &wa::Message) -> Option<&'static str> {
    let kinds = [
        (base.conversation.is_some() || base.extended_text_message.is_set(), "text"),
        (base.image_message.is_set(), "image"),
        (base.video_message.is_set() || base.ptv_message.is_set(), "video"),
        (base.audio_message.is_set(), "audio"),
        (base.document_message.is_set(), "document"),
        (base.sticker_message.is_set() || base.lottie_sticker_message.is_set(), "sticker"),
        (base.location_message.is_set() || base.live_location_message.is_set(), "location"),
        (base.contact_message.is_set() || base.contacts_array_message.is_set(), "contacts"),
        (poll::creation(base).is_some() || base.poll_creation_message_v4.is_set(), "poll"),
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
