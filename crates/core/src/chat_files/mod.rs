//! Files that came with messages: what is known of them at once, the bytes as
//! soon as they are fetched.
//!
//! [`show`] is their shape, [`fetch`] gets them from WhatsApp and removes them
//! when their time is over, [`own`] finds those that were sent from here,
//! [`open`] hands their bytes out.

mod fetch;
mod open;
mod own;
mod settings;
mod show;

pub use sparkbot_store::rows::ChatFileFilter;
use sparkbot_store::rows::ChatFileRow;

use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{ChatFileId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::page::Page;
use crate::views::ChatFile;

pub use fetch::ChatFiles;
pub(crate) use fetch::start;
pub use open::open;
pub use settings::ChatFileSettings;
pub(crate) use show::media;

/// A page of a number's files.
///
/// # Errors
/// `device:notfound`; without the scope `messages:read`.
pub async fn list(core: &Core, caller: &Caller, device: &DeviceId, filter: ChatFileFilter) -> Result<Page<ChatFile>> {
    caller.need(Scope::MessagesRead)?;
    let filter = ChatFileFilter { sight: caller.sight(), ..filter };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let (total, rows) = scope.chat_files(device, &filter).await?;
    let items = rows.iter().map(|row| shown(core, row)).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// One file.
///
/// # Errors
/// `device:notfound`, `file:notfound`; without the scope `messages:read`.
pub async fn get(core: &Core, caller: &Caller, device: &DeviceId, id: &ChatFileId) -> Result<ChatFile> {
    caller.need(Scope::MessagesRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let row = scope.chat_file(device, id).await?.ok_or_else(|| missing(id))?;
    if !scope.sees(device, &row.chat, &caller.sight()).await? {
        return Err(missing(id));
    }
    shown(core, &row)
}

fn missing(id: &ChatFileId) -> Error {
    Error::not_found("file:notfound", format!("There is no file {id} in the chats of this number."))
}

fn shown(core: &Core, row: &ChatFileRow) -> Result<ChatFile> {
    show::file(row, &open::token(core, row)?)
}
