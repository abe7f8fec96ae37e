//! How a contact looks: the small picture, fetched when somebody looks at it and
//! kept for a day; the ones that nobody has looked at for a month are forgotten.

use sparkbot_store::rows::ContactPictureRow;

use super::known::{ContactId, missing};
use super::list::number;
use super::profile::LIFE;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::Millis;
use crate::sessions;

/// Bytes of a small picture at most; WhatsApp's have about five thousand.
const LARGEST: usize = 128 * 1024;
/// Pictures are forgotten after this.
const KEPT: Millis = 30 * LIFE;

/// The small picture of a contact, JPEG.
///
/// # Errors
/// `device:notfound`, `contact:notfound`; `contact:no_picture` when there is none
/// that this number may see; `session:offline` when it has to be fetched and
/// can't be; without the scope `contacts:read`.
pub async fn picture(core: &Core, caller: &Caller, device: &DeviceId, contact: &ContactId) -> Result<Vec<u8>> {
    caller.need(Scope::ContactsRead)?;
    let (mut reading, device) = number(core, &caller.account, device).await?;
    let mut scope = reading.account(&caller.account);
    let row = scope.contact(&device.id, contact.0.as_str()).await?.ok_or_else(|| missing(&contact.0))?;
    let kept = scope.contact_picture(&device.id, &row.wid).await?;
    drop(reading);
    if let Some(kept) = kept.filter(|kept| kept.fetched_at + LIFE > core.now()) {
        return kept.jpeg.ok_or_else(|| none(&row.wid));
    }
    let link =
        core.sessions().online(&device.id).ok_or_else(|| sessions::offline(&device.id, &device.session_status))?;
    let wid = row.wid.parse().map_err(Error::internal)?;
    let found = {
        let _turn = core.questions().turns.acquire().await.map_err(Error::internal)?;
        link.picture(&wid, LARGEST).await.map_err(sessions::network_error)?
    };
    let now = core.now();
    let fetched = ContactPictureRow {
        picture_id: found.as_ref().map(|found| found.id.clone()),
        jpeg: found.map(|found| found.jpeg.to_vec()),
        fetched_at: now,
    };
    let jpeg = fetched.jpeg.clone();
    let (account, id, of) = (caller.account.clone(), device.id.clone(), row.wid.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                w.account(&account).put_contact_picture(&id, &of, &fetched, now - KEPT).await.map_err(Error::from)
            })
        })
        .await?;
    jpeg.ok_or_else(|| none(&row.wid))
}

fn none(wid: &str) -> Error {
    Error::not_found("contact:no_picture", format!("{wid} has no picture that this number may see."))
}
