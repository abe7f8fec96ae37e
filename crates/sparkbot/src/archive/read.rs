//! Reading a backup's file, entry after entry.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use tar::{Archive, Entries, Entry};

use super::{END, End, FORMAT, MANIFEST, Manifest, torn};
use crate::failure::{Failure, Result};

/// Bytes of an entry of rows at most; we write some megabytes.
const MOST: u64 = 256 * 1024 * 1024;

type Packed = GzDecoder<BufReader<File>>;

/// A backup's file.
pub(crate) struct Reader {
    tar: Archive<Packed>,
}

/// What comes after the manifest.
pub(crate) enum Part<'r> {
    /// Rows of a table.
    Rows(String, Vec<u8>),
    /// A blob's key and bytes.
    Blob(String, Box<Entry<'r, Packed>>),
    /// The end; nothing follows.
    End(End),
}

impl Reader {
    /// Opens a backup.
    ///
    /// # Errors
    /// When the file can't be read.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        let from =
            File::open(file).map_err(|error| Failure::new(format!("{} can't be read: {error}", file.display())))?;
        Ok(Self { tar: Archive::new(GzDecoder::new(BufReader::new(from))) })
    }

    /// What it says of itself, and what follows.
    ///
    /// # Errors
    /// When it is no backup of ours, or a newer program's.
    pub(crate) fn begin(&mut self) -> Result<(Manifest, Parts<'_>)> {
        let mut entries = self.tar.entries().map_err(torn)?;
        let first = entries.next().ok_or_else(|| torn("it is empty"))?;
        let first = first.map_err(|_| torn("it is no file that `sparkbot backup` has written"))?;
        if name(&first)? != MANIFEST {
            return Err(torn("it does not begin with a manifest"));
        }
        let text = all(first)?;
        let format: serde_json::Value = serde_json::from_slice(&text).map_err(torn)?;
        if format["format"].as_u64().is_none_or(|format| format > u64::from(FORMAT)) {
            return Err(Failure::new("the backup was taken by a newer program").hint("Restore it with that one."));
        }
        Ok((serde_json::from_slice(&text).map_err(torn)?, Parts { entries, ended: false }))
    }
}

/// The entries after the manifest.
pub(crate) struct Parts<'r> {
    entries: Entries<'r, Packed>,
    ended: bool,
}

impl<'r> Parts<'r> {
    /// The next one; nothing after the end.
    ///
    /// # Errors
    /// When the file breaks off.
    pub(crate) fn next(&mut self) -> Result<Option<Part<'r>>> {
        if self.ended {
            return Ok(None);
        }
        let Some(entry) = self.entries.next() else { return Err(torn("it breaks off")) };
        let entry = entry.map_err(torn)?;
        let name = name(&entry)?;
        if name == END {
            self.ended = true;
            return Ok(Some(Part::End(serde_json::from_slice(&all(entry)?).map_err(torn)?)));
        }
        if let Some(key) = name.strip_prefix("blobs/") {
            return Ok(Some(Part::Blob(key.to_owned(), Box::new(entry))));
        }
        let table = name.strip_prefix("tables/").and_then(|rest| rest.split('/').next());
        let table = table.ok_or_else(|| torn(format!("'{name}' is unknown")))?.to_owned();
        Ok(Some(Part::Rows(table, all(entry)?)))
    }
}

fn name(entry: &Entry<'_, Packed>) -> Result<String> {
    let path = entry.path().map_err(torn)?;
    path.to_str().map(str::to_owned).ok_or_else(|| torn("a name is no text"))
}

fn all(entry: Entry<'_, Packed>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(MOST + 1).read_to_end(&mut bytes).map_err(torn)?;
    if bytes.len() as u64 > MOST {
        return Err(torn("an entry is too large"));
    }
    Ok(bytes)
}
