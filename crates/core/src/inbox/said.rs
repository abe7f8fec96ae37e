//! What this number itself has sent through the API.

use bytes::Bytes;
use serde_json::Value;
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatFileRow, ChatMessageRow, DeviceRow, MessageRow};

use super::change::{self, Mark};
use super::doc::{Doc, Saying, subtype};
use super::{contact, file, tell};
use crate::chat_messages::kinds;
use crate::chats::{self, Counted};
use crate::error::{Error, Result};
use crate::network::{Change, Content, MediaInfo, Millis, Outgoing, ReceivedContent};
use crate::outbound::Payload;
use crate::views::{MessageMeta, Quoted};
use crate::wid::{Wid, WidKind};

/// What a message of the queue said, in the terms of received ones; `default()`
/// when it is no longer at hand (a receipt came instead of an answer).
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// What it said beyond its text.
    pub(crate) content: ReceivedContent,
    /// The message it answered, as quoted.
    pub(crate) quoted: Option<Quoted>,
    /// People named in the text.
    pub(crate) mentions: Vec<String>,
    /// Disappears after so many seconds.
    pub(crate) ephemeral_seconds: Option<u32>,
    /// The protobuf as it was sent.
    pub(crate) raw: Option<Bytes>,
}

impl Default for Said {
    fn default() -> Self {
        Self { content: ReceivedContent::Plain, quoted: None, mentions: Vec::new(), ephemeral_seconds: None, raw: None }
    }
}

impl Said {
    /// The same with the protobuf as it was sent.
    pub(crate) fn with_raw(self, raw: &Bytes) -> Self {
        Self { raw: Some(raw.clone()).filter(|raw| !raw.is_empty()), ..self }
    }

    /// What `message` says; the protobuf is known once it is sent.
    pub(crate) fn of(message: &Outgoing) -> Self {
        Self {
            content: content(&message.content),
            quoted: message.quote.as_ref().map(|quote| Quoted {
                id: quote.id.clone(),
                kind: None,
                from: Some(quote.author.to_string()),
                body: Some(quote.text.clone()).filter(|text| !text.is_empty()),
                reference: None,
            }),
            mentions: message.mentions.iter().map(Wid::to_string).collect(),
            ephemeral_seconds: message.ephemeral_seconds,
            raw: None,
        }
    }
}

/// What is sent, as it would look when it was received.
fn content(content: &Content) -> ReceivedContent {
    let change = |of: &crate::network::Target, change| ReceivedContent::Change { of: of.clone(), change };
    match content {
        Content::Text { .. } | Content::Forward { .. } => ReceivedContent::Plain,
        Content::Media(media) => ReceivedContent::Media(Box::new(info(media))),
        Content::Location(location) => ReceivedContent::Location(location.clone()),
        Content::Contacts(cards) => ReceivedContent::Contacts(cards.clone()),
        Content::Poll(poll) => ReceivedContent::Poll(poll.clone()),
        Content::Event(event) => ReceivedContent::Event(Box::new(event.clone())),
        Content::Product { product, image, .. } => {
            ReceivedContent::Product(product.clone(), image.as_deref().map(|image| Box::new(info(image))))
        }
        Content::Menu { menu, .. } => ReceivedContent::Menu(menu.clone()),
        Content::Vote { poll, options, .. } => {
            change(poll, Change::Vote(options.iter().map(|option| super::change::option_hash(option)).collect()))
        }
        Content::Attend { event, answer, .. } => change(event, Change::Attend(*answer)),
        Content::Reaction { of, emoji } => {
            change(of, Change::Reaction(Some(emoji.clone()).filter(|emoji| !emoji.is_empty())))
        }
        Content::Edit { of, body, .. } => change(of, Change::Edit(Some(body.clone()))),
        Content::Revoke { of } => change(of, Change::Revoke),
    }
}

fn info(media: &crate::network::Media) -> MediaInfo {
    MediaInfo {
        kind: media.kind,
        mime: Some(media.mime.clone()),
        size: Some(media.size),
        sha256: None,
        file_name: media.file_name.clone(),
        width: media.width,
        height: media.height,
        seconds: media.seconds,
        pages: media.pages,
        thumbnail: media.thumbnail.clone(),
        waveform: media.waveform.clone(),
        view_once: media.view_once,
    }
}

/// The message that is sent again by a forward, as its chat has it.
struct Again {
    row: ChatMessageRow,
    file: Option<ChatFileRow>,
}

impl Again {
    /// `None` for what is no forward, and when the first one was deleted since.
    async fn of(w: &mut Writing, device: &DeviceRow, message: &MessageRow) -> Result<Option<Self>> {
        let Some(forward) = Payload::of(message)?.contents.forward else { return Ok(None) };
        let mut scope = w.account(&device.account_id);
        let found = match forward.chat_wid()? {
            Some(chat) => scope.chat_messages_under(&device.id, chat.as_str(), &forward.message).await?.pop(),
            None => scope.chat_message(&device.id, &forward.message).await?,
        };
        let Some(row) = found.filter(|row| row.status == "active") else { return Ok(None) };
        let file = scope.chat_files_of(&device.id, &[row.seq]).await?.pop();
        Ok(Some(Self { row, file }))
    }
}

/// A message of ours that WhatsApp has taken appears in its chat; one that
/// changes another takes its effect there.
pub(crate) async fn outbound_said(
    w: &mut Writing,
    device: &DeviceRow,
    message: &MessageRow,
    said: Said,
    at: Millis,
    now: Millis,
) -> Result<()> {
    let own = device.wid.clone().unwrap_or_default();
    if let ReceivedContent::Change { of, change } = &said.content {
        let mark = Mark::ours(of, change, device, &message.wa_id, at);
        if let Some(mark) = mark {
            change::put(w, device, mark, now).await?;
        }
        return Ok(());
    }
    if matches!(message.kind.as_str(), "reaction" | "poll_vote" | "event_response") {
        // What it changes is no longer at hand; it is no message of its own.
        return Ok(());
    }
    let wid: Wid = message.chat.parse().map_err(Error::internal)?;
    let payload: Value = serde_json::from_str(&message.payload).map_err(Error::internal)?;
    let asked = payload.get("quote").and_then(Value::as_str).map(|id| Quoted {
        id: id.to_owned(),
        kind: None,
        from: None,
        body: None,
        reference: None,
    });
    let look = Payload::of(message)?.options.status;
    let known = w.account(&device.account_id).chat(&device.id, wid.as_str()).await?;
    let again = Again::of(w, device, message).await?;
    let subtype = again.as_ref().map_or_else(|| subtype(&said.content).map(str::to_owned), |a| a.row.subtype.clone());
    let kind = again.as_ref().map_or_else(|| kinds::shown(&message.kind).to_owned(), |again| again.row.kind.clone());
    let doc = Doc {
        from: own.clone(),
        to: message.chat.clone(),
        meta: MessageMeta {
            is_group: wid.kind() == WidKind::Group,
            is_channel: wid.kind() == WidKind::Channel,
            is_ephemeral: said.ephemeral_seconds.is_some(),
            ephemeral_duration: said.ephemeral_seconds,
            is_gif: subtype.as_deref() == Some("gif"),
            is_live: subtype.as_deref() == Some("live"),
            is_doc: kind == "document",
            is_view_once: file::of(&said.content).is_some_and(|media| media.view_once),
            is_forwarded: message.kind == "forward",
            is_first_message: known.is_none(),
            color: look.as_ref().map(|look| look.color.clone()),
            font: look.map(|look| look.font),
            source: message.source.clone(),
            via: "platform".to_owned(),
            ..MessageMeta::default()
        },
        quoted: said.quoted.or(asked),
        mentions: said.mentions,
        content: match &again {
            Some(again) => Doc::read(&again.row)?.content,
            None => Saying::of(&said.content),
        },
        edits: Vec::new(),
    };
    let mut row = ChatMessageRow {
        seq: 0,
        chat: message.chat.clone(),
        author: own,
        wa_id: message.wa_id.clone(),
        flow: "outbound".to_owned(),
        kind,
        subtype,
        status: "active".to_owned(),
        body: message.body.clone().or_else(|| again.as_ref()?.row.body.clone()),
        ack: message.delivery_status.clone(),
        reference: message.reference.clone(),
        doc: doc.column()?,
        at,
        edited_at: None,
    };
    let mut scope = w.account(&device.account_id);
    let Some(seq) = scope.insert_chat_message(&device.id, &row, said.raw.as_deref(), now).await? else {
        return Ok(());
    };
    row.seq = seq;
    let media = file::of(&said.content);
    let copied = again.and_then(|again| again.file);
    let name = media.and_then(|media| media.file_name.as_deref());
    let name = name.or_else(|| copied.as_ref()?.filename.as_deref());
    let text = doc.search_text(row.body.as_deref(), name);
    let with_file = media.is_some() || copied.is_some();
    scope.index_words(&device.id, &row, &text, with_file).await?;
    if let Some(media) = media {
        file::note(w, device, &row, media, false, now).await?;
    }
    if let Some(copied) = copied {
        file::note_again(w, device, &row, copied, now).await?;
    }
    contact::written_to(w, device, &wid, now).await?;
    let automatic = message.source == "autoreply";
    let counted = Counted { message: &row, known, lid: None, push_name: None, automatic };
    chats::count(w, device, counted, now).await?;
    change::catch_up(w, device, &mut row).await?;
    let event = if wid.kind() == WidKind::Broadcast { "status:update" } else { "message:out:new" };
    tell(w, device, event, &row, now).await
}
