//! What may enter the queue.

use rand::RngExt;
use serde_json::Value;
use sparkbot_store::rows::{Counts, DeviceRow, MessageRow};

use super::{Expiration, NewMessage, actions, payload};
use crate::app::Core;
use crate::clock::{iso, parse_iso};
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::MessageId;
use crate::keys::{Caller, Scope};
use crate::phone::Phone;
use crate::views::{DeviceRef, OutboundMessage, PRIORITIES, SessionState};
use crate::wid::{Wid, WidKind};

/// Characters of a text at most.
const TEXT: usize = 6000;
/// Characters of a reference at most.
const REFERENCE: usize = 128;
/// Tries after the first, unless asked otherwise.
const RETRIES: i64 = 25;
/// Longest life in the queue: 30 days.
const LIFE_SECONDS: i64 = 2_592_000;

/// Accepts a message: it is in the queue, durable, when this returns.
///
/// # Errors
/// For every value out of range, with the value; `device:notfound`;
/// `session:offline` for a live message while the number is not online;
/// `queue:full`.
pub async fn enqueue(core: &Core, caller: &Caller, new: NewMessage) -> Result<OutboundMessage> {
    caller.need(Scope::MessagesWrite)?;
    let chat = receiver(&new)?;
    let body = text(new.message.as_deref())?;
    let priority = priority(new.priority.as_deref())?;
    check(&new)?;
    let actions = actions::parse(&new.actions)?;
    let now = core.now();
    let expires_at = new.expiration.as_ref().map(|e| expiry(e, now)).transpose()?;
    let at_once = new.live || new.enqueue.as_deref() == Some("never");
    let limit = core.settings().queue_limit;
    let (account, device, wake) = (caller.account.clone(), new.device.clone(), new.device.clone());
    let payload = payload::of(&new);
    let message = MessageRow {
        id: MessageId::new(now),
        account_id: caller.account.clone(),
        device_id: new.device.clone(),
        wa_id: wa_id(),
        target: match chat.kind() {
            WidKind::Group => "group",
            WidKind::Channel => "channel",
            _ => "user",
        }
        .to_owned(),
        chat: chat.to_string(),
        kind: "text".to_owned(),
        body: Some(body),
        payload: Value::Object(payload).to_string(),
        source: "api".to_owned(),
        status: "queued".to_owned(),
        delivery_status: "queued".to_owned(),
        webhook_status: "pending".to_owned(),
        priority,
        reference: new.reference.clone(),
        agent_id: new.agent.clone(),
        created_by: caller.user.to_string(),
        deliver_at: now,
        next_attempt_at: now,
        expires_at,
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
    let (row, device) = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).device(&device).await?.ok_or_else(|| devices::not_found(&device))?;
                if let Some(repeat) = &new.idempotency
                    && let Some(id) = repeat.earlier(w, &account).await?
                {
                    let id: MessageId = id.parse().map_err(Error::internal)?;
                    let earlier = w.account(&account).message(&id).await?;
                    return Ok((earlier.ok_or_else(|| Error::internal("a remembered message is gone"))?, row));
                }
                let counts = w.account(&account).queue_counts(&device, now).await?;
                takes(&row, counts, at_once, limit)?;
                if let Some(agent) = &new.agent {
                    devices::check_agent(w, &account, agent).await?;
                }
                actions::check(w, &account, &actions).await?;
                w.account(&account).insert_message(&message).await?;
                if let Some(repeat) = new.idempotency {
                    repeat.remember(w, &account, message.id.to_string(), now).await?;
                }
                Ok::<_, Error>((message, row))
            })
        })
        .await?;
    metrics::counter!("sparkbot_messages_accepted_total").increment(1);
    core.sessions().wake(&wake);
    OutboundMessage::of(&row, &DeviceRef::of(&device))
}

/// Whether a number takes another message right now.
fn takes(row: &DeviceRow, counts: Counts, at_once: bool, limit: i64) -> Result<()> {
    if row.status == "disabled" {
        return Err(Error::conflict("device:disabled", format!("The WhatsApp number {} is disabled.", row.id))
            .hint("Enable it with PATCH /v1/devices/{id} {\"enable\": true}."));
    }
    if at_once && row.session_status != SessionState::Online.word() {
        return Err(crate::sessions::offline(&row.id, &row.session_status)
            .with("enqueue", "leave out 'live' and 'enqueue' to have it sent once the number is online"));
    }
    if counts.queued >= limit {
        return Err(Error::new(
            Kind::TooMany,
            "queue:full",
            format!("The queue of this number holds {} messages, which is all it takes.", counts.queued),
        )
        .hint("Wait until some are sent, or raise queue_limit in the configuration.")
        .after(std::time::Duration::from_secs(60)));
    }
    Ok(())
}

fn receiver(new: &NewMessage) -> Result<Wid> {
    let given: Vec<&str> = [("phone", &new.phone), ("group", &new.group), ("channel", &new.channel)]
        .into_iter()
        .filter(|(_, value)| value.is_some())
        .map(|(name, _)| name)
        .collect();
    if given.len() != 1 {
        return Err(Error::invalid(
            "message:receiver",
            if given.is_empty() {
                "The message has no receiver.".to_owned()
            } else {
                format!("The message has more than one receiver: {}.", given.join(" and "))
            },
        )
        .hint("Give exactly one of 'phone' (a person), 'group' or 'channel'."));
    }
    let wanted = |text: &str, kind: WidKind, code: &'static str, example: &str| {
        text.parse::<Wid>().ok().filter(|wid| wid.kind() == kind).ok_or_else(|| {
            Error::invalid(
                code,
                format!("'{}' is not an id such as {example}.", text.chars().take(60).collect::<String>()),
            )
        })
    };
    match (&new.phone, &new.group, &new.channel) {
        (Some(phone), _, _) => {
            if let Ok(wid) = phone.parse::<Wid>()
                && matches!(wid.kind(), WidKind::User | WidKind::Lid)
            {
                return Ok(wid);
            }
            let phone = Phone::parse(phone).map_err(|why| {
                Error::invalid("phone:invalid", format!("The phone number {why}."))
                    .hint("Give the full number in E.164 form, such as +16001234560.")
            })?;
            Ok(Wid::user(&phone))
        }
        (_, Some(group), _) => wanted(group, WidKind::Group, "group:invalid", "120363012345678901@g.us"),
        (_, _, Some(channel)) => wanted(channel, WidKind::Channel, "channel:invalid", "120363012345678901@newsletter"),
        _ => Err(Error::internal("a receiver was counted but not found")),
    }
}

fn text(message: Option<&str>) -> Result<String> {
    let text = message.unwrap_or_default();
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Err(
            Error::invalid("message:empty", "The message has no text.").hint("Give 'message' 1 to 6000 characters.")
        );
    }
    if length > TEXT {
        return Err(Error::invalid(
            "message:too_long",
            format!("The message has {length} characters; at most {TEXT} are sent."),
        ));
    }
    Ok(text.to_owned())
}

fn priority(word: Option<&str>) -> Result<i64> {
    let word = word.unwrap_or("normal");
    PRIORITIES.iter().find(|(known, _)| *known == word).map(|(_, priority)| *priority).ok_or_else(|| {
        Error::invalid(
            "message:priority",
            format!("The priority is '{word}'; it must be one of low, normal, high, urgent."),
        )
    })
}

fn check(new: &NewMessage) -> Result<()> {
    if let Some(reference) = &new.reference {
        let length = reference.chars().count();
        if length == 0 || length > REFERENCE {
            return Err(Error::invalid(
                "message:reference",
                format!("The reference has {length} characters; it needs 1 to {REFERENCE}."),
            ));
        }
    }
    if let Some(label) = &new.label {
        let length = label.chars().count();
        if length == 0 || length > 30 {
            return Err(Error::invalid(
                "label:invalid",
                format!("The label has {length} characters; it needs 1 to 30."),
            ));
        }
    }
    if let Some(retries) = new.retries
        && !(0..=100).contains(&retries)
    {
        return Err(Error::invalid("message:retries", format!("retries is {retries}; it must be 0 to 100.")));
    }
    if !(0..=30).contains(&new.typing) {
        return Err(Error::invalid("message:typing", format!("typing is {}; it must be 0 to 30 seconds.", new.typing)));
    }
    if let Some(quote) = &new.quote
        && !((18..=32).contains(&quote.len()) && quote.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return Err(Error::invalid(
            "message:quote",
            format!("quote is '{quote}'; it must be a WhatsApp message id of 18 to 32 hexadecimal digits."),
        ));
    }
    match new.enqueue.as_deref() {
        None | Some("" | "always" | "never" | "opportunistic") => {}
        Some(other) => {
            return Err(Error::invalid(
                "message:enqueue",
                format!("enqueue is '{other}'; it must be always, never or opportunistic."),
            ));
        }
    }
    if new.live && new.enqueue.as_deref() == Some("always") {
        return Err(Error::invalid("message:enqueue", "live and enqueue=always contradict each other."));
    }
    Ok(())
}

/// When a message is no longer worth sending, Unix milliseconds.
fn expiry(expiration: &Expiration, now: i64) -> Result<i64> {
    let given = usize::from(expiration.seconds.is_some())
        + usize::from(expiration.duration.is_some())
        + usize::from(expiration.date.is_some());
    if given != 1 {
        return Err(Error::invalid("message:expiration", "expiration needs exactly one of seconds, duration or date."));
    }
    if let Some(seconds) = expiration.seconds {
        if !(5..=LIFE_SECONDS).contains(&seconds) {
            return Err(Error::invalid(
                "message:expiration",
                format!("expiration.seconds is {seconds}; it must be 5 to {LIFE_SECONDS}."),
            ));
        }
        return Ok(now + seconds * 1000);
    }
    if let Some(duration) = &expiration.duration {
        let seconds = seconds(duration).filter(|s| (5..=LIFE_SECONDS).contains(s)).ok_or_else(|| {
            Error::invalid(
                "message:expiration",
                format!(
                    "expiration.duration is '{duration}'; it must be a time such as 30s, 10m, 2h or 7d, at most 30d."
                ),
            )
        })?;
        return Ok(now + seconds * 1000);
    }
    let text = expiration.date.as_deref().unwrap_or_default();
    let at = parse_iso(text).ok_or_else(|| {
        Error::invalid(
            "message:expiration",
            format!("expiration.date is '{text}'; it must be a date such as {}.", iso(now + 3_600_000)),
        )
    })?;
    if at <= now {
        return Err(Error::invalid("message:expiration", format!("expiration.date {text} has passed.")));
    }
    Ok(at)
}

/// `30s`, `10m`, `2h`, `7d` in seconds.
fn seconds(duration: &str) -> Option<i64> {
    let unit = match duration.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let number = duration.get(..duration.len() - 1)?;
    if number.is_empty() || number.len() > 7 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    number.parse::<i64>().ok().map(|n| n * unit)
}

/// A WhatsApp message id: `3EB0` as web clients start theirs, then random.
fn wa_id() -> String {
    let mut random = [0u8; 9];
    rand::rng().fill(&mut random);
    format!("3EB0{}", hex::encode_upper(random))
}

#[cfg(test)]
mod tests {
    use super::{expiry, seconds, wa_id};
    use crate::outbound::Expiration;

    #[test]
    fn whatsapp_ids_are_22_upper_case_digits() {
        let id = wa_id();
        assert_eq!(id.len(), 22);
        assert!(id.starts_with("3EB0"));
        assert!(id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()));
        assert_ne!(id, wa_id());
    }

    #[test]
    fn durations_have_one_unit() {
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("7d"), Some(604_800));
        for bad in ["", "m", "-1m", "10", "1.5h", "10w", "99999999s", "ñ"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn expiration_takes_one_way_of_saying_it() {
        let now = 1_000_000;
        let ask = |seconds, duration: Option<&str>, date: Option<&str>| {
            let (duration, date) = (duration.map(str::to_owned), date.map(str::to_owned));
            expiry(&Expiration { seconds, duration, date }, now)
        };
        assert_eq!(ask(Some(5), None, None).expect("seconds"), now + 5000);
        assert_eq!(ask(None, Some("1h"), None).expect("duration"), now + 3_600_000);
        assert!(ask(None, None, Some("1970-01-01T01:00:00Z")).is_ok());
        assert!(ask(None, None, Some("1970-01-01T00:00:01Z")).expect_err("past").message.contains("has passed"));
        assert!(ask(Some(4), None, None).is_err());
        assert!(ask(None, None, None).is_err());
        assert!(ask(Some(10), Some("1h"), None).is_err());
    }
}
