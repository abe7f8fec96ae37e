//! What a phone tells of the past: [`arrival`] keeps each part before WhatsApp is
//! answered, [`read`] looks into one later, [`message`] puts its messages into
//! the shape of received ones.

pub(crate) mod arrival;
mod message;
mod read;

pub(crate) use arrival::Arrivals;
pub(crate) use read::read;

use sparkbot_network::HistoryKind;
use whatsapp_rust::wacore::store::device::default_history_sync_config;
use whatsapp_rust::waproto::whatsapp::device_props::HistorySyncConfig;

/// Days that a phone tells without being asked for its full history.
const RECENT_DAYS: u32 = 90;

/// The protobuf's number of a kind.
fn kind(number: i32) -> HistoryKind {
    match number {
        0 => HistoryKind::Initial,
        2 => HistoryKind::Full,
        3 => HistoryKind::Recent,
        4 => HistoryKind::Names,
        6 => HistoryKind::OnDemand,
        _ => HistoryKind::Other,
    }
}

/// What the phone is asked for when it is linked: whether for its full history,
/// and how far back.
pub(crate) fn wanted(days: u32) -> (bool, HistorySyncConfig) {
    let full = days > RECENT_DAYS;
    let config = HistorySyncConfig {
        full_sync_days_limit: full.then_some(days),
        recent_sync_days_limit: Some(days.min(RECENT_DAYS)),
        on_demand_ready: Some(true),
        complete_on_demand_ready: Some(true),
        ..default_history_sync_config()
    };
    (full, config)
}
