//! What was made of a file: its preview, and what WhatsApp is sent of it.

use crate::error::Result;
use crate::ids::FileId;
use crate::rows::Account;

/// Something that was made of a file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FileCopyRow {
    /// `preview`, or how it is sent: `image`, `voice`…
    pub name: String,
    /// Key of its bytes; the file's own when absent.
    pub blob: Option<String>,
    /// Bytes.
    pub size: i64,
    /// MIME type.
    pub mime: String,
    /// JSON, as its maker reads it.
    pub meta: String,
}

impl Account<'_> {
    /// What was made of a file under a name.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn file_copy(&mut self, file: &FileId, name: &str) -> Result<Option<FileCopyRow>> {
        Ok(sqlx::query_as(
            "SELECT name, blob, size, mime, meta FROM file_copies WHERE account_id = $1 AND file_id = $2 AND name = $3",
        )
        .bind(self.id.as_str())
        .bind(file.as_str())
        .bind(name)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Adds what was made of a file and keeps its blob; false when it is there
    /// already or the file is gone.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_file_copy(&mut self, file: &FileId, copy: &FileCopyRow, now: i64) -> Result<bool> {
        if self.file(file).await?.is_none() || self.file_copy(file, &copy.name).await?.is_some() {
            return Ok(false);
        }
        if let Some(key) = &copy.blob {
            self.adopt_blob(key).await?;
        }
        sqlx::query(
            "INSERT INTO file_copies (file_id, name, account_id, blob, size, mime, meta, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(file.as_str())
        .bind(&copy.name)
        .bind(self.id.as_str())
        .bind(&copy.blob)
        .bind(copy.size)
        .bind(&copy.mime)
        .bind(&copy.meta)
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(true)
    }
}
