//! The guarded HTTP client for URLs given by users.
//!
//! What it may reach is decided three times: when a URL is given, before each
//! request and redirect, and for each address at the moment of connecting.

mod download;
mod guard;
mod resolver;
#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Method, StatusCode};
use url::Url;

pub use self::download::Download;
use self::guard::Guard;
use self::resolver::{Forbidden, Resolver, Unknown};
use crate::app::Settings;
use crate::error::{Error, Result};

/// How a request introduces itself, unless it says otherwise.
pub const USER_AGENT: &str = concat!("SparkBot/", env!("CARGO_PKG_VERSION"));

/// Redirects that a download follows.
const HOPS: usize = 5;

/// Reaches URLs given by users, and nothing inside.
#[derive(Clone)]
pub struct Fetcher {
    client: reqwest::Client,
    guard: Arc<Guard>,
}

/// How long and how large an exchange may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the first packet to the last.
    pub time: Duration,
    /// Bytes of the answer's body.
    pub body: usize,
}

/// What a server has answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, or its beginning.
    pub body: Bytes,
    /// The body is longer than the limit, or broke off.
    pub cut: bool,
}

impl Answer {
    /// The content type as told.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
    }
}

/// Why there is no answer. The texts name no URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The host is, or leads to, an address that is not allowed.
    #[error("the host leads to an address that this server must not reach")]
    Forbidden,
    /// The host has no address.
    #[error("the host name can't be resolved")]
    Unknown,
    /// No answer in time.
    #[error("there was no answer within {} seconds", .0.as_secs_f32())]
    Timeout(Duration),
    /// No connection, or no trust in its certificate.
    #[error("no connection: {0}")]
    Connect(String),
    /// More redirects than are followed.
    #[error("there are more than {HOPS} redirects")]
    Redirects,
    /// A redirect leads nowhere.
    #[error("a redirect leads to no URL that can be fetched")]
    BadRedirect,
    /// The answer is larger than allowed, or broke off.
    #[error("the answer is longer than {0} bytes or broke off")]
    TooLarge(usize),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
}

impl Fetcher {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let guard = Arc::new(Guard::new(settings.allow_loopback, &settings.allowed_networks)?);
        // Whoever installs it first wins, and it is ring everywhere.
        drop(rustls::crypto::ring::default_provider().install_default());
        let build = || {
            reqwest::Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                // A proxy would resolve names for us, past the guard.
                .no_proxy()
                .dns_resolver(Resolver::new(guard.clone()))
                .connect_timeout(Duration::from_secs(10))
                .pool_idle_timeout(Duration::from_secs(60))
                .pool_max_idle_per_host(32)
        };
        let client = build().build().or_else(|error| {
            // A bare container has no certificates of its own.
            tracing::warn!(error = %error, "the system's certificates can't be used; the built-in ones are");
            let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
            build().tls_backend_preconfigured(tls).build()
        });
        Ok(Self { client: client.map_err(Error::internal)?, guard })
    }

    /// Reads a URL that a user gives; `code` is the error's `area:code`.
    ///
    /// Spellings of addresses (decimal, octal, short) are normalised first. A
    /// name is resolved only when it is fetched, and checked again then.
    ///
    /// # Errors
    /// With `code`, for what is no URL or may not be reached.
    pub fn check_url(&self, text: &str, code: &'static str) -> Result<Url> {
        let shown: String = text.split(['?', '#']).next().unwrap_or_default().chars().take(200).collect();
        let url: Url = text.parse().map_err(|error| {
            Error::invalid(code, format!("'{shown}' is not a URL: {error}."))
                .hint("Give a full URL like 'https://example.com/hook'.")
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::invalid(code, format!("The URL's scheme '{}' is not supported.", url.scheme()))
                .hint("Use http:// or https://."));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::invalid(code, "The URL carries a user name or password.")
                .hint("Leave them out of the URL; a webhook can carry an extra header 'Authorization' instead."));
        }
        if !self.guard.allows_host(&url) {
            let host = url.host_str().unwrap_or_default();
            return Err(Error::invalid(
                code,
                format!("The URL's host '{host}' is a private or reserved address, which this server must not reach."),
            )
            .hint("Use a public address, or have the server's administrator allow the network in its configuration."));
        }
        Ok(url)
    }

    /// Posts `body` and reads the beginning of the answer; redirects are
    /// answers like any other.
    ///
    /// # Errors
    /// [`FetchError`] when there is no answer.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: Bytes, limits: Limits) -> Result<Answer, FetchError> {
        self.exchange(Method::POST, url, headers, Some(body), limits).await
    }

    /// Fetches with one GET per hop, following redirects; each hop is checked
    /// like the first.
    ///
    /// # Errors
    /// [`FetchError`] when there is no whole answer.
    pub async fn get(&self, url: &Url, headers: HeaderMap, limits: Limits) -> Result<Answer, FetchError> {
        let (answer, _) = self.beginning(url, headers, limits).await?;
        if answer.cut { Err(FetchError::TooLarge(limits.body)) } else { Ok(answer) }
    }

    /// The same for one who is content with the beginning of the answer; also
    /// the URL that the redirects have led to.
    ///
    /// # Errors
    /// [`FetchError`] when there is no answer.
    pub async fn beginning(&self, url: &Url, headers: HeaderMap, limits: Limits) -> Result<(Answer, Url), FetchError> {
        let follow = async {
            let mut url = url.clone();
            for _ in 0..=HOPS {
                let answer = self.exchange(Method::GET, &url, headers.clone(), None, limits).await?;
                if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                    return Ok((answer, url));
                }
                let target = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
                url = target.and_then(|target| url.join(target).ok()).ok_or(FetchError::BadRedirect)?;
            }
            Err(FetchError::Redirects)
        };
        tokio::time::timeout(limits.time, follow).await.unwrap_or(Err(FetchError::Timeout(limits.time)))
    }

    async fn exchange(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Option<Bytes>,
        limits: Limits,
    ) -> Result<Answer, FetchError> {
        // The client connects to literal addresses without asking the resolver.
        if !matches!(url.scheme(), "http" | "https") || !self.guard.allows_host(url) {
            return Err(FetchError::Forbidden);
        }
        let mut request = self.client.request(method, url.clone()).headers(headers).timeout(limits.time);
        if let Some(body) = body {
            request = request.body(body);
        }
        let mut response = request.send().await.map_err(|error| explain(&error, limits.time))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let (mut body, mut cut) = (BytesMut::new(), false);
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = limits.body - body.len();
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        cut = true;
                        break;
                    }
                }
                Ok(None) => break,
                // The status has arrived: whoever needs the whole body looks at `cut`.
                Err(_) => {
                    cut = true;
                    break;
                }
            }
        }
        Ok(Answer { status, headers, body: body.freeze(), cut })
    }
}

fn explain(error: &reqwest::Error, limit: Duration) -> FetchError {
    let mut source = error.source();
    let mut innermost = None;
    while let Some(cause) = source {
        if cause.is::<Forbidden>() {
            return FetchError::Forbidden;
        }
        if cause.is::<Unknown>() {
            return FetchError::Unknown;
        }
        innermost = Some(cause.to_string());
        source = cause.source();
    }
    if error.is_timeout() {
        return FetchError::Timeout(limit);
    }
    // The outer texts repeat the URL, whose query may hold a secret.
    let why = innermost.unwrap_or_else(|| "unknown reason".to_owned());
    if error.is_connect() { FetchError::Connect(why) } else { FetchError::Broken(why) }
}
