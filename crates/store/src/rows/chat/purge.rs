//! Messages that are taken away with their chat, some at a time.

use super::super::{Account, Server};
use super::message::{COLUMNS, ChatMessageRow};
use crate::error::Result;
use crate::ids::{AccountId, DeviceId};
use crate::sql::Sql;

/// A deletion under way.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PurgeRow {
    /// Of this number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Which chat.
    pub chat: String,
    /// Messages up to this time.
    pub until: i64,
    /// 1 when starred messages stay.
    pub keep_starred: i64,
    /// 1 when the chat goes, too.
    pub whole: i64,
    /// When it was asked for.
    pub created_at: i64,
}

impl Account<'_> {
    /// Notes a deletion; one that reaches further takes its place.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_purge(&mut self, row: &PurgeRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO chat_purges (device_id, chat, account_id, until, keep_starred, whole, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (device_id, chat) DO UPDATE SET \
             until = CASE WHEN excluded.until > chat_purges.until THEN excluded.until ELSE chat_purges.until END, \
             keep_starred = CASE WHEN excluded.keep_starred = 0 THEN 0 ELSE chat_purges.keep_starred END, \
             whole = CASE WHEN excluded.whole = 1 THEN 1 ELSE chat_purges.whole END",
        )
        .bind(row.device_id.as_str())
        .bind(&row.chat)
        .bind(self.id.as_str())
        .bind(row.until)
        .bind(row.keep_starred)
        .bind(row.whole)
        .bind(row.created_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// A deletion is done.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn end_purge(&mut self, device: &DeviceId, chat: &str) -> Result<()> {
        sqlx::query("DELETE FROM chat_purges WHERE account_id = $1 AND device_id = $2 AND chat = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(chat)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Some messages of a chat up to a time, which a deletion takes away next.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn purgeable(&mut self, purge: &PurgeRow, limit: i64) -> Result<Vec<ChatMessageRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_messages");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(purge.device_id.as_str());
        sql.and("chat = ").bind(purge.chat.as_str());
        sql.and("at <= ").bind(purge.until);
        if purge.keep_starred == 1 {
            sql.and("NOT EXISTS (SELECT 1 FROM chat_message_marks m WHERE m.device_id = chat_messages.device_id");
            sql.push(" AND m.target = chat_messages.wa_id AND m.chat = chat_messages.chat");
            sql.push(" AND m.kind = 'star' AND m.value IS NOT NULL)");
        }
        if purge.whole == 0 {
            sql.and("kind <> 'note'");
        }
        sql.push(" LIMIT ").bind(limit);
        sql.all(&mut *self.conn).await
    }

    /// Removes messages with their files' rows and the marks on them. Their
    /// words are forgotten, and the bytes of their files given up, before.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_chat_messages(&mut self, device: &DeviceId, rows: &[ChatMessageRow]) -> Result<()> {
        for row in rows {
            self.forget_marks(device, &row.chat, &row.wa_id).await?;
        }
        for (text, column) in [("DELETE FROM chat_files", "message"), ("DELETE FROM chat_messages", "seq")] {
            let mut sql = Sql::new(text);
            // Found by their numbers, not by the index of all that the number has.
            sql.and("CAST(account_id AS TEXT) = ").bind(self.id.as_str());
            sql.and("CAST(device_id AS TEXT) = ").bind(device.as_str());
            sql.and_in(column, rows.iter().map(|row| row.seq));
            sql.run(&mut *self.conn).await?;
        }
        Ok(())
    }

    /// Removes all that was said and known in the chats of a number, at once.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_all_chats(&mut self, device: &DeviceId, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE blobs SET doomed_at = $3 WHERE account_id = $1 AND doomed_at IS NULL AND key IN \
             (SELECT blob FROM chat_files WHERE account_id = $1 AND device_id = $2 AND blob IS NOT NULL)",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        // Words have no account of their own: they go by the number, which has.
        for text in [
            "DELETE FROM history_parts WHERE account_id = ",
            "DELETE FROM chat_files WHERE account_id = ",
            "DELETE FROM chat_message_marks WHERE account_id = ",
            "DELETE FROM chat_message_changes WHERE account_id = ",
            "DELETE FROM chat_messages WHERE account_id = ",
            "DELETE FROM chat_labels WHERE account_id = ",
            "DELETE FROM chat_wishes WHERE account_id = ",
            "DELETE FROM chat_purges WHERE account_id = ",
            "DELETE FROM chats WHERE account_id = ",
            "DELETE FROM chat_message_words WHERE EXISTS (SELECT 1 FROM devices d WHERE d.id = device_id AND d.account_id = ",
            "DELETE FROM chat_words WHERE EXISTS (SELECT 1 FROM devices d WHERE d.id = device_id AND d.account_id = ",
        ] {
            let mut sql = Sql::new(text);
            sql.bind(self.id.as_str()).push(if text.contains("EXISTS") { ")" } else { "" });
            sql.push(" AND device_id = ").bind(device.as_str());
            sql.run(&mut *self.conn).await?;
        }
        Ok(())
    }

    /// The newest message of a chat, notes and what was removed apart.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn newest_chat_message(&mut self, device: &DeviceId, chat: &str) -> Result<Option<ChatMessageRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_messages");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("chat = ").bind(chat);
        sql.and("kind <> 'note'").and("status <> 'removed'");
        sql.push(" ORDER BY at DESC, seq DESC LIMIT 1");
        sql.one(&mut *self.conn).await
    }

    /// How many messages were received in a chat after a time, up to `most`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn received_after(&mut self, device: &DeviceId, chat: &str, at: i64, most: i64) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chat_messages");
        sql.and("device_id = ").bind(device.as_str());
        sql.and("chat = ").bind(chat);
        sql.and("at > ").bind(at);
        sql.and("flow = 'inbound'").and("account_id = ").bind(self.id.as_str());
        sql.push(" LIMIT ").bind(most).push(") AS counted");
        sql.number(&mut *self.conn).await
    }

    /// The newest messages of a chat, newest first: its notes, or all but those.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn latest_chat_messages(
        &mut self,
        device: &DeviceId,
        chat: &str,
        notes: bool,
        limit: i64,
    ) -> Result<Vec<ChatMessageRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_messages");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("chat = ").bind(chat);
        // The cast keeps SQLite from the index of all notes of all chats.
        sql.and(if notes { "kind = 'note'" } else { "kind <> 'note'" }).and("CAST(status AS TEXT) <> 'removed'");
        sql.push(" ORDER BY at DESC, seq DESC LIMIT ").bind(limit);
        sql.all(&mut *self.conn).await
    }
}

impl Server<'_> {
    /// Deletions under way, of all accounts.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn purges(&mut self, limit: i64) -> Result<Vec<PurgeRow>> {
        Ok(sqlx::query_as("SELECT * FROM chat_purges ORDER BY created_at LIMIT $1")
            .bind(limit)
            .fetch_all(&mut *self.conn)
            .await?)
    }
}
