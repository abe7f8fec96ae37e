//! Places.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::{Count, entries, optional, range};
use crate::error::{Error, Result};
use crate::network::Content;
use crate::network::content::Location;

const CODE: &str = "location:invalid";

/// A place: coordinates, or an address alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageLocation)]
pub struct LocationEntry {
    /// Latitude and longitude in degrees, north and east positive. With these it is sent as a place with a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 2, max_items = 2)]
    pub coordinates: Option<Vec<f64>>,
    /// Where it is. Without coordinates it is sent as a text with a link that opens it in a map: finding the
    /// coordinates of an address takes a service that this server does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 100)]
    pub address: Option<String>,
    /// What the place is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub name: Option<String>,
}

impl LocationEntry {
    pub(super) fn check(&self) -> Result<()> {
        optional(CODE, "location.address", self.address.as_deref(), Count::between(3, 100))?;
        optional(CODE, "location.name", self.name.as_deref(), Count::upto(100))?;
        match &self.coordinates {
            Some(list) => {
                entries(CODE, "location.coordinates", list.len(), Count::between(2, 2))?;
                range(CODE, "location.coordinates[0]", list[0], -90.0, 90.0)?;
                range(CODE, "location.coordinates[1]", list[1], -180.0, 180.0)
            }
            None if self.address.is_none() => {
                Err(Error::invalid(CODE, "The location has neither 'location.coordinates' nor 'location.address'.")
                    .hint("Give the coordinates as [latitude, longitude], or an address of 3 to 100 characters."))
            }
            None => Ok(()),
        }
    }

    /// As the network takes it.
    pub(in crate::outbound) fn to_content(&self) -> Content {
        if let Some([latitude, longitude]) = self.coordinates.as_deref() {
            return Content::Location(Location {
                latitude: *latitude,
                longitude: *longitude,
                name: self.name.clone(),
                address: self.address.clone(),
                live: false,
            });
        }
        let address = self.address.as_deref().unwrap_or_default().trim();
        let query: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        let lines: Vec<&str> = self.name.as_deref().into_iter().chain([address]).collect();
        Content::text(format!("{}\nhttps://www.google.com/maps/search/?api=1&query={query}", lines.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::LocationEntry;
    use crate::network::Content;

    #[test]
    fn an_address_alone_is_a_text_that_opens_in_a_map() {
        let place = LocationEntry {
            address: Some("1 High Street, Springfield".into()),
            name: Some("Office".into()),
            coordinates: None,
        };
        let Content::Text { body, .. } = place.to_content() else { panic!("a text") };
        assert_eq!(
            body,
            "Office\n1 High Street, Springfield\nhttps://www.google.com/maps/search/?api=1&query=1+High+Street%2C+Springfield"
        );
    }
}
