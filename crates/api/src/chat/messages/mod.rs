//! `/v1/chat/{device}/messages`: what was said, edited and deleted.

mod search;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::chat_messages::{self, AckInfo, DeletedMessage, Deletion};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::ChatMessage;
use utoipa::{IntoParams, ToSchema};

use self::search::ChatMessageSearch;
use super::{In, MessageId};
use crate::answer::{Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Id};

/// Get Messages.
///
/// Messages received and sent by a number, on whichever of its devices, newest first. `search` finds words and
/// beginnings of words, all of which must be in the message, in any order. `X-Total-Count` counts up to 10,000 beyond the
/// page, up to 100 with several filters, or with words along with other words or filters.
#[utoipa::path(
    get, path = "/v1/chat/{device}/messages", operation_id = "chat.messages.list", tag = "Chat Messages",
    params(ChatMessageSearch),
    responses((status = 200, description = "A page of messages.", body = [ChatMessage], example = json!([super::examples::image()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<ChatMessageSearch>,
) -> Answer<List<ChatMessage>> {
    let paging = search.paging();
    Ok(links.list(chat_messages::list(&core, &caller, &device, search.into_search()?).await?, paging))
}

/// Get Message Details.
#[utoipa::path(
    get, path = "/v1/chat/{device}/messages/{messageId}", operation_id = "chat.messages.get", tag = "Chat Messages",
    responses((status = 200, description = "The message.", body = ChatMessage, example = json!(super::examples::image())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, MessageId(message)): In<MessageId>,
) -> Answer<Json<ChatMessage>> {
    Ok(Json(chat_messages::get(&core, &caller, &device, &message).await?))
}

/// Get Message Delivery Info.
///
/// What came of a message at each of its receivers: in a group one line for each member that has received it.
#[utoipa::path(
    get, path = "/v1/chat/{device}/messages/{messageId}/ackinfo", operation_id = "chat.messages.ackinfo",
    tag = "Chat Messages",
    responses((status = 200, description = "What came of it.", body = AckInfo, example = json!(super::examples::ackinfo())))
)]
pub(crate) async fn ackinfo(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, MessageId(message)): In<MessageId>,
) -> Answer<Json<AckInfo>> {
    Ok(Json(chat_messages::ackinfo(&core, &caller, &device, &message).await?))
}

/// A new text for a message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"message": "See you at 5, not at 4!"}))]
pub(crate) struct EditMessage {
    /// The new text or caption.
    #[schema(min_length = 1, max_length = 6000)]
    message: String,
}

/// Edit Message.
///
/// Gives a message that this number has sent a new text or caption, on all phones. WhatsApp takes edits of texts and of
/// captions of images, videos and documents for 15 minutes, in channels for 30 days. The answer comes once WhatsApp has
/// it; if it does not confirm in time, the edit is sent again by itself.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/messages/{messageId}", operation_id = "chat.messages.edit", tag = "Chat Messages",
    request_body = EditMessage,
    responses((status = 200, description = "The message as it is now.", body = ChatMessage, example = json!(super::examples::edited())))
)]
pub(crate) async fn edit(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, MessageId(message)): In<MessageId>,
    Body(edit): Body<EditMessage>,
) -> Answer<Json<ChatMessage>> {
    Ok(Json(chat_messages::edit(&core, &caller, &device, &message, &edit.message).await?))
}

/// How to delete a message.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteOptions {
    /// Delete it here only; WhatsApp is not told. With `revoke`: forget it here as well, instead of showing it as
    /// `revoked`.
    #[serde(default)]
    #[param(default = false)]
    clean: bool,
    /// Delete it here in any case, whatever WhatsApp says; what it did not do stands in `warning`.
    #[serde(default)]
    #[param(default = false)]
    force: bool,
    /// Delete it for everybody: one's own messages for 60 hours, in groups others' too as an admin.
    #[serde(default)]
    #[param(default = false)]
    revoke: bool,
}

/// Delete Message.
///
/// Without options it is deleted here and on the number's own devices, as "delete for me" on the phone; the others in
/// the chat keep it.
#[utoipa::path(
    delete, path = "/v1/chat/{device}/messages/{messageId}", operation_id = "chat.messages.delete",
    tag = "Chat Messages",
    params(DeleteOptions),
    responses((status = 200, description = "What was done.", body = DeletedMessage, example = json!(super::examples::deleted())))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, MessageId(message)): In<MessageId>,
    Asked(options): Asked<DeleteOptions>,
) -> Answer<Json<DeletedMessage>> {
    let how = Deletion { clean: options.clean, force: options.force, revoke: options.revoke };
    Ok(Json(chat_messages::delete(&core, &caller, &device, &message, how).await?))
}
