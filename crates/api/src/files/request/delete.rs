//! Which files to delete.

use serde::Deserialize;
use sparkbot_core::files::FileFilter;
use utoipa::ToSchema;

use super::{Format, Kind, Origin, Permission, exts, mimes, time};
use crate::error::{Answer, Problem};

/// Files deleted by one call at most.
const MOST: i64 = 1000;

/// Which files to delete.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tags": ["spring"], "before": "2026-01-01T00:00:00.000Z", "limit": 100}))]
pub(crate) struct DeleteFiles {
    /// Files at most; 100 when absent.
    #[schema(default = 100, minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// These.
    ids: Option<Vec<String>>,
    /// Made before this time.
    #[schema(format = DateTime)]
    before: Option<String>,
    /// Made after this time.
    #[schema(format = DateTime)]
    after: Option<String>,
    /// Expiring before this time.
    #[schema(format = DateTime)]
    expires: Option<String>,
    /// With this text in the name.
    #[schema(max_length = 255)]
    filename: Option<String>,
    /// With these endings.
    ext: Option<Vec<String>>,
    /// Of these MIME types.
    mime: Option<Vec<String>>,
    /// Of this kind.
    #[schema(value_type = Option<Kind>, inline)]
    kind: Option<String>,
    /// Uploaded by these persons.
    owner: Option<Vec<String>>,
    /// Sent like this.
    #[schema(value_type = Option<Format>, inline)]
    format: Option<String>,
    /// With this permission.
    #[schema(value_type = Option<Permission>, inline)]
    permission: Option<String>,
    /// With any of these tags.
    tags: Option<Vec<String>>,
    /// Of at least this many bytes.
    #[schema(minimum = 0)]
    size: Option<i64>,
    /// Fetched by URL, or uploaded.
    #[schema(value_type = Option<Origin>, inline)]
    origin: Option<String>,
    /// With one of these SHA-256, hexadecimal.
    sha2: Option<Vec<String>>,
}

impl DeleteFiles {
    pub(in crate::files) fn filter(self) -> Answer<FileFilter> {
        let limit = self.limit.unwrap_or(100);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::invalid(
                "file:limit",
                format!("'limit' must be from 1 to {MOST}, but it is {limit}."),
            ));
        }
        let filter = FileFilter {
            ids: self.ids.unwrap_or_default(),
            before: time(self.before.as_deref()),
            after: time(self.after.as_deref()),
            expires: time(self.expires.as_deref()),
            filename: self.filename.filter(|name| !name.is_empty()),
            exts: exts(self.ext.unwrap_or_default()),
            mimes: mimes(self.mime.unwrap_or_default()),
            kinds: self.kind.into_iter().collect(),
            owners: self.owner.unwrap_or_default(),
            formats: self.format.into_iter().collect(),
            permission: self.permission,
            tags: self.tags.unwrap_or_default(),
            smallest: self.size.filter(|size| *size > 0),
            origin: self.origin,
            sha2: self.sha2.unwrap_or_default().iter().map(|hash| hash.to_ascii_lowercase()).collect(),
            size: limit,
            ..FileFilter::default()
        };
        let lists = [
            &filter.ids,
            &filter.exts,
            &filter.mimes,
            &filter.kinds,
            &filter.owners,
            &filter.formats,
            &filter.tags,
            &filter.sha2,
        ];
        let times = [filter.before, filter.after, filter.expires, filter.smallest];
        let words = [&filter.filename, &filter.permission, &filter.origin];
        if lists.iter().all(|list| list.is_empty())
            && times.iter().all(Option::is_none)
            && words.iter().all(|word| word.is_none())
        {
            return Err(Problem::invalid("file:all", "Nothing says which files to delete.")
                .hint("Give at least one condition, such as 'ids', 'tags' or 'before'."));
        }
        Ok(filter)
    }
}
