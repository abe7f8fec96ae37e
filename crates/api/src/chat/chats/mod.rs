//! `/v1/chat/{device}/chats`: conversations, how they stand and who looks after them.

mod examples;
mod request;
mod search;

use axum::Json;
use axum::extract::State;
use sparkbot_core::Core;
use sparkbot_core::chats::{self, BulkOutcome, DeletedChat, DeletedNotes, TypingShown};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::{Chat, ChatMessage};

use self::request::{
    Attributes, DeleteChat, LabelNames, LabelOptions, NoteIds, ReadStatus, SetOwner, SetStatus, ShowTyping,
    UpdateChats, WriteNote,
};
use self::search::{ChatParts, ChatSearch};
use super::{ChatId, In};
use crate::answer::{Created, Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Given, Id};

/// Get Chats.
///
/// The conversations of a number. `X-Total-Count` counts up to 10,000 beyond the page, up to 1,000 with
/// filters, and up to 100 with words or labels that very many chats have.
#[utoipa::path(
    get, path = "/v1/chat/{device}/chats", operation_id = "chats.list", tag = "Chats",
    params(ChatSearch),
    responses((status = 200, description = "A page of chats.", body = [Chat], example = json!([examples::chat()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<ChatSearch>,
) -> Answer<List<Chat>> {
    let (paging, with) = (search.paging(), search.parts());
    Ok(links.list(chats::list(&core, &caller, &device, search.into_filter(), with).await?, paging))
}

/// Get Chat Details.
#[utoipa::path(
    get, path = "/v1/chat/{device}/chats/{chatId}", operation_id = "chats.get", tag = "Chats",
    params(ChatParts),
    responses((status = 200, description = "The chat.", body = Chat, example = json!(examples::chat())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Asked(parts): Asked<ChatParts>,
) -> Answer<Json<Chat>> {
    Ok(Json(chats::get(&core, &caller, &device, &chat, parts.with()).await?))
}

/// Send Typing Status.
///
/// Shows in a chat or group that this number types or records. It ends by itself; the number must be online.
#[utoipa::path(
    post, path = "/v1/chat/{device}/typing", operation_id = "chats.typing", tag = "Chats",
    request_body = ShowTyping,
    responses((status = 200, description = "What is shown now.", body = TypingShown, example = json!(examples::typing())))
)]
pub(crate) async fn typing(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(show): Body<ShowTyping>,
) -> Answer<Json<TypingShown>> {
    let (chat, typing, duration) = show.read()?;
    Ok(Json(chats::show_typing(&core, &caller, &device, &chat, typing, duration).await?))
}

/// Update Chat Read Status.
///
/// Marks a chat as read, on the phone and to the senders, or as unread on the phone. A number that is not online tells
/// WhatsApp as soon as it is.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/chats/{chatId}/unread", operation_id = "chats.unread", tag = "Chats",
    request_body = ReadStatus,
    responses((status = 200, description = "The chat as it is now.", body = Chat, example = json!(examples::chat())))
)]
pub(crate) async fn unread(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Body(status): Body<ReadStatus>,
) -> Answer<Json<Chat>> {
    Ok(Json(chats::set_read(&core, &caller, &device, &chat, !status.unread).await?))
}

/// Set Chat Status.
///
/// `archived` archives the chat on the phone, too, and any other status takes it back. `removed` hides it here until
/// the next message. A message that is received makes a chat `pending` again, or `active` when an agent looks after it.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/chats/{chatId}/status", operation_id = "chats.status", tag = "Chats",
    request_body = SetStatus,
    responses((status = 200, description = "The chat as it is now.", body = Chat, example = json!(examples::chat())))
)]
pub(crate) async fn status(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Body(status): Body<SetStatus>,
) -> Answer<Json<Chat>> {
    Ok(Json(chats::set_status(&core, &caller, &device, &chat, &status.status).await?))
}

/// Assign Chat.
///
/// To an agent, to a department, or to both. A department alone takes the chat from its agent; an agent alone leaves
/// the department as it is. A pending chat becomes active once an agent has it.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/chats/{chatId}/owner", operation_id = "chats.assign", tag = "Chats",
    request_body = SetOwner,
    responses((status = 200, description = "The chat as it is now.", body = Chat, example = json!(examples::chat())))
)]
pub(crate) async fn assign(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Body(owner): Body<SetOwner>,
) -> Answer<Json<Chat>> {
    let SetOwner { agent, email, department } = owner;
    Ok(Json(chats::assign_chat(&core, &caller, &device, &chat, agent, email, department).await?))
}

/// Unassign Chat.
///
/// Takes it from its agent and its department.
#[utoipa::path(
    delete, path = "/v1/chat/{device}/chats/{chatId}/owner", operation_id = "chats.unassign", tag = "Chats",
    responses((status = 200, description = "The chat as it is now.", body = Chat, example = json!(examples::chat())))
)]
pub(crate) async fn unassign(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
) -> Answer<Json<Chat>> {
    Ok(Json(chats::unassign_chat(&core, &caller, &device, &chat).await?))
}

/// Create Chat Note.
///
/// A note is for the team alone: it stands among the chat's messages as the kind `note`, and WhatsApp never hears of it.
#[utoipa::path(
    post, path = "/v1/chat/{device}/chats/{chatId}/notes", operation_id = "chats.notes.create", tag = "Chats",
    request_body = WriteNote,
    responses((status = 201, description = "The note.", body = ChatMessage, example = json!(examples::note())))
)]
pub(crate) async fn create_note(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Body(note): Body<WriteNote>,
) -> Answer<Created<ChatMessage>> {
    let made = chats::create_note(&core, &caller, &device, &chat, note.into()).await?;
    Ok(Created { path: format!("/v1/chat/{device}/messages/{}", made.id), made })
}

/// Delete Chat Note.
#[utoipa::path(
    delete, path = "/v1/chat/{device}/chats/{chatId}/notes", operation_id = "chats.notes.delete", tag = "Chats",
    request_body = NoteIds,
    responses((status = 200, description = "Which are gone, and which were not there.", body = DeletedNotes,
        example = json!({"deleted": ["5F3C2B9D8E4A7067697DD228"], "missing": []})))
)]
pub(crate) async fn delete_notes(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Body(notes): Body<NoteIds>,
) -> Answer<Json<DeletedNotes>> {
    Ok(Json(chats::delete_notes(&core, &caller, &device, &chat, notes.ids).await?))
}

/// Update Chat Labels.
///
/// The labels given take the place of those there are, or are added with `upsert`, or taken off with `remove`. A chat
/// has at most 50.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/chats/{chatId}/labels", operation_id = "chats.labels", tag = "Chats",
    params(LabelOptions),
    request_body = LabelNames,
    responses((status = 200, description = "The chat as it is now.", body = Chat, example = json!(examples::chat())))
)]
pub(crate) async fn labels(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Asked(options): Asked<LabelOptions>,
    Body(LabelNames(labels)): Body<LabelNames>,
) -> Answer<Json<Chat>> {
    let how = options.read()?;
    Ok(Json(chats::relabel(&core, &caller, &device, &chat, how, labels).await?))
}

/// Update Chat Attributes.
///
/// Pins and mutes a chat, on the phone too. A number that is not online tells WhatsApp as soon as it is.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/chats/{chatId}/attributes", operation_id = "chats.attributes", tag = "Chats",
    request_body = Attributes,
    responses((status = 200, description = "The chat as it is now.", body = Chat, example = json!(examples::chat())))
)]
pub(crate) async fn attributes(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Body(attributes): Body<Attributes>,
) -> Answer<Json<Chat>> {
    let Attributes { pinned, muted } = attributes;
    Ok(Json(chats::set_attributes(&core, &caller, &device, &chat, pinned, muted).await?))
}

/// Archive Chat.
///
/// On the phone, too. A number that is not online tells WhatsApp as soon as it is.
#[utoipa::path(
    put, path = "/v1/chat/{device}/chats/{chatId}/archive", operation_id = "chats.archive", tag = "Chats",
    responses((status = 200, description = "The chat as it is now.", body = Chat, example = json!(examples::archived())))
)]
pub(crate) async fn archive(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
) -> Answer<Json<Chat>> {
    Ok(Json(chats::set_archived(&core, &caller, &device, &chat, true).await?))
}

/// Unarchive Chat.
///
/// On the phone, too. The chat has the status again that it had before.
#[utoipa::path(
    delete, path = "/v1/chat/{device}/chats/{chatId}/archive", operation_id = "chats.unarchive", tag = "Chats",
    responses((status = 200, description = "The chat as it is now.", body = Chat, example = json!(examples::chat())))
)]
pub(crate) async fn unarchive(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
) -> Answer<Json<Chat>> {
    Ok(Json(chats::set_archived(&core, &caller, &device, &chat, false).await?))
}

/// Delete Chat.
///
/// With its messages, notes and files. Without `whatsapp` the phone keeps it. With `whatsapp` it is deleted there
/// first, and kept here when that fails; with `force` it is deleted here in any case, and there as soon as the number
/// is online.
#[utoipa::path(
    delete, path = "/v1/chat/{device}/chats/{chatId}", operation_id = "chats.delete", tag = "Chats",
    request_body = DeleteChat,
    responses((status = 200, description = "It is deleted.", body = DeletedChat, example = json!(examples::deleted())))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatId(chat)): In<ChatId>,
    Given(how): Given<DeleteChat>,
) -> Answer<Json<DeletedChat>> {
    Ok(Json(chats::delete(&core, &caller, &device, &chat, how.whatsapp, how.force).await?))
}

/// Bulk Update Chats.
///
/// Makes the same change for up to 100 chats. What came of it is told for each: one that fails holds up no other.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/chats", operation_id = "chats.bulk", tag = "Chats",
    request_body = UpdateChats,
    responses((status = 200, description = "What came of it for each.", body = BulkOutcome, example = json!(examples::bulk())))
)]
pub(crate) async fn bulk(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(asked): Body<UpdateChats>,
) -> Answer<Json<BulkOutcome>> {
    Ok(Json(chats::bulk(&core, &caller, &device, asked.read()?).await?))
}
