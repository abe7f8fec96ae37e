//! New texts and captions for messages of one's own.

use sparkbot_network::wid::Wid;
use sparkbot_network::{NetworkError, Target};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::ProtocolMessage;
use whatsapp_rust::waproto::whatsapp::message::protocol_message::Type;

use super::conversation::Conversation;
use super::stored;

pub(super) async fn message(
    to: &Conversation<'_>,
    of: &Target,
    raw: Option<&[u8]>,
    body: &str,
    mentions: &[Wid],
) -> Result<wa::Message, NetworkError> {
    if !of.from_me {
        return Err(NetworkError::Invalid("only messages of one's own can be edited".to_owned()));
    }
    let mut edited = edited(raw, body)?;
    if !mentions.is_empty() {
        let mut people = Vec::with_capacity(mentions.len());
        for person in mentions {
            people.push(to.person(person).await?.to_string());
        }
        match crate::inbound::context::of_mut(&mut edited) {
            Some(context) => context.mentioned_jid = people,
            None => {
                edited.set_context_info(wa::ContextInfo { mentioned_jid: people, ..wa::ContextInfo::default() });
            }
        }
    }
    let protocol = ProtocolMessage {
        key: MessageField::some(to.key(of).await?),
        r#type: Some(Type::MESSAGE_EDIT),
        edited_message: MessageField::some(edited),
        timestamp_ms: Some(to.number.now()),
        ..ProtocolMessage::default()
    };
    Ok(wa::Message { protocol_message: MessageField::some(protocol), ..wa::Message::default() })
}

/// The message as it was, with another text.
fn edited(raw: Option<&[u8]>, body: &str) -> Result<wa::Message, NetworkError> {
    let body = body.to_owned();
    let Some(mut message) = raw.map(stored).transpose()? else {
        return Ok(wa::Message { conversation: Some(body), ..wa::Message::default() });
    };
    message.message_context_info = MessageField::none();
    if let Some(text) = message.extended_text_message.as_option_mut() {
        text.text = Some(body);
        // A preview belongs to a link that may no longer be there.
        text.matched_text = None;
        text.title = None;
        text.description = None;
        text.jpeg_thumbnail = None;
    } else if let Some(image) = message.image_message.as_option_mut() {
        image.caption = Some(body);
    } else if let Some(video) = message.video_message.as_option_mut() {
        video.caption = Some(body);
    } else if let Some(document) = message.document_message.as_option_mut() {
        document.caption = Some(body);
    } else if message.conversation.is_some() {
        message.conversation = Some(body);
    } else {
        return Err(NetworkError::Invalid("this kind of message has no text that could be edited".to_owned()));
    }
    Ok(message)
}
