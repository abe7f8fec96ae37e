//! The clock of the campaigns: looks at each when it is due.
//!
//! When that is stands in the database, so that it goes on after a restart, and
//! whatever ends in a queue brings it forward. Each look is a transaction of its
//! own, and reads everything anew: two servers on one database do no harm.

use std::time::Duration;

use tokio::sync::Notify;

use super::release;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::{AccountId, CampaignId};
use crate::network::Millis;

/// Campaigns looked at in a round.
const ROUND: i64 = 64;
/// Between two rounds at least: what ends within it is looked at together.
const BREATH: Duration = Duration::from_millis(100);
/// After a round that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// People of a deleted campaign that are deleted at once.
const SWEPT: i64 = 500;
/// The longest that it sleeps while there is something to look at.
const LONGEST: Millis = 60_000;

/// What of the campaigns is not in the database.
#[derive(Default)]
pub(crate) struct Campaigns {
    wake: Notify,
}

impl Campaigns {
    /// A campaign was changed: look.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }
}

/// Starts it; it ends with the server.
pub(crate) fn start(core: &Core) {
    let this = core.clone();
    core.spawn(async move { run(this).await });
}

async fn run(core: Core) {
    let stop = core.stopping();
    let mut log = core.store().last_event();
    while !stop.is_cancelled() {
        // What happens from here on is looked at in the next round.
        log.borrow_and_update();
        let next = match round(&core).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(error = %error, "campaigns could not be looked at");
                tokio::time::sleep(AFTER_FAILURE).await;
                continue;
            }
        };
        let sleep = async {
            match next {
                Some(at) => {
                    let wait = (at - core.now()).clamp(0, LONGEST);
                    tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(0))).await;
                }
                None => std::future::pending().await,
            }
        };
        let news = async {
            // Without a campaign that runs nobody listens.
            if next.is_none() || log.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = core.campaigns().wake.notified() => {}
            () = news => {}
            () = sleep => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BREATH) => {}
        }
    }
}

/// Looks at all that are due; when the next one is.
async fn round(core: &Core) -> Result<Option<Millis>> {
    let now = core.now();
    let due = core.store().read().await?.server().due_campaigns(now, ROUND).await?;
    for (account, id, removed) in due {
        if core.stopping().is_cancelled() {
            break;
        }
        if removed.is_some() {
            core.store()
                .write(move |w| {
                    Box::pin(async move { w.server().sweep_campaign(&id, SWEPT).await.map_err(Error::from) })
                })
                .await?;
            continue;
        }
        let (account, id) = (AccountId::trusted(account), CampaignId::trusted(id));
        let shown = id.clone();
        let looked =
            core.store().write(move |w| Box::pin(async move { release::look(w, &account, &id, now).await })).await;
        match looked {
            Ok(devices) => devices.iter().for_each(|device| core.sessions().wake(device)),
            // One that breaks must not hold up the others.
            Err(error) => {
                tracing::error!(campaign = %shown, error = %error, "a campaign could not be looked at");
                let at = now + 30_000;
                core.store()
                    .write(move |w| {
                        Box::pin(async move { w.server().put_off_campaign(&shown, at).await.map_err(Error::from) })
                    })
                    .await?;
            }
        }
    }
    Ok(core.store().read().await?.server().next_campaign().await?)
}
