//! WhatsApp numbers and what happened to their sessions.

use super::{Account, Server};
use crate::actor::{Actor, Numbers};
use crate::error::{Result, StoreError};
use crate::ids::{AccountId, DeviceId};
use crate::sql::{Sql, contains};

/// A WhatsApp number.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DeviceRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: DeviceId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// What people call it.
    pub alias: String,
    /// Free text.
    pub description: Option<String>,
    /// Accepted for compatibility; nothing depends on it.
    pub plan: String,
    /// `pending`, `operative`, `disabled`, `banned`, `removed`…
    pub status: String,
    /// `new`, `authorize`, `online`…
    pub session_status: String,
    /// E.164, once linked; kept when unlinked, to offer it again.
    pub phone: Option<String>,
    /// `…@c.us`, while linked.
    pub wid: Option<String>,
    /// `…@lid`, while linked.
    pub lid: Option<String>,
    /// The name WhatsApp shows.
    pub push_name: Option<String>,
    /// `running` or `stopped`: what people asked for.
    pub wanted: String,
    /// Settings, JSON.
    pub settings: String,
    /// What it answers by itself, JSON.
    pub auto_replies: String,
    /// Whom it gives chats to, JSON.
    pub auto_assign: String,
    /// Facts about the session, JSON.
    pub session: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
    /// When it was deleted.
    pub removed_at: Option<i64>,
}

/// One line of a session's history.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SessionLogRow {
    /// `session:online` and so on.
    pub event: String,
    /// `info`, `warning`, `error`…
    pub level: String,
    /// A sentence.
    pub message: String,
    /// When.
    pub created_at: i64,
}

/// Which numbers to list.
#[derive(Debug, Clone, Default)]
pub struct DeviceFilter {
    /// Only these.
    pub ids: Vec<String>,
    /// Only in one of these states; all but removed when empty.
    pub status: Vec<String>,
    /// Only with a session in one of these states.
    pub session_status: Vec<String>,
    /// In alias, description, phone or id.
    pub search: Option<String>,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

/// Lines of session history kept per number.
const LOG_LINES: i64 = 100;

fn filtered(mut sql: Sql, account: &AccountId, actor: Option<&Actor>, filter: &DeviceFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str());
    if let Some(Numbers::Some(ids)) = actor.map(|actor| &actor.numbers) {
        sql.and_in("id", ids.iter().map(String::as_str));
    }
    if !filter.ids.is_empty() {
        sql.and_in("id", filter.ids.iter().map(String::as_str));
    }
    if filter.status.is_empty() {
        sql.and("removed_at IS NULL");
    } else {
        sql.and_in("status", filter.status.iter().map(String::as_str));
    }
    if !filter.session_status.is_empty() {
        sql.and_in("session_status", filter.session_status.iter().map(String::as_str));
    }
    if let Some(search) = &filter.search {
        let pattern = contains(search);
        sql.and("(LOWER(alias) LIKE ")
            .bind(pattern.clone())
            .push(" ESCAPE '\\' OR LOWER(COALESCE(description, '')) LIKE ");
        sql.bind(pattern.clone()).push(" ESCAPE '\\' OR COALESCE(phone, '') LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR id LIKE ").bind(pattern).push(" ESCAPE '\\')");
    }
    sql
}

impl Account<'_> {
    /// A page of numbers that the person who asks may use, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn devices(&mut self, filter: &DeviceFilter) -> Result<Vec<DeviceRow>> {
        let mut sql = filtered(Sql::new("SELECT * FROM devices"), self.id, self.actor, filter);
        sql.push(" ORDER BY created_at, id").page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many numbers the filter matches.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_devices(&mut self, filter: &DeviceFilter) -> Result<i64> {
        filtered(Sql::new("SELECT COUNT(*) FROM devices"), self.id, self.actor, filter).number(&mut *self.conn).await
    }

    /// One number that was not deleted. Every way to a number leads through
    /// here, so access is checked here.
    ///
    /// # Errors
    /// [`StoreError::NoAccess`] when the person who asks may not use it.
    pub async fn device(&mut self, id: &DeviceId) -> Result<Option<DeviceRow>> {
        // A transaction that has changed a number looks at what it has written.
        let look = self.look.filter(|_| !self.conn.numbers_changed());
        let row = match look.and_then(|look| look.known.number(self.id, id)) {
            Some(row) => Some(row),
            None => {
                let row = self.read_device(id).await?;
                if let (Some(row), Some(look)) = (&row, look) {
                    look.known.found(row, look.changes);
                }
                row
            }
        };
        if row.is_some() && self.actor.is_some_and(|actor| !actor.numbers.has(id)) {
            return Err(StoreError::NoAccess(id.to_string()));
        }
        Ok(row)
    }

    async fn read_device(&mut self, id: &DeviceId) -> Result<Option<DeviceRow>> {
        Ok(sqlx::query_as("SELECT * FROM devices WHERE account_id = $1 AND id = $2 AND removed_at IS NULL")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Adds a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_device(&mut self, row: &DeviceRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO devices (id, account_id, alias, description, plan, status, session_status, wanted, settings, \
             session, created_by, created_at, updated_at, auto_replies, auto_assign) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(&row.alias)
        .bind(&row.description)
        .bind(&row.plan)
        .bind(&row.status)
        .bind(&row.session_status)
        .bind(&row.wanted)
        .bind(&row.settings)
        .bind(&row.session)
        .bind(&row.created_by)
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(&row.auto_replies)
        .bind(&row.auto_assign)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes every column that may change.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_device(&mut self, row: &DeviceRow) -> Result<()> {
        sqlx::query(
            "UPDATE devices SET alias = $3, description = $4, plan = $5, status = $6, session_status = $7, phone = $8, \
             wid = $9, lid = $10, push_name = $11, wanted = $12, settings = $13, session = $14, updated_at = $15, \
             removed_at = $16, auto_replies = $17, auto_assign = $18 WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.alias)
        .bind(&row.description)
        .bind(&row.plan)
        .bind(&row.status)
        .bind(&row.session_status)
        .bind(&row.phone)
        .bind(&row.wid)
        .bind(&row.lid)
        .bind(&row.push_name)
        .bind(&row.wanted)
        .bind(&row.settings)
        .bind(&row.session)
        .bind(row.updated_at)
        .bind(row.removed_at)
        .bind(&row.auto_replies)
        .bind(&row.auto_assign)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// The newest lines of a session's history, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn session_logs(&mut self, device: &DeviceId, limit: i64) -> Result<Vec<SessionLogRow>> {
        let mut rows: Vec<SessionLogRow> = sqlx::query_as(
            "SELECT l.event, l.level, l.message, l.created_at FROM session_logs l JOIN devices d ON d.id = l.device_id \
             WHERE d.account_id = $1 AND l.device_id = $2 ORDER BY l.seq DESC LIMIT $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?;
        rows.reverse();
        Ok(rows)
    }

    /// Adds a line to a session's history and drops what is too old to keep.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn log_session(&mut self, device: &DeviceId, line: &SessionLogRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO session_logs (device_id, event, level, message, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(device.as_str())
        .bind(&line.event)
        .bind(&line.level)
        .bind(&line.message)
        .bind(line.created_at)
        .execute(&mut *self.conn)
        .await?;
        sqlx::query(
            "DELETE FROM session_logs WHERE device_id = $1 AND seq <= (SELECT seq FROM session_logs \
             WHERE device_id = $1 ORDER BY seq DESC LIMIT 1 OFFSET $2)",
        )
        .bind(device.as_str())
        .bind(LOG_LINES)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Numbers of all accounts that were not deleted, oldest first: what a
    /// start brings up.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn all_devices(&mut self) -> Result<Vec<DeviceRow>> {
        Ok(sqlx::query_as("SELECT * FROM devices WHERE removed_at IS NULL ORDER BY created_at, id")
            .fetch_all(&mut *self.conn)
            .await?)
    }
}
