//! What the receivers' devices say of messages of ours.

use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, Receipt as Level};

use super::outcome;
use crate::app::Core;
use crate::campaigns;
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::ids::{AccountId, DeviceId};
use crate::inbox::{self, Said};
use crate::network::{Millis, Receipt, ReceiptKind};
use crate::statuses;
use crate::views::DeviceRef;
use crate::wid::WidKind;

/// A receipt for messages of this number, sent by us or by its phone. Each
/// participant's is kept; the message itself counts as delivered or read with
/// the first of them.
pub(crate) async fn receipt(core: &Core, account: &AccountId, device: &DeviceId, receipt: Receipt) -> Result<()> {
    let (account, device, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let Some(number) = w.account(&account).device(&device).await? else { return Ok(()) };
                let level = match receipt.kind {
                    ReceiptKind::Delivered => Level::Delivered,
                    ReceiptKind::Read => Level::Read,
                    ReceiptKind::Played => Level::Played,
                };
                let mut lookers = Vec::new();
                let person = matches!(receipt.by.kind(), WidKind::User | WidKind::Lid);
                for id in &receipt.ids {
                    if person {
                        let by = receipt.by.as_str();
                        let looked = level >= Level::Read && receipt.chat.as_str() == statuses::CHAT;
                        if looked && first_look(w, &number, id, by).await? {
                            lookers.push(id);
                        }
                        w.account(&account).note_receipt(&device, id, by, level, receipt.at).await?;
                    }
                    raise(w, &number, id, level, receipt.at, now).await?;
                }
                for id in lookers {
                    statuses::viewed(w, &number, id, &receipt.by, receipt.at, now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

/// Whether somebody has not looked at a status update before.
async fn first_look(w: &mut Writing, device: &DeviceRow, wa_id: &str, by: &str) -> Result<bool> {
    let known = w.account(&device.account_id).message_receipts(&device.id, wa_id).await?;
    Ok(known.iter().all(|receipt| receipt.participant != by || receipt.read_at.is_none()))
}

/// Raises a message to a level, unless it is there already.
async fn raise(w: &mut Writing, device: &DeviceRow, wa_id: &str, level: Level, at: Millis, now: Millis) -> Result<()> {
    if let Some(row) = w.account(&device.account_id).message_by_wa_id(&device.id, wa_id).await? {
        // A receipt proves that WhatsApp has it, even when its ack got lost. The
        // sender that has it in hand has been told as much, and knows what it said.
        if row.sent_at.is_none() && row.status != "processing" {
            outcome::sent(w, device, row, Said::default(), at, now).await?;
        }
        if let Some(mut row) = w.account(&device.account_id).message_by_wa_id(&device.id, wa_id).await?
            && level.earlier().contains(&row.delivery_status.as_str())
        {
            row.delivered_at.get_or_insert(at);
            if level >= Level::Read {
                row.read_at.get_or_insert(at);
            }
            // While a sender has it in hand, that one writes how it stands.
            if row.status != "processing" {
                level.word().clone_into(&mut row.delivery_status);
            }
            w.account(&device.account_id).update_delivery(&row).await?;
            campaigns::follow(w, &row, now).await?;
        }
    }
    if w.account(&device.account_id).raise_ack(&device.id, wa_id, level).await? {
        tell(w, device, wa_id, now).await?;
    }
    Ok(())
}

/// Tells how far a message of ours has come.
pub(super) async fn tell(w: &mut Writing, device: &DeviceRow, wa_id: &str, now: Millis) -> Result<()> {
    let Some(message) = inbox::view(w, device, wa_id).await? else { return Ok(()) };
    let change = Change {
        event: "message:out:ack",
        object: "message",
        object_id: wa_id.to_owned(),
        lane: events::lane(&device.id, message.chat.id()),
        data: serde_json::to_value(message).map_err(Error::internal)?,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}
