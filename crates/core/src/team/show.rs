//! People as they are shown.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::UserRow;
use utoipa::ToSchema;

use super::availability::state_of;
use crate::clock::iso;
use crate::error::{Error, Result};

/// A member of the team.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// 24 hexadecimal digits.
    pub id: String,
    /// What people call them.
    pub display_name: String,
    /// In small letters; null for the first administrator until one is given.
    pub email: Option<String>,
    /// `admin`, `supervisor` or `agent`.
    pub role: String,
    /// `active`, `pending` (invited) or `suspended`.
    pub status: String,
    /// How they are shown.
    pub settings: MemberSettings,
    /// Whether they are there.
    pub availability: Availability,
    /// Last login with a password, ISO 8601.
    pub last_login_at: Option<String>,
    /// Last request, to the minute, ISO 8601.
    pub last_seen_at: Option<String>,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
    /// How an invited person gets in; only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Invitation>,
}

/// How a person is shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberSettings {
    /// Colour in lists.
    pub color: String,
}

/// Whether a person is there.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Availability {
    /// What they have set: `auto`, or one of the states.
    pub mode: String,
    /// What that means right now: `online`, `away`, `unavailable` or `offline`.
    pub state: &'static str,
    /// A few words of theirs.
    pub message: Option<String>,
    /// When they have set it, ISO 8601.
    pub updated_at: Option<String>,
}

/// How an invited person gets in.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The secret of the link; told only this once.
    pub token: String,
    /// Where the person sends their password, with POST.
    pub path: String,
    /// When it ends, ISO 8601.
    pub expires_at: String,
}

/// What is kept of [`Availability`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct KeptAvailability {
    #[serde(default)]
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) updated_at: Option<i64>,
}

impl KeptAvailability {
    pub(super) fn of(row: &UserRow) -> Result<Self> {
        serde_json::from_str(&row.availability).map_err(Error::internal)
    }
}

impl Member {
    /// From the row.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(row: &UserRow, now: i64) -> Result<Self> {
        let kept = KeptAvailability::of(row)?;
        Ok(Self {
            id: row.id.to_string(),
            display_name: row.name.clone(),
            email: row.email.clone(),
            role: row.role.clone(),
            status: row.status.clone(),
            settings: MemberSettings { color: row.color.clone() },
            availability: Availability {
                state: state_of(row, now)?,
                mode: kept.mode.unwrap_or_else(|| "auto".to_owned()),
                message: kept.message,
                updated_at: kept.updated_at.map(iso),
            },
            last_login_at: row.last_login_at.map(iso),
            last_seen_at: row.last_seen_at.map(iso),
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
            invitation: None,
        })
    }
}
