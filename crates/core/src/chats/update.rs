//! What people change about a chat: status, read or unread, archived, pinned,
//! muted.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};

use super::change::{self, By};
use super::find::Who;
use super::show::{self, With};
use super::wishes;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::network::{ChatChange, Millis};
use crate::views::Chat;

/// What a status can be set to.
pub const STATUSES: &[&str] = &["active", "pending", "resolved", "archived", "removed"];

/// One change that a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Update {
    Status(String),
    Archived(bool),
    Read(bool),
    Pinned(bool),
    Muted(bool),
}

/// Sets the status. `archived` archives the chat on the phone, too, and any other
/// status takes it back from there; `removed` hides it until the next message.
///
/// # Errors
/// `device:notfound`, `chat:notfound`, `chat:status`; without the scope
/// `chats:write`.
pub async fn set_status(core: &Core, caller: &Caller, device: &DeviceId, chat: &str, status: &str) -> Result<Chat> {
    if !STATUSES.contains(&status) {
        return Err(Error::invalid(
            "chat:status",
            format!("'{status}' is no status of a chat; there are {}.", STATUSES.join(", ")),
        ));
    }
    one(core, caller, device, chat, vec![Update::Status(status.to_owned())]).await
}

/// Marks a chat as read (its senders are told) or as unread, on the phone too.
///
/// # Errors
/// As [`set_status`].
pub async fn set_read(core: &Core, caller: &Caller, device: &DeviceId, chat: &str, read: bool) -> Result<Chat> {
    one(core, caller, device, chat, vec![Update::Read(read)]).await
}

/// Puts a chat away or takes it back, on the phone too.
///
/// # Errors
/// As [`set_status`].
pub async fn set_archived(core: &Core, caller: &Caller, device: &DeviceId, chat: &str, archived: bool) -> Result<Chat> {
    one(core, caller, device, chat, vec![Update::Archived(archived)]).await
}

/// Pins and mutes, or takes it back, on the phone too.
///
/// # Errors
/// As [`set_status`]; `chat:attributes` when nothing is given.
pub async fn set_attributes(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chat: &str,
    pinned: Option<bool>,
    muted: Option<bool>,
) -> Result<Chat> {
    let updates: Vec<Update> = pinned.map(Update::Pinned).into_iter().chain(muted.map(Update::Muted)).collect();
    if updates.is_empty() {
        return Err(Error::invalid(
            "chat:attributes",
            "The body has neither 'pinned' nor 'muted'; it needs one of them.",
        ));
    }
    one(core, caller, device, chat, updates).await
}

async fn one(core: &Core, caller: &Caller, device: &DeviceId, chat: &str, updates: Vec<Update>) -> Result<Chat> {
    let who = Who::may_write(caller)?;
    let (id, wid, now) = (device.clone(), chat.to_owned(), core.now());
    let view = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let (device, row) = who.place(w, &id, &wid).await?;
                let row = update(w, &device, row, &updates, &who.by, now).await?;
                show::show_one(&mut w.account(&device.account_id), &device, row, With::default()).await
            })
        })
        .await?;
    core.chats().wake.notify_one();
    Ok(view)
}

/// Makes changes and notes what WhatsApp has to be told; the chat as it is then.
pub(super) async fn update(
    w: &mut Writing,
    device: &DeviceRow,
    before: ChatRow,
    updates: &[Update],
    by: &By,
    now: Millis,
) -> Result<ChatRow> {
    let mut chat = before.clone();
    let mut told = Vec::new();
    for update in updates {
        match update {
            Update::Status(status) if status == "archived" => archive(&mut chat, true, by, now, &mut told),
            Update::Status(status) => {
                archive(&mut chat, false, by, now, &mut told);
                change::set_status(&mut chat, status, by, now);
            }
            Update::Archived(on) => archive(&mut chat, *on, by, now, &mut told),
            Update::Read(true) => {
                if before.unread > 0 || before.marked_unread == 1 {
                    (chat.unread, chat.marked_unread, chat.unread_at) = (0, 0, Some(now));
                    told.push(ChatChange::Read(true));
                }
            }
            Update::Read(false) => {
                if before.unread == 0 && before.marked_unread == 0 {
                    (chat.marked_unread, chat.unread_at) = (1, Some(now));
                    told.push(ChatChange::Read(false));
                }
            }
            Update::Pinned(on) => {
                if *on {
                    // WhatsApp takes a chat back that is pinned.
                    archive(&mut chat, false, by, now, &mut told);
                }
                if chat.pinned_at.is_some() != *on {
                    chat.pinned_at = on.then_some(now);
                    told.push(ChatChange::Pinned(*on));
                }
            }
            Update::Muted(on) => {
                let until = on.then_some(-1);
                if chat.muted_until != until {
                    chat.muted_until = until;
                    told.push(ChatChange::Muted(until));
                }
            }
        }
    }
    for change in &told {
        wishes::wish(w, device, &before, change, now).await?;
    }
    change::save(w, device, &before, &mut chat, by, now).await?;
    Ok(chat)
}

fn archive(chat: &mut ChatRow, on: bool, by: &By, now: Millis, told: &mut Vec<ChatChange>) {
    if (chat.archived == 1) != on {
        change::set_archived(chat, on, by, now);
        told.push(ChatChange::Archived(on));
    }
}
