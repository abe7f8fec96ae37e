//! `/v1/messages`: what was sent and is to be sent.

mod search;
mod send;

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
use crate::answer::{Created, Links, List};
use crate::error::Answer;
use crate::request::words::words;
use crate::request::{Asked, Authorized, Id, Repeatable};

/// Send message.
///
/// Puts a message into the number's queue and answers at once; it is durable then, and what becomes of it is told by
/// webhooks, events and `GET /v1/messages/{messageId}`. A text goes to one of `phone`, `group` or `channel`.
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

fn include(words: &[String]) -> Include {
    let has = |word: &str| words.iter().any(|w| w == word);
    Include { device: has("device"), agent: has("agent"), events: has("events") }
}
