//! What WhatsApp shows of a person: asked for when somebody looks at a contact,
//! a few at a time, and not more often than once a day.

use std::sync::Arc;
use std::time::Duration;

use sparkbot_store::rows::ContactRow;
use tokio::sync::Semaphore;

use super::change::{self, By};
use super::known;
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::{Link, Millis, PersonProfile};
use crate::wid::{Wid, WidKind};

/// What is known is good for so long.
pub(super) const LIFE: Millis = 24 * 3600 * 1000;
/// Questions to WhatsApp at once, over all numbers.
const AT_ONCE: usize = 4;
/// Questions that wait for their turn at most; who comes then is asked for the
/// next time somebody looks.
const WAITING: usize = 256;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Room for questions about people.
#[derive(Debug)]
pub(crate) struct Questions {
    pub(super) turns: Semaphore,
    waiting: Arc<Semaphore>,
}

impl Default for Questions {
    fn default() -> Self {
        Self { turns: Semaphore::new(AT_ONCE), waiting: Arc::new(Semaphore::new(WAITING)) }
    }
}

/// Asks about a contact unless it was done lately.
pub(super) async fn refresh_when_old(core: &Core, account: &AccountId, device: &DeviceId, wid: &str) -> Result<()> {
    let row = core.store().read().await?.account(account).contact(device, wid).await?;
    let old = row.is_some_and(|row| row.synced_at.is_none_or(|at| at + LIFE < core.now()));
    if old {
        refresh_soon(core, account, device, wid);
    }
    Ok(())
}

/// Asks about a contact beside, when the number is online and there is room.
pub(super) fn refresh_soon(core: &Core, account: &AccountId, device: &DeviceId, wid: &str) {
    let (Ok(wid), Some(link)) = (wid.parse::<Wid>(), core.sessions().online(device)) else { return };
    if !matches!(wid.kind(), WidKind::User | WidKind::Lid) {
        return;
    }
    let Ok(place) = core.questions().waiting.clone().try_acquire_owned() else { return };
    let (core_too, account, device) = (core.clone(), account.clone(), device.clone());
    core.spawn(async move {
        let stop = core_too.stopping();
        let asking = async {
            let _turn = core_too.questions().turns.acquire().await;
            tokio::time::timeout(PATIENCE, refresh(&core_too, &account, &device, &wid, link)).await
        };
        tokio::select! {
            () = stop.cancelled() => {}
            done = asking => if let Ok(Err(error)) = done {
                tracing::debug!(device = %device, error = %error, "WhatsApp could not be asked about a contact");
            }
        }
        drop(place);
    });
}

async fn refresh(core: &Core, account: &AccountId, device: &DeviceId, wid: &Wid, link: Arc<dyn Link>) -> Result<()> {
    let profile = link.profile(wid).await.map_err(crate::sessions::network_error)?;
    let (account, id, wid, now) = (account.clone(), device.clone(), wid.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let lid = profile.as_ref().and_then(|profile| profile.lid.as_ref());
                let Some(before) = known::found(w, &device, &wid, lid, By::WhatsApp, now).await? else {
                    return Ok(());
                };
                let mut row = ContactRow { synced_at: Some(now), ..before.clone() };
                if let Some(profile) = profile {
                    take(&mut row, profile)?;
                }
                change::save(w, &device, &before, row, By::WhatsApp, now).await?;
                Ok::<_, Error>(())
            })
        })
        .await
}

fn take(row: &mut ContactRow, profile: PersonProfile) -> Result<()> {
    row.about = profile.about.map(|about| about.chars().take(700).collect());
    row.picture_id = Some(profile.picture.unwrap_or_default());
    row.verified_name =
        profile.business.as_ref().and_then(|business| business.verified_name.as_deref()).map(known::shortened);
    row.business =
        profile.business.map(|business| serde_json::to_string(&business)).transpose().map_err(Error::internal)?;
    Ok(())
}
