//! A new message.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, ChatRow, DeviceRow};

use super::doc::{Doc, Saying, subtype};
use super::{Arrived, change, contact, file, tell};
use crate::chat_messages::kinds;
use crate::chats::{self, Counted};
use crate::contacts;
use crate::error::Result;
use crate::network::{Change, Millis, Received, ReceivedContent};
use crate::statuses::look;
use crate::views::{MessageMeta, Quoted};
use crate::wid::{Wid, WidKind};
use crate::{assignment, auto_replies, campaigns};

/// Writes a new message, and does what the rules of its number and campaigns say.
pub(super) async fn received(w: &mut Writing, device: &DeviceRow, message: Received, now: Millis) -> Result<Arrived> {
    let place = message.chat.kind();
    let known = w.account(&device.account_id).chat(&device.id, message.chat.as_str()).await?;
    let (mut row, doc) = draft(w, device, &message, known.is_none()).await?;
    if !insert(w, device, &mut row, &doc, &message, true, now).await? {
        return Ok(Arrived::default());
    }
    contact::heard_of(w, device, &message, false, now).await?;
    if known.is_none() {
        contacts::place(w, device, &message.chat, None, now).await?;
    }
    let push_name = message.push_name.as_deref().filter(|_| !message.from_me);
    let before = known.clone();
    let counted = Counted { message: &row, known, lid: message.chat_lid.as_ref(), push_name, automatic: false };
    chats::count(w, device, counted, now).await?;
    change::catch_up(w, device, &mut row).await?;
    let event = match (row.kind.as_str(), place, message.from_me) {
        ("reaction", _, _) => "message:reaction",
        ("edit" | "revoke" | "poll_vote" | "event_response" | "pin" | "keep", _, _) => "message:update",
        (_, WidKind::Channel, false) => "channel:in",
        (_, WidKind::Broadcast, _) => "status:update",
        (_, _, true) => "message:out:new",
        (_, _, false) => "message:in:new",
    };
    tell(w, device, event, &row, now).await?;
    let answered = campaigns::heard(w, device, &message, now).await?;
    let asks = event == "message:in:new"
        && matches!(place, WidKind::User | WidKind::Lid)
        && !matches!(row.kind.as_str(), "system" | "unknown");
    let replied = asks && !answered && by_rule(w, device, before.as_ref(), &row, now).await?;
    Ok(Arrived { file: media_is_new(&message.content), replied, answered })
}

/// A person has written: somebody gets the chat, and an answer goes out, where
/// rules say so. Whether one is in the queue.
async fn by_rule(
    w: &mut Writing,
    device: &DeviceRow,
    before: Option<&ChatRow>,
    row: &ChatMessageRow,
    now: Millis,
) -> Result<bool> {
    if device.auto_assign != "{}" {
        assignment::written(w, device, before, &row.chat, now).await?;
    }
    if device.auto_replies == "{}" {
        return Ok(false);
    }
    auto_replies::written(w, device, before, row, now).await
}

/// A message as it is kept, now or of the past; `is_first` of its chat.
pub(super) async fn draft(
    w: &mut Writing,
    device: &DeviceRow,
    message: &Received,
    is_first: bool,
) -> Result<(ChatMessageRow, Doc)> {
    let place = message.chat.kind();
    let own = device.wid.clone().unwrap_or_default();
    let (flow, from, to) = if message.from_me {
        ("outbound", own, message.chat.to_string())
    } else {
        ("inbound", message.chat.to_string(), own)
    };
    let subtype = subtype(&message.content);
    // What was sealed under a key that is not here is kept, but nothing can be said of it.
    let sealed = matches!(message.content, ReceivedContent::Change { change: Change::Sealed, .. });
    let kind = if sealed { "unknown" } else { kinds::shown(&message.kind) };
    let doc = Doc {
        from,
        to,
        meta: MessageMeta { is_first_message: is_first, ..meta(message, place, subtype) },
        quoted: quoted(w, device, message).await?,
        mentions: message.mentions.iter().map(Wid::to_string).collect(),
        content: Saying::of(&message.content),
        edits: Vec::new(),
    };
    let row = ChatMessageRow {
        seq: 0,
        chat: message.chat.to_string(),
        author: message.author.to_string(),
        wa_id: message.id.clone(),
        flow: flow.to_owned(),
        kind: kind.to_owned(),
        subtype: subtype.map(str::to_owned),
        status: "active".to_owned(),
        body: body(message),
        ack: if message.from_me { "sent" } else { "delivered" }.to_owned(),
        reference: None,
        doc: doc.column()?,
        at: message.at,
        edited_at: None,
    };
    Ok((row, doc))
}

/// Writes a message with its words and its file, which is fetched by itself if
/// `automatic`; false when it was there: WhatsApp delivers again what it was not
/// sure of.
pub(super) async fn insert(
    w: &mut Writing,
    device: &DeviceRow,
    row: &mut ChatMessageRow,
    doc: &Doc,
    message: &Received,
    automatic: bool,
    now: Millis,
) -> Result<bool> {
    let mut scope = w.account(&device.account_id);
    let raw = Some(&*message.raw).filter(|raw| !raw.is_empty());
    let Some(seq) = scope.insert_chat_message(&device.id, row, raw, now).await? else {
        return Ok(false);
    };
    row.seq = seq;
    let media = file::of(&message.content);
    let text = doc.search_text(row.body.as_deref(), media.and_then(|media| media.file_name.as_deref()));
    scope.index_words(&device.id, row, &text, media.is_some()).await?;
    if let Some(media) = media {
        file::note(w, device, row, media, automatic, now).await?;
    }
    Ok(true)
}

fn media_is_new(content: &ReceivedContent) -> bool {
    file::of(content).is_some()
}

/// Text or caption; of a comment, what it says.
fn body(message: &Received) -> Option<String> {
    let own = match &message.content {
        ReceivedContent::Change { change: Change::Comment(text), .. } => text.clone(),
        _ => None,
    };
    own.or_else(|| message.body.clone()).filter(|text| !text.is_empty())
}

fn meta(message: &Received, place: WidKind, subtype: Option<&str>) -> MessageMeta {
    let flags = message.flags;
    MessageMeta {
        is_group: place == WidKind::Group,
        is_channel: place == WidKind::Channel,
        is_notification: matches!(message.content, ReceivedContent::System(_)),
        is_forwarded: flags.forwarded,
        forward_score: (flags.forward_score > 0).then_some(flags.forward_score),
        is_ephemeral: flags.ephemeral_seconds.is_some(),
        ephemeral_duration: flags.ephemeral_seconds,
        is_view_once: flags.view_once,
        is_broadcast: flags.broadcast,
        is_gif: subtype == Some("gif"),
        is_live: subtype == Some("live"),
        is_doc: message.kind == "document",
        color: flags.look.map(|look| look::color_name(look.background)),
        font: flags.look.map(|look| look::font_name(look.font)),
        notify_name: message.push_name.clone().filter(|_| !message.from_me),
        source: "remote".to_owned(),
        via: if message.from_me { "app" } else { "remote" }.to_owned(),
        ..MessageMeta::default()
    }
}

/// The message that is answered or commented on, with what is known of it here.
async fn quoted(w: &mut Writing, device: &DeviceRow, message: &Received) -> Result<Option<Quoted>> {
    let mut quoted = match (&message.quoted, &message.content) {
        (Some(quoted), _) => Quoted {
            id: quoted.id.clone(),
            kind: None,
            from: quoted.author.as_ref().map(Wid::to_string),
            body: quoted.body.clone(),
            reference: None,
        },
        (None, ReceivedContent::Change { of, .. }) => {
            Quoted { id: of.id.clone(), kind: None, from: Some(of.author.to_string()), body: None, reference: None }
        }
        (None, _) => return Ok(None),
    };
    let known = w.account(&device.account_id).chat_message(&device.id, &quoted.id).await?;
    if let Some(known) = known.filter(|known| known.chat == message.chat.as_str()) {
        quoted.kind = Some(known.kind);
        quoted.reference = known.reference;
        quoted.from = quoted.from.or(Some(known.author));
        quoted.body = quoted.body.or(known.body);
    }
    Ok(Some(quoted))
}
