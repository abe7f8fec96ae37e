//! Messages that change another one: what they want done to which.

use wacore::secret_enc_addon::ModificationType;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type as ProtocolType;
use waproto::whatsapp::message::secret_encrypted_message::SecretEncType;

/// What is done to a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// With an emoji; an empty one takes it back.
    React(String),
    Edit(Box<wa::Message>),
    Revoke,
    /// The hashes of the options chosen, none to withdraw.
    Vote(Vec<Vec<u8>>),
    Respond(Answer),
    /// For so many seconds; `None` to unpin.
    Pin(Option<u32>),
    Keep(bool),
    Comment(Option<String>),
    AddOption(String),
}

/// An answer to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `going`, `not_going` or `maybe`.
    pub(crate) answer: &'static str,
    pub(crate) guests: i32,
}

/// A message that is aimed at another.
#[derive(Debug)]
pub(crate) enum Aim<'m> {
    Open {
        key: &'m wa::MessageKey,
        effect: Effect,
        at_ms: Option<i64>,
    },
    /// Readable only with the secret of the message it is aimed at.
    Sealed {
        key: &'m wa::MessageKey,
        payload: &'m [u8],
        iv: &'m [u8],
        kind: ModificationType,
        at_ms: Option<i64>,
    },
}

impl Aim<'_> {
    /// The message it is aimed at, in the frame of its sender.
    pub(crate) fn key(&self) -> &wa::MessageKey {
        match self {
            Self::Open { key, .. } | Self::Sealed { key, .. } => key,
        }
    }
}

/// What a message, without its wrappers, is aimed at, if at any.
pub(crate) fn of(message: &wa::Message) -> Option<Aim<'_>> {
    if let Some(reaction) = message.reaction_message.as_option() {
        let effect = Effect::React(reaction.text.clone().unwrap_or_default());
        return Some(Aim::Open { key: reaction.key.as_option()?, effect, at_ms: reaction.sender_timestamp_ms });
    }
    if let Some(protocol) = message.protocol_message.as_option() {
        let effect = match protocol.r#type? {
            ProtocolType::REVOKE => Effect::Revoke,
            ProtocolType::MESSAGE_EDIT => Effect::Edit(Box::new(protocol.edited_message.as_option()?.clone())),
            _ => return None,
        };
        return Some(Aim::Open { key: protocol.key.as_option()?, effect, at_ms: protocol.timestamp_ms });
    }
    if let Some(pin) = message.pin_in_chat_message.as_option() {
        use wa::message::pin_in_chat_message::Type;
        let seconds = message.message_context_info.as_option().and_then(|info| info.message_add_on_duration_in_secs);
        let effect = Effect::Pin((pin.r#type? == Type::PIN_FOR_ALL).then_some(seconds.unwrap_or(0)));
        return Some(Aim::Open { key: pin.key.as_option()?, effect, at_ms: pin.sender_timestamp_ms });
    }
    if let Some(keep) = message.keep_in_chat_message.as_option() {
        let effect = Effect::Keep(keep.keep_type? == wa::KeepType::KEEP_FOR_ALL);
        return Some(Aim::Open { key: keep.key.as_option()?, effect, at_ms: keep.timestamp_ms });
    }
    if let Some(comment) = message.comment_message.as_option() {
        let text = comment.message.as_option().and_then(super::seen).and_then(|seen| seen.text);
        let key = comment.target_message_key.as_option()?;
        return Some(Aim::Open { key, effect: Effect::Comment(text), at_ms: None });
    }
    sealed(message)
}

fn sealed(message: &wa::Message) -> Option<Aim<'_>> {
    if let Some(update) = message.poll_update_message.as_option() {
        let vote = update.vote.as_option()?;
        return Some(Aim::Sealed {
            key: update.poll_creation_message_key.as_option()?,
            payload: vote.enc_payload.as_deref()?,
            iv: vote.enc_iv.as_deref()?,
            kind: ModificationType::PollVote,
            at_ms: update.sender_timestamp_ms,
        });
    }
    if let Some(response) = message.enc_event_response_message.as_option() {
        return Some(Aim::Sealed {
            key: response.event_creation_message_key.as_option()?,
            payload: response.enc_payload.as_deref()?,
            iv: response.enc_iv.as_deref()?,
            kind: ModificationType::EventResponse,
            at_ms: None,
        });
    }
    let (key, payload, iv, kind) = if let Some(reaction) = message.enc_reaction_message.as_option() {
        (&reaction.target_message_key, &reaction.enc_payload, &reaction.enc_iv, ModificationType::EncReaction)
    } else if let Some(comment) = message.enc_comment_message.as_option() {
        (&comment.target_message_key, &comment.enc_payload, &comment.enc_iv, ModificationType::EncComment)
    } else {
        let secret = message.secret_encrypted_message.as_option()?;
        let kind = match secret.secret_enc_type? {
            SecretEncType::MESSAGE_EDIT => ModificationType::MessageEdit,
            SecretEncType::EVENT_EDIT => ModificationType::EventEdit,
            SecretEncType::POLL_EDIT => ModificationType::PollEdit,
            SecretEncType::POLL_ADD_OPTION => ModificationType::PollAddOption,
            _ => return None,
        };
        (&secret.target_message_key, &secret.enc_payload, &secret.enc_iv, kind)
    };
    Some(Aim::Sealed { key: key.as_option()?, payload: payload.as_deref()?, iv: iv.as_deref()?, kind, at_ms: None })
}

/// The effect inside a sealed one, after it was opened.
pub(crate) fn opened(kind: ModificationType, plain: &[u8]) -> Option<Effect> {
    use buffa::Message as _;
    use wa::message::event_response_message::EventResponseType;
    let message = || wa::Message::decode_from_slice(plain).ok();
    match kind {
        ModificationType::PollVote => {
            Some(Effect::Vote(wa::message::PollVoteMessage::decode_from_slice(plain).ok()?.selected_options))
        }
        ModificationType::EventResponse => {
            let response = wa::message::EventResponseMessage::decode_from_slice(plain).ok()?;
            let answer = match response.response? {
                EventResponseType::GOING => "going",
                EventResponseType::NOT_GOING => "not_going",
                EventResponseType::MAYBE => "maybe",
                _ => return None,
            };
            Some(Effect::Respond(Answer { answer, guests: response.extra_guest_count.unwrap_or(0) }))
        }
        ModificationType::EncReaction => {
            let reaction = wa::message::ReactionMessage::decode_from_slice(plain).ok()?;
            Some(Effect::React(reaction.text.unwrap_or_default()))
        }
        ModificationType::EncComment => {
            let inner = message()?;
            let comment = inner.comment_message.as_option().and_then(|comment| comment.message.as_option());
            Some(Effect::Comment(comment.or(Some(&inner)).and_then(super::seen).and_then(|seen| seen.text)))
        }
        ModificationType::MessageEdit | ModificationType::EventEdit | ModificationType::PollEdit => {
            let inner = message()?;
            let edited = inner.protocol_message.as_option().and_then(|protocol| protocol.edited_message.as_option());
            Some(Effect::Edit(Box::new(edited.cloned().unwrap_or(inner))))
        }
        ModificationType::PollAddOption => {
            let inner = message()?;
            let added = inner.poll_add_option_message.as_option()?.add_option.as_option()?;
            Some(Effect::AddOption(added.option_name.clone()?))
        }
        ModificationType::ReportToken => None,
    }
}
