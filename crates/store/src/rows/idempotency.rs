//! What a POST with an `Idempotency-Key` has made, kept for a day.

use super::{Account, Server};
use crate::error::Result;

/// An answered POST.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct IdempotencyRow {
    /// Hash over method, path and body.
    pub fingerprint: String,
    /// What it made.
    pub resource_id: String,
}

impl Account<'_> {
    /// What `key` has made before.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn idempotent(&mut self, key: &str) -> Result<Option<IdempotencyRow>> {
        Ok(sqlx::query_as("SELECT fingerprint, resource_id FROM idempotency WHERE account_id = $1 AND key = $2")
            .bind(self.id.as_str())
            .bind(key)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Remembers what `key` has made.
    ///
    /// # Errors
    /// [`crate::StoreError::Duplicate`] when it has made something already.
    pub async fn remember(&mut self, key: &str, row: &IdempotencyRow, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO idempotency (account_id, key, fingerprint, resource_id, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(self.id.as_str())
        .bind(key)
        .bind(&row.fingerprint)
        .bind(&row.resource_id)
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Forgets keys made before `before`; how many.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_idempotency(&mut self, before: i64) -> Result<u64> {
        let done =
            sqlx::query("DELETE FROM idempotency WHERE created_at < $1").bind(before).execute(&mut *self.conn).await?;
        Ok(done.rows_affected())
    }
}
