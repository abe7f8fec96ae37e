//! Deleting a chat: here, and on the phone when asked.

use serde::Serialize;
use serde_json::{Map, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};
use utoipa::ToSchema;

use super::change::{self, By};
use super::find::{self, Who};
use super::purge::{Purge, purge};
use super::wishes;
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::Caller;
use crate::network::{ChatChange, Millis};
use crate::wid::Wid;

/// What deleting a chat did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeletedChat {
    /// The chat's WhatsApp id.
    pub id: String,
    /// Always true.
    pub deleted: bool,
    /// Whether it is deleted on the phone, or will be as soon as the number is online.
    pub whatsapp: bool,
    /// Whether the phone has still to be told.
    pub pending: bool,
}

/// Deletes a chat here, with its messages, notes and files. With `whatsapp` it is
/// deleted on the phone first, and kept when that fails; with `force` besides it
/// is deleted here in any case, and on the phone as soon as that can be done.
///
/// # Errors
/// `device:notfound`, `chat:notfound`, `chat:force` without `whatsapp`;
/// `session:offline` and what WhatsApp refuses, unless forced; without the scope
/// `chats:write`.
pub async fn delete(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chat: &str,
    whatsapp: bool,
    force: bool,
) -> Result<DeletedChat> {
    let who = Who::may_write(caller)?;
    if force && !whatsapp {
        return Err(Error::invalid("chat:force", "'force' is for deleting on WhatsApp, but 'whatsapp' is not true."));
    }
    let row = devices::row(core, &caller.account, device).await?;
    let found = core.store().read().await?.account(&caller.account).chat_named(device, chat).await?;
    let known = found.filter(|row| find::visible(row, &caller.sight())).ok_or_else(|| find::missing(chat))?;
    let mut pending = false;
    if whatsapp {
        match on_whatsapp(core, &row, &known).await {
            Ok(()) => {}
            Err(_) if force => pending = true,
            Err(error) => {
                return Err(error
                    .hint("Set 'force' to delete it here at once, and on the phone as soon as the number is online."));
            }
        }
    }
    let (id, wid, now) = (device.clone(), known.wid.clone(), core.now());
    // What came in after WhatsApp was told is not part of what was deleted.
    let until = if whatsapp && !pending { known.last_message_at } else { i64::MAX };
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let (device, chat) = match who.place(w, &id, &wid).await {
                    Ok(found) => found,
                    // WhatsApp has told of the deletion before it has answered it.
                    Err(error) if whatsapp && error.code == "chat:notfound" => return Ok(()),
                    Err(error) => return Err(error),
                };
                if pending {
                    wishes::wish(w, &device, &chat, &ChatChange::Deleted, now).await?;
                }
                gone(w, &device, chat, until, &who.by, now).await
            })
        })
        .await?;
    core.chats().wake.notify_one();
    Ok(DeletedChat { id: known.wid, deleted: true, whatsapp, pending })
}

async fn on_whatsapp(core: &Core, device: &DeviceRow, chat: &ChatRow) -> Result<()> {
    let link = core
        .sessions()
        .online(&device.id)
        .ok_or_else(|| crate::sessions::offline(&device.id, &device.session_status))?;
    let wid: Wid = chat.wid.parse().map_err(Error::internal)?;
    let newest = Some(chat.last_message_at).filter(|at| *at > 0);
    link.change_chat(&wid, &ChatChange::Deleted, newest).await.map_err(crate::sessions::network_error)
}

/// Takes a chat away, up to its messages of a time, and tells of it.
pub(super) async fn gone(
    w: &mut Writing,
    device: &DeviceRow,
    chat: ChatRow,
    until: Millis,
    by: &By,
    now: Millis,
) -> Result<()> {
    let mut told = chat.clone();
    let newer = chat.last_message_at > until;
    purge(w, device, chat, Purge { until, keep_starred: false, whole: true }, now).await?;
    let word = if newer { "cleared" } else { "deleted" };
    if !newer {
        "removed".clone_into(&mut told.status);
    }
    let changes = Map::from_iter([(word.to_owned(), json!(false))]);
    change::tell(w, device, &told, changes, by, now).await
}

/// Takes away a chat that is named by its id; whether there was one.
pub(crate) async fn forget(
    w: &mut Writing,
    account: &AccountId,
    device: &DeviceId,
    chat: &str,
    by: &By,
    now: Millis,
) -> Result<bool> {
    let mut scope = w.account(account);
    let number = scope.device(device).await?.ok_or_else(|| devices::not_found(device))?;
    let Some(row) = scope.chat_named(device, chat).await? else { return Ok(false) };
    gone(w, &number, row, i64::MAX, by, now).await?;
    Ok(true)
}

/// Takes all chats of a number away; nobody is told of each of them.
pub(crate) async fn forget_all(w: &mut Writing, account: &AccountId, device: &DeviceId, now: Millis) -> Result<()> {
    Ok(w.account(account).delete_all_chats(device, now).await?)
}
