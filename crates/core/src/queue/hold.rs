//! What WhatsApp does not let through: the queue stands still instead of
//! burning its messages, and tries again when the time is over.

use std::time::Duration;

use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, Hold, QueueRow};

use crate::clock::iso;
use crate::devices;
use crate::error::Result;
use crate::network::Millis;
use crate::views::SessionFacts;

/// The longest that a queue stands still before it is tried again.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// What is held back at `now`, and until when.
pub(crate) fn held(queue: &QueueRow, now: Millis) -> Option<(Hold, Millis)> {
    let until = queue.held_until.filter(|until| *until > now)?;
    match queue.held.as_deref() {
        Some("first") => Some((Hold::FirstMessages, until)),
        Some(_) => Some((Hold::Everything, until)),
        None => None,
    }
}

/// Holds a queue back after WhatsApp has refused: for `wait`, doubled each time
/// in a row up to six hours. What is held already stays held for the longer.
pub(crate) async fn hold_back(
    w: &mut Writing,
    device: &DeviceRow,
    what: Hold,
    wait: Duration,
    reason: &str,
    now: Millis,
) -> Result<()> {
    let mut queue = w.account(&device.account_id).queue(&device.id).await?;
    let word = if what == Hold::FirstMessages { "first" } else { "all" };
    // Messages that were on their way together are refused together.
    if let Some((already, _)) = held(&queue, now)
        && (already == what || already == Hold::Everything)
    {
        return Ok(());
    }
    let times = u32::try_from(queue.held_times).unwrap_or(0).min(16);
    let wait = wait.saturating_mul(2u32.saturating_pow(times)).min(LONGEST.max(wait));
    let until = now + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 2);
    queue.held = Some(word.to_owned());
    queue.held_reason = Some(reason.to_owned());
    queue.held_until = Some(until);
    queue.held_times += 1;
    w.account(&device.account_id).put_queue(&device.id, &queue).await?;
    let text = format!("The queue is held until {}: {reason}", iso(until));
    restriction(w, device, Some(text.clone()), now).await?;
    devices::session_event(w, device, "queue_held", &text, now).await
}

/// Ends a hold: WhatsApp has let through what it did not, or a person says so.
pub(crate) async fn let_go(w: &mut Writing, device: &DeviceRow, queue: &mut QueueRow, now: Millis) -> Result<()> {
    if queue.held.is_none() {
        return Ok(());
    }
    queue.held = None;
    queue.held_reason = None;
    queue.held_until = None;
    queue.held_times = 0;
    w.account(&device.account_id).put_queue(&device.id, queue).await?;
    restriction(w, device, None, now).await?;
    devices::session_event(w, device, "queue_free", "The queue is no longer held back.", now).await
}

/// Shows in the number's own state what WhatsApp does not let it do.
async fn restriction(w: &mut Writing, device: &DeviceRow, text: Option<String>, now: Millis) -> Result<()> {
    let Some(mut row) = w.account(&device.account_id).device(&device.id).await? else { return Ok(()) };
    let mut facts = SessionFacts::of(&row)?;
    facts.restriction = text;
    row.session = facts.to_column();
    row.updated_at = now;
    w.account(&device.account_id).update_device(&row).await?;
    Ok(())
}
