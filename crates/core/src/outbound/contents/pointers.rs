//! Messages that are about another one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::{Count, characters, message_id};
use crate::error::{Error, Result};
use crate::phone::Phone;
use crate::wid::Wid;

/// A message to send again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageForward)]
pub struct ForwardEntry {
    /// Its WhatsApp id.
    #[schema(max_length = 32)]
    pub message: String,
    /// The chat it stands in, when several have a message with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50)]
    pub chat: Option<String>,
}

impl ForwardEntry {
    pub(super) fn check(&self) -> Result<()> {
        message_id("forward.message", &self.message)?;
        self.chat_wid().map(drop)
    }

    /// The chat it stands in, where told.
    pub(crate) fn chat_wid(&self) -> Result<Option<Wid>> {
        let Some(chat) = self.chat.as_deref().filter(|chat| !chat.is_empty()) else { return Ok(None) };
        characters("forward:invalid", "forward.chat", chat, Count::from_one_to(50))?;
        let wid = chat.parse().ok().or_else(|| Phone::parse(chat).ok().map(|phone| Wid::user(&phone)));
        wid.map(Some).ok_or_else(|| {
            Error::invalid(
                "forward:invalid",
                format!("forward.chat is '{chat}'; it must be a chat such as 16001234561@c.us or a phone number."),
            )
        })
    }
}

/// Which message, and the emoji; `-` and an empty one take it back.
pub(super) fn reaction(emoji: Option<&str>, of: Option<&str>) -> Result<(String, String)> {
    let of = of.filter(|of| !of.is_empty()).ok_or_else(|| {
        Error::invalid("reaction:invalid", "A reaction needs 'reactionMessage', the id of the message it is for.")
    })?;
    message_id("reactionMessage", of)?;
    let emoji = emoji.ok_or_else(|| {
        Error::invalid("reaction:invalid", "A reaction needs 'reaction', an emoji.")
            .hint("An empty one or '-' takes an earlier reaction back.")
    })?;
    characters("reaction:invalid", "reaction", emoji, Count::upto(10))?;
    let emoji = if emoji.trim() == "-" { "" } else { emoji.trim() };
    if emoji.chars().any(|c| c.is_alphabetic() || c.is_control()) {
        return Err(Error::invalid("reaction:invalid", format!("'reaction' is '{emoji}', which is no emoji.")));
    }
    Ok((of.to_owned(), emoji.to_owned()))
}
