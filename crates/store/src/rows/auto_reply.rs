//! When chats last got an automatic reply.

use super::{Account, Server};
use crate::error::Result;
use crate::ids::DeviceId;

/// The last automatic reply of a kind in a chat.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AutoReplyRow {
    /// `welcome`, `away`, `busy` or `call`.
    pub kind: String,
    /// Id of the message or the call that it answered.
    pub cause: String,
    /// When.
    pub at: i64,
}

impl Account<'_> {
    /// The last automatic replies in a chat, one of each kind at most.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn auto_replies(&mut self, device: &DeviceId, chat: &str) -> Result<Vec<AutoReplyRow>> {
        Ok(sqlx::query_as(
            "SELECT kind, cause, at FROM auto_replies WHERE account_id = $1 AND device_id = $2 AND chat = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(chat)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Notes an automatic reply, instead of the one of its kind before.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_auto_reply(&mut self, device: &DeviceId, chat: &str, row: &AutoReplyRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO auto_replies (device_id, chat, kind, account_id, cause, at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (device_id, chat, kind) DO UPDATE SET cause = excluded.cause, at = excluded.at",
        )
        .bind(device.as_str())
        .bind(chat)
        .bind(&row.kind)
        .bind(self.id.as_str())
        .bind(&row.cause)
        .bind(row.at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Forgets replies that are older than any rule looks back; how many.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_auto_replies(&mut self, before: i64) -> Result<u64> {
        let done = sqlx::query("DELETE FROM auto_replies WHERE at < $1").bind(before).execute(&mut *self.conn).await?;
        Ok(done.rows_affected())
    }
}
