//! Files of messages: what a phone has received, and what it is to send.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::io::Write as _;
use waproto::whatsapp as wa;

use super::Context;
use super::error::{OfPhone, Refusal, existing};
use crate::ids::PhoneNumber;
use crate::media::address::Hash;
use crate::media::cipher;
use crate::media::server::file_response;
use crate::media::store::{MAX_FILE, MediaStore};
use crate::phone::content::file::{self, media_type};
use crate::phone::content::make_file::FileWords;
use crate::phone::marks::FileState;
use crate::world::World;

/// How long to wait for a file that the phone is still fetching.
const PATIENCE: Duration = Duration::from_secs(30);

fn failed(error: &std::io::Error) -> Refusal {
    Refusal::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "no_room",
        format!("the sandbox can't write or read its files: {error}"),
    )
}

/// `POST /uploads`: a file of any size, to be sent later.
pub(super) async fn upload(
    State(context): State<Context>,
    request: Request<Bytes>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut incoming = context.store.begin().map_err(|error| failed(&error))?;
    let mut body = request.into_body().into_data_stream();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| Refusal::invalid(format!("the body broke off: {error}")))?;
        if incoming.length() + chunk.len() as u64 > MAX_FILE {
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a file has at most 2 GiB"));
        }
        incoming.write_all(&chunk).map_err(|error| failed(&error))?;
    }
    let (hash, bytes) = context.store.keep(incoming).map_err(|error| failed(&error))?;
    Ok((StatusCode::CREATED, Json(json!({"upload": hex::encode(hash), "bytes": bytes}))))
}

/// `GET /phones/{phone}/messages/{id}/media`
pub(super) async fn download(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    context.hub.with(|world| there(world, &of, &id))?;
    let fetched = context
        .hub
        .wait_for(PATIENCE, |world| match there(world, &of, &id) {
            Ok((_, FileState::Fetching)) => None,
            other => Some(other),
        })
        .await;
    let (mime, state) = fetched.unwrap_or_else(|| Ok((String::new(), FileState::Fetching)))?;
    let gone = || Refusal::new(StatusCode::GONE, "file_gone", "the file had to make room for newer ones");
    match state {
        FileState::Here(hash) => {
            let (file, length) = context.store.kept(&hash).ok_or_else(gone)?;
            let mut response = file_response(file, length, &mime, &headers).await;
            // A page out of a message must not act as the page of the sandbox.
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
            response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            Ok(response)
        }
        FileState::Failed(reason) => Err(Refusal::new(StatusCode::CONFLICT, "not_fetched", reason)),
        FileState::Fetching | FileState::None => {
            Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, "no_answer", "the phone is still fetching the file"))
        }
    }
}

/// The type of a message's file and how far the phone has got with it.
fn there(world: &World, of: &PhoneNumber, id: &str) -> Result<(String, FileState), Refusal> {
    let me = existing(world, of)?;
    let shown = world.accounts.get(&me).and_then(|account| account.phone.conversations.find(id));
    let shown = shown
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "no_such_message", format!("{of} has no message {id}")))?;
    let file = file::of(&shown.message)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "no_file", format!("message {id} has no file")))?;
    let mime = file.mime.unwrap_or_else(|| "application/octet-stream".to_owned());
    Ok((mime, shown.marks.file.clone()))
}

/// Puts a file on the media host and makes the message that refers to it.
pub(super) async fn sent(context: &Context, words: FileWords) -> Result<wa::Message, Refusal> {
    words.check().map_err(Refusal::invalid)?;
    let (key, now, life) = context.hub.with(|world| (world.random(), world.now_ms(), world.timing.media_life_ms));
    let store = Arc::clone(&context.store);
    let work = move || {
        let hash = content(&store, &words)?;
        let (content, _) = store.kept(&hash).ok_or_else(|| {
            Refusal::new(StatusCode::NOT_FOUND, "no_such_upload", "POST /uploads takes a file to send")
        })?;
        let sealed =
            cipher::upload(&store, content, media_type(&words.kind), key, now, life).map_err(|error| failed(&error))?;
        let host = store.hosts().first().cloned().unwrap_or_default();
        words.message(&sealed, &host, now / 1_000).map_err(Refusal::invalid)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", error.to_string()))?
}

fn content(store: &MediaStore, words: &FileWords) -> Result<Hash, Refusal> {
    if let Some(upload) = &words.upload {
        let hash = hex::decode(upload).ok().and_then(|hash| Hash::try_from(hash).ok());
        return hash.ok_or_else(|| Refusal::invalid("media.upload is what POST /uploads gave: 64 hexadecimal digits"));
    }
    let bytes = BASE64_STANDARD
        .decode(words.base64.as_deref().unwrap_or_default())
        .map_err(|_| Refusal::invalid("media.base64 must be base64"))?;
    let mut incoming = store.begin().map_err(|error| failed(&error))?;
    incoming.write_all(&bytes).map_err(|error| failed(&error))?;
    store.keep(incoming).map(|(hash, _)| hash).map_err(|error| failed(&error))
}
