//! Whether a queue takes another message, without counting it each time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::Millis;

/// A count is believed for so long; what was accepted since is added to it.
const BELIEVED: Millis = 2_000;

/// How many messages wait in each queue, as far as this node has looked.
#[derive(Default)]
pub(crate) struct Queues {
    depths: Mutex<HashMap<DeviceId, Depth>>,
}

#[derive(Clone, Copy)]
struct Depth {
    counted_at: Millis,
    waiting: i64,
}

impl Queues {
    /// A message was added.
    pub(crate) fn grown(&self, device: &DeviceId) {
        if let Some(depth) = self.depths.lock().unwrap_or_else(PoisonError::into_inner).get_mut(device) {
            depth.waiting += 1;
        }
    }

    fn known(&self, device: &DeviceId, now: Millis) -> Option<i64> {
        let depths = self.depths.lock().unwrap_or_else(PoisonError::into_inner);
        depths.get(device).filter(|depth| (0..BELIEVED).contains(&(now - depth.counted_at))).map(|depth| depth.waiting)
    }

    fn note(&self, device: &DeviceId, now: Millis, waiting: i64) {
        let mut depths = self.depths.lock().unwrap_or_else(PoisonError::into_inner);
        depths.retain(|_, depth| now - depth.counted_at < 60_000);
        depths.insert(device.clone(), Depth { counted_at: now, waiting });
    }
}

/// Refuses what a full queue can't take. Requests at the same time may go past
/// the limit by as many as they are.
pub(crate) async fn room(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let (limit, now) = (core.settings().queue_limit, core.now());
    // A count of before may be too high, never too low by more than a moment.
    if core.queues().known(device, now).is_some_and(|waiting| waiting < limit) {
        return Ok(());
    }
    let waiting = core.store().read().await?.account(account).queue_counts(device, now).await?.queued;
    core.queues().note(device, now, waiting);
    if waiting < limit {
        return Ok(());
    }
    Err(Error::new(
        Kind::TooMany,
        "queue:full",
        format!("The queue of this number holds {waiting} messages, which is all it takes."),
    )
    .hint("Wait until some are sent, or raise limits.queue in the configuration.")
    .after(Duration::from_secs(60)))
}
