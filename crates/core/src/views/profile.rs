//! What WhatsApp shows of a number.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What WhatsApp shows of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// The name that the number gives itself.
    pub name: Option<String>,
    /// Its picture.
    pub image: Option<ProfileImage>,
    /// Same as `status`, as older clients read it.
    pub info: Option<String>,
    /// What it says about itself.
    pub status: Option<String>,
    /// Whether it is a WhatsApp Business account.
    pub is_business: bool,
    /// What it says of itself as a business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_profile: Option<BusinessProfile>,
    /// When WhatsApp was last asked, ISO 8601.
    pub last_sync_at: Option<String>,
}

/// A number's picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileImage {
    /// WhatsApp's id; another picture has another one.
    pub id: String,
    /// Where this server hands it out.
    pub url: String,
    /// The picture itself as a data URI; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// What a business says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessProfile {
    /// What it does.
    pub description: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its websites.
    pub websites: Vec<String>,
    /// What kind of business it is: `restaurant` and the like; WhatsApp's own name for kinds that have no word here.
    pub categories: Vec<String>,
    /// When it is open.
    pub business_hours: Option<BusinessHours>,
}

/// When a business is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BusinessHours {
    /// IANA name of the zone.
    pub timezone: String,
    /// A day.
    pub monday: BusinessDay,
    /// A day.
    pub tuesday: BusinessDay,
    /// A day.
    pub wednesday: BusinessDay,
    /// A day.
    pub thursday: BusinessDay,
    /// A day.
    pub friday: BusinessDay,
    /// A day.
    pub saturday: BusinessDay,
    /// A day.
    pub sunday: BusinessDay,
}

/// When a business is open on a weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BusinessDay {
    /// `hours`, `24h_open`, `24h_closed` or `appointment`.
    pub mode: String,
    /// From when, `09:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// Until when, `17:30`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<String>,
}
