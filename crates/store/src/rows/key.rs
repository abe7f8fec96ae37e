//! API keys, kept as hashes.

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, KeyId, UserId};
use crate::sql::Sql;

/// An API key without the key.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KeyRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: KeyId,
    /// Whose data it opens.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// For whom it acts.
    #[sqlx(try_from = "String")]
    pub user_id: UserId,
    /// `key`, or `login` for one that a login has made.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// The first digits, to recognise it by.
    pub prefix: String,
    /// SHA-256 of the key, hexadecimal.
    pub hash: String,
    /// JSON list of scopes.
    pub scopes: String,
    /// When it was made.
    pub created_at: i64,
    /// When it ends by itself.
    pub expires_at: Option<i64>,
    /// When it was last seen, to the minute.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

impl Server<'_> {
    /// The key with this hash, revoked or not.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn key_by_hash(&mut self, hash: &str) -> Result<Option<KeyRow>> {
        Ok(sqlx::query_as("SELECT * FROM api_keys WHERE hash = $1").bind(hash).fetch_optional(&mut *self.conn).await?)
    }

    /// Notes that a key was seen.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn touch_key(&mut self, id: &KeyId, now: i64) -> Result<()> {
        sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(now)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}

impl Account<'_> {
    /// All keys, newest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn keys(&mut self) -> Result<Vec<KeyRow>> {
        Ok(sqlx::query_as("SELECT * FROM api_keys WHERE account_id = $1 ORDER BY created_at DESC, id DESC")
            .bind(self.id.as_str())
            .fetch_all(&mut *self.conn)
            .await?)
    }

    /// One key.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn key(&mut self, id: &KeyId) -> Result<Option<KeyRow>> {
        Ok(sqlx::query_as("SELECT * FROM api_keys WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Keeps a key.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_key(&mut self, row: &KeyRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO api_keys (id, account_id, user_id, kind, name, prefix, hash, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(row.user_id.as_str())
        .bind(&row.kind)
        .bind(&row.name)
        .bind(&row.prefix)
        .bind(&row.hash)
        .bind(&row.scopes)
        .bind(row.created_at)
        .bind(row.expires_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Revokes a key; false when there is none or it was revoked before.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn revoke_key(&mut self, id: &KeyId, now: i64) -> Result<bool> {
        let done =
            sqlx::query("UPDATE api_keys SET revoked_at = $3 WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL")
                .bind(self.id.as_str())
                .bind(id.as_str())
                .bind(now)
                .execute(&mut *self.conn)
                .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Revokes all keys of a person but `except`; with `kind` only those.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn revoke_keys(
        &mut self,
        user: &UserId,
        kind: Option<&'static str>,
        except: Option<&KeyId>,
        now: i64,
    ) -> Result<()> {
        let mut sql = Sql::new("UPDATE api_keys SET revoked_at = ");
        sql.bind(now).and("account_id = ").bind(self.id.as_str()).and("user_id = ").bind(user.as_str());
        sql.and("revoked_at IS NULL");
        if let Some(kind) = kind {
            sql.and("kind = ").bind(kind);
        }
        if let Some(except) = except {
            sql.and("id <> ").bind(except.as_str());
        }
        sql.run(&mut *self.conn).await?;
        Ok(())
    }

    /// Removes the login keys of a person that have ended, and of the others all
    /// but the newest `keep`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn trim_logins(&mut self, user: &UserId, keep: i64, now: i64) -> Result<()> {
        sqlx::query(
            "DELETE FROM api_keys WHERE account_id = $1 AND user_id = $2 AND kind = 'login' AND (expires_at <= $3 \
             OR revoked_at IS NOT NULL OR id NOT IN (SELECT id FROM api_keys WHERE account_id = $1 AND user_id = $2 \
             AND kind = 'login' ORDER BY created_at DESC, id DESC LIMIT $4))",
        )
        .bind(self.id.as_str())
        .bind(user.as_str())
        .bind(now)
        .bind(keep)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}
