//! `/v1/chat/{device}/files`: files that came with messages.

mod search;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::chat_files;
use sparkbot_core::ids::{ChatFileId, DeviceId};
use sparkbot_core::views::ChatFile;
use utoipa::IntoParams;

use self::search::ChatFileSearch;
use super::In;
use crate::answer::{Links, List, bytes, is_whole};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Downloader, Id};

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

/// How to download.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DownloadOptions {
    /// In place of a key: the token of a link that `links.download` of the file holds, good for an hour.
    #[serde(rename = "token")]
    #[param(rename = "token", max_length = 1000)]
    _token: Option<String>,
}

/// Download File.
///
/// The file's bytes, as the sender sent them; `Range` is understood. One that is not here yet is fetched from WhatsApp
/// first, for which the answer waits up to 25 seconds.
#[utoipa::path(
    get, path = "/v1/chat/{device}/files/{fileId}/download", operation_id = "chat.files.download", tag = "Chat Files",
    params(DownloadOptions),
    responses(
        (status = 200, description = "The whole file.", body = Vec<u8>, content_type = "*/*"),
        (status = 206, description = "The part that `Range` asks for.", body = Vec<u8>, content_type = "*/*"),
        (status = 304, description = "The file is the one that `If-None-Match` names.")
    )
)]
pub(crate) async fn download(
    Downloader { reader, .. }: Downloader<ChatFileId>,
    State(core): State<Core>,
    In(device, file): In<ChatFileId>,
    Asked(_options): Asked<DownloadOptions>,
    asked: HeaderMap,
) -> Answer<Response> {
    let file = chat_files::open(&core, &reader, &device, &file, is_whole(&asked)).await?;
    bytes(&core, file, &asked).await
}
