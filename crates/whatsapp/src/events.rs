//! What the client tells, sorted into what the driver must act on at once and
//! what the observer hears.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use sparkbot_network::{CodeEnd, Report};
use whatsapp_rust::Client;
use whatsapp_rust::types::events::{
    ConnectFailureReason, Event, EventHandler, EventInterest, EventKind, InboundMessage, ServerAck,
};
use whatsapp_rust::wacore_binary::JidExt;

use crate::number::{Number, Phase, Taken, Verdict};
use crate::people::{self, Sort};
use crate::reports::{Job, ReportQueue};
use crate::translate;
use crate::wire::Keeper;
use crate::{code, history, hook, looks};

/// Events of one sort that make one report at most.
const AT_ONCE: usize = 500;

/// Everything that is listened to; what is not in here costs nothing.
fn interest() -> EventInterest {
    EventInterest::of(&[
        EventKind::Connected,
        EventKind::Disconnected,
        EventKind::PairSuccess,
        EventKind::PairError,
        EventKind::LoggedOut,
        EventKind::PairingQrCode,
        EventKind::PairingQrCodesExhausted,
        EventKind::PairingCodeRefresh,
        EventKind::PairingCodeError,
        EventKind::PairPasskeyRequest,
        EventKind::QrScannedWithoutMultidevice,
        EventKind::ClientOutdated,
        EventKind::Messages,
        EventKind::Receipt,
        EventKind::ServerAck,
        EventKind::UndecryptableMessage,
        EventKind::ContactUpdate,
        EventKind::GroupUpdate,
        EventKind::PictureUpdate,
        EventKind::MexNotification,
        EventKind::Notification,
        EventKind::UserAboutUpdate,
        EventKind::BusinessStatusUpdate,
        EventKind::PushNameUpdate,
        EventKind::PictureUpdate,
        EventKind::UserAboutUpdate,
        EventKind::ContactUpdated,
        EventKind::ContactNumberChanged,
        EventKind::BusinessStatusUpdate,
        EventKind::LabelEditUpdate,
        EventKind::LabelAssociationUpdate,
        EventKind::RawNode,
        EventKind::SelfPushNameUpdated,
        EventKind::ArchiveUpdate,
        EventKind::PinUpdate,
        EventKind::MuteUpdate,
        EventKind::MarkChatAsReadUpdate,
        EventKind::DeleteChatUpdate,
        EventKind::ClearChatUpdate,
        EventKind::StarUpdate,
        EventKind::DeleteMessageForMeUpdate,
        EventKind::StreamReplaced,
        EventKind::TemporaryBan,
        EventKind::ConnectFailure,
        EventKind::StreamError,
        EventKind::HistorySync,
        EventKind::IncomingCall,
        EventKind::MissedCall,
    ])
}

/// Listens to one client.
pub(crate) struct Listener {
    /// The client holds the listener, and the number the client.
    pub(crate) number: Weak<Number>,
}

impl EventHandler for Listener {
    fn interest(&self) -> EventInterest {
        interest()
    }

    fn handle_event(&self, event: Arc<Event>) {
        let Some(number) = self.number.upgrade() else { return };
        match &*event {
            Event::ServerAck(ack) => return acknowledged(&number, ack),
            Event::PairingQrCode(qr) => {
                let attempt = number.qr_attempt(&qr.code);
                number.enter(Phase::Linkable);
                return number.reports.say(Report::Qr { data: qr.code.clone(), attempt, expires_in: qr.timeout });
            }
            Event::PairingQrCodesExhausted(end) => {
                if end.disconnected {
                    number.judge(Verdict::NotLinked);
                } else {
                    // A link code is still good; its end is the round's end.
                    number.qr_exhausted.store(true, Ordering::Release);
                }
                return;
            }
            Event::PairingCodeRefresh(_) | Event::PairingCodeError(_) => return code::ended(&number, CodeEnd::Refused),
            Event::PairPasskeyRequest(_) => drop(number.passkey_wanted.send_replace(true)),
            Event::PairSuccess(_) => {
                number.phone_signed();
                code::used(&number);
            }
            // The phone has used the code up.
            Event::PairError(_) => code::ended(&number, CodeEnd::Refused),
            Event::Connected(_) => {
                number.was_online.store(true, Ordering::Release);
                number.enter(Phase::Online);
            }
            Event::LoggedOut(_) => {
                number.judge(Verdict::Over);
                if number.leaving.load(Ordering::Acquire) {
                    return;
                }
            }
            Event::StreamError(error) => {
                if error.code == "429" {
                    number.reconnect.rate_limited();
                }
                return;
            }
            Event::StreamReplaced(_) | Event::TemporaryBan(_) => number.judge(Verdict::Over),
            Event::ClientOutdated(_) => {
                number.measures.version_answered(false);
                number.judge(Verdict::Outdated);
            }
            Event::ConnectFailure(failure) => match failure.reason {
                ConnectFailureReason::TempBanned => number.judge(Verdict::Over),
                // The client itself goes on after these.
                ConnectFailureReason::ServiceUnavailable | ConnectFailureReason::InternalServerError => {}
                _ => number.judge(Verdict::Refused),
            },
            // Only what WhatsApp has taken can be confirmed: whoever still waits
            // for an acknowledgement that got lost need not wait any longer.
            Event::Receipt(receipt) => {
                let at = Some(receipt.timestamp.timestamp_millis());
                for id in &receipt.message_ids {
                    number.acknowledge(id, Taken { at, error: None });
                }
            }
            Event::Messages(batch) if batch.hook_committed => return,
            // Every stanza comes by here; two kinds are of interest.
            Event::RawNode(node) if !people::is_blocklist(node.get()) && !looks::is_look(node.get()) => return,
            _ => {}
        }
        number.reports.push(Job::Event(event));
    }
}

fn acknowledged(number: &Number, ack: &ServerAck) {
    // Receipts, calls and notifications are acknowledged too.
    if ack.class.as_deref() != Some("message") {
        return;
    }
    if let Some(at) = &ack.timestamp {
        number.measures.server_time(at.timestamp(), number.now());
    }
    if ack.error.is_none() {
        number.measures.send_acknowledged(number.now());
        number.reconnect.good();
    }
    let taken = Taken {
        at: ack.timestamp.map(|at| at.timestamp_millis()),
        error: ack.error.as_deref().map(|code| code.parse().unwrap_or_default()),
    };
    if !number.acknowledge(&ack.id, taken) {
        number.reports.say(Report::ServerAck { id: ack.id.clone(), at: taken.at, error: taken.error });
    }
}

/// Delivers reports until the number is closed.
pub(crate) async fn deliver(number: Arc<Number>, mut queue: ReportQueue) {
    let mut held = None;
    loop {
        let job = match held.take() {
            Some(job) => job,
            None => match queue.next().await {
                Some(job) => job,
                None => return,
            },
        };
        if let Job::Event(event) = &job
            && let Some(sort) = people::sort(event)
        {
            held = together(&number, &mut queue, sort, event.clone()).await;
            continue;
        }
        let was_owed = job.is_owed();
        match job {
            Job::Report(report) => number.observer.report(report).await,
            Job::Event(event) => {
                if let Some(client) = number.client() {
                    tell(&number, &client, &event).await;
                }
            }
        }
        number.reports.done(was_owed);
    }
}

/// Delivers an event and those of its sort that wait behind it in one report:
/// a whole address book comes as thousands of events. The job that ended the
/// row, if one did.
async fn together(number: &Number, queue: &mut ReportQueue, sort: Sort, first: Arc<Event>) -> Option<Job> {
    let mut events = vec![first];
    let mut next = None;
    while events.len() < AT_ONCE {
        match queue.next_now() {
            Some(Job::Event(event)) if people::sort(&event) == Some(sort) => events.push(event),
            other => {
                next = other;
                break;
            }
        }
    }
    if sort == Sort::People {
        people::note_entries(&number.storage, &events).await;
    }
    if let Some(client) = number.client() {
        let report = people::report(&client, sort, &events).await;
        number.observer.report(report).await;
        for event in events.iter().filter(|event| people::tells_more(&client, event)) {
            tell(number, &client, event).await;
        }
    }
    for _ in events {
        number.reports.done(false);
    }
    next
}

async fn tell(number: &Number, client: &Client, event: &Event) {
    match event {
        // Channels and messages that the phone had to send again: WhatsApp has
        // been answered already, so all that is left is to try hard.
        Event::Messages(batch) => {
            note_posts(number, &batch.messages).await;
            let messages = hook::translated(number, client, &batch.messages).await;
            if !messages.is_empty() && !hook::commit(number, &messages).await {
                tracing::error!(device = %number.device, count = messages.len(), "received messages are lost");
            }
        }
        Event::HistorySync(part) => history::arrival::keep(number, part).await,
        Event::Disconnected(end) => {
            let retry_in = Some(number.reconnect.wait());
            let report = Report::Offline { reason: end.reason.to_string(), retry_in };
            number.observer.report(report).await;
        }
        Event::UndecryptableMessage(lost) if lost.is_unavailable => match translate::unreadable(client, lost).await {
            Some(message) => {
                if !hook::commit(number, &[message]).await {
                    tracing::error!(device = %number.device, "the note of a message that opens once is lost");
                }
            }
            None => report(number, client, event).await,
        },
        event => {
            if matches!(event, Event::PairSuccess(_)) {
                let keeper = Keeper::new(client.persistence_manager());
                if let Err(error) = keeper.save().await {
                    tracing::error!(device = %number.device, %error, "the new link's keys can't be saved");
                    let reason = "the keys of the new link can't be saved".to_owned();
                    return number.observer.report(Report::LinkFailed { reason }).await;
                }
            }
            report(number, client, event).await;
        }
    }
}

async fn report(number: &Number, client: &Client, event: &Event) {
    if let Some(report) = translate::report(client, event).await {
        number.observer.report(report).await;
    }
}

/// Remembers by which numbers the server knows posts of channels: reactions
/// name them by it.
async fn note_posts(number: &Number, batch: &[InboundMessage]) {
    for item in batch.iter().filter(|item| item.info.source.chat.is_newsletter()) {
        let Ok(post) = u64::try_from(item.info.server_id) else { continue };
        if post == 0 {
            continue;
        }
        let channel = item.info.source.chat.to_string();
        if let Err(error) = number.storage.put_post(&channel, &item.info.id, post).await {
            tracing::warn!(device = %number.device, %error, "a post's number is lost: it can't be reacted to");
        }
    }
}
