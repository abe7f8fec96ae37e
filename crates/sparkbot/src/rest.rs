//! A small client for the REST API and for the sandbox's control API.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use url::Url;

use crate::cli::resources::Server;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::master_key::check_permissions;

/// One server and, for the REST API, a key.
pub(crate) struct Rest {
    base: Url,
    key: Option<String>,
    client: Client,
    /// What to do when nobody answers.
    absent: String,
}

impl Rest {
    /// The REST API of a running server.
    ///
    /// # Errors
    /// When there is no key, or the address is none.
    pub(crate) fn server(server: &Server, config: &Config) -> Result<Self> {
        let base = parse(&server.api, "--api")?;
        let key = find_key(server, config)?;
        Ok(Self {
            absent: format!(
                "Is the server running at {base}? Start it with `sparkbot serve`, or name it with --api or SPARKBOT_API."
            ),
            key: Some(key),
            client: client()?,
            base,
        })
    }

    /// The control API of a sandbox, which is on loopback or nowhere.
    ///
    /// # Errors
    /// When the address is none, or not on loopback.
    pub(crate) fn sandbox(address: &str) -> Result<Self> {
        let base = loopback(address)?;
        Ok(Self {
            absent: format!(
                "Is a sandbox running at {base}? Start one with `sparkbot serve --sandbox` or `sparkbot sandbox`, or name it with --control or SPARKBOT_SANDBOX."
            ),
            key: None,
            client: client()?,
            base,
        })
    }

    /// Asks with GET.
    ///
    /// # Errors
    /// As [`Rest::call`].
    pub(crate) async fn get(&self, path: &[&str], query: &[(&str, String)]) -> Result<Value> {
        self.call(Method::GET, path, query, None, None).await
    }

    /// Asks with POST.
    ///
    /// # Errors
    /// As [`Rest::call`].
    pub(crate) async fn post(&self, path: &[&str], body: Option<Value>) -> Result<Value> {
        self.call(Method::POST, path, &[], body, None).await
    }

    /// Asks with DELETE.
    ///
    /// # Errors
    /// As [`Rest::call`].
    pub(crate) async fn delete(&self, path: &[&str]) -> Result<Value> {
        self.call(Method::DELETE, path, &[], None, None).await
    }

    /// One request; an empty answer is `null`.
    ///
    /// # Errors
    /// With the server's own sentence and hint when it refuses, and with what
    /// to do when nobody answers.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
        body: Option<Value>,
        idempotency_key: Option<&str>,
    ) -> Result<Value> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        // The standard leaves '+' in paths, where some readers take it for a space.
        let escaped = url.path().replace('+', "%2B");
        url.set_path(&escaped);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query.iter().map(|(name, value)| (*name, value.as_str())));
        }
        let mut request = self.client.request(method, url);
        if let Some(key) = &self.key {
            request = request.header("Token", key);
        }
        if let Some(key) = idempotency_key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let failed = |error: reqwest::Error| {
            let what = if error.is_timeout() { "did not answer in time" } else { "can't be reached" };
            Failure::new(format!("{} {what}: {}", self.base, root(&error))).hint(self.absent.clone())
        };
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let text = answer.text().await.map_err(failed)?;
        if status.is_success() {
            return if text.is_empty() {
                Ok(Value::Null)
            } else {
                serde_json::from_str(&text).map_err(|_| {
                    Failure::new(format!("{} answered something that is no JSON", self.base)).hint(self.absent.clone())
                })
            };
        }
        Err(refusal(status, &text))
    }
}

/// The server's own words for a refusal.
fn refusal(status: StatusCode, text: &str) -> Failure {
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let message = body["message"].as_str().map_or_else(|| format!("the server answered {status}"), str::to_owned);
    let failure = Failure::new(message);
    match body["hint"].as_str() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The innermost cause says most: "connection refused" rather than "error sending request".
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn client() -> Result<Client> {
    Client::builder()
        .connect_timeout(Duration::from_secs(10))
        // Longer than the longest wait either API holds an answer back.
        .timeout(Duration::from_secs(130))
        // Addresses are given by the person at the terminal: no proxy in between for loopback.
        .no_proxy()
        .user_agent(concat!("sparkbot/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Failure::new(format!("the HTTP client can't be built: {error}")))
}

fn parse(address: &str, flag: &str) -> Result<Url> {
    let full = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    match Url::parse(&full) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(Failure::usage(format!("{flag}: '{address}' is no address; write it like http://127.0.0.1:7700"))),
    }
}

/// An address of a sandbox; anything but this machine is refused.
///
/// # Errors
/// When it is no address, or not on loopback.
pub(crate) fn loopback(address: &str) -> Result<Url> {
    let url = parse(address, "--control")?;
    let inside = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if !inside {
        return Err(Failure::usage(format!(
            "'{address}' is not on loopback; a sandbox has no keys and is never reached from outside"
        ))
        .hint("Use an address such as http://127.0.0.1:7710."));
    }
    Ok(url)
}

fn find_key(server: &Server, config: &Config) -> Result<String> {
    if let Some(key) = &server.key {
        return Ok(key.trim().to_owned());
    }
    let file = match &server.key_file {
        Some(file) => file.clone(),
        None => config.sandbox_key_file(),
    };
    if !file.exists() && server.key_file.is_none() {
        return Err(Failure::usage("there is no API key to ask with")
            .hint("Give it as SPARKBOT_KEY or --key-file; `sparkbot key create --name cli` makes one."));
    }
    check_permissions(&file)?;
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::new(format!("the key file {} can't be read: {error}", file.display())))?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::{loopback, refusal};

    #[test]
    fn a_sandbox_is_on_loopback_or_nowhere() {
        for inside in ["127.0.0.1:7710", "http://[::1]:1", "http://localhost:7710"] {
            assert!(loopback(inside).is_ok(), "{inside}");
        }
        for outside in ["http://10.0.0.1:7710", "sandbox.example.org", "0.0.0.0:7710", "http://127.0.0.1.example.org"] {
            assert!(loopback(outside).is_err(), "{outside}");
        }
    }

    #[test]
    fn a_refusal_keeps_the_servers_words() {
        let failure = refusal(StatusCode::CONFLICT, r#"{"message":"Linked already.","hint":"Pass force."}"#);
        assert_eq!((failure.message(), failure.advice()), ("Linked already.", Some("Pass force.")));
        assert!(refusal(StatusCode::BAD_GATEWAY, "<html>").message().contains("502"));
    }
}
