//! Polls, and votes out of their encryption.

use sparkbot_network::{Change, Poll};
use whatsapp_rust::Jid;
use whatsapp_rust::wacore::poll::{PollVoteCiphertext, decrypt_poll_vote_with_secret};
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::{PollCreationMessage, PollUpdateMessage};

use super::Arrival;
use crate::secrets;

/// The poll of a message, whichever version of the protocol it is.
pub(crate) fn creation(base: &wa::Message) -> Option<&PollCreationMessage> {
    let wrapped = base.poll_creation_message_v4.as_option().and_then(|wrapper| wrapper.message.as_option());
    [
        &base.poll_creation_message,
        &base.poll_creation_message_v2,
        &base.poll_creation_message_v3,
        &base.poll_creation_message_v5,
        &base.poll_creation_message_v6,
    ]
    .into_iter()
    .find_map(|poll| poll.as_option())
    .or_else(|| creation(wrapped?))
}

pub(super) fn read(base: &wa::Message) -> Option<Poll> {
    let poll = creation(base)?;
    Some(Poll {
        name: poll.name.clone().unwrap_or_default(),
        options: poll.options.iter().filter_map(|option| option.option_name.clone()).collect(),
        selectable: poll.selectable_options_count.unwrap_or(0),
    })
}

/// A vote on a poll of `creator`. That it opens proves who has voted: the
/// voter's address is part of the key.
pub(super) async fn vote(arrival: &Arrival<'_>, id: &str, creator: &Jid, update: &PollUpdateMessage) -> Change {
    opened(arrival, id, creator, update).await.map_or(Change::Sealed, Change::Vote)
}

async fn opened(arrival: &Arrival<'_>, id: &str, creator: &Jid, update: &PollUpdateMessage) -> Option<Vec<[u8; 32]>> {
    let vote = update.vote.as_option()?;
    let sealed = PollVoteCiphertext { enc_payload: vote.enc_payload.as_deref()?, enc_iv: vote.enc_iv.as_deref()? };
    let (client, source) = (arrival.client, &arrival.info.source);
    let secret = secrets::find(arrival.number, client, &source.chat, creator, id).await.ok()??;
    for creator in secrets::both(client, creator).await {
        for voter in secrets::both(client, &source.sender).await {
            let (creator, voter) = (creator.to_string(), voter.to_string());
            if let Ok(hashes) = decrypt_poll_vote_with_secret(sealed, &secret, id, &creator, &voter) {
                return Some(hashes.into_iter().filter_map(|hash| hash.try_into().ok()).collect());
            }
        }
    }
    None
}
