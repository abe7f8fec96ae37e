//! Appointments and answers to them.

use sparkbot_network::{Attendance, Event, NetworkError, Target};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore::event::encrypt_event_response_with_secret;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::event_response_message::EventResponseType;
use whatsapp_rust::waproto::whatsapp::message::{EncEventResponseMessage, EventMessage, EventResponseMessage};

use super::conversation::Conversation;
use super::{location, stored};
use crate::secrets;

pub(super) fn check(event: &Event) -> Result<(), NetworkError> {
    if event.name.trim().is_empty() {
        return Err(NetworkError::Invalid("the event has no name".to_owned()));
    }
    if event.ends_at.is_some_and(|end| end < event.starts_at) {
        return Err(NetworkError::Invalid("the event ends before it starts".to_owned()));
    }
    event.location.as_ref().map_or(Ok(()), location::check)
}

pub(super) fn message(event: &Event) -> wa::Message {
    let message = EventMessage {
        name: Some(event.name.clone()),
        description: event.description.clone(),
        location: event.location.as_ref().map(location::place).map(MessageField::some).unwrap_or_default(),
        start_time: Some(event.starts_at / 1000),
        end_time: event.ends_at.map(|end| end / 1000),
        join_link: event.link.clone(),
        is_schedule_call: event.call.is_some().then_some(true),
        is_canceled: Some(event.canceled),
        extra_guests_allowed: Some(false),
        ..EventMessage::default()
    };
    wa::Message { event_message: MessageField::some(message), ..wa::Message::default() }
}

/// An answer, encrypted with the event's secret.
pub(super) async fn answer(
    to: &Conversation<'_>,
    event: &Target,
    raw: &[u8],
    answer: Attendance,
) -> Result<wa::Message, NetworkError> {
    let message = stored(raw)?;
    if message.event_message.is_unset() {
        return Err(NetworkError::Invalid("the message to answer is not an event".to_owned()));
    }
    let author = to.author(event).await?;
    let secret = secrets::of(to.number, to.client, &message, &to.chat, &author, &event.id).await?;
    let response = EventResponseMessage {
        response: Some(match answer {
            Attendance::Going => EventResponseType::GOING,
            Attendance::NotGoing => EventResponseType::NOT_GOING,
            Attendance::Maybe => EventResponseType::MAYBE,
        }),
        timestamp_ms: Some(to.number.now()),
        extra_guest_count: None,
    };
    let own = to.own()?;
    let (payload, iv) =
        encrypt_event_response_with_secret(&response, &secret, &event.id, &author.to_string(), &own.to_string())
            .map_err(|error| NetworkError::Invalid(format!("the answer can't be encrypted: {error}")))?;
    let sealed = EncEventResponseMessage {
        event_creation_message_key: MessageField::some(to.full_key(event).await?),
        enc_payload: Some(payload),
        enc_iv: Some(iv.to_vec()),
    };
    Ok(wa::Message { enc_event_response_message: MessageField::some(sealed), ..wa::Message::default() })
}
