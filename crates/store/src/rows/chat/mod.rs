//! Chats of a number. What is said in them stands in [`message`], who says it in
//! [`contact`].

mod change;
mod contact;
mod mark;
mod message;
mod search;
mod words;

pub use change::ChatChangeRow;
pub use contact::ContactRow;
pub use mark::MarkRow;
pub use message::{ChatMessageRow, Place};
pub use search::ChatMessageFilter;

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// A conversation.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChatRow {
    /// `…@c.us`, `…@g.us`, `…@newsletter`.
    pub wid: String,
    /// The person's private id.
    pub lid: Option<String>,
    /// `chat`, `group`, `channel`.
    pub kind: String,
    /// Shown name.
    pub name: Option<String>,
    /// `pending`, `active`, `resolved`, `archived`…
    pub status: String,
    /// Messages received.
    pub inbound_messages: i64,
    /// Messages sent.
    pub outbound_messages: i64,
    /// Messages not read yet.
    pub unread: i64,
    /// First message.
    pub first_message_at: i64,
    /// Newest message.
    pub last_message_at: i64,
    /// Newest received.
    pub last_inbound_at: Option<i64>,
    /// Newest sent.
    pub last_outbound_at: Option<i64>,
    /// JSON list of label names.
    pub labels: String,
    /// Who looks after it, JSON.
    pub owner: String,
}

impl Account<'_> {
    /// One chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat(&mut self, device: &DeviceId, wid: &str) -> Result<Option<ChatRow>> {
        Ok(sqlx::query_as("SELECT * FROM chats WHERE account_id = $1 AND device_id = $2 AND wid = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Counts a message into its chat, which is made when it is the first; a
    /// group's then has the group's name.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_message(&mut self, device: &DeviceId, chat: &ChatRow, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO chats (device_id, wid, account_id, lid, kind, name, status, inbound_messages, outbound_messages, \
             unread, first_message_at, last_message_at, last_inbound_at, last_outbound_at, created_at, labels, owner) \
             VALUES ($1, $2, $3, $4, $5, \
             COALESCE($6, (SELECT g.name FROM groups g WHERE g.device_id = $1 AND g.wid = $2)), $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             ON CONFLICT (device_id, wid) DO UPDATE SET lid = COALESCE(excluded.lid, chats.lid), \
             name = COALESCE(excluded.name, chats.name), \
             inbound_messages = chats.inbound_messages + excluded.inbound_messages, \
             outbound_messages = chats.outbound_messages + excluded.outbound_messages, \
             unread = chats.unread + excluded.unread, \
             last_message_at = CASE WHEN excluded.last_message_at > chats.last_message_at \
                 THEN excluded.last_message_at ELSE chats.last_message_at END, \
             last_inbound_at = COALESCE(excluded.last_inbound_at, chats.last_inbound_at), \
             last_outbound_at = COALESCE(excluded.last_outbound_at, chats.last_outbound_at)",
        )
        .bind(device.as_str())
        .bind(&chat.wid)
        .bind(self.id.as_str())
        .bind(&chat.lid)
        .bind(&chat.kind)
        .bind(&chat.name)
        .bind(&chat.status)
        .bind(chat.inbound_messages)
        .bind(chat.outbound_messages)
        .bind(chat.unread)
        .bind(chat.first_message_at)
        .bind(chat.last_message_at)
        .bind(chat.last_inbound_at)
        .bind(chat.last_outbound_at)
        .bind(now)
        .bind(&chat.labels)
        .bind(&chat.owner)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes what people decide about a chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_chat(&mut self, device: &DeviceId, chat: &ChatRow) -> Result<()> {
        sqlx::query(
            "UPDATE chats SET status = $4, unread = $5, labels = $6, owner = $7 \
             WHERE account_id = $1 AND device_id = $2 AND wid = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(&chat.wid)
        .bind(&chat.status)
        .bind(chat.unread)
        .bind(&chat.labels)
        .bind(&chat.owner)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Gives a chat another name, when there is such a chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn name_chat(&mut self, device: &DeviceId, wid: &str, name: &str) -> Result<()> {
        sqlx::query("UPDATE chats SET name = $4 WHERE account_id = $1 AND device_id = $2 AND wid = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .bind(name)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Several chats at once, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chats_of(&mut self, device: &DeviceId, wids: &[String]) -> Result<Vec<ChatRow>> {
        let mut sql = Sql::new("SELECT * FROM chats");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("wid", wids.iter().map(String::as_str));
        sql.all(&mut *self.conn).await
    }
}
