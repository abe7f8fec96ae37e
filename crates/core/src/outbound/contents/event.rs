//! Appointments and the answers to them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::{Count, characters, optional, range};
use crate::clock::parse_iso;
use crate::error::{Error, Result};
use crate::network::content::{Call, Event, Location};

const CODE: &str = "event:invalid";

/// An appointment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MessageAppointment)]
pub struct EventEntry {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    pub description: Option<String>,
    /// When it starts, ISO 8601 with a time zone.
    #[schema(format = DateTime)]
    pub date: String,
    /// Where it takes place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    pub location: Option<String>,
    /// Degrees, north positive; with `longitude`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -90, maximum = 90)]
    pub latitude: Option<f64>,
    /// Degrees, east positive; with `latitude`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -180, maximum = 180)]
    pub longitude: Option<f64>,
    /// The kind of call that is made then: `voice` or `video`; absent or `none` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// A link to join by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub link: Option<String>,
}

/// An answer to an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageAppointmentReply)]
pub struct EventReply {
    /// WhatsApp id of the appointment's message.
    #[schema(max_length = 32)]
    pub event: String,
    /// Whether one comes.
    pub confirm: bool,
}

impl EventEntry {
    pub(super) fn check(&self) -> Result<()> {
        characters(CODE, "event.name", &self.name, Count::from_one_to(100))?;
        optional(CODE, "event.description", self.description.as_deref(), Count::upto(2048))?;
        optional(CODE, "event.location", self.location.as_deref(), Count::upto(255))?;
        optional(CODE, "event.link", self.link.as_deref(), Count::upto(1000))?;
        match (self.latitude, self.longitude) {
            (Some(latitude), Some(longitude)) => {
                range(CODE, "event.latitude", latitude, -90.0, 90.0)?;
                range(CODE, "event.longitude", longitude, -180.0, 180.0)?;
            }
            (None, None) => {}
            _ => return Err(Error::invalid(CODE, "event.latitude and event.longitude go together.")),
        }
        self.starts_at()?;
        self.call_kind()?;
        Ok(())
    }

    fn starts_at(&self) -> Result<i64> {
        parse_iso(&self.date).ok_or_else(|| {
            Error::invalid(
                CODE,
                format!("event.date is '{}'; it must be a date such as 2026-01-31T09:30:00Z.", self.date),
            )
        })
    }

    fn call_kind(&self) -> Result<Option<Call>> {
        match self.call.as_deref() {
            None | Some("" | "none") => Ok(None),
            Some("voice") => Ok(Some(Call::Voice)),
            Some("video") => Ok(Some(Call::Video)),
            Some(other) => {
                Err(Error::invalid(CODE, format!("event.call is '{other}'; it must be none, voice or video.")))
            }
        }
    }

    /// As the network takes it.
    pub(in crate::outbound) fn to_network(&self) -> Result<Event> {
        let place = self.latitude.zip(self.longitude);
        let location = (place.is_some() || self.location.is_some()).then(|| Location {
            latitude: place.map_or(0.0, |(latitude, _)| latitude),
            longitude: place.map_or(0.0, |(_, longitude)| longitude),
            name: self.location.clone(),
            address: None,
            live: false,
        });
        Ok(Event {
            name: self.name.clone(),
            description: self.description.clone(),
            location,
            starts_at: self.starts_at()?,
            ends_at: None,
            link: self.link.clone(),
            call: self.call_kind()?,
            canceled: false,
        })
    }
}
