//! Which campaigns, and which of their people.

use super::{CampaignContactRow, CampaignRow};
use crate::error::Result;
use crate::ids::{AccountId, CampaignId};
use crate::rows::Account;
use crate::sql::{Sql, contains};

/// How far a count goes beyond the page.
const COUNTED: i64 = 10_000;

/// Which campaigns; empty means all.
#[derive(Debug, Clone, Default)]
pub struct CampaignFilter {
    /// In one of these states.
    pub status: Vec<String>,
    /// With one of these numbers.
    pub devices: Vec<String>,
    /// Of one of these people.
    pub owners: Vec<String>,
    /// These.
    pub ids: Vec<String>,
    /// For one of these people or groups, by WhatsApp id.
    pub wids: Vec<String>,
    /// Made after.
    pub after: Option<i64>,
    /// Made before.
    pub before: Option<i64>,
    /// Oldest first.
    pub ascending: bool,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

/// Which people of a campaign; empty means all.
#[derive(Debug, Clone, Default)]
pub struct CampaignContactFilter {
    /// In name, reference or WhatsApp id.
    pub search: Option<String>,
    /// With one of these WhatsApp ids.
    pub wids: Vec<String>,
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// In one of these states.
    pub status: Vec<String>,
    /// So far.
    pub acks: Vec<String>,
    /// Oldest change first.
    pub ascending: bool,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

fn campaigns(mut sql: Sql, account: &AccountId, f: &CampaignFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str());
    sql.and("removed_at IS NULL");
    for (column, values) in [("status", &f.status), ("owner", &f.owners), ("id", &f.ids)] {
        if !values.is_empty() {
            sql.and_in(column, values.iter().map(String::as_str));
        }
    }
    for (test, values) in [
        (
            "EXISTS (SELECT 1 FROM campaign_devices d WHERE d.campaign_id = campaigns.id AND d.device_id IN (",
            &f.devices,
        ),
        ("EXISTS (SELECT 1 FROM campaign_contacts c WHERE c.campaign_id = campaigns.id AND c.wid IN (", &f.wids),
    ] {
        if !values.is_empty() {
            sql.and(test);
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    sql.push(", ");
                }
                sql.bind(value.as_str());
            }
            sql.push("))");
        }
    }
    for (test, at) in [("created_at > ", f.after), ("created_at < ", f.before)] {
        if let Some(at) = at {
            sql.and(test).bind(at);
        }
    }
    sql
}

fn contacts(mut sql: Sql, account: &AccountId, campaign: &CampaignId, f: &CampaignContactFilter) -> Sql {
    sql.and("campaign_id = ").bind(campaign.as_str());
    sql.and("account_id = ").bind(account.as_str());
    for (column, values) in [("wid", &f.wids), ("kind", &f.kinds), ("status", &f.status), ("ack", &f.acks)] {
        if !values.is_empty() {
            sql.and_in(column, values.iter().map(String::as_str));
        }
    }
    if let Some(search) = &f.search {
        let pattern = contains(search);
        sql.and("(LOWER(COALESCE(name, '')) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR LOWER(COALESCE(reference, '')) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR wid LIKE ").bind(pattern).push(" ESCAPE '\\')");
    }
    sql
}

impl Account<'_> {
    /// A page of campaigns.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn campaigns(&mut self, filter: &CampaignFilter) -> Result<Vec<CampaignRow>> {
        let mut sql = campaigns(Sql::new("SELECT * FROM campaigns"), self.id, filter);
        sql.push(if filter.ascending { " ORDER BY created_at, id" } else { " ORDER BY created_at DESC, id DESC" });
        sql.page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many campaigns the filter matches, counted up to 10,000 beyond the page.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_campaigns(&mut self, filter: &CampaignFilter) -> Result<i64> {
        let mut sql = campaigns(Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM campaigns"), self.id, filter);
        sql.push(" LIMIT ").bind(filter.skip.saturating_add(filter.size).saturating_add(COUNTED)).push(") AS counted");
        sql.number(&mut *self.conn).await
    }

    /// A page of the people of a campaign.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn campaign_contacts(
        &mut self,
        campaign: &CampaignId,
        filter: &CampaignContactFilter,
    ) -> Result<Vec<CampaignContactRow>> {
        let mut sql = contacts(Sql::new("SELECT * FROM campaign_contacts"), self.id, campaign, filter);
        sql.push(if filter.ascending { " ORDER BY date, seq" } else { " ORDER BY date DESC, seq DESC" });
        sql.page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many people of a campaign the filter matches, counted up to 10,000
    /// beyond the page.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_campaign_contacts(
        &mut self,
        campaign: &CampaignId,
        filter: &CampaignContactFilter,
    ) -> Result<i64> {
        let start = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM campaign_contacts");
        let mut sql = contacts(start, self.id, campaign, filter);
        sql.push(" LIMIT ").bind(filter.skip.saturating_add(filter.size).saturating_add(COUNTED)).push(") AS counted");
        sql.number(&mut *self.conn).await
    }
}
