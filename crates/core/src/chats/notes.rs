//! Notes: what the team writes to itself in a chat. They stand among the messages
//! as the kind `note`; WhatsApp never hears of them.

use rand::RngExt;
use serde::Serialize;
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, ChatRow, DeviceRow};
use utoipa::ToSchema;

use super::change::{self, By};
use super::find::Who;
use crate::app::Core;
use crate::chat_messages::{self, Parts};
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::inbox::Doc;
use crate::keys::Caller;
use crate::network::Millis;
use crate::team;
use crate::views::{ChatMessage, MessageMeta, Quoted};

/// Characters of a note at most.
const LENGTH: usize = 6_000;
/// Notes that one request deletes at most.
const DELETED: usize = 100;

/// A note to write.
#[derive(Debug, Clone, Default)]
pub struct NewNote {
    /// What it says.
    pub message: String,
    /// The message of the chat that it is about, by WhatsApp id.
    pub quote: Option<String>,
    /// In whose name, by the id of a team member; the caller's when absent.
    pub author: Option<String>,
}

/// What deleting notes did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeletedNotes {
    /// Those that are gone.
    pub deleted: Vec<String>,
    /// Those that were not there.
    pub missing: Vec<String>,
}

/// Writes a note.
///
/// # Errors
/// `device:notfound`, `chat:notfound`, `agent:notfound`, `message:notfound` for
/// the quote, `note:message` for its length; without the scope `chats:write`.
pub async fn create_note(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chat: &str,
    note: NewNote,
) -> Result<ChatMessage> {
    let who = Who::may_write(caller)?;
    let length = note.message.chars().count();
    if note.message.trim().is_empty() || length > LENGTH {
        return Err(Error::invalid(
            "note:message",
            format!("The note has {length} characters; it needs 1 to {LENGTH}, and not blanks alone."),
        ));
    }
    let (id, wid, now) = (device.clone(), chat.to_owned(), core.now());
    let writer = caller.user.to_string();
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let (device, chat) = who.place(w, &id, &wid).await?;
                let author = match &note.author {
                    Some(author) => Some(team::agent(w, &who.account, author).await?.id.to_string()),
                    None => None,
                };
                let quoted = match &note.quote {
                    Some(quote) => Some(quoted(w, &device, &chat, quote).await?),
                    None => None,
                };
                let row = row(&device, &chat, author.unwrap_or(writer), quoted, &note.message, now)?;
                let row = write(w, &device, chat, row, &who.by, now).await?;
                chat_messages::show_one(&mut w.account(&who.account), &device, row, Parts::default()).await
            })
        })
        .await
}

async fn quoted(w: &mut Writing, device: &DeviceRow, chat: &ChatRow, id: &str) -> Result<Quoted> {
    let id = id.to_ascii_uppercase();
    let found = w.account(&device.account_id).chat_messages_under(&device.id, &chat.wid, &id).await?;
    let row = found.into_iter().find(|row| row.status != "removed").ok_or_else(|| {
        let shown: String = id.chars().take(40).collect();
        Error::not_found("message:notfound", format!("There is no message {shown} in this chat to be quoted."))
    })?;
    Ok(Quoted { id: row.wa_id, kind: Some(row.kind), from: Some(row.author), body: row.body, reference: row.reference })
}

fn row(
    device: &DeviceRow,
    chat: &ChatRow,
    author: String,
    quoted: Option<Quoted>,
    text: &str,
    now: Millis,
) -> Result<ChatMessageRow> {
    let mut random = [0u8; 12];
    rand::rng().fill(&mut random);
    let meta = MessageMeta { source: "api".to_owned(), via: "platform".to_owned(), ..MessageMeta::default() };
    let doc =
        Doc { from: device.wid.clone().unwrap_or_default(), to: chat.wid.clone(), meta, quoted, ..Doc::default() };
    Ok(ChatMessageRow {
        seq: 0,
        chat: chat.wid.clone(),
        author,
        wa_id: hex::encode_upper(random),
        flow: "outbound".to_owned(),
        kind: "note".to_owned(),
        subtype: None,
        status: "active".to_owned(),
        body: Some(text.to_owned()),
        ack: "sent".to_owned(),
        reference: None,
        doc: doc.column()?,
        at: now,
        edited_at: None,
    })
}

async fn write(
    w: &mut Writing,
    device: &DeviceRow,
    before: ChatRow,
    mut row: ChatMessageRow,
    by: &By,
    now: Millis,
) -> Result<ChatMessageRow> {
    let mut scope = w.account(&device.account_id);
    row.seq = scope
        .insert_chat_message(&device.id, &row, None, now)
        .await?
        .ok_or_else(|| Error::internal("two notes have the same random id"))?;
    let text = Doc::read(&row)?.search_text(row.body.as_deref(), None);
    scope.index_words(&device.id, &row, &text, false).await?;
    let mut chat = before.clone();
    chat.notes += 1;
    (chat.last_note, chat.last_note_at) = (Some(row.seq), Some(row.at));
    change::save(w, device, &before, &mut chat, by, now).await?;
    Ok(row)
}

/// Deletes notes of a chat.
///
/// # Errors
/// `device:notfound`, `chat:notfound`, `note:count` for none or too many; without
/// the scope `chats:write`.
pub async fn delete_notes(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chat: &str,
    ids: Vec<String>,
) -> Result<DeletedNotes> {
    let who = Who::may_write(caller)?;
    if ids.is_empty() || ids.len() > DELETED {
        return Err(Error::invalid(
            "note:count",
            format!("{} ids were given; one request deletes 1 to {DELETED} notes.", ids.len()),
        ));
    }
    let (id, wid, now) = (device.clone(), chat.to_owned(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let (device, before) = who.place(w, &id, &wid).await?;
                let mut chat = before.clone();
                let mut outcome = DeletedNotes { deleted: Vec::new(), missing: Vec::new() };
                for id in ids {
                    let id = id.to_ascii_uppercase();
                    if outcome.deleted.contains(&id) {
                        continue;
                    }
                    let mut scope = w.account(&who.account);
                    let found = scope.chat_messages_under(&device.id, &chat.wid, &id).await?;
                    let Some(note) = found.into_iter().find(|row| row.kind == "note") else {
                        outcome.missing.push(id);
                        continue;
                    };
                    let text = Doc::read(&note)?.search_text(note.body.as_deref(), None);
                    scope.forget_words(&device.id, &note, &text).await?;
                    scope.delete_chat_messages(&device.id, std::slice::from_ref(&note)).await?;
                    chat.notes = (chat.notes - 1).max(0);
                    outcome.deleted.push(id);
                }
                let newest = w.account(&who.account).latest_chat_messages(&device.id, &chat.wid, true, 1).await?.pop();
                (chat.last_note, chat.last_note_at) = (newest.as_ref().map(|row| row.seq), newest.map(|row| row.at));
                change::save(w, &device, &before, &mut chat, &who.by, now).await?;
                Ok(outcome)
            })
        })
        .await
}
