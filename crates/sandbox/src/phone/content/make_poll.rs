//! Polls and events: questions, votes, answers.

use buffa::MessageField;
use wacore::poll::{compute_option_hash, encrypt_poll_vote_with_secret};
use waproto::whatsapp as wa;

use super::make::{Target, Unmakeable, Words, location};
use super::{poll, secret};

pub(super) fn poll_of(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    let options = words.strings("options")?;
    let selectable = words.whole("selectable").and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
    let mut distinct = options.clone();
    distinct.sort();
    distinct.dedup();
    if options.len() < 2 || distinct.len() != options.len() || selectable as usize > options.len() {
        return Err("message.poll needs two or more different options, and selectable at most as many".to_owned());
    }
    let option = |name: &String| wa::message::poll_creation_message::Option {
        option_name: Some(name.clone()),
        ..Default::default()
    };
    let question = MessageField::some(wa::message::PollCreationMessage {
        name: Some(words.needed("name")?),
        options: options.iter().map(option).collect(),
        selectable_options_count: Some(selectable),
        allow_add_option: words.is("mayAdd").then_some(true),
        ..Default::default()
    });
    // As WhatsApp's apps do: a field of its own for one choice only.
    Ok(if selectable == 1 {
        wa::Message { poll_creation_message_v3: question, ..Default::default() }
    } else {
        wa::Message { poll_creation_message: question, ..Default::default() }
    })
}

pub(super) fn vote(words: &Words<'_>, target: &Target, now_ms: i64) -> Result<wa::Message, Unmakeable> {
    let asked = poll(&target.message).ok_or("message.vote.id is not a poll")?;
    let secret = secret(&target.message).ok_or("the poll has no secret to seal votes with")?;
    let names = words.strings("options")?;
    if let Some(unknown) =
        names.iter().find(|name| !asked.options.iter().any(|option| option.option_name.as_ref() == Some(name)))
    {
        return Err(format!("the poll has no option {unknown}"));
    }
    let hashes: Vec<Vec<u8>> = names.iter().map(|name| compute_option_hash(name).to_vec()).collect();
    let id = target.key.id.as_deref().unwrap_or_default();
    let (payload, iv) = encrypt_poll_vote_with_secret(&hashes, secret, id, &target.author, &target.own)
        .map_err(|error| error.to_string())?;
    Ok(wa::Message {
        poll_update_message: MessageField::some(wa::message::PollUpdateMessage {
            poll_creation_message_key: MessageField::some(target.key.clone()),
            vote: MessageField::some(wa::message::PollEncValue {
                enc_payload: Some(payload),
                enc_iv: Some(iv.to_vec()),
            }),
            sender_timestamp_ms: Some(now_ms),
            ..Default::default()
        }),
        ..Default::default()
    })
}

pub(super) fn event(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    let place = match words.value.get("location") {
        Some(value) => MessageField::some(location(&Words { kind: "event.location", value })?),
        None => MessageField::none(),
    };
    Ok(wa::Message {
        event_message: MessageField::some(wa::message::EventMessage {
            name: Some(words.needed("name")?),
            description: words.text("description"),
            location: place,
            join_link: words.text("joinLink"),
            start_time: words.whole("startTime"),
            end_time: words.whole("endTime"),
            is_canceled: Some(words.is("canceled")),
            extra_guests_allowed: words.is("guests").then_some(true),
            ..Default::default()
        }),
        ..Default::default()
    })
}

pub(super) fn respond(words: &Words<'_>, target: &Target, now_ms: i64) -> Result<wa::Message, Unmakeable> {
    use wa::message::event_response_message::EventResponseType;
    let secret = secret(&target.message).ok_or("the event has no secret to seal answers with")?;
    let response = match words.needed("answer")?.as_str() {
        "going" => EventResponseType::GOING,
        "not_going" => EventResponseType::NOT_GOING,
        "maybe" => EventResponseType::MAYBE,
        other => return Err(format!("message.respond.answer is going, not_going or maybe, not {other}")),
    };
    let response = wa::message::EventResponseMessage {
        response: Some(response),
        timestamp_ms: Some(now_ms),
        extra_guest_count: words.whole("guests").and_then(|guests| i32::try_from(guests).ok()),
    };
    let id = target.key.id.as_deref().unwrap_or_default();
    let (payload, iv) =
        wacore::event::encrypt_event_response_with_secret(&response, secret, id, &target.author, &target.own)
            .map_err(|error| error.to_string())?;
    Ok(wa::Message {
        enc_event_response_message: MessageField::some(wa::message::EncEventResponseMessage {
            event_creation_message_key: MessageField::some(target.key.clone()),
            enc_payload: Some(payload),
            enc_iv: Some(iv.to_vec()),
        }),
        ..Default::default()
    })
}
