//! What businesses sell: the number's own catalog and those of others, kept here
//! with their age and asked for again when they are old.

mod doc;

use sparkbot_store::rows::{Account, CatalogRow, DeviceRow};

use crate::app::Core;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::network::{Link, Millis, NetworkError};
use crate::outbound::person;
use crate::page::{Page, Slice};
use crate::sessions;
use crate::views::CatalogProduct;
use crate::wid::Wid;

/// What is older is asked for again.
const OLD: Millis = 3600 * 1000;
/// Products of one catalog; WhatsApp has a lower limit of its own.
const MOST: usize = 1000;
/// Catalogs of others that a number keeps; those seen longest ago go first.
const KEPT: i64 = 200;
/// Products that a number shows of itself when asked for.
const SHOWN: i64 = 100;

/// A part of a catalog.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The products.
    pub page: Page<CatalogProduct>,
    /// Milliseconds since WhatsApp was asked.
    pub age: Millis,
}

/// The number's own catalog. `sync` asks WhatsApp whatever its age.
///
/// # Errors
/// `device:notfound`, `catalog:notfound`; `session:offline` when nothing is kept
/// of it, or `sync` is asked for.
pub async fn own(core: &Core, caller: &Caller, device: &DeviceId, slice: Slice, sync: bool) -> Result<Catalog> {
    caller.need(Scope::DevicesRead)?;
    let row = devices::row(core, &caller.account, device).await?;
    let wid = row.wid.as_deref().ok_or_else(|| sessions::offline(device, &row.session_status))?;
    let seller: Wid = wid.parse().map_err(Error::internal)?;
    look(core, &row, &seller, slice, sync).await
}

/// The catalog of any business, by its phone number or id.
///
/// # Errors
/// As [`own`], and `phone:invalid`.
pub async fn of(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    phone: &str,
    slice: Slice,
    sync: bool,
) -> Result<Catalog> {
    caller.need(Scope::DevicesRead)?;
    let seller = person(phone)?;
    let row = devices::row(core, &caller.account, device).await?;
    look(core, &row, &seller, slice, sync).await
}

async fn look(core: &Core, row: &DeviceRow, seller: &Wid, slice: Slice, sync: bool) -> Result<Catalog> {
    let known = core.store().read().await?.account(&row.account_id).catalog(&row.id, seller.as_str()).await?;
    let is_fresh = |known: &CatalogRow| core.now() - known.synced_at <= OLD;
    if sync || !known.as_ref().is_some_and(is_fresh) {
        let asked = match core.sessions().online(&row.id) {
            Some(link) => fetch(core, &row.account_id, &row.id, &*link, seller).await,
            None => Err(sessions::offline(&row.id, &row.session_status)),
        };
        match asked {
            Ok(()) => {}
            // What is kept is better than nothing; its age is told.
            Err(error) if !sync && known.is_some() && error.kind == Kind::Unavailable => {
                tracing::debug!(device = %row.id, %error, "a catalog could not be asked for");
            }
            Err(error) => return Err(error),
        }
    }
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&row.account_id);
    let known = scope.catalog(&row.id, seller.as_str()).await?.ok_or_else(|| none(seller))?;
    let page = Page { items: products(&mut scope, row, &known, slice).await?, total: known.products };
    Ok(Catalog { page, age: (core.now() - known.synced_at).max(0) })
}

async fn products(
    scope: &mut Account<'_>,
    row: &DeviceRow,
    known: &CatalogRow,
    slice: Slice,
) -> Result<Vec<CatalogProduct>> {
    let docs = scope.catalog_products(&row.id, &known.wid, slice.size, slice.skip).await?;
    docs.iter().map(|text| doc::view(text, known)).collect()
}

/// Asks WhatsApp and writes the answer.
async fn fetch(core: &Core, account: &AccountId, device: &DeviceId, link: &dyn Link, seller: &Wid) -> Result<()> {
    let found = link.catalog(seller, MOST).await.map_err(failed)?;
    let docs: Option<Vec<String>> = found
        .map(|products| products.iter().map(serde_json::to_string).collect::<Result<_, _>>())
        .transpose()
        .map_err(Error::internal)?;
    let there = docs.is_some();
    let (account, device, wid, now) = (account.clone(), device.clone(), seller.to_string(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                let Some(docs) = docs else {
                    return scope.delete_catalog(&device, &wid).await.map_err(Error::from);
                };
                scope.put_catalog(&device, &wid, &docs, now).await?;
                // The number's own is never among those that go.
                let own = scope.device(&device).await?.and_then(|row| row.wid);
                for old in scope.catalogs_beyond(&device, KEPT).await?.iter().filter(|old| Some(*old) != own.as_ref()) {
                    scope.delete_catalog(&device, old).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    if there { Ok(()) } else { Err(none(seller)) }
}

/// A business has changed its catalog: what is kept of it is old. The number's
/// own is asked for in the background.
///
/// # Errors
/// As the database answers.
pub(crate) async fn outdated(core: &Core, account: &AccountId, device: &DeviceId, seller: &Wid) -> Result<()> {
    let (owner, id, wid) = (account.clone(), device.clone(), seller.to_string());
    let is_own = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&owner);
                scope.outdate_catalog(&id, &wid).await?;
                Ok::<_, Error>(scope.device(&id).await?.is_some_and(|row| row.wid.as_deref() == Some(&wid)))
            })
        })
        .await?;
    if is_own {
        let (task, account, device) = (core.clone(), account.clone(), device.clone());
        core.spawn(async move {
            let stopping = task.stopping();
            tokio::select! {
                () = stopping.cancelled() => {}
                () = refresh_own(&task, &account, &device) => {}
            }
        });
    }
    Ok(())
}

/// Asks for the number's own catalog; tried again when somebody wants to see it.
pub(crate) async fn refresh_own(core: &Core, account: &AccountId, device: &DeviceId) {
    let asking = async {
        let Some(link) = core.sessions().online(device) else { return Ok(()) };
        let row = devices::row(core, account, device).await?;
        let Some(wid) = row.wid.and_then(|wid| wid.parse::<Wid>().ok()) else { return Ok(()) };
        fetch(core, account, device, &*link, &wid).await
    };
    if let Err(error) = asking.await {
        tracing::debug!(%device, %error, "the number's own catalog could not be asked for");
    }
}

/// The first products of the number's own catalog, as they are kept.
///
/// # Errors
/// `device:notfound`; without the scope `devices:read`.
pub async fn kept(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Vec<CatalogProduct>> {
    caller.need(Scope::DevicesRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let row = scope.device(device).await?.ok_or_else(|| devices::not_found(device))?;
    let Some(wid) = row.wid.as_deref() else { return Ok(Vec::new()) };
    match scope.catalog(device, wid).await? {
        Some(known) => products(&mut scope, &row, &known, Slice { size: SHOWN, skip: 0 }).await,
        None => Ok(Vec::new()),
    }
}

fn none(seller: &Wid) -> Error {
    Error::not_found("catalog:notfound", format!("{seller} has no catalog, or is no WhatsApp Business account."))
}

fn failed(error: NetworkError) -> Error {
    match error {
        NetworkError::TooManyAttempts { retry_after } => Error::new(
            Kind::TooMany,
            "catalog:too_many",
            "WhatsApp takes no more questions about catalogs from this number for now.",
        )
        .hint("Wait, and ask less often; what is kept is shown without asking.")
        .after(retry_after.unwrap_or(std::time::Duration::from_secs(60))),
        other => sessions::network_error(other),
    }
}
