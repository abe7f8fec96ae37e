//! `/v1/messages`: what was sent and is to be sent.

pub(crate) mod actions;
mod search;
mod send;
mod update;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::ids::MessageId;
use sparkbot_core::outbound::{self, Include};
use sparkbot_core::views::OutboundMessage;
use utoipa::IntoParams;

use self::search::MessageSearch;
use self::send::SendMessage;
use self::update::UpdateMessage;
use crate::answer::{Created, Deleted, Links, List};
use crate::error::Answer;
use crate::request::words::words;
use crate::request::{Asked, Authorized, Body, Id, Repeatable};

/// Send message.
///
/// Puts a message into the number's queue and answers at once; it is durable then, and what becomes of it is told by
/// webhooks, events and `GET /v1/messages/{messageId}`. It goes to one of `phone`, `group` or `channel` and says one
/// thing: a text, or one of `media`, `poll`, `vote`, `event`, `attend`, `location`, `contacts`, `reaction`, `product`,
/// `forward`, `buttons` and `list`.
#[utoipa::path(
    post, path = "/v1/messages", operation_id = "messages.send", tag = "Send messages",
    request_body = SendMessage,
    responses((status = 201, description = "The message as it waits in the queue.", body = OutboundMessage, example = json!(crate::examples::queued())))
)]
pub(crate) async fn send(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    new: Repeatable<SendMessage>,
) -> Answer<Created<OutboundMessage>> {
    let made = outbound::enqueue(&core, &caller, new.body.into_new(new.idempotency)?).await?;
    Ok(Created { path: format!("/v1/messages/{}", made.id), made })
}

/// Search Messages.
///
/// Messages that were sent or are to be sent through this server, newest first.
#[utoipa::path(
    get, path = "/v1/messages", operation_id = "messages.search", tag = "Outbound Messages",
    params(MessageSearch),
    responses((status = 200, description = "A page of messages.", body = [OutboundMessage], example = json!([crate::examples::delivered()])))
)]
pub(crate) async fn search(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    links: Links,
    Asked(search): Asked<MessageSearch>,
) -> Answer<List<OutboundMessage>> {
    let (paging, include) = (search.paging(), include(&search.include));
    Ok(links.list(outbound::list(&core, &caller, search.filter()?, include).await?, paging))
}

words! {
    MessagePart = &["device", "agent", "events"];
}

/// What to show along with a message.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageParts {
    /// Show these in full.
    #[param(value_type = Vec<MessagePart>, inline)]
    #[serde(default)]
    include: Vec<String>,
}

/// Get Message.
#[utoipa::path(
    get, path = "/v1/messages/{messageId}", operation_id = "messages.get", tag = "Outbound Messages",
    params(MessageParts),
    responses((status = 200, description = "The message.", body = OutboundMessage, example = json!(crate::examples::delivered())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(message): Id<MessageId>,
    Asked(parts): Asked<MessageParts>,
) -> Answer<Json<OutboundMessage>> {
    Ok(Json(outbound::get(&core, &caller, &message, include(&parts.include)).await?))
}

/// Update Message.
///
/// Changes a message that waits in the queue. Once it was tried it may have arrived, so its text, receiver and number
/// stay as they are; once it has left the queue nothing can be changed (409).
#[utoipa::path(
    patch, path = "/v1/messages/{messageId}", operation_id = "messages.update", tag = "Outbound Messages",
    request_body = UpdateMessage,
    responses((status = 200, description = "The message as it waits now.", body = OutboundMessage, example = json!(crate::examples::queued())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(message): Id<MessageId>,
    Body(body): Body<UpdateMessage>,
) -> Answer<Json<OutboundMessage>> {
    Ok(Json(outbound::update(&core, &caller, &message, body.into_changes()?).await?))
}

/// How to delete a message.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Deletion {
    /// Also forget it, whatever became of it. What was sent stays with its receiver.
    #[serde(default)]
    #[param(default = false)]
    force: bool,
}

/// Delete Message.
///
/// Takes a message out of the queue; it ends as `removed` and can still be read. One that has left the queue is only
/// forgotten with `force`.
#[utoipa::path(
    delete, path = "/v1/messages/{messageId}", operation_id = "messages.delete", tag = "Outbound Messages",
    params(Deletion),
    responses((status = 200, description = "It is out of the queue.", body = Deleted, example = json!({"id": crate::examples::MESSAGE, "deleted": true})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(message): Id<MessageId>,
    Asked(deletion): Asked<Deletion>,
) -> Answer<Json<Deleted>> {
    outbound::delete(&core, &caller, &message, deletion.force).await?;
    Ok(Deleted::of(&message))
}

fn include(words: &[String]) -> Include {
    let has = |word: &str| words.iter().any(|w| w == word);
    Include { device: has("device"), agent: has("agent"), events: has("events") }
}
