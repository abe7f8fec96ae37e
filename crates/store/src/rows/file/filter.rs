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
    /// Parts of words are looked for in so many of the newest files; in all when absent.
    pub looked_at: Option<i64>,
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

impl FileFilter {
    /// Whether ids, hashes or a reference leave few.
    fn is_narrow(&self) -> bool {
        !(self.ids.is_empty() && self.sha2.is_empty()) || self.reference.is_some()
    }

    /// The order of a page. A few that are sorted get expressions: else SQLite would
    /// rather go through all in order until it has met them.
    fn ordered(&self) -> &'static str {
        match (self.order, self.is_narrow()) {
            (FileOrder::Newest, false) => " ORDER BY created_at DESC, id DESC",
            (FileOrder::Newest, true) => " ORDER BY created_at + 0 DESC, id DESC",
            (FileOrder::Oldest, false) => " ORDER BY created_at, id",
            (FileOrder::Oldest, true) => " ORDER BY created_at + 0, id",
            (FileOrder::Largest, false) => " ORDER BY size DESC, id DESC",
            (FileOrder::Largest, true) => " ORDER BY size + 0 DESC, id DESC",
            (FileOrder::Smallest, false) => " ORDER BY size, id",
            (FileOrder::Smallest, true) => " ORDER BY size + 0, id",
            (FileOrder::Name, false) => " ORDER BY LOWER(filename), id",
            (FileOrder::Name, true) => " ORDER BY LOWER(filename) || '', id",
            (FileOrder::NameBackwards, false) => " ORDER BY LOWER(filename) DESC, id DESC",
            (FileOrder::NameBackwards, true) => " ORDER BY LOWER(filename) || '' DESC, id DESC",
            (FileOrder::ExpiresFirst, false) => " ORDER BY expires_at, id",
            (FileOrder::ExpiresFirst, true) => " ORDER BY expires_at + 0, id",
            (FileOrder::ExpiresLast, false) => " ORDER BY expires_at DESC, id DESC",
            (FileOrder::ExpiresLast, true) => " ORDER BY expires_at + 0 DESC, id DESC",
            (FileOrder::Changed, false) => " ORDER BY updated_at DESC, id DESC",
            (FileOrder::Changed, true) => " ORDER BY updated_at + 0 DESC, id DESC",
            (FileOrder::Unchanged, false) => " ORDER BY updated_at, id",
            (FileOrder::Unchanged, true) => " ORDER BY updated_at + 0, id",
        }
    }
}

fn filtered(mut sql: Sql, account: &AccountId, f: &FileFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str());
    // Nearly all: no index is to be used for it but the one for lists in its order.
    let ordered = matches!(f.order, FileOrder::ExpiresFirst | FileOrder::ExpiresLast) && !f.is_narrow();
    sql.and(if ordered { "expires_at > " } else { "expires_at + 0 > " }).bind(f.now);
    let own = if f.changeable {
        "(permission = 'public' OR created_by = "
    } else {
        "(permission <> 'private' OR created_by = "
    };
    sql.and(own).bind(f.viewer.as_str()).push(")");
    if let Some(search) = &f.search {
        // One text, so that it is put into lower case once; lines apart, so that nothing matches across.
        sql.and("LOWER(filename || '\n' || COALESCE(reference, '') || '\n' || COALESCE(message, '') || '\n' || tags || '\n' || mime)");
        sql.push(" LIKE ").bind(contains(search)).push(" ESCAPE '\\'");
    }
    if let Some(name) = &f.filename {
        sql.and("LOWER(filename) LIKE ").bind(contains(name)).push(" ESCAPE '\\'");
    }
    if let Some(most) = f.looked_at.filter(|_| !f.is_narrow() && (f.search.is_some() || f.filename.is_some())) {
        // No index has parts of words.
        sql.and("created_at >= COALESCE((SELECT o.created_at FROM files o WHERE o.account_id = ")
            .bind(account.as_str());
        if let Some(before) = f.before {
            sql.push(" AND o.created_at < ").bind(before);
        }
        sql.push(" ORDER BY o.created_at DESC LIMIT 1 OFFSET ").bind(most).push("), 0)");
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
        // PostgreSQL takes a LIKE for so rare that it would rather read all and sort; of this it expects many.
        sql.and("CASE WHEN ");
        for (i, tag) in f.tags.iter().enumerate() {
            // Tags hold no quotation marks, so that one is never part of another.
            let quoted = contains(&format!("\"{tag}\""));
            sql.push(if i == 0 { "LOWER(tags) LIKE " } else { " OR LOWER(tags) LIKE " })
                .bind(quoted)
                .push(" ESCAPE '\\'");
        }
        sql.push(" THEN 1 ELSE 0 END > 0");
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
        sql.push(filter.ordered()).page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many files the filter matches, counted up to `most`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_files(&mut self, filter: &FileFilter, most: i64) -> Result<i64> {
        let mut sql = filtered(Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM files"), self.id, filter);
        // In order: PostgreSQL would rather read the table from its beginning until it has met enough.
        sql.push(filter.ordered()).push(" LIMIT ").bind(most).push(") AS counted");
        sql.number(&mut *self.conn).await
    }
}
