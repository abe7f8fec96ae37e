//! Texts and captions.

use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::buttons_response_message::Response;

/// Text or caption.
pub(super) fn of(base: &wa::Message) -> Option<String> {
    let buttons = base.buttons_response_message.as_option();
    let chosen = buttons.and_then(|reply| {
        let Response::SelectedDisplayText(text) = reply.response.as_ref()?;
        Some(text.as_str())
    });
    let found = base
        .text_content()
        .or_else(|| base.get_caption())
        .or_else(|| base.ptv_message.as_option()?.caption.as_deref())
        .or_else(|| base.live_location_message.as_option()?.caption.as_deref())
        .or_else(|| base.list_response_message.as_option()?.title.as_deref())
        .or(chosen)
        .or_else(|| base.template_button_reply_message.as_option()?.selected_display_text.as_deref())
        .or_else(|| base.interactive_response_message.as_option()?.body.as_option()?.text.as_deref())
        .or_else(|| base.interactive_message.as_option()?.body.as_option()?.text.as_deref())
        .or_else(|| base.list_message.as_option()?.description.as_deref())
        .or_else(|| base.buttons_message.as_option()?.content_text.as_deref())
        .or_else(|| base.group_invite_message.as_option()?.caption.as_deref())
        .or_else(|| base.product_message.as_option()?.body.as_deref())
        .or_else(|| base.order_message.as_option()?.message.as_deref());
    found.filter(|text| !text.is_empty()).map(str::to_owned)
}
