//! Bytes that are too large for rows: written first, adopted by the
//! transaction that makes the row, swept when nobody refers to them.
//!
//! 1. [`put`] writes a blob; nobody refers to it yet, and it is removed after
//!    [`ORPHANED`] if that stays so.
//! 2. The transaction that makes the row that refers to it calls
//!    `adopt_blob(key)` of the account's rows.
//! 3. The transaction that removes that row calls `doom_blob(key, now)`; the
//!    bytes go soon after.
//!
//! So neither a crash nor a row that could not be written leaves bytes behind,
//! and no row refers to bytes that are gone.

use std::time::Duration;

use rand::RngExt;
use sparkbot_store::blobs::{BlobError, BlobReader, LocalFile};
use tokio::io::AsyncRead;

use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::ids::AccountId;

/// A blob that nobody has adopted by then is removed.
pub const ORPHANED: Duration = Duration::from_secs(24 * 3600);
/// Blobs removed between two looks at the database.
const AT_ONCE: i64 = 100;

/// A blob that was written and is nobody's yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlob {
    /// To read it by, and to adopt it by.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
}

impl NewBlob {
    /// The hash in hexadecimal.
    #[must_use]
    pub fn sha2(&self) -> String {
        hex::encode(self.sha256)
    }
}

/// Writes a blob of at most `most` bytes; `room` is what it belongs to, such
/// as `files`, and stands in its key.
///
/// # Errors
/// `media:too_large`; `media:interrupted` when `from` broke off;
/// `storage:unavailable`.
pub async fn put(
    core: &Core,
    account: &AccountId,
    room: &'static str,
    from: &mut (dyn AsyncRead + Send + Unpin),
    most: u64,
) -> Result<NewBlob> {
    let now = core.now();
    let mut random = [0u8; 16];
    rand::rng().fill(&mut random);
    let name = hex::encode(random);
    let key = format!("{room}/{account}/{}/{name}", &name[..2]);
    let doomed_at = now + i64::try_from(ORPHANED.as_millis()).unwrap_or(i64::MAX / 2);
    let (owner, registered) = (account.clone(), key.clone());
    core.store()
        .write(move |w| Box::pin(async move { w.account(&owner).register_blob(&registered, now, doomed_at).await }))
        .await?;
    let written = core.blobs().put(&key, from, most).await?;
    Ok(NewBlob { key, size: written.size, sha256: written.sha256 })
}

/// Bytes `start..end` of a blob; `0..u64::MAX` for all of it.
///
/// # Errors
/// When it is gone or the storage is away.
pub async fn read(core: &Core, key: &str, start: u64, end: u64) -> Result<BlobReader> {
    Ok(core.blobs().read(key, start, end).await?)
}

/// A blob as a file on this machine, which stays as long as the handle does.
///
/// # Errors
/// When it is gone or the storage is away.
pub async fn local(core: &Core, key: &str) -> Result<LocalFile> {
    Ok(core.blobs().local(key).await?)
}

/// Removes the bytes of blobs that nobody refers to.
///
/// # Errors
/// As the database answers; what the storage refuses is tried again next time.
pub async fn sweep(core: &Core) -> Result<u64> {
    let (now, mut cursor, mut removed) = (core.now(), String::new(), 0);
    while !core.stopping().is_cancelled() {
        let after = cursor.clone();
        let keys = core
            .store()
            .write(move |w| Box::pin(async move { w.server().condemn_blobs(now, &after, AT_ONCE).await }))
            .await?;
        let Some(last) = keys.last() else { break };
        cursor.clone_from(last);
        let mut gone = Vec::with_capacity(keys.len());
        for key in keys {
            match core.blobs().delete(&key).await {
                Ok(()) => gone.push(key),
                Err(error) => tracing::warn!(%error, "a blob can't be removed; it is tried again later"),
            }
        }
        removed += gone.len() as u64;
        core.store()
            .write(move |w| {
                Box::pin(async move {
                    for key in &gone {
                        w.server().forget_blob(key).await?;
                    }
                    Ok::<_, sparkbot_store::StoreError>(())
                })
            })
            .await?;
    }
    Ok(removed)
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::TooLarge(most) => Self::new(
                Kind::TooLarge,
                "media:too_large",
                format!("The file is larger than {}, the most that is taken.", crate::files::bytes(most)),
            )
            .hint("Send a smaller file, or have the server's administrator raise the limit in its configuration.")
            .with("limit", most),
            BlobError::Source(why) => {
                Self::invalid("media:interrupted", format!("The file broke off: {why}.")).hint("Send it again.")
            }
            BlobError::Missing(key) => Self::internal(format!("the blob {key} is missing")),
            other => {
                tracing::error!(error = %other, "blob storage");
                Self::new(Kind::Unavailable, "storage:unavailable", "The storage of files can't be reached right now.")
                    .after(Duration::from_secs(30))
            }
        }
    }
}
