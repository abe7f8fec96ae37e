//! Places and appointments.

use sparkbot_network::{Call, Event, Location};
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::{EventMessage, LocationMessage};

use super::some;

pub(super) fn read(base: &wa::Message) -> Option<Location> {
    if let Some(live) = base.live_location_message.as_option() {
        return Some(Location {
            latitude: live.degrees_latitude?,
            longitude: live.degrees_longitude?,
            name: some(live.caption.as_deref()),
            address: None,
            live: true,
        });
    }
    place(base.location_message.as_option()?)
}

fn place(location: &LocationMessage) -> Option<Location> {
    Some(Location {
        latitude: location.degrees_latitude?,
        longitude: location.degrees_longitude?,
        name: some(location.name.as_deref()),
        address: some(location.address.as_deref()),
        live: location.is_live.unwrap_or(false),
    })
}

pub(super) fn event(event: &EventMessage) -> Event {
    let link = some(event.join_link.as_deref());
    let is_call = event.is_schedule_call == Some(true);
    // Which kind of call it is stands in its link only.
    let call = match &link {
        Some(link) if link.contains("call.whatsapp.com/voice") => Some(Call::Voice),
        Some(link) if link.contains("call.whatsapp.com/") => Some(Call::Video),
        _ => is_call.then_some(Call::Voice),
    };
    Event {
        name: event.name.clone().unwrap_or_default(),
        description: some(event.description.as_deref()),
        location: event.location.as_option().and_then(place),
        starts_at: event.start_time.unwrap_or(0).saturating_mul(1000),
        ends_at: event.end_time.filter(|end| *end > 0).map(|end| end.saturating_mul(1000)),
        link,
        call,
        canceled: event.is_canceled.unwrap_or(false),
    }
}
