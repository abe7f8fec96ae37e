//! How the first link of a text is shown: title, description and picture of
//! its page.
//!
//! A preview is decoration. It is looked for within a few seconds, once for all
//! messages with the same link, and a message never fails for the lack of it.

mod page;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use tokio::sync::OnceCell;
use url::Url;

use crate::app::Core;
use crate::fetch::Limits;
use crate::network::{LinkPreview, Millis};

/// How long a message waits for its preview.
const PATIENCE: Duration = Duration::from_secs(6);
/// How much of a page is looked at: what is wanted stands in its head.
const PAGE: Limits = Limits { time: Duration::from_secs(4), body: 512 * 1024 };
/// A picture that takes longer or is larger is left out.
const PICTURE: Limits = Limits { time: Duration::from_secs(3), body: 4 * 1024 * 1024 };
/// Pixels of the picture's longer side.
const SIDE: u32 = 300;
/// A preview is used again for ten minutes.
const FRESH: Millis = 600_000;
/// Previews kept at most.
const KEPT: usize = 256;

type Slot = Arc<OnceCell<Option<LinkPreview>>>;

/// Previews that were made lately, by link.
#[derive(Default)]
pub(crate) struct Previews {
    made: Mutex<HashMap<String, (Millis, Slot)>>,
}

impl Previews {
    /// The place of a link's preview, the same for all who ask in time.
    fn slot(&self, link: &str, now: Millis) -> Slot {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|_, (since, _)| now - *since < FRESH);
        if made.len() >= KEPT
            && let Some(oldest) = made.iter().min_by_key(|(_, (since, _))| *since).map(|(link, _)| link.clone())
        {
            made.remove(&oldest);
        }
        made.entry(link.to_owned()).or_insert_with(|| (now, Slot::default())).1.clone()
    }
}

/// The preview of the first link in a text, when its page tells one in time.
pub(super) async fn of(core: &Core, text: &str) -> Option<LinkPreview> {
    let link = first_link(text)?;
    let slot = core.previews().slot(link, core.now());
    let making = slot.get_or_init(|| make(core, link));
    tokio::time::timeout(PATIENCE, making).await.ok().cloned().flatten()
}

async fn make(core: &Core, link: &str) -> Option<LinkPreview> {
    let url = core.fetcher().check_url(link, "message:link").ok()?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml"));
    let (answer, led_to) = match core.fetcher().beginning(&url, headers, PAGE).await {
        Ok(found) => found,
        Err(error) => {
            tracing::debug!(error = %error, "a link has no preview");
            return None;
        }
    };
    let html = answer.content_type().is_some_and(|kind| kind.contains("html"));
    if !answer.status.is_success() || !html {
        return None;
    }
    let head = page::head(&String::from_utf8_lossy(&answer.body));
    if head.title.is_none() && head.description.is_none() {
        return None;
    }
    let thumbnail = match head.image.and_then(|image| led_to.join(&image).ok()) {
        Some(image) => picture(core, &image).await,
        None => None,
    };
    Some(LinkPreview { url: link.to_owned(), title: head.title, description: head.description, thumbnail })
}

/// The page's picture, small; a preview without one is a preview, too.
async fn picture(core: &Core, url: &Url) -> Option<Bytes> {
    let url = core.fetcher().check_url(url.as_str(), "message:link").ok()?;
    let answer = core.fetcher().get(&url, HeaderMap::new(), PICTURE).await.ok()?;
    if !answer.status.is_success() {
        return None;
    }
    let file = core.blobs().scratch().await.ok()?;
    tokio::fs::write(file.path(), &answer.body).await.ok()?;
    let made = core.workshop().run(move || sparkbot_media::picture::preview(file.path(), SIDE)).await.ok()?;
    Some(made.jpeg.into())
}

/// The first `http://` or `https://` link of a text, without what belongs to the
/// sentence around it.
fn first_link(text: &str) -> Option<&str> {
    let start = ["https://", "http://"].iter().filter_map(|scheme| text.find(scheme)).min()?;
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(rest.len());
    let mut link = &rest[..end];
    while let Some(last) = link.chars().next_back() {
        let closes = match last {
            ')' => link.matches(')').count() > link.matches('(').count(),
            ']' => link.matches(']').count() > link.matches('[').count(),
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' => true,
            _ => false,
        };
        if !closes {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    let host = Url::parse(link).ok()?.host_str().map(str::len)?;
    (host > 0 && link.len() <= 2048).then_some(link)
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Previews, first_link};

    #[test]
    fn a_link_ends_where_its_sentence_goes_on() {
        for (text, link) in [
            ("see https://example.com/a.", Some("https://example.com/a")),
            ("(https://example.com/a_(b)) and https://example.org", Some("https://example.com/a_(b)")),
            ("http://example.com, or not", Some("http://example.com")),
            ("*https://example.com/x?a=1&b=2*", Some("https://example.com/x?a=1&b=2")),
            ("nothing: https://", None),
            ("example.com", None),
        ] {
            assert_eq!(first_link(text), link, "{text}");
        }
    }

    #[test]
    fn previews_are_shared_for_a_while_and_do_not_pile_up() {
        let previews = Previews::default();
        let one = previews.slot("https://example.com", 0);
        assert!(std::sync::Arc::ptr_eq(&one, &previews.slot("https://example.com", 1000)));
        assert!(!std::sync::Arc::ptr_eq(&one, &previews.slot("https://example.com", 700_000)));
        for n in 0..2000 {
            previews.slot(&format!("https://example.com/{n}"), 700_000);
        }
        assert!(previews.made.lock().expect("a lock").len() <= KEPT);
    }
}
