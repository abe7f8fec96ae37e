//! Messages that change another one.
//!
//! Who may change what is checked here, by what WhatsApp's server vouches for
//! (the sender of the stanza) and never by what the message claims of itself:
//!
//! * an edit is always of a message of its sender;
//! * somebody else's message can be deleted in groups only, and only when the
//!   server has marked the stanza as an admin's;
//! * votes and answers to events open only under their sender's own address.
//!
//! What does not pass is dropped: WhatsApp's own apps show nothing of it either.

use sparkbot_network::{Attendance, Change, ReceivedContent, Target};
use whatsapp_rust::Jid;
use whatsapp_rust::types::message::EditAttribute;
use whatsapp_rust::wacore::event::decrypt_event_response_with_secret;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::wacore_binary::JidExt;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::KeepType;
use whatsapp_rust::waproto::whatsapp::message::EncEventResponseMessage;
use whatsapp_rust::waproto::whatsapp::message::event_response_message::EventResponseType;
use whatsapp_rust::waproto::whatsapp::message::pin_in_chat_message::Type as PinType;
use whatsapp_rust::waproto::whatsapp::message::protocol_message::Type;
use whatsapp_rust::waproto::whatsapp::message::secret_encrypted_message::SecretEncType;

use super::{Arrival, Reading, Verdict, body, poll, some};
use crate::{address, secrets};

/// `None` when it changes nothing.
pub(super) async fn read(arrival: &Arrival<'_>, message: &wa::Message) -> Option<Verdict> {
    let base = message.get_base_message();
    if arrival.info.source.chat.is_newsletter()
        && let Some(verdict) = post_changed(arrival, base)
    {
        return Some(verdict);
    }
    // The client has opened it and put its text in its place.
    if let Some(key) = &arrival.info.comment_target {
        return arrival.change("comment", key, Change::Comment(body::of(base))).await;
    }
    if let Some(protocol) = base.protocol_message.as_option() {
        let key = protocol.key.as_option();
        return match (protocol.r#type, key) {
            (Some(Type::REVOKE), Some(key)) => arrival.revoke(key).await,
            (Some(Type::MESSAGE_EDIT), Some(key)) => {
                let edited = protocol.edited_message.as_option();
                let text = edited.and_then(|edited| body::of(edited.get_base_message()));
                Some(arrival.of_sender("edit", key, text.clone(), Change::Edit(text)))
            }
            _ => None,
        };
    }
    if let Some(reaction) = base.reaction_message.as_option() {
        // A reaction that is taken back comes with an empty text.
        let emoji = some(reaction.text.as_deref());
        return arrival.change("reaction", reaction.key.as_option()?, Change::Reaction(emoji)).await;
    }
    if let Some(reaction) = base.enc_reaction_message.as_option() {
        return arrival.change("reaction", reaction.target_message_key.as_option()?, Change::Sealed).await;
    }
    if let Some(update) = base.poll_update_message.as_option() {
        let key = update.poll_creation_message_key.as_option()?;
        let creator = arrival.author_of(key);
        let vote = poll::vote(arrival, key.id.as_deref()?, &creator, update).await;
        return arrival.change("poll_vote", key, vote).await;
    }
    if let Some(answer) = base.enc_event_response_message.as_option() {
        let key = answer.event_creation_message_key.as_option()?;
        let change = arrival.attendance(key, answer).await.map_or(Change::Sealed, Change::Attend);
        return arrival.change("event_response", key, change).await;
    }
    if let Some(pin) = base.pin_in_chat_message.as_option() {
        let pinned = pin.r#type == Some(PinType::PIN_FOR_ALL);
        return arrival.change("pin", pin.key.as_option()?, Change::Pin(pinned)).await;
    }
    if let Some(keep) = base.keep_in_chat_message.as_option() {
        let kept = keep.keep_type == Some(KeepType::KEEP_FOR_ALL);
        return arrival.change("keep", keep.key.as_option()?, Change::Keep(kept)).await;
    }
    if let Some(comment) = base.comment_message.as_option() {
        let text = comment.message.as_option().and_then(|said| body::of(said.get_base_message()));
        return arrival.change("comment", comment.target_message_key.as_option()?, Change::Comment(text)).await;
    }
    if let Some(comment) = base.enc_comment_message.as_option() {
        return arrival.change("comment", comment.target_message_key.as_option()?, Change::Sealed).await;
    }
    // One whose key the client did not have.
    if let Some(sealed) = base.secret_encrypted_message.as_option() {
        let key = sealed.target_message_key.as_option()?;
        return match sealed.secret_enc_type {
            Some(SecretEncType::MESSAGE_EDIT) => Some(arrival.of_sender("edit", key, None, Change::Sealed)),
            _ => arrival.change("edit", key, Change::Sealed).await,
        };
    }
    None
}

/// In channels the changed post is named by the stanza, and only admins write.
fn post_changed(arrival: &Arrival<'_>, base: &wa::Message) -> Option<Verdict> {
    let text = body::of(base);
    let (kind, change) = match arrival.info.edit {
        EditAttribute::AdminEdit => ("edit", Change::Edit(text.clone())),
        EditAttribute::AdminRevoke | EditAttribute::SenderRevoke => ("revoke", Change::Revoke),
        _ => return None,
    };
    let of = Target {
        id: arrival.info.id.clone(),
        chat: arrival.chat.wid.clone(),
        author: arrival.author.wid.clone(),
        from_me: arrival.info.source.is_from_me,
    };
    let body = if kind == "edit" { text } else { None };
    Some(Verdict::says(Reading::new(kind, body, ReceivedContent::Change { of, change })))
}

impl Arrival<'_> {
    /// Who wrote the message that a key names. Keys are written from their
    /// sender's point of view.
    fn author_of(&self, key: &wa::MessageKey) -> Jid {
        let source = &self.info.source;
        if let Some(participant) = key.participant.as_deref().and_then(|named| named.parse::<Jid>().ok()) {
            return participant.to_non_ad();
        }
        if key.from_me == Some(true) {
            return source.sender.to_non_ad();
        }
        let in_pairs = source.chat.is_pn() || source.chat.is_lid();
        if source.is_from_me && in_pairs {
            return source.chat.to_non_ad();
        }
        let own = if source.sender.is_lid() { self.client.lid() } else { self.client.pn() };
        own.or_else(|| self.client.pn()).map_or_else(|| source.chat.to_non_ad(), |own| own.to_non_ad())
    }

    async fn target(&self, key: &wa::MessageKey) -> Option<Target> {
        let author = address::person(self.client, &self.author_of(key), None).await?;
        let own = self.client.pn().and_then(|own| address::wid(&own));
        Some(Target {
            id: key.id.clone().filter(|id| !id.is_empty())?,
            chat: self.chat.wid.clone(),
            from_me: own.as_ref() == Some(&author.wid),
            author: author.wid,
        })
    }

    /// A change that anybody in the chat may make.
    async fn change(&self, kind: &'static str, key: &wa::MessageKey, change: Change) -> Option<Verdict> {
        let Some(of) = self.target(key).await else { return Some(Verdict::Nothing) };
        let body = match &change {
            Change::Reaction(text) | Change::Comment(text) => text.clone(),
            _ => None,
        };
        Some(Verdict::says(Reading::new(kind, body, ReceivedContent::Change { of, change })))
    }

    /// A change that only the author may make: whatever the key says, it is of a
    /// message of the sender.
    fn of_sender(&self, kind: &'static str, key: &wa::MessageKey, body: Option<String>, change: Change) -> Verdict {
        let Some(id) = key.id.clone().filter(|id| !id.is_empty()) else { return Verdict::Nothing };
        let of = Target {
            id,
            chat: self.chat.wid.clone(),
            author: self.author.wid.clone(),
            from_me: self.info.source.is_from_me,
        };
        Verdict::says(Reading::new(kind, body, ReceivedContent::Change { of, change }))
    }

    async fn revoke(&self, key: &wa::MessageKey) -> Option<Verdict> {
        let Some(of) = self.target(key).await else { return Some(Verdict::Nothing) };
        let is_own = of.author == self.author.wid;
        let by_admin = self.info.source.is_group && self.info.edit == EditAttribute::AdminRevoke;
        if !is_own && !by_admin {
            tracing::warn!(device = %self.number.device, "somebody tried to delete a message of somebody else");
            return Some(Verdict::Nothing);
        }
        Some(Verdict::says(Reading::new("revoke", None, ReceivedContent::Change { of, change: Change::Revoke })))
    }

    /// An answer to an event, out of its encryption.
    async fn attendance(&self, key: &wa::MessageKey, answer: &EncEventResponseMessage) -> Option<Attendance> {
        let (payload, iv, id) = (answer.enc_payload.as_deref()?, answer.enc_iv.as_deref()?, key.id.as_deref()?);
        let (creator, source) = (self.author_of(key), &self.info.source);
        let secret = secrets::find(self.number, self.client, &source.chat, &creator, id).await.ok()??;
        for creator in secrets::both(self.client, &creator).await {
            for responder in secrets::both(self.client, &source.sender).await {
                let (creator, responder) = (creator.to_string(), responder.to_string());
                let Ok(said) = decrypt_event_response_with_secret(payload, iv, &secret, id, &creator, &responder)
                else {
                    continue;
                };
                return match said.response? {
                    EventResponseType::GOING => Some(Attendance::Going),
                    EventResponseType::NOT_GOING => Some(Attendance::NotGoing),
                    EventResponseType::MAYBE => Some(Attendance::Maybe),
                    _ => None,
                };
            }
        }
        None
    }
}
