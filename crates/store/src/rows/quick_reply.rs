//! Texts that agents keep at hand.

use super::Account;
use crate::error::Result;
use crate::ids::{AccountId, DeviceId, QuickReplyId};
use crate::sql::Sql;

/// A quick reply of a number.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct QuickReplyRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: QuickReplyId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Of which number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// The person of a private one, empty for shared ones.
    pub owner: String,
    /// What is typed for it.
    pub shortcut: String,
    /// The shortcut in small letters.
    pub shortcut_key: String,
    /// What is sent.
    pub message: String,
    /// `public`, `readonly` or `private`.
    pub permission: String,
    /// A file that goes along.
    pub file_id: Option<String>,
    /// JSON list of words to find it by.
    pub keywords: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// Which quick replies to list.
#[derive(Debug, Clone, Default)]
pub struct QuickReplyFilter {
    /// Who looks: private ones of others do not match.
    pub viewer: String,
    /// Only with one of these permissions.
    pub permissions: Vec<String>,
    /// Only made by one of these people.
    pub authors: Vec<String>,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

fn filtered(mut sql: Sql, account: &AccountId, device: &DeviceId, filter: &QuickReplyFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str()).and("device_id = ").bind(device.as_str());
    sql.and_in("owner", ["", filter.viewer.as_str()]);
    if !filter.permissions.is_empty() {
        sql.and_in("permission", filter.permissions.iter().map(String::as_str));
    }
    if !filter.authors.is_empty() {
        sql.and_in("created_by", filter.authors.iter().map(String::as_str));
    }
    sql
}

impl Account<'_> {
    /// A page of a number's quick replies, by shortcut.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn quick_replies(&mut self, device: &DeviceId, filter: &QuickReplyFilter) -> Result<Vec<QuickReplyRow>> {
        let mut sql = filtered(Sql::new("SELECT * FROM quick_replies"), self.id, device, filter);
        sql.push(" ORDER BY shortcut_key, owner").page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many the filter matches.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_quick_replies(&mut self, device: &DeviceId, filter: &QuickReplyFilter) -> Result<i64> {
        filtered(Sql::new("SELECT COUNT(*) FROM quick_replies"), self.id, device, filter).number(&mut *self.conn).await
    }

    /// How many a number has, private ones of everybody included.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn all_quick_replies(&mut self, device: &DeviceId) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM quick_replies WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .fetch_one(&mut *self.conn)
            .await?)
    }

    /// One that `viewer` sees, by id or by shortcut in small letters; their own
    /// private one comes before a shared one of the same shortcut.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn quick_reply(
        &mut self,
        device: &DeviceId,
        viewer: &str,
        id: Option<&str>,
        shortcut: Option<&str>,
    ) -> Result<Option<QuickReplyRow>> {
        let mut sql = Sql::new("SELECT * FROM quick_replies");
        sql.and("account_id = ").bind(self.id.as_str()).and("device_id = ").bind(device.as_str());
        sql.and_in("owner", ["", viewer]);
        if let Some(id) = id {
            sql.and("id = ").bind(id);
        }
        if let Some(shortcut) = shortcut {
            sql.and("shortcut_key = ").bind(shortcut);
        }
        sql.push(" ORDER BY CASE WHEN owner = '' THEN 1 ELSE 0 END LIMIT 1");
        sql.one(&mut *self.conn).await
    }

    /// Keeps one.
    ///
    /// # Errors
    /// `Duplicate` when the shortcut is taken.
    pub async fn insert_quick_reply(&mut self, row: &QuickReplyRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO quick_replies (id, account_id, device_id, owner, shortcut, shortcut_key, message, permission, \
             file_id, keywords, created_by, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(row.device_id.as_str())
        .bind(&row.owner)
        .bind(&row.shortcut)
        .bind(&row.shortcut_key)
        .bind(&row.message)
        .bind(&row.permission)
        .bind(&row.file_id)
        .bind(&row.keywords)
        .bind(&row.created_by)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes every column that may change.
    ///
    /// # Errors
    /// `Duplicate` when the shortcut is taken.
    pub async fn update_quick_reply(&mut self, row: &QuickReplyRow) -> Result<()> {
        sqlx::query(
            "UPDATE quick_replies SET owner = $3, shortcut = $4, shortcut_key = $5, message = $6, permission = $7, \
             file_id = $8, keywords = $9, updated_at = $10 WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.owner)
        .bind(&row.shortcut)
        .bind(&row.shortcut_key)
        .bind(&row.message)
        .bind(&row.permission)
        .bind(&row.file_id)
        .bind(&row.keywords)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Removes one.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_quick_reply(&mut self, id: &QuickReplyId) -> Result<()> {
        sqlx::query("DELETE FROM quick_replies WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}
