//! Reactions.

use sparkbot_network::{NetworkError, Target};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore::proto_helpers::build_reaction_message;
use whatsapp_rust::wacore::reaction::encrypt_reaction_with_secret;
use whatsapp_rust::wacore_binary::JidExt;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::EncReactionMessage;

use super::conversation::Conversation;
use crate::{errors, secrets};

/// Bytes of the longest emoji with all its joiners, and room to spare.
const LONGEST_EMOJI: usize = 64;

pub(super) fn check(emoji: &str) -> Result<(), NetworkError> {
    if emoji.len() > LONGEST_EMOJI {
        return Err(NetworkError::Invalid("a reaction is one emoji".to_owned()));
    }
    Ok(())
}

pub(super) async fn message(to: &Conversation<'_>, of: &Target, emoji: &str) -> Result<wa::Message, NetworkError> {
    let key = to.key(of).await?;
    if to.to.is_group() {
        let info = to.client.groups().query_info(&to.to).await.map_err(|error| errors::group(&error))?;
        if info.is_community_announce == Some(true) {
            return sealed(to, of, key, emoji).await;
        }
    }
    Ok(build_reaction_message(key, emoji, to.number.now()))
}

/// Announcement groups of communities take encrypted reactions only.
async fn sealed(
    to: &Conversation<'_>,
    of: &Target,
    mut key: wa::MessageKey,
    emoji: &str,
) -> Result<wa::Message, NetworkError> {
    let author = to.author(of).await?;
    let own = to.own()?;
    let secret = secrets::find(to.number, to.client, &to.chat, &author, &of.id).await?;
    let secret = secret.ok_or_else(|| NetworkError::Invalid("the message's key is not known here".to_owned()))?;
    let (payload, iv) =
        encrypt_reaction_with_secret(emoji, to.number.now(), &secret, &of.id, &author.to_string(), &own.to_string())
            .map_err(|error| NetworkError::Invalid(format!("the reaction can't be encrypted: {error}")))?;
    key.participant.get_or_insert_with(|| author.to_string());
    let reaction = EncReactionMessage {
        target_message_key: MessageField::some(key),
        enc_payload: Some(payload),
        enc_iv: Some(iv.to_vec()),
    };
    Ok(wa::Message { enc_reaction_message: MessageField::some(reaction), ..wa::Message::default() })
}
