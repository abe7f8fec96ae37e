//! Finding chats: by id, and by filters.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatFilter, ChatRow, DeviceRow};

use super::change::By;
use super::show::{self, With};
use crate::access::Sight;
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::page::Page;
use crate::views::Chat;

/// A page of a number's chats.
///
/// # Errors
/// `device:notfound`; without the scope `chats:read`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    filter: ChatFilter,
    with: With,
) -> Result<Page<Chat>> {
    caller.need(Scope::ChatsRead)?;
    let filter = ChatFilter { sight: caller.sight(), ..filter };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let device = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let (total, rows) = scope.chats(&device.id, &filter).await?;
    let items = show::show(&mut scope, &device, rows, with).await?;
    Ok(Page { items, total })
}

/// One chat.
///
/// # Errors
/// `device:notfound`, `chat:notfound`; without the scope `chats:read`.
pub async fn get(core: &Core, caller: &Caller, device: &DeviceId, chat: &str, with: With) -> Result<Chat> {
    caller.need(Scope::ChatsRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let device = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let row = scope.chat_named(&device.id, chat).await?.filter(|row| visible(row, &caller.sight()));
    show::show_one(&mut scope, &device, row.ok_or_else(|| missing(chat))?, with).await
}

/// Whether a chat is there for somebody.
pub(super) fn visible(row: &ChatRow, sight: &Sight) -> bool {
    row.status != "removed" && sight.sees(row.agent.as_deref(), row.department.as_deref())
}

/// Who changes a chat, as writes take it along.
#[derive(Debug, Clone)]
pub(super) struct Who {
    pub(super) account: AccountId,
    pub(super) by: By,
    sight: Sight,
}

impl Who {
    /// The caller, if they may change chats.
    pub(super) fn may_write(caller: &Caller) -> Result<Self> {
        caller.need(Scope::ChatsWrite)?;
        Ok(Self { account: caller.account.clone(), by: By::user(&caller.user), sight: caller.sight() })
    }

    /// A number and one of its chats, to be changed.
    pub(super) async fn place(&self, w: &mut Writing, device: &DeviceId, chat: &str) -> Result<(DeviceRow, ChatRow)> {
        let mut scope = w.account(&self.account);
        let device = scope.device(device).await?.ok_or_else(|| not_found(device))?;
        let row = scope.chat_named(&device.id, chat).await?.filter(|row| visible(row, &self.sight));
        Ok((device, row.ok_or_else(|| missing(chat))?))
    }
}

pub(crate) fn missing(chat: &str) -> Error {
    let shown: String = chat.chars().take(60).collect();
    Error::not_found("chat:notfound", format!("This number has no chat {shown}."))
        .hint("A chat begins with its first message; GET /v1/chat/{device}/chats lists those there are.")
}
