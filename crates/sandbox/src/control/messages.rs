//! Conversations on a phone: sending, listing, reading.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use waproto::whatsapp as wa;

use super::Context;
use super::error::{Body, OfPhone, Params, Refusal, existing, made, number};
use super::polling::Poll;
use crate::ids::{AccountId, Chat, Domain, GroupId, PhoneNumber, STATUS};
use crate::phone::conversation::Shown;
use crate::phone::{content, outgoing};
use crate::timing::Addressing;
use crate::world::World;

/// The longest text, in bytes.
const MAX_TEXT: usize = 65_536;
/// The longest message id.
const MAX_ID: usize = 128;

fn number_of(world: &World, id: AccountId) -> Value {
    world.accounts.get(&id).map_or(Value::Null, |account| account.number.to_string().into())
}

/// How a conversation is called: the number, the group's address, or
/// `status@broadcast`.
pub(super) fn chat_name(world: &World, chat: Chat) -> Value {
    match chat {
        Chat::Person(person) => number_of(world, person),
        Chat::Group(group) => group.jid().to_string().into(),
        Chat::Status => STATUS.into(),
    }
}

/// What a request names as a conversation.
#[derive(Debug, Clone)]
enum Named {
    Person(PhoneNumber),
    Chat(Chat),
}

fn named(text: &str) -> Result<Named, Refusal> {
    if text == STATUS {
        return Ok(Named::Chat(Chat::Status));
    }
    match GroupId::parse(text) {
        Some(group) => Ok(Named::Chat(Chat::Group(group))),
        None => number(text).map(Named::Person),
    }
}

impl Named {
    /// The conversation, with a person who need not exist yet.
    fn made(&self, world: &mut World) -> Result<Chat, Refusal> {
        match self {
            Self::Person(number) => made(world, number).map(Chat::Person),
            Self::Chat(chat) => Ok(*chat),
        }
    }

    /// The conversation, if its person exists.
    fn found(&self, world: &World) -> Option<Chat> {
        match self {
            Self::Person(number) => world.find_number(number).map(Chat::Person),
            Self::Chat(chat) => Some(*chat),
        }
    }
}

fn shown_json(world: &World, me: AccountId, shown: &Shown, raw: bool) -> Value {
    let mut json = json!({
        "seq": shown.seq,
        "id": shown.id,
        "chat": chat_name(world, shown.chat),
        "from": number_of(world, shown.from),
        "fromMe": shown.from == me,
        "fromDevice": shown.from_device,
        "kind": shown.kind,
        "text": shown.text,
        "timestamp": shown.timestamp,
        "copies": shown.copies,
        "read": shown.read,
    });
    if let Some(json) = json.as_object_mut() {
        if let Some(target) = &shown.target {
            json.insert("target".to_owned(), target.as_str().into());
        }
        if raw {
            json.insert("raw".to_owned(), shown.raw());
        }
    }
    json
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewMessage {
    to: String,
    text: Option<String>,
    message: Option<Value>,
    /// A message id of the caller's choice.
    id: Option<String>,
    addressing: Option<Addressing>,
}

/// `POST /phones/{phone}/messages`
pub(super) async fn send(
    State(context): State<Context>,
    OfPhone(from): OfPhone,
    Body(body): Body<NewMessage>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let to = named(&body.to)?;
    if body.id.as_ref().is_some_and(|id| id.is_empty() || id.len() > MAX_ID) {
        return Err(Refusal::invalid(format!("an id has 1 to {MAX_ID} characters")));
    }
    context.hub.with(|world| {
        let (me, to) = (made(world, &from)?, to.made(world)?);
        let message = match (body.text, body.message) {
            (Some(text), None) if text.len() <= MAX_TEXT => {
                wa::Message { conversation: Some(text), ..Default::default() }
            }
            (Some(_), None) => return Err(Refusal::invalid(format!("text has at most {MAX_TEXT} bytes"))),
            (None, Some(message)) => {
                content::from_json(&message, |id| key_of(world, me, id)).map_err(Refusal::invalid)?
            }
            _ => return Err(Refusal::invalid("give either text or message")),
        };
        if world.accounts.get(&me).is_none_or(|account| !account.phone.online) {
            return Err(Refusal::new(
                StatusCode::CONFLICT,
                "phone_offline",
                "the phone is switched off; POST …/online switches it on",
            ));
        }
        let sent = outgoing::send_to(world, me, to, message, body.id, body.addressing.map(Domain::from));
        let sent = sent.ok_or_else(|| Refusal::invalid("the message could not be sealed"))?;
        Ok((
            StatusCode::CREATED,
            Json(json!({"id": sent.id, "chat": chat_name(world, to), "timestamp": sent.timestamp})),
        ))
    })
}

/// The key of a message on a phone, for reactions, edits and the like.
fn key_of(world: &World, me: AccountId, id: &str) -> Option<wa::MessageKey> {
    let account = world.accounts.get(&me)?;
    let shown = account.phone.conversations.find(id)?;
    let default = world.timing.addressing.into();
    let domain = match shown.chat {
        Chat::Person(person) => account.phone.domain_for(person, default),
        Chat::Group(_) | Chat::Status => default,
    };
    Some(wa::MessageKey {
        remote_jid: Some(world.chat_jid(shown.chat, domain)?.to_string()),
        from_me: Some(shown.from == me),
        id: Some(id.to_owned()),
        participant: None,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    chat: Option<String>,
    raw: Option<String>,
}

/// `GET /phones/{phone}/messages`
pub(super) async fn list(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Params(poll): Params<Poll>,
    Params(filter): Params<Filter>,
) -> Result<Json<Value>, Refusal> {
    let chat = filter.chat.filter(|chat| !chat.is_empty()).as_deref().map(named).transpose()?;
    let raw = filter.raw.is_some_and(|raw| raw != "false" && raw != "0");
    let messages = poll
        .answer(&context.hub, |world| {
            let me = existing(world, &of)?;
            let chat = match &chat {
                Some(chat) => match chat.found(world) {
                    Some(chat) => Some(chat),
                    None => return Ok(Vec::new()),
                },
                None => None,
            };
            let found = world.accounts.get(&me).map(|account| {
                account
                    .phone
                    .conversations
                    .after(poll.after(), chat)
                    .take(poll.limit())
                    .map(|shown| shown_json(world, me, shown, raw))
                    .collect::<Vec<_>>()
            });
            Ok::<_, Refusal>(found.unwrap_or_default())
        })
        .await?;
    let last =
        messages.last().and_then(|message| message.get("seq")).and_then(Value::as_u64).unwrap_or_else(|| poll.after());
    Ok(Json(json!({ "messages": messages, "last": last })))
}

/// `GET /phones/{phone}/messages/{id}`
pub(super) async fn show(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let shown = world.accounts.get(&me).and_then(|account| account.phone.conversations.find(&id));
        let shown = shown.ok_or_else(|| {
            Refusal::new(StatusCode::NOT_FOUND, "no_such_message", format!("{of} has no message {id}"))
        })?;
        let mut json = shown_json(world, me, shown, true);
        if let Some(json) = json.as_object_mut() {
            json.insert("receipts".to_owned(), json!(shown.receipts));
        }
        Ok(Json(json))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Read {
    chat: String,
    ids: Option<Vec<String>>,
}

/// `POST /phones/{phone}/read`
pub(super) async fn read(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Read>,
) -> Result<Json<Value>, Refusal> {
    let chat = named(&body.chat)?;
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let chat = match &chat {
            Named::Person(number) => Chat::Person(existing(world, number)?),
            Named::Chat(chat) => *chat,
        };
        let ids = outgoing::read(world, me, chat, body.ids.as_deref());
        Ok(Json(json!({ "ids": ids })))
    })
}
