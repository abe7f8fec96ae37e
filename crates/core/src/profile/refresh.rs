//! Asking WhatsApp what it shows of a number: when it comes online, when
//! something is told of it, and when what is kept is old.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::Image;
use super::doc::Doc;
use super::keep::{Heard, keep};
use crate::app::Core;
use crate::catalog;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::{Link, ProfileNews};
use crate::sessions;

/// What is older is asked for again.
const OLD: i64 = 3600 * 1000;
/// Gaps between tries.
const GAPS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// Profiles that are being looked at.
#[derive(Default)]
pub struct Profiles {
    waiting: Mutex<HashSet<DeviceId>>,
    turns: Mutex<HashMap<DeviceId, Arc<tokio::sync::Mutex<()>>>>,
}

impl Profiles {
    /// One at a time asks about a number's profile or changes it, so that no
    /// answer is written that is older than a change.
    pub(super) async fn turn(&self, device: &DeviceId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.entry(device.clone()).or_default().clone()
        };
        turn.lock_owned().await
    }
}

/// WhatsApp tells that something has changed. What it is now is asked for.
pub(crate) fn reported(core: &Core, account: &AccountId, device: &DeviceId, news: ProfileNews) {
    tracing::debug!(%device, ?news, "the number's profile has changed");
    soon(core, account, device);
}

/// The number's own name is another one.
pub(crate) fn named(core: &Core, account: &AccountId, device: &DeviceId, name: String) {
    let (task, account, device) = (core.clone(), account.clone(), device.clone());
    core.spawn(async move {
        // The echo of a change that is being made here is no news once that is written.
        let turn = task.profiles().turn(&device).await;
        let heard = Heard { name: Some(name), ..Heard::default() };
        if let Err(error) = write(&task, &account, &device, heard).await {
            tracing::warn!(%device, %error, "a name could not be written; it is asked for again with the profile");
        }
        drop(turn);
    });
}

/// A number has come online: what is old is asked for again.
pub(crate) async fn online(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    if is_old(core, account, device).await? {
        soon(core, account, device);
    }
    Ok(())
}

/// Asks in the background; several times at once is once.
pub(super) fn soon(core: &Core, account: &AccountId, device: &DeviceId) {
    let waiting = &core.profiles().waiting;
    if !waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(device.clone()) {
        return;
    }
    let (task, account, device) = (core.clone(), account.clone(), device.clone());
    core.spawn(async move {
        let stopping = task.stopping();
        tokio::select! {
            () = stopping.cancelled() => {}
            () = ask(&task, &account, &device) => {}
        }
    });
}

async fn ask(core: &Core, account: &AccountId, device: &DeviceId) {
    for gap in GAPS {
        let turn = core.profiles().turn(device).await;
        // What is told from here on may not be in the answer any more.
        core.profiles().waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(device);
        // Without a connection it is asked for when there is one.
        let Some(link) = core.sessions().online(device) else { break };
        match now(core, account, device, &*link, None).await {
            Ok(is_business) => {
                drop(turn);
                if is_business {
                    catalog::refresh_own(core, account, device).await;
                }
                return;
            }
            Err(error) => tracing::debug!(%device, %error, "the number's profile could not be asked for"),
        }
        drop(turn);
        tokio::time::sleep(gap).await;
    }
    if let Err(error) = outdate(core, account, device).await {
        tracing::warn!(%device, %error, "that the number's profile is old could not be noted");
    }
}

/// Asks when what is kept is old; what is kept goes on being shown when
/// WhatsApp does not answer.
pub(super) async fn when_old(core: &Core, account: &AccountId, device: &DeviceId) {
    let asking = async {
        let Some(link) = core.sessions().online(device) else { return Ok(()) };
        if !is_old(core, account, device).await? {
            return Ok(());
        }
        let _turn = core.profiles().turn(device).await;
        now(core, account, device, &*link, None).await.map(drop)
    };
    if let Err(error) = asking.await {
        tracing::debug!(%device, %error, "the number's profile could not be asked for");
    }
}

/// Whether there is something that ought to be asked for: all of it, or the
/// picture.
async fn is_old(core: &Core, account: &AccountId, device: &DeviceId) -> Result<bool> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    let row = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let kept = scope.profile(device).await?;
    let doc = Doc::of(&row, kept.as_ref())?;
    Ok(match (kept, doc) {
        (Some(kept), Some(doc)) => {
            core.now() - kept.synced_at > OLD || doc.picture.map(|picture| picture.id) != kept.picture_id
        }
        _ => true,
    })
}

/// Asks and writes the answer, in the caller's turn. `set` is a picture that was
/// just set, which need not be fetched. Whether the number is a business.
pub(super) async fn now(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    link: &dyn Link,
    set: Option<Image>,
) -> Result<bool> {
    let told = link.own_profile().await.map_err(sessions::network_error)?;
    let has = core.store().read().await?.account(account).profile(device).await?.and_then(|kept| kept.picture_id);
    let image = match &told.picture {
        Some(picture) if set.as_ref().is_some_and(|set| set.id == picture.id) => set,
        Some(picture) if has.as_ref() != Some(&picture.id) => match link.own_picture(picture).await {
            Ok(jpeg) => Some(Image { id: picture.id.clone(), jpeg }),
            Err(error) => {
                // Tried again when somebody asks for it.
                tracing::debug!(%device, %error, "the number's picture could not be fetched");
                None
            }
        },
        _ => None,
    };
    let is_business = told.business.is_some();
    write(core, account, device, Heard { doc: Some(told.into()), image, name: None }).await?;
    Ok(is_business)
}

pub(super) async fn write(core: &Core, account: &AccountId, device: &DeviceId, heard: Heard) -> Result<()> {
    let (account, device, now) = (account.clone(), device.clone(), core.now());
    core.store().write(move |w| Box::pin(async move { keep(w, &account, &device, heard, now).await })).await
}

/// Has the profile asked for the next time there is an occasion.
async fn outdate(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let (account, device) = (account.clone(), device.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                let Some(kept) = scope.profile(&device).await? else { return Ok(()) };
                scope.put_profile(&device, &kept.wid, &kept.doc, 0).await.map_err(Error::from)
            })
        })
        .await
}
