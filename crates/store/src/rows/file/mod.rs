//! Files of an account. [`filter`] finds them, [`copy`] keeps what was made of
//! them.

mod copy;
mod filter;

pub use copy::FileCopyRow;
pub use filter::{FileFilter, FileOrder};

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, FileId};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FileRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: FileId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// The number for which it was made, if for one.
    pub device_id: Option<String>,
    /// Key of its bytes.
    pub blob: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha2: String,
    /// Bytes.
    pub size: i64,
    /// MIME type as the bytes say.
    pub mime: String,
    /// Ending of the name, without the dot.
    pub ext: String,
    /// `image`, `video`, `audio`, `document` or `file`.
    pub kind: String,
    /// `native`, `gif` or `ptt`.
    pub format: String,
    /// `public`, `readonly` or `private`.
    pub permission: String,
    /// `remote` or `upload`.
    pub origin: String,
    /// Where it was fetched from.
    pub url: Option<String>,
    /// What it is called.
    pub filename: String,
    /// The caller's own id.
    pub reference: Option<String>,
    /// Text that goes along with it.
    pub message: Option<String>,
    /// JSON list.
    pub tags: String,
    /// JSON object: width, height, duration, codec, pages.
    pub meta: String,
    /// How often it was downloaded.
    pub downloads: i64,
    /// How often it was sent.
    pub deliveries: i64,
    /// Who uploaded it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
    /// It is gone from then on.
    pub expires_at: i64,
    /// When it was last downloaded.
    pub last_access_at: Option<i64>,
    /// When it was last sent.
    pub last_delivery_at: Option<i64>,
}

impl Account<'_> {
    /// One file, expired or not.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn file(&mut self, id: &FileId) -> Result<Option<FileRow>> {
        Ok(sqlx::query_as("SELECT * FROM files WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// The file with these bytes that `viewer` may see, the oldest if several.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn file_like(&mut self, sha2: &str, viewer: &str, now: i64) -> Result<Option<FileRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM files WHERE account_id = $1 AND sha2 = $2 AND expires_at > $4 \
             AND (permission <> 'private' OR created_by = $3) ORDER BY created_at, id LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(sha2)
        .bind(viewer)
        .bind(now)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Adds a file and keeps its blob.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_file(&mut self, row: &FileRow) -> Result<()> {
        self.adopt_blob(&row.blob).await?;
        sqlx::query(
            "INSERT INTO files (id, account_id, device_id, blob, sha2, size, mime, ext, kind, format, permission, origin, \
             url, filename, reference, message, tags, meta, downloads, deliveries, created_by, created_at, updated_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, 0, \
             $19, $20, $21, $22)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(&row.device_id)
        .bind(&row.blob)
        .bind(&row.sha2)
        .bind(row.size)
        .bind(&row.mime)
        .bind(&row.ext)
        .bind(&row.kind)
        .bind(&row.format)
        .bind(&row.permission)
        .bind(&row.origin)
        .bind(&row.url)
        .bind(&row.filename)
        .bind(&row.reference)
        .bind(&row.message)
        .bind(&row.tags)
        .bind(&row.meta)
        .bind(&row.created_by)
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(row.expires_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes what people may change.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_file(&mut self, row: &FileRow) -> Result<()> {
        sqlx::query(
            "UPDATE files SET filename = $3, reference = $4, format = $5, tags = $6, message = $7, expires_at = $8, \
             permission = $9, updated_at = $10 WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.filename)
        .bind(&row.reference)
        .bind(&row.format)
        .bind(&row.tags)
        .bind(&row.message)
        .bind(row.expires_at)
        .bind(&row.permission)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Counts a download (`sent` false) or a message with it (`sent` true).
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_file_use(&mut self, id: &FileId, sent: bool, now: i64) -> Result<()> {
        let text = if sent {
            "UPDATE files SET deliveries = deliveries + 1, last_delivery_at = $3 WHERE account_id = $1 AND id = $2"
        } else {
            "UPDATE files SET downloads = downloads + 1, last_access_at = $3 WHERE account_id = $1 AND id = $2"
        };
        sqlx::query(text).bind(self.id.as_str()).bind(id.as_str()).bind(now).execute(&mut *self.conn).await?;
        Ok(())
    }

    /// Removes a file with everything made of it, and gives up the blobs.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_file(&mut self, row: &FileRow, now: i64) -> Result<()> {
        let copies: Vec<String> = sqlx::query_scalar(
            "SELECT blob FROM file_copies WHERE account_id = $1 AND file_id = $2 AND blob IS NOT NULL",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .fetch_all(&mut *self.conn)
        .await?;
        for key in copies.iter().chain([&row.blob]) {
            self.doom_blob(key, now).await?;
        }
        for text in [
            "DELETE FROM file_copies WHERE account_id = $1 AND file_id = $2",
            "DELETE FROM files WHERE account_id = $1 AND id = $2",
        ] {
            sqlx::query(text).bind(self.id.as_str()).bind(row.id.as_str()).execute(&mut *self.conn).await?;
        }
        Ok(())
    }
}

impl Server<'_> {
    /// Files that have expired, the first first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn expired_files(&mut self, now: i64, limit: i64) -> Result<Vec<FileRow>> {
        Ok(sqlx::query_as("SELECT * FROM files WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2")
            .bind(now)
            .bind(limit)
            .fetch_all(&mut *self.conn)
            .await?)
    }
}
