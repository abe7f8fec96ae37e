//! What WhatsApp reports of people.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ContactRow, DeviceRow};

use super::change::{self, By};
use super::{book, known};
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::{BusinessProfile, ContactNews, ContactReport, Millis, Person};
use crate::wid::Wid;

/// Writes what has become known of people, all of it in one transaction.
pub(crate) async fn reported(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    reports: Vec<ContactReport>,
) -> Result<()> {
    if reports.is_empty() {
        return Ok(());
    }
    let (account, id, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                for report in reports {
                    one(w, &device, report, now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

async fn one(w: &mut Writing, device: &DeviceRow, report: ContactReport, now: Millis) -> Result<()> {
    let ContactReport { person, news, catching_up } = report;
    let by = match &news {
        _ if catching_up => By::Nobody,
        ContactNews::Book { .. } | ContactNews::Blocked(_) => By::Phone,
        _ => By::WhatsApp,
    };
    // People of whom nothing but a new picture is known are not worth a contact.
    let before = match &news {
        ContactNews::Book { name: None, first_name: None } => {
            known::found(w, device, &person.wid, person.lid.as_ref(), by, now).await?
        }
        ContactNews::Book { .. } | ContactNews::Blocked(true) => {
            Some(known::known(w, device, &person.wid, person.lid.as_ref(), "phone", by, now).await?)
        }
        _ => known::found(w, device, &person.wid, person.lid.as_ref(), by, now).await?,
    };
    let Some(before) = before else { return Ok(()) };
    let mut row = before.clone();
    match news {
        ContactNews::Book { name, first_name } => {
            row.name = name.or_else(|| first_name.clone()).as_deref().map(known::shortened);
            row.short_name = first_name.as_deref().map(known::shortened);
        }
        ContactNews::PushName(name) => row.push_name = Some(known::shortened(&name)),
        ContactNews::About(about) => {
            row.about = Some(about.chars().take(700).collect()).filter(|a: &String| !a.is_empty());
        }
        ContactNews::Picture(None) => row.picture_id = Some(String::new()),
        // Another picture of which no id was told: asked for when it is looked at.
        ContactNews::Picture(Some(id)) if id.is_empty() => {
            w.account(&device.account_id).forget_contact_picture(&device.id, &row.wid).await?;
            row.synced_at = None;
        }
        ContactNews::Picture(Some(id)) => row.picture_id = Some(id),
        ContactNews::Business { verified_name } => {
            row.synced_at = None;
            if verified_name.is_some() {
                row.verified_name = verified_name.as_deref().map(known::shortened);
                if row.business.is_none() {
                    let profile = BusinessProfile { verified_name, ..BusinessProfile::default() };
                    row.business = Some(serde_json::to_string(&profile).map_err(Error::internal)?);
                }
            }
        }
        ContactNews::Blocked(blocked) => row.blocked = i64::from(blocked),
        ContactNews::Moved { to } => return moved(w, device, &before, &to, now).await,
    }
    change::save(w, device, &before, row, by, now).await?;
    Ok(())
}

/// A person has another number: the contact goes with them, the old number may
/// become somebody else's.
async fn moved(w: &mut Writing, device: &DeviceRow, before: &ContactRow, to: &Person, now: Millis) -> Result<()> {
    let phone = to.wid.phone();
    let taken = w.account(&device.account_id).contact(&device.id, to.wid.as_str()).await?;
    if taken.is_some_and(|taken| taken.seq != before.seq) {
        // The new number is a contact of its own already; which of the two is
        // meant by what is kept with them is for people to say.
        return Ok(());
    }
    let row = ContactRow {
        wid: to.wid.to_string(),
        lid: to.lid.as_ref().map(Wid::to_string).or_else(|| before.lid.clone()),
        country: phone.as_ref().and_then(crate::phone::Phone::country),
        phone: phone.map(String::from),
        ..before.clone()
    };
    change::save(w, device, before, row, By::WhatsApp, now).await?;
    Ok(())
}

/// Notes the two addresses of one person, when either is known here.
pub(crate) async fn addresses(core: &Core, account: &AccountId, device: &DeviceId, phone: Wid, lid: Wid) -> Result<()> {
    let known = {
        let mut reading = core.store().read().await?;
        reading.account(account).contacts_named(device, &[phone.as_str(), lid.as_str()]).await?
    };
    let complete = |row: &ContactRow| row.wid == phone.as_str() && row.lid.as_deref() == Some(lid.as_str());
    if known.is_empty() || (known.len() == 1 && known.iter().all(complete)) {
        return Ok(());
    }
    let (account, id, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                known::found(w, &device, &phone, Some(&lid), By::WhatsApp, now).await?;
                Ok::<_, Error>(())
            })
        })
        .await
}

/// What is done whenever a number comes online: the list of those blocked is
/// compared, and what is due is written into the phone's address book.
pub(crate) fn catch_up(core: &Core, account: &AccountId, device: &DeviceId) {
    let (core_too, account, device) = (core.clone(), account.clone(), device.clone());
    core.spawn(async move {
        let stop = core_too.stopping();
        let work = async {
            if let Err(error) = compare_blocked(&core_too, &account, &device).await {
                tracing::warn!(device = %device, error = %error, "the list of those blocked could not be compared");
            }
            book::write_due(&core_too, &account, &device).await;
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = work => {}
        }
    });
}

async fn compare_blocked(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let Some(link) = core.sessions().online(device) else { return Ok(()) };
    let listed = link.blocked().await.map_err(crate::sessions::network_error)?;
    let known = core.store().read().await?.account(account).blocked_contacts(device).await?;
    let is = |row: &ContactRow, person: &Person| {
        row.wid == person.wid.as_str()
            || (row.lid.is_some() && row.lid.as_deref() == person.lid.as_ref().map(Wid::as_str))
    };
    let mut reports = Vec::new();
    for row in known.iter().filter(|row| !listed.iter().any(|person| is(row, person))) {
        let person = Person { wid: row.wid.parse().map_err(Error::internal)?, lid: None };
        reports.push(ContactReport { person, news: ContactNews::Blocked(false), catching_up: false });
    }
    for person in listed.into_iter().filter(|person| !known.iter().any(|row| is(row, person))) {
        reports.push(ContactReport { person, news: ContactNews::Blocked(true), catching_up: false });
    }
    reported(core, account, device, reports).await
}
