//! Files: uploaded, fetched, kept until they expire, and sent.
//!
//! * [`store_stream`], [`fetch_url`], [`from_data_uri`] take a file in, [`Stored`] says whether it was here already.
//! * [`list`], [`get`], [`update`], [`delete`], [`delete_many`]: what people do with them.
//! * [`prepare`]: a file as WhatsApp wants it, ready to be sent.
//! * [`open`], [`preview`], [`token`]: what people download.

mod download;
mod housekeeping;
mod manage;
mod prepare;
mod rules;
mod settings;
mod take;
mod workshop;

pub(crate) use download::has_preview;
pub use download::{open, preview, token};
pub(crate) use housekeeping::start as start_housekeeping;
pub use housekeeping::sweep;
pub use manage::{Deletion, delete, delete_many, get, list, read, update};
pub use prepare::{LocalFile, Prepared, Wanted, kind_of, local, prepare, sent};
pub use rules::{EXPIRATIONS, Expiration, bytes};
pub use settings::FileSettings;
pub use sparkbot_store::blobs::{BlobSettings, S3Settings};
pub use sparkbot_store::rows::{FileFilter, FileOrder, FileRow};
pub use take::{fetch_url, from_data_uri, store_stream};
pub use workshop::Workshop;

use crate::devices::Idempotency;
use crate::ids::{AccountId, UserId};
use crate::keys::Caller;

/// In whose name a file is taken in.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Whose it is.
    pub account: AccountId,
    /// Who brings it.
    pub user: UserId,
}

impl From<&Caller> for Owner {
    fn from(caller: &Caller) -> Self {
        Self { account: caller.account.clone(), user: caller.user.clone() }
    }
}

/// What is said of a file when it is taken in. Everything may be left out.
#[derive(Debug, Clone, Default)]
pub struct NewFile {
    /// What it is called; made of its type when absent.
    pub filename: Option<String>,
    /// MIME type as told; asked only where the bytes leave it open.
    pub claimed: Option<String>,
    /// The caller's own id.
    pub reference: Option<String>,
    /// `native`, `gif` or `ptt`.
    pub format: Option<String>,
    /// How long it is kept; 30 days when absent.
    pub expiration: Option<Expiration>,
    /// `public`, `readonly` or `private`.
    pub permission: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The number for which it is.
    pub device: Option<String>,
    /// A key under which the upload may be sent again.
    pub idempotency: Option<Idempotency>,
}

/// What became of a file that was taken in.
#[derive(Debug, Clone)]
pub enum Stored {
    /// It is new.
    New(FileRow),
    /// The account had the same bytes already; this is that file, unchanged.
    Existing(FileRow),
}

impl Stored {
    /// The file, new or not.
    #[must_use]
    pub fn into_row(self) -> FileRow {
        match self {
            Self::New(row) | Self::Existing(row) => row,
        }
    }
}

/// What people change of a file; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct FileChanges {
    /// What it is called.
    pub filename: Option<String>,
    /// The caller's own id; `None` inside takes it away.
    pub reference: Option<Option<String>>,
    /// `native`, `gif` or `ptt`.
    pub format: Option<String>,
    /// Words to find it by.
    pub tags: Option<Vec<String>>,
    /// Text that goes along with it; `None` inside takes it away.
    pub message: Option<Option<String>>,
    /// How long it is kept from now on.
    pub expiration: Option<Expiration>,
    /// `public`, `readonly` or `private`.
    pub permission: Option<String>,
}
