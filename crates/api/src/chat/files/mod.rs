//! `/v1/chat/{device}/files`: files that came with messages.

mod search;

use axum::Json;
use axum::extract::State;
use sparkbot_core::Core;
use sparkbot_core::chat_files;
use sparkbot_core::ids::{ChatFileId, DeviceId};
use sparkbot_core::views::ChatFile;

use self::search::ChatFileSearch;
use super::In;
use crate::answer::{Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Id};

/// Get Files.
///
/// Files received and sent by a number, newest first. Received ones are fetched from WhatsApp by themselves.
#[utoipa::path(
    get, path = "/v1/chat/{device}/files", operation_id = "chat.files.list", tag = "Chat Files",
    params(ChatFileSearch),
    responses((status = 200, description = "A page of files.", body = [ChatFile], example = json!([super::examples::file()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<ChatFileSearch>,
) -> Answer<List<ChatFile>> {
    let paging = search.paging();
    Ok(links.list(chat_files::list(&core, &caller, &device, search.filter()?).await?, paging))
}

/// Get File Details.
#[utoipa::path(
    get, path = "/v1/chat/{device}/files/{fileId}", operation_id = "chat.files.get", tag = "Chat Files",
    responses((status = 200, description = "What is known of the file.", body = ChatFile, example = json!(super::examples::file())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, file): In<ChatFileId>,
) -> Answer<Json<ChatFile>> {
    Ok(Json(chat_files::get(&core, &caller, &device, &file).await?))
}
