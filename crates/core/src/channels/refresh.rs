//! Asking WhatsApp about channels: about all of them after linking and now and
//! then, about one when something about it is in doubt.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sparkbot_store::rows::ChannelFilter;
use tokio::sync::Semaphore;

use super::doc::{GONE, State, roles_meant};
use super::explain;
use super::keep::{self, Author};
use super::watch::Watches;
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::channel::ChannelInfo;
use crate::network::{Link, Millis, NetworkError};
use crate::wid::Wid;

/// What is older is compared again when the number comes online.
const OLD: i64 = 6 * 3600 * 1000;
/// Channels asked about at once.
const AT_ONCE: usize = 4;
/// Gaps between tries to ask.
const GAPS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// What of channels is not in the database.
pub struct Channels {
    /// Those that are about to be asked about.
    waiting: Mutex<HashSet<(DeviceId, Wid)>>,
    places: Semaphore,
    /// Whose posts are watched.
    pub(super) watches: Watches,
}

impl Default for Channels {
    fn default() -> Self {
        Self { waiting: Mutex::default(), places: Semaphore::new(AT_ONCE), watches: Watches::default() }
    }
}

/// Asks about one channel in the background; several times at once is once.
pub(super) fn soon(core: &Core, account: &AccountId, device: &DeviceId, channel: &Wid) {
    let key = (device.clone(), channel.clone());
    if !core.channels().waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
        return;
    }
    let (task, account) = (core.clone(), account.clone());
    core.spawn(async move {
        let stopping = task.stopping();
        tokio::select! {
            () = stopping.cancelled() => {}
            () = ask(&task, &account, key) => {}
        }
    });
}

async fn ask(core: &Core, account: &AccountId, key: (DeviceId, Wid)) {
    let Ok(_place) = core.channels().places.acquire().await else { return };
    core.channels().waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    let (device, channel) = key;
    for gap in GAPS {
        let Some(link) = core.sessions().online(&device) else { break };
        match one(core, account, &device, &*link, &channel, None).await {
            Ok(_) => return,
            Err(error) => tracing::debug!(%device, %error, "a channel could not be looked at"),
        }
        tokio::time::sleep(gap).await;
    }
    // Looked at with all others when the number is online again.
    if let Err(error) = due(core, account, &device).await {
        tracing::warn!(%device, %error, "a channel that is in doubt could not be noted");
    }
}

/// Compares one channel with WhatsApp now; `None` when there is no such channel.
///
/// # Errors
/// As WhatsApp and the database answer.
pub(super) async fn one(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    link: &dyn Link,
    channel: &Wid,
    by: Option<Wid>,
) -> Result<Option<State>> {
    let asked_at = core.now();
    let info = match link.channel(channel).await {
        Ok(info) => Some(info),
        Err(NetworkError::Refused { code: 404 | 410, .. }) => None,
        Err(error) => return Err(explain::failed(error)),
    };
    let author = Author { by, at: core.now() };
    let state = info.clone().map(|info| State::told(info, None, asked_at, author.at));
    let is_there = state.is_some();
    let kept = compared(core, account, device, channel, info, author, asked_at, false).await?;
    core.channels().watches.look_again(device);
    Ok(kept.or(state).filter(|_| is_there))
}

/// Writes what WhatsApp has answered about a channel; `None` that it is gone. An
/// answer older than what is known is let go. The channel as it is kept.
#[expect(clippy::too_many_arguments, reason = "what was asked, what was answered, and for whom")]
async fn compared(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    channel: &Wid,
    info: Option<ChannelInfo>,
    author: Author,
    asked_at: Millis,
    quiet: bool,
) -> Result<Option<State>> {
    let (account, device, channel) = (account.clone(), device.clone(), channel.to_string());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                let row = w.account(&account).channel(&device.id, &channel).await?;
                let before = row.as_ref().map(State::read).transpose()?;
                let after = match (info, &before) {
                    (_, Some(before)) if before.synced_at > asked_at => return Ok(None),
                    (Some(info), before) => State::told(info, before.as_ref(), asked_at, author.at),
                    (None, Some(before)) => State { role: None, synced_at: asked_at, ..before.clone() },
                    (None, None) => return Ok(None),
                };
                keep::keep(w, &device, before.as_ref(), after, &author, quiet).await?;
                let row = w.account(&account).channel(&device.id, &channel).await?;
                row.as_ref().map(State::read).transpose()
            })
        })
        .await
}

/// Compares all channels of a number that has come online, when that is due, and
/// then watches their posts.
pub(crate) fn online(core: &Core, account: &AccountId, device: &DeviceId) {
    let (task, account, device) = (core.clone(), account.clone(), device.clone());
    core.spawn(async move {
        let stopping = task.stopping();
        let syncing = async {
            for gap in GAPS {
                match sync(&task, &account, &device).await {
                    Ok(()) => break,
                    Err(error) => tracing::warn!(%device, %error, "channels could not be compared with WhatsApp"),
                }
                tokio::time::sleep(gap).await;
            }
            super::watch::run(&task, &account, &device).await;
        };
        tokio::select! {
            () = stopping.cancelled() => {}
            () = syncing => {}
        }
    });
}

async fn sync(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let Some(link) = core.sessions().online(device) else { return Ok(()) };
    let asked_at = core.now();
    let (own, last) = {
        let mut reading = core.store().read().await?;
        let mut scope = reading.account(account);
        let row = scope.device(device).await?.ok_or_else(|| not_found(device))?;
        let own = row.wid.unwrap_or_default();
        let last = scope.channels_synced_at(device, &own).await?;
        (own, last)
    };
    if last.is_some_and(|last| asked_at - last < OLD) {
        return Ok(());
    }
    if last.is_none() {
        // Linked for the first time, or to another account than before.
        let (owner, id) = (account.clone(), device.clone());
        let forgotten =
            core.store().write(move |w| Box::pin(async move { w.account(&owner).delete_channels(&id).await }));
        forgotten.await.map_err(Error::from)?;
    }
    let found = link.channels().await.map_err(explain::failed)?;
    let wids: HashSet<Wid> = found.iter().map(|channel| channel.facts.wid.clone()).collect();
    for info in found {
        let channel = info.facts.wid.clone();
        let untold = info.facts.followers.is_none();
        let author = Author { by: None, at: core.now() };
        // The first time there is no news in what is there.
        compared(core, account, device, &channel, Some(info), author, asked_at, last.is_none()).await?;
        if untold {
            soon(core, account, device, &channel);
        }
    }
    for row in all(core, account, device, roles_meant("all")).await? {
        let Ok(channel) = row.parse::<Wid>() else { continue };
        if !wids.contains(&channel) {
            // One that is not in the list was left, or is newer than the list.
            soon(core, account, device, &channel);
        }
    }
    let gone = all(core, account, device, &[GONE]).await?;
    let (owner, id) = (account.clone(), device.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&owner);
                for channel in gone {
                    let row = scope.channel(&id, &channel).await?;
                    if row.is_some_and(|row| row.role == GONE && row.synced_at < asked_at) {
                        scope.delete_channel(&id, &channel).await?;
                    }
                }
                scope.note_channels_synced(&id, &own, asked_at).await
            })
        })
        .await
        .map_err(Error::from)
}

async fn all(core: &Core, account: &AccountId, device: &DeviceId, roles: &[&str]) -> Result<Vec<String>> {
    let roles = Some(roles.iter().map(|role| (*role).to_owned()).collect());
    let filter = ChannelFilter { roles, size: i64::MAX, skip: 0 };
    let rows = core.store().read().await?.account(account).channels(device, &filter).await?;
    Ok(rows.into_iter().map(|row| row.wid).collect())
}

/// A number was linked anew: nobody has told it of what happened since it was
/// linked last, so that its channels are filled from the start.
///
/// # Errors
/// As the database answers.
pub(crate) async fn linked(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let (account, device) = (account.clone(), device.clone());
    let forgetting =
        core.store().write(move |w| Box::pin(async move { w.account(&account).forget_channels_synced(&device).await }));
    forgetting.await.map_err(Error::from)
}

/// Has all channels compared the next time the number comes online.
async fn due(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let (account, device) = (account.clone(), device.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                let row = scope.device(&device).await?.ok_or_else(|| not_found(&device))?;
                scope.note_channels_synced(&device, &row.wid.unwrap_or_default(), 0).await.map_err(Error::from)
            })
        })
        .await
}
