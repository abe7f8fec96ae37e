//! Who did what.

use super::{Account, Server};
use crate::actor::Actor;
use crate::error::Result;
use crate::sql::Sql;

/// A line of the audit log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AuditRow {
    /// Its place; grows.
    pub seq: i64,
    /// Who.
    pub user_id: String,
    /// What they were called then.
    pub user_name: String,
    /// Their role then.
    pub role: String,
    /// With which key.
    pub key_id: String,
    /// Id of the operation.
    pub action: String,
    /// What kind of thing was changed.
    pub object: Option<String>,
    /// Which one.
    pub object_id: Option<String>,
    /// Of which number.
    pub device_id: Option<String>,
    /// The address that the request came from.
    pub origin: Option<String>,
    /// When.
    pub at: i64,
}

/// Which lines to read.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only older lines than this one.
    pub before_seq: Option<i64>,
    /// Only of these people.
    pub users: Vec<String>,
    /// Only with these keys.
    pub keys: Vec<String>,
    /// Only these operations.
    pub actions: Vec<String>,
    /// Only about these numbers.
    pub devices: Vec<String>,
    /// Only about things of these kinds.
    pub objects: Vec<String>,
    /// Only about this thing.
    pub object_id: Option<String>,
    /// Only later, in milliseconds.
    pub after: Option<i64>,
    /// Only earlier, in milliseconds.
    pub before: Option<i64>,
    /// At most this many.
    pub limit: i64,
}

impl Account<'_> {
    /// Lines of the audit log, newest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn audit(&mut self, filter: &AuditFilter) -> Result<Vec<AuditRow>> {
        let mut sql = Sql::new("SELECT * FROM audit_log");
        sql.and("account_id = ").bind(self.id.as_str());
        if let Some(seq) = filter.before_seq {
            sql.and("seq < ").bind(seq);
        }
        for (column, values) in [
            ("user_id", &filter.users),
            ("key_id", &filter.keys),
            ("action", &filter.actions),
            ("device_id", &filter.devices),
            ("object", &filter.objects),
        ] {
            if !values.is_empty() {
                sql.and_in(column, values.iter().map(String::as_str));
            }
        }
        if let Some(id) = &filter.object_id {
            sql.and("object_id = ").bind(id.as_str());
        }
        if let Some(at) = filter.after {
            sql.and("at > ").bind(at);
        }
        if let Some(at) = filter.before {
            sql.and("at < ").bind(at);
        }
        sql.push(" ORDER BY seq DESC").page(filter.limit, 0);
        sql.all(&mut *self.conn).await
    }

    /// Adds a line.
    pub(crate) async fn insert_audit(
        &mut self,
        actor: &Actor,
        object: Option<(String, String)>,
        device: Option<String>,
    ) -> Result<()> {
        let (object, object_id) = object.unzip();
        sqlx::query(
            "INSERT INTO audit_log (account_id, user_id, user_name, role, key_id, action, object, object_id, device_id, \
             origin, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.id.as_str())
        .bind(actor.user.as_str())
        .bind(&actor.name)
        .bind(&actor.role)
        .bind(actor.key.as_str())
        .bind(&actor.action)
        .bind(object)
        .bind(object_id)
        .bind(device)
        .bind(&actor.origin)
        .bind(actor.at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Forgets lines older than `before`, `limit` at most; how many there were.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_audit(&mut self, before: i64, limit: i64) -> Result<u64> {
        let done = sqlx::query(
            "DELETE FROM audit_log WHERE seq IN (SELECT seq FROM audit_log WHERE at < $1 ORDER BY at LIMIT $2)",
        )
        .bind(before)
        .bind(limit)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }
}
