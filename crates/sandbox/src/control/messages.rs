//! Conversations on a phone: sending, listing, reading.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use buffa::MessageField;
use serde::Deserialize;
use serde_json::{Value, json};
use waproto::whatsapp as wa;

use super::Context;
use super::error::{Body, OfPhone, Params, Refusal, existing, made, number};
use super::polling::Poll;
use super::shown::shown_json;
use crate::ids::{AccountId, Chat, DeviceRef, Domain, GroupId, PhoneNumber, STATUS};
use crate::phone::content::make::{self, Target};
use crate::phone::content::make_file::{self, About, FileWords};
use crate::phone::outgoing::Unsent;
use crate::phone::{content, outgoing, reading};
use crate::timing::Addressing;
use crate::world::World;

/// The longest text, in bytes.
const MAX_TEXT: usize = 65_536;
/// The most people one message mentions.
const MAX_MENTIONS: usize = 1_024;
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
pub(super) enum Named {
    Person(PhoneNumber),
    Chat(Chat),
}

pub(super) fn named(text: &str) -> Result<Named, Refusal> {
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

    /// The conversation, whose person must exist.
    pub(super) fn existing(&self, world: &World) -> Result<Chat, Refusal> {
        match self {
            Self::Person(number) => existing(world, number).map(Chat::Person),
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewMessage {
    to: String,
    text: Option<String>,
    message: Option<Value>,
    media: Option<FileWords>,
    /// A message id of the caller's choice.
    id: Option<String>,
    addressing: Option<Addressing>,
    /// The id of a message to answer.
    quote: Option<String>,
    /// Numbers.
    #[serde(default)]
    mentions: Vec<String>,
    #[serde(default)]
    forwarded: bool,
    /// Seconds until it disappears.
    expiration: Option<u32>,
    /// Who sees a status update.
    audience: Option<Vec<String>>,
}

fn unsent(why: Unsent) -> Refusal {
    match why {
        Unsent::Unsealed => Refusal::invalid("the message could not be sealed"),
        Unsent::Refused(code) => Refusal::new(
            StatusCode::FORBIDDEN,
            "refused",
            format!("the server refuses the message with {code}: 403 to who is no member or may not write, 404 when there is no such group, 463 when the person takes first messages only with a token"),
        )
        .with("code", code),
    }
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
    if body.mentions.len() > MAX_MENTIONS {
        return Err(Refusal::invalid(format!("a message mentions at most {MAX_MENTIONS} people")));
    }
    let mentions: Vec<PhoneNumber> = body.mentions.iter().map(|text| number(text)).collect::<Result<_, _>>()?;
    let made_of = [body.text.is_some(), body.message.is_some(), body.media.is_some()];
    if made_of.iter().filter(|given| **given).count() != 1 {
        return Err(Refusal::invalid("give one of text, message and media"));
    }
    let file = match body.media {
        Some(words) => Some(super::files::sent(&context, words).await?),
        None => None,
    };
    context.hub.with(|world| {
        let (me, to) = (made(world, &from)?, to.made(world)?);
        let mut message = match (body.text, body.message, file) {
            (Some(text), ..) if text.len() <= MAX_TEXT => {
                wa::Message { conversation: Some(text), ..Default::default() }
            }
            (Some(_), ..) => return Err(Refusal::invalid(format!("text has at most {MAX_TEXT} bytes"))),
            (_, Some(message), _) => {
                make::from_json(&message, world.now_ms(), |id| target(world, me, id)).map_err(Refusal::invalid)?
            }
            (_, _, file) => file.unwrap_or_default(),
        };
        if world.accounts.get(&me).is_none_or(|account| !account.phone.online) {
            return Err(Refusal::new(
                StatusCode::CONFLICT,
                "phone_offline",
                "the phone is switched off; POST …/online switches it on",
            ));
        }
        let quoting = match &body.quote {
            Some(id) => {
                let quoted = target(world, me, id);
                Some(quoted.ok_or_else(|| Refusal::invalid(format!("this phone has no message {id} to quote")))?)
            }
            None => None,
        };
        let mentions = mentions
            .iter()
            .map(|number| made(world, number).map(|id| world.jid(DeviceRef::phone(id), Domain::Lid).to_string()))
            .collect::<Result<_, _>>()?;
        let about = About {
            quoting: quoting.as_ref().map(make::quoting),
            mentions,
            forwarded: body.forwarded,
            expiration: body.expiration,
        };
        make_file::tell(&mut message, about);
        give_secret(&mut message, world.random());
        let audience = match &body.audience {
            Some(_) if to != Chat::Status => return Err(Refusal::invalid("only a status update has an audience")),
            audience => {
                audience.iter().flatten().map(|one| existing(world, &number(one)?)).collect::<Result<Vec<_>, _>>()?
            }
        };
        let sent = outgoing::send_to(world, me, to, message, body.id, (body.addressing.map(Domain::from), &audience));
        let sent = sent.map_err(unsent)?;
        Ok((
            StatusCode::CREATED,
            Json(json!({"id": sent.id, "chat": chat_name(world, to), "timestamp": sent.timestamp})),
        ))
    })
}

/// Gives a message the secret with which others vote on it, answer and edit; one
/// that is about another message needs none.
pub(super) fn give_secret(message: &mut wa::Message, secret: [u8; 32]) {
    if content::secret(message).is_some() || content::aim::of(content::unwrapped(message).0).is_some() {
        return;
    }
    let mut context = message.message_context_info.as_option().cloned().unwrap_or_default();
    context.message_secret = Some(secret.to_vec());
    message.message_context_info = MessageField::some(context);
}

/// A message on a phone, for reactions, votes, edits and the like.
pub(super) fn target(world: &World, me: AccountId, id: &str) -> Option<Target> {
    let account = world.accounts.get(&me)?;
    let shown = account.phone.conversations.find(id)?;
    let default = world.timing.addressing.into();
    let domain = match shown.chat {
        Chat::Person(person) => account.phone.domain_for(person, default),
        Chat::Group(group) => world.groups.get(group).map_or(default, |group| group.addressing),
        Chat::Status => Domain::Lid,
    };
    let name = |account| world.jid(DeviceRef::phone(account), domain).to_string();
    let author = name(shown.from);
    let key = wa::MessageKey {
        remote_jid: Some(world.chat_jid(shown.chat, domain)?.to_string()),
        from_me: Some(shown.from == me),
        id: Some(id.to_owned()),
        participant: (!matches!(shown.chat, Chat::Person(_)) && shown.from != me).then(|| author.clone()),
    };
    Some(Target { key, author, own: name(me), message: (*shown.message).clone() })
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
        let chat = chat.existing(world)?;
        let ids = reading::read(world, me, chat, body.ids.as_deref());
        Ok(Json(json!({ "ids": ids })))
    })
}
