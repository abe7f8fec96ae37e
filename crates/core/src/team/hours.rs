//! When a number's team works.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::DeviceRow;
use utoipa::ToSchema;

use crate::clock::parse_iso;
use crate::error::{Error, Result};
use crate::hours::{Schedule, WeekHours, zone};
use crate::network::Millis;
use crate::views::DeviceSettings;

/// When a number's team works: outside of it no rule gives anybody a chat, and
/// the away reply is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct OperativeHours {
    /// Whether there are such hours; without, it is always open.
    pub enable: bool,
    /// IANA name of the zone of the hours.
    pub timezone: String,
    /// The hours of each day.
    pub hours: WeekHours,
    /// Open in any case until then, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except_until: Option<String>,
    /// When that exception was made, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except_active_at: Option<String>,
    /// Who has made it: a team member's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except_user: Option<String>,
}

impl Default for OperativeHours {
    fn default() -> Self {
        Self {
            enable: false,
            timezone: "UTC".to_owned(),
            hours: WeekHours::default(),
            except_until: None,
            except_active_at: None,
            except_user: None,
        }
    }
}

impl OperativeHours {
    /// Those of a number.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(device: &DeviceRow) -> Result<Self> {
        let settings: DeviceSettings = serde_json::from_str(&device.settings).map_err(Error::internal)?;
        Ok(settings.operative_hours)
    }

    /// Whether the team works now; it does should the zone not be known any more.
    #[must_use]
    pub fn is_open(&self, now: Millis) -> bool {
        !self.enable || self.excepted(now) || self.schedule().map_or(true, |schedule| schedule.is_open(now))
    }

    fn excepted(&self, now: Millis) -> bool {
        self.except_until.as_deref().and_then(parse_iso).is_some_and(|until| until > now)
    }

    /// The hours in their zone.
    ///
    /// # Errors
    /// When the zone is not known any more.
    pub fn schedule(&self) -> Result<Schedule> {
        Schedule::new(&self.hours, &self.timezone)
    }

    /// Refuses hours that are none.
    ///
    /// # Errors
    /// `hours:invalid`, `hours:timezone`.
    pub fn check(&self) -> Result<()> {
        zone(&self.timezone)?;
        self.hours.check("settings.operativeHours.hours")?;
        match self.except_until.as_deref() {
            Some(text) if parse_iso(text).is_none() => {
                let shown: String = text.chars().take(40).collect();
                Err(Error::invalid(
                    "hours:invalid",
                    format!("settings.operativeHours.exceptUntil is '{shown}', which is no date in ISO 8601."),
                ))
            }
            _ => Ok(()),
        }
    }
}
