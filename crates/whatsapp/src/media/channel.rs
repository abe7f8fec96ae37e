//! Files for channels, which are public: uploaded as they are.

use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sparkbot_network::{MediaKind, NetworkError};
use whatsapp_rust::http::{HttpRequest, HttpResponse};
use whatsapp_rust::wacore::libsignal::crypto::CryptographicHash;
use whatsapp_rust::wacore::net::{HttpClient, WHATSAPP_WEB_ORIGIN};
use whatsapp_rust::{Client, anyhow};

use super::upload::{Uploaded, open};
use crate::errors;
use crate::number::Number;

/// WhatsApp's answer to an upload.
#[derive(Deserialize)]
struct Answer {
    url: String,
    direct_path: String,
    handle: Option<String>,
}

/// Uploads a file to the hosts WhatsApp names, one after the other until one
/// takes it.
pub(crate) async fn upload(
    number: &Number,
    client: &Client,
    path: &Path,
    kind: MediaKind,
) -> Result<Uploaded, NetworkError> {
    let path = path.to_owned();
    let hashing = path.clone();
    let hashed = tokio::task::spawn_blocking(move || hash(&hashing)).await;
    let (sha256, size) = hashed.map_err(|error| NetworkError::State(error.to_string()))??;
    let mut last = NetworkError::Unreachable("WhatsApp names no media hosts".to_owned());
    for fresh in [false, true] {
        let hosts = client.refresh_media_conn(fresh).await.map_err(|error| errors::request(&error))?;
        for host in &hosts.hosts {
            let url = address(&host.hostname, &hosts.auth, kind, &sha256);
            let response = match send(number, url, path.clone(), size).await {
                Ok(response) => response,
                Err(error) => {
                    last = errors::media(error.as_ref());
                    continue;
                }
            };
            if response.status_code < 300 {
                let answer: Answer = serde_json::from_slice(&response.body)
                    .map_err(|error| NetworkError::State(format!("WhatsApp's answer to an upload: {error}")))?;
                return Ok(Uploaded {
                    url: answer.url,
                    direct_path: answer.direct_path,
                    key: None,
                    sha256,
                    sealed_sha256: None,
                    size,
                    key_made_at: None,
                    sidecar: None,
                    handle: answer.handle,
                });
            }
            last = errors::media_status(response.status_code);
        }
        if !matches!(last, NetworkError::Refused { code: 401 | 403, .. }) {
            break;
        }
    }
    Err(last)
}

fn address(host: &str, auth: &str, kind: MediaKind, sha256: &[u8; 32]) -> String {
    let kind = match kind {
        MediaKind::Image | MediaKind::Sticker => "image",
        MediaKind::Video | MediaKind::Gif | MediaKind::VideoNote => "video",
        MediaKind::Audio | MediaKind::Voice => "audio",
        MediaKind::Document => "document",
    };
    let token = URL_SAFE_NO_PAD.encode(sha256);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("auth", auth)
        .append_pair("token", &token)
        .finish();
    format!("https://{host}/newsletter/newsletter-{kind}/{token}?{query}")
}

fn hash(path: &PathBuf) -> Result<([u8; 32], u64), NetworkError> {
    let failed =
        |error: &dyn std::fmt::Display| NetworkError::State(format!("the file to send can't be read: {error}"));
    let mut file = open(path)?;
    let mut hash = CryptographicHash::new("SHA-256").map_err(|error| failed(&error))?;
    let (mut buffer, mut size) = (vec![0; 64 << 10], 0_u64);
    loop {
        let length = file.read(&mut buffer).map_err(|error| failed(&error))?;
        if length == 0 {
            break;
        }
        hash.update(&buffer[..length]);
        size += length as u64;
    }
    let sha256 = hash.finalize().try_into().map_err(|_| failed(&"not a SHA-256"))?;
    Ok((sha256, size))
}

async fn send(number: &Number, url: String, path: PathBuf, size: u64) -> anyhow::Result<HttpResponse> {
    let http = number.settings.http.clone();
    let request = HttpRequest::post(url)
        .with_header("Content-Type", "application/octet-stream")
        .with_header("Origin", WHATSAPP_WEB_ORIGIN);
    tokio::task::spawn_blocking(move || {
        let body: Box<dyn Read + Send> = Box::new(open(&path).map_err(anyhow::Error::new)?);
        http.execute_upload(request, body, size)
    })
    .await?
}
