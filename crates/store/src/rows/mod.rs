//! One file per resource: its row and its queries.

mod account;
mod assignment;
mod audit;
mod auto_reply;
mod blob;
mod campaign;
mod catalog;
mod channel;
mod chat;
mod chat_file;
mod contact;
mod department;
mod device;
mod event;
mod file;
mod group;
mod history;
mod idempotency;
mod key;
mod label;
mod lease;
mod meeting_link;
mod message;
#[cfg(test)]
mod plans;
mod profile;
mod queue;
mod quick_reply;
mod receipt;
#[cfg(test)]
mod searches;
mod sight;
mod status;
mod user;
mod webhook;

pub use account::AccountRow;
pub use assignment::WaitRow;
pub use audit::{AuditFilter, AuditRow};
pub use auto_reply::AutoReplyRow;
pub use blob::BlobRow;
pub use campaign::{
    CampaignContactFilter, CampaignContactRow, CampaignCounts, CampaignDeviceRow, CampaignFilter, CampaignRow,
    ExclusionFilter, ExclusionRow,
};
pub use catalog::CatalogRow;
pub use channel::{ChannelFilter, ChannelRow};
pub use chat::{
    ChatChangeRow, ChatFilter, ChatMessageFilter, ChatMessageRow, ChatOrder, ChatRow, ChatWishRow, MarkRow, Place,
    PurgeRow, chat_kind,
};
pub use chat_file::{ChatFileFilter, ChatFileRow};
pub use contact::{ContactFilter, ContactOrder, ContactPictureRow, ContactRow};
pub use department::DepartmentRow;
pub use device::{DeviceFilter, DeviceRow, SessionLogRow};
pub use event::{EventFilter, EventRow, NewEvent};
pub use file::{FileCopyRow, FileFilter, FileOrder, FileRow};
pub use group::{GroupFilter, GroupRow, ParticipantFilter, ParticipantRow};
pub use history::{HistoryPartRow, PastChatRow};
pub use idempotency::IdempotencyRow;
pub use key::KeyRow;
pub use label::LabelRow;
pub use lease::LeaseRow;
pub use meeting_link::{MeetingLinkFilter, MeetingLinkRow};
pub use message::{Counts, DueMessage, Hold, MessageFilter, MessageRow, Receipt, TargetRow, WaitingFilter};
pub use profile::ProfileRow;
pub use queue::QueueRow;
pub use quick_reply::{QuickReplyFilter, QuickReplyRow};
pub use receipt::ReceiptRow;
pub use sight::Sight;
pub use status::STATUS_CHAT;
pub use user::{AccessRow, UserFilter, UserRow};
pub use webhook::{DeliveryRow, RetryRow, WebhookFilter, WebhookRow};

use crate::connection::Connection;

use crate::actor::Actor;
use crate::ids::AccountId;
use crate::known::Look;

/// Everything that belongs to one account; there is no way to its rows without
/// it.
pub struct Account<'c> {
    pub(crate) conn: &'c mut Connection,
    pub(crate) id: &'c AccountId,
    /// Who asks; without one the server itself does.
    pub(crate) actor: Option<&'c Actor>,
    /// Numbers that were read last.
    pub(crate) look: Option<Look<'c>>,
}

/// What concerns the whole server: first start, senders, deliveries, leases.
pub struct Server<'c> {
    pub(crate) conn: &'c mut Connection,
}
