//! Edits and deletions on their way: written before they are sent, gone once
//! WhatsApp has confirmed or refused them.

use super::super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, DeviceId};

/// An edit or a deletion that WhatsApp has not confirmed yet.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChatChangeRow {
    /// The WhatsApp id under which it is sent, the same at every try.
    pub id: String,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Sent by this number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// Where the message stands.
    pub chat: String,
    /// Who wrote the message.
    pub author: String,
    /// WhatsApp's id of the message.
    pub target: String,
    /// `edit` or `revoke`.
    pub kind: String,
    /// The new text.
    pub body: Option<String>,
    /// When it was asked for.
    pub created_at: i64,
    /// Next try not before.
    pub next_attempt_at: i64,
    /// Not after.
    pub expires_at: i64,
}

impl Account<'_> {
    /// Notes a change before it is sent.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_chat_change(&mut self, row: &ChatChangeRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO chat_message_changes (id, account_id, device_id, chat, author, target, kind, body, created_at, \
             next_attempt_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&row.id)
        .bind(self.id.as_str())
        .bind(row.device_id.as_str())
        .bind(&row.chat)
        .bind(&row.author)
        .bind(&row.target)
        .bind(&row.kind)
        .bind(&row.body)
        .bind(row.created_at)
        .bind(row.next_attempt_at)
        .bind(row.expires_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// A change that is still under way.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_change(&mut self, id: &str) -> Result<Option<ChatChangeRow>> {
        Ok(sqlx::query_as("SELECT * FROM chat_message_changes WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Forgets a change that is settled.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_chat_change(&mut self, id: &str) -> Result<()> {
        sqlx::query("DELETE FROM chat_message_changes WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Changes of all accounts that are due, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn due_chat_changes(&mut self, now: i64, limit: i64) -> Result<Vec<ChatChangeRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM chat_message_changes WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, id LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Puts a change off.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn postpone_chat_change(&mut self, id: &str, until: i64) -> Result<()> {
        sqlx::query("UPDATE chat_message_changes SET next_attempt_at = $2 WHERE id = $1")
            .bind(id)
            .bind(until)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}
