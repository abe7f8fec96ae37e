//! The people of a campaign: finding them, and taking them out.

use super::tell::{News, tell};
use super::{CampaignContactFilter, held, seen};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::{CampaignContactId, CampaignId};
use crate::keys::{Caller, Scope};
use crate::outbound::{person, wanted};
use crate::page::Page;
use crate::views::CampaignContact;
use crate::wid::{Wid, WidKind};
use sparkbot_store::rows::CampaignCounts;

/// Entries of one request at most.
const ENTRIES: usize = 500;
/// People taken out in one transaction.
const BATCH: i64 = 1000;

/// Who is to be taken out; nothing given means everybody whose turn has not come.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    /// Ids of contacts.
    pub ids: Option<Vec<String>>,
    /// Phone numbers, groups and channels.
    pub targets: Option<Vec<String>>,
}

/// What a removal did.
#[derive(Debug, Clone, Copy)]
pub struct Removed {
    /// How many were taken out.
    pub deleted: u64,
    /// How many are still in it.
    pub total: i64,
}

/// A page of the people of a campaign, those whose state changed last first.
///
/// # Errors
/// `campaign:notfound`, `device:forbidden`.
pub async fn contacts(
    core: &Core,
    caller: &Caller,
    id: &CampaignId,
    filter: CampaignContactFilter,
) -> Result<Page<CampaignContact>> {
    caller.need(Scope::CampaignsRead)?;
    seen(core, caller, id).await?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_campaign_contacts(id, &filter).await?;
    let rows = scope.campaign_contacts(id, &filter).await?;
    let items = rows.into_iter().map(CampaignContact::of).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// Takes people out whose turn has not come; the others stay, with what became
/// of them.
///
/// # Errors
/// `campaign:notfound`; for a name that is none.
pub async fn remove(core: &Core, caller: &Caller, id: &CampaignId, removal: Removal) -> Result<Removed> {
    caller.need(Scope::CampaignsWrite)?;
    let named = match (&removal.ids, &removal.targets) {
        (None, None) => None,
        (ids, targets) => Some((contact_ids(ids.as_deref())?, named(targets.as_deref().unwrap_or_default())?)),
    };
    let mut deleted = 0;
    loop {
        let (caller, account, id, named, now) =
            (caller.clone(), caller.account.clone(), id.clone(), named.clone(), core.now());
        let gone = core
            .store()
            .write(move |w| {
                Box::pin(async move {
                    let row = held(w, &caller, &account, &id).await?;
                    let named = named.as_ref().map(|(ids, wids)| (ids.as_slice(), wids.as_slice()));
                    let gone = w.account(&account).delete_campaign_contacts(&id, named, BATCH).await?;
                    if gone > 0 {
                        let count = i64::try_from(gone).map_err(Error::internal)?;
                        let by = CampaignCounts { total: -count, pending: -count, ..CampaignCounts::default() };
                        w.account(&account).count_campaign(&id, &by).await?;
                        w.account(&account).wake_campaign(&id, now).await?;
                        let news = News { changes: &["contacts"], count: Some(-count), ..News::default() };
                        tell(w, &row, news, now).await?;
                    }
                    Ok::<_, Error>(gone)
                })
            })
            .await?;
        deleted += gone;
        if gone < BATCH.unsigned_abs() {
            break;
        }
    }
    let (row, _) = seen(core, caller, id).await?;
    Ok(Removed { deleted, total: row.counts.total })
}

fn contact_ids(ids: Option<&[String]>) -> Result<Vec<String>> {
    let ids = ids.unwrap_or_default();
    few("ids", ids.len())?;
    ids.iter()
        .map(|id| {
            let shown: String = id.chars().take(40).collect();
            id.parse::<CampaignContactId>().map(String::from).map_err(|_| {
                let sentence =
                    format!("'{shown}' in 'ids' is not the id of a contact: ids have 24 hexadecimal digits.");
                Error::invalid("contact:invalid", sentence)
            })
        })
        .collect()
}

/// WhatsApp ids of people, groups and channels, as they are named.
///
/// # Errors
/// `phone:invalid` and the like.
pub fn named(targets: &[String]) -> Result<Vec<String>> {
    few("targets", targets.len())?;
    targets.iter().map(|target| wid(target).map(String::from)).collect()
}

/// A person, group or channel by whatever names it.
fn wid(target: &str) -> Result<Wid> {
    if target.contains("@g.us") {
        wanted(target, WidKind::Group, "group:invalid", "120363012345678901@g.us")
    } else if target.contains("@newsletter") {
        wanted(target, WidKind::Channel, "channel:invalid", "120363012345678901@newsletter")
    } else {
        person(target)
    }
}

fn few(field: &str, count: usize) -> Result<()> {
    if count > ENTRIES {
        let sentence = format!("'{field}' has {count} entries; it takes {ENTRIES}.");
        return Err(Error::invalid("campaign:contacts", sentence));
    }
    Ok(())
}
