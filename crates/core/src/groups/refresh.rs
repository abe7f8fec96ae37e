//! Asking WhatsApp about groups: about all of them after linking and now and
//! then, about one when something about it is in doubt.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sparkbot_store::rows::DeviceRow;
use tokio::sync::Semaphore;

use super::doc::{Doc, State};
use super::keep::{self, Author, Moves};
use super::news::is_own;
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::group::{GroupInfo, GroupPicture, Role, Someone};
use crate::network::{Link, Millis, NetworkError};
use crate::wid::Wid;

/// What is older is compared again when the number comes online.
const OLD: i64 = 6 * 3600 * 1000;
/// Groups asked about at once.
const AT_ONCE: usize = 4;
/// Gaps between tries to ask about a group.
const GAPS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// Groups that are about to be asked about.
pub struct Refreshes {
    waiting: Mutex<HashMap<(DeviceId, Wid), Why>>,
    places: Semaphore,
}

impl Default for Refreshes {
    fn default() -> Self {
        Self { waiting: Mutex::default(), places: Semaphore::new(AT_ONCE) }
    }
}

/// Why a group is in doubt.
#[derive(Debug, Clone, Default)]
pub(super) struct Why {
    /// Who has changed something.
    pub(super) by: Option<Someone>,
    /// Its picture may be another one.
    pub(super) picture: bool,
}

/// Asks about one group in the background; several times at once is once.
pub(super) fn soon(core: &Core, account: &AccountId, device: &DeviceId, group: &Wid, why: Why) {
    let key = (device.clone(), group.clone());
    {
        let mut waiting = core.group_refreshes().waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = waiting.get_mut(&key) {
            known.by = why.by.or(known.by.take());
            known.picture |= why.picture;
            return;
        }
        waiting.insert(key.clone(), why);
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
    let refreshes = core.group_refreshes();
    let Ok(_place) = refreshes.places.acquire().await else { return };
    let why = refreshes.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&key).unwrap_or_default();
    let (device, group) = key;
    for gap in GAPS {
        let Some(link) = core.sessions().online(&device) else { break };
        match one(core, account, &device, &*link, &group, &why).await {
            Ok(()) => return,
            Err(error) => tracing::debug!(%device, %error, "a group could not be looked at"),
        }
        tokio::time::sleep(gap).await;
    }
    // Looked at with all others when the number is online again.
    if let Err(error) = forget_sync(core, account, &device).await {
        tracing::warn!(%device, %error, "a group that is in doubt could not be noted");
    }
}

/// Compares one group with WhatsApp now.
///
/// # Errors
/// As WhatsApp and the database answer.
pub(super) async fn one(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    link: &dyn Link,
    group: &Wid,
    why: &Why,
) -> Result<()> {
    for _ in 0..3 {
        let asked_at = core.now();
        let info = match link.group(group).await {
            Ok(info) => Some(info),
            Err(NetworkError::Refused { code: 401 | 403 | 404 | 406 | 410, .. }) => None,
            Err(error) => return Err(super::failed(error)),
        };
        let picture = if why.picture && info.is_some() {
            Some(pictures(link, std::slice::from_ref(group)).await?.remove(group))
        } else {
            None
        };
        let author = Author { by: why.by.clone(), at: core.now() };
        let known = compared(core, account, device, group, info, picture, author, asked_at, false).await?;
        if known {
            return Ok(());
        }
    }
    Err(Error::internal("a group changes faster than it can be looked at"))
}

async fn pictures(link: &dyn Link, groups: &[Wid]) -> Result<HashMap<Wid, GroupPicture>> {
    Ok(link.group_pictures(groups).await.map_err(super::failed)?.into_iter().collect())
}

/// Writes what WhatsApp has answered about a group; `None` that the number is
/// not in it. `false` when something was heard of the group after it was asked:
/// the answer may be older than that.
#[expect(clippy::too_many_arguments, reason = "what was asked, what was answered, and for whom")]
async fn compared(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    group: &Wid,
    info: Option<GroupInfo>,
    picture: Option<Option<GroupPicture>>,
    author: Author,
    asked_at: Millis,
    quiet: bool,
) -> Result<bool> {
    let (account, device, group) = (account.clone(), device.clone(), group.to_string());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                let mut scope = w.account(&account);
                let before = scope.group(&device.id, &group).await?.map(|row| State::read(&row)).transpose()?;
                if before.as_ref().is_some_and(|before| before.updated_at >= asked_at) {
                    return Ok::<_, Error>(false);
                }
                let Some(info) = info else {
                    if let Some(before) = before.filter(|before| before.role.is_some()) {
                        let after = State { role: None, ..before.clone() };
                        keep::keep(w, &device, Some(&before), after, &Moves::default(), &author, quiet).await?;
                    }
                    return Ok(true);
                };
                let rows = scope.all_participants(&device.id, &group).await?;
                let moves = Moves::between(rows, &info.members, author.at);
                let after = state(&device, before.as_ref(), info, picture, author.at);
                keep::keep(w, &device, before.as_ref(), after, &moves, &author, quiet).await?;
                Ok(true)
            })
        })
        .await
}

/// A group as WhatsApp describes it, with what was known beyond that.
fn state(
    device: &DeviceRow,
    before: Option<&State>,
    info: GroupInfo,
    picture: Option<Option<GroupPicture>>,
    now: Millis,
) -> State {
    let own = info.members.iter().find(|member| is_own(device, &member.who));
    let known = before.map(|before| before.doc.clone());
    State {
        size: i64::try_from(info.members.len()).unwrap_or(i64::MAX),
        // Communities do not always list everybody.
        role: Some(own.map_or(Role::Member, |member| member.role)),
        synced_at: now,
        created_at: info.facts.created_at.or(before.map(|before| before.created_at)).unwrap_or(now),
        updated_at: before.map_or(now, |before| before.updated_at),
        doc: Doc {
            facts: info.facts,
            picture: picture.unwrap_or_else(|| known.as_ref().and_then(|doc| doc.picture.clone())),
            invite_code: known.and_then(|doc| doc.invite_code),
        },
    }
}

/// Compares all groups of a number that has come online, when that is due.
pub(crate) fn sync_soon(core: &Core, account: &AccountId, device: &DeviceId) {
    let (task, account, device) = (core.clone(), account.clone(), device.clone());
    core.spawn(async move {
        let stopping = task.stopping();
        let syncing = async {
            for gap in GAPS {
                match sync(&task, &account, &device, false).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(%device, %error, "groups could not be compared with WhatsApp"),
                }
                tokio::time::sleep(gap).await;
            }
        };
        tokio::select! {
            () = stopping.cancelled() => {}
            () = syncing => {}
        }
    });
}

/// Compares all groups of a number with WhatsApp, when that is due or `now`.
///
/// # Errors
/// As WhatsApp and the database answer.
pub(crate) async fn sync(core: &Core, account: &AccountId, device: &DeviceId, at_once: bool) -> Result<()> {
    let Some(link) = core.sessions().online(device) else { return Ok(()) };
    let asked_at = core.now();
    let (own, last) = {
        let mut reading = core.store().read().await?;
        let mut scope = reading.account(account);
        let row = scope.device(device).await?.ok_or_else(|| not_found(device))?;
        let own = row.wid.unwrap_or_default();
        let last = scope.groups_synced_at(device, &own).await?;
        (own, last)
    };
    if !at_once && last.is_some_and(|last| asked_at - last < OLD) {
        return Ok(());
    }
    if last.is_none() {
        // Linked for the first time, or to another account than before.
        let (owner, id) = (account.clone(), device.clone());
        let forgotten =
            core.store().write(move |w| Box::pin(async move { w.account(&owner).delete_groups(&id).await }));
        forgotten.await.map_err(Error::from)?;
    }
    let groups = link.groups().await.map_err(super::failed)?;
    let wids: Vec<Wid> = groups.iter().map(|group| group.facts.wid.clone()).collect();
    let mut pictures = pictures(&*link, &wids).await?;
    let author = || Author { by: None, at: core.now() };
    for info in groups {
        let group = info.facts.wid.clone();
        let picture = Some(pictures.remove(&group));
        // The first time there is no news in what is there.
        let quiet = last.is_none();
        let known = compared(core, account, device, &group, Some(info), picture, author(), asked_at, quiet).await?;
        if !known {
            soon(core, account, device, &group, Why { by: None, picture: true });
        }
    }
    let known = core.store().read().await?.account(account).joined_groups(device).await?;
    for group in known.into_iter().filter_map(|group| group.parse::<Wid>().ok()).filter(|group| !wids.contains(group)) {
        // One that is not in the list was left, or is newer than the list.
        soon(core, account, device, &group, Why::default());
    }
    let (owner, id) = (account.clone(), device.clone());
    core.store()
        .write(move |w| Box::pin(async move { w.account(&owner).note_groups_synced(&id, &own, asked_at).await }))
        .await
        .map_err(Error::from)
}

/// A number was linked anew: nobody has told it of what happened since it was
/// linked last, so that its groups are filled from the start.
///
/// # Errors
/// As the database answers.
pub(crate) async fn linked(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let (account, device) = (account.clone(), device.clone());
    let forgetting =
        core.store().write(move |w| Box::pin(async move { w.account(&account).forget_groups_synced(&device).await }));
    forgetting.await.map_err(Error::from)
}

/// Has all groups compared the next time the number comes online.
async fn forget_sync(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let (account, device) = (account.clone(), device.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                let row = scope.device(&device).await?.ok_or_else(|| not_found(&device))?;
                scope.note_groups_synced(&device, &row.wid.unwrap_or_default(), 0).await.map_err(Error::from)
            })
        })
        .await
}
