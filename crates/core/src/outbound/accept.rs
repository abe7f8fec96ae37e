//! What may enter the queue.

use rand::RngExt;
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, MessageRow, QueueRow};

use super::contents::Said;
use super::payload::{Options, Payload};
use super::receiver::{self, mentions, target};
use super::{NewMessage, actions, media, targets, timing};
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::MessageId;
use crate::keys::{Caller, Scope};
use crate::queue;
use crate::team;
use crate::views::{DeviceRef, OutboundMessage, PRIORITIES, SessionState};
use crate::wid::Wid;

/// Characters of a reference at most.
const REFERENCE: usize = 128;
/// Tries after the first, unless asked otherwise.
pub(super) const RETRIES: i64 = 25;
/// What puts a message before all that waits, whatever its priority.
const AHEAD: i64 = 100;

/// Accepts a message: it is in the queue, durable, when this returns.
///
/// # Errors
/// For every value out of range, with the value; `device:notfound`;
/// `session:offline` for a live message while the number is not online;
/// `queue:full`, `queue:rejecting`, `queue:paused`.
pub async fn enqueue(core: &Core, caller: &Caller, new: NewMessage) -> Result<OutboundMessage> {
    caller.need(Scope::MessagesWrite)?;
    let now = core.now();
    let mut draft = Draft::of(&new, now)?;
    queue::room(core, &caller.account, &new.device).await?;
    let kind = match &mut draft.payload.contents.media {
        Some(entry) => media::accept(core, caller, entry).await?.map(|file| media::word(&file, entry)),
        None => None,
    };
    let (account, device, sight) = (caller.account.clone(), new.device.clone(), caller.sight());
    let message = MessageRow {
        id: MessageId::new(now),
        account_id: caller.account.clone(),
        device_id: new.device.clone(),
        wa_id: wa_id(),
        target: target(&draft.chat).to_owned(),
        chat: draft.chat.to_string(),
        kind: kind.unwrap_or(draft.said.kind()).to_owned(),
        body: draft.body(),
        payload: draft.payload.to_column()?,
        source: "api".to_owned(),
        status: "queued".to_owned(),
        delivery_status: "queued".to_owned(),
        webhook_status: "pending".to_owned(),
        priority: draft.priority,
        rank: draft.priority,
        ordered: i64::from(draft.payload.options.order),
        attempts: 0,
        secret: draft.said.needs_secret().then(secret),
        reference: new.reference.clone(),
        agent_id: new.agent.clone(),
        created_by: caller.user.to_string(),
        deliver_at: draft.due.unwrap_or(now),
        next_attempt_at: draft.due.unwrap_or(now),
        expires_at: draft.expires_at,
        retry_max: new.retries.unwrap_or(RETRIES),
        retry_count: 0,
        last_retry_at: None,
        failure_code: None,
        failure_reason: None,
        created_at: now,
        processed_at: None,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        failed_at: None,
        expired_at: None,
    };
    let (row, device, fresh) = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).device(&device).await?.ok_or_else(|| devices::not_found(&device))?;
                if let Some(repeat) = &new.idempotency
                    && let Some(id) = repeat.earlier(w, &account).await?
                {
                    let id: MessageId = id.parse().map_err(Error::internal)?;
                    let earlier = w.account(&account).message(&id).await?;
                    let earlier = earlier.ok_or_else(|| Error::internal("a remembered message is gone"))?;
                    return Ok((earlier, row, false));
                }
                let queue = w.account(&account).queue(&device).await?;
                let mut message = message;
                message.rank += takes(&row, &queue, &draft.payload.options, now)?;
                if let Some(agent) = &new.agent {
                    message.agent_id = Some(team::agent(w, &account, agent).await?.id.to_string());
                }
                actions::check(w, &row, &draft.actions).await?;
                if !w.account(&account).sees(&device, draft.chat.as_str(), &sight).await? {
                    return Err(elsewhere(draft.chat.as_str()));
                }
                targets::check(w, &row, &sight, &draft.chat, &draft.said, draft.payload.quote.as_deref()).await?;
                insert(w, &row, &message).await?;
                if let Some(repeat) = new.idempotency {
                    repeat.remember(w, &account, message.id.to_string(), now).await?;
                }
                Ok::<_, Error>((message, row, true))
            })
        })
        .await?;
    if fresh {
        metrics::counter!("sparkbot_messages_accepted_total").increment(1);
        core.queues().grown(&row.device_id);
        core.sessions().wake_for(&row.device_id, &row.chat);
    }
    OutboundMessage::of(&row, &DeviceRef::of(&device))
}

/// For a chat that the caller does not see.
pub(super) fn elsewhere(chat: &str) -> Error {
    Error::new(Kind::Forbidden, "chat:forbidden", format!("Somebody else looks after the chat {chat}."))
        .hint("Ask them or a supervisor to assign it to you.")
}

async fn insert(w: &mut Writing, device: &DeviceRow, message: &MessageRow) -> Result<()> {
    w.account(&device.account_id).insert_message(message).await.map_err(Error::from)
}

/// A request whose values are in their limits.
pub(super) struct Draft {
    pub(super) chat: Wid,
    pub(super) said: Said,
    pub(super) payload: Payload,
    pub(super) actions: Vec<actions::Action>,
    priority: i64,
    due: Option<i64>,
    expires_at: Option<i64>,
}

impl Draft {
    fn of(new: &NewMessage, now: i64) -> Result<Self> {
        let chat = new.receiver.wid()?;
        let said = new.contents.said(new.message.as_deref())?;
        receiver::takes(&chat, &said)?;
        let priority = priority(new.priority.as_deref())?;
        check(new)?;
        let due = timing::due(new.deliver_at.as_deref(), new.schedule.as_ref(), now)?;
        let expires_at = new.expiration.as_ref().map(|e| timing::expiry(e, due.unwrap_or(now))).transpose()?;
        let mut options = new.options.clone();
        options.mentions = mentions(&options.mentions, new.message.as_deref(), &chat)?;
        options.enqueue = options.enqueue.filter(|word| !word.is_empty());
        if options.at_once() && due.is_some_and(|at| at > now) {
            return Err(Error::invalid(
                "message:schedule",
                "A message that must not wait ('live' or 'enqueue: never') can't be scheduled for later.",
            ));
        }
        let payload = Payload {
            contents: new.contents.clone(),
            options,
            quote: new.quote.as_ref().map(|quote| quote.to_ascii_uppercase()),
            fetched: None,
        };
        if payload.quote.is_some() && said.changes_another() {
            return Err(Error::invalid(
                "message:quote",
                format!("'quote' makes no sense for a {}, which is about another message by itself.", said.kind()),
            ));
        }
        let actions = actions::parse(&new.options.actions)?;
        Ok(Self { chat, said, payload, actions, priority, due, expires_at })
    }

    /// Text or caption: what is searched for and shown in lists.
    pub(super) fn body(&self) -> Option<String> {
        body(&self.said)
    }
}

/// Text or caption of a kind.
pub(super) fn body(said: &Said) -> Option<String> {
    match said {
        Said::Text(text) => Some(text.clone()),
        Said::Media(_, caption) | Said::Product(_, caption) => caption.clone(),
        Said::Buttons { body, .. } | Said::List { body, .. } => Some(body.clone()),
        _ => None,
    }
}

/// Whether a number takes another message right now, and how far ahead of the
/// queue.
pub(super) fn takes(row: &DeviceRow, queue: &QueueRow, options: &Options, now: i64) -> Result<i64> {
    if row.status == "disabled" {
        return Err(Error::conflict("device:disabled", format!("The WhatsApp number {} is disabled.", row.id))
            .hint("Enable it with PATCH /v1/devices/{id} {\"enable\": true}."));
    }
    if matches!(queue.status.as_str(), "reject" | "freeze") {
        return Err(Error::conflict(
            "queue:rejecting",
            format!("The queue of this number takes no messages: it is set to '{}'.", queue.status),
        )
        .hint("Set it to active or pause with POST /v1/devices/{id}/queue."));
    }
    let online = row.session_status == SessionState::Online.word();
    if options.at_once() {
        if !online {
            return Err(crate::sessions::offline(&row.id, &row.session_status)
                .with("enqueue", "leave out 'live' and 'enqueue' to have it sent once the number is online"));
        }
        if queue.status != "active" || queue::held(queue, now).is_some() {
            return Err(Error::conflict(
                "queue:paused",
                "The queue of this number stands still, and the message was not to wait in it.",
            )
            .hint("GET /v1/devices/{id}/queue says why; leave out 'live' and 'enqueue' to have it wait."));
        }
        return Ok(AHEAD);
    }
    Ok(if online && options.enqueue.as_deref() == Some("opportunistic") { AHEAD } else { 0 })
}

pub(super) fn priority(word: Option<&str>) -> Result<i64> {
    let word = word.unwrap_or("normal");
    PRIORITIES.iter().find(|(known, _)| *known == word).map(|(_, priority)| *priority).ok_or_else(|| {
        Error::invalid(
            "message:priority",
            format!("The priority is '{word}'; it must be one of low, normal, high, urgent."),
        )
    })
}

pub(super) fn check_reference(reference: &str) -> Result<()> {
    let length = reference.chars().count();
    if length == 0 || length > REFERENCE {
        return Err(Error::invalid(
            "message:reference",
            format!("The reference has {length} characters; it needs 1 to {REFERENCE}."),
        ));
    }
    Ok(())
}

pub(super) fn check_label(label: &str) -> Result<()> {
    let length = label.chars().count();
    if length == 0 || length > 30 {
        return Err(Error::invalid("label:invalid", format!("The label has {length} characters; it needs 1 to 30.")));
    }
    Ok(())
}

fn check(new: &NewMessage) -> Result<()> {
    let options = &new.options;
    new.reference.as_deref().map_or(Ok(()), check_reference)?;
    options.label.as_deref().map_or(Ok(()), check_label)?;
    if let Some(retries) = new.retries
        && !(0..=100).contains(&retries)
    {
        return Err(Error::invalid("message:retries", format!("retries is {retries}; it must be 0 to 100.")));
    }
    if !(0..=30).contains(&options.typing) {
        return Err(Error::invalid(
            "message:typing",
            format!("typing is {}; it must be 0 to 30 seconds.", options.typing),
        ));
    }
    if let Some(quote) = &new.quote
        && !((18..=32).contains(&quote.len()) && quote.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return Err(Error::invalid(
            "message:quote",
            format!("quote is '{quote}'; it must be a WhatsApp message id of 18 to 32 hexadecimal digits."),
        ));
    }
    match options.enqueue.as_deref() {
        None | Some("" | "always" | "never" | "opportunistic") => {}
        Some(other) => {
            return Err(Error::invalid(
                "message:enqueue",
                format!("enqueue is '{other}'; it must be always, never or opportunistic."),
            ));
        }
    }
    if options.live && matches!(options.enqueue.as_deref(), Some("always" | "opportunistic")) {
        return Err(Error::invalid(
            "message:enqueue",
            format!("live and enqueue={} contradict each other.", options.enqueue.as_deref().unwrap_or_default()),
        ));
    }
    Ok(())
}

/// A WhatsApp message id: `3EB0` as web clients start theirs, then random.
pub(super) fn wa_id() -> String {
    let mut random = [0u8; 9];
    rand::rng().fill(&mut random);
    format!("3EB0{}", hex::encode_upper(random))
}

/// A key for votes and answers. Chosen here, so that each retry says the same.
pub(super) fn secret() -> Vec<u8> {
    let mut random = [0u8; 32];
    rand::rng().fill(&mut random);
    random.to_vec()
}

#[cfg(test)]
mod tests {
    use super::wa_id;

    #[test]
    fn whatsapp_ids_are_22_upper_case_digits() {
        let id = wa_id();
        assert_eq!(id.len(), 22);
        assert!(id.starts_with("3EB0"));
        assert!(id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()));
        assert_ne!(id, wa_id());
    }
}
