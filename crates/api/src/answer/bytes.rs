//! Bytes of a file, whole or in part.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use url::form_urlencoded::byte_serialize;

use crate::error::Problem;

/// What browsers show and never run; everything else is saved.
const HARMLESS: &[&str] =
    &["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "audio/mpeg", "audio/mp4", "audio/ogg"];

/// A file about to be handed out.
pub(crate) struct Handout<'f> {
    /// Bytes.
    pub(crate) size: u64,
    /// MIME type without parameters.
    pub(crate) mime: &'f str,
    /// Name to save it under.
    pub(crate) filename: &'f str,
    /// Changes with the bytes.
    pub(crate) tag: &'f str,
}

/// Status and headers of the answer, and which bytes to send, the last
/// excluded; none when the caller has them already.
pub(crate) struct Headers {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Option<(u64, u64)>,
}

impl Handout<'_> {
    /// Reads `Range`, `If-Range` and `If-None-Match`.
    ///
    /// # Errors
    /// 416 when no byte of the file is in the range.
    pub(crate) fn headers(&self, asked: &HeaderMap) -> Result<Headers, Problem> {
        let text = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
        let tag = format!("\"{}\"", self.tag);
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        put(header::ETAG, tag.clone());
        put(header::ACCEPT_RANGES, "bytes".to_owned());
        put(header::CACHE_CONTROL, "private, no-cache".to_owned());
        let known = text(header::IF_NONE_MATCH);
        if known.is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)) {
            return Ok(Headers { status: StatusCode::NOT_MODIFIED, headers, bytes: None });
        }
        put(header::CONTENT_TYPE, self.mime.to_owned());
        put(header::CONTENT_DISPOSITION, self.disposition());
        // A browser that is led here by a link runs nothing of what it gets.
        put(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
        put(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned());
        let same = text(header::IF_RANGE).is_none_or(|known| known == tag);
        let range = text(header::RANGE).filter(|_| same).and_then(|range| wanted(range, self.size));
        let (status, (from, to)) = match range {
            None => (StatusCode::OK, (0, self.size)),
            Some((from, to)) if from < to => (StatusCode::PARTIAL_CONTENT, (from, to)),
            Some(_) => {
                return Err(Problem::new(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "file:range",
                    format!("The file has {} bytes; none of them is in the range that was asked for.", self.size),
                )
                .with("size", self.size));
            }
        };
        if status == StatusCode::PARTIAL_CONTENT {
            put(header::CONTENT_RANGE, format!("bytes {from}-{}/{}", to - 1, self.size));
        }
        put(header::CONTENT_LENGTH, (to - from).to_string());
        Ok(Headers { status, headers, bytes: Some((from, to)) })
    }

    fn disposition(&self) -> String {
        let how = if HARMLESS.contains(&self.mime) { "inline" } else { "attachment" };
        let safe = |c: char| c.is_ascii_alphanumeric() || " ._-()+,=@".contains(c);
        let plain: String = self.filename.chars().map(|c| if safe(c) { c } else { '_' }).collect();
        let mut text = format!("{how}; filename=\"{plain}\"");
        if plain != self.filename {
            text.push_str("; filename*=UTF-8''");
            let encoded = byte_serialize(self.filename.as_bytes()).collect::<String>().replace('+', "%20");
            // `*` is no letter of such names.
            text.push_str(&encoded.replace('*', "%2A"));
        }
        text
    }
}

/// The bytes that one range names, the last excluded; an empty range when they
/// lie beyond the end. `None` for what is not understood, which counts as not
/// asked.
fn wanted(range: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    match (first.parse::<u64>().ok(), last.parse::<u64>().ok()) {
        (Some(first), Some(last)) if first <= last => Some((first.min(size), last.saturating_add(1).min(size))),
        (Some(first), None) if last.is_empty() => Some((first.min(size), size)),
        (None, Some(count)) if first.is_empty() => Some((size.saturating_sub(count), size)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

    use super::{Handout, wanted};

    #[test]
    fn ranges_are_read() {
        assert_eq!(wanted("bytes=0-", 100), Some((0, 100)));
        assert_eq!(wanted("bytes=10-19", 100), Some((10, 20)));
        assert_eq!(wanted("bytes=90-5000", 100), Some((90, 100)));
        assert_eq!(wanted("bytes=-5", 100), Some((95, 100)));
        assert_eq!(wanted("bytes=100-", 100), Some((100, 100)), "beyond the end");
        for odd in ["bytes=5-1", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", ""] {
            assert_eq!(wanted(odd, 100), None, "{odd}");
        }
    }

    #[test]
    fn what_could_run_is_saved_and_not_shown() {
        let page = Handout { size: 3, mime: "text/html", filename: "ä\"\n.html", tag: "t" };
        let asked = page.headers(&HeaderMap::new()).expect("headers");
        let told = |name| asked.headers.get(name).and_then(|value| value.to_str().ok()).expect("a header");
        assert_eq!(
            told(header::CONTENT_DISPOSITION),
            "attachment; filename=\"___.html\"; filename*=UTF-8''%C3%A4%22%0A.html"
        );
        assert_eq!(told(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(asked.bytes, Some((0, 3)));
        let mut known = HeaderMap::new();
        known.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"x\", \"t\""));
        let unchanged = page.headers(&known).expect("headers");
        assert_eq!((unchanged.status, unchanged.bytes), (StatusCode::NOT_MODIFIED, None));
        let mut beyond = HeaderMap::new();
        beyond.insert(header::RANGE, HeaderValue::from_static("bytes=3-"));
        assert!(page.headers(&beyond).is_err());
    }
}
