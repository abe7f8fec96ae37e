//! Many contacts at once.

use serde::Serialize;
use utoipa::ToSchema;

use super::manage::{ContactChanges, NewContact, add, wid_of};
use super::{book, list};
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Kind, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::views::ContactDetails;

/// Contacts of one request at most.
pub const MOST: usize = 500;

/// One of several contacts.
pub type BulkContact = NewContact;

/// What became of one of several contacts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SavedContact {
    /// The phone number, as given.
    pub phone: String,
    /// `saved`, `exists` (left as it is, since `upsert` is off) or `failed`.
    pub status: String,
    /// The contact as it is now.
    pub contact: Option<ContactDetails>,
    /// Why it failed, `area:code`.
    pub error_code: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Makes or changes many contacts in one transaction; one that is wrong does not
/// hold up the others. The answer is in the order given.
///
/// # Errors
/// `device:notfound`, `contacts:count`; without the scope `contacts:write`.
pub async fn create_many(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    contacts: Vec<BulkContact>,
    upsert: bool,
) -> Result<Vec<SavedContact>> {
    caller.need(Scope::ContactsWrite)?;
    if contacts.is_empty() || contacts.len() > MOST {
        return Err(Error::invalid(
            "contacts:count",
            format!("There are {} contacts; a request takes 1 to {MOST}.", contacts.len()),
        ));
    }
    let (by, id, now) = (caller.clone(), device.clone(), core.now());
    let done: Vec<(String, Result<String>)> = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&by.account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let mut done = Vec::with_capacity(contacts.len());
                for one in contacts {
                    // What a person can mend is one contact's matter; what breaks
                    // the database is everybody's.
                    let changes = ContactChanges { upsert, ..one.changes };
                    let added = match wid_of(&one.phone) {
                        Ok(wid) => add(w, &device, &by, wid, changes, "import", now).await,
                        Err(error) => Err(error),
                    };
                    match added {
                        Err(error) if error.kind == Kind::Internal => return Err(error),
                        added => done.push((one.phone, added.map(|row| row.wid))),
                    }
                }
                Ok::<_, Error>(done)
            })
        })
        .await?;
    book::write_due(core, &caller.account, device).await;
    let wids: Vec<String> = done.iter().filter_map(|(_, done)| done.as_ref().ok().cloned()).collect();
    let mut shown = list::several(core, &caller.account, device, &wids).await?;
    Ok(done
        .into_iter()
        .map(|(phone, done)| match done {
            Ok(wid) => SavedContact {
                phone,
                status: "saved".to_owned(),
                contact: shown.remove(&wid),
                error_code: None,
                error: None,
            },
            Err(error) => SavedContact {
                phone: phone.chars().take(40).collect(),
                status: if error.code == "contact:exists" { "exists" } else { "failed" }.to_owned(),
                contact: None,
                error_code: Some(error.code.to_owned()),
                error: Some(error.message),
            },
        })
        .collect())
}
