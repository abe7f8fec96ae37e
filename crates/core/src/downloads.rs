//! Bytes that are handed out: to somebody with a key, or to somebody with a
//! link to one file, which works for a while. One room for the files of the
//! account and for those of chats.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sparkbot_store::blobs::BlobReader;

use crate::app::Core;
use crate::blobs;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, ChatFileId, FileId};
use crate::keys::Caller;
use crate::network::Millis;

/// How long a link works.
const TOKEN_LIFE: Millis = 3600 * 1000;

/// Who downloads.
#[derive(Debug, Clone)]
pub enum Reader {
    /// Somebody with a key.
    Caller(Caller),
    /// Somebody with a link to this one file.
    Link(AccountId),
}

/// Bytes that can be read in parts.
#[derive(Debug, Clone)]
pub struct Download {
    /// How many there are.
    pub size: u64,
    /// MIME type.
    pub mime: String,
    /// Name to save it under.
    pub filename: String,
    /// Changes with the bytes.
    pub tag: String,
    /// Key of the blob that holds them.
    pub blob: String,
}

impl Download {
    /// Bytes `start..end`.
    ///
    /// # Errors
    /// When they are gone or the storage is away.
    pub async fn read(&self, core: &Core, start: u64, end: u64) -> Result<BlobReader> {
        blobs::read(core, &self.blob, start, end.min(self.size)).await
    }
}

/// Files for which there are links.
pub trait Linked: FromStr + ToString {
    /// What their tokens are sealed for: one for a file of one kind opens none
    /// of another.
    const PLACE: &'static [u8];
}

impl Linked for FileId {
    const PLACE: &'static [u8] = b"file download token";
}

impl Linked for ChatFileId {
    const PLACE: &'static [u8] = b"chat file download token";
}

/// What is inside of a token.
#[derive(Serialize, Deserialize)]
struct Ticket {
    account: AccountId,
    file: String,
    expires: Millis,
}

/// A token with which a file can be downloaded without a key for an hour, or
/// until `ends`.
///
/// # Errors
/// When it can't be sealed.
pub(crate) fn token<F: Linked>(core: &Core, account: &AccountId, file: &F, ends: Option<Millis>) -> Result<String> {
    let expires = core.now() + TOKEN_LIFE;
    let expires = ends.map_or(expires, |ends| expires.min(ends));
    let ticket = Ticket { account: account.clone(), file: file.to_string(), expires };
    let plain = serde_json::to_vec(&ticket).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(core.store().sealer().seal(F::PLACE, &plain)?))
}

/// Who may download `file` by this token.
///
/// # Errors
/// `auth:token` when it is none, is for another file or has expired.
pub fn reader_of_token<F: Linked>(core: &Core, token: &str, file: &F) -> Result<Reader> {
    let ticket = URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|sealed| core.store().sealer().open(F::PLACE, &sealed).ok())
        .and_then(|plain| serde_json::from_slice::<Ticket>(&plain).ok())
        .filter(|ticket| ticket.file == file.to_string() && ticket.expires > core.now());
    ticket.map(|ticket| Reader::Link(ticket.account)).ok_or_else(|| {
        Error::new(Kind::Unauthorized, "auth:token", "The download token is not valid for this file, or has expired.")
            .hint("Get the file with your API key: its 'links.download' holds a fresh one.")
    })
}
