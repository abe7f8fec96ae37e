//! Changes of whom a number gives chats to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::merge::present;

/// Changes of whom a number gives chats to by itself; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AutoAssignChange {
    /// Whether it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// `round-robin`, `least-busy` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// First of all to whoever had the chat last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticky: Option<bool>,
    /// Department for chats that have none, by id or name; null for none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub department: Option<Option<String>>,
    /// To people who are online.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// To people who are away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away: Option<bool>,
    /// To people who are unavailable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<bool>,
    /// To people who are offline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline: Option<bool>,
    /// Whether a chat goes to somebody else when its person writes again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reassign: Option<bool>,
    /// Which chats do, and what becomes of those that nobody can be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reassign_options: Option<ReassignOptionsChange>,
    /// Minutes after which a chat that was not answered goes to somebody else; 0 is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reassign_after: Option<i64>,
}

/// Changes of which chats go to somebody else.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReassignOptionsChange {
    /// Those that were resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<bool>,
    /// Those that are open and whose agent is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Nobody has them when there is nobody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unassign: Option<bool>,
}
