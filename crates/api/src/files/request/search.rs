//! Which files to list.

use serde::Deserialize;
use sparkbot_core::files::{FileFilter, FileOrder};
use utoipa::IntoParams;

use super::{Format, Kind, Origin, Permission, State, exts, mimes, time};
use crate::answer::Paging;
use crate::error::{Answer, Problem};
use crate::request::words::words;

words! {
    Order = &[
        "createdAt:desc", "createdAt:asc", "updatedAt:desc", "updatedAt:asc", "expiresAt:asc", "expiresAt:desc",
        "size:desc", "size:asc", "filename:asc", "filename:desc",
    ];
}

fn size() -> i64 {
    20
}

/// Which files.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileSearch {
    /// Only with this text in name, reference, message, tags or MIME type; looked for in the newest 5,000 files, or in
    /// the newest 5,000 made before `before`.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only made after this time.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only made before this time.
    #[param(format = DateTime)]
    before: Option<String>,
    /// Only sent like this.
    #[param(value_type = Vec<Format>, inline)]
    #[serde(default)]
    format: Vec<String>,
    /// Only these ids.
    ids: Option<Vec<String>>,
    /// Only with any of these tags.
    tags: Option<Vec<String>>,
    /// Only with this SHA-256, hexadecimal.
    #[param(max_length = 64)]
    sha2: Option<String>,
    /// Only with this reference.
    #[param(max_length = 128)]
    reference: Option<String>,
    /// Only in one of these states. A file is `ready` once its upload has been answered; there are no others.
    #[param(value_type = Vec<State>, inline)]
    #[serde(default)]
    status: Vec<String>,
    /// Only those made for this number.
    #[param(max_length = 24)]
    device: Option<String>,
    /// Only with this text in the name; looked for in the newest 5,000 files, as `search` does.
    #[param(max_length = 255)]
    filename: Option<String>,
    /// Only fetched by URL, or only uploaded.
    #[param(value_type = Option<Origin>, inline)]
    origin: Option<String>,
    /// Only of these MIME types.
    mime: Option<Vec<String>>,
    /// Only of these kinds.
    #[param(value_type = Vec<Kind>, inline)]
    #[serde(default)]
    kind: Vec<String>,
    /// Only with these endings.
    ext: Option<Vec<String>>,
    /// Only with this permission.
    #[param(value_type = Option<Permission>, inline)]
    permission: Option<String>,
    /// Only uploaded by this person.
    #[param(max_length = 24)]
    owner: Option<String>,
    /// Only of this many bytes: `1000`, `>1MB`, `<500KB`, `1MB-5MB`.
    #[param(max_length = 40, example = ">1MB")]
    filesize: Option<String>,
    /// In which order.
    #[param(value_type = Option<Order>, inline)]
    sort: Option<String>,
    /// Files a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl FileSearch {
    pub(in crate::files) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(in crate::files) fn filter(self) -> Answer<FileFilter> {
        let paging = self.paging();
        let (smallest, largest) = self.filesize.as_deref().map_or(Ok((None, None)), bounds)?;
        let mut ids = self.ids.unwrap_or_default();
        if !self.status.is_empty() && !self.status.iter().any(|state| state == "ready") {
            // No file has this id.
            ids = vec![String::new()];
        }
        Ok(FileFilter {
            search: self.search,
            after: time(self.after.as_deref()),
            before: time(self.before.as_deref()),
            formats: self.format,
            ids,
            tags: self.tags.unwrap_or_default(),
            sha2: self.sha2.into_iter().map(|hash| hash.to_ascii_lowercase()).collect(),
            reference: self.reference,
            device: self.device,
            filename: self.filename,
            origin: self.origin,
            mimes: mimes(self.mime.unwrap_or_default()),
            kinds: self.kind,
            exts: exts(self.ext.unwrap_or_default()),
            permission: self.permission,
            owners: self.owner.into_iter().collect(),
            smallest,
            largest,
            order: order(self.sort.as_deref()),
            size: paging.size(),
            skip: paging.skip(),
            ..FileFilter::default()
        })
    }
}

fn order(word: Option<&str>) -> FileOrder {
    match word {
        Some("createdAt:asc") => FileOrder::Oldest,
        Some("updatedAt:desc") => FileOrder::Changed,
        Some("updatedAt:asc") => FileOrder::Unchanged,
        Some("expiresAt:asc") => FileOrder::ExpiresFirst,
        Some("expiresAt:desc") => FileOrder::ExpiresLast,
        Some("size:desc") => FileOrder::Largest,
        Some("size:asc") => FileOrder::Smallest,
        Some("filename:asc") => FileOrder::Name,
        Some("filename:desc") => FileOrder::NameBackwards,
        _ => FileOrder::Newest,
    }
}

/// Smallest and largest size of `>1MB`, `<=500KB`, `1MB-5MB` or `1000`.
fn bounds(text: &str) -> Answer<(Option<i64>, Option<i64>)> {
    let wrong = || {
        Problem::invalid("file:filesize", format!("'{text}' is no size of files."))
            .hint("Write it like 1000, >1MB, <500KB or 1MB-5MB.")
    };
    let number = |text: &str| -> Answer<i64> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let unit = match text[digits..].trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1i64,
            "kb" | "k" => 1000,
            "mb" | "m" => 1_000_000,
            "gb" | "g" => 1_000_000_000,
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            _ => return Err(wrong()),
        };
        text[..digits].parse::<i64>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)
    };
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(">=") {
        return Ok((Some(number(rest)?), None));
    }
    if let Some(rest) = text.strip_prefix("<=") {
        return Ok((None, Some(number(rest)?)));
    }
    if let Some(rest) = text.strip_prefix('>') {
        return Ok((Some(number(rest)?.saturating_add(1)), None));
    }
    if let Some(rest) = text.strip_prefix('<') {
        return Ok((None, Some(number(rest)? - 1)));
    }
    if let Some((from, to)) = text.split_once('-') {
        return Ok((Some(number(from)?), Some(number(to)?)));
    }
    let exact = number(text)?;
    Ok((Some(exact), Some(exact)))
}

#[cfg(test)]
mod tests {
    use super::bounds;

    #[test]
    fn sizes_are_bounds() {
        for (text, wanted) in [
            ("1000", (Some(1000), Some(1000))),
            (">1MB", (Some(1_000_001), None)),
            (">=1KiB", (Some(1024), None)),
            ("<500kb", (None, Some(499_999))),
            ("1MB - 5MB", (Some(1_000_000), Some(5_000_000))),
        ] {
            assert_eq!(bounds(text).unwrap(), wanted, "{text}");
        }
        for wrong in ["", "big", ">", "1TB", "-5", "99999999999999999999"] {
            assert!(bounds(wrong).is_err(), "{wrong}");
        }
    }
}
