//! What was said in a number's chats: found again, looked at, edited, deleted.
//!
//! [`show`] and [`content`] are their shape, [`kinds`] the words for kinds,
//! [`edit`] and [`delete`] the changes that can be made, [`confirm`] carries
//! them to WhatsApp, [`ackinfo`] tells who has received and read.

mod ackinfo;
mod confirm;
mod content;
mod delete;
mod edit;
pub mod kinds;
mod show;
mod vcard;

use sparkbot_store::rows::{ChatMessageRow, DeviceRow, MessageRow, Place};
use sparkbot_store::{Reading, rows};

use crate::access::Sight;
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::network::Target;
use crate::page::Page;
use crate::views::ChatMessage;

pub use ackinfo::{AckInfo, AckRecipient, ackinfo};
pub(crate) use confirm::start;
pub use delete::{DeletedMessage, Deletion, delete};
pub(crate) use delete::{deleted_elsewhere, empty};
pub use edit::edit;
pub use show::Parts;
pub(crate) use show::{COUNTS, counts, links, show, show_one};
pub use sparkbot_store::rows::ChatMessageFilter;

/// Which messages to list.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What the rows are filtered by; `begin`, `end` and `own` are filled in here.
    pub filter: ChatMessageFilter,
    /// From this message on, by WhatsApp id.
    pub begin: Option<String>,
    /// Up to this message, by WhatsApp id.
    pub end: Option<String>,
    /// Compare with WhatsApp first.
    pub sync: bool,
    /// How much to show along with each.
    pub parts: Parts,
}

/// A page of a number's messages.
///
/// # Errors
/// `device:notfound`; `message:notfound` for `begin` and `end`;
/// `session:offline` when it is to be compared with WhatsApp and can't be;
/// without the scope `messages:read`.
pub async fn list(core: &Core, caller: &Caller, device: &DeviceId, search: Search) -> Result<Page<ChatMessage>> {
    caller.need(Scope::MessagesRead)?;
    let (mut reading, row) = number(core, &caller.account, device).await?;
    if search.sync {
        drop(reading);
        let link =
            core.sessions().online(device).ok_or_else(|| crate::sessions::offline(device, &row.session_status))?;
        link.sync().await.map_err(crate::sessions::network_error)?;
        reading = core.store().read().await?;
    }
    let mut scope = reading.account(&caller.account);
    let mut filter = search.filter;
    filter.own.clone_from(&row.wid);
    filter.sight = caller.sight();
    filter.begin = place(&mut scope, device, search.begin.as_deref(), &filter.sight).await?;
    filter.end = place(&mut scope, device, search.end.as_deref(), &filter.sight).await?;
    let (total, rows) = scope.chat_messages(device, &filter).await?;
    let items = show::show(&mut scope, &row, rows, search.parts).await?;
    Ok(Page { items, total })
}

async fn place(
    scope: &mut rows::Account<'_>,
    device: &DeviceId,
    id: Option<&str>,
    sight: &Sight,
) -> Result<Option<Place>> {
    let Some(id) = id else { return Ok(None) };
    let row = scope.chat_message(device, id).await?.ok_or_else(|| missing(id))?;
    seen(scope, device, &row.chat, id, sight).await?;
    Ok(Some(Place { at: row.at, seq: row.seq }))
}

/// One message by WhatsApp's id.
///
/// # Errors
/// `device:notfound`, `message:notfound`; without the scope `messages:read`.
pub async fn get(core: &Core, caller: &Caller, device: &DeviceId, id: &str) -> Result<ChatMessage> {
    caller.need(Scope::MessagesRead)?;
    let (mut reading, device) = number(core, &caller.account, device).await?;
    let mut scope = reading.account(&caller.account);
    let row = found(&mut scope, &device.id, id, &caller.sight()).await?;
    show_one(&mut scope, &device, row, Parts::ALL).await
}

async fn number(core: &Core, account: &AccountId, device: &DeviceId) -> Result<(Reading, DeviceRow)> {
    let mut reading = core.store().read().await?;
    let row = reading.account(account).device(device).await?.ok_or_else(|| not_found(device))?;
    Ok((reading, row))
}

/// A message that was not forgotten, of a chat that the person sees.
async fn found(scope: &mut rows::Account<'_>, device: &DeviceId, id: &str, sight: &Sight) -> Result<ChatMessageRow> {
    let id = id.to_ascii_uppercase();
    let row = scope.chat_message(device, &id).await?.filter(|row| row.status != "removed");
    let row = row.ok_or_else(|| missing(&id))?;
    seen(scope, device, &row.chat, &id, sight).await?;
    Ok(row)
}

/// What is said in a chat that a person does not see is not there for them.
async fn seen(scope: &mut rows::Account<'_>, device: &DeviceId, chat: &str, id: &str, sight: &Sight) -> Result<()> {
    if scope.sees(device, chat, sight).await? { Ok(()) } else { Err(missing(id)) }
}

/// A message to be changed. One that has not left the queue yet, or never will,
/// is told from one that nobody knows.
async fn changeable(
    scope: &mut rows::Account<'_>,
    device: &DeviceId,
    id: &str,
    sight: &Sight,
) -> Result<ChatMessageRow> {
    let error = match found(scope, device, id, sight).await {
        Err(error) if error.code == "message:notfound" => error,
        other => return other,
    };
    let queued = scope.message_by_wa_id(device, &id.to_ascii_uppercase()).await?;
    if let Some(queued) = &queued {
        seen(scope, device, &queued.chat, id, sight).await?;
    }
    Err(queued.filter(|queued| queued.sent_at.is_none()).map_or(error, |queued| not_sent(&queued)))
}

fn not_sent(queued: &MessageRow) -> Error {
    let waits = matches!(queued.status.as_str(), "queued" | "processing");
    let hint = if waits {
        "Change it with PATCH /v1/messages/{id}, or take it out of the queue with DELETE /v1/messages/{id}."
    } else {
        "GET /v1/messages/{id} says what became of it."
    };
    Error::conflict(
        "message:not_sent",
        format!(
            "The message {} is not in its chat, because it was not sent yet: it is the outbound message {}, which is '{}'.",
            queued.wa_id, queued.id, queued.status
        ),
    )
    .hint(hint)
    .with("message", queued.id.to_string())
    .with("status", queued.status.as_str())
}

fn missing(id: &str) -> Error {
    let shown: String = id.chars().take(40).collect();
    Error::not_found("message:notfound", format!("There is no message {shown} in the chats of this number."))
        .hint("Chat messages are named by WhatsApp's id: 'id' of a chat message, 'waId' of an outbound one.")
}

/// A message as WhatsApp names it.
pub(crate) fn target(row: &ChatMessageRow) -> Result<Target> {
    Ok(Target {
        id: row.wa_id.clone(),
        chat: row.chat.parse().map_err(Error::internal)?,
        author: row.author.parse().map_err(Error::internal)?,
        from_me: row.flow == "outbound",
    })
}
