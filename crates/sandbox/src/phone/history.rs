//! History sync: so far the empty first part that clients wait for.

use std::io::Write as _;

use buffa::{Message as _, MessageField};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type;

use super::{outgoing, sync_keys};
use crate::ids::AccountId;
use crate::world::World;

/// Sends the initial history, without conversations, inside the notification
/// itself, so that no media host is needed.
pub(crate) fn send_bootstrap(world: &mut World, me: AccountId, device: u16) {
    let history = wa::HistorySync {
        sync_type: wa::history_sync::HistorySyncType::INITIAL_BOOTSTRAP,
        chunk_order: Some(1),
        progress: Some(100),
        ..Default::default()
    };
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let Some(payload) = encoder.write_all(&history.encode_to_vec()).and_then(|()| encoder.finish()).ok() else {
        return;
    };
    let message = sync_keys::peer(Type::HISTORY_SYNC_NOTIFICATION, |message| {
        message.history_sync_notification = MessageField::some(wa::message::HistorySyncNotification {
            sync_type: Some(wa::message::HistorySyncType::INITIAL_BOOTSTRAP),
            chunk_order: Some(1),
            progress: Some(100),
            initial_hist_bootstrap_inline_payload: Some(payload),
            ..Default::default()
        });
    });
    outgoing::send_peer(world, me, device, &message);
}
