//! Files of an account, and what was made of them.

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, FileId};
use crate::sql::{Sql, contains};

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

/// Which files; empty means all.
#[derive(Debug, Clone, Default)]
pub struct FileFilter {
    /// Those that this person may see.
    pub viewer: String,
    /// Those that this person may change.
    pub changeable: bool,
    /// Those that have not expired by then.
    pub now: i64,
    /// In name, reference, message, MIME type or tags.
    pub search: Option<String>,
    /// Made after.
    pub after: Option<i64>,
    /// Made before.
    pub before: Option<i64>,
    /// Expire before.
    pub expires: Option<i64>,
    /// Formats.
    pub formats: Vec<String>,
    /// Ids.
    pub ids: Vec<String>,
    /// With any of these tags.
    pub tags: Vec<String>,
    /// Hashes.
    pub sha2: Vec<String>,
    /// The caller's own id.
    pub reference: Option<String>,
    /// The number for which they were made.
    pub device: Option<String>,
    /// In the name.
    pub filename: Option<String>,
    /// `remote` or `upload`.
    pub origin: Option<String>,
    /// MIME types.
    pub mimes: Vec<String>,
    /// Kinds.
    pub kinds: Vec<String>,
    /// Endings.
    pub exts: Vec<String>,
    /// Permissions.
    pub permission: Option<String>,
    /// Who uploaded them.
    pub owners: Vec<String>,
    /// Bytes at least.
    pub smallest: Option<i64>,
    /// Bytes at most.
    pub largest: Option<i64>,
    /// In which order.
    pub order: FileOrder,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

/// In which order files are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// Largest first.
    Largest,
    /// Smallest first.
    Smallest,
    /// By name.
    Name,
    /// By name, backwards.
    NameBackwards,
    /// Those that expire first.
    ExpiresFirst,
    /// Those that expire last.
    ExpiresLast,
    /// Last changed first.
    Changed,
    /// Last changed last.
    Unchanged,
}

impl FileOrder {
    fn sql(self) -> &'static str {
        match self {
            Self::Newest => " ORDER BY created_at DESC, id DESC",
            Self::Oldest => " ORDER BY created_at, id",
            Self::Largest => " ORDER BY size DESC, id DESC",
            Self::Smallest => " ORDER BY size, id",
            Self::Name => " ORDER BY LOWER(filename), id",
            Self::NameBackwards => " ORDER BY LOWER(filename) DESC, id DESC",
            Self::ExpiresFirst => " ORDER BY expires_at, id",
            Self::ExpiresLast => " ORDER BY expires_at DESC, id DESC",
            Self::Changed => " ORDER BY updated_at DESC, id DESC",
            Self::Unchanged => " ORDER BY updated_at, id",
        }
    }
}

fn filtered(mut sql: Sql, account: &AccountId, f: &FileFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str());
    sql.and("expires_at > ").bind(f.now);
    let own = if f.changeable {
        "(permission = 'public' OR created_by = "
    } else {
        "(permission <> 'private' OR created_by = "
    };
    sql.and(own).bind(f.viewer.as_str()).push(")");
    if let Some(search) = &f.search {
        let pattern = contains(search);
        sql.and("(LOWER(filename) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR LOWER(COALESCE(reference, '')) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR LOWER(COALESCE(message, '')) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR LOWER(tags) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR mime LIKE ").bind(pattern).push(" ESCAPE '\\')");
    }
    if let Some(name) = &f.filename {
        sql.and("LOWER(filename) LIKE ").bind(contains(name)).push(" ESCAPE '\\'");
    }
    for (column, list) in [
        ("format", &f.formats),
        ("id", &f.ids),
        ("sha2", &f.sha2),
        ("mime", &f.mimes),
        ("kind", &f.kinds),
        ("ext", &f.exts),
        ("created_by", &f.owners),
    ] {
        if !list.is_empty() {
            sql.and_in(column, list.iter().map(String::as_str));
        }
    }
    for (condition, value) in [
        ("reference = ", &f.reference),
        ("device_id = ", &f.device),
        ("origin = ", &f.origin),
        ("permission = ", &f.permission),
    ] {
        if let Some(value) = value {
            sql.and(condition).bind(value.as_str());
        }
    }
    for (condition, value) in [
        ("created_at > ", f.after),
        ("created_at < ", f.before),
        ("expires_at < ", f.expires),
        ("size >= ", f.smallest),
        ("size <= ", f.largest),
    ] {
        if let Some(value) = value {
            sql.and(condition).bind(value);
        }
    }
    if !f.tags.is_empty() {
        sql.and("(");
        for (i, tag) in f.tags.iter().enumerate() {
            // Tags hold no quotation marks, so that one is never part of another.
            let quoted = contains(&format!("\"{tag}\""));
            sql.push(if i == 0 { "LOWER(tags) LIKE " } else { " OR LOWER(tags) LIKE " })
                .bind(quoted)
                .push(" ESCAPE '\\'");
        }
        sql.push(")");
    }
    sql
}

impl Account<'_> {
    /// A page of files.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn files(&mut self, filter: &FileFilter) -> Result<Vec<FileRow>> {
        let mut sql = filtered(Sql::new("SELECT * FROM files"), self.id, filter);
        sql.push(filter.order.sql()).page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many files the filter matches.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_files(&mut self, filter: &FileFilter) -> Result<i64> {
        filtered(Sql::new("SELECT COUNT(*) FROM files"), self.id, filter).number(&mut *self.conn).await
    }

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
