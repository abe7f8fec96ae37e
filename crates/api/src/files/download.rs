//! Bytes that are downloaded: whole or in part, unchanged or not at all, and
//! never so that a browser runs what is in them.

use std::fmt::Write;

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sparkbot_core::Core;
use sparkbot_core::files::{self, Download, Reader};
use sparkbot_core::ids::FileId;
use tokio_util::io::ReaderStream;

use crate::app::App;
use crate::error::{Answer, Problem};
use crate::request::{Authorized, parse_id};

/// Who downloads: a key's caller, or whoever has a link.
pub(crate) struct Downloader(pub(crate) Reader);

impl FromRequestParts<App> for Downloader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let token = url::form_urlencoded::parse(query).find(|(key, _)| key == "token");
        let Some(token) = token.map(|(_, token)| token.into_owned()) else {
            let Authorized(caller) = Authorized::from_request_parts(parts, app).await?;
            return Ok(Self(Reader::Caller(caller)));
        };
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::invalid("path:invalid", "The path contains bytes that are not UTF-8."))?;
        let id = params.iter().next().map(|(_, id)| id).unwrap_or_default();
        let file: FileId = parse_id(id)?;
        Ok(Self(files::reader_of_token(&app.core, &token, &file)?))
    }
}

/// Types that browsers only show and never run.
const SHOWN: &[&str] = &[
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "video/mp4",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
];

/// Bytes buffered of a download.
const BUFFER: usize = 64 * 1024;

/// Whether all of it is asked for: later parts do not count as downloads.
pub(super) fn is_whole(headers: &HeaderMap) -> bool {
    headers.get(header::RANGE).is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"))
}

/// The bytes, or what is asked for of them.
pub(super) async fn answer(
    core: &Core,
    download: Download,
    headers: &HeaderMap,
    name: Option<&str>,
) -> Answer<Response> {
    let kind = if name.is_some() { "-preview" } else { "" };
    let etag = format!("\"{}{kind}\"", download.file.sha2);
    let mut out = HeaderMap::new();
    let mut set = |key: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            out.insert(key, value);
        }
    };
    set(header::ETAG, &etag);
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CACHE_CONTROL, "private, no-cache");
    if matches(headers, &header::IF_NONE_MATCH, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, out).into_response());
    }
    set(header::CONTENT_TYPE, &download.mime);
    set(header::CONTENT_DISPOSITION, &disposition(&download.mime, name.unwrap_or(&download.file.filename)));
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'");
    let unchanged = headers.get(header::IF_RANGE).is_none() || matches(headers, &header::IF_RANGE, &etag);
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok()).filter(|_| unchanged);
    let (status, start, end) = match range.map(|range| part(range, download.size)) {
        None | Some(Part::All) => (StatusCode::OK, 0, download.size),
        Some(Part::Of(start, end)) => {
            set(header::CONTENT_RANGE, &format!("bytes {start}-{}/{}", end - 1, download.size));
            (StatusCode::PARTIAL_CONTENT, start, end)
        }
        Some(Part::Beyond) => {
            set(header::CONTENT_RANGE, &format!("bytes */{}", download.size));
            let problem = Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "file:range",
                format!("The file has {} bytes; the asked for part lies beyond.", download.size),
            )
            .with("size", download.size);
            return Err(problem);
        }
    };
    set(header::CONTENT_LENGTH, &(end - start).to_string());
    let bytes = download.read(core, start, end).await?;
    Ok((status, out, Body::from_stream(ReaderStream::with_capacity(bytes, BUFFER))).into_response())
}

/// Whether a header lists this tag, or any.
fn matches(headers: &HeaderMap, name: &HeaderName, etag: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == etag || tag == "*")
}

/// A part that is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// All of it: also for what we do not understand, as the standard wants.
    All,
    /// From the first to before the last.
    Of(u64, u64),
    /// Nothing that is there.
    Beyond,
}

fn part(range: &str, size: u64) -> Part {
    let Some(spec) = range.strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else { return Part::All };
    let Some((first, last)) = spec.trim().split_once('-') else { return Part::All };
    let (start, end) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(size)),
        (Ok(first), Err(_)) if last.is_empty() => (first, size),
        (Err(_), Ok(count)) if first.is_empty() => (size.saturating_sub(count), size),
        _ => return Part::All,
    };
    if start < end { Part::Of(start, end) } else { Part::Beyond }
}

/// Shown in place where that is harmless, else saved; under its own name.
fn disposition(mime: &str, name: &str) -> String {
    let essence = mime.split(';').next().unwrap_or_default();
    let how = if SHOWN.contains(&essence) { "inline" } else { "attachment" };
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    let mut text = format!("{how}; filename=\"{plain}\"");
    if plain != name {
        text.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                // Writing to a text never fails.
                write!(text, "%{byte:02X}").ok();
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Part, disposition, part};

    #[test]
    fn parts_are_read_as_the_standard_says() {
        for (range, wanted) in [
            ("bytes=0-", Part::Of(0, 100)),
            ("bytes=10-19", Part::Of(10, 20)),
            ("bytes=90-1000", Part::Of(90, 100)),
            ("bytes=-5", Part::Of(95, 100)),
            ("bytes=-500", Part::Of(0, 100)),
            ("bytes=100-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=5-1", Part::All),
            ("bytes=0-1,5-6", Part::All),
            ("lines=1-2", Part::All),
            ("bytes=18446744073709551615-", Part::Beyond),
        ] {
            assert_eq!(part(range, 100), wanted, "{range}");
        }
    }

    #[test]
    fn nothing_that_could_run_is_shown_in_place() {
        assert_eq!(disposition("image/png", "a b.png"), "inline; filename=\"a b.png\"");
        assert!(disposition("text/html", "x.html").starts_with("attachment"));
        assert!(disposition("image/svg+xml", "x.svg").starts_with("attachment"));
        assert_eq!(
            disposition("application/pdf", "ä\"\n.pdf"),
            "attachment; filename=\"___.pdf\"; filename*=UTF-8''%C3%A4%22%0A.pdf"
        );
    }
}
