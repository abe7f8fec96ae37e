//! What a webhook may look like.

use std::collections::BTreeMap;

use rand::RngExt;
use reqwest::header::{HeaderName, HeaderValue};
use sparkbot_store::Writing;

use super::EVENTS;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};

const NAME: usize = 30;
const URL: usize = 2048;
const HEADERS: usize = 20;
const HEADER_NAME: usize = 100;
const HEADER_VALUE: usize = 2000;

/// Headers that belong to the connection or to us.
const RESERVED: &[&str] = &[
    "host",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "expect",
    "http2-settings",
];
const RESERVED_PREFIXES: &[&str] = &["content-", "x-sparkbot-"];

/// A name, without the blanks around it.
pub(super) fn name(text: &str) -> Result<String> {
    let name = text.trim();
    let length = name.chars().count();
    if length == 0 {
        return Err(Error::invalid("webhook:name", "The webhook's name is empty.").hint("Give it 1 to 30 characters."));
    }
    if length > NAME || name.chars().any(char::is_control) {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        return Err(Error::invalid(
            "webhook:name",
            format!("The webhook's name '{shown}' is no line of 1 to {NAME} characters."),
        ));
    }
    Ok(name.to_owned())
}

/// A URL that may be reached, as it was given.
pub(super) fn url(core: &Core, text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length > URL {
        return Err(Error::invalid(
            "webhook:url",
            format!("The webhook's URL has {length} characters; {URL} are possible."),
        ));
    }
    core.fetcher().check_url(text, "webhook:url")?;
    Ok(text.to_owned())
}

/// Known events, each once, in the order of [`EVENTS`].
pub(super) fn events(names: &[String]) -> Result<Vec<&'static str>> {
    let known = || EVENTS.join(", ");
    if names.is_empty() {
        return Err(
            Error::invalid("webhook:events", "The webhook asks for no event.").hint(format!("There are {}.", known()))
        );
    }
    if let Some(unknown) = names.iter().find(|name| !EVENTS.contains(&name.as_str())) {
        let shown: String = unknown.chars().take(60).collect();
        return Err(Error::invalid("webhook:events", format!("There is no event '{shown}'."))
            .hint(format!("There are {}.", known())));
    }
    Ok(EVENTS.iter().copied().filter(|event| names.iter().any(|name| name == event)).collect())
}

/// Headers that can be added to a delivery.
pub(super) fn headers(headers: &BTreeMap<String, String>) -> Result<()> {
    let refuse = |message: String| Err(Error::invalid("webhook:headers", message));
    if headers.len() > HEADERS {
        return refuse(format!("There are {} extra headers; {HEADERS} are possible.", headers.len()));
    }
    let mut seen = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(HEADER_NAME).collect();
        let lower = name.to_ascii_lowercase();
        if name.len() > HEADER_NAME || HeaderName::from_bytes(name.as_bytes()).is_err() {
            return refuse(format!("'{shown}' is no name of a header of up to {HEADER_NAME} characters."));
        }
        if RESERVED.contains(&lower.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
            return refuse(format!("The header '{shown}' is set by the server and can't be added."));
        }
        if seen.contains(&lower) {
            return refuse(format!("The header '{shown}' is given twice."));
        }
        // The value may be a secret and is not repeated.
        if value.len() > HEADER_VALUE || HeaderValue::from_str(value).is_err() {
            return refuse(format!("The value of the header '{shown}' is no line of up to {HEADER_VALUE} characters."));
        }
        seen.push(lower);
    }
    Ok(())
}

/// The key of the signature: the given one, or a new one.
pub(super) fn secret(given: Option<String>) -> Result<String> {
    let Some(secret) = given else {
        let mut random = [0u8; 32];
        rand::rng().fill(&mut random);
        return Ok(format!("whsec_{}", hex::encode(random)));
    };
    let length = secret.chars().count();
    if !(16..=128).contains(&length) {
        return Err(Error::invalid(
            "webhook:secret",
            format!("The webhook's secret has {length} characters; 16 to 128 are possible."),
        )
        .hint("Leave it out and a strong one is made."));
    }
    Ok(secret)
}

/// A number of the account.
pub(super) async fn device(w: &mut Writing, account: &AccountId, text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let shown: String = text.chars().take(40).collect();
    let unknown = || {
        Error::not_found("device:notfound", format!("There is no device {shown}."))
            .hint("List the devices with GET /v1/devices.")
    };
    let id: DeviceId = text.parse().map_err(|_| unknown())?;
    let row = w.account(account).device(&id).await?.ok_or_else(unknown)?;
    Ok(Some(row.id.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{events, headers, name, secret};

    fn one(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn names_are_short_lines() {
        assert_eq!(name("  Orders ").expect("name"), "Orders");
        assert!(name(&"ä".repeat(30)).is_ok());
        for bad in [String::new(), "  ".to_owned(), "ä".repeat(31), "a\nb".to_owned()] {
            assert_eq!(name(&bad).expect_err("bad").code, "webhook:name");
        }
    }

    #[test]
    fn events_are_known_and_once() {
        let asked = ["message:out:ack", "message:in:new", "message:out:ack"].map(str::to_owned);
        assert_eq!(events(&asked).expect("known"), ["message:in:new", "message:out:ack"]);
        assert!(events(&[]).is_err());
        assert!(events(&["message:new".to_owned()]).expect_err("unknown").message.contains("'message:new'"));
    }

    #[test]
    fn headers_leave_the_connection_alone() {
        assert!(headers(&one("Authorization", "Bearer x")).is_ok());
        assert!(headers(&one("X-Api-Key", "ü")).is_ok());
        for bad in [
            "Host",
            "hOsT",
            "Content-Length",
            "content-type",
            "Content-Anything",
            "X-SparkBot-Signature",
            "x-sparkbot-x",
            "Connection",
            "Transfer-Encoding",
            "TE",
            "Upgrade",
            "Keep-Alive",
            "Proxy-Authorization",
            "Expect",
            "",
            "a b",
            "a:b",
            "ä",
        ] {
            assert_eq!(headers(&one(bad, "x")).expect_err(bad).code, "webhook:headers");
        }
        let error = headers(&one("X-Key", "hush\r\nHost: evil")).expect_err("two lines");
        assert!(!error.message.contains("hush"));
        let many = (0..21).map(|i| (format!("X-{i}"), String::new())).collect();
        assert!(headers(&many).is_err());
        let twice = BTreeMap::from([("X-A".to_owned(), String::new()), ("x-a".to_owned(), String::new())]);
        assert!(headers(&twice).is_err());
    }

    #[test]
    fn secrets_are_long_enough_or_made() {
        let made = secret(None).expect("made");
        assert!(made.starts_with("whsec_") && made.len() == 70);
        assert_ne!(made, secret(None).expect("made"));
        assert_eq!(secret(Some("0123456789abcdef".to_owned())).expect("given"), "0123456789abcdef");
        assert!(secret(Some("short".to_owned())).is_err());
        assert!(secret(Some("x".repeat(129))).is_err());
    }
}
