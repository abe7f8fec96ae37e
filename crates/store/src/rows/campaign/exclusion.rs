//! Who gets no campaign of an account any more.

use crate::error::Result;
use crate::rows::Account;
use crate::sql::Sql;

/// How far a count goes beyond the page.
const COUNTED: i64 = 10_000;

/// Somebody who gets no campaign any more.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ExclusionRow {
    /// Their WhatsApp id.
    pub wid: String,
    /// The campaign that they have answered; none when a person has put them here.
    pub campaign_id: Option<String>,
    /// That person.
    pub created_by: Option<String>,
    /// Since when.
    pub created_at: i64,
}

/// Which of them; empty means all.
#[derive(Debug, Clone, Default)]
pub struct ExclusionFilter {
    /// With these WhatsApp ids.
    pub wids: Vec<String>,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

impl Account<'_> {
    /// Excludes somebody; false when they were already.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn exclude(&mut self, row: &ExclusionRow) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO campaign_exclusions (account_id, wid, campaign_id, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, wid) DO NOTHING",
        )
        .bind(self.id.as_str())
        .bind(&row.wid)
        .bind(&row.campaign_id)
        .bind(&row.created_by)
        .bind(row.created_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Of these people, those who are excluded.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn excluded(&mut self, wids: &[&str]) -> Result<Vec<String>> {
        let mut sql = Sql::new("SELECT wid, campaign_id, created_by, created_at FROM campaign_exclusions");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and_in("wid", wids.iter().copied());
        Ok(sql.all::<ExclusionRow>(&mut *self.conn).await?.into_iter().map(|row| row.wid).collect())
    }

    /// Lets people get campaigns again; how many.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn include(&mut self, wids: &[String]) -> Result<u64> {
        let mut sql = Sql::new("DELETE FROM campaign_exclusions");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and_in("wid", wids.iter().map(String::as_str));
        sql.run(&mut *self.conn).await
    }

    /// A page of those who are excluded, newest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn exclusions(&mut self, filter: &ExclusionFilter) -> Result<Vec<ExclusionRow>> {
        let mut sql = Sql::new("SELECT wid, campaign_id, created_by, created_at FROM campaign_exclusions");
        sql.and("account_id = ").bind(self.id.as_str());
        if !filter.wids.is_empty() {
            sql.and_in("wid", filter.wids.iter().map(String::as_str));
        }
        sql.push(" ORDER BY created_at DESC, wid DESC").page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many there are, counted up to 10,000 beyond the page.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_exclusions(&mut self, filter: &ExclusionFilter) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM campaign_exclusions");
        sql.and("account_id = ").bind(self.id.as_str());
        if !filter.wids.is_empty() {
            sql.and_in("wid", filter.wids.iter().map(String::as_str));
        }
        sql.push(" LIMIT ").bind(filter.skip.saturating_add(filter.size).saturating_add(COUNTED)).push(") AS counted");
        sql.number(&mut *self.conn).await
    }
}
