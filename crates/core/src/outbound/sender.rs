//! One sender per number: claims what is due, hands it to the link, writes the
//! outcome. Messages of one chat go one after the other; different chats side by
//! side.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use serde_json::Value;
use sparkbot_store::rows::{DeviceRow, MessageRow};
use tokio::task::{self, JoinSet};
use tokio_util::sync::CancellationToken;

use super::outcome;
use super::payload::asked;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::inbox::Said;
use crate::network::{Content, Link, Millis, NetworkError, Outgoing, Quote, Sent};
use crate::sessions::Running;
use crate::views::{DeviceSettings, SessionState};
use crate::wid::Wid;

/// Messages of one number on their way at once.
const WINDOW: usize = 32;
/// Looked at per chat that is found: a full queue to one chat must not hide the
/// others.
const LOOK: i64 = 128;
/// How often messages past their end are looked for.
const EXPIRY_LOOK: Millis = 1_000;
/// The first gap between two tries; it doubles up to [`LAST_GAP`].
const FIRST_GAP: Duration = Duration::from_secs(2);
const LAST_GAP: Duration = Duration::from_secs(300);
/// How long the link may take for one message before it is tried again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs while the link is open.
pub(crate) async fn send_all(core: Core, number: Arc<Running>, link: Arc<dyn Link>, stop: CancellationToken) {
    let mut live = number.live();
    // Tasks of their own: as futures of this one they would stand still while it
    // claims, and with them the database connections they are next in line for.
    let mut under_way = JoinSet::new();
    let mut busy: HashMap<task::Id, String> = HashMap::new();
    let mut looked_for_expired: Millis = 0;
    let mut not_before: Millis = 0;
    loop {
        let online = live.borrow_and_update().state == SessionState::Online;
        let now = core.now();
        let mut wake_at = None;
        if online && !stop.is_cancelled() && busy.len() < WINDOW {
            if now < not_before {
                wake_at = Some(not_before);
            } else {
                let expire = now - looked_for_expired >= EXPIRY_LOOK;
                if expire {
                    looked_for_expired = now;
                }
                let chats = busy.values().cloned().collect();
                match claim(&core, &number, chats, expire).await {
                    Ok(claimed) => {
                        if let Some(gap) = claimed.gap
                            && !claimed.messages.is_empty()
                        {
                            not_before = now + gap;
                        }
                        wake_at = claimed.next_due.into_iter().chain((not_before > now).then_some(not_before)).min();
                        for row in claimed.messages {
                            let chat = row.chat.clone();
                            let sending = deliver(core.clone(), number.clone(), link.clone(), row);
                            busy.insert(under_way.spawn(sending).id(), chat);
                        }
                    }
                    Err(error) => {
                        tracing::error!(device = %number.device, error = %error, "the queue can't be read");
                        wake_at = Some(now + 1_000);
                    }
                }
            }
        }
        let sleep = wake_at.map_or(Duration::from_secs(3600), |at| {
            Duration::from_millis(u64::try_from(at - core.now()).unwrap_or(0).max(1))
        });
        tokio::select! {
            // What is under way is finished first: it is on the wire already.
            Some(ended) = under_way.join_next_with_id(), if !under_way.is_empty() => {
                let id = match ended {
                    Ok((id, ())) => id,
                    Err(error) => {
                        // It stays `processing` and goes again, under its id, at the next start.
                        tracing::error!(device = %number.device, error = %error, "sending a message broke");
                        error.id()
                    }
                };
                busy.remove(&id);
            }
            () = stop.cancelled(), if under_way.is_empty() => return,
            changed = live.changed() => if changed.is_err() { return },
            () = number.wake.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

struct Claimed {
    messages: Vec<MessageRow>,
    /// When the next one becomes due.
    next_due: Option<Millis>,
    /// Milliseconds to the next message, when the number has a pace.
    gap: Option<Millis>,
}

/// Takes due messages out of the queue, one per chat.
async fn claim(core: &Core, number: &Arc<Running>, mut busy: Vec<String>, expire: bool) -> Result<Claimed> {
    let (account, device, now) = (number.account.clone(), number.device.clone(), core.now());
    // Most wake-ups find nothing: look before asking for the writer.
    if !expire {
        let mut reading = core.store().read().await?;
        if reading.server().due_messages(&device, now, &busy, 1).await?.is_empty() {
            let next_due = reading.server().next_due(&device, now).await?;
            return Ok(Claimed { messages: Vec::new(), next_due, gap: None });
        }
    }
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let Some(row) = w.account(&account).device(&device).await? else {
                    return Ok(Claimed { messages: Vec::new(), next_due: None, gap: None });
                };
                if expire {
                    outcome::expired(w, &row, now).await?;
                }
                let gap = gap(&row)?;
                let room = if gap.is_some() { 1 } else { WINDOW };
                let mut messages: Vec<MessageRow> = Vec::new();
                while messages.len() < room && busy.len() < WINDOW {
                    let due = w.server().due_messages(&device, now, &busy, LOOK).await?;
                    if due.is_empty() {
                        break;
                    }
                    for message in due {
                        if messages.len() < room && busy.len() < WINDOW && !busy.contains(&message.chat) {
                            busy.push(message.chat.clone());
                            messages.push(message);
                        }
                    }
                }
                let ids: Vec<String> = messages.iter().map(|m| m.id.to_string()).collect();
                if !ids.is_empty() {
                    w.server().mark_processing(&ids).await?;
                }
                let next_due = w.server().next_due(&device, now).await?;
                Ok::<_, Error>(Claimed { messages, next_due, gap })
            })
        })
        .await
}

/// The pace that people have set: messages a minute become a gap with jitter.
fn gap(row: &DeviceRow) -> Result<Option<Millis>> {
    let settings: DeviceSettings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
    if settings.delivery_speed <= 0.0 {
        return Ok(None);
    }
    let mean = 60_000.0 / settings.delivery_speed;
    let jittered = mean * rand::rng().random_range(0.8..1.2);
    #[expect(clippy::cast_possible_truncation, reason = "ten minutes at most")]
    Ok(Some(jittered as Millis))
}

/// Sends one message and writes what became of it.
async fn deliver(core: Core, number: Arc<Running>, link: Arc<dyn Link>, row: MessageRow) {
    let outcome = match outgoing(&core, &number, &link, &row).await {
        Ok(message) => {
            let said = Said::of(&message);
            match tokio::time::timeout(PATIENCE, link.send(message)).await {
                Ok(Ok(sent)) => Ok((said.with_raw(&sent.raw), sent)),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(NetworkError::Timeout),
            }
        }
        Err(error) => Err(NetworkError::Invalid(error.message)),
    };
    if let Err(error) = &outcome {
        tracing::info!(device = %number.device, message = %row.id, error = %error, "a message was not sent");
    }
    // The wire has it: this must be written, or it is sent again under its id.
    while let Err(error) = settle(&core, &number, row.id.clone(), &outcome).await {
        tracing::error!(device = %number.device, message = %row.id, error = %error, "an outcome could not be written");
        if core.stopping().is_cancelled() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn outgoing(core: &Core, number: &Arc<Running>, link: &Arc<dyn Link>, row: &MessageRow) -> Result<Outgoing> {
    let to: Wid = row.chat.parse().map_err(Error::internal)?;
    let payload: Value = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    if asked(&payload, "sendReadAck").and_then(Value::as_bool) == Some(true) {
        let unread =
            core.store().read().await?.account(&number.account).unread_messages(&number.device, &row.chat, 50).await?;
        let ids: Vec<String> = unread.into_iter().map(|(id, _)| id).collect();
        if !ids.is_empty()
            && let Err(error) = link.mark_read(&to, None, &ids).await
        {
            tracing::debug!(device = %number.device, error = %error, "a chat could not be marked as read");
        }
    }
    if let Some(seconds) = asked(&payload, "typing").and_then(Value::as_u64) {
        // For show: a message is not held up by it.
        if link.set_typing(&to, true).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            drop(link.set_typing(&to, false).await);
        }
    }
    let quote = match asked(&payload, "quote").and_then(Value::as_str) {
        Some(id) => quoted(core, number, id).await?,
        None => None,
    };
    let content = Content::text(row.body.clone().unwrap_or_default());
    Ok(Outgoing { quote, ..Outgoing::new(row.wa_id.clone(), to, content) })
}

/// What is known of a message to be quoted. One that is not known is quoted by
/// its id alone, as from the chat.
async fn quoted(core: &Core, number: &Arc<Running>, id: &str) -> Result<Option<Quote>> {
    let found = core.store().read().await?.account(&number.account).chat_message(&number.device, id).await?;
    let Some(message) = found else { return Ok(None) };
    let author = message.author.parse().map_err(Error::internal)?;
    Ok(Some(Quote { id: message.wa_id, chat: None, author, text: message.body.unwrap_or_default(), raw: None }))
}

async fn settle(
    core: &Core,
    number: &Arc<Running>,
    id: crate::ids::MessageId,
    outcome: &Result<(Said, Sent), NetworkError>,
) -> Result<()> {
    let (account, device, now, outcome) = (number.account.clone(), number.device.clone(), core.now(), outcome.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let Some(number) = w.account(&account).device(&device).await? else { return Ok(()) };
                let Some(mut row) = w.account(&account).message(&id).await? else { return Ok(()) };
                match outcome {
                    Ok((said, sent)) => {
                        if let Some(chat) = sent.chat {
                            row.chat = chat.to_string();
                        }
                        outcome::sent(w, &number, row, said, sent.at.unwrap_or(now), now).await
                    }
                    // A receipt or a late acknowledgement has settled it meanwhile.
                    Err(_) if row.sent_at.is_some() => Ok(()),
                    Err(error) => not_sent(w, &number, row, error, now).await,
                }
            })
        })
        .await
}

async fn not_sent(
    w: &mut sparkbot_store::Writing,
    device: &DeviceRow,
    row: MessageRow,
    error: NetworkError,
    now: Millis,
) -> Result<()> {
    let reason = format!("{error}.");
    match error {
        // Nothing was tried: it waits for the number to be online.
        NetworkError::Unreachable(_) | NetworkError::NotLinked | NetworkError::Closed => {
            outcome::later(w, device, row, now + 500, &reason, false, now).await
        }
        NetworkError::NoSuchReceiver(_) => outcome::failed(w, device, row, "number:notfound", &reason, now).await,
        NetworkError::Invalid(_) => outcome::failed(w, device, row, "message:invalid", &reason, now).await,
        NetworkError::Gone(_) | NetworkError::TooLarge { .. } => {
            outcome::failed(w, device, row, "media:invalid_file", &reason, now).await
        }
        NetworkError::Refused { code, .. } => {
            let code = if code == 463 { "message:forbidden_first_message" } else { "message:forbidden" };
            outcome::failed(w, device, row, code, &reason, now).await
        }
        NetworkError::TooManyAttempts { retry_after } => {
            let wait = retry_after.unwrap_or(LAST_GAP);
            retry(w, device, row, wait, &reason, now).await
        }
        NetworkError::Timeout
        | NetworkError::State(_)
        | NetworkError::PasskeyRequired
        | NetworkError::AlreadyLinked => {
            let wait = backoff(row.retry_count);
            retry(w, device, row, wait, &reason, now).await
        }
    }
}

async fn retry(
    w: &mut sparkbot_store::Writing,
    device: &DeviceRow,
    row: MessageRow,
    wait: Duration,
    reason: &str,
    now: Millis,
) -> Result<()> {
    if row.retry_count >= row.retry_max {
        return outcome::failed(w, device, row, "error:max_retries", reason, now).await;
    }
    let at = now + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
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
