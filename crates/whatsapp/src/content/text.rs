//! Texts, and how the first link in them is shown.

use sparkbot_network::status::StatusLook;
use sparkbot_network::{LinkPreview, NetworkError};
use whatsapp_rust::buffa::{Enumeration, MessageField};
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::ExtendedTextMessage;
use whatsapp_rust::waproto::whatsapp::message::extended_text_message::{FontType, PreviewType};

/// Longest text that WhatsApp's own clients accept, in characters.
const LONGEST_TEXT: usize = 65_536;

pub(super) fn check(body: &str) -> Result<(), NetworkError> {
    if body.is_empty() {
        return Err(NetworkError::Invalid("the text is empty".to_owned()));
    }
    if body.chars().count() > LONGEST_TEXT {
        return Err(NetworkError::Invalid(format!("the text is longer than {LONGEST_TEXT} characters")));
    }
    Ok(())
}

pub(super) fn message(body: &str, preview: Option<&LinkPreview>) -> wa::Message {
    let Some(preview) = preview else {
        return wa::Message { conversation: Some(body.to_owned()), ..wa::Message::default() };
    };
    let text = ExtendedTextMessage {
        text: Some(body.to_owned()),
        matched_text: Some(preview.url.clone()),
        title: preview.title.clone(),
        description: preview.description.clone(),
        jpeg_thumbnail: preview.thumbnail.as_ref().map(|jpeg| jpeg.to_vec()),
        preview_type: Some(PreviewType::NONE),
        ..ExtendedTextMessage::default()
    };
    wa::Message { extended_text_message: MessageField::some(text), ..wa::Message::default() }
}

/// White, which is what WhatsApp's apps write in on their colours.
const WHITE: u32 = 0xffff_ffff;

/// The text of a status update.
pub(super) fn status(body: &str, look: StatusLook) -> wa::Message {
    let text = ExtendedTextMessage {
        text: Some(body.to_owned()),
        text_argb: Some(WHITE),
        background_argb: Some(look.background),
        font: FontType::from_i32(look.font),
        preview_type: Some(PreviewType::NONE),
        ..ExtendedTextMessage::default()
    };
    wa::Message { extended_text_message: MessageField::some(text), ..wa::Message::default() }
}
