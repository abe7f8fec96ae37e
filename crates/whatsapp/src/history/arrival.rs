//! Parts of the history on their way into the database.
//!
//! A message of the phone announces each part. The client takes the
//! announcement apart at once, fetches the part beside everything else, and
//! would have the message acknowledged long before: after a crash in between
//! nobody would know of the part any more. So the message's own row is written
//! only when its part is kept. Until then neither is it acknowledged nor is the
//! ratchet it was decrypted with stored, and after a crash it comes again and
//! is read as if for the first time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sparkbot_network::{HistoryPart, Report};
use tokio::sync::watch;
use whatsapp_rust::Jid;
use whatsapp_rust::types::events::LazyHistorySync;
use whatsapp_rust::waproto::codec::message_decode;
use whatsapp_rust::waproto::whatsapp::message::protocol_message::Type;

use crate::number::{Number, Phase};

/// How long a part may take to be fetched and kept.
const PATIENCE: Duration = Duration::from_secs(60);
/// An announcement without its contents has no more bytes than that.
const SHORT: usize = 256;
/// Pauses between attempts to keep a part.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(2), Duration::from_secs(5)];

/// How many parts were announced, and how many are kept.
#[derive(Default)]
pub(crate) struct Arrivals {
    announced: AtomicU64,
    kept: watch::Sender<u64>,
}

impl Arrivals {
    /// Returns when everything that was announced is kept; `false` when it takes
    /// longer than `limit`.
    pub(crate) async fn settled(&self, limit: Duration) -> bool {
        let announced = self.announced.load(Ordering::Acquire);
        let mut kept = self.kept.subscribe();
        tokio::time::timeout(limit, kept.wait_for(|kept| *kept >= announced)).await.is_ok()
    }
}

/// Whether a message, as the client stores it, announces a part.
pub(crate) fn announces(message: &[u8]) -> bool {
    message.len() <= SHORT
        && message_decode(message).is_ok_and(|message| {
            let protocol = message.protocol_message.as_option();
            protocol.is_some_and(|protocol| protocol.r#type == Some(Type::HISTORY_SYNC_NOTIFICATION))
        })
}

/// How many of the announcements are the phone's own. The client drops those of
/// strangers: waiting for their parts would hold up everything that arrives.
fn own(senders: &[String], phone: Option<&Jid>, lid: Option<&Jid>) -> u64 {
    let is_own = |sender: &&String| {
        let sender = sender.parse::<Jid>().map(|jid| jid.to_non_ad());
        let is =
            |own: Option<&Jid>| own.zip(sender.as_ref().ok()).is_some_and(|(own, sender)| own.to_non_ad() == *sender);
        is(phone) || is(lid)
    };
    u64::try_from(senders.iter().filter(is_own).count()).unwrap_or(u64::MAX)
}

/// Returns when the parts that these have announced, one each, are kept, or will
/// not come; `false` when the connection is gone, so that the announcement is to
/// come again.
pub(crate) async fn wait_for(number: Arc<Number>, senders: &[String]) -> bool {
    let parts = number.client().map_or(0, |client| own(senders, client.pn().as_ref(), client.lid().as_ref()));
    if parts < u64::try_from(senders.len()).unwrap_or(u64::MAX) {
        tracing::warn!(device = %number.device, "somebody else has announced history, as only the own phone may");
    }
    if parts == 0 || number.settings.history.is_none() {
        // The client has skipped them.
        return true;
    }
    let arrivals = &number.history;
    let announced = arrivals.announced.fetch_add(parts, Ordering::AcqRel) + parts;
    let mut kept = arrivals.kept.subscribe();
    let mut phase = number.phase.subscribe();
    let arrived = tokio::select! {
        kept = tokio::time::timeout(PATIENCE, kept.wait_for(|kept| *kept >= announced)) => kept.is_ok(),
        _ = phase.wait_for(|phase| matches!(phase, Phase::Offline | Phase::Stopped)) => {
            arrivals.announced.fetch_sub(parts, Ordering::AcqRel);
            return false;
        }
    };
    if !arrived {
        let kept = *arrivals.kept.borrow();
        let missing = announced.saturating_sub(kept).min(parts);
        arrivals.announced.fetch_sub(missing, Ordering::AcqRel);
        tracing::error!(device = %number.device, parts = missing, "parts of the history could not be fetched");
        number.reports.say(Report::HistoryLost { parts: usize::try_from(missing).unwrap_or(usize::MAX) });
    }
    true
}

/// Keeps a part that the client has fetched.
pub(crate) async fn keep(number: &Number, lazy: &LazyHistorySync) {
    let part = HistoryPart {
        kind: super::kind(lazy.sync_type()),
        order: lazy.chunk_order(),
        progress: lazy.progress(),
        request: lazy.peer_data_request_session_id().map(str::to_owned),
        packed: lazy.compressed_bytes().clone(),
    };
    let mut pauses = PAUSES.iter();
    while let Err(error) = number.observer.history(part.clone()).await {
        tracing::warn!(device = %number.device, %error, "a part of the history was not kept");
        let Some(pause) = pauses.next() else { return };
        tokio::time::sleep(*pause).await;
    }
    number.history.kept.send_modify(|kept| *kept += 1);
}

#[cfg(test)]
mod tests {
    use super::announces;
    use whatsapp_rust::waproto::codec::message_to_vec;
    use whatsapp_rust::waproto::whatsapp as wa;
    use whatsapp_rust::waproto::whatsapp::message::protocol_message::Type;

    fn protocol(kind: Type) -> Vec<u8> {
        let protocol = wa::message::ProtocolMessage { r#type: Some(kind), ..Default::default() };
        message_to_vec(&wa::Message { protocol_message: Some(protocol).into(), ..Default::default() })
    }

    #[test]
    fn announcements_are_told_from_other_messages() {
        assert!(announces(&protocol(Type::HISTORY_SYNC_NOTIFICATION)));
        assert!(!announces(&protocol(Type::APP_STATE_SYNC_KEY_SHARE)));
        let text = wa::Message { conversation: Some("Hello".to_owned()), ..Default::default() };
        assert!(!announces(&message_to_vec(&text)));
        assert!(!announces(b"\xff\xff"));
    }
}
