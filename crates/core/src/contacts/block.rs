//! Blocking people, and no longer.

use serde::Serialize;
use sparkbot_store::rows::{Account, ContactRow};
use utoipa::ToSchema;

use super::change::{self, By};
use super::known::{self, ContactId};
use super::list::number;
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Kind, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::sessions;

/// People of one request at most.
pub const MOST: usize = 50;

/// What became of one person.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blocking {
    /// WhatsApp id.
    pub contact: String,
    /// `blocked`, `unblocked` or `failed`.
    pub status: String,
    /// Why it failed, `area:code`.
    pub error_code: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Blocking {
    /// Why it failed, as a code and a sentence.
    pub(crate) fn failure(&self) -> Option<(&str, &str)> {
        self.error_code.as_deref().zip(self.error.as_deref())
    }
}

/// Whether this number has blocked a person; nobody is whom it does not know.
///
/// # Errors
/// As the database answers.
pub async fn is_blocked(scope: &mut Account<'_>, device: &DeviceId, wid: &str) -> Result<bool> {
    Ok(scope.contact(device, wid).await?.is_some_and(|row| row.blocked != 0))
}

/// Blocks people for all devices of the account, or no longer; in the order
/// given. Who is not on WhatsApp fails alone.
///
/// # Errors
/// `device:notfound`, `contacts:count`; `session:offline` and its like, when
/// WhatsApp can't be reached; without the scope `contacts:write`.
pub async fn block(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    people: Vec<ContactId>,
    blocked: bool,
) -> Result<Vec<Blocking>> {
    caller.need(Scope::ContactsWrite)?;
    if people.is_empty() || people.len() > MOST {
        return Err(Error::invalid(
            "contacts:count",
            format!("There are {} contacts; a request takes 1 to {MOST}.", people.len()),
        ));
    }
    let (reading, row) = number(core, &caller.account, device).await?;
    drop(reading);
    let link = core.sessions().online(device).ok_or_else(|| sessions::offline(device, &row.session_status))?;
    let mut done = Vec::with_capacity(people.len());
    for ContactId(wid) in people {
        match link.set_blocked(&wid, blocked).await.map_err(sessions::network_error) {
            Ok(()) => {}
            // Nobody can be reached, so the rest need not be tried. What was done is
            // noted, and what was not noted is found when lists are compared.
            Err(error) if matches!(error.kind, Kind::Unavailable | Kind::TooMany) => return Err(error),
            Err(error) => {
                done.push(Blocking {
                    contact: wid.to_string(),
                    status: "failed".to_owned(),
                    error_code: Some(error.code.to_owned()),
                    error: Some(error.message),
                });
                continue;
            }
        }
        let (by, id, now, who) = (caller.clone(), device.clone(), core.now(), wid.clone());
        core.store()
            .write(move |w| {
                Box::pin(async move {
                    let device = w.account(&by.account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                    let before = known::known(w, &device, &who, None, "api", By::Caller(&by), now).await?;
                    let row = ContactRow { blocked: i64::from(blocked), ..before.clone() };
                    change::save(w, &device, &before, row, By::Caller(&by), now).await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
        done.push(Blocking {
            contact: wid.to_string(),
            status: if blocked { "blocked" } else { "unblocked" }.to_owned(),
            error_code: None,
            error: None,
        });
    }
    Ok(done)
}
