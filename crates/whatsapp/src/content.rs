//! Outgoing messages as protobuf.

use sparkbot_network::{Content, NetworkError, Outgoing, Quote};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore::proto_helpers::MessageBuilderExt;
use whatsapp_rust::waproto::whatsapp as wa;

use crate::address;

/// Longest text that WhatsApp's own clients accept, in characters.
const LONGEST_TEXT: usize = 65_536;

pub(crate) fn message(outgoing: &Outgoing) -> Result<wa::Message, NetworkError> {
    match &outgoing.content {
        Content::Text { body: text, .. } => {
            if text.is_empty() {
                return Err(NetworkError::Invalid("the text is empty".to_owned()));
            }
            if text.chars().count() > LONGEST_TEXT {
                return Err(NetworkError::Invalid(format!("the text is longer than {LONGEST_TEXT} characters")));
            }
            Ok(match &outgoing.quote {
                Some(quote) => wa::Message::text_with_context(text, context(quote)?),
                None => wa::Message::text(text),
            })
        }
        _ => Err(NetworkError::Invalid("this kind of message can't be sent yet".to_owned())),
    }
}

fn context(quote: &Quote) -> Result<wa::ContextInfo, NetworkError> {
    Ok(wa::ContextInfo {
        stanza_id: Some(quote.id.clone()),
        participant: Some(address::jid(&quote.author)?.to_string()),
        quoted_message: MessageField::some(wa::Message {
            conversation: Some(quote.text.clone()),
            ..wa::Message::default()
        }),
        ..wa::ContextInfo::default()
    })
}
