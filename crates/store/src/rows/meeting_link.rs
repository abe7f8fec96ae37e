//! Links to calls.

use crate::error::Result;
use crate::ids::{AccountId, DeviceId, MeetingLinkId, UserId};
use crate::rows::{Account, Server};
use crate::sql::{Sql, contains};

/// A link to a call.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MeetingLinkRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: MeetingLinkId,
    /// The number that made it.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// The person who asked for it.
    #[sqlx(try_from = "String")]
    pub user_id: UserId,
    /// `voice` or `video`.
    pub kind: String,
    /// The end of its address.
    pub token: String,
    /// What it is for.
    pub message: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// When it is forgotten.
    pub expires_at: i64,
}

/// Which links; empty means all.
#[derive(Debug, Clone, Default)]
pub struct MeetingLinkFilter {
    /// Those that are not forgotten by then.
    pub now: i64,
    /// Those with one of these ids or one of these tokens.
    pub named: Option<(Vec<String>, Vec<String>)>,
    /// In the message or token.
    pub search: Option<String>,
    /// `voice`, `video`.
    pub kinds: Vec<String>,
    /// Made after.
    pub after: Option<i64>,
    /// Made before.
    pub before: Option<i64>,
    /// Forgotten after.
    pub expires_after: Option<i64>,
    /// Forgotten before.
    pub expires_before: Option<i64>,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

fn filtered(mut sql: Sql, account: &AccountId, device: &DeviceId, f: &MeetingLinkFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str());
    sql.and("device_id = ").bind(device.as_str());
    sql.and("expires_at > ").bind(f.now);
    if let Some((ids, tokens)) = &f.named {
        sql.and("(1 = 0");
        for (test, names) in [(" OR id = ", ids), (" OR token = ", tokens)] {
            for name in names {
                sql.push(test).bind(name.as_str());
            }
        }
        sql.push(")");
    }
    if let Some(search) = &f.search {
        let pattern = contains(search);
        sql.and("(LOWER(COALESCE(message, '')) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR LOWER(token) LIKE ").bind(pattern).push(" ESCAPE '\\')");
    }
    if !f.kinds.is_empty() {
        sql.and_in("kind", f.kinds.iter().map(String::as_str));
    }
    for (test, bound) in [
        ("created_at > ", f.after),
        ("created_at < ", f.before),
        ("expires_at > ", f.expires_after),
        ("expires_at < ", f.expires_before),
    ] {
        if let Some(bound) = bound {
            sql.and(test).bind(bound);
        }
    }
    sql
}

impl Account<'_> {
    /// Writes a new link down.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_meeting_link(&mut self, row: &MeetingLinkRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO meeting_links (id, account_id, device_id, user_id, kind, token, message, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(row.device_id.as_str())
        .bind(row.user_id.as_str())
        .bind(&row.kind)
        .bind(&row.token)
        .bind(&row.message)
        .bind(row.created_at)
        .bind(row.expires_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// A page of a number's links, newest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn meeting_links(
        &mut self,
        device: &DeviceId,
        filter: &MeetingLinkFilter,
    ) -> Result<Vec<MeetingLinkRow>> {
        let mut sql = filtered(Sql::new("SELECT * FROM meeting_links"), self.id, device, filter);
        sql.push(" ORDER BY created_at DESC, id DESC").page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many there are.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_meeting_links(&mut self, device: &DeviceId, filter: &MeetingLinkFilter) -> Result<i64> {
        filtered(Sql::new("SELECT COUNT(*) FROM meeting_links"), self.id, device, filter).number(&mut *self.conn).await
    }

    /// Forgets those that match; how many.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_meeting_links(&mut self, device: &DeviceId, filter: &MeetingLinkFilter) -> Result<u64> {
        filtered(Sql::new("DELETE FROM meeting_links"), self.id, device, filter).run(&mut *self.conn).await
    }
}

impl Server<'_> {
    /// Forgets links whose time is over.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn expire_meeting_links(&mut self, now: i64) -> Result<u64> {
        let done = sqlx::query("DELETE FROM meeting_links WHERE expires_at <= $1").bind(now);
        Ok(done.execute(&mut *self.conn).await?.rows_affected())
    }
}
