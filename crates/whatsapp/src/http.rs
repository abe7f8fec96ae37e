//! HTTP for the client: the version file and encrypted media. One connection
//! pool for all numbers.
//!
//! Contract of the client: a completed exchange is `Ok`, whatever its status.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use url::Url;
use whatsapp_rust::anyhow::{self, Context, bail};
use whatsapp_rust::wacore::net::{HttpClient, HttpRequest, HttpResponse, StreamingHttpResponse, UploadBody};

use sparkbot_network::Millis;
use sparkbot_network::clock::SharedClock;

use crate::config::ConfigError;
use crate::endpoint::{is_loopback, is_whatsapp};
use crate::guard::Verification;

/// A response that is held in memory; anything larger is streamed.
const BUFFERED_LIMIT: usize = 32 << 20;
/// The largest file that WhatsApp carries.
const STREAMED_LIMIT: u64 = 2 << 30;
/// No byte for so long ends a transfer.
const IDLE: Duration = Duration::from_secs(30);
/// Transfers at once over all numbers: each holds a blocking thread, of which
/// the runtime has a few hundred.
const STREAMS: usize = 32;
const UPLOAD_CHUNK: usize = 64 << 10;
/// Where the client reads the current version. All numbers share one answer.
const VERSION_PATH: &str = "/sw.js";
const VERSION_LIFE: Millis = 3_600_000;

/// reqwest as the client's HTTP.
pub struct Http {
    client: reqwest::Client,
    verification: Verification,
    media: Option<Url>,
    streams: Arc<Semaphore>,
    clock: SharedClock,
    version: Mutex<Option<(Millis, HttpResponse)>>,
}

impl Http {
    /// `media` is where requests go in a build that verifies nothing.
    ///
    /// # Errors
    /// [`ConfigError::Tls`].
    pub fn new(verification: Verification, media: Option<Url>, clock: SharedClock) -> Result<Self, ConfigError> {
        // Whoever installs it first wins, and it is ring everywhere.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(IDLE)
            .pool_idle_timeout(Duration::from_secs(60))
            .tls_danger_accept_invalid_certs(verification == Verification::Off)
            .no_proxy()
            .build()
            .map_err(|error| ConfigError::Tls(error.to_string()))?;
        let streams = Arc::new(Semaphore::new(STREAMS));
        Ok(Self { client, verification, media, streams, clock, version: Mutex::new(None) })
    }

    /// Where a request really goes.
    ///
    /// # Errors
    /// When this build must not talk to that host.
    pub fn target(&self, url: &str) -> anyhow::Result<Url> {
        let mut url: Url = url.parse().context("not a URL")?;
        match self.verification {
            Verification::Enforced if is_whatsapp(&url) => Ok(url),
            Verification::Enforced => bail!("'{}' is not a host of WhatsApp", url.host_str().unwrap_or_default()),
            Verification::Off if is_loopback(&url) => {
                // The sandbox's ports take both, and TLS to oneself only costs.
                if let Some(media) = self.media.as_ref().filter(|media| media.port() == url.port()) {
                    let _ = url.set_scheme(media.scheme());
                }
                Ok(url)
            }
            Verification::Off => {
                let media = self.media.as_ref().context("a build with the sandbox fetches from loopback only")?;
                let moved = url.set_scheme(media.scheme()).is_ok()
                    && url.set_host(media.host_str()).is_ok()
                    && url.set_port(media.port()).is_ok();
                if !moved {
                    bail!("the media address can't stand in for WhatsApp's");
                }
                Ok(url)
            }
        }
    }

    /// An address that WhatsApp has given, for somebody else to fetch: a sandbox's
    /// has a certificate that nobody else trusts, so it goes without TLS.
    pub(crate) fn for_others(&self, url: String) -> String {
        match self.verification {
            Verification::Enforced => url,
            Verification::Off => self.target(&url).map_or(url, String::from),
        }
    }

    fn prepare(&self, request: &HttpRequest) -> anyhow::Result<reqwest::RequestBuilder> {
        let method = request.method.parse::<reqwest::Method>().context("method")?;
        let mut builder = self.client.request(method, self.target(&request.url)?);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        Ok(builder)
    }

    async fn exchange(&self, request: HttpRequest) -> anyhow::Result<HttpResponse> {
        let mut builder = self.prepare(&request)?;
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        buffered(builder.send().await?).await
    }

    async fn permit(&self) -> anyhow::Result<OwnedSemaphorePermit> {
        Ok(self.streams.clone().acquire_owned().await?)
    }
}

async fn buffered(response: reqwest::Response) -> anyhow::Result<HttpResponse> {
    let status_code = response.status().as_u16();
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > BUFFERED_LIMIT {
            bail!("the answer is larger than {BUFFERED_LIMIT} bytes");
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse { status_code, body })
}

#[async_trait]
impl HttpClient for Http {
    async fn execute(&self, request: HttpRequest) -> anyhow::Result<HttpResponse> {
        let is_version = request.method == "GET" && request.url.ends_with(VERSION_PATH);
        if !is_version {
            return self.exchange(request).await;
        }
        let mut version = self.version.lock().await;
        let now = self.clock.now();
        if let Some((at, answer)) = version.as_ref()
            && now - at < VERSION_LIFE
        {
            return Ok(answer.clone());
        }
        let mut answer = self.exchange(request).await?;
        if answer.status_code == 200
            && let Some((_, _, revision)) =
                whatsapp_rust::wacore::version::parse_sw_js(&String::from_utf8_lossy(&answer.body))
        {
            // The one fact in a file of several hundred kilobytes.
            answer.body = format!("client_revision:{revision};").into_bytes();
            *version = Some((now, answer.clone()));
        }
        Ok(answer)
    }

    fn supports_streaming(&self) -> bool {
        true
    }

    fn execute_streaming(&self, request: HttpRequest) -> anyhow::Result<StreamingHttpResponse> {
        let handle = Handle::current();
        let builder = self.prepare(&request)?;
        let (permit, response) = handle.block_on(async {
            let permit = self.permit().await?;
            anyhow::Ok((permit, builder.send().await?))
        })?;
        let status_code = response.status().as_u16();
        let body = Body { handle, response, chunk: Bytes::new(), left: STREAMED_LIMIT, _permit: permit };
        Ok(StreamingHttpResponse { status_code, body: Box::new(body) })
    }

    fn supports_upload_streaming(&self) -> bool {
        true
    }

    fn execute_upload(
        &self,
        request: HttpRequest,
        mut body: UploadBody,
        content_length: u64,
    ) -> anyhow::Result<HttpResponse> {
        let handle = Handle::current();
        let _permit = handle.block_on(self.permit())?;
        let (chunks, mut waiting) = mpsc::channel::<std::io::Result<Bytes>>(2);
        let stream = futures_util::stream::poll_fn(move |cx| waiting.poll_recv(cx));
        // WhatsApp refuses chunked uploads, so the length is said in advance.
        let sending = self
            .prepare(&request)?
            .header(reqwest::header::CONTENT_LENGTH, content_length)
            .body(reqwest::Body::wrap_stream(stream))
            .send();
        let answered = handle.spawn(async move { buffered(sending.await?).await });
        let mut buffer = vec![0; UPLOAD_CHUNK];
        loop {
            let chunk = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => Ok(Bytes::copy_from_slice(&buffer[..length])),
                Err(error) => Err(error),
            };
            let over = chunk.is_err();
            // A closed channel means that the server has answered early.
            if chunks.blocking_send(chunk).is_err() || over {
                break;
            }
        }
        drop(chunks);
        handle.block_on(answered)?
    }
}

/// A response body read from a blocking thread.
struct Body {
    handle: Handle,
    response: reqwest::Response,
    chunk: Bytes,
    left: u64,
    _permit: OwnedSemaphorePermit,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.chunk.is_empty() {
            match self.handle.block_on(self.response.chunk()).map_err(std::io::Error::other)? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.chunk.len());
        self.left = self
            .left
            .checked_sub(length as u64)
            .ok_or_else(|| std::io::Error::other(format!("the file is larger than {STREAMED_LIMIT} bytes")))?;
        buffer[..length].copy_from_slice(&self.chunk.split_to(length));
        Ok(length)
    }
}
