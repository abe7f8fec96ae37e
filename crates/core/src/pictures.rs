//! Pictures of groups, channels and people: from a URL or from text, made into
//! what WhatsApp takes.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use sparkbot_media::picture;
use tokio::io::AsyncReadExt;

use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::fetch::FetchError;

/// Bytes of a picture at most.
pub const MOST: usize = 16 * 1024 * 1024;

/// Where a picture is.
#[derive(Debug, Clone)]
pub enum Source {
    /// Fetched with one GET.
    Url(String),
    /// A data URI, `data:image/png;base64,…`, or the base64 alone.
    Text(String),
}

/// A square JPEG of at most 640 pixels a side.
///
/// # Errors
/// `picture:url`, `picture:unavailable`, `picture:base64`, `picture:too_large`;
/// `media:unsupported` and `media:damaged` for what is no picture.
pub async fn make(core: &Core, source: Source) -> Result<Vec<u8>> {
    let bytes = match source {
        Source::Url(url) if url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) => decode(&url)?,
        Source::Url(url) => fetch(core, &url).await?,
        Source::Text(text) => decode(&text)?,
    };
    let made = core.workshop().run(move || picture::profile(&bytes)).await?;
    Ok(made.jpeg)
}

async fn fetch(core: &Core, url: &str) -> Result<Vec<u8>> {
    let url = core.fetcher().check_url(url, "picture:url")?;
    let time = core.settings().files.download_time;
    let mut found = core.fetcher().download(&url, time).await.map_err(|error| match error {
        FetchError::Forbidden => Error::invalid("picture:url", format!("The URL can't be fetched: {error}."))
            .hint("Use a public address, or have the server's administrator allow the network in its configuration."),
        other => unavailable(format!("The URL can't be fetched: {other}.")),
    })?;
    if !found.status.is_success() {
        let status = found.status.as_u16();
        return Err(unavailable(format!("The URL's server answered with status {status}.")).with("status", status));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST).unwrap_or(u64::MAX);
    let read = (&mut *found.body).take(most + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| unavailable(format!("The picture broke off: {error}.")))?;
    bounded(bytes)
}

fn unavailable(message: String) -> Error {
    Error::invalid("picture:unavailable", message)
        .hint("Check that the URL opens in a private browser window, or send the picture itself as base64.")
}

fn decode(text: &str) -> Result<Vec<u8>> {
    let text = text.trim();
    let is_uri = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    let data = if is_uri {
        let (head, data) = text.split_once(',').ok_or_else(|| broken("there is no comma before its data"))?;
        if !head.to_ascii_lowercase().ends_with(";base64") {
            return Err(broken("its data are not base64"));
        }
        data
    } else {
        text
    };
    let compact: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let decoded = STANDARD
        .decode(&compact)
        .or_else(|_| STANDARD_NO_PAD.decode(&compact))
        .or_else(|_| URL_SAFE.decode(&compact))
        .map_err(|error| broken(&format!("its base64 is broken ({error})")))?;
    bounded(decoded)
}

fn broken(why: &str) -> Error {
    Error::invalid("picture:base64", format!("The picture can't be read: {why}."))
        .hint("Send base64, or a data URI like 'data:image/png;base64,iVBORw0…'.")
}

fn bounded(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if bytes.len() > MOST {
        let message = format!("The picture is larger than {} MiB, the most that is taken.", MOST / 1024 / 1024);
        return Err(Error::new(Kind::TooLarge, "picture:too_large", message).with("limit", MOST));
    }
    if bytes.is_empty() {
        return Err(Error::invalid("media:empty", "The picture is empty.").hint("Send a picture that has content."));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn pictures_come_as_data_uri_or_base64() {
        for text in ["data:image/png;base64,aGk=", "DATA:image/png;BASE64,aGk", "aGk=", " aG\nk= "] {
            assert_eq!(decode(text).expect(text), b"hi");
        }
        for (text, code) in [
            ("data:image/png,hi", "picture:base64"),
            ("data:x", "picture:base64"),
            ("***", "picture:base64"),
            ("", "media:empty"),
        ] {
            assert_eq!(decode(text).expect_err(text).code, code);
        }
    }
}
