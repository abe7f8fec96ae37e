//! Downloads that do not fit into memory.

use std::time::Duration;

use futures_util::TryStreamExt;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, StatusCode};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;
use url::Url;

use super::{FetchError, Fetcher, HOPS, explain};

/// An answer whose body is still on its way.
pub struct Download {
    /// Status; never a redirect.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Where it came from in the end.
    pub url: Url,
    /// The body. It ends with an error when it breaks off or takes too long.
    pub body: Box<dyn AsyncRead + Send + Unpin>,
}

impl Fetcher {
    /// Fetches with one GET per hop, following redirects, each hop checked like
    /// the first; `time` is for everything, the body included.
    ///
    /// # Errors
    /// [`FetchError`] when there is no answer.
    pub async fn download(&self, url: &Url, time: Duration) -> Result<Download, FetchError> {
        let deadline = tokio::time::Instant::now() + time;
        let mut url = url.clone();
        for _ in 0..=HOPS {
            // The client connects to literal addresses without asking the resolver.
            if !matches!(url.scheme(), "http" | "https") || !self.guard.allows_host(&url) {
                return Err(FetchError::Forbidden);
            }
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let request = self.client.request(Method::GET, url.clone()).timeout(left);
            let mut response = request.send().await.map_err(|error| explain(&error, time))?;
            let status = response.status();
            let headers = std::mem::take(response.headers_mut());
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                let stream = response.bytes_stream().map_err(move |error| std::io::Error::other(explain(&error, time)));
                return Ok(Download { status, headers, url, body: Box::new(StreamReader::new(Box::pin(stream))) });
            }
            let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
            url = target.and_then(|target| url.join(target).ok()).ok_or(FetchError::BadRedirect)?;
        }
        Err(FetchError::Redirects)
    }
}
