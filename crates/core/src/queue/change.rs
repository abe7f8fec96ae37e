//! Setting, emptying and routing a queue.

use std::time::Duration;

use sparkbot_store::rows::WaitingFilter;

use super::view::{Emptied, QueueState, state};
use super::{Emptying, Route, STATUSES, let_go};
use crate::app::Core;
use crate::clock::parse_iso;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId, MessageId};
use crate::keys::{Caller, Scope};
use crate::outbound::{self, person, wanted};
use crate::wid::WidKind;

/// How long an answer waits for what is on its way.
const PATIENCE: Duration = Duration::from_secs(30);
/// Messages changed in one transaction, so that others get their turn.
const BATCH: i64 = 200;
/// Entries of a filter at most.
const ENTRIES: usize = 500;

/// Sets what a queue does. Unless `force` is given, an answer to `pause` and
/// `freeze` waits until what is on its way has arrived or failed, 30 s at most,
/// so that nothing leaves after it. With `force`, `active` also ends a hold
/// that WhatsApp's refusals have put on the queue.
///
/// # Errors
/// `device:notfound`; for an unknown status.
pub async fn set(core: &Core, caller: &Caller, device: &DeviceId, status: &str, force: bool) -> Result<QueueState> {
    caller.need(Scope::QueueWrite)?;
    if !STATUSES.contains(&status) {
        return Err(Error::invalid(
            "queue:status",
            format!("The status is '{status}'; it must be one of {}.", STATUSES.join(", ")),
        ));
    }
    let (account, id, now, word) = (caller.account.clone(), device.clone(), core.now(), status.to_owned());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).device(&id).await?.ok_or_else(|| devices::not_found(&id))?;
                let mut queue = w.account(&account).queue(&id).await?;
                if force && word == "active" {
                    let_go(w, &row, &mut queue, now).await?;
                }
                if queue.status != word {
                    queue.updated_at = Some(now);
                    let text = format!("The queue was set from '{}' to '{word}'.", queue.status);
                    queue.status.clone_from(&word);
                    w.account(&account).put_queue(&id, &queue).await?;
                    devices::session_event(w, &row, "queue", &text, now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    core.sessions().wake(device);
    if !force && matches!(status, "pause" | "freeze") {
        settled(core, &caller.account, device).await?;
    }
    state(core, &caller.account, device).await
}

/// Takes waiting messages out of a queue; they end as `removed`.
///
/// # Errors
/// `device:notfound`; for values that make no sense.
pub async fn empty(core: &Core, caller: &Caller, device: &DeviceId, emptying: Emptying) -> Result<Emptied> {
    caller.need(Scope::QueueWrite)?;
    let filter = filter(&emptying, core.now())?;
    devices::row(core, &caller.account, device).await?;
    let mut messages = 0;
    loop {
        let (account, id, now, filter) = (caller.account.clone(), device.clone(), core.now(), filter.clone());
        let removed = core
            .store()
            .write(move |w| {
                Box::pin(async move {
                    let row = w.account(&account).device(&id).await?.ok_or_else(|| devices::not_found(&id))?;
                    outbound::remove_some(w, &row, &filter, BATCH, "The queue was emptied.", now).await
                })
            })
            .await?;
        messages += removed;
        if removed < BATCH.unsigned_abs() {
            break;
        }
    }
    if emptying.wait {
        settled(core, &caller.account, device).await?;
    }
    let now = state(core, &caller.account, device).await?;
    Ok(Emptied { device: now.device, queue: now.queue, messages })
}

/// Gives the waiting messages of a number to another one. Those that were
/// tried already stay: they may have arrived, and would arrive twice.
///
/// # Errors
/// `device:notfound`; `queue:route` for a number that can't take them.
pub async fn route(core: &Core, caller: &Caller, route: Route) -> Result<Emptied> {
    caller.need(Scope::QueueWrite)?;
    if route.from == route.to {
        return Err(Error::invalid("queue:route", "The queue is this number's already.")
            .hint("'device' in the body names the number that is to send the messages."));
    }
    devices::row(core, &caller.account, &route.from).await?;
    let target = devices::row(core, &caller.account, &route.to).await?;
    if target.status == "disabled" {
        return Err(Error::conflict("device:disabled", format!("The WhatsApp number {} is disabled.", route.to))
            .hint("Enable it with PATCH /v1/devices/{id} {\"enable\": true}."));
    }
    let mut messages = 0;
    loop {
        let (account, from, to) = (caller.account.clone(), route.from.clone(), route.to.clone());
        let moved = core
            .store()
            .write(move |w| {
                Box::pin(async move { w.account(&account).route_waiting(&from, &to, BATCH).await.map_err(Error::from) })
            })
            .await?;
        messages += moved;
        if moved < BATCH.unsigned_abs() {
            break;
        }
    }
    core.sessions().wake(&route.to);
    let now = state(core, &caller.account, &route.from).await?;
    Ok(Emptied { device: now.device, queue: now.queue, messages })
}

/// Waits until nothing of a number is on its way.
async fn settled(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let stop = core.stopping();
    let waiting = async {
        loop {
            let counts = core.store().read().await?.account(account).queue_counts(device, core.now()).await?;
            if counts.processing == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => Ok(()),
        done = tokio::time::timeout(PATIENCE, waiting) => done.unwrap_or(Ok(())),
    }
}

fn filter(emptying: &Emptying, now: i64) -> Result<WaitingFilter> {
    for (field, number) in
        [("ids", emptying.ids.len()), ("phones", emptying.phones.len()), ("groups", emptying.groups.len())]
    {
        if number > ENTRIES {
            return Err(Error::invalid(
                "queue:filter",
                format!("'{field}' has {number} entries; it takes at most {ENTRIES}."),
            ));
        }
    }
    for id in &emptying.ids {
        id.parse::<MessageId>().map_err(|_| {
            Error::invalid(
                "message:invalid",
                format!("'{id}' in 'ids' is not the id of a message: ids have 24 hexadecimal digits."),
            )
        })?;
    }
    let mut chats = Vec::new();
    for phone in &emptying.phones {
        chats.push(person(phone)?.to_string());
    }
    for group in &emptying.groups {
        chats.push(wanted(group, WidKind::Group, "group:invalid", "120363012345678901@g.us")?.to_string());
    }
    let time = |field: &str, text: Option<&str>| {
        text.map(|text| {
            parse_iso(text).ok_or_else(|| {
                Error::invalid("queue:filter", format!("'{field}' is '{text}'; it must be an ISO 8601 date."))
            })
        })
        .transpose()
    };
    let (after, before) = (time("after", emptying.after.as_deref())?, time("before", emptying.before.as_deref())?);
    if let (Some(after), Some(before)) = (after, before)
        && after > before
    {
        return Err(Error::invalid("queue:filter", "'after' is later than 'before'."));
    }
    let before = if emptying.skip_scheduled { Some(before.map_or(now, |before| before.min(now))) } else { before };
    Ok(WaitingFilter { ids: emptying.ids.clone(), chats, after, before, untried: false })
}
