//! Places.

use sparkbot_network::{Location, NetworkError};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::{LiveLocationMessage, LocationMessage};

pub(super) fn check(location: &Location) -> Result<(), NetworkError> {
    let on_earth = (-90.0..=90.0).contains(&location.latitude) && (-180.0..=180.0).contains(&location.longitude);
    if on_earth { Ok(()) } else { Err(NetworkError::Invalid("there is no such latitude or longitude".to_owned())) }
}

pub(super) fn message(location: &Location) -> wa::Message {
    if location.live {
        let live = LiveLocationMessage {
            degrees_latitude: Some(location.latitude),
            degrees_longitude: Some(location.longitude),
            caption: location.name.clone(),
            sequence_number: Some(1),
            ..LiveLocationMessage::default()
        };
        return wa::Message { live_location_message: MessageField::some(live), ..wa::Message::default() };
    }
    wa::Message { location_message: MessageField::some(place(location)), ..wa::Message::default() }
}

/// A place that stays where it is; events have one too.
pub(super) fn place(location: &Location) -> LocationMessage {
    LocationMessage {
        degrees_latitude: Some(location.latitude),
        degrees_longitude: Some(location.longitude),
        name: location.name.clone(),
        address: location.address.clone(),
        ..LocationMessage::default()
    }
}
