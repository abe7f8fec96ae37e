//! What the outside sees of things: the same JSON in answers, in events and in
//! webhooks. Field names are the API's own.

mod campaign;
mod catalog;
mod channel;
mod chat;
mod chat_content;
mod chat_file;
mod chat_message;
mod contact;
mod device;
mod file;
mod group;
mod label;
mod message;
mod profile;
mod status;
mod webhook;

pub use campaign::{Campaign, CampaignContact, CampaignExclusion, CampaignStats, Variable};
pub use catalog::CatalogProduct;
pub use channel::{Channel, ChannelChat, ChannelImage, ChatChannel};
pub use chat::{Chat, ChatLinks, ChatMeta, ChatOwner, ChatStats, Contact};
pub use chat_content::{
    ChatAttendee, ChatCard, ChatChoice, ChatEvent, ChatFileMeta, ChatFilePreview, ChatInvite, ChatList, ChatLocation,
    ChatMedia, ChatMediaLinks, ChatOrder, ChatPoll, ChatPollOption, ChatProduct, ChatSection, ChatVoter,
};
pub use chat_file::{ChatFile, ChatFileLinks, ChatFileStats};
pub use chat_message::{
    ChatMessage, ChatRef, Edit, MessageChat, MessageLinks, MessageMeta, PostCounts, Quoted, Reaction, ReactionCount,
};
pub use contact::{
    ContactBusiness, ContactDetails, ContactImage, ContactInfo, ContactLinks, ContactMeta, ContactPlace,
    ContactSubscription,
};
pub use device::{
    Billing, Device, DeviceAgent, DeviceQuickReplies, DeviceRef, DeviceSettings, Link, QueueView, Session,
    SessionFacts, SessionLog, SessionState, Subscription,
};
pub use file::{File, FileLinks, FileMeta, FilePreview, FileStats};
pub use group::{ChatGroup, Group, GroupParticipant, GroupPermissions};
pub use label::Label;
pub use message::{AgentRef, DeliveryRetry, MessageEvent, OutboundMessage, PRIORITIES, priority_word};
pub use profile::{BusinessDay, BusinessHours, BusinessProfile, Profile, ProfileImage};
pub use status::{Status, StatusViewer, StatusViews};
pub use webhook::{Webhook, WebhookLog, WebhookWithSecret};

use serde::Serialize;
use utoipa::ToSchema;

/// Something named by its id, where the whole of it is not shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ref {
    /// 24 hexadecimal digits.
    pub id: String,
}
