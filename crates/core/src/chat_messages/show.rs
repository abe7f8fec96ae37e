//! Messages as the outside sees them.

use std::collections::HashMap;

use sparkbot_store::rows::{Account, ChatFileRow, ChatMessageRow, ChatRow, ContactRow, DeviceRow, MarkRow};

use super::content;
use super::kinds::has_file;
use crate::channels;
use crate::chat_files;
use crate::chats;
use crate::clock::iso;
use crate::contacts;
use crate::error::{Error, Result};
use crate::groups;
use crate::ids::DeviceId;
use crate::inbox::{Doc, Saying};
use crate::views::{ChatMessage, ChatRef, Link, MessageChat, MessageLinks, MessageMeta, PostCounts, Reaction};
use crate::wid::Wid;

/// The mark that counts reactions to a channel's post.
pub(crate) const COUNTS: &str = "counts";

/// How much to show along with a message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parts {
    /// The chat in full, not only its name.
    pub chat: bool,
    /// The person, with the chat.
    pub contact: bool,
    /// The file's small picture.
    pub media: bool,
}

impl Parts {
    /// What events carry: all but pictures.
    pub(crate) const EVENT: Self = Self { chat: true, contact: true, media: false };
    /// Everything.
    pub const ALL: Self = Self { chat: true, contact: true, media: true };
}

/// One message.
pub(crate) async fn show_one(
    scope: &mut Account<'_>,
    device: &DeviceRow,
    row: ChatMessageRow,
    parts: Parts,
) -> Result<ChatMessage> {
    let shown = show(scope, device, vec![row], parts).await?;
    shown.into_iter().next().ok_or_else(|| Error::internal("a message was not shown"))
}

/// Messages in the order of their rows. What stands in other tables is read for
/// all of them at once.
pub(crate) async fn show(
    scope: &mut Account<'_>,
    device: &DeviceRow,
    rows: Vec<ChatMessageRow>,
    parts: Parts,
) -> Result<Vec<ChatMessage>> {
    let ids: Vec<String> = rows.iter().map(|row| row.wa_id.clone()).collect();
    let mut marks: HashMap<(String, String), Vec<MarkRow>> = HashMap::new();
    for mark in scope.marks(&device.id, &ids).await? {
        marks.entry((mark.target.clone(), mark.chat.clone())).or_default().push(mark);
    }
    let with_file: Vec<i64> = rows.iter().filter(|row| has_file(&row.kind)).map(|row| row.seq).collect();
    let files = scope.chat_files_of(&device.id, &with_file).await?;
    let mut files: HashMap<i64, ChatFileRow> = files.into_iter().map(|file| (file.message, file)).collect();
    let mut wids: Vec<String> = rows.iter().map(|row| row.chat.clone()).collect();
    wids.sort();
    wids.dedup();
    let chats = scope.chats_of(&device.id, &wids).await?;
    let mut contacts = HashMap::new();
    if parts.contact || parts.chat {
        let found = scope.contacts_of(&device.id, &wids).await?;
        contacts = found.into_iter().map(|contact| (contact.wid.clone(), contact)).collect();
    }
    let mut groups = if parts.chat { groups::chat_groups(scope, &device.id, &wids).await? } else { HashMap::new() };
    let mut channels =
        if parts.chat { channels::chat_channels(scope, &device.id, &wids).await? } else { HashMap::new() };
    let mut places = HashMap::new();
    for row in chats {
        let wid = row.wid.clone();
        let contact = contacts.remove(&wid);
        let mut place = place(&device.id, row, contact, parts)?;
        if let MessageChat::Full(chat) = &mut place {
            chat.group = groups.remove(&wid);
            chat.channel = channels.remove(&wid);
        }
        places.insert(wid, place);
    }
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let marks = marks.remove(&(row.wa_id.clone(), row.chat.clone())).unwrap_or_default();
        let place = places.get(&row.chat).cloned().ok_or_else(|| Error::internal("a message without its chat"))?;
        let file = files.remove(&row.seq);
        shown.push(message(device, row, &marks, file.as_ref(), place, parts)?);
    }
    Ok(shown)
}

fn place(device: &DeviceId, row: ChatRow, contact: Option<ContactRow>, parts: Parts) -> Result<MessageChat> {
    if !parts.chat {
        let name = row.name.or_else(|| contact.and_then(|contact| contacts::brief(contact).name));
        return Ok(MessageChat::Brief(ChatRef { id: row.wid, name, kind: row.kind }));
    }
    let mut chat = chats::shown(device, row, contact)?;
    if !parts.contact {
        chat.contact = None;
    }
    Ok(MessageChat::Full(Box::new(chat)))
}

fn message(
    device: &DeviceRow,
    row: ChatMessageRow,
    marks: &[MarkRow],
    file: Option<&ChatFileRow>,
    chat: MessageChat,
    parts: Parts,
) -> Result<ChatMessage> {
    let doc = Doc::read(&row)?;
    let group = row.chat.ends_with("@g.us");
    let note = row.kind == "note";
    let own = device.wid.as_deref();
    let mut message = ChatMessage {
        id: row.wa_id.clone(),
        kind: row.kind,
        subtype: row.subtype,
        flow: row.flow,
        status: row.status,
        ack: row.ack,
        from_number: number(&doc.from).or_else(|| if group { number(&row.author) } else { None }),
        to_number: number(&doc.to),
        from: doc.from,
        to: doc.to,
        author: (group || note).then(|| row.author.clone()),
        date: iso(row.at),
        timestamp: row.at.div_euclid(1000),
        body: row.body,
        edited_at: row.edited_at.map(iso),
        edits: doc.edits,
        reactions: reactions(marks),
        post: counts(marks),
        mentions: doc.mentions,
        chat,
        media: file.map(|file| chat_files::media(file, parts.media)).transpose()?,
        location: None,
        contacts: None,
        poll: None,
        event: None,
        list: None,
        selected: None,
        product: None,
        order: None,
        group_invite: None,
        quoted: doc.quoted,
        reference: row.reference,
        meta: MessageMeta {
            is_pinned: latest(marks, "pin"),
            is_kept: latest(marks, "keep"),
            is_star: latest(marks, "star"),
            ..doc.meta
        },
        links: links(device, &row.chat, &row.wa_id),
    };
    match doc.content {
        Some(Saying::Location(location)) => message.location = Some(content::location(location)),
        Some(Saying::Contacts(cards)) => message.contacts = Some(cards.into_iter().map(content::card).collect()),
        Some(Saying::Poll(poll)) => message.poll = Some(content::poll(poll, marks)?),
        Some(Saying::Event(event)) => message.event = Some(content::event(*event, marks, own)),
        Some(Saying::Product(product)) => message.product = Some(content::product(*product)),
        Some(Saying::Order(order)) => message.order = Some(content::order(*order)),
        Some(Saying::Menu(menu)) => message.list = Some(content::menu(menu)),
        Some(Saying::Choice(choice)) => message.selected = Some(content::choice(choice)),
        Some(Saying::Invite(invite)) => message.group_invite = Some(content::invite(invite)),
        Some(Saying::System(note)) => message.subtype = message.subtype.or(Some(note)),
        None => {}
    }
    Ok(message)
}

/// Whether the newest mark of a kind, whoever put it, is on.
fn latest(marks: &[MarkRow], kind: &str) -> bool {
    marks.iter().rev().find(|mark| mark.kind == kind).is_some_and(|mark| mark.value.is_some())
}

/// The phone number of an id, where it tells one.
pub(super) fn number(wid: &str) -> Option<String> {
    wid.parse::<Wid>().ok().and_then(|wid| wid.phone()).map(String::from)
}

fn reactions(marks: &[MarkRow]) -> Vec<Reaction> {
    let reactions = marks.iter().filter(|mark| mark.kind == "reaction");
    reactions
        .filter_map(|mark| {
            Some(Reaction {
                from: mark.person.clone(),
                from_number: number(&mark.person),
                emoji: mark.value.clone()?,
                date: iso(mark.at),
            })
        })
        .collect()
}

/// What became of a channel's post.
pub(crate) fn counts(marks: &[MarkRow]) -> Option<PostCounts> {
    let mark = marks.iter().find(|mark| mark.kind == COUNTS)?;
    serde_json::from_str(mark.value.as_deref()?).ok()
}

/// Where to go on from a message.
pub(crate) fn links(device: &DeviceRow, chat: &str, id: &str) -> MessageLinks {
    let get = |url: String| Link { method: "GET", url };
    let base = format!("/v1/chat/{}", device.id);
    MessageLinks {
        message: get(format!("{base}/messages/{id}")),
        ackinfo: get(format!("{base}/messages/{id}/ackinfo")),
        chat_messages: get(format!("{base}/messages?chat={chat}")),
        device: get(format!("/v1/devices/{}", device.id)),
    }
}
