//! For whom an update is: everybody in the number's address book. Whom WhatsApp
//! shows it to is also theirs to say: people see updates of those only who are
//! in their address book, too.

use sparkbot_store::Writing;
use sparkbot_store::rows::DeviceRow;

use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::wid::{Wid, WidKind};

/// For whom an update is, or was: what was found out at the first try stays, so
/// that each try goes to the same people and the update is taken back from them.
///
/// # Errors
/// As the database answers.
pub(crate) async fn of(core: &Core, account: &AccountId, device: &DeviceId, wa_id: &str) -> Result<Vec<Wid>> {
    let (account, device, wa_id, now) = (account.clone(), device.clone(), wa_id.to_owned(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                if let Some(known) = w.account(&account).status_audience(&device, &wa_id).await? {
                    return serde_json::from_str(&known).map_err(Error::internal);
                }
                let row = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                let audience = address_book(w, &row).await?;
                let noted = serde_json::to_string(&audience).map_err(Error::internal)?;
                w.account(&account).note_status_audience(&device, &wa_id, &noted, now).await?;
                Ok(audience)
            })
        })
        .await
}

async fn address_book(w: &mut Writing, device: &DeviceRow) -> Result<Vec<Wid>> {
    let known = w.account(&device.account_id).address_book(&device.id).await?;
    let own = [device.wid.as_deref(), device.lid.as_deref()];
    let people = known.into_iter().filter(|wid| !own.contains(&Some(wid.as_str())));
    let people = people.filter_map(|wid| wid.parse::<Wid>().ok());
    Ok(people.filter(|wid| matches!(wid.kind(), WidKind::User | WidKind::Lid)).collect())
}
