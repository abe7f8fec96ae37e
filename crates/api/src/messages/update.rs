//! What `PATCH /v1/messages/{messageId}` may say.

use serde::Deserialize;
use sparkbot_core::outbound::{Changes, Receiver};
use utoipa::ToSchema;

use crate::error::Answer;
use crate::request::parse_id;
use crate::request::words::words;

words! {
    NewPriority = &["low", "normal", "high", "urgent"];
    Removable = sparkbot_core::outbound::REMOVABLE;
}

/// What to change of a message that waits; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"deliverAt": "2030-01-31T09:30:00Z", "priority": "high"}))]
pub(crate) struct UpdateMessage {
    /// The text, or the text along with what it says.
    #[schema(max_length = 6000)]
    message: Option<String>,
    /// To another person, in E.164.
    #[schema(max_length = 40)]
    phone: Option<String>,
    /// To another group, `…@g.us`.
    #[schema(max_length = 50)]
    group: Option<String>,
    /// To another channel, `…@newsletter`.
    #[schema(max_length = 50)]
    channel: Option<String>,
    /// To another chat, by its WhatsApp id or a phone number.
    #[schema(max_length = 50)]
    chat: Option<String>,
    /// Id of another number to send it.
    device: Option<String>,
    /// Id of the team member in whose name it is sent.
    #[schema(max_length = 24)]
    agent: Option<String>,
    /// Not before this time, ISO 8601 with a time zone.
    #[schema(format = DateTime)]
    deliver_at: Option<String>,
    /// Which messages of the queue leave first.
    #[schema(value_type = Option<NewPriority>, inline)]
    priority: Option<String>,
    /// Your own id for it.
    #[schema(max_length = 128)]
    reference: Option<String>,
    /// What to take out of it. Without its file, a message is the text that went along with it.
    #[schema(value_type = Option<Vec<Removable>>, inline)]
    remove: Option<Vec<String>>,
    /// Label to put on the chat.
    #[schema(max_length = 30)]
    label: Option<String>,
}

impl UpdateMessage {
    pub(super) fn into_changes(self) -> Answer<Changes> {
        Ok(Changes {
            message: self.message,
            receiver: Receiver {
                phone: given(self.phone),
                group: given(self.group),
                channel: given(self.channel),
                chat: given(self.chat),
                status: false,
            },
            device: given(self.device).map(|id| parse_id(&id)).transpose()?,
            agent: given(self.agent),
            deliver_at: given(self.deliver_at),
            priority: given(self.priority),
            reference: given(self.reference),
            label: given(self.label),
            remove: self.remove.unwrap_or_default(),
        })
    }
}

/// Forms send optional fields that nobody filled in as empty strings.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
