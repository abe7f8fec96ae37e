//! Which files to list, and in which order.

use super::FileRow;
use crate::error::Result;
use crate::ids::AccountId;
use crate::rows::Account;
use crate::sql::{Sql, contains};

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
    // Nearly all: no index is to be used for it but the one for lists in its order.
    let ordered = matches!(f.order, FileOrder::ExpiresFirst | FileOrder::ExpiresLast);
    sql.and(if ordered { "expires_at > " } else { "expires_at + 0 > " }).bind(f.now);
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

    /// How many files the filter matches, counted up to `most`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_files(&mut self, filter: &FileFilter, most: i64) -> Result<i64> {
        let mut sql = filtered(Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM files"), self.id, filter);
        sql.push(" LIMIT ").bind(most).push(") AS counted");
        sql.number(&mut *self.conn).await
    }
}
