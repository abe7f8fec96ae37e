//! One message on its way: handed to the link, and what became of it written
//! down.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, Hold, MessageRow};

use super::compose::{Composed, compose};
use super::payload::Payload;
use super::{media, outcome};
use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::ids::MessageId;
use crate::inbox::Said;
use crate::network::{Activity, Link, Millis, NetworkError, Sent};
use crate::queue;
use crate::sessions::Running;
use crate::wid::Wid;

/// The first gap between two tries; it doubles up to [`LAST_GAP`].
const FIRST_GAP: Duration = Duration::from_secs(2);
pub(super) const LAST_GAP: Duration = Duration::from_secs(300);
/// How long the link may take for one message before it is tried again; longer
/// for files, which take as long as the line is slow.
const PATIENCE: Duration = Duration::from_secs(60);
const PATIENCE_FOR_FILES: Duration = Duration::from_secs(1800);
/// WhatsApp's code for "not to people who have never written to you".
const NO_FIRST_MESSAGES: u32 = 463;

/// What came of a try.
#[derive(Debug, Clone)]
enum Outcome {
    /// WhatsApp has it.
    Sent(Box<Said>, Sent),
    /// The link says why not.
    Refused(NetworkError),
    /// It could not be made.
    Unmade(Error),
}

/// Sends one message and writes what became of it; false when there was no
/// connection to send it on.
pub(super) async fn deliver(core: Core, number: Arc<Running>, link: Arc<dyn Link>, row: MessageRow) -> bool {
    let outcome = attempt(&core, &number, &link, &row).await;
    match &outcome {
        Outcome::Sent(..) => {}
        Outcome::Refused(error) => {
            tracing::info!(device = %number.device, message = %row.id, error = %error, "a message was not sent");
        }
        Outcome::Unmade(error) => {
            tracing::info!(device = %number.device, message = %row.id, error = %error, "a message could not be made");
        }
    }
    // The wire has it: this must be written, or it is sent again under its id.
    while let Err(error) = settle(&core, &number, row.id.clone(), &outcome).await {
        tracing::error!(device = %number.device, message = %row.id, error = %error, "an outcome could not be written");
        if core.stopping().is_cancelled() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    !matches!(outcome, Outcome::Refused(NetworkError::Unreachable(_)))
}

/// A message whose task has ended without an outcome goes back into the queue.
pub(super) async fn broke(core: &Core, number: &Arc<Running>, id: &MessageId) {
    let outcome = Outcome::Unmade(Error::internal("sending it broke"));
    if let Err(error) = settle(core, number, id.clone(), &outcome).await {
        tracing::error!(device = %number.device, message = %id, error = %error, "it goes again at the next start");
    }
}

async fn attempt(core: &Core, number: &Arc<Running>, link: &Arc<dyn Link>, row: &MessageRow) -> Outcome {
    let composed = match row.delivered_at {
        Some(_) => compose(core, link.as_ref(), row).await,
        None => before(core, number, link, row).await,
    };
    let Composed { message, files } = match composed {
        Ok(composed) => composed,
        Err(error) => return Outcome::Unmade(error),
    };
    let said = Said::of(&message);
    if row.delivered_at.is_some() {
        // A receipt came before the server died: it is only written down.
        return Outcome::Sent(Box::new(said), Sent { at: row.delivered_at, chat: None, raw: Bytes::new() });
    }
    let patience = if files.is_empty() { PATIENCE } else { PATIENCE_FOR_FILES };
    let answer = tokio::time::timeout(patience, link.send(message)).await;
    match answer {
        Ok(Ok(sent)) => {
            media::went_out(core, &files).await;
            Outcome::Sent(Box::new(said.with_raw(&sent.raw)), sent)
        }
        Ok(Err(error)) => Outcome::Refused(error),
        Err(_) => Outcome::Refused(NetworkError::Timeout),
    }
}

/// What goes before a message: reading the chat, typing, making the message.
async fn before(core: &Core, number: &Arc<Running>, link: &Arc<dyn Link>, row: &MessageRow) -> Result<Composed> {
    let to: Wid = row.chat.parse().map_err(Error::internal)?;
    let options = Payload::of(row)?.options;
    if options.send_read_ack {
        let unread =
            core.store().read().await?.account(&number.account).unread_messages(&number.device, &row.chat, 50).await?;
        read(number, link, &to, unread).await;
    }
    let composed = compose(core, link.as_ref(), row).await?;
    if let Ok(seconds @ 1..) = u64::try_from(options.typing) {
        // For show: a message is not held up by it.
        if link.show_activity(&to, Activity::Typing).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            drop(link.show_activity(&to, Activity::Stopped).await);
        }
    }
    Ok(composed)
}

/// Marks messages as read, in groups each author's own.
async fn read(number: &Arc<Running>, link: &Arc<dyn Link>, chat: &Wid, unread: Vec<(String, String)>) {
    let group = chat.kind() == crate::wid::WidKind::Group;
    let mut by_author: std::collections::BTreeMap<Option<Wid>, Vec<String>> = std::collections::BTreeMap::new();
    for (id, author) in unread {
        let author = if group { author.parse().ok() } else { None };
        by_author.entry(author).or_default().push(id);
    }
    for (author, ids) in by_author {
        if let Err(error) = link.mark_read(chat, author.as_ref(), &ids).await {
            tracing::debug!(device = %number.device, error = %error, "a chat could not be marked as read");
        }
    }
}

async fn settle(core: &Core, number: &Arc<Running>, id: MessageId, outcome: &Outcome) -> Result<()> {
    let (account, device, now, outcome) = (number.account.clone(), number.device.clone(), core.now(), outcome.clone());
    let pause = core.settings().restriction_pause;
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let Some(number) = w.account(&account).device(&device).await? else { return Ok(()) };
                let Some(mut row) = w.account(&account).message(&id).await? else { return Ok(()) };
                match outcome {
                    Outcome::Sent(said, sent) => {
                        over(w, &number, &row, now).await?;
                        if let Some(chat) = sent.chat {
                            row.chat = chat.to_string();
                        }
                        outcome::sent(w, &number, row, *said, sent.at.unwrap_or(now), now).await
                    }
                    // A receipt or a late acknowledgement has settled it meanwhile.
                    _ if row.sent_at.is_some() => Ok(()),
                    _ if row.delivered_at.is_some() => {
                        let at = row.delivered_at.unwrap_or(now);
                        outcome::sent(w, &number, row, Said::default(), at, now).await
                    }
                    Outcome::Refused(error) => not_sent(w, &number, row, error, pause, now).await,
                    Outcome::Unmade(error) => not_made(w, &number, row, error, now).await,
                }
            })
        })
        .await
}

/// A restriction is over when WhatsApp lets through what it did not.
async fn over(w: &mut Writing, device: &DeviceRow, row: &MessageRow, now: Millis) -> Result<()> {
    let mut state = w.account(&device.account_id).queue(&device.id).await?;
    if state.held.is_none() || queue::held(&state, now).is_some() {
        return Ok(());
    }
    if state.held.as_deref() == Some("first") {
        let chat = w.account(&device.account_id).chat(&device.id, &row.chat).await?;
        if row.target != "user" || chat.is_some_and(|chat| chat.inbound_messages > 0) {
            return Ok(());
        }
    }
    queue::let_go(w, device, &mut state, now).await
}

async fn not_made(w: &mut Writing, device: &DeviceRow, row: MessageRow, error: Error, now: Millis) -> Result<()> {
    let reason = if error.kind == Kind::Internal {
        "The message could not be made: a mistake of the server.".to_owned()
    } else {
        format!("{}.", error.message.trim_end_matches('.'))
    };
    match error.kind {
        Kind::Internal | Kind::Unavailable | Kind::TooMany => {
            let wait = error.retry_after.unwrap_or_else(|| backoff(row.retry_count));
            retry(w, device, row, wait, &reason, now).await
        }
        _ => outcome::failed(w, device, row, error.code, &reason, now).await,
    }
}

async fn not_sent(
    w: &mut Writing,
    device: &DeviceRow,
    row: MessageRow,
    error: NetworkError,
    pause: Duration,
    now: Millis,
) -> Result<()> {
    let reason = format!("{error}.");
    let waits = !Payload::of(&row)?.options.at_once();
    match error {
        // Nothing was tried: it waits for the number to be online.
        NetworkError::Unreachable(_) | NetworkError::NotLinked | NetworkError::Closed if waits => {
            // Due as before, or a later one to the same chat would overtake it.
            let due = row.next_attempt_at;
            outcome::later(w, device, row, due, &reason, false, now).await
        }
        NetworkError::Unreachable(_) | NetworkError::NotLinked | NetworkError::Closed => {
            outcome::failed(w, device, row, "session:offline", &reason, now).await
        }
        NetworkError::NoSuchReceiver(_) => outcome::failed(w, device, row, "number:notfound", &reason, now).await,
        NetworkError::Invalid(_) => outcome::failed(w, device, row, "message:invalid", &reason, now).await,
        NetworkError::Gone(_) | NetworkError::TooLarge { .. } => {
            outcome::failed(w, device, row, "media:invalid_file", &reason, now).await
        }
        NetworkError::Refused { code: NO_FIRST_MESSAGES, .. } => {
            let why = "WhatsApp does not let this number write to people who have never written to it (463).";
            queue::hold_back(w, device, Hold::FirstMessages, pause, why, now).await?;
            if waits {
                // WhatsApp has refused it, so nobody has it: it waits unharmed.
                outcome::later(w, device, row, now, &reason, false, now).await
            } else {
                outcome::failed(w, device, row, "message:forbidden_first_message", &reason, now).await
            }
        }
        NetworkError::Refused { .. } => outcome::failed(w, device, row, "message:forbidden", &reason, now).await,
        NetworkError::TooManyAttempts { retry_after } => {
            let why = "WhatsApp says that this number sends too much.";
            let pause = retry_after.unwrap_or(LAST_GAP);
            queue::hold_back(w, device, Hold::Everything, pause, why, now).await?;
            if waits {
                outcome::later(w, device, row, now, &reason, false, now).await
            } else {
                outcome::failed(w, device, row, "message:forbidden", &reason, now).await
            }
        }
        // What broke off goes again as soon as the number is online, the first time.
        NetworkError::Interrupted if row.retry_count == 0 => retry(w, device, row, Duration::ZERO, &reason, now).await,
        NetworkError::Timeout
        | NetworkError::Interrupted
        | NetworkError::State(_)
        | NetworkError::PasskeyRequired
        | NetworkError::AlreadyLinked => {
            let wait = backoff(row.retry_count);
            retry(w, device, row, wait, &reason, now).await
        }
    }
}

async fn retry(
    w: &mut Writing,
    device: &DeviceRow,
    row: MessageRow,
    wait: Duration,
    reason: &str,
    now: Millis,
) -> Result<()> {
    if row.retry_count >= row.retry_max {
        return outcome::failed(w, device, row, "error:max_retries", reason, now).await;
    }
    let at = now + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 2);
    outcome::later(w, device, row, at, reason, true, now).await
}

/// 2 s, 4 s, 8 s … 5 min, with jitter so that numbers don't march in step.
fn backoff(tries: i64) -> Duration {
    let doubled = FIRST_GAP * 2u32.saturating_pow(u32::try_from(tries).unwrap_or(0).min(10));
    doubled.min(LAST_GAP).mul_f64(rand::rng().random_range(0.75..1.25))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::backoff;

    #[test]
    fn gaps_grow_to_five_minutes() {
        assert!(backoff(0) < Duration::from_secs(3));
        assert!(backoff(3) > Duration::from_secs(11));
        assert!(backoff(60) < Duration::from_secs(376));
    }
}
