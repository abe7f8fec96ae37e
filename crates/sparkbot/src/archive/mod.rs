//! A backup as a file: a gzipped tar that other tools can look into.
//!
//! | entry | what |
//! |---|---|
//! | `manifest.json` | first: schema, tables and columns, a seal that only the right master key opens |
//! | `tables/<name>/<number>.jsonl` | rows, a line each, some megabytes per entry |
//! | `blobs/<key>` | the bytes of a file |
//! | `end.json` | last: what there must have been; without it the backup is torn |

mod read;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sparkbot_store::backup::Table;
use sparkbot_store::seal::Sealer;

use crate::failure::{Failure, Result};

pub(crate) use read::{Part, Reader};
pub(crate) use write::Writer;

/// Of this program; older ones are read.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const END: &str = "end.json";

/// What the seal of a manifest says, and where it stands.
const SEALED: &[u8] = b"sparkbot backup";

/// The first entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    format: u32,
    /// The program that took it.
    pub(crate) program: String,
    /// When its state was the server's.
    pub(crate) taken_at: String,
    /// The schema's version.
    pub(crate) schema: i64,
    sealed: String,
    /// All tables, those first that others refer to.
    pub(crate) tables: Vec<Table>,
}

impl Manifest {
    /// One for a backup that is taken now.
    ///
    /// # Errors
    /// When nothing can be sealed.
    pub(crate) fn new(sealer: &Sealer, taken_at: String, schema: i64, tables: &[Table]) -> Result<Self> {
        Ok(Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at,
            schema,
            sealed: hex::encode(sealer.seal(SEALED, SEALED)?),
            tables: tables.to_vec(),
        })
    }

    /// Refuses a master key that could not open what is in the backup.
    ///
    /// # Errors
    /// With what to do.
    pub(crate) fn check_key(&self, sealer: &Sealer) -> Result<()> {
        let sealed = hex::decode(&self.sealed).map_err(|_| torn("its manifest can't be read"))?;
        sealer.open(SEALED, &sealed).map(drop).map_err(|_| {
            Failure::new("the backup was taken under another master key")
                .hint("Put the master.key of the server it was taken from into the data directory, or name its content in SPARKBOT_MASTER_KEY.")
        })
    }
}

/// The last entry: what the others must have been.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct End {
    /// Rows by table.
    pub(crate) rows: BTreeMap<String, u64>,
    /// Files whose bytes are in it.
    pub(crate) files: u64,
    /// Files whose bytes the storage had lost before.
    #[serde(default)]
    pub(crate) missing: Vec<String>,
}

/// The refusal of a file that is no whole backup.
pub(crate) fn torn(why: impl std::fmt::Display) -> Failure {
    Failure::new(format!("the backup is not whole: {why}"))
        .hint("Nothing was restored. Take another backup, or use an older one.")
}

#[cfg(test)]
mod tests;
