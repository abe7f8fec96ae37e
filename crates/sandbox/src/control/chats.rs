//! The list of chats as the phone shows it, and what a person does with a chat
//! or a single message beside writing.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use wacore_appstate::schemas;
use wacore_binary::Jid;
use waproto::whatsapp as wa;
use waproto::whatsapp::sync_action_value::{SyncActionMessage, SyncActionMessageRange};

use super::Context;
use super::error::{Body, OfPhone, Params, Refusal, existing};
use crate::ids::{AccountId, PhoneNumber};
use crate::phone::app_state::actions::{self, Action, chat_address};
use crate::phone::app_state::{change, chat_name};
use crate::phone::chat_list::{Listed, list};
use crate::phone::reading;
use crate::world::World;

/// The most labels one request may put on a chat.
const MAX_LABELS: usize = 100;
/// How many messages of a chat a change of it names.
const RANGE: usize = 5;

/// A chat out of a path or body: a number, or an address.
pub(super) fn chat_jid(world: &World, text: &str) -> Result<Jid, Refusal> {
    if let Some(number) = PhoneNumber::parse(text) {
        let jid = Jid::new(number.digits(), wacore_binary::Server::Pn);
        return Ok(world
            .find(&jid)
            .and_then(|id| world.accounts.get(&id))
            .map_or(jid, |account| account.jid(crate::ids::Domain::Pn)));
    }
    text.parse::<Jid>()
        .map(|jid| jid.to_non_ad())
        .map_err(|_| Refusal::invalid(format!("{text:?} is neither a phone number nor the address of a chat")))
}

/// A chat as the API names it: people by number, everything else by address.
pub(super) fn chat_label(chat: &str) -> String {
    chat.strip_suffix("@s.whatsapp.net").map_or_else(|| chat.to_owned(), |digits| format!("+{digits}"))
}

fn chat_json(world: &World, listed: &Listed) -> Value {
    json!({
        "chat": chat_label(&listed.chat),
        "jid": listed.chat,
        "lid": listed.lid,
        "name": listed.name,
        "unread": listed.unread,
        "markedUnread": listed.state.marked_unread,
        "archived": listed.state.archived,
        "pinned": listed.state.pinned_at.is_some(),
        "pinnedAt": listed.state.pinned_at,
        "mutedUntil": listed.state.muted_until.filter(|until| *until < 0 || i64::try_from(world.now_ms()).is_ok_and(|now| *until > now)),
        "locked": listed.state.locked,
        "labels": listed.labels,
        "messages": listed.messages,
        "lastMessage": listed.last.as_ref().map(|last| json!({
            "id": last.id, "from": last.from, "fromMe": last.from_me, "kind": last.kind, "text": last.text,
            "timestamp": last.timestamp,
        })),
    })
}

/// `GET /phones/{phone}/chats`: pinned chats first, then those with the newest
/// messages.
pub(super) async fn show_all(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Params(filter): Params<Filter>,
) -> Result<Json<Value>, Refusal> {
    let archived = match filter.archived.as_deref() {
        None | Some("") => None,
        Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        Some(other) => return Err(Refusal::invalid(format!("archived is true or false, not {other:?}"))),
    };
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let chats: Vec<Value> = list(world, me)
            .iter()
            .filter(|listed| archived.is_none_or(|archived| listed.state.archived == archived))
            .map(|listed| chat_json(world, listed))
            .collect();
        Ok(Json(json!({ "chats": chats })))
    })
}

/// `?archived=`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    archived: Option<String>,
}

/// `GET /phones/{phone}/chats/{chat}`
pub(super) async fn show(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, chat)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let chat = chat_name(world, &chat_jid(world, &chat)?);
        found(world, me, &chat)
    })
}

fn found(world: &World, me: AccountId, chat: &str) -> Result<Json<Value>, Refusal> {
    list(world, me).iter().find(|listed| listed.chat == chat).map(|listed| Json(chat_json(world, listed))).ok_or_else(
        || {
            Refusal::new(
                StatusCode::NOT_FOUND,
                "no_such_chat",
                format!("this phone shows no chat {}", chat_label(chat)),
            )
        },
    )
}

/// What a person changes about a chat; `mutedUntil` is in milliseconds, -1 for
/// ever, and null unmutes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Changes {
    archived: Option<bool>,
    pinned: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    muted_until: Option<Option<i64>>,
    read: Option<bool>,
    locked: Option<bool>,
    /// All labels it has from now on.
    labels: Option<Vec<String>>,
}

/// Tells null from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::<i64>::deserialize(deserializer).map(Some)
}

/// `PUT /phones/{phone}/chats/{chat}`
pub(super) async fn put(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, chat)): Path<(String, String)>,
    Body(changes): Body<Changes>,
) -> Result<Json<Value>, Refusal> {
    if changes.labels.as_ref().is_some_and(|labels| labels.len() > MAX_LABELS) {
        return Err(Refusal::invalid(format!("a chat has at most {MAX_LABELS} labels")));
    }
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let jid = chat_jid(world, &chat)?;
        must_be_on(world, me)?;
        let name = chat_name(world, &jid);
        let wanted = chat_changes(world, me, &jid, &name, &changes)?;
        if changes.read == Some(true)
            && let Some(chat) = world.chat_of(&jid)
        {
            reading::read(world, me, chat, None);
        }
        change(world, me, &wanted);
        found(world, me, &name)
    })
}

fn chat_changes(
    world: &World,
    me: AccountId,
    jid: &Jid,
    name: &str,
    changes: &Changes,
) -> Result<Vec<Action>, Refusal> {
    let address = |schema| chat_address(world, me, schema, jid);
    let range = || range(world, me, name);
    let mut wanted = Vec::new();
    if let Some(archived) = changes.archived {
        wanted.push(actions::archive(&address(&schemas::ARCHIVE), archived, range()));
    }
    if let Some(pinned) = changes.pinned {
        wanted.push(actions::pin(&address(&schemas::PIN), pinned));
    }
    if let Some(until) = changes.muted_until {
        wanted.push(actions::mute(&address(&schemas::MUTE), until.filter(|until| *until != 0)));
    }
    if let Some(read) = changes.read {
        wanted.push(actions::mark_read(&address(&schemas::MARK_CHAT_AS_READ), read, range()));
    }
    if let Some(locked) = changes.locked {
        wanted.push(actions::lock(&address(&schemas::LOCK_CHAT), locked));
    }
    if let Some(labels) = &changes.labels {
        let Some(book) = world.accounts.get(&me).map(|account| &account.phone.book) else {
            return Ok(wanted);
        };
        if let Some(unknown) = labels.iter().find(|label| !book.labels.contains_key(*label)) {
            return Err(Refusal::new(StatusCode::NOT_FOUND, "no_such_label", format!("there is no label {unknown}")));
        }
        let before = book.labels_of(name);
        let address = address(&schemas::LABEL_JID);
        let added = labels.iter().filter(|label| !before.contains(&label.as_str()));
        wanted.extend(added.map(|label| actions::label_chat(label, &address, true)));
        let gone = before.iter().filter(|label| !labels.iter().any(|wanted| wanted == *label));
        wanted.extend(gone.map(|label| actions::label_chat(label, &address, false)));
    }
    Ok(wanted)
}

/// Which messages a change of a chat was made with in view.
fn range(world: &World, me: AccountId, chat: &str) -> Option<SyncActionMessageRange> {
    let names = crate::phone::app_state::chat_names(world, me);
    let account = world.accounts.get(&me)?;
    let newest = account.phone.conversations.iter().rev();
    let newest = newest.filter(|shown| names.get(&shown.chat).is_some_and(|of| of == chat)).take(RANGE);
    let messages: Vec<SyncActionMessage> = newest
        .map(|shown| SyncActionMessage {
            key: buffa::MessageField::some(wa::MessageKey {
                remote_jid: Some(chat.to_owned()),
                from_me: Some(shown.from == me),
                id: Some(shown.id.clone()),
                participant: None,
            }),
            timestamp: i64::try_from(shown.timestamp).ok(),
        })
        .collect();
    Some(SyncActionMessageRange {
        last_message_timestamp: messages.first().and_then(|message| message.timestamp),
        last_system_message_timestamp: None,
        messages,
    })
    .filter(|range| range.last_message_timestamp.is_some())
}

/// A phone that is off can't tell its companions.
pub(super) fn must_be_on(world: &World, me: AccountId) -> Result<(), Refusal> {
    if world.accounts.get(&me).is_some_and(|account| account.phone.online) {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::CONFLICT, "phone_offline", "the phone is switched off; POST …/online switches it on"))
}

/// `DELETE /phones/{phone}/chats/{chat}`
pub(super) async fn remove(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, chat)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        must_be_on(world, me)?;
        let jid = chat_jid(world, &chat)?;
        let name = chat_name(world, &jid);
        let action =
            actions::delete_chat(&chat_address(world, me, &schemas::DELETE_CHAT, &jid), range(world, me, &name));
        change(world, me, &[action]);
        Ok(StatusCode::NO_CONTENT)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Clear {
    #[serde(default)]
    keep_starred: bool,
}

/// `POST /phones/{phone}/chats/{chat}/clear`
pub(super) async fn clear(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, chat)): Path<(String, String)>,
    Body(body): Body<Clear>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        must_be_on(world, me)?;
        let jid = chat_jid(world, &chat)?;
        let address = chat_address(world, me, &schemas::CLEAR_CHAT, &jid);
        let range = range(world, me, &chat_name(world, &jid));
        change(world, me, &[actions::clear_chat(&address, !body.keep_starred, range)]);
        Ok(StatusCode::NO_CONTENT)
    })
}
