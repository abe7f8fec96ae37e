//! Files of chat messages: what is known of them, and how far their download is.

mod search;

pub use search::ChatFileFilter;

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, ChatFileId, DeviceId};
use crate::sql::Sql;

/// A file of a chat message.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChatFileRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: ChatFileId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Of which number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// The message's number within the database.
    pub message: i64,
    /// The message's chat.
    pub chat: String,
    /// Who wrote it.
    pub author: String,
    /// WhatsApp's id of the message.
    pub wa_id: String,
    /// `inbound` or `outbound`.
    pub flow: String,
    /// `image`, `video`, `gif`, `video_note`, `audio`, `ptt`, `document` or `sticker`.
    pub kind: String,
    /// `new`, `fetching`, `available`, `failed`, `unavailable` or `expired`.
    pub status: String,
    /// MIME type as the sender gave it.
    pub mime: Option<String>,
    /// Bytes; as the sender says, until it is here.
    pub size: Option<i64>,
    /// Name, for documents.
    pub filename: Option<String>,
    /// Text along with it.
    pub caption: Option<String>,
    /// SHA-256 in hexadecimal.
    pub sha2: Option<String>,
    /// Width, duration and so on, JSON.
    pub meta: String,
    /// Small JPEG.
    pub preview: Option<Vec<u8>>,
    /// Where it lies, once it is here.
    pub blob: Option<String>,
    /// `area:code` of the last failure.
    pub error_code: Option<String>,
    /// The last failure as a sentence.
    pub error: Option<String>,
    /// Tries so far.
    pub attempts: i64,
    /// When the next try is due; `None` when only a person's request fetches it.
    pub next_attempt_at: Option<i64>,
    /// How often it was downloaded from here.
    pub downloads: i64,
    /// The message's time.
    pub at: i64,
    /// When the row was made.
    pub created_at: i64,
    /// When it was fetched.
    pub fetched_at: Option<i64>,
    /// When it is removed from here.
    pub expires_at: Option<i64>,
}

/// The columns of a [`ChatFileRow`].
pub(super) const COLUMNS: &str = "id, account_id, device_id, message, chat, author, wa_id, flow, kind, status, mime, size, \
     filename, caption, sha2, meta, preview, blob, error_code, error, attempts, next_attempt_at, downloads, at, \
     created_at, fetched_at, expires_at";

impl Account<'_> {
    /// Keeps what is known of a message's file.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_chat_file(&mut self, row: &ChatFileRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO chat_files (id, account_id, device_id, message, chat, author, wa_id, flow, kind, status, mime, \
             size, filename, caption, sha2, meta, preview, attempts, next_attempt_at, downloads, at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 0, $20, $21) \
             ON CONFLICT (message) DO NOTHING",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(row.device_id.as_str())
        .bind(row.message)
        .bind(&row.chat)
        .bind(&row.author)
        .bind(&row.wa_id)
        .bind(&row.flow)
        .bind(&row.kind)
        .bind(&row.status)
        .bind(&row.mime)
        .bind(row.size)
        .bind(&row.filename)
        .bind(&row.caption)
        .bind(&row.sha2)
        .bind(&row.meta)
        .bind(row.preview.clone())
        .bind(row.attempts)
        .bind(row.next_attempt_at)
        .bind(row.at)
        .bind(row.created_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// One file of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_file(&mut self, device: &DeviceId, id: &ChatFileId) -> Result<Option<ChatFileRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_files");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("id = ").bind(id.as_str());
        sql.one(&mut *self.conn).await
    }

    /// The files of messages, by the messages' numbers, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_files_of(&mut self, device: &DeviceId, messages: &[i64]) -> Result<Vec<ChatFileRow>> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_files");
        // The casts keep SQLite from the index of all that the number has: rows are few, and found by their numbers.
        sql.and("CAST(account_id AS TEXT) = ").bind(self.id.as_str());
        sql.and("CAST(device_id AS TEXT) = ").bind(device.as_str());
        sql.and_in("message", messages.iter().copied());
        sql.all(&mut *self.conn).await
    }

    /// Writes how far a file's download is.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_chat_file(&mut self, row: &ChatFileRow) -> Result<()> {
        sqlx::query(
            "UPDATE chat_files SET status = $3, size = $4, sha2 = $5, blob = $6, error_code = $7, error = $8, \
             attempts = $9, next_attempt_at = $10, fetched_at = $11, expires_at = $12, mime = $13 \
             WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.status)
        .bind(row.size)
        .bind(&row.sha2)
        .bind(&row.blob)
        .bind(&row.error_code)
        .bind(&row.error)
        .bind(row.attempts)
        .bind(row.next_attempt_at)
        .bind(row.fetched_at)
        .bind(row.expires_at)
        .bind(&row.mime)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Counts a download from here.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_chat_file_download(&mut self, id: &ChatFileId) -> Result<()> {
        sqlx::query("UPDATE chat_files SET downloads = downloads + 1 WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Ends the file of a message that is no more: it is not fetched any longer,
    /// and what is here of it goes with the next sweep.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn end_chat_file(&mut self, device: &DeviceId, message: i64, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE chat_files SET status = 'unavailable', next_attempt_at = NULL, expires_at = $4, preview = NULL, \
             caption = NULL, filename = NULL, error_code = 'message:revoked', error = 'The message was deleted.' \
             WHERE account_id = $1 AND device_id = $2 AND message = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(message)
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Files of these numbers whose download is due, those that have waited
    /// longest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn due_chat_files(&mut self, now: i64, devices: &[String], limit: i64) -> Result<Vec<ChatFileRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_files");
        sql.and("next_attempt_at <= ").bind(now);
        sql.and_in("device_id", devices.iter().map(String::as_str));
        sql.push(" ORDER BY next_attempt_at, seq LIMIT ").bind(limit);
        sql.all(&mut *self.conn).await
    }

    /// Makes downloads due again that ended with the server.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn release_chat_files(&mut self) -> Result<()> {
        sqlx::query("UPDATE chat_files SET status = 'new', next_attempt_at = 0 WHERE status = 'fetching'")
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Files of all accounts that have been here long enough.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn expired_chat_files(&mut self, now: i64, limit: i64) -> Result<Vec<ChatFileRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_files");
        sql.and("expires_at <= ").bind(now);
        sql.push(" ORDER BY expires_at LIMIT ").bind(limit);
        sql.all(&mut *self.conn).await
    }
}
