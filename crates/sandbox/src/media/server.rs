//! The media host's HTTP: uploads with resuming, downloads with ranges.
//!
//! One handler for all paths, since clients put different folders before the
//! hash (`/mms/image/…`, `/newsletter/newsletter-image/…`, `/product/image/…`)
//! and append parameters as they like.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HOST, RANGE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use super::address::{Hash, Unreachable, hash, parameter, split};
use super::mishap;
use super::store::{Incoming, MAX_FILE, MediaStore};
use crate::fault::{Mishap, Transfer};
use crate::hub::Hub;
use crate::wire::tls::TlsListener;

/// How long an upload may say nothing.
const IDLE: Duration = Duration::from_secs(60);
/// How much of a file is read at once.
const CHUNK: usize = 64 << 10;

/// Answers until the sandbox stops.
pub(crate) async fn serve(hub: Arc<Hub>, store: Arc<MediaStore>, listener: TlsListener) {
    let stop = hub.stop.clone();
    let app = axum::Router::new().fallback(handle).with_state((hub, store));
    if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::error!(%error, "the sandbox's media host stopped");
    }
}

type Context = State<(Arc<Hub>, Arc<MediaStore>)>;

pub(super) fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({"error": {"code": status.as_u16(), "message": why}}))).into_response()
}

async fn handle(State((hub, store)): Context, request: Request) -> Response {
    let now_ms = hub.clock.now_ms();
    let uri = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    match *request.method() {
        Method::HEAD => download(&store, &uri, request.headers(), now_ms).await,
        Method::GET => match hub.with(|world| world.mishap(Transfer::Download)) {
            Some(Mishap::Refused(code)) => mishap::refused(code),
            Some(mishap) => mishap::spoilt(download(&store, &uri, request.headers(), now_ms).await, mishap),
            None => download(&store, &uri, request.headers(), now_ms).await,
        },
        Method::POST | Method::PUT => upload(&hub, &store, &uri, request, now_ms).await,
        _ => refused(StatusCode::METHOD_NOT_ALLOWED, "only POST, GET and HEAD"),
    }
}

async fn upload(hub: &Hub, store: &MediaStore, uri: &str, request: Request, now_ms: u64) -> Response {
    let life_ms = hub.with(|world| world.timing.media_life_ms);
    let (path, query) = split(uri);
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some(hash) = hash(name) else {
        return refused(StatusCode::BAD_REQUEST, "the last part of the path must be the hash in base64");
    };
    let Some(device) = parameter(query, "auth").and_then(|auth| store.uploader(auth, now_ms)) else {
        return refused(StatusCode::UNAUTHORIZED, "the auth of media_conn is missing or over");
    };
    // What channels and catalogues show is not encrypted, so that anybody may see it.
    let encrypted = !["/newsletter/", "/product/", "/pps/"].iter().any(|folder| path.starts_with(folder));
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .map(str::to_owned)
        .or_else(|| store.hosts().first().cloned())
        .unwrap_or_default();
    let done = |resume: bool| {
        let direct_path = store.direct_path(hash, encrypted, now_ms, life_ms);
        let mut answer = json!({
            "url": format!("https://{host}{direct_path}"),
            "direct_path": direct_path,
            "handle": hex::encode(hash),
            "object_id": hex::encode(&hash[..8]),
        });
        if let (true, Some(answer)) = (resume, answer.as_object_mut()) {
            answer.insert("resume".to_owned(), "complete".into());
        }
        Json(answer).into_response()
    };
    if parameter(query, "resume") == Some("1") {
        if store.has(&hash) {
            return done(true);
        }
        return Json(json!({"resume": store.resumable(&hash).to_string()})).into_response();
    }
    let offset = parameter(query, "file_offset").and_then(|offset| offset.parse().ok()).unwrap_or(0);
    let announced: Option<u64> =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length| length.saturating_add(offset) > MAX_FILE) {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "a file has at most 2 GiB");
    }
    let incoming = if offset > 0 { store.resume(&hash, offset) } else { store.begin().map(Some) };
    let incoming = match incoming {
        Ok(Some(incoming)) => incoming,
        Ok(None) => return refused(StatusCode::RANGE_NOT_SATISFIABLE, "there is no such part to go on from"),
        Err(error) => return failed(&error),
    };
    let fate = hub.with(|world| world.mishap(Transfer::Upload(device)));
    if let Some(Mishap::Refused(code)) = fate {
        return mishap::refused(code);
    }
    let body = mishap::hindered(patient(request.into_body().into_data_stream()), announced, fate);
    match take(store, hash, incoming, body).await {
        Ok(()) => done(false),
        Err(_) if fate == Some(Mishap::Cut) => mishap::hung_up(),
        Err(refusal) => refusal,
    }
}

/// A body that breaks off when it says nothing for too long.
fn patient(body: BodyDataStream) -> BoxStream<'static, Result<Bytes, axum::Error>> {
    let waited = stream::unfold(body, |mut body| async move {
        let chunk = match tokio::time::timeout(IDLE, body.next()).await {
            Ok(chunk) => chunk?,
            Err(late) => Err(axum::Error::new(late)),
        };
        Some((chunk, body))
    });
    waited.boxed()
}

/// Writes a body into a file and puts it on the host.
async fn take(
    store: &MediaStore,
    hash: Hash,
    mut incoming: Incoming,
    mut body: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin,
) -> Result<(), Response> {
    loop {
        let chunk = match body.next().await {
            Some(Ok(chunk)) => chunk,
            None => break,
            // Broken off: what came can be gone on from.
            Some(Err(_)) => {
                store.set_aside(hash, incoming);
                return Err(refused(StatusCode::REQUEST_TIMEOUT, "the upload broke off"));
            }
        };
        match incoming.write_all(&chunk) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, "a file has at most 2 GiB"));
            }
            Err(error) => return Err(failed(&error)),
        }
    }
    if incoming.hash() != hash {
        return Err(refused(StatusCode::BAD_REQUEST, "the content does not have the hash in the path"));
    }
    store.publish(incoming).map_err(|error| failed(&error))?;
    Ok(())
}

fn failed(error: &std::io::Error) -> Response {
    tracing::warn!(%error, "the sandbox's media host can't write or read a file");
    refused(StatusCode::INSUFFICIENT_STORAGE, "the media host can't write or read its files")
}

async fn download(store: &MediaStore, uri: &str, headers: &HeaderMap, now_ms: u64) -> Response {
    match store.fetch(uri, now_ms) {
        Ok((file, length)) => file_response(file, length, "application/octet-stream", headers).await,
        Err(Unreachable::Unknown) => refused(StatusCode::NOT_FOUND, "there is no such file"),
        Err(Unreachable::Forged) => refused(StatusCode::FORBIDDEN, "the address is not one this host gave out"),
        Err(Unreachable::Expired) => refused(StatusCode::GONE, "the address has expired"),
    }
}

/// Streams a file, or the part that the `Range` header asks for.
pub(crate) async fn file_response(mut file: File, length: u64, content_type: &str, headers: &HeaderMap) -> Response {
    let range = headers.get(RANGE).and_then(|range| range.to_str().ok());
    let part = match range.map(|range| part(range, length)) {
        None | Some(Part::Whole) => None,
        Some(Part::Of(first, last)) => Some((first, last)),
        Some(Part::Impossible) => {
            let mut response = refused(StatusCode::RANGE_NOT_SATISFIABLE, "the file is shorter");
            if let Ok(value) = format!("bytes */{length}").parse() {
                response.headers_mut().insert(CONTENT_RANGE, value);
            }
            return response;
        }
    };
    let (first, count) = part.map_or((0, length), |(first, last)| (first, last - first + 1));
    if let Err(error) = file.seek(SeekFrom::Start(first)) {
        return failed(&error);
    }
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file).take(count), CHUNK);
    let mut response = Response::builder()
        .status(if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK })
        .header(CONTENT_TYPE, content_type)
        .header(CONTENT_LENGTH, count)
        .header(ACCEPT_RANGES, "bytes");
    if let Some((first, last)) = part {
        response = response.header(CONTENT_RANGE, format!("bytes {first}-{last}/{length}"));
    }
    response
        .body(Body::from_stream(stream))
        .unwrap_or_else(|_| refused(StatusCode::INTERNAL_SERVER_ERROR, "the content type is not one"))
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Nothing that is understood, which counts as no header at all.
    Whole,
    /// From the first byte to the last, both included.
    Of(u64, u64),
    Impossible,
}

fn part(range: &str, length: u64) -> Part {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Part::Whole;
    };
    let end = length.saturating_sub(1);
    let (first, last) = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first > last => return Part::Whole,
        (Ok(first), Ok(last)) => (first, last.min(end)),
        (Ok(first), Err(_)) if last.trim().is_empty() => (first, end),
        (Err(_), Ok(0)) => return Part::Impossible,
        (Err(_), Ok(count)) if first.trim().is_empty() => (length.saturating_sub(count), end),
        _ => return Part::Whole,
    };
    if first >= length { Part::Impossible } else { Part::Of(first, last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understands_the_ranges_of_one_part() {
        for (range, expected) in [
            ("bytes=0-3", Part::Of(0, 3)),
            ("bytes=4-", Part::Of(4, 9)),
            ("bytes=-2", Part::Of(8, 9)),
            ("bytes=-20", Part::Of(0, 9)),
            ("bytes=8-99", Part::Of(8, 9)),
            ("bytes=10-", Part::Impossible),
            ("bytes=-0", Part::Impossible),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("lines=1-2", Part::Whole),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Part::Impossible);
    }
}
