//! Transfers that a fault has struck.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};

use super::server;
use crate::fault::Mishap;

/// The answer to a transfer that is refused.
pub(super) fn refused(code: u16) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    server::refused(status, "refused by a fault")
}

/// The end of a connection without an answer: a body that breaks before its
/// first byte keeps the head back too.
pub(super) fn hung_up() -> Response {
    Response::new(Body::from_stream(stream::once(std::future::ready(Err::<Bytes, _>(broken())))))
}

fn broken() -> axum::Error {
    axum::Error::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

/// An answer with a file, with what a fault makes of the file.
pub(super) fn spoilt(response: Response, mishap: Mishap) -> Response {
    if !response.status().is_success() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let body = hindered(body.into_data_stream(), length, Some(mishap));
    Response::from_parts(parts, Body::from_stream(body))
}

/// A file of `length` bytes with what a fault makes of it on its way.
pub(super) fn hindered(
    body: impl Stream<Item = Result<Bytes, axum::Error>> + Send + Unpin + 'static,
    length: Option<u64>,
    mishap: Option<Mishap>,
) -> BoxStream<'static, Result<Bytes, axum::Error>> {
    match mishap {
        None | Some(Mishap::Refused(_)) => body.boxed(),
        Some(Mishap::Cut) => cut(body, length.unwrap_or(0) / 2).boxed(),
        Some(Mishap::Slow(longer)) => slowed(body, length, longer).boxed(),
        Some(Mishap::Damaged) => body.map(|chunk| chunk.map(|chunk| damaged(&chunk))).boxed(),
    }
}

/// Breaks after so many bytes.
fn cut(
    body: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin,
    after: u64,
) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    stream::unfold((body, after), |(mut body, left)| async move {
        if left == 0 {
            // What has passed is written before the connection breaks.
            tokio::task::yield_now().await;
            return Some((Err(broken()), (body, 0)));
        }
        let chunk = match body.next().await? {
            Ok(chunk) => chunk.slice(..chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX))),
            Err(error) => return Some((Err(error), (body, left))),
        };
        let left = left - chunk.len() as u64;
        Some((Ok(chunk), (body, left)))
    })
}

/// Takes `longer`, spread over the file.
fn slowed(
    body: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin,
    length: Option<u64>,
    longer: Duration,
) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    stream::unfold((body, length.unwrap_or(0).max(1), longer), |(mut body, length, left)| async move {
        let Some(chunk) = body.next().await else {
            tokio::time::sleep(left).await;
            return None;
        };
        let passed = chunk.as_ref().map_or(0, Bytes::len) as u64;
        let part = u32::try_from(length.div_ceil(passed.max(1))).unwrap_or(u32::MAX);
        let pause = (left / part).min(left);
        tokio::time::sleep(pause).await;
        Some((chunk, (body, length.saturating_sub(passed).max(1), left.saturating_sub(pause))))
    })
}

/// The same length, and a byte is wrong.
fn damaged(chunk: &Bytes) -> Bytes {
    let mut bytes = chunk.to_vec();
    if let Some(byte) = bytes.first_mut() {
        *byte ^= 0x55;
    }
    bytes.into()
}
