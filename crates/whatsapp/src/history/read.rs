//! A part of the history, chat by chat.

use bytes::Bytes;
use sparkbot_network::{
    HistoryChat, HistoryMessage, HistoryPerson, HistoryPiece, HistoryReading, HistorySink, HistoryState, Millis,
    NetworkError, ObserverError,
};
use tokio::sync::mpsc;
use whatsapp_rust::wacore::history_sync::{HistorySyncStream, MAX_DECOMPRESSED};
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::conversation::EndOfHistoryTransferType as End;
use whatsapp_rust::{Client, Jid};

use super::message::{Place, messages};
use crate::address::{self, Person};
use crate::number::Number;

/// People of one piece.
const PEOPLE: usize = 500;

/// What the unpacking thread hands over.
enum Unpacked {
    Chat(Box<wa::Conversation>),
    Rest(Box<wa::HistorySync>),
}

/// Reads a part piece by piece.
pub(crate) async fn read(
    number: &Number,
    client: &Client,
    packed: Bytes,
    how: HistoryReading,
    into: &mut dyn HistorySink,
) -> Result<(), NetworkError> {
    let (hand, mut over) = mpsc::channel(1);
    let unpacking = tokio::task::spawn_blocking(move || unpack(&packed, &hand));
    let mut place = 0;
    while let Some(unpacked) = over.recv().await {
        match unpacked {
            Unpacked::Chat(conversation) => {
                if place >= how.skip {
                    chat(number, client, *conversation, place, how, into).await?;
                }
                place += 1;
            }
            Unpacked::Rest(rest) => people(client, *rest, into).await?,
        }
    }
    let unpacked = unpacking.await.map_err(|error| NetworkError::Invalid(error.to_string()))?;
    unpacked.map_err(|error| NetworkError::Invalid(format!("this part of the history can't be read: {error}")))
}

/// Unpacks on a thread of its own, one chat ahead of who takes them; ends early
/// when nobody does.
fn unpack(packed: &[u8], hand: &mpsc::Sender<Unpacked>) -> Result<(), String> {
    let mut stream = HistorySyncStream::new(packed, MAX_DECOMPRESSED);
    while let Some(conversation) = stream.next_conversation().map_err(|error| error.to_string())? {
        if hand.blocking_send(Unpacked::Chat(Box::new(conversation))).is_err() {
            return Ok(());
        }
    }
    let rest = stream.remainder().map_err(|error| error.to_string())?;
    // Nobody listens any more when a piece was refused.
    drop(hand.blocking_send(Unpacked::Rest(Box::new(rest))));
    Ok(())
}

fn refused(error: &ObserverError) -> NetworkError {
    NetworkError::State(error.to_string())
}

/// The chat of a conversation, under both of its addresses.
async fn whose(client: &Client, conversation: &wa::Conversation) -> Option<(Jid, Person)> {
    let jid: Jid = conversation.id.parse().ok()?;
    let other = if jid.is_lid() { &conversation.pn_jid } else { &conversation.lid_jid };
    let told = other.as_deref().and_then(|other| other.parse::<Jid>().ok());
    let person = address::person(client, &jid, told.as_ref()).await?;
    Some((jid, person))
}

async fn chat(
    number: &Number,
    client: &Client,
    mut conversation: wa::Conversation,
    place: usize,
    how: HistoryReading,
    into: &mut dyn HistorySink,
) -> Result<(), NetworkError> {
    let Some((jid, person)) = whose(client, &conversation).await else { return Ok(()) };
    let state = state(&conversation);
    let mut told = std::mem::take(&mut conversation.messages).into_iter();
    let at = Place { number, client, jid: &jid, chat: &person };
    loop {
        let mut said: Vec<HistoryMessage> = Vec::new();
        while said.len() < how.piece
            && let Some(message) = told.next()
        {
            if let Some(message) = message.message.into_option() {
                messages(&at, message, how.since, &mut said).await;
            }
        }
        let ends = told.len() == 0;
        let piece = HistoryChat {
            place,
            ends,
            chat: person.wid.clone(),
            lid: person.lid.clone(),
            state: state.clone(),
            messages: said,
        };
        into.take(HistoryPiece::Chat(Box::new(piece))).await.map_err(|error| refused(&error))?;
        if ends {
            return Ok(());
        }
    }
}

fn seconds(at: u64) -> Option<Millis> {
    i64::try_from(at).ok().filter(|at| *at > 0).map(|at| at.saturating_mul(1000))
}

/// For good is -1 in a field without a sign, or a time that never comes.
fn muted(until: u64) -> Option<Millis> {
    match i64::try_from(until) {
        Ok(0) => None,
        Ok(until) => Some(until.saturating_mul(1000)),
        Err(_) => Some(i64::MAX),
    }
}

fn state(conversation: &wa::Conversation) -> HistoryState {
    let name = conversation.name.clone().or_else(|| conversation.display_name.clone());
    let complete =
        conversation.end_of_history_transfer_type == Some(End::COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY);
    HistoryState {
        name: name.filter(|name| !name.is_empty()),
        archived: conversation.archived == Some(true),
        pinned_at: conversation.pinned.and_then(|at| seconds(u64::from(at))),
        muted_until: conversation.mute_end_time.and_then(muted),
        unread: conversation.unread_count.unwrap_or(0),
        marked_unread: conversation.marked_as_unread == Some(true),
        ephemeral_seconds: conversation.ephemeral_expiration.filter(|seconds| *seconds > 0),
        read_only: conversation.read_only == Some(true) || conversation.terminated == Some(true),
        last_message_at: conversation.last_msg_timestamp.or(conversation.conversation_timestamp).and_then(seconds),
        complete,
    }
}

/// Names and addresses of people.
async fn people(client: &Client, rest: wa::HistorySync, into: &mut dyn HistorySink) -> Result<(), NetworkError> {
    let mut people = Vec::new();
    for mapping in rest.phone_number_to_lid_mappings {
        let read = |text: Option<String>| text.and_then(|text| text.parse::<Jid>().ok());
        let (Some(phone), Some(lid)) = (read(mapping.pn_jid), read(mapping.lid_jid)) else { continue };
        if let (Some(wid), Some(lid)) = (address::wid(&phone), address::wid(&lid)) {
            people.push(HistoryPerson { wid, lid: Some(lid), push_name: None });
        }
    }
    for named in rest.pushnames {
        let Some(name) = named.pushname.filter(|name| !name.is_empty() && name != "-") else { continue };
        let Some(person) = address::person_named(client, named.id.as_deref().unwrap_or_default()).await else {
            continue;
        };
        people.push(HistoryPerson { wid: person.wid, lid: person.lid, push_name: Some(name) });
    }
    while !people.is_empty() {
        let rest = people.split_off(people.len().min(PEOPLE));
        into.take(HistoryPiece::People(std::mem::replace(&mut people, rest))).await.map_err(|error| refused(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{muted, state};
    use whatsapp_rust::waproto::whatsapp as wa;

    #[test]
    fn a_chat_is_muted_for_a_time_for_good_or_not() {
        assert_eq!(muted(0), None);
        assert_eq!(muted(1_700_000_000), Some(1_700_000_000_000));
        assert_eq!(muted(u64::MAX), Some(i64::MAX));
    }

    #[test]
    fn what_a_conversation_does_not_say_is_not_made_up() {
        let state = state(&wa::Conversation { name: Some(String::new()), pinned: Some(0), ..Default::default() });
        assert!(state.name.is_none() && state.pinned_at.is_none() && !state.archived && !state.complete);
    }
}
