//! Forgetting old lines.

use std::time::Duration;

use crate::app::Core;
use crate::error::{Error, Result};

const EVERY: Duration = Duration::from_secs(3600);
/// Lines removed in one transaction: the writer is everybody's.
const AT_ONCE: i64 = 1000;

pub(crate) fn start_housekeeping(core: &Core) {
    let kept = core.clone();
    core.spawn(async move {
        let stopping = kept.stopping();
        loop {
            if let Err(error) = sweep(&kept).await {
                tracing::warn!(error = %error, "old lines of the audit log could not be removed; it is tried again later");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}

/// Removes what is older than it is kept.
///
/// # Errors
/// As the database answers.
pub async fn sweep(core: &Core) -> Result<()> {
    let kept = i64::try_from(core.settings().audit_retention.as_millis()).map_err(Error::internal)?;
    let before = core.now() - kept;
    while !core.stopping().is_cancelled() {
        let gone = core
            .store()
            .write(move |w| {
                Box::pin(async move { w.server().forget_audit(before, AT_ONCE).await.map_err(Error::from) })
            })
            .await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < AT_ONCE) {
            break;
        }
    }
    Ok(())
}
