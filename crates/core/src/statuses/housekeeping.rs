//! Forgetting updates that are over.

use std::time::Duration;

use sparkbot_store::rows::ChatMessageFilter;

use super::{CHAT, LIFE};
use crate::app::Core;
use crate::chat_messages;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::Millis;

const EVERY: Duration = Duration::from_secs(600);
/// Updates forgotten in one transaction.
const AT_ONCE: i64 = 100;
/// After so long nobody can take an update back any more, nor is it sent again.
const TAKEN_BACK: Millis = 8 * LIFE;

/// Starts it.
pub(crate) fn start_housekeeping(core: &Core) {
    let kept = core.clone();
    core.spawn(async move {
        let stopping = kept.stopping();
        loop {
            if let Err(error) = sweep(&kept).await {
                tracing::warn!(%error, "old status updates could not be forgotten; it is tried again later");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}

async fn sweep(core: &Core) -> Result<()> {
    let now = core.now();
    let numbers = core.store().read().await?.server().numbers_with_statuses().await?;
    for (account, device) in numbers {
        while forgotten(core, &account, &device, now - LIFE).await? == AT_ONCE {
            if core.stopping().is_cancelled() {
                return Ok(());
            }
        }
    }
    let forgetting = core
        .store()
        .write(move |w| Box::pin(async move { w.server().forget_status_audiences(now - TAKEN_BACK).await }));
    forgetting.await.map_err(Error::from)
}

/// Forgets some of a number's updates of before a time; how many.
async fn forgotten(core: &Core, account: &AccountId, device: &DeviceId, before: Millis) -> Result<i64> {
    let (account, device, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let number = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                let old = ChatMessageFilter {
                    chat: Some(CHAT.to_owned()),
                    before: Some(before),
                    ascending: true,
                    size: AT_ONCE,
                    ..ChatMessageFilter::default()
                };
                let (_, rows) = w.account(&account).chat_messages(&device, &old).await?;
                let count = i64::try_from(rows.len()).unwrap_or(AT_ONCE);
                for row in rows {
                    // That it is over was told when it was posted.
                    chat_messages::empty(w, &number, &row, now).await?;
                }
                Ok::<_, Error>(count)
            })
        })
        .await
}
