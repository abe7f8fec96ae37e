//! Who gets no campaign of the account any more: people who have answered with
//! the word, and those whom the team has put here.

use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignContactRow, ExclusionRow};

use super::contacts::named;
use super::tell::{News, tell};
use super::{ExclusionFilter, release, statistics};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::keys::{Caller, Scope};
use crate::network::Millis;
use crate::page::Page;
use crate::views::CampaignExclusion;

/// A page of those who are excluded, newest first.
///
/// # Errors
/// Without the scope `campaigns:read`.
pub async fn excluded(core: &Core, caller: &Caller, filter: ExclusionFilter) -> Result<Page<CampaignExclusion>> {
    caller.need(Scope::CampaignsRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_exclusions(&filter).await?;
    Ok(Page { items: scope.exclusions(&filter).await?, total }.map(CampaignExclusion::from))
}

/// Excludes people from all campaigns of the account; how many were not yet.
///
/// # Errors
/// `phone:invalid` and the like.
pub async fn exclude(core: &Core, caller: &Caller, targets: &[String]) -> Result<u64> {
    caller.need(Scope::CampaignsWrite)?;
    let (wids, account, by, now) = (named(targets)?, caller.account.clone(), caller.user.to_string(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut fresh = 0;
                for wid in wids {
                    let row = ExclusionRow { wid, campaign_id: None, created_by: Some(by.clone()), created_at: now };
                    fresh += u64::from(leave_out(w, &account, &row, now).await?);
                }
                Ok::<_, Error>(fresh)
            })
        })
        .await
}

/// Lets people get campaigns again; how many.
///
/// # Errors
/// `phone:invalid` and the like.
pub async fn include(core: &Core, caller: &Caller, targets: &[String]) -> Result<u64> {
    caller.need(Scope::CampaignsWrite)?;
    let (wids, account) = (named(targets)?, caller.account.clone());
    core.store()
        .write(move |w| Box::pin(async move { w.account(&account).include(&wids).await.map_err(Error::from) }))
        .await
}

/// Excludes somebody for good, and takes what waits for them out of the queues;
/// false when they were excluded already.
pub(super) async fn leave_out(w: &mut Writing, account: &AccountId, row: &ExclusionRow, now: Millis) -> Result<bool> {
    let fresh = w.account(account).exclude(row).await?;
    for before in w.account(account).campaign_contacts_waiting_for(&row.wid).await? {
        let after = CampaignContactRow {
            status: "excluded".to_owned(),
            error: Some("contact:excluded".to_owned()),
            error_message: Some("They have opted out, or were excluded.".to_owned()),
            message_id: None,
            date: now,
            ..before.clone()
        };
        statistics::change(w, &before, &after, false).await?;
        release::withdraw(w, account, before.message_id.clone(), now).await?;
        if let Some(campaign) = w.account(account).campaign(&before.campaign_id).await? {
            w.account(account).wake_campaign(&before.campaign_id, now).await?;
            tell(w, &campaign, News { changes: &["contact"], contact: Some(&after), ..News::default() }, now).await?;
        }
    }
    Ok(fresh)
}
