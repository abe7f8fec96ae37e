//! What is done with labels on the phone.

use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, LabelRow};

use super::{NAME, chats, colors, key, tell};
use crate::app::Core;
use crate::chats::{forget_label, label_wished_later};
use crate::contacts::By;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::{LabelReport, Millis};

/// Writes what was done, all of it in one transaction.
pub(crate) async fn reported(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    reports: Vec<LabelReport>,
) -> Result<()> {
    if reports.is_empty() {
        return Ok(());
    }
    let (account, id, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let mut early = Vec::new();
                for report in reports {
                    if is_early(w, &device, &report).await? {
                        early.push(report);
                    } else {
                        one(w, &device, report, now).await?;
                    }
                }
                for report in early {
                    one(w, &device, report, now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

/// Whether a chat is told to have a label of which nothing was told yet: collections
/// have no order.
async fn is_early(w: &mut Writing, device: &DeviceRow, report: &LabelReport) -> Result<bool> {
    let LabelReport::Chat { id, on: true, .. } = report else { return Ok(false) };
    Ok(w.account(&device.account_id).label_of_whatsapp(&device.id, id).await?.is_none())
}

async fn one(w: &mut Writing, device: &DeviceRow, report: LabelReport, now: Millis) -> Result<()> {
    match report {
        LabelReport::Saved { id, name, color } => saved(w, device, id, &name, color, now).await,
        LabelReport::Deleted { id } => {
            let Some(row) = w.account(&device.account_id).label_of_whatsapp(&device.id, &id).await? else {
                return Ok(());
            };
            w.account(&device.account_id).delete_label(&device.id, &row.name_key).await?;
            forget_label(w, device, &id).await?;
            chats::drop_label(w, device, &row.name, By::Phone, now).await?;
            tell::changed(w, device, Some(&row), None, By::Phone, now).await
        }
        LabelReport::Chat { id, chat, on, at } => {
            let Some(row) = w.account(&device.account_id).label_of_whatsapp(&device.id, &id).await? else {
                return Ok(());
            };
            if label_wished_later(w, device, chat.as_str(), &id, at).await? {
                return Ok(());
            }
            if on {
                // A chat in which nothing was said here yet has its labels all the same.
                chats::known(w, device, chat.as_str(), now).await?;
            }
            chats::label_chat(w, device, chat.as_str(), &row.name, on, By::Phone, now).await
        }
    }
}

/// A label of the phone's takes the place of one of ours with the same name, and
/// takes its chats along when it gets another name.
async fn saved(w: &mut Writing, device: &DeviceRow, id: String, name: &str, color: i32, now: Millis) -> Result<()> {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(NAME).collect();
    if name.is_empty() {
        return Ok(());
    }
    let mut scope = w.account(&device.account_id);
    let known = scope.label_of_whatsapp(&device.id, &id).await?;
    let namesake = scope.label(&device.id, &key(&name)).await?;
    let before = known.as_ref().or(namesake.as_ref());
    let row = LabelRow {
        name_key: key(&name),
        scope: "wa".to_owned(),
        wa_id: Some(id),
        color: colors::named(color, before.map(|row| row.color.as_str())),
        description: before.and_then(|row| row.description.clone()),
        created_at: before.map_or(now, |row| row.created_at),
        updated_at: now,
        name,
    };
    if let Some(known) = known.as_ref().filter(|known| known.name_key != row.name_key) {
        scope.delete_label(&device.id, &known.name_key).await?;
    }
    scope.put_label(&device.id, &row).await?;
    if let Some(known) = known.as_ref().filter(|known| known.name != row.name) {
        chats::rename_label(w, device, &known.name, &row.name, By::Phone, now).await?;
    }
    tell::changed(w, device, known.as_ref().or(namesake.as_ref()), Some(&row), By::Phone, now).await
}
