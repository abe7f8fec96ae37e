//! What a message carries about its surroundings: the quoted one, and people
//! named in it.

use sparkbot_network::{NetworkError, Outgoing, Quote};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::waproto::whatsapp as wa;

use super::conversation::Conversation;
use super::stored;
use crate::address;

/// People that one message can name.
const MENTIONS: usize = 1024;

/// `None` when there is nothing to carry.
pub(super) async fn of(to: &Conversation<'_>, outgoing: &Outgoing) -> Result<Option<wa::ContextInfo>, NetworkError> {
    if outgoing.quote.is_none() && outgoing.mentions.is_empty() {
        return Ok(None);
    }
    let mut context = match &outgoing.quote {
        Some(quote) => quoting(to, quote).await?,
        None => wa::ContextInfo::default(),
    };
    if outgoing.mentions.len() > MENTIONS {
        return Err(NetworkError::Invalid(format!("more than {MENTIONS} people are mentioned")));
    }
    for person in &outgoing.mentions {
        context.mentioned_jid.push(to.person(person).await?.to_string());
    }
    Ok(Some(context))
}

async fn quoting(to: &Conversation<'_>, quote: &Quote) -> Result<wa::ContextInfo, NetworkError> {
    // A message that can't be read is still quoted by its text.
    let quoted = quote.raw.as_deref().and_then(|raw| stored(raw).ok()).map(|message| {
        let mut message = message.prepare_for_quote();
        // Whoever knows it could vote in somebody else's name.
        message.message_context_info = MessageField::none();
        message
    });
    let quoted = quoted
        .unwrap_or_else(|| Box::new(wa::Message { conversation: Some(quote.text.clone()), ..wa::Message::default() }));
    let participant = if to.is_channel() { to.chat.clone() } else { to.person(&quote.author).await? };
    let elsewhere = match &quote.chat {
        Some(chat) => Some(address::chat_jid(to.client, chat).await?).filter(|chat| *chat != to.chat),
        None => None,
    };
    Ok(wa::ContextInfo {
        stanza_id: Some(quote.id.clone()),
        participant: Some(participant.to_string()),
        quoted_message: MessageField::from_box(quoted),
        remote_jid: elsewhere.map(|chat| chat.to_string()),
        ..wa::ContextInfo::default()
    })
}
