//! What requests about profiles say.

use serde::Deserialize;
use sparkbot_core::profile::{BusinessChanges, CATEGORIES, HoursChange, MODES, ProfileChanges, WEEK};
use sparkbot_core::views::BusinessDay;
use utoipa::openapi::schema::{Object, ObjectBuilder};
use utoipa::{IntoParams, ToSchema};

use crate::request::words::{one_of, words};

words! {
    Part = &["image"];
    Category = CATEGORIES;
}

/// A required word with its description; an inlined type would be joined with a
/// contradicting object for that.
fn mode() -> Object {
    ObjectBuilder::from(one_of(MODES)).description(Some("Whether it is open.")).build()
}

/// What to show of a profile.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProfileParts {
    /// Show the picture itself, too, as a data URI in `image.data`.
    #[param(value_type = Vec<Part>, inline)]
    #[serde(default)]
    include: Vec<String>,
}

impl ProfileParts {
    pub(super) fn with_image(&self) -> bool {
        self.include.iter().any(|part| part == "image")
    }
}

/// Changes of what people see of a number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Ana's shop", "status": "Open again from Monday", "businessProfile": {
    "description": "Tea from small gardens", "address": "1 Harbour Street", "email": "shop@example.com",
    "websites": ["https://example.com"], "categories": ["grocery"],
    "businessHours": {"timezone": "Europe/Berlin", "monday": {"mode": "hours", "open": "09:00", "close": "17:30"}}}}))]
pub(crate) struct ChangeProfile {
    /// The name that the number gives itself.
    #[schema(min_length = 1, max_length = 25)]
    name: Option<String>,
    /// What it says about itself; an empty text removes it.
    #[schema(max_length = 139)]
    status: Option<String>,
    /// What it says of itself as a business; only for WhatsApp Business accounts.
    business_profile: Option<ChangeBusinessProfile>,
}

/// Changes of what a business says of itself; empty texts and lists remove.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeBusinessProfile {
    /// What it does.
    #[schema(max_length = 512)]
    description: Option<String>,
    /// Where it is.
    #[schema(max_length = 256)]
    address: Option<String>,
    /// Its e-mail address.
    #[schema(max_length = 128)]
    email: Option<String>,
    /// Its websites, all of them.
    #[schema(max_items = 2)]
    websites: Option<Vec<String>>,
    /// What kind of business it is.
    #[schema(value_type = Option<Vec<Category>>, inline, min_items = 1, max_items = 3)]
    categories: Option<Vec<String>>,
    /// When it is open; days that are not given stay.
    business_hours: Option<ChangeBusinessHours>,
}

/// Changes of opening hours.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBusinessHours {
    /// IANA name of the zone; UTC when none was ever given.
    #[schema(max_length = 64)]
    timezone: Option<String>,
    /// A day.
    monday: Option<ChangeBusinessDay>,
    /// A day.
    tuesday: Option<ChangeBusinessDay>,
    /// A day.
    wednesday: Option<ChangeBusinessDay>,
    /// A day.
    thursday: Option<ChangeBusinessDay>,
    /// A day.
    friday: Option<ChangeBusinessDay>,
    /// A day.
    saturday: Option<ChangeBusinessDay>,
    /// A day.
    sunday: Option<ChangeBusinessDay>,
}

/// When a business is open on a weekday.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBusinessDay {
    /// Whether it is open.
    #[schema(schema_with = mode)]
    mode: String,
    /// From when, with the mode `hours`: `09:00`.
    #[schema(max_length = 5)]
    open: Option<String>,
    /// Until when, with the mode `hours`: `17:30`.
    #[schema(max_length = 5)]
    close: Option<String>,
}

impl ChangeProfile {
    pub(super) fn into_changes(self) -> ProfileChanges {
        ProfileChanges {
            name: self.name,
            status: self.status,
            business: self.business_profile.map(ChangeBusinessProfile::into_changes),
        }
    }
}

impl ChangeBusinessProfile {
    fn into_changes(self) -> BusinessChanges {
        BusinessChanges {
            description: self.description,
            address: self.address,
            email: self.email,
            websites: self.websites,
            categories: self.categories,
            hours: self.business_hours.map(ChangeBusinessHours::into_change),
        }
    }
}

impl ChangeBusinessHours {
    fn into_change(self) -> HoursChange {
        let days = [self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday];
        let shown = |day: ChangeBusinessDay| BusinessDay { mode: day.mode, open: day.open, close: day.close };
        HoursChange {
            timezone: self.timezone,
            days: WEEK.iter().zip(days).filter_map(|((day, _), wanted)| Some((*day, shown(wanted?)))).collect(),
        }
    }
}
