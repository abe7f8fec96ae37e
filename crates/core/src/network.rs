//! The port to WhatsApp: what core asks of a linked number, and what a linked
//! number reports back. `sparkbot-whatsapp` implements [`Network`] and [`Link`];
//! core implements [`Observer`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::ids::DeviceId;
use crate::phone::Phone;
use crate::session_state::SessionState;
use crate::wid::Wid;

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;

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
pub trait Link: Send + Sync + 'static {
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

    /// Shows or ends "typing…" in a chat.
    async fn set_typing(&self, chat: &Wid, typing: bool) -> Result<(), NetworkError>;

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

    /// Anything else that happened.
    async fn report(&self, report: Report);
}

/// The observer could not commit; the batch must be delivered again.
#[derive(Debug, thiserror::Error)]
#[error("not committed: {0}")]
pub struct ObserverError(pub String);

/// What a link tells its observer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Report {
    /// Socket up, not logged in yet (linking) or logging in.
    Connecting,
    /// A QR to show. `attempt` counts from 1 within a round of six.
    Qr {
        /// What the QR says.
        data: String,
        /// Counts from 1 within a round.
        attempt: u32,
        /// How long it is good for.
        expires_in: Duration,
    },
    /// All QRs of the round have expired; a new `open` starts again.
    QrExhausted,
    /// The phone has answered a code or a scan; keys are being exchanged.
    Authorizing,
    /// A code ended without a link.
    CodeEnded {
        /// What ended it.
        why: CodeEnd,
    },
    /// The number is linked; credentials are durable.
    Linked {
        /// The number.
        phone: Phone,
        /// Its id.
        wid: Wid,
        /// Its private id, where told.
        lid: Option<Wid>,
        /// The name it gives itself.
        push_name: Option<String>,
        /// Verified name of a business account.
        business_name: Option<String>,
        /// What the phone runs, as WhatsApp says.
        platform: Option<String>,
    },
    /// Linked, but the account refused (bad signature, hosted account…).
    LinkFailed {
        /// In WhatsApp's or the client's words.
        reason: String,
    },
    /// A passkey is needed to finish linking.
    PasskeyRequired,
    /// Logged in; app state and keys are being fetched.
    Loading,
    /// Messages can be sent.
    Online {
        /// The number.
        phone: Phone,
        /// The name it gives itself.
        push_name: Option<String>,
    },
    /// The connection is gone; the driver retries after `retry_in`.
    Offline {
        /// In WhatsApp's or the client's words.
        reason: String,
        /// When it is tried again.
        retry_in: Option<Duration>,
    },
    /// The phone has removed this companion, or WhatsApp has.
    Unlinked {
        /// In WhatsApp's or the client's words.
        reason: String,
    },
    /// Another client has taken this session over.
    Replaced,
    /// WhatsApp has banned the number, for `expires_in` or for good.
    Banned {
        /// In WhatsApp's or the client's words.
        reason: String,
        /// WhatsApp's code.
        code: Option<i64>,
        /// Until it ends by itself.
        expires_in: Option<Duration>,
    },
    /// WhatsApp no longer accepts this client version.
    Outdated,
    /// The account may not write to people it has no history with (code 463
    /// and its like).
    Restricted {
        /// WhatsApp's code.
        code: u32,
        /// In WhatsApp's or the client's words.
        reason: String,
    },
    /// A receipt for messages that this account has sent.
    Receipt(Receipt),
    /// A message was acknowledged by the server outside of a `send` call.
    ServerAck {
        /// Message id.
        id: String,
        /// Server time.
        at: Option<Millis>,
        /// WhatsApp's code, when it refused.
        error: Option<u32>,
    },
    /// The number's own name has changed.
    PushName {
        /// The new name.
        name: String,
    },
    /// What WhatsApp says of a person.
    ContactName {
        /// Its id.
        wid: Wid,
        /// Its private id, where told.
        lid: Option<Wid>,
        /// Name in the address book.
        name: Option<String>,
        /// The name it gives itself.
        push_name: Option<String>,
    },
    /// The two addresses of one person.
    Addresses {
        /// By phone number.
        phone: Wid,
        /// By private id.
        lid: Wid,
    },
    /// A message arrived that could not be decrypted; a retry was asked for.
    Undecryptable {
        /// Message id.
        id: String,
        /// Where.
        chat: Wid,
    },
}

/// Why a link code is no longer good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeEnd {
    /// Its 180 s are over.
    Expired,
    /// WhatsApp or the phone refused it.
    Refused,
    /// Another code took its place.
    Replaced,
}

/// A link code and its life.
#[derive(Debug, Clone)]
pub struct LinkCode {
    /// Eight characters with a dash: `ABCD-EFGH`.
    pub code: String,
    /// How long WhatsApp takes it.
    pub expires_in: Duration,
}

/// A message on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// WhatsApp message id, upper-case hexadecimal, chosen at enqueue.
    pub id: String,
    /// Person, group or channel.
    pub to: Wid,
    /// What it says.
    pub content: Content,
    /// The message it answers.
    pub quote: Option<Quote>,
}

/// What a message says, as far as it is sent today.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Plain text, UTF-8.
    Text(String),
}

/// Enough of a message to quote it.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The quoted message's id.
    pub id: String,
    /// Who wrote it.
    pub author: Wid,
    /// Its text, as shown in the quote.
    pub text: String,
}

/// WhatsApp's server has taken the message.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Server time of the acknowledgement.
    pub at: Option<Millis>,
    /// The id of the chat as WhatsApp knows it, when it differs from what was
    /// asked (a number that was normalised).
    pub chat: Option<Wid>,
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

/// A decrypted message that arrived, from a person or from another device of
/// the same account (`from_me`).
#[derive(Debug, Clone)]
pub struct Received {
    /// WhatsApp message id.
    pub id: String,
    /// Chat as a phone-number id where known, with the LID beside it.
    pub chat: Wid,
    /// The chat's private id where known.
    pub chat_lid: Option<Wid>,
    /// Who wrote it: in a one-to-one chat the chat itself or the own number.
    pub author: Wid,
    /// The author's private id where known.
    pub author_lid: Option<Wid>,
    /// Whether the own account wrote it (on the phone or another companion).
    pub from_me: bool,
    /// Server time.
    pub at: Millis,
    /// The name the sender gives itself.
    pub push_name: Option<String>,
    /// What kind of message, in the API's words: `text`, `image`, `poll`…
    pub kind: String,
    /// Text or caption.
    pub body: Option<String>,
    /// Id of the message it answers.
    pub quoted: Option<QuotedRef>,
    /// Whether it was delivered from the offline queue.
    pub offline: bool,
    /// Forwarded, ephemeral and so on: what `meta` of a chat message shows.
    pub flags: Flags,
    /// The decrypted protobuf, for kinds that core does not read yet.
    pub raw: bytes::Bytes,
}

/// The quoted message as the quoting one carries it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuotedRef {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: Option<Wid>,
    /// Its text, when carried.
    pub body: Option<String>,
}

/// Small facts about a received message.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Flags {
    /// Marked as forwarded.
    pub forwarded: bool,
    /// Disappears after this many seconds.
    pub ephemeral_seconds: Option<u32>,
    /// Can be opened once.
    pub view_once: bool,
    /// Sent to a broadcast list.
    pub broadcast: bool,
}

/// A receipt for messages of ours.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Messages it is about.
    pub ids: Vec<String>,
    /// The chat.
    pub chat: Wid,
    /// Who has received or read: in a one-to-one chat the person.
    pub by: Wid,
    /// What has happened.
    pub kind: ReceiptKind,
    /// Server time.
    pub at: Millis,
}

/// What a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// A device of the receiver has it.
    Delivered,
    /// The receiver has read it.
    Read,
    /// The receiver has played it (voice, view once).
    Played,
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

/// Why a link could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// No connection; try again later.
    #[error("WhatsApp can't be reached: {0}")]
    Unreachable(String),
    /// The number is not linked.
    #[error("the number is not linked")]
    NotLinked,
    /// The number is linked already; a code makes no sense.
    #[error("the number is already linked")]
    AlreadyLinked,
    /// Too many attempts; wait.
    #[error("WhatsApp refuses for too many attempts")]
    TooManyAttempts {
        /// When to try again, where told.
        retry_after: Option<Duration>,
    },
    /// A passkey is needed.
    #[error("the account needs a passkey")]
    PasskeyRequired,
    /// WhatsApp has refused the message or request for good.
    #[error("WhatsApp refused: {reason} ({code})")]
    Refused {
        /// WhatsApp's code.
        code: u32,
        /// In WhatsApp's or the client's words.
        reason: String,
    },
    /// No answer in time; the message may or may not have left.
    #[error("no answer from WhatsApp in time")]
    Timeout,
    /// The receiver is not on WhatsApp.
    #[error("{0} is not on WhatsApp")]
    NoSuchReceiver(String),
    /// This kind of message can't be built.
    #[error("invalid message: {0}")]
    Invalid(String),
    /// The local state can't be read or written.
    #[error("local state: {0}")]
    State(String),
    /// The driver has been closed.
    #[error("the link is closed")]
    Closed,
}
