//! Messages of the past in the shape of received ones.

use std::sync::Arc;

use sparkbot_network::{
    Attendance, Change, Flags, HistoryAck, HistoryMessage, Millis, Received, ReceivedContent, Target,
};
use whatsapp_rust::types::events::InboundMessage;
use whatsapp_rust::types::message::{MessageInfo, MessageSource};
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::wacore_binary::JidExt;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::event_response_message::EventResponseType;
use whatsapp_rust::waproto::whatsapp::web_message_info::{Status, StubType};
use whatsapp_rust::{Client, Jid};

use crate::address::{self, Person};
use crate::number::Number;
use crate::{inbound, secrets, translate};

/// Marks on one message at most.
const MARKS: usize = 1024;

/// Where messages stand.
pub(super) struct Place<'a> {
    pub(super) number: &'a Number,
    pub(super) client: &'a Client,
    /// As the phone names it.
    pub(super) jid: &'a Jid,
    pub(super) chat: &'a Person,
}

/// Puts a message and what was done to it behind those in `into`.
pub(super) async fn messages(
    at: &Place<'_>,
    mut told: wa::WebMessageInfo,
    since: Option<Millis>,
    into: &mut Vec<HistoryMessage>,
) {
    let Some(sent_at) = told.message_timestamp.and_then(|at| i64::try_from(at).ok()) else { return };
    if since.is_some_and(|since| sent_at.saturating_mul(1000) < since) {
        return;
    }
    let Some(info) = info(at, &told, sent_at) else { return };
    let ack = ack(told.status, info.source.is_from_me);
    let revoked = told.message_stub_type == Some(StubType::REVOKE);
    let Some(said) = told.message.take() else {
        if revoked && let Some(message) = bare(at, &info).await {
            into.push(HistoryMessage { message, ack, revoked });
        }
        return;
    };
    keep_secret(at, &told, &said, &info).await;
    let info = Arc::new(info);
    let item = InboundMessage::builder().message(Arc::new(said)).info(info.clone()).build();
    let Some(message) = translate::received(at.number, at.client, &item).await else { return };
    let of = Target {
        id: message.id.clone(),
        chat: message.chat.clone(),
        author: message.author.clone(),
        from_me: message.from_me,
    };
    into.push(HistoryMessage { message, ack, revoked });
    marks(at, told, &of, sent_at, into).await;
}

/// What the stanza of the message would have said.
fn info(at: &Place<'_>, told: &wa::WebMessageInfo, sent_at: i64) -> Option<MessageInfo> {
    let key = told.key.as_option()?;
    let is_from_me = key.from_me == Some(true);
    let is_group = at.jid.is_group();
    let named = key.participant.as_deref().or(told.participant.as_deref());
    let sender = match named.filter(|named| !named.is_empty()).and_then(|named| named.parse::<Jid>().ok()) {
        Some(named) if !is_from_me => named.to_non_ad(),
        _ if is_from_me => at.client.pn()?.to_non_ad(),
        _ if is_group => return None,
        _ => at.jid.clone(),
    };
    // The other address of the person, as far as it is known from the chat.
    let other = if at.jid.is_lid() { Some(&at.chat.wid) } else { at.chat.lid.as_ref() };
    let other = other.filter(|_| !is_group).and_then(|other| address::jid(other).ok());
    Some(MessageInfo {
        source: MessageSource {
            chat: at.jid.clone(),
            sender,
            is_from_me,
            is_group,
            sender_alt: other.clone().filter(|_| !is_from_me),
            recipient_alt: other.filter(|_| is_from_me),
            ..MessageSource::default()
        },
        id: key.id.clone().filter(|id| !id.is_empty())?,
        push_name: told.push_name.clone().unwrap_or_default(),
        timestamp: whatsapp_rust::chrono::DateTime::from_timestamp(sent_at, 0)?,
        ephemeral_expiration: told.ephemeral_duration.filter(|seconds| *seconds > 0),
        ..MessageInfo::default()
    })
}

fn ack(status: Option<Status>, from_me: bool) -> HistoryAck {
    match status {
        _ if !from_me => HistoryAck::Delivered,
        Some(Status::ERROR) => HistoryAck::Failed,
        Some(Status::PENDING) => HistoryAck::Pending,
        Some(Status::DELIVERY_ACK) => HistoryAck::Delivered,
        Some(Status::READ) => HistoryAck::Read,
        Some(Status::PLAYED) => HistoryAck::Played,
        _ => HistoryAck::Sent,
    }
}

/// What is left of a message that was deleted for everybody.
async fn bare(at: &Place<'_>, info: &MessageInfo) -> Option<Received> {
    let author = address::person(at.client, &info.source.sender, info.source.sender_alt.as_ref()).await?;
    Some(Received {
        id: info.id.clone(),
        chat: at.chat.wid.clone(),
        chat_lid: at.chat.lid.clone(),
        author: author.wid,
        author_lid: author.lid,
        from_me: info.source.is_from_me,
        at: info.timestamp.timestamp_millis(),
        push_name: Some(info.push_name.clone()).filter(|name| !name.is_empty()),
        kind: "unknown".to_owned(),
        body: None,
        quoted: None,
        mentions: Vec::new(),
        offline: true,
        flags: Flags::default(),
        content: ReceivedContent::Unknown,
        raw: bytes::Bytes::new(),
    })
}

/// Votes and answers that come from now on open under this.
async fn keep_secret(at: &Place<'_>, told: &wa::WebMessageInfo, said: &wa::Message, info: &MessageInfo) {
    let base = said.get_base_message();
    if inbound::poll::creation(base).is_none() && base.event_message.is_unset() {
        return;
    }
    let told = told.message_secret.as_deref().and_then(|secret| secret.try_into().ok());
    let Some(secret) = told.or_else(|| secrets::in_message(said)) else { return };
    let source = &info.source;
    if let Err(error) = secrets::keep(at.number, &source.chat, &source.sender, &info.id, secret).await {
        tracing::warn!(device = %at.number.device, %error, "the key of an old poll is lost: new votes can't be read");
    }
}

/// Reactions, votes and answers, each as the message that it was.
async fn marks(at: &Place<'_>, told: wa::WebMessageInfo, of: &Target, sent_at: i64, into: &mut Vec<HistoryMessage>) {
    let fallback = sent_at.saturating_mul(1000);
    let mut found: Vec<(Option<wa::MessageKey>, Option<i64>, &'static str, Change)> = Vec::new();
    for reaction in told.reactions {
        let emoji = reaction.text.filter(|text| !text.is_empty());
        found.push((reaction.key.into_option(), reaction.sender_timestamp_ms, "reaction", Change::Reaction(emoji)));
    }
    for update in told.poll_updates {
        let Some(vote) = update.vote.into_option() else { continue };
        let chosen = vote.selected_options.into_iter().filter_map(|hash| hash.as_slice().try_into().ok()).collect();
        let key = update.poll_update_message_key.into_option();
        found.push((key, update.sender_timestamp_ms, "poll_vote", Change::Vote(chosen)));
    }
    for response in told.event_responses {
        let said = response.event_response_message.into_option();
        let answer = match said.and_then(|said| said.response) {
            Some(EventResponseType::GOING) => Attendance::Going,
            Some(EventResponseType::NOT_GOING) => Attendance::NotGoing,
            Some(EventResponseType::MAYBE) => Attendance::Maybe,
            _ => continue,
        };
        let key = response.event_response_message_key.into_option();
        found.push((key, response.timestamp_ms, "event_response", Change::Attend(answer)));
    }
    for (key, when, kind, change) in found.into_iter().take(MARKS) {
        let Some(key) = key else { continue };
        let Some(by) = by(at, &key).await else { continue };
        let when = when.filter(|when| *when > 0).unwrap_or(fallback);
        // Phones do not tell the id of every reaction.
        let id = key.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("{}-{kind}", of.id));
        let body = match &change {
            Change::Reaction(emoji) => emoji.clone(),
            _ => None,
        };
        let message = Received {
            id,
            chat: of.chat.clone(),
            chat_lid: at.chat.lid.clone(),
            author: by.wid,
            author_lid: by.lid,
            from_me: key.from_me == Some(true),
            at: when,
            push_name: None,
            kind: kind.to_owned(),
            body,
            quoted: None,
            mentions: Vec::new(),
            offline: true,
            flags: Flags::default(),
            content: ReceivedContent::Change { of: of.clone(), change },
            raw: bytes::Bytes::new(),
        };
        into.push(HistoryMessage { message, ack: HistoryAck::Sent, revoked: false });
    }
}

/// Who did what a key names.
async fn by(at: &Place<'_>, key: &wa::MessageKey) -> Option<Person> {
    if key.from_me == Some(true) {
        let (phone, lid) = (at.client.pn()?, at.client.lid());
        return address::person(at.client, &phone.to_non_ad(), lid.as_ref()).await;
    }
    match key.participant.as_deref().filter(|named| !named.is_empty()) {
        Some(named) => address::person_named(at.client, named).await,
        None if at.jid.is_group() => None,
        None => Some(at.chat.clone()),
    }
}
