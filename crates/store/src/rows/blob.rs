//! Which blobs there are, so that none is left behind: a blob is written down
//! as doomed before its first byte is, and lives once a row adopts it.

use super::{Account, Server};
use crate::error::{Result, StoreError};

/// In place of a time: being removed, and not to be adopted any more.
const CONDEMNED: i64 = 0;

/// A blob and its fate.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BlobRow {
    /// Its key in the storage.
    pub key: String,
    /// When it may be removed; absent for one that is kept.
    pub doomed_at: Option<i64>,
}

impl Account<'_> {
    /// Writes down a blob that is about to be written, to be removed at
    /// `doomed_at` unless it is adopted.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn register_blob(&mut self, key: &str, now: i64, doomed_at: i64) -> Result<()> {
        sqlx::query("INSERT INTO blobs (key, account_id, created_at, doomed_at) VALUES ($1, $2, $3, $4)")
            .bind(key)
            .bind(self.id.as_str())
            .bind(now)
            .bind(doomed_at)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Keeps a blob; in the transaction of the row that refers to it.
    ///
    /// # Errors
    /// [`StoreError::Aborted`] when it has been removed meanwhile.
    pub async fn adopt_blob(&mut self, key: &str) -> Result<()> {
        let done = sqlx::query(
            "UPDATE blobs SET doomed_at = NULL WHERE account_id = $1 AND key = $2 AND COALESCE(doomed_at, 1) <> $3",
        )
        .bind(self.id.as_str())
        .bind(key)
        .bind(CONDEMNED)
        .execute(&mut *self.conn)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Aborted(format!("the blob {key} is gone")));
        }
        Ok(())
    }

    /// Gives a blob up; in the transaction that removes the row that referred
    /// to it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn doom_blob(&mut self, key: &str, now: i64) -> Result<()> {
        sqlx::query("UPDATE blobs SET doomed_at = $3 WHERE account_id = $1 AND key = $2 AND doomed_at IS NULL")
            .bind(self.id.as_str())
            .bind(key)
            .bind(now)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Condemns blobs whose time is over: nobody can adopt them any more, and
    /// their bytes may go. Those after `cursor`, in the order of their keys; none
    /// while a backup is being taken.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn condemn_blobs(&mut self, now: i64, cursor: &str, limit: i64) -> Result<Vec<String>> {
        let keys: Vec<String> = sqlx::query_scalar(
            "SELECT key FROM blobs WHERE doomed_at IS NOT NULL AND doomed_at <= $1 AND key > $2 \
             AND NOT EXISTS (SELECT 1 FROM blob_holds WHERE ends_at > $1) ORDER BY key LIMIT $3",
        )
        .bind(now)
        .bind(cursor)
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?;
        for key in &keys {
            sqlx::query("UPDATE blobs SET doomed_at = $2 WHERE key = $1")
                .bind(key)
                .bind(CONDEMNED)
                .execute(&mut *self.conn)
                .await?;
        }
        Ok(keys)
    }

    /// Forgets a condemned blob whose bytes are gone.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_blob(&mut self, key: &str) -> Result<()> {
        sqlx::query("DELETE FROM blobs WHERE key = $1 AND doomed_at = $2")
            .bind(key)
            .bind(CONDEMNED)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// A blob and its fate.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn blob(&mut self, key: &str) -> Result<Option<BlobRow>> {
        Ok(sqlx::query_as("SELECT key, doomed_at FROM blobs WHERE key = $1")
            .bind(key)
            .fetch_optional(&mut *self.conn)
            .await?)
    }
}
