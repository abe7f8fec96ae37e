//! Files of messages that were sent from here: the account has them, as long as
//! it keeps them, and WhatsApp need not be asked.

use sparkbot_store::rows::{ChatFileRow, FileCopyRow};

use crate::app::Core;
use crate::blobs::{self, NewBlob};
use crate::error::Result;
use crate::ids::FileId;
use crate::outbound::Payload;

/// The bytes that went out with a message, copied for its chat; `None` when
/// they did not come from the account's files, or those have expired.
///
/// # Errors
/// When the storage is away.
pub(super) async fn copied(core: &Core, row: &ChatFileRow) -> Result<Option<NewBlob>> {
    if row.flow != "outbound" {
        return Ok(None);
    }
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&row.account_id);
    let Some(sent) = scope.message_by_wa_id(&row.device_id, &row.wa_id).await? else { return Ok(None) };
    let Some(id) = Payload::of(&sent)?.fetched.and_then(|id| id.parse::<FileId>().ok()) else { return Ok(None) };
    let Some(file) = scope.file(&id).await?.filter(|file| file.expires_at > core.now()) else { return Ok(None) };
    let Some(copy) = scope.file_copy(&id, name(&row.kind)).await?.filter(|copy| is_it(row, copy)) else {
        return Ok(None);
    };
    drop(reading);
    let key = copy.blob.unwrap_or(file.blob);
    let mut bytes = blobs::read(core, &key, 0, u64::try_from(copy.size).unwrap_or(0)).await?;
    let most = core.settings().chat_files.most;
    blobs::put(core, &row.account_id, "received", &mut bytes, most).await.map(Some)
}

/// A copy may have been made anew since, of other bytes.
fn is_it(row: &ChatFileRow, copy: &FileCopyRow) -> bool {
    row.size.is_none_or(|size| size == copy.size)
}

/// The name among a file's copies of what is sent as this kind.
fn name(kind: &str) -> &str {
    if kind == "ptt" { "voice" } else { kind }
}
