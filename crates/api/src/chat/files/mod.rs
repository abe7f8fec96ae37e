//! `/v1/chat/{device}/files`: files that came with messages.

mod reader;
mod search;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::chat_files;
use sparkbot_core::ids::{ChatFileId, DeviceId};
use sparkbot_core::views::ChatFile;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

pub(crate) use self::reader::FileReader;
use self::search::ChatFileSearch;
use super::In;
use crate::answer::{Handout, Links, List};
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

/// Bytes buffered of a download.
const BUFFER: usize = 64 * 1024;

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
        (status = 200, description = "The whole file.", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The part that `Range` asks for.", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "The file is the one that `If-None-Match` names.")
    )
)]
pub(crate) async fn download(
    FileReader(reader): FileReader,
    State(core): State<Core>,
    In(device, file): In<ChatFileId>,
    Asked(_options): Asked<DownloadOptions>,
    asked: HeaderMap,
) -> Answer<Response> {
    // Later parts of a download are no downloads of their own.
    let whole = asked.get(header::RANGE).is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"));
    let file = chat_files::open(&core, &reader, &device, &file, whole).await?;
    let handout = Handout { size: file.size, mime: &file.mime, filename: &file.filename, tag: &file.sha2 };
    let answer = handout.headers(&asked)?;
    let body = match answer.bytes {
        Some((from, to)) => Body::from_stream(ReaderStream::with_capacity(file.read(&core, from, to).await?, BUFFER)),
        None => Body::empty(),
    };
    Ok((answer.status, answer.headers, body).into_response())
}
