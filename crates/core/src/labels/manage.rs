//! What people do with labels.

use std::sync::Arc;

use sparkbot_store::rows::{DeviceRow, LabelRow};

use super::{COLORS, MOST, chats, checked_name, colors, key, missing, shown, tell};
use crate::app::Core;
use crate::chats::forget_label;
use crate::contacts::By;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::Link;
use crate::sessions;
use crate::views::Label;

/// Characters of a description.
const DESCRIPTION: usize = 300;

/// Where a label is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelScope {
    /// Here only.
    Chat,
    /// On the phone, too.
    WhatsApp,
}

/// A label to be made or changed.
#[derive(Debug, Clone, Default)]
pub struct NewLabel {
    /// Its name.
    pub name: String,
    /// One of [`COLORS`].
    pub color: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where it is known; when absent, on the phone where that has labels.
    pub scope: Option<LabelScope>,
}

/// All labels of a number, by name.
///
/// # Errors
/// `device:notfound`; without the scope `team:read`.
pub async fn list(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Vec<Label>> {
    caller.need(Scope::TeamRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    scope.device(device).await?.ok_or_else(|| not_found(device))?;
    Ok(scope.labels(device).await?.into_iter().map(shown).collect())
}

/// Makes a label.
///
/// # Errors
/// `label:exists`, `label:name`, `label:color`, `label:count`; `label:not_business`
/// for a label of WhatsApp's on a number that is no business account;
/// `session:offline` when the phone has labels and can't be told; without the
/// scope `team:write`.
pub async fn create(core: &Core, caller: &Caller, device: &DeviceId, new: NewLabel) -> Result<Label> {
    caller.need(Scope::TeamWrite)?;
    let name = checked_name(&new.name)?;
    let color = checked_color(&new.color)?;
    let (row, labels) = all(core, caller, device).await?;
    if let Some(there) = labels.iter().find(|label| label.name_key == key(&name)) {
        return Err(Error::conflict("label:exists", format!("This number has a label '{}' already.", there.name))
            .hint("Change it with PATCH.")
            .with("label", there.name.clone()));
    }
    if i64::try_from(labels.len()).unwrap_or(MOST) >= MOST {
        return Err(Error::conflict("label:count", format!("This number has {MOST} labels, which is the most.")));
    }
    let link = phone(core, &row, new.scope, &labels).await?;
    let wa_id = link.as_ref().map(|_| next_id(&labels));
    let now = core.now();
    let label = LabelRow {
        name_key: key(&name),
        name,
        scope: if wa_id.is_some() { "wa" } else { "chat" }.to_owned(),
        wa_id,
        color,
        description: described(new.description)?,
        created_at: now,
        updated_at: now,
    };
    write(core, caller, &row, None, Some(&label)).await?;
    // Written before WhatsApp is told: what it tells of it is no news then.
    if let (Some(link), Some(id)) = (link, &label.wa_id)
        && let Err(error) = link.save_label(id, &label.name, colors::number(&label.color)).await
    {
        write(core, caller, &row, Some(&label), None).await?;
        return Err(sessions::network_error(error));
    }
    Ok(shown(label))
}

/// Changes the colour and the description of a label, found by its name; the
/// name may be written in another case from now on.
///
/// # Errors
/// `label:notfound`, `label:color`; `session:offline` for a label of WhatsApp's
/// when the phone can't be told; without the scope `team:write`.
pub async fn update(core: &Core, caller: &Caller, device: &DeviceId, new: NewLabel) -> Result<Label> {
    caller.need(Scope::TeamWrite)?;
    let name = checked_name(&new.name)?;
    let color = checked_color(&new.color)?;
    let (row, labels) = all(core, caller, device).await?;
    let before = labels.into_iter().find(|label| label.name_key == key(&name)).ok_or_else(|| missing(&name))?;
    let link = before.wa_id.as_ref().map(|_| online(core, &row)).transpose()?;
    let description = if new.description.is_some() { described(new.description)? } else { before.description.clone() };
    let label = LabelRow { name, color, description, updated_at: core.now(), ..before.clone() };
    write(core, caller, &row, Some(&before), Some(&label)).await?;
    if let (Some(link), Some(id)) = (link, &label.wa_id)
        && let Err(error) = link.save_label(id, &label.name, colors::number(&label.color)).await
    {
        write(core, caller, &row, Some(&label), Some(&before)).await?;
        return Err(sessions::network_error(error));
    }
    Ok(shown(label))
}

/// Deletes a label; chats lose it.
///
/// # Errors
/// `label:notfound`; `session:offline` for a label of WhatsApp's when the phone
/// can't be told; without the scope `team:write`.
pub async fn delete(core: &Core, caller: &Caller, device: &DeviceId, name: &str) -> Result<Label> {
    caller.need(Scope::TeamWrite)?;
    let name = checked_name(name)?;
    let (row, labels) = all(core, caller, device).await?;
    let label = labels.into_iter().find(|label| label.name_key == key(&name)).ok_or_else(|| missing(&name))?;
    if let Some(id) = &label.wa_id {
        online(core, &row)?.delete_label(id).await.map_err(sessions::network_error)?;
    }
    write(core, caller, &row, Some(&label), None).await?;
    Ok(shown(label))
}

/// Writes a label as `after`, or takes it away without one, on its chats, too.
/// `before` is what it was.
async fn write(
    core: &Core,
    caller: &Caller,
    device: &DeviceRow,
    before: Option<&LabelRow>,
    after: Option<&LabelRow>,
) -> Result<()> {
    let (by, device, now) = (caller.clone(), device.clone(), core.now());
    let (before, after) = (before.cloned(), after.cloned());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let who = By::Caller(&by);
                match (&before, &after) {
                    (before, Some(after)) => {
                        w.account(&by.account).put_label(&device.id, after).await?;
                        if let Some(before) = before.as_ref().filter(|before| before.name != after.name) {
                            chats::rename_label(w, &device, &before.name, &after.name, who, now).await?;
                        }
                    }
                    (Some(gone), None) => {
                        // Of a label of its own WhatsApp may have told already that it is gone.
                        if w.account(&by.account).label(&device.id, &gone.name_key).await?.is_none() {
                            return Ok(());
                        }
                        w.account(&by.account).delete_label(&device.id, &gone.name_key).await?;
                        if let Some(id) = &gone.wa_id {
                            forget_label(w, &device, id).await?;
                        }
                        chats::drop_label(w, &device, &gone.name, who, now).await?;
                    }
                    (None, None) => {}
                }
                tell::changed(w, &device, before.as_ref(), after.as_ref(), who, now).await
            })
        })
        .await
}

async fn all(core: &Core, caller: &Caller, device: &DeviceId) -> Result<(DeviceRow, Vec<LabelRow>)> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let row = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let labels = scope.labels(device).await?;
    Ok((row, labels))
}

fn online(core: &Core, device: &DeviceRow) -> Result<Arc<dyn Link>> {
    core.sessions().online(&device.id).ok_or_else(|| sessions::offline(&device.id, &device.session_status))
}

/// The phone, when the label belongs there, too.
async fn phone(
    core: &Core,
    device: &DeviceRow,
    wanted: Option<LabelScope>,
    labels: &[LabelRow],
) -> Result<Option<Arc<dyn Link>>> {
    let link = match (wanted, online(core, device)) {
        (Some(LabelScope::Chat), _) => return Ok(None),
        (_, Ok(link)) => link,
        // A number that has had none of WhatsApp's labels so far is taken for one
        // that has none.
        (None, Err(_)) if labels.iter().all(|label| label.wa_id.is_none()) => return Ok(None),
        (_, Err(offline)) => return Err(offline),
    };
    let business = link.is_business().await.map_err(sessions::network_error)?;
    match (business, wanted) {
        (true, _) => Ok(Some(link)),
        (false, Some(LabelScope::WhatsApp)) => Err(Error::conflict(
            "label:not_business",
            format!("The number {} is no WhatsApp Business account, so its phone has no labels.", device.id),
        )
        .hint("Make the label with the scope 'chat'.")),
        (false, _) => Ok(None),
    }
}

/// WhatsApp's ids are numbers, given out by whichever device makes a label.
fn next_id(labels: &[LabelRow]) -> String {
    let taken = labels.iter().filter_map(|label| label.wa_id.as_deref()?.parse::<u64>().ok()).max();
    (taken.unwrap_or(0) + 1).to_string()
}

fn checked_color(color: &str) -> Result<String> {
    if COLORS.contains(&color) {
        return Ok(color.to_owned());
    }
    let shown: String = color.chars().take(30).collect();
    Err(Error::invalid("label:color", format!("'{shown}' is no colour; it must be one of {}.", COLORS.join(", "))))
}

fn described(text: Option<String>) -> Result<Option<String>> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match text.as_ref().map(|text| text.chars().count()) {
        Some(length) if length > DESCRIPTION => Err(Error::invalid(
            "label:description",
            format!("The label's description has {length} characters; at most {DESCRIPTION} are kept."),
        )),
        _ => Ok(text),
    }
}
