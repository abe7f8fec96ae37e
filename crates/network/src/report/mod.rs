//! What a link reports of its own accord, messages apart.

mod call;
mod channel;
mod chats;
mod contacts;
mod group;
mod labels;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::phone::Phone;
use crate::wid::Wid;

pub use call::Ring;
pub use channel::{ChannelNews, ChannelReport};
pub use chats::{ChatAction, ChatReport};
pub use contacts::{ContactNews, ContactReport, Person};
pub use group::{GroupNews, GroupReport};
pub use labels::LabelReport;

/// What a link tells its observer.
#[derive(Debug, Clone)]
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
    /// What has become known of people, in order.
    Contacts(Vec<ContactReport>),
    /// What was done with WhatsApp's own labels, in order.
    Labels(Vec<LabelReport>),
    /// The two addresses of one person.
    Addresses {
        /// By phone number.
        phone: Wid,
        /// By private id.
        lid: Wid,
    },
    /// Another device of the account has done something to a chat.
    Chat(ChatReport),
    /// Another device of the account has read messages.
    Seen {
        /// Their ids.
        ids: Vec<String>,
    },
    /// Parts of the phone's history that could not be fetched; it may be asked
    /// again.
    HistoryLost {
        /// How many.
        parts: usize,
    },
    /// Something has changed in a group.
    Group(GroupReport),
    /// Something has changed about a channel.
    Channel(ChannelReport),
    /// Something else that people see of the number has changed.
    Profile(ProfileNews),
    /// A business has changed its catalog.
    Catalog {
        /// Which.
        seller: Wid,
    },
    /// Somebody calls.
    Ring(Ring),
    /// A message arrived that could not be decrypted; a retry was asked for.
    Undecryptable {
        /// Message id.
        id: String,
        /// Where.
        chat: Wid,
    },
}

/// What has changed of what people see of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileNews {
    /// What it says about itself.
    About,
    /// Its picture.
    Picture,
    /// What it says as a business.
    Business,
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
