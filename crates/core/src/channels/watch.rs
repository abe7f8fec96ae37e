//! Reactions to posts, and how often posts were seen. WhatsApp tells of them only
//! to those who ask, for some minutes at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sparkbot_store::rows::ChannelFilter;
use tokio::sync::Notify;

use super::doc::roles_meant;
use crate::app::Core;
use crate::error::Result;
use crate::ids::{AccountId, DeviceId};
use crate::inbox;
use crate::network::channel::PostCounts;
use crate::wid::Wid;

/// Channels of a number that are watched at most: those that it runs come first.
const MOST: usize = 30;
/// Asked again so long before WhatsApp stops telling.
const EARLY: Duration = Duration::from_secs(20);
/// Never more often than this.
const RARELY: Duration = Duration::from_secs(30);

/// Numbers whose channels are watched.
#[derive(Default)]
pub(super) struct Watches(Mutex<HashMap<DeviceId, Arc<Notify>>>);

impl Watches {
    /// The number's channels are others than before.
    pub(super) fn look_again(&self, device: &DeviceId) {
        if let Some(wake) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(device) {
            wake.notify_one();
        }
    }

    /// `None` when somebody watches already; they are told to ask again, since
    /// what was asked on the last connection is over.
    fn begin(&self, device: &DeviceId) -> Option<Arc<Notify>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wake) = all.get(device) {
            wake.notify_one();
            return None;
        }
        let wake = Arc::new(Notify::new());
        all.insert(device.clone(), wake.clone());
        Some(wake)
    }

    fn end(&self, device: &DeviceId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(device);
    }
}

/// Watches a number's channels for as long as it is online.
pub(super) async fn run(core: &Core, account: &AccountId, device: &DeviceId) {
    let watches = &core.channels().watches;
    let Some(wake) = watches.begin(device) else { return };
    while let Some(link) = core.sessions().online(device) {
        let mut lasts = Duration::from_secs(300);
        match watched(core, account, device).await {
            Ok(channels) => {
                for channel in channels {
                    match link.watch_channel(&channel).await {
                        Ok(told) => lasts = lasts.min(told),
                        Err(error) => tracing::debug!(%device, %error, "a channel can't be watched"),
                    }
                }
            }
            Err(error) => tracing::warn!(%device, %error, "channels to watch could not be read"),
        }
        drop(link);
        tokio::select! {
            () = tokio::time::sleep(lasts.saturating_sub(EARLY).max(RARELY)) => {}
            () = wake.notified() => {}
        }
    }
    watches.end(device);
    // It may have come online in between, when somebody still watched.
    if core.sessions().online(device).is_some() {
        Box::pin(run(core, account, device)).await;
    }
}

async fn watched(core: &Core, account: &AccountId, device: &DeviceId) -> Result<Vec<Wid>> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    let mut found = Vec::new();
    for word in ["write", "read"] {
        let roles = Some(roles_meant(word).iter().map(|role| (*role).to_owned()).collect());
        let size = i64::try_from(MOST - found.len()).unwrap_or(0);
        let rows = scope.channels(device, &ChannelFilter { roles, size, skip: 0 }).await?;
        found.extend(rows.into_iter().filter_map(|row| row.wid.parse().ok()));
    }
    Ok(found)
}

/// Writes what has become of posts, and tells it.
///
/// # Errors
/// As the database answers.
pub(super) async fn counted(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    channel: &Wid,
    posts: Vec<PostCounts>,
) -> Result<()> {
    let (account, device, channel, now) = (account.clone(), device.clone(), channel.to_string(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device =
                    w.account(&account).device(&device).await?.ok_or_else(|| crate::devices::not_found(&device))?;
                for post in &posts {
                    inbox::counted(w, &device, &channel, post, now).await?;
                }
                Ok(())
            })
        })
        .await
}
