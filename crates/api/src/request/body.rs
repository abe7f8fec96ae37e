//! JSON bodies, read strictly.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use utoipa::ToSchema;

use super::shape::{self, Place};
use crate::app::App;
use crate::error::Problem;

/// Bytes of a body at most.
pub(crate) const LARGEST: usize = 1024 * 1024;
/// The same where it may hold a picture: 16 MiB of it, as base64.
pub(super) const LARGEST_WITH_PICTURE: usize = 22 * 1024 * 1024;
/// A body that takes longer than this to arrive is given up.
const SLOWEST: Duration = Duration::from_secs(30);

/// A body that must be there.
pub(crate) struct Body<T>(pub(crate) T);

/// A body that may be there.
pub(crate) struct Given<T>(pub(crate) T);

impl<T: ToSchema + DeserializeOwned + 'static> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let bytes = json_bytes(request).await?.ok_or_else(missing)?;
        read(&bytes).map(Self)
    }
}

impl<T: ToSchema + DeserializeOwned + Default + 'static> FromRequest<App> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        match json_bytes(request).await? {
            Some(bytes) => read(&bytes).map(Self),
            None => Ok(Self(T::default())),
        }
    }
}

/// A body that must be there and may hold a picture as base64.
pub(crate) struct WithPicture<T>(pub(crate) T);

impl<T: ToSchema + DeserializeOwned + 'static> FromRequest<App> for WithPicture<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let bytes = json_bytes_up_to(request, LARGEST_WITH_PICTURE).await?.ok_or_else(missing)?;
        read(&bytes).map(Self)
    }
}

pub(super) fn missing() -> Problem {
    Problem::invalid("body:missing", "This call needs a JSON body, but none came.")
}

/// The body, when there is one and it claims to be JSON.
pub(crate) async fn json_bytes(request: Request) -> Result<Option<Bytes>, Problem> {
    json_bytes_up_to(request, LARGEST).await
}

/// The same with another limit.
pub(crate) async fn json_bytes_up_to(request: Request, most: usize) -> Result<Option<Bytes>, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = whole(Request::from_parts(parts.clone(), body), most).await?;
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    content_type(&parts.headers, &bytes)?;
    Ok(Some(bytes))
}

/// A body of any kind, up to a limit.
pub(crate) async fn whole(request: Request, most: usize) -> Result<Bytes, Problem> {
    let (parts, body) = request.into_parts();
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > most as u64) {
        return Err(too_large(most));
    }
    let read = tokio::time::timeout(SLOWEST, collect(body, most));
    read.await.map_err(|_| {
        Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body:timeout",
            format!("The body did not arrive within {} seconds.", SLOWEST.as_secs()),
        )
    })?
}

/// Stops at the limit, whatever was declared.
async fn collect(body: axum::body::Body, most: usize) -> Result<Bytes, Problem> {
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(part) = stream.next().await {
        let part =
            part.map_err(|error| Problem::invalid("body:broken_off", format!("The body broke off: {error}.")))?;
        if whole.len() + part.len() > most {
            return Err(too_large(most));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.into())
}

fn too_large(most: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body:too_large",
        format!("The body is larger than {} MiB, the most that is taken.", most / 1024 / 1024),
    )
    .with("limit", most)
}

/// JSON must be called JSON. What `curl -d` claims by itself is let pass when
/// the body plainly is JSON: there are no cookies here that a form could abuse.
fn content_type(headers: &HeaderMap, bytes: &[u8]) -> Result<(), Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let text = value.to_str().unwrap_or("?");
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let looks_like_json = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    let fine = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
        || (essence == "application/x-www-form-urlencoded" && looks_like_json);
    if fine {
        return Ok(());
    }
    let shown: String = text.chars().take(80).collect();
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "body:content_type",
        format!("The body must be 'application/json', but its content type is '{shown}'."),
    ))
}

/// Reads a body against its schema.
pub(crate) fn read<T: ToSchema + DeserializeOwned + 'static>(bytes: &[u8]) -> Result<T, Problem> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| broken(&error))?;
    let faults = shape::check(Place::Body, &shape::of_body::<T>(), &value);
    if !faults.is_empty() {
        return Err(Problem::faults(faults));
    }
    // The schema is derived from T; what passes it and still does not fit is a
    // value that the schema can't express, such as a number beyond 64 bits.
    serde_json::from_value(value)
        .map_err(|error| Problem::invalid("body:invalid", format!("The body does not fit: {error}.")))
}

fn broken(error: &serde_json::Error) -> Problem {
    let what = match error.classify() {
        Category::Eof => "it ends too early",
        _ if error.to_string().starts_with("recursion limit") => "it is nested too deeply",
        _ => "it is not valid JSON",
    };
    let message = error.to_string();
    let why = message.split(" at line ").next().unwrap_or_default();
    Problem::invalid(
        "body:broken",
        format!("The body can't be read: {what} at line {}, column {} ({why}).", error.line(), error.column()),
    )
    .with("line", error.line())
    .with("column", error.column())
}
