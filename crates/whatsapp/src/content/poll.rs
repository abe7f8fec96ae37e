//! Polls and votes.

use std::collections::HashSet;

use sparkbot_network::{NetworkError, Poll, Target};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore::poll::{compute_option_hash, encrypt_poll_vote_with_secret};
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::poll_creation_message::Option as Choice;
use whatsapp_rust::waproto::whatsapp::message::{
    PollContentType, PollCreationMessage, PollEncValue, PollUpdateMessage,
};

use super::conversation::Conversation;
use super::stored;
use crate::secrets;

/// As WhatsApp's apps limit them.
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=12;

pub(super) fn check(poll: &Poll) -> Result<(), NetworkError> {
    let count = poll.options.len();
    if !OPTIONS.contains(&count) {
        return Err(NetworkError::Invalid(format!("a poll has 2 to 12 options, this one {count}")));
    }
    // Votes name options by the hash of their text.
    if poll.options.iter().collect::<HashSet<_>>().len() != count {
        return Err(NetworkError::Invalid("two options of the poll are alike".to_owned()));
    }
    if usize::try_from(poll.selectable).unwrap_or(usize::MAX) > count {
        return Err(NetworkError::Invalid("the poll lets people choose more options than it has".to_owned()));
    }
    Ok(())
}

pub(super) fn message(poll: &Poll) -> wa::Message {
    let creation = PollCreationMessage {
        name: Some(poll.name.clone()),
        options: poll
            .options
            .iter()
            .map(|text| Choice { option_name: Some(text.clone()), option_hash: None })
            .collect(),
        selectable_options_count: Some(poll.selectable),
        poll_content_type: Some(PollContentType::TEXT),
        ..PollCreationMessage::default()
    };
    // WhatsApp Web has one version for one choice and one for several.
    if poll.selectable == 1 {
        wa::Message { poll_creation_message_v3: MessageField::some(creation), ..wa::Message::default() }
    } else {
        wa::Message { poll_creation_message: MessageField::some(creation), ..wa::Message::default() }
    }
}

/// A vote, encrypted with the poll's secret.
pub(super) async fn vote(
    to: &Conversation<'_>,
    poll: &Target,
    raw: &[u8],
    options: &[String],
) -> Result<wa::Message, NetworkError> {
    let message = stored(raw)?;
    let creation = crate::inbound::poll::creation(&message)
        .ok_or_else(|| NetworkError::Invalid("the message to vote on is not a poll".to_owned()))?;
    let known: HashSet<&str> = creation.options.iter().filter_map(|option| option.option_name.as_deref()).collect();
    if let Some(unknown) = options.iter().find(|option| !known.contains(option.as_str())) {
        return Err(NetworkError::Invalid(format!("the poll has no option '{unknown}'")));
    }
    let most = usize::try_from(creation.selectable_options_count.unwrap_or(0)).unwrap_or(0);
    if most > 0 && options.len() > most {
        return Err(NetworkError::Invalid(format!("only {most} of the poll's options can be chosen")));
    }
    let author = to.author(poll).await?;
    let secret = secrets::of(to.number, to.client, &message, &to.chat, &author, &poll.id).await?;
    let hashes: Vec<Vec<u8>> = options.iter().map(|option| compute_option_hash(option).to_vec()).collect();
    let voter = to.own()?;
    let (payload, iv) =
        encrypt_poll_vote_with_secret(&hashes, &secret, &poll.id, &author.to_string(), &voter.to_string())
            .map_err(|error| NetworkError::Invalid(format!("the vote can't be encrypted: {error}")))?;
    let update = PollUpdateMessage {
        poll_creation_message_key: MessageField::some(to.full_key(poll).await?),
        vote: MessageField::some(PollEncValue { enc_payload: Some(payload), enc_iv: Some(iv.to_vec()) }),
        sender_timestamp_ms: Some(to.number.now()),
        ..PollUpdateMessage::default()
    };
    Ok(wa::Message { poll_update_message: MessageField::some(update), ..wa::Message::default() })
}
