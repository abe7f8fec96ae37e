//! The two APIs that a run talks to: the server's, and the sandbox's control.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::failure::{Failure, Result};
use crate::load::connection::Head;

/// Longer than anything may take.
const PATIENCE: Duration = Duration::from_secs(100);

/// A client for plain loopback.
pub(crate) fn client() -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(|error| Failure::new(format!("no HTTP client: {error}")))
}

/// The server's API.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Api {
    pub(crate) fn new(http: reqwest::Client, base: &str, key: &str) -> Self {
        Self { http, base: base.trim_end_matches('/').to_owned(), key: key.to_owned() }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(format!("{}{path}", self.base)).header("Token", &self.key).json(body);
        Ok(answer("POST", path, request).await?.1)
    }

    /// `PATCH`, `PUT` or `DELETE`.
    pub(crate) async fn change(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base)).header("Token", &self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        Ok(answer(method.as_str(), path, request).await?.1)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        let request = self.http.get(format!("{}{path}", self.base)).header("Token", &self.key);
        Ok(answer("GET", path, request).await?.1)
    }

    /// Where the load generator connects to, and what it says there.
    pub(crate) fn sending(&self) -> (String, Head) {
        let address = address(&self.base);
        let head = Head::post(&address, "/v1/messages", &[("Token", &self.key)]);
        (address, head)
    }

    /// How many numbers are online.
    pub(crate) async fn online(&self) -> Result<u64> {
        self.count("/v1/devices?sessionStatus=online&size=1").await
    }

    /// How long a list is.
    pub(crate) async fn count(&self, path: &str) -> Result<u64> {
        let request = self.http.get(format!("{}{path}", self.base)).header("Token", &self.key);
        let (headers, _) = answer("GET", path, request).await?;
        headers
            .get("x-total-count")
            .and_then(|count| count.to_str().ok()?.parse().ok())
            .ok_or_else(|| Failure::new("a list does not tell how long it is"))
    }

    /// When each of the numbers came online last, oldest first.
    pub(crate) async fn online_since(&self) -> Result<Vec<String>> {
        let mut since = Vec::new();
        for page in 0.. {
            let numbers = self.get(&format!("/v1/devices?sessionStatus=online&size=200&page={page}")).await?;
            let numbers = numbers.as_array().cloned().unwrap_or_default();
            let full = numbers.len() == 200;
            since.extend(numbers.iter().filter_map(|n| n["session"]["lastOnlineAt"].as_str().map(str::to_owned)));
            if !full {
                break;
            }
        }
        since.sort();
        Ok(since)
    }
}

/// A message as a phone shows it.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) from_me: bool,
    pub(crate) text: String,
    pub(crate) copies: u64,
}

/// The sandbox's control API.
#[derive(Clone)]
pub(crate) struct Phones {
    http: reqwest::Client,
    pub(crate) control: String,
}

impl Phones {
    pub(crate) fn new(http: reqwest::Client, control: &str) -> Self {
        Self { http, control: control.trim_end_matches('/').to_owned() }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.control));
        if let Some(body) = &body {
            request = request.json(body);
        }
        Ok(answer(method.as_str(), path, request).await?.1)
    }

    pub(crate) async fn create(&self, phone: &str) -> Result<()> {
        self.call(Method::POST, "/phones", Some(json!({ "phone": phone }))).await.map(drop)
    }

    /// Asks for something of a phone, or sends it there.
    pub(crate) async fn drive(&self, phone: &str, what: &str, body: Option<Value>) -> Result<Value> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        self.call(method, &format!("/phones/{phone}/{what}"), body).await
    }

    /// The person scans a QR code.
    pub(crate) async fn scan(&self, phone: &str, qr: &str) -> Result<()> {
        self.call(Method::POST, &format!("/phones/{phone}/scan"), Some(json!({ "qr": qr }))).await.map(drop)
    }

    /// Where the load generator connects to, and what it says for `phone` to send.
    pub(crate) fn sending(&self, phone: &str) -> (String, Head) {
        let address = address(&self.control);
        let head = Head::post(&address, &format!("/phones/{phone}/messages"), &[]);
        (address, head)
    }

    pub(crate) async fn send(&self, from: &str, to: &str, text: &str) -> Result<()> {
        self.call(Method::POST, &format!("/phones/{from}/messages"), Some(json!({ "to": to, "text": text })))
            .await
            .map(drop)
    }

    /// The number of the newest message that a phone shows.
    pub(crate) async fn newest(&self, phone: &str) -> Result<u64> {
        Ok(self.call(Method::GET, &format!("/phones/{phone}"), None).await?["messages"].as_u64().unwrap_or(0))
    }

    /// Whether a phone shows a message after message `after`, now.
    pub(crate) async fn shows_after(&self, phone: &str, after: u64) -> Result<bool> {
        let page = self.call(Method::GET, &format!("/phones/{phone}/messages?after={after}&limit=1"), None).await?;
        Ok(page["messages"].as_array().is_some_and(|messages| !messages.is_empty()))
    }

    /// What a phone shows after message `after`, waiting for it up to `wait`;
    /// with the number to go on from.
    pub(crate) async fn messages(&self, phone: &str, after: u64, wait: Duration) -> Result<(Vec<Shown>, u64)> {
        let path = format!("/phones/{phone}/messages?after={after}&wait={}&limit=1000", wait.as_millis());
        let page = self.call(Method::GET, &path, None).await?;
        let shown = page["messages"].as_array().into_iter().flatten().map(|message| Shown {
            from_me: message["fromMe"].as_bool().unwrap_or(false),
            text: message["text"].as_str().unwrap_or_default().to_owned(),
            copies: message["copies"].as_u64().unwrap_or(1),
        });
        Ok((shown.collect(), page["last"].as_u64().unwrap_or(after)))
    }

    /// Connections of logged-in companions: their number, and the phone they belong to.
    pub(crate) async fn logged_in(&self) -> Result<Vec<(u64, String)>> {
        let answer = self.call(Method::GET, "/connections", None).await?;
        let connections = answer["connections"].as_array().into_iter().flatten();
        Ok(connections
            .filter(|connection| connection["stage"] == "loggedIn")
            .filter_map(|connection| Some((connection["id"].as_u64()?, connection["phone"].as_str()?.to_owned())))
            .collect())
    }
}

/// `host:port` of a URL.
fn address(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

async fn answer(
    method: &str,
    path: &str,
    request: reqwest::RequestBuilder,
) -> Result<(reqwest::header::HeaderMap, Value)> {
    let failed = |error: reqwest::Error| Failure::new(format!("{method} {path}: {error}"));
    let response = request.send().await.map_err(failed)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.map_err(failed)?;
    if !status.is_success() {
        let said: String = String::from_utf8_lossy(&bytes).chars().take(400).collect();
        return Err(Failure::new(format!("{method} {path}: {status}: {said}")));
    }
    Ok((headers, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
}
