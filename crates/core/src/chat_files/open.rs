//! The bytes of a file, for somebody with a key or with a link that works for a
//! while.

use std::time::Duration;

use sparkbot_store::rows::ChatFileRow;

use super::{fetch, missing, own, show};
use crate::access::Sight;
use crate::app::Core;
use crate::downloads::{self, Download, Reader};
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, ChatFileId, DeviceId};
use crate::keys::Scope;

/// How long a request waits for a file that is being fetched.
const WAIT: Duration = Duration::from_secs(25);

/// A token with which a file can be downloaded without a key for an hour.
pub(super) fn token(core: &Core, file: &ChatFileRow) -> Result<String> {
    downloads::token(core, &file.account_id, &file.id, None)
}

/// In which account, and of which chats. A link is for one file that somebody
/// has seen.
fn reach(reader: &Reader) -> Result<(&AccountId, Sight)> {
    match reader {
        Reader::Caller(caller) => {
            caller.need(Scope::MessagesRead)?;
            Ok((&caller.account, caller.sight()))
        }
        Reader::Link(account) => Ok((account, Sight::All)),
    }
}

/// A file's bytes; what is not here yet is fetched first. Counted as a download
/// when `count` says so.
///
/// # Errors
/// `file:notfound`; `file:unavailable` when WhatsApp has it no more;
/// `session:offline` and `file:fetching` when it can't be had now.
pub async fn open(core: &Core, reader: &Reader, device: &DeviceId, id: &ChatFileId, count: bool) -> Result<Download> {
    let (account, sight) = reach(reader)?;
    let row = here(core, account, &sight, device, id).await?;
    if count {
        let (account, id) = (account.clone(), id.clone());
        core.store()
            .write(move |w| {
                Box::pin(async move { Ok::<_, Error>(w.account(&account).count_chat_file_download(&id).await?) })
            })
            .await?;
    }
    Ok(Download {
        size: row.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        mime: row.mime.as_deref().map(show::essence).unwrap_or_else(|| "application/octet-stream".to_owned()),
        filename: show::filename(&row),
        tag: row.sha2.unwrap_or_default(),
        blob: row.blob.ok_or_else(|| Error::internal("an available file without bytes"))?,
    })
}

/// The row of a file that is here, fetched if need be.
async fn here(
    core: &Core,
    account: &AccountId,
    sight: &Sight,
    device: &DeviceId,
    id: &ChatFileId,
) -> Result<ChatFileRow> {
    let waiting = async {
        let mut asked = false;
        loop {
            let ended = core.chat_files().ended.notified();
            let mut reading = core.store().read().await?;
            let mut scope = reading.account(account);
            let row = scope.chat_file(device, id).await?.ok_or_else(|| missing(id))?;
            if !scope.sees(device, &row.chat, sight).await? {
                return Err(missing(id));
            }
            drop(reading);
            match row.status.as_str() {
                "available" => return Ok(row),
                "unavailable" => return Err(unavailable(row)),
                _ if asked && !fetch::is_running(core, id) => return Err(not_now(row)),
                _ => {}
            }
            if !asked
                && let Some(bytes) = own::copied(core, &row).await?
                && let Some(row) = fetch::is_here(core, &row, bytes).await?
            {
                return Ok(row);
            }
            if core.sessions().online(device).is_none() {
                let status = core.store().read().await?.account(account).device(device).await?;
                let status = status.map(|device| device.session_status).unwrap_or_default();
                return Err(crate::sessions::offline(device, &status));
            }
            if !asked {
                fetch::begin(core, row).await?;
                asked = true;
                continue;
            }
            ended.await;
        }
    };
    match tokio::time::timeout(WAIT, waiting).await {
        Ok(row) => row,
        Err(_) => Err(Error::new(Kind::Unavailable, "file:fetching", "The file is still being fetched from WhatsApp.")
            .hint("Try again in a few seconds; it goes on by itself.")
            .after(Duration::from_secs(5))),
    }
}

fn unavailable(row: ChatFileRow) -> Error {
    let why = row.error.unwrap_or_else(|| "WhatsApp has it no more.".to_owned());
    Error::not_found("file:unavailable", format!("The file {} can't be had any more: {why}", row.id))
}

fn not_now(row: ChatFileRow) -> Error {
    if row.error_code.as_deref() == Some("file:too_large") {
        return Error::new(Kind::TooLarge, "file:too_large", "The file is larger than this server takes.");
    }
    let why = row.error.unwrap_or_else(|| "it was interrupted.".to_owned());
    Error::new(Kind::Unavailable, "file:not_fetched", format!("The file could not be fetched from WhatsApp: {why}"))
        .hint("Try again; it is also tried again by itself.")
        .after(Duration::from_secs(10))
}
