//! What people see of a number, and what a business says of itself.

use serde::{Deserialize, Serialize};

/// Where a picture is, for as long as WhatsApp's address is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfilePicture {
    /// WhatsApp's id; another picture has another one.
    pub id: String,
    /// Where it is fetched from.
    pub url: String,
}

/// What WhatsApp shows of the number itself, its name apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnProfile {
    /// What it says about itself.
    pub about: Option<String>,
    /// Its picture.
    pub picture: Option<ProfilePicture>,
    /// What it says as a business; `None` for accounts that are none.
    pub business: Option<BusinessProfile>,
}

/// What a business says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BusinessProfile {
    /// What it does.
    pub description: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its websites.
    pub websites: Vec<String>,
    /// What kind of business it is.
    pub categories: Vec<BusinessCategory>,
    /// When it is open.
    pub hours: Option<BusinessHours>,
}

/// A kind of business, as WhatsApp names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessCategory {
    /// WhatsApp's id of it.
    pub id: String,
    /// In the language of WhatsApp's answer.
    pub name: String,
}

/// When a business is open. A weekday that is not named is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessHours {
    /// IANA name of the zone, such as `Europe/Berlin`.
    pub timezone: String,
    /// From Sunday to Saturday.
    pub days: Vec<OpeningDay>,
}

/// A weekday on which a business is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningDay {
    /// Which.
    pub day: Weekday,
    /// How long.
    pub opening: Opening,
}

/// A weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "they are the days of the week")]
pub enum Weekday {
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

/// How long a business is open on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Opening {
    /// Day and night.
    AllDay,
    /// To those who have an appointment.
    ByAppointment,
    /// From and to, in minutes since midnight.
    Hours(u16, u16),
}

/// What a business says of itself from now on; absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessChange {
    /// Empty removes it.
    pub description: Option<String>,
    /// Empty removes it.
    pub address: Option<String>,
    /// Empty removes it.
    pub email: Option<String>,
    /// All of them.
    pub websites: Option<Vec<String>>,
    /// WhatsApp's ids of all of them.
    pub categories: Option<Vec<String>>,
    /// The whole week.
    pub hours: Option<BusinessHours>,
}
