//! A queue as the outside sees it.

use serde::Serialize;
use sparkbot_store::rows::{Counts, DeviceRow, QueueRow};
use utoipa::ToSchema;

use super::hold::held;
use crate::app::Core;
use crate::clock::iso;
use crate::devices;
use crate::error::Result;
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::network::Millis;
use crate::views::{DeviceRef, QueueView, SessionFacts};

/// The queue of a number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueueState {
    /// The number.
    pub device: DeviceRef,
    /// State and figures.
    pub queue: QueueView,
}

/// What an emptied or routed queue looks like, and how much was taken out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Emptied {
    /// The number.
    pub device: DeviceRef,
    /// State and figures, afterwards.
    pub queue: QueueView,
    /// Messages that were taken out of it.
    pub messages: u64,
}

/// State and figures of a queue.
///
/// # Errors
/// `device:notfound`.
pub async fn get(core: &Core, caller: &Caller, device: &DeviceId) -> Result<QueueState> {
    caller.need(Scope::MessagesRead)?;
    state(core, &caller.account, device).await
}

pub(super) async fn state(core: &Core, account: &AccountId, device: &DeviceId) -> Result<QueueState> {
    let now = core.now();
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    let row = scope.device(device).await?.ok_or_else(|| devices::not_found(device))?;
    let counts = scope.queue_counts(device, now).await?;
    let queue = scope.queue(device).await?;
    Ok(QueueState { device: DeviceRef::of(&row), queue: queue_view(&row, &queue, counts, now)? })
}

/// A queue with the reason for which it stands still.
pub(crate) fn queue_view(row: &DeviceRow, queue: &QueueRow, counts: Counts, now: Millis) -> Result<QueueView> {
    let facts = SessionFacts::of(row)?;
    let hold = held(queue, now);
    let waiting = counts.queued + counts.processing;
    let reason = if matches!(queue.status.as_str(), "pause" | "freeze") {
        Some(format!("It was set to '{}' by a person.", queue.status))
    } else if row.status == "disabled" {
        Some("The number is disabled.".to_owned())
    } else if row.session_status != "online" {
        let why = facts.error.unwrap_or_else(|| "Messages wait until it is.".to_owned());
        Some(format!("The number is not online; its session is '{}'. {why}", row.session_status))
    } else {
        hold.and(queue.held_reason.clone())
    };
    Ok(QueueView {
        status: queue.status.clone(),
        status_updated_at: queue.updated_at.map(iso),
        messages: waiting,
        scheduled: counts.scheduled,
        processing: counts.processing,
        size: waiting,
        reason,
        held_until: hold.map(|(_, until)| iso(until)),
    })
}
