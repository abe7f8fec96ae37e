//! What was changed here and WhatsApp does not know yet.

use super::super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, DeviceId};

/// A change of a chat that WhatsApp has still to be told.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ChatWishRow {
    /// Of this number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Which chat.
    pub chat: String,
    /// What of it: `archive`, `pin`, `mute`, `read`, `delete`, `label:` with WhatsApp's id of the label.
    pub attribute: String,
    /// What it should be, JSON.
    pub value: String,
    /// When it was asked for.
    pub at: i64,
    /// Tries so far.
    pub attempts: i64,
    /// Next try not before.
    pub next_attempt_at: i64,
}

impl Account<'_> {
    /// Notes a wish; it takes the place of an earlier one for the same attribute.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_chat_wish(&mut self, row: &ChatWishRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO chat_wishes (device_id, chat, attribute, account_id, value, at, attempts, next_attempt_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (device_id, chat, attribute) DO UPDATE SET \
             value = excluded.value, at = excluded.at, attempts = excluded.attempts, \
             next_attempt_at = excluded.next_attempt_at",
        )
        .bind(row.device_id.as_str())
        .bind(&row.chat)
        .bind(&row.attribute)
        .bind(self.id.as_str())
        .bind(&row.value)
        .bind(row.at)
        .bind(row.attempts)
        .bind(row.next_attempt_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// What is still wished for an attribute of a chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_wish(&mut self, device: &DeviceId, chat: &str, attribute: &str) -> Result<Option<ChatWishRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM chat_wishes WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND attribute = $4",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(chat)
        .bind(attribute)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Takes a wish off, unless another has taken its place meanwhile; whether it was there.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn settle_chat_wish(&mut self, row: &ChatWishRow) -> Result<bool> {
        let done = sqlx::query(
            "DELETE FROM chat_wishes WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND attribute = $4 \
             AND at = $5 AND value = $6",
        )
        .bind(self.id.as_str())
        .bind(row.device_id.as_str())
        .bind(&row.chat)
        .bind(&row.attribute)
        .bind(row.at)
        .bind(&row.value)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Puts a wish off, unless another has taken its place meanwhile.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn postpone_chat_wish(&mut self, row: &ChatWishRow, until: i64) -> Result<()> {
        sqlx::query(
            "UPDATE chat_wishes SET attempts = attempts + 1, next_attempt_at = $6 \
             WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND attribute = $4 AND at = $5",
        )
        .bind(self.id.as_str())
        .bind(row.device_id.as_str())
        .bind(&row.chat)
        .bind(&row.attribute)
        .bind(row.at)
        .bind(until)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Lets all wishes of a number be tried from `at` on, whatever they waited for.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn schedule_chat_wishes(&mut self, device: &DeviceId, at: i64) -> Result<()> {
        sqlx::query("UPDATE chat_wishes SET next_attempt_at = $3 WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(at)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Drops all wishes of a number: it is linked to another phone, or to none.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn drop_chat_wishes(&mut self, device: &DeviceId) -> Result<()> {
        sqlx::query("DELETE FROM chat_wishes WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Drops the wishes for one attribute of all chats.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn drop_chat_wishes_of(&mut self, device: &DeviceId, attribute: &str) -> Result<()> {
        sqlx::query("DELETE FROM chat_wishes WHERE account_id = $1 AND device_id = $2 AND attribute = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(attribute)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Chats whose mute is over: account, number and chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn ended_mutes(&mut self, now: i64, limit: i64) -> Result<Vec<(String, String, String)>> {
        Ok(sqlx::query_as(
            "SELECT account_id, device_id, wid FROM chats WHERE muted_until > 0 AND muted_until <= $1 LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Wishes of all accounts that are due, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn due_chat_wishes(&mut self, now: i64, limit: i64) -> Result<Vec<ChatWishRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM chat_wishes WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, at LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?)
    }
}
