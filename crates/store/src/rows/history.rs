//! Parts of a phone's history that wait to be read, and what a history says of
//! chats.

use super::{Account, ChatMessageRow, ChatRow};
use crate::error::Result;
use crate::ids::DeviceId;

/// A part as it arrived.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct HistoryPartRow {
    /// Its number within the database; given by it.
    pub seq: i64,
    /// `initial`, `recent`, `full`, `names`, `on_demand` or `other`.
    pub kind: String,
    /// Its place among those of its kind, from 1.
    pub place: Option<i64>,
    /// How much of its kind is told with it, in percent.
    pub progress: Option<i64>,
    /// The request that it answers.
    pub request: Option<String>,
    /// The protobuf, deflated.
    pub packed: Vec<u8>,
    /// Chats of it that are written.
    pub done: i64,
    /// How often it was tried to read it.
    pub attempts: i64,
    /// When it arrived.
    pub created_at: i64,
}

/// What messages of the past add to their chat.
#[derive(Debug, Clone)]
pub struct PastChatRow {
    /// `…@c.us`, `…@g.us`.
    pub wid: String,
    /// The person's private id.
    pub lid: Option<String>,
    /// `chat`, `group`, `channel`, `broadcast`.
    pub kind: String,
    /// As the phone names it.
    pub name: Option<String>,
    /// Its status when it is new here.
    pub status: String,
    /// Received messages that are new here.
    pub inbound_messages: i64,
    /// Sent messages that are new here.
    pub outbound_messages: i64,
    /// Unread messages as the phone counts them, and how many of those that
    /// are unread here the phone knew; `None` leaves the count alone.
    pub unread: Option<(i64, i64)>,
    /// Oldest of these messages.
    pub first_message_at: i64,
    /// Newest of these messages.
    pub last_message_at: i64,
    /// Newest received.
    pub last_inbound_at: Option<i64>,
    /// Newest sent.
    pub last_outbound_at: Option<i64>,
}

impl Account<'_> {
    /// Keeps a part; `row.seq` is not looked at.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_history_part(&mut self, device: &DeviceId, row: &HistoryPartRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO history_parts (account_id, device_id, kind, place, progress, request, packed, done, attempts, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(&row.kind)
        .bind(row.place)
        .bind(row.progress)
        .bind(&row.request)
        .bind(row.packed.clone())
        .bind(row.done)
        .bind(row.attempts)
        .bind(row.created_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// How many parts of a number wait.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_history_parts(&mut self, device: &DeviceId) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM history_parts WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .fetch_one(&mut *self.conn)
            .await?)
    }

    /// The part of a number that arrived first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn next_history_part(&mut self, device: &DeviceId) -> Result<Option<HistoryPartRow>> {
        Ok(sqlx::query_as(
            "SELECT seq, kind, place, progress, request, packed, done, attempts, created_at FROM history_parts \
             WHERE account_id = $1 AND device_id = $2 ORDER BY seq LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Notes how many chats of a part are written; false when the part is gone.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn advance_history_part(&mut self, seq: i64, done: i64) -> Result<bool> {
        let noted = sqlx::query("UPDATE history_parts SET done = $3 WHERE account_id = $1 AND seq = $2")
            .bind(self.id.as_str())
            .bind(seq)
            .bind(done)
            .execute(&mut *self.conn)
            .await?;
        Ok(noted.rows_affected() > 0)
    }

    /// Notes that a part could not be read; how often by now.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn fail_history_part(&mut self, seq: i64) -> Result<i64> {
        let attempts: Option<i64> = sqlx::query_scalar(
            "UPDATE history_parts SET attempts = attempts + 1 WHERE account_id = $1 AND seq = $2 RETURNING attempts",
        )
        .bind(self.id.as_str())
        .bind(seq)
        .fetch_optional(&mut *self.conn)
        .await?;
        Ok(attempts.unwrap_or(0))
    }

    /// Forgets a part that is written.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_history_part(&mut self, seq: i64) -> Result<()> {
        sqlx::query("DELETE FROM history_parts WHERE account_id = $1 AND seq = $2")
            .bind(self.id.as_str())
            .bind(seq)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Adds what messages of the past say to their chat, which is made when it
    /// is new.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn merge_past_chat(&mut self, device: &DeviceId, chat: &PastChatRow, now: i64) -> Result<()> {
        let found = self.chat(device, &chat.wid).await?;
        let mut row = found
            .unwrap_or_else(|| ChatRow { status: chat.status.clone(), ..ChatRow::new(&chat.wid, &chat.kind, now) });
        row.lid = chat.lid.clone().or(row.lid);
        row.name = chat.name.clone().or(row.name);
        row.inbound_messages += chat.inbound_messages;
        row.outbound_messages += chat.outbound_messages;
        row.local_messages += chat.inbound_messages + chat.outbound_messages;
        if let Some((unread, known)) = chat.unread {
            row.unread = unread + (row.unread - known).max(0);
        }
        row.first_message_at =
            Some(row.first_message_at.map_or(chat.first_message_at, |first| first.min(chat.first_message_at)));
        if chat.last_message_at >= row.last_message_at {
            row.last_message_at = chat.last_message_at;
            row.last_message = self.newest_chat_message(device, &chat.wid).await?.map(|message| message.seq);
        }
        row.last_inbound_at = row.last_inbound_at.max(chat.last_inbound_at);
        row.last_outbound_at = row.last_outbound_at.max(chat.last_outbound_at);
        row.updated_at = now;
        self.put_chat(device, &row).await
    }

    /// The message of a chat before which so many newer ones are here, notes left
    /// out, which the phone does not have; `None` when it has no more.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn nth_newest_message(
        &mut self,
        device: &DeviceId,
        chat: &str,
        newer: i64,
    ) -> Result<Option<ChatMessageRow>> {
        Ok(sqlx::query_as(
            "SELECT seq, chat, author, wa_id, flow, kind, subtype, status, body, ack, reference, doc, at, edited_at \
             FROM chat_messages WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND CAST(kind AS TEXT) <> 'note' \
             ORDER BY at DESC, seq DESC LIMIT 1 OFFSET $4",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(chat)
        .bind(newer)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// The oldest message of a chat that is no note.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn oldest_message(&mut self, device: &DeviceId, chat: &str) -> Result<Option<ChatMessageRow>> {
        Ok(sqlx::query_as(
            "SELECT seq, chat, author, wa_id, flow, kind, subtype, status, body, ack, reference, doc, at, edited_at \
             FROM chat_messages WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND CAST(kind AS TEXT) <> 'note' \
             ORDER BY at, seq LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(chat)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// The ids of a number's chats of people and groups, the newest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn newest_chats(&mut self, device: &DeviceId, limit: i64) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT wid FROM chats WHERE account_id = $1 AND device_id = $2 AND kind IN ('chat', 'group') \
             ORDER BY last_message_at DESC LIMIT $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?)
    }
}
