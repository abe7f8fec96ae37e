//! The past of a phone: what was said before the sandbox knew it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Context;
use super::chats::{chat_jid, chat_label};
use super::error::{Body, OfPhone, Params, Refusal, existing};
use crate::phone::app_state::chat_name;
use crate::phone::past::{MAX_MESSAGES, PastMessage};
use crate::phone::past_maker::{Wanted, make};

/// The most chats of one request.
const MAX_CHATS: usize = 5_000;
/// The longest text of a message, in bytes.
const MAX_TEXT: usize = 65_536;
/// The longest id of a message.
const MAX_ID: usize = 128;
/// The most days a made past goes back.
const MAX_DAYS: u64 = 3_650;
/// How many messages an answer has unless told.
const DEFAULT_LIMIT: usize = 100;
/// The most messages of an answer.
const MAX_LIMIT: usize = 1_000;

/// Either made from a seed, or given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct New {
    /// Makes this many chats with people made for them.
    chats: Option<usize>,
    messages_per_chat: Option<usize>,
    days: Option<u64>,
    seed: Option<u64>,
    given: Option<Vec<Given>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Given {
    chat: String,
    name: Option<String>,
    messages: Vec<GivenMessage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenMessage {
    id: Option<String>,
    #[serde(default)]
    from_me: bool,
    author: Option<String>,
    text: String,
    /// Seconds since the epoch.
    timestamp: u64,
    #[serde(default)]
    read: bool,
    reaction: Option<String>,
}

/// `POST /phones/{phone}/history`
pub(super) async fn add(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<New>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let chats = body.chats.unwrap_or(0);
    let per_chat = body.messages_per_chat.unwrap_or(20);
    let given = body.given.unwrap_or_default();
    if chats > MAX_CHATS || given.len() > MAX_CHATS {
        return Err(Refusal::invalid(format!("at most {MAX_CHATS} chats")));
    }
    if chats.saturating_mul(per_chat) > MAX_MESSAGES {
        return Err(Refusal::invalid(format!("a phone's past has at most {MAX_MESSAGES} messages")));
    }
    let days = body.days.unwrap_or(365);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Refusal::invalid(format!("days is 1 to {MAX_DAYS}")));
    }
    if chats == 0 && given.is_empty() {
        return Err(Refusal::invalid("say how many chats to make, or give some"));
    }
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let mut made = 0;
        if chats > 0 {
            let seed = body.seed.unwrap_or(1);
            made += make(world, me, Wanted { seed, chats, messages_per_chat: per_chat, days });
        }
        for given in given {
            let chat = chat_name(world, &chat_jid(world, &given.chat)?);
            let messages: Result<Vec<PastMessage>, Refusal> =
                given.messages.into_iter().map(|message| past(world, message)).collect();
            if let Some(account) = world.accounts.get_mut(&me) {
                made += account.phone.past.add(&chat, given.name, messages?);
            }
        }
        world.changed();
        let past = world.accounts.get(&me).map(|account| &account.phone.past);
        let (chats, messages) = past.map_or((0, 0), |past| (past.chats.len(), past.len()));
        Ok((StatusCode::CREATED, Json(json!({"added": made, "chats": chats, "messages": messages}))))
    })
}

fn past(world: &mut crate::world::World, given: GivenMessage) -> Result<PastMessage, Refusal> {
    if given.text.len() > MAX_TEXT || given.id.as_ref().is_some_and(|id| id.is_empty() || id.len() > MAX_ID) {
        return Err(Refusal::invalid(format!(
            "a text has at most {MAX_TEXT} bytes and an id 1 to {MAX_ID} characters"
        )));
    }
    let author = given.author.map(|author| Ok::<_, Refusal>(chat_name(world, &chat_jid(world, &author)?).into()));
    let id = match given.id {
        Some(id) => id,
        None => format!("3EB0{}", hex::encode_upper(world.random::<9>())),
    };
    Ok(PastMessage {
        id: id.into(),
        from_me: given.from_me,
        author: author.transpose()?,
        text: given.text.into(),
        timestamp: given.timestamp,
        read: given.read,
        reaction: given.reaction.map(Into::into),
    })
}

/// `?chat=&limit=`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    chat: Option<String>,
    limit: Option<usize>,
}

/// `GET /phones/{phone}/history`: how much there is, and the newest messages of
/// one chat.
pub(super) async fn show(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Params(filter): Params<Filter>,
) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let chat = match filter.chat.as_deref().filter(|chat| !chat.is_empty()) {
            Some(chat) => Some(chat_name(world, &chat_jid(world, chat)?)),
            None => None,
        };
        let limit = filter.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
        let Some(account) = world.accounts.get(&me) else {
            return Ok(Json(Value::Null));
        };
        let past = &account.phone.past;
        let messages: Vec<Value> = chat
            .and_then(|chat| past.chats.get(&chat))
            .map(|chat| &chat.messages[chat.messages.len().saturating_sub(limit)..])
            .unwrap_or_default()
            .iter()
            .map(|message| {
                json!({
                    "id": message.id, "fromMe": message.from_me, "text": message.text,
                    "author": message.author.as_deref().map(chat_label), "timestamp": message.timestamp,
                    "read": message.read, "reaction": message.reaction,
                })
            })
            .collect();
        let untold: usize = account.phone.telling.values().map(std::collections::VecDeque::len).sum();
        Ok(Json(json!({
            "chats": past.chats.len(), "total": past.len(), "untoldParts": untold, "messages": messages,
        })))
    })
}
