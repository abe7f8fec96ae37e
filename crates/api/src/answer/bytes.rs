//! Bytes that are downloaded: whole or in part, unchanged or not at all, and
//! never so that a browser runs what is in them.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sparkbot_core::Core;
use sparkbot_core::downloads::Download;
use tokio_util::io::ReaderStream;
use url::form_urlencoded::byte_serialize;

use crate::error::{Answer, Problem};

/// What browsers show and never run; everything else is saved.
const HARMLESS: &[&str] = &[
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

/// Whether all of it is asked for: later parts are no downloads of their own.
pub(crate) fn is_whole(asked: &HeaderMap) -> bool {
    asked.get(header::RANGE).is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"))
}

/// The bytes, or what is asked for of them by `Range`, `If-Range` and
/// `If-None-Match`.
///
/// # Errors
/// 416 when no byte of the file is in the range.
pub(crate) async fn bytes(core: &Core, download: Download, asked: &HeaderMap) -> Answer<Response> {
    let answer = Headers::of(&download, asked)?;
    let body = match answer.bytes {
        Some((from, to)) => {
            Body::from_stream(ReaderStream::with_capacity(download.read(core, from, to).await?, BUFFER))
        }
        None => Body::empty(),
    };
    Ok((answer.status, answer.headers, body).into_response())
}

/// Status and headers of the answer, and which bytes to send, the last
/// excluded; none when the caller has them already.
struct Headers {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Option<(u64, u64)>,
}

impl Headers {
    fn of(file: &Download, asked: &HeaderMap) -> Answer<Self> {
        let text = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
        let tag = format!("\"{}\"", file.tag);
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        put(header::ETAG, tag.clone());
        put(header::ACCEPT_RANGES, "bytes".to_owned());
        put(header::CACHE_CONTROL, "private, no-cache".to_owned());
        if names(asked, &header::IF_NONE_MATCH, &tag) {
            return Ok(Self { status: StatusCode::NOT_MODIFIED, headers, bytes: None });
        }
        put(header::CONTENT_TYPE, file.mime.clone());
        put(header::CONTENT_DISPOSITION, disposition(&file.mime, &file.filename));
        // A browser that is led here by a link runs nothing of what it gets.
        put(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
        put(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'".to_owned());
        let same = !asked.contains_key(header::IF_RANGE) || names(asked, &header::IF_RANGE, &tag);
        let range = text(header::RANGE).filter(|_| same).and_then(|range| wanted(range, file.size));
        let (status, (from, to)) = match range {
            None => (StatusCode::OK, (0, file.size)),
            Some((from, to)) if from < to => (StatusCode::PARTIAL_CONTENT, (from, to)),
            Some(_) => {
                return Err(Problem::new(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "file:range",
                    format!("The file has {} bytes; none of them is in the range that was asked for.", file.size),
                )
                .with("size", file.size));
            }
        };
        if status == StatusCode::PARTIAL_CONTENT {
            put(header::CONTENT_RANGE, format!("bytes {from}-{}/{}", to - 1, file.size));
        }
        put(header::CONTENT_LENGTH, (to - from).to_string());
        Ok(Self { status, headers, bytes: Some((from, to)) })
    }
}

/// Whether a header lists this tag, or any.
fn names(asked: &HeaderMap, header: &HeaderName, tag: &str) -> bool {
    asked
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == tag || one == "*")
}

/// Shown in place where that is harmless, else saved; under its own name.
fn disposition(mime: &str, name: &str) -> String {
    let essence = mime.split(';').next().unwrap_or_default().trim();
    let how = if HARMLESS.contains(&essence) { "inline" } else { "attachment" };
    let safe = |c: char| c.is_ascii_alphanumeric() || " ._-()+,=@".contains(c);
    let plain: String = name.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    let mut text = format!("{how}; filename=\"{plain}\"");
    if plain != name {
        text.push_str("; filename*=UTF-8''");
        let encoded = byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
        // `*` is no letter of such names.
        text.push_str(&encoded.replace('*', "%2A"));
    }
    text
}

/// The bytes that one range names, the last excluded; an empty range when they
/// lie beyond the end. `None` for what is not understood, which counts as not
/// asked.
fn wanted(range: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    match (first.parse::<u64>().ok(), last.parse::<u64>().ok()) {
        (Some(first), Some(last)) if first <= last => Some((first.min(size), last.saturating_add(1).min(size))),
        (Some(first), None) if last.is_empty() => Some((first.min(size), size)),
        (None, Some(count)) if first.is_empty() => Some((size.saturating_sub(count), size)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
    use sparkbot_core::downloads::Download;

    use super::{Headers, disposition, wanted};

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        for (range, bytes) in [
            ("bytes=0-", (0, 100)),
            ("bytes=10-19", (10, 20)),
            ("bytes=90-5000", (90, 100)),
            ("bytes=-5", (95, 100)),
            ("bytes=-500", (0, 100)),
            ("bytes=100-", (100, 100)),
            ("bytes=-0", (100, 100)),
            ("bytes=18446744073709551615-", (100, 100)),
        ] {
            assert_eq!(wanted(range, 100), Some(bytes), "{range}");
        }
        for odd in ["bytes=5-1", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", ""] {
            assert_eq!(wanted(odd, 100), None, "{odd}");
        }
    }

    #[test]
    fn nothing_that_could_run_is_shown_in_place() {
        assert_eq!(disposition("image/png", "a b.png"), "inline; filename=\"a b.png\"");
        assert!(disposition("audio/ogg; codecs=opus", "a.ogg").starts_with("inline"));
        assert!(disposition("image/svg+xml", "x.svg").starts_with("attachment"));
        assert_eq!(
            disposition("text/html", "ä\"\n.html"),
            "attachment; filename=\"___.html\"; filename*=UTF-8''%C3%A4%22%0A.html"
        );
    }

    #[test]
    fn what_the_caller_has_is_not_sent_again() {
        let word = str::to_owned;
        let page =
            Download { size: 3, mime: word("text/html"), filename: word("a.html"), tag: word("t"), blob: word("b") };
        let asked = |name: HeaderName, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            Headers::of(&page, &headers)
        };
        let all = Headers::of(&page, &HeaderMap::new()).expect("headers");
        assert_eq!((all.status, all.bytes), (StatusCode::OK, Some((0, 3))));
        assert_eq!(all.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        for known in ["\"x\", \"t\"", "W/\"t\"", "*"] {
            let unchanged = asked(header::IF_NONE_MATCH, known).expect("headers");
            assert_eq!((unchanged.status, unchanged.bytes), (StatusCode::NOT_MODIFIED, None), "{known}");
        }
        assert!(asked(header::RANGE, "bytes=3-").is_err());
        let part = asked(header::RANGE, "bytes=1-1").expect("headers");
        assert_eq!((part.status, part.bytes), (StatusCode::PARTIAL_CONTENT, Some((1, 2))));
        assert_eq!(part.headers[header::CONTENT_RANGE], "bytes 1-1/3");
    }
}
