//! Forgetting what is old: events, delivery logs, idempotency keys.

use std::time::Duration;

use crate::app::Core;
use crate::error::{Error, Result};

const EVERY: Duration = Duration::from_secs(600);
/// Rows removed in one transaction: the writer is everybody's.
const AT_ONCE: i64 = 1000;
const IDEMPOTENCY_LIFE: i64 = 24 * 3600 * 1000;

pub(crate) fn start_housekeeping(core: &Core) {
    let kept = core.clone();
    core.spawn(async move {
        let stopping = kept.stopping();
        loop {
            if let Err(error) = sweep(&kept).await {
                tracing::warn!(error = %error, "old events could not be removed; it is tried again later");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}

/// Removes what is older than it is kept. Events that a webhook still owes are
/// kept twice as long as others.
///
/// # Errors
/// As the database answers.
pub async fn sweep(core: &Core) -> Result<()> {
    let now = core.now();
    let kept = i64::try_from(core.settings().event_retention.as_millis()).map_err(Error::internal)?;
    let (before, at_most) = (now - kept, now - kept.saturating_mul(2));
    let stopping = core.stopping();

    let mut cursor = 0;
    while !stopping.is_cancelled() {
        // Ages are read beside the writer, who then touches only old rows.
        let page = core.store().read().await?.server().event_ages(cursor, AT_ONCE).await?;
        let old = || page.iter().filter(|(_, at)| *at < before).map(|(seq, _)| *seq);
        let (Some(first), Some(last)) = (old().min(), old().max()) else { break };
        write(core, move |w| Box::pin(async move { w.server().forget_events(first, last, before, at_most).await }))
            .await?;
        cursor = page.last().map_or(last, |(seq, _)| *seq);
    }
    while !stopping.is_cancelled() {
        let gone =
            write(core, move |w| Box::pin(async move { w.server().forget_deliveries(before, AT_ONCE).await })).await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < AT_ONCE) {
            break;
        }
    }
    let before = now - IDEMPOTENCY_LIFE;
    write(core, move |w| Box::pin(async move { w.server().forget_idempotency(before).await })).await?;
    Ok(())
}

async fn write<F>(core: &Core, op: F) -> Result<u64>
where
    F: for<'w> FnOnce(
            &'w mut sparkbot_store::Writing,
        ) -> futures_util::future::BoxFuture<'w, sparkbot_store::Result<u64>>
        + Send
        + 'static,
{
    Ok(core.store().write(op).await?)
}
