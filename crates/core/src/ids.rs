//! Ids of what an account owns: 24 lower-case hexadecimal digits, the first
//! eight the second of creation, so that they sort by age.

pub use sparkbot_store::ids::{
    AccountId, CampaignContactId, CampaignId, ChatFileId, DepartmentId, DeviceId, FileId, InvalidId, KeyId,
    MeetingLinkId, MessageId, QuickReplyId, UserId, WebhookId,
};
