//! Files that have expired, and bytes that nobody refers to.

use std::time::Duration;

use crate::app::Core;
use crate::blobs;
use crate::error::{Error, Result};

const EVERY: Duration = Duration::from_secs(60);
/// Files removed in one transaction: the writer is everybody's.
const AT_ONCE: i64 = 100;

/// Starts it; first of all, what a crash has left of work under way goes.
pub(crate) async fn start(core: &Core) {
    if let Err(error) = core.blobs().tidy().await {
        tracing::warn!(%error, "the folder of work under way can't be tidied");
    }
    let kept = core.clone();
    core.spawn(async move {
        let stopping = kept.stopping();
        loop {
            if let Err(error) = sweep(&kept).await {
                tracing::warn!(%error, "expired files could not be removed; it is tried again later");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = kept.workshop().swept_soon() => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}

/// Removes files that have expired, and the bytes of all that are gone.
///
/// # Errors
/// As the database answers.
pub async fn sweep(core: &Core) -> Result<()> {
    let now = core.now();
    while !core.stopping().is_cancelled() {
        let expired = core.store().read().await?.server().expired_files(now, AT_ONCE).await?;
        if expired.is_empty() {
            break;
        }
        core.store()
            .write(move |w| {
                Box::pin(async move {
                    for row in &expired {
                        w.account(&row.account_id).delete_file(row, now).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
    }
    blobs::sweep(core).await?;
    Ok(())
}
