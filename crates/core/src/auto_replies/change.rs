//! Changes of what a number answers by itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::hours::WeekHours;
use crate::merge::present;

/// Changes of what a number answers by itself; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AutoRepliesChange {
    /// To who writes for the first time, or again after a long silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub welcome: Option<WelcomeChange>,
    /// To who writes outside of business hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away: Option<AwayChange>,
    /// To who writes while nobody of the team is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busy: Option<BusyChange>,
    /// To who calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallReplyChange>,
}

/// Changes of the welcome.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct WelcomeChange {
    /// Whether it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The text, or the file's caption; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 6000)]
    pub message: Option<Option<String>>,
    /// Id of a file that goes along; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub file: Option<Option<String>>,
    /// `all` or `new_contacts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// How long nothing must have been said, such as `14d`; 1m to 365d.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeframe: Option<String>,
    /// Not in chats that were resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_resolved: Option<bool>,
    /// Not in chats that somebody looks after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_assigned: Option<bool>,
}

/// Changes of the answer outside of business hours.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AwayChange {
    /// Whether it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The text, or the file's caption; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 6000)]
    pub message: Option<Option<String>>,
    /// Id of a file that goes along; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub file: Option<Option<String>>,
    /// `all` or `new_contacts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Not in chats that were resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_resolved: Option<bool>,
    /// Not in chats that somebody looks after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_assigned: Option<bool>,
    /// Not in chats that waited for an answer already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_pending: Option<bool>,
    /// IANA name of the zone of the hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Hours of its own; null for the number's operative hours.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<WeekHours>)]
    pub business_hours: Option<Option<WeekHours>>,
}

/// Changes of the answer while nobody is there.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct BusyChange {
    /// Whether it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The text, or the file's caption; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 6000)]
    pub message: Option<Option<String>>,
    /// Id of a file that goes along; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub file: Option<Option<String>>,
    /// `all` or `new_contacts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The least time between two, such as `5m`; 1m to 365d.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeframe: Option<String>,
    /// Not in chats that waited for an answer already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_pending: Option<bool>,
    /// Not in chats that were resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_resolved: Option<bool>,
    /// Not in chats that somebody looks after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_assigned: Option<bool>,
}

/// Changes of the answer to calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CallReplyChange {
    /// Whether calls are dealt with at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The text, or the file's caption; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 6000)]
    pub message: Option<Option<String>>,
    /// Id of a file that goes along; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub file: Option<Option<String>>,
    /// Whether the call is rejected, so that it stops ringing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reject: Option<bool>,
}
