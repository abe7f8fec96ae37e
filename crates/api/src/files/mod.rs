//! `/v1/files`: files to send.

mod request;
mod upload;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use sparkbot_core::ids::FileId;
use sparkbot_core::views::File;
use sparkbot_core::{Core, files};
use utoipa::ToSchema;

use self::request::{ChangeFile, DeleteFiles, DownloadAs, FileSearch};
use self::upload::{UploadFile, UploadForm, UploadOptions, Uploaded};
use crate::answer::{self, Deleted, Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Downloader, Given, Id};

/// Search Files.
///
/// The account's files that the key's person may see, newest first.
#[utoipa::path(
    get, path = "/v1/files", operation_id = "files.search", tag = "Files",
    params(FileSearch),
    responses((status = 200, description = "A page of files.", body = [File], example = json!([crate::examples::file()])))
)]
pub(crate) async fn search(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    links: Links,
    Asked(search): Asked<FileSearch>,
) -> Answer<List<File>> {
    let paging = search.paging();
    let page = files::list(&core, &caller, search.filter()?).await?;
    let items = page.items.iter().map(|row| File::of(&core, row)).collect::<sparkbot_core::Result<Vec<_>>>()?;
    Ok(links.list(sparkbot_core::page::Page { items, total: page.total }, paging))
}

/// Upload File.
///
/// Takes a file in: from a URL or data URI in JSON, as `multipart/form-data` (its options before the file), or as the bare
/// bytes of the body under any other content type (its options in the query). The same bytes twice are a 409 whose
/// `meta.file` is the id of the file that is there. What a file is, is settled by its bytes.
#[utoipa::path(
    post, path = "/v1/files", operation_id = "files.upload", tag = "Files",
    params(UploadOptions),
    request_body(content(
        (UploadFile = "application/json"),
        (UploadForm = "multipart/form-data"),
        (String = "application/octet-stream")
    )),
    responses((status = 201, description = "The file, in a list of one.", body = [File], example = json!([crate::examples::file()])))
)]
pub(crate) async fn upload(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Asked(options): Asked<UploadOptions>,
    request: Request,
) -> Answer<Uploaded> {
    upload::take(&core, &caller, options, request).await
}

/// What a deletion of several files answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedFiles {
    /// How many were deleted.
    deleted: usize,
    /// Which.
    ids: Vec<String>,
    /// Bytes that they had.
    size: i64,
    /// How many more match.
    left: i64,
}

/// Delete Files.
///
/// Deletes the files that match all of what is given, newest first, up to `limit`. At least one condition is needed. Other
/// people's `readonly` and `private` files never match.
#[utoipa::path(
    delete, path = "/v1/files", operation_id = "files.deleteMany", tag = "Files",
    request_body = DeleteFiles,
    responses((status = 200, description = "What was deleted.", body = DeletedFiles,
        example = json!({"deleted": 1, "ids": [crate::examples::FILE], "size": 48213, "left": 0})))
)]
pub(crate) async fn delete_many(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Given(which): Given<DeleteFiles>,
) -> Answer<Json<DeletedFiles>> {
    let done = files::delete_many(&core, &caller, which.filter()?).await?;
    Ok(Json(DeletedFiles {
        deleted: done.ids.len(),
        ids: done.ids.iter().map(ToString::to_string).collect(),
        size: done.size,
        left: done.left,
    }))
}

/// Get File.
#[utoipa::path(
    get, path = "/v1/files/{fileId}", operation_id = "files.get", tag = "Files",
    responses((status = 200, description = "The file.", body = File, example = json!(crate::examples::file())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(file): Id<FileId>,
) -> Answer<Json<File>> {
    Ok(Json(File::of(&core, &files::get(&core, &caller, &file).await?)?))
}

/// Update File.
///
/// What is not given stays as it is. `expiration` counts from now.
#[utoipa::path(
    patch, path = "/v1/files/{fileId}", operation_id = "files.update", tag = "Files",
    request_body = ChangeFile,
    responses((status = 200, description = "The changed file.", body = File, example = json!(crate::examples::file())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(file): Id<FileId>,
    Body(change): Body<ChangeFile>,
) -> Answer<Json<File>> {
    Ok(Json(File::of(&core, &files::update(&core, &caller, &file, change.into_changes()?).await?)?))
}

/// Delete File.
///
/// Messages that wait in a queue with it fail; those that were sent keep it.
#[utoipa::path(
    delete, path = "/v1/files/{fileId}", operation_id = "files.delete", tag = "Files",
    responses((status = 200, description = "It is deleted.", body = Deleted, example = json!({"id": crate::examples::FILE, "deleted": true})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(file): Id<FileId>,
) -> Answer<Json<Deleted>> {
    files::delete(&core, &caller, &file).await?;
    Ok(Deleted::of(&file))
}

/// Get File Preview.
///
/// A JPEG of at most 640 × 640 pixels, for pictures. There is none of films and documents: nothing here decodes them.
#[utoipa::path(
    get, path = "/v1/files/{fileId}/preview", operation_id = "files.preview", tag = "Files",
    params(DownloadAs),
    responses((status = 200, description = "The picture.", body = String, content_type = "image/jpeg"))
)]
pub(crate) async fn preview(
    Downloader { reader, .. }: Downloader<FileId>,
    State(core): State<Core>,
    Id(file): Id<FileId>,
    headers: HeaderMap,
    Asked(_given): Asked<DownloadAs>,
) -> Answer<Response> {
    answer::bytes(&core, files::preview(&core, &reader, &file).await?, &headers).await
}

/// Download File.
///
/// The file's bytes, or a part of them by `Range`. Without a key it works with the `token` of a file's `links.download`.
#[utoipa::path(
    get, path = "/v1/files/{fileId}/download", operation_id = "files.download", tag = "Files",
    params(DownloadAs),
    responses((status = 200, description = "The bytes.", body = String, content_type = "*/*"))
)]
pub(crate) async fn bytes(
    Downloader { reader, .. }: Downloader<FileId>,
    State(core): State<Core>,
    Id(file): Id<FileId>,
    headers: HeaderMap,
    Asked(_given): Asked<DownloadAs>,
) -> Answer<Response> {
    let counts = answer::is_whole(&headers);
    answer::bytes(&core, files::open(&core, &reader, &file, counts).await?, &headers).await
}
