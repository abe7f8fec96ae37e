//! The phone's address book: names are written there when people ask for it,
//! at once or as soon as the number is online again.

use sparkbot_store::rows::ContactRow;

use super::change::{self, By};
use super::fields::ContactFields;
use super::names::Names;
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::NetworkError;

/// Entries written in one go.
const AT_ONCE: i64 = 200;

/// Notes that the phone's entry has to be written, if it has.
///
/// # Errors
/// `contact:phone_hidden` for somebody whose number is not known: address books
/// hold numbers.
pub(super) fn note(row: &mut ContactRow, before: &ContactFields, fields: &ContactFields) -> Result<()> {
    if row.phone.is_none() {
        return Err(Error::invalid(
            "contact:phone_hidden",
            format!("The phone number of {} is not known, so the phone's address book can't hold it.", row.wid),
        ));
    }
    let named = |fields: &ContactFields| (fields.name.clone(), fields.surname.clone());
    if before.sync != Some(true) || named(before) != named(fields) {
        row.book_due = 1;
    }
    Ok(())
}

/// Writes what is due into the phone's address book, when the number is online.
/// What fails stays due until the number comes online the next time.
pub(super) async fn write_due(core: &Core, account: &AccountId, device: &DeviceId) {
    if let Err(error) = try_due(core, account, device).await {
        tracing::warn!(device = %device, error = %error, "the phone's address book could not be written; it is due still");
    }
}

async fn try_due(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let due = core.store().read().await?.account(account).contacts_due_for_book(device, AT_ONCE).await?;
    if due.is_empty() {
        return Ok(());
    }
    let Some(link) = core.sessions().online(device) else { return Ok(()) };
    for row in due {
        let fields = ContactFields::of(&row);
        let names = Names::of(&row, &fields);
        let Ok(wid) = row.wid.parse() else { continue };
        match link.save_contact(&wid, &names.display, names.short.as_deref()).await {
            Ok(()) => written(core, account, device, row, names).await?,
            // Not for want of a connection: trying again would not help.
            Err(NetworkError::Invalid(reason)) => {
                tracing::warn!(device = %device, reason, "an entry of the phone's address book can't be written");
                written(core, account, device, row, names).await?;
            }
            Err(error) => return Err(Error::internal(error)),
        }
    }
    Ok(())
}

async fn written(core: &Core, account: &AccountId, device: &DeviceId, was: ContactRow, names: Names) -> Result<()> {
    let (account, id, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let Some(before) = w.account(&account).contact(&device.id, &was.wid).await? else { return Ok(()) };
                let mut row = ContactRow { name: Some(names.display), short_name: names.short, ..before.clone() };
                // Changed again meanwhile: once more.
                if before.fields == was.fields {
                    row.book_due = 0;
                }
                change::save(w, &device, &before, row, By::Phone, now).await?;
                Ok::<_, Error>(())
            })
        })
        .await
}
