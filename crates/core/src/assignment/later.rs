//! What the clock comes back to.

use std::time::Duration;

use sparkbot_store::rows::{ChatRow, DeviceRow, WaitRow};
use sparkbot_store::{StoreError, Writing};

use super::settings::AutoAssign;
use super::written::{MINUTE, by_a_rule, give};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::network::Millis;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(2);
/// Chats at once; others have a turn in between.
const AT_ONCE: i64 = 200;

/// Comes back to chats that wait, those of before a restart too.
pub(crate) fn start(core: &Core) {
    let core = core.clone();
    core.clone().spawn(async move {
        let stopping = core.stopping();
        loop {
            if let Err(error) = sweep(&core).await {
                tracing::warn!(%error, "chats could not be given to anybody; it is tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}

/// Deals with what is due: gives chats to who is there by now, and takes chats
/// back that were not answered.
///
/// # Errors
/// As the database answers.
pub async fn sweep(core: &Core) -> Result<()> {
    let due = core.store().read().await?.server().due_waits(core.now(), AT_ONCE).await?;
    for row in due {
        let now = core.now();
        core.store().write(move |w| Box::pin(async move { one(w, row, now).await })).await?;
    }
    Ok(())
}

/// Somebody has come: chats that wait for somebody are looked at at once.
pub(crate) async fn hurry(w: &mut Writing, account: &AccountId, now: Millis) -> Result<()> {
    w.account(account).hurry_waits(now).await.map_err(Error::from)
}

async fn one(w: &mut Writing, seen: WaitRow, now: Millis) -> Result<()> {
    let (account, device, chat) = (seen.account_id.clone(), seen.device_id.clone(), seen.chat.clone());
    // It may have been dealt with since it was read.
    if w.account(&account).wait_of(&device, &chat).await?.as_ref() != Some(&seen) {
        return Ok(());
    }
    w.account(&account).end_wait(&device, &chat).await?;
    let number = match w.account(&account).device(&device).await {
        Err(StoreError::NoAccess(_)) | Ok(None) => return Ok(()),
        found => found?,
    };
    let row = w.account(&account).chat(&device, &chat).await?;
    let Some((number, row)) = number.zip(row) else { return Ok(()) };
    let rules = AutoAssign::of(&number)?;
    if !rules.active || row.archived == 1 {
        return Ok(());
    }
    if seen.awaits == "agent" {
        find_somebody(w, &number, &rules, row, &seen, now).await
    } else {
        take_back(w, &number, &rules, row, &seen, now).await
    }
}

async fn find_somebody(
    w: &mut Writing,
    device: &DeviceRow,
    rules: &AutoAssign,
    chat: ChatRow,
    wait: &WaitRow,
    now: Millis,
) -> Result<()> {
    if chat.agent.is_some() || chat.status != "pending" {
        // Somebody has taken it, or answered, or there is nothing to answer any more.
        return Ok(());
    }
    give(w, device, rules, chat, wait.agent.as_deref(), now).await
}

async fn take_back(
    w: &mut Writing,
    device: &DeviceRow,
    rules: &AutoAssign,
    chat: ChatRow,
    wait: &WaitRow,
    now: Millis,
) -> Result<()> {
    // What was given by hand since is another matter.
    if rules.reassign_after == 0
        || chat.agent != wait.agent
        || !by_a_rule(&chat)?
        || !matches!(chat.status.as_str(), "pending" | "active")
    {
        return Ok(());
    }
    if !crate::team::OperativeHours::of(device)?.is_open(now) {
        // Nobody is expected to answer now; the time begins when the doors open.
        let opens = super::written::look_again(device, now)?;
        let row = WaitRow { due_at: opens + rules.reassign_after * MINUTE, ..wait.clone() };
        return Ok(w.account(&device.account_id).put_wait(&row).await?);
    }
    give(w, device, rules, chat, wait.agent.as_deref(), now).await
}
