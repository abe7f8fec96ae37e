//! What became of a message: the states are those that WhatsApp has told, never
//! what we hope.

use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, MessageRow, Receipt, WaitingFilter};

use super::receipts;
use crate::app::Core;
use crate::campaigns;
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::ids::{AccountId, DeviceId};
use crate::inbox::{self, Said};
use crate::network::Millis;
use crate::views::{DeviceRef, OutboundMessage};

/// WhatsApp's server has a message: it counts as sent, appears in its chat, and
/// what was asked for after delivery is done. `said` is what it said, where that
/// is still at hand.
pub(super) async fn sent(
    w: &mut Writing,
    device: &DeviceRow,
    mut row: MessageRow,
    said: Said,
    at: Millis,
    now: Millis,
) -> Result<()> {
    if row.sent_at.is_some() {
        return Ok(());
    }
    "processed".clone_into(&mut row.status);
    // A receipt may have overtaken the acknowledgement.
    let level = match (row.delivered_at, row.read_at) {
        (_, Some(_)) => Receipt::Read,
        (Some(_), None) => Receipt::Delivered,
        (None, None) => Receipt::Sent,
    };
    level.word().clone_into(&mut row.delivery_status);
    row.sent_at = Some(at);
    row.processed_at = Some(now);
    row.failure_code = None;
    row.failure_reason = None;
    w.account(&device.account_id).update_message(&row).await?;
    campaigns::follow(w, &row, now).await?;
    inbox::outbound_said(w, device, &row, said, at, now).await?;
    tell(w, device, &row, "message:out:sent", now).await?;
    if level > Receipt::Sent {
        receipts::tell(w, device, &row.wa_id, now).await?;
    }
    super::actions::carry_out(w, device, &row, now).await
}

/// A message is given up.
pub(super) async fn failed(
    w: &mut Writing,
    device: &DeviceRow,
    mut row: MessageRow,
    code: &str,
    reason: &str,
    now: Millis,
) -> Result<()> {
    "failed".clone_into(&mut row.status);
    "failed".clone_into(&mut row.delivery_status);
    row.failure_code = Some(code.to_owned());
    row.failure_reason = Some(reason.to_owned());
    row.failed_at = Some(now);
    row.processed_at = Some(now);
    w.account(&device.account_id).update_message(&row).await?;
    campaigns::follow(w, &row, now).await?;
    tell(w, device, &row, "message:out:failed", now).await
}

/// A message goes back into the queue; `counted` when it was tried in earnest.
pub(super) async fn later(
    w: &mut Writing,
    device: &DeviceRow,
    mut row: MessageRow,
    at: Millis,
    why: &str,
    counted: bool,
    now: Millis,
) -> Result<()> {
    "queued".clone_into(&mut row.status);
    "queued".clone_into(&mut row.delivery_status);
    row.next_attempt_at = at;
    if !counted {
        // It never left, which is what the count of attempts proves.
        row.attempts = (row.attempts - 1).max(0);
    }
    if counted {
        row.retry_count += 1;
        row.last_retry_at = Some(now);
        row.failure_reason = Some(why.to_owned());
    }
    w.account(&device.account_id).update_message(&row).await?;
    if counted {
        tell(w, device, &row, "message:out:retry", now).await?;
    }
    Ok(())
}

/// Messages of a number that expired unsent.
pub(super) async fn expired(w: &mut Writing, device: &DeviceId, now: Millis) -> Result<()> {
    for row in w.server().expire_messages(device, now).await? {
        campaigns::follow(w, &row, now).await?;
        // A deleted number has no queue left to expire.
        if let Some(number) = w.account(&row.account_id).device(device).await? {
            tell(w, &number, &row, "message:out:expired", now).await?;
        }
    }
    Ok(())
}

/// Takes everything that waits out of a number's queue.
pub(crate) async fn remove_waiting(w: &mut Writing, device: &DeviceRow, why: &str, now: Millis) -> Result<()> {
    remove_some(w, device, &WaitingFilter::default(), i64::MAX, why, now).await.map(drop)
}

/// Takes some of what waits out of a number's queue, `most` at once; how many.
pub(crate) async fn remove_some(
    w: &mut Writing,
    device: &DeviceRow,
    filter: &WaitingFilter,
    most: i64,
    why: &str,
    now: Millis,
) -> Result<u64> {
    let rows = w.account(&device.account_id).remove_waiting(&device.id, filter, most, now, why).await?;
    for row in &rows {
        campaigns::follow(w, row, now).await?;
        tell(w, device, row, "message:out:removed", now).await?;
    }
    Ok(rows.len() as u64)
}

async fn tell(w: &mut Writing, device: &DeviceRow, row: &MessageRow, event: &'static str, now: Millis) -> Result<()> {
    let device_ref = DeviceRef::of(device);
    let view = OutboundMessage::of(row, &device_ref)?;
    let change = Change {
        event,
        object: "message",
        object_id: row.id.to_string(),
        lane: events::lane(&device.id, &row.chat),
        data: serde_json::to_value(view).map_err(Error::internal)?,
    };
    events::append(w, &device.account_id, Some(&device_ref), change, now).await?;
    Ok(())
}

/// An acknowledgement that no sender was waiting for: the answer to a message
/// of before a reconnect or restart.
pub(crate) async fn server_ack(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    id: String,
    at: Option<Millis>,
    error: Option<u32>,
) -> Result<()> {
    let (account, device, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let Some(number) = w.account(&account).device(&device).await? else { return Ok(()) };
                let Some(row) = w.account(&account).message_by_wa_id(&device, &id).await? else { return Ok(()) };
                // A sender that has it in hand writes its outcome itself.
                if row.status != "queued" {
                    return Ok(());
                }
                match error {
                    None => sent(w, &number, row, Said::default(), at.unwrap_or(now), now).await,
                    // Its sender decides, or the next try tells.
                    Some(_) => Ok(()),
                }
            })
        })
        .await
}
