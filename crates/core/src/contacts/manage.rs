//! What people do with contacts.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ContactRow, DeviceRow};

use super::change::{self, By};
use super::fields::ContactFields;
use super::known::{self, ContactId, missing};
use super::metadata::{self, MetadataPair};
use super::{book, chats, list, profile};
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::Millis;
use crate::phone::Phone;
use crate::views::ContactDetails;
use crate::wid::{Wid, WidKind};

/// A contact to be made.
#[derive(Debug, Clone, Default)]
pub struct NewContact {
    /// Phone number in E.164.
    pub phone: String,
    /// What is written of it.
    pub changes: ContactChanges,
}

/// What is written of a contact.
#[derive(Debug, Clone, Default)]
pub struct ContactChanges {
    /// The fields given.
    pub fields: ContactFields,
    /// Pairs that are put to those that are there.
    pub metadata: Vec<MetadataPair>,
    /// Fields that are taken away.
    pub remove: Vec<String>,
    /// Who looks after the contact's chat from now on: a team member's id.
    pub assign: Option<String>,
    /// Make the contact when it is not there, change it when it is.
    pub upsert: bool,
}

/// Makes a contact. Somebody who was only heard of is taken up; somebody who was
/// added before is a conflict, unless `upsert` is set.
///
/// # Errors
/// `device:notfound`, `phone:invalid`, `contact:exists` with the contact in
/// `meta.contact`, and for fields that make no sense; without the scope
/// `contacts:write`.
pub async fn create(core: &Core, caller: &Caller, device: &DeviceId, new: NewContact) -> Result<ContactDetails> {
    caller.need(Scope::ContactsWrite)?;
    let wid = wid_of(&new.phone)?;
    let (by, id, now) = (caller.clone(), device.clone(), core.now());
    let wid = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&by.account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let row = add(w, &device, &by, wid, new.changes, "api", now).await?;
                Ok::<_, Error>(row.wid)
            })
        })
        .await?;
    settle(core, caller, device, &wid).await
}

/// Changes a contact.
///
/// # Errors
/// As [`create`]; `contact:notfound` unless `upsert` is set.
pub async fn update(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    contact: ContactId,
    changes: ContactChanges,
) -> Result<ContactDetails> {
    caller.need(Scope::ContactsWrite)?;
    let (by, id, now) = (caller.clone(), device.clone(), core.now());
    let wid = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&by.account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let known = w.account(&by.account).contact(&device.id, contact.0.as_str()).await?;
                let row = match known {
                    Some(row) => write(w, &device, &by, row, changes, now).await?,
                    None if changes.upsert => add(w, &device, &by, contact.0, changes, "api", now).await?,
                    None => return Err(missing(&contact.0)),
                };
                Ok::<_, Error>(row.wid)
            })
        })
        .await?;
    settle(core, caller, device, &wid).await
}

/// Deletes a contact here, with all that was added. The phone's address book and
/// the chat stay; whoever writes again is heard of again.
///
/// # Errors
/// `device:notfound`, `contact:notfound`; without the scope `contacts:write`.
pub async fn delete(core: &Core, caller: &Caller, device: &DeviceId, contact: ContactId) -> Result<String> {
    caller.need(Scope::ContactsWrite)?;
    let (by, id, now) = (caller.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&by.account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let known = w.account(&by.account).contact(&device.id, contact.0.as_str()).await?;
                let row = known.ok_or_else(|| missing(&contact.0))?;
                change::remove(w, &device, &row, By::Caller(&by), now).await?;
                Ok(row.wid)
            })
        })
        .await
}

/// The id of a phone number as people write it.
pub(super) fn wid_of(phone: &str) -> Result<Wid> {
    let phone = Phone::parse(phone).map_err(|why| {
        Error::invalid("phone:invalid", format!("The phone number {why}."))
            .hint("Give the full number in E.164 form, such as +16001234560.")
    })?;
    Ok(Wid::user(&phone))
}

/// Makes or takes up a contact.
pub(super) async fn add(
    w: &mut Writing,
    device: &DeviceRow,
    by: &Caller,
    wid: Wid,
    changes: ContactChanges,
    source: &'static str,
    now: Millis,
) -> Result<ContactRow> {
    if !matches!(wid.kind(), WidKind::User | WidKind::Lid) {
        return Err(Error::invalid("contact:invalid", format!("{wid} is no person; contacts are made of people.")));
    }
    let wid = known::spelled(w, device, &wid).await?;
    let there = w.account(&device.account_id).contact(&device.id, wid.as_str()).await?;
    if let Some(row) = there.as_ref().filter(|row| !changes.upsert && (row.created_by.is_some() || row.name.is_some()))
    {
        return Err(Error::conflict("contact:exists", format!("This number has a contact {} already.", row.wid))
            .hint("Change it with PATCH, or set 'upsert' to change what is there.")
            .with("contact", row.wid.clone()));
    }
    // What is wrong by itself is refused before anything is made: one of many
    // contacts that fails takes nothing back.
    ContactFields::default().changed(&changes.fields, &changes.remove)?;
    metadata::changed("[]", &changes.metadata, false)?;
    let row = match there {
        Some(row) => row,
        // Told with its fields, not before.
        None => known::known(w, device, &wid, None, source, By::Nobody, now).await?,
    };
    let before = row.clone();
    let created_by = row.created_by.clone().or_else(|| Some(by.user.to_string()));
    write(w, device, by, ContactRow { created_by, ..before }, changes, now).await
}

/// Writes changes into a contact.
async fn write(
    w: &mut Writing,
    device: &DeviceRow,
    by: &Caller,
    row: ContactRow,
    changes: ContactChanges,
    now: Millis,
) -> Result<ContactRow> {
    let before = w.account(&device.account_id).contact(&device.id, &row.wid).await?;
    let before = before.ok_or_else(|| Error::internal("a contact that was just read is gone"))?;
    let (old, mut row) = (ContactFields::of(&before), row);
    let mut fields = old.changed(&changes.fields, &changes.remove)?;
    if changes.remove.iter().any(|name| name == "sync") {
        fields.sync = None;
    }
    if fields.sync == Some(true) {
        book::note(&mut row, &old, &fields)?;
    } else {
        row.book_due = 0;
    }
    row.fields = fields.column()?;
    row.metadata = metadata::changed(&row.metadata, &changes.metadata, false)?;
    let row = change::save(w, device, &before, row, By::Caller(by), now).await?;
    if let Some(agent) = &changes.assign {
        chats::assign(w, device, by, &row.wid, agent, now).await?;
    }
    Ok(row)
}

/// What is left to do once a change is committed: the phone's address book, and
/// what WhatsApp knows of somebody new.
async fn settle(core: &Core, caller: &Caller, device: &DeviceId, wid: &str) -> Result<ContactDetails> {
    book::write_due(core, &caller.account, device).await;
    let shown = list::shown(core, &caller.account, device, wid, None).await?;
    if shown.synced_at.is_none() {
        profile::refresh_soon(core, &caller.account, device, wid);
    }
    Ok(shown)
}
