//! HTTP for a client under test: only the sandbox, whatever its certificate.

use std::io::Read;
use std::time::Duration;

use whatsapp_rust::anyhow::{self, Context as _, bail};
use whatsapp_rust::async_trait;
use whatsapp_rust::http::{HttpClient, HttpRequest, HttpResponse};
use whatsapp_rust::wacore::net::{StreamingHttpResponse, UploadBody};

/// No answer of a sandbox takes longer.
const LIMIT: Duration = Duration::from_secs(20);

/// reqwest, held to loopback.
#[derive(Debug, Clone)]
pub(crate) struct Http(reqwest::Client);

impl Http {
    pub(crate) fn new() -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(LIMIT)
            .tls_danger_accept_invalid_certs(true)
            .build()
            .expect("an HTTP client");
        Self(client)
    }

    async fn exchange(&self, request: HttpRequest, body: Option<Vec<u8>>) -> anyhow::Result<HttpResponse> {
        let url: url::Url = request.url.parse().context("not a URL")?;
        if !matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) {
            bail!("a test talks to the sandbox only, not to {url}");
        }
        let mut sent = self.0.request(request.method.parse()?, url);
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        if let Some(body) = body {
            sent = sent.body(body);
        }
        let answer = sent.send().await?;
        Ok(HttpResponse { status_code: answer.status().as_u16(), body: answer.bytes().await?.to_vec() })
    }
}

#[async_trait]
impl HttpClient for Http {
    async fn execute(&self, mut request: HttpRequest) -> anyhow::Result<HttpResponse> {
        let body = request.body.take().map(|body| body.to_vec());
        self.exchange(request, body).await
    }

    fn supports_streaming(&self) -> bool {
        true
    }

    fn execute_streaming(&self, request: HttpRequest) -> anyhow::Result<StreamingHttpResponse> {
        let answer = tokio::runtime::Handle::current().block_on(self.exchange(request, None))?;
        Ok(StreamingHttpResponse { status_code: answer.status_code, body: Box::new(std::io::Cursor::new(answer.body)) })
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
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes)?;
        if bytes.len() as u64 != content_length {
            bail!("{} bytes were announced and {} came", content_length, bytes.len());
        }
        tokio::runtime::Handle::current().block_on(self.exchange(request, Some(bytes)))
    }
}
