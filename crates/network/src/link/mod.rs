//! A linked number and the network it belongs to; one trait per room of the API.

mod calls;
mod catalog;
mod channels;
mod chats;
mod contacts;
mod groups;
mod history;
mod labels;
mod meetings;
mod profile;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use crate::clock::Millis;
use crate::content::{Product, Target};
use crate::error::NetworkError;
use crate::history::HistoryPart;
use crate::outgoing::{Outgoing, Sent};
use crate::phone::Phone;
use crate::received::Received;
use crate::report::Report;
use crate::session_state::SessionState;
use crate::wid::Wid;
use sparkbot_store::ids::DeviceId;

pub use calls::CallLink;
pub use catalog::CatalogLink;
pub use channels::ChannelLink;
pub use chats::{Activity, ChatChange, ChatLink};
pub use contacts::{BusinessProfile, ContactLink, PersonPicture, PersonProfile};
pub use groups::GroupLink;
pub use history::HistoryLink;
pub use labels::LabelLink;
pub use meetings::MeetingLink;
pub use profile::ProfileLink;

/// Opens links. One per process.
#[async_trait]
pub trait Network: Send + Sync + 'static {
    /// Starts driving one number: connects in the background, keeps
    /// reconnecting with back-off and jitter, and tells `observer` what happens.
    ///
    /// Returns as soon as the driver runs, not when it is online. A number that
    /// has no credentials in `state` reports [`Report::Qr`] rounds after
    /// connecting and waits to be linked.
    ///
    /// # Errors
    /// [`NetworkError::State`] when the stored credentials cannot be read.
    async fn open(
        &self,
        device: DeviceId,
        state: SessionState,
        observer: Arc<dyn Observer>,
    ) -> Result<Arc<dyn Link>, NetworkError>;

    /// Whether `state` holds the credentials of a linked number, without
    /// connecting. A number that was about to be linked when the server died
    /// has state but no credentials.
    ///
    /// # Errors
    /// [`NetworkError::State`] when the state cannot be read.
    async fn is_linked(&self, state: &SessionState) -> Result<bool, NetworkError>;
}

/// One number as the protocol client drives it. Dropping it does not stop it;
/// [`Link::close`] does.
#[async_trait]
pub trait Link:
    ChannelLink
    + ChatLink
    + ContactLink
    + LabelLink
    + GroupLink
    + HistoryLink
    + MeetingLink
    + CatalogLink
    + ProfileLink
    + CallLink
    + Send
    + Sync
    + 'static
{
    /// Asks WhatsApp for an 8-character code for `phone`, waiting for the
    /// connection first (at most 20 s). Cancels a code that is still alive.
    async fn request_code(&self, phone: &Phone) -> Result<LinkCode, NetworkError>;

    /// Sends one message under the id it carries and returns once WhatsApp's
    /// server has acknowledged it.
    ///
    /// Calling it again with the same id is allowed at any time: receivers drop
    /// the copy.
    async fn send(&self, message: Outgoing) -> Result<Sent, NetworkError>;

    /// Which of the numbers WhatsApp knows, in the order asked.
    async fn exists(&self, phones: &[Phone]) -> Result<Vec<Existence>, NetworkError>;

    /// Tells the senders that their messages were read.
    async fn mark_read(&self, chat: &Wid, author: Option<&Wid>, ids: &[String]) -> Result<(), NetworkError>;

    /// Fetches the file of a received or sent message, decrypted and verified,
    /// into `into` (created, or emptied first). When WhatsApp no longer holds
    /// it, the phone is asked once to upload it again.
    ///
    /// `raw` is the message's protobuf, `message` where it stands.
    ///
    /// # Errors
    /// [`NetworkError::Gone`] when neither WhatsApp nor the phone has it;
    /// [`NetworkError::TooLarge`] when it is larger than `limit` bytes.
    async fn download(&self, message: &Target, raw: &[u8], into: &Path, limit: u64) -> Result<(), NetworkError>;

    /// Deletes a message on all devices of the own account only.
    async fn delete_for_me(&self, message: &Target, at: Millis, delete_media: bool) -> Result<(), NetworkError>;

    /// One product of a business's catalog, and the address of its picture;
    /// `None` when there is no such product.
    async fn product(&self, seller: &Wid, id: &str) -> Result<Option<(Product, Option<String>)>, NetworkError>;

    /// Compares local collections with WhatsApp's and fetches what is missing.
    async fn sync(&self) -> Result<(), NetworkError>;

    /// Removes this companion from the phone's list. The credentials are void
    /// afterwards even if this fails; the caller clears them.
    async fn logout(&self) -> Result<(), NetworkError>;

    /// Closes the socket and ends the driver. Everything acknowledged before is
    /// in `state` when this returns.
    async fn close(&self);

    /// What is measured right now, never what is believed.
    async fn health(&self) -> LinkHealth;
}

/// Where a link reports. Calls for one number arrive one after the other and
/// in order, except [`Observer::received`], which has a lane of its own.
#[async_trait]
pub trait Observer: Send + Sync + 'static {
    /// Decrypted messages, in arrival order. WhatsApp is answered only after
    /// this returns `Ok`; on `Err` it delivers them again.
    ///
    /// A batch may repeat messages that were committed before; it is told apart
    /// by (chat, author, id).
    async fn received(&self, batch: Vec<Received>) -> Result<(), ObserverError>;

    /// A part of the phone's history. WhatsApp is answered only after this
    /// returns `Ok`; it is read later, by [`HistoryLink::read_history`].
    async fn history(&self, part: HistoryPart) -> Result<(), ObserverError>;

    /// Anything else that happened.
    async fn report(&self, report: Report);
}

/// The observer could not commit; the batch must be delivered again.
#[derive(Debug, thiserror::Error)]
#[error("not committed: {0}")]
pub struct ObserverError(pub String);

/// A link code and its life.
#[derive(Debug, Clone)]
pub struct LinkCode {
    /// Eight characters with a dash: `ABCD-EFGH`.
    pub code: String,
    /// How long WhatsApp takes it.
    pub expires_in: Duration,
}

/// Whether WhatsApp knows a number.
#[derive(Debug, Clone)]
pub struct Existence {
    /// As asked.
    pub phone: Phone,
    /// The id it is known by, `None` when it is not on WhatsApp.
    pub wid: Option<Wid>,
    /// Its private id, when told.
    pub lid: Option<Wid>,
    /// Whether it is a business account, and its verified name.
    pub business: Option<Option<String>>,
}

/// What is measured of a link.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkHealth {
    /// Whether the socket is open and logged in.
    pub connected: bool,
    /// Whether credentials exist.
    pub linked: bool,
    /// When the last frame arrived.
    pub last_frame_at: Option<Millis>,
    /// When WhatsApp last acknowledged a message of ours.
    pub last_send_at: Option<Millis>,
    /// WhatsApp's clock minus ours.
    pub clock_offset_ms: Option<i64>,
    /// One-time keys left on the server at the last count.
    pub server_prekeys: Option<u32>,
    /// The client version in use, `2.3000.N`.
    pub client_version: Option<String>,
    /// Whether WhatsApp accepted it at the last login.
    pub client_version_accepted: Option<bool>,
    /// Reconnects since the driver started.
    pub reconnects: u32,
}
