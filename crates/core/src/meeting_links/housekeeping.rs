//! Forgetting links whose time is over.

use std::time::Duration;

use crate::app::Core;
use crate::error::Error;

const EVERY: Duration = Duration::from_secs(600);

/// Starts it.
pub(crate) fn start_housekeeping(core: &Core) {
    let kept = core.clone();
    core.spawn(async move {
        let stopping = kept.stopping();
        loop {
            let now = kept.now();
            let gone = kept
                .store()
                .write(move |w| {
                    Box::pin(async move { w.server().expire_meeting_links(now).await.map_err(Error::from) })
                })
                .await;
            if let Err(error) = gone {
                tracing::warn!(%error, "old links to calls could not be forgotten; it is tried again later");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}
