//! The media host as an HTTP client sees it, over TLS and without.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::{Body, StatusCode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use crate::ids::{AccountId, DeviceRef};
use crate::{Sandbox, SandboxConfig};

/// A sandbox, a client that trusts its authority, and a token to upload with.
struct Place {
    sandbox: Sandbox,
    client: reqwest::Client,
    token: String,
}

impl Place {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
        let authority = reqwest::Certificate::from_pem(sandbox.certificate().as_bytes()).unwrap();
        let client = reqwest::Client::builder().tls_certs_only([authority]).no_proxy().build().unwrap();
        let device = DeviceRef { account: AccountId(1), device: 1 };
        let token = sandbox.hub.with(|world| world.media.token(device, world.now_ms()));
        Self { sandbox, client, token }
    }

    fn https(&self) -> String {
        self.sandbox.media_url().replace("http://", "https://")
    }

    fn to(&self, hash: &str, parameters: &str) -> String {
        format!("{}/mms/document/{hash}?auth={}&token={hash}{parameters}", self.https(), self.token)
    }

    async fn post(&self, url: String, body: impl Into<Body>) -> (StatusCode, Value) {
        let answer = self.client.post(url).body(body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }
}

fn hash(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

#[tokio::test]
async fn a_file_goes_up_over_tls_and_comes_down_either_way_in_parts() {
    let place = Place::new().await;
    let (status, answer) = place.post(place.to(&hash(b"hello world"), ""), "hello world").await;
    assert_eq!(status, StatusCode::OK);
    let direct_path = answer["direct_path"].as_str().unwrap();
    assert_eq!(answer["url"].as_str().unwrap(), format!("{}{direct_path}", place.https()));
    let second = place.sandbox.hub.with(|world| format!("https://{}", world.media.hosts()[1]));
    assert_ne!(second, place.https());
    for base in [place.https(), place.sandbox.media_url(), second] {
        let url = format!("{base}{direct_path}");
        let whole = place.client.get(format!("{url}?auth=x&token=y")).send().await.unwrap();
        assert_eq!(whole.headers()["content-length"], "11");
        assert_eq!(whole.text().await.unwrap(), "hello world");
        let part = place.client.get(&url).header("range", "bytes=6-8").send().await.unwrap();
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.headers()["content-range"], "bytes 6-8/11");
        assert_eq!(part.text().await.unwrap(), "wor");
        let head = place.client.head(&url).send().await.unwrap();
        assert_eq!((head.status(), &head.headers()["content-length"]), (StatusCode::OK, &"11".parse().unwrap()));
    }
    let again = place.post(place.to(&hash(b"hello world"), "&resume=1"), "").await;
    assert_eq!(again.1["resume"], "complete");
    place.sandbox.shutdown().await;
}

#[tokio::test]
async fn refuses_what_is_not_right_and_says_why() {
    let place = Place::new().await;
    let right = hash(b"hello");
    let refused = [
        (place.to(&right, "").replace("auth=", "auth=x"), "hello", StatusCode::UNAUTHORIZED),
        (place.to(&right, ""), "other", StatusCode::BAD_REQUEST),
        (place.to("nothash", ""), "hello", StatusCode::BAD_REQUEST),
        (place.to(&right, "&file_offset=3"), "lo", StatusCode::RANGE_NOT_SATISFIABLE),
    ];
    for (url, body, status) in refused {
        let answer = place.post(url, body).await;
        assert_eq!(answer.0, status, "{}", answer.1);
        assert!(!answer.1["error"]["message"].as_str().unwrap().is_empty());
    }
    let (_, answer) = place.post(place.to(&right, ""), "hello").await;
    let url = answer["url"].as_str().unwrap();
    let forged = place.client.get(url.replace("oh=", "oh=x")).send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    let unknown = place.client.get(format!("{}/v/nothing", place.https())).send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let taken = place.post(format!("{}/media/expire", place.sandbox.control_url()), "").await;
    assert_eq!(taken.1["files"], 1);
    assert_eq!(place.client.get(url).send().await.unwrap().status(), StatusCode::GONE);
    place.sandbox.shutdown().await;
}

#[tokio::test]
async fn an_upload_that_broke_off_goes_on_where_it_was() {
    let place = Place::new().await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let name = hash(&bytes);
    // A client that announces more than it gives, and then hangs up.
    let mut socket = tokio::net::TcpStream::connect(place.sandbox.media).await.unwrap();
    let path = place.to(&name, "").replace(&place.https(), "");
    let head = format!("POST {path} HTTP/1.1\r\nhost: sandbox\r\ncontent-length: {}\r\n\r\n", bytes.len());
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&bytes[..120_000]).await.unwrap();
    socket.shutdown().await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    let there = loop {
        let (_, answer) = place.post(place.to(&name, "&resume=1"), "").await;
        let there: usize = answer["resume"].as_str().unwrap().parse().unwrap();
        if there > 0 {
            break there;
        }
        assert!(tokio::time::Instant::now() < deadline, "the broken part never appeared");
    };
    let (status, answer) = place.post(place.to(&name, &format!("&file_offset={there}")), bytes[there..].to_vec()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let fetched = place.client.get(answer["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(fetched.bytes().await.unwrap(), bytes);
    place.sandbox.shutdown().await;
}

/// The most memory this process has ever held, in KiB.
#[cfg(target_os = "linux")]
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_goes_from_phone_to_phone_in_little_memory() {
    const CHUNKS: usize = 1_024;
    let place = Place::new().await;
    let control = place.sandbox.control_url();
    let chunk = axum::body::Bytes::from((0..65_536_u32).map(|n| n.to_be_bytes()[2] ^ 0x5A).collect::<Vec<u8>>());
    let mut whole = Sha256::new();
    (0..CHUNKS).for_each(|_| whole.update(&chunk));
    let before = peak_kib();

    let chunks = (0..CHUNKS).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
    let body = Body::wrap_stream(futures_util::stream::iter(chunks));
    let (status, upload) = place.post(format!("{control}/uploads"), body).await;
    assert_eq!(status, StatusCode::CREATED, "{upload}");
    let message = serde_json::json!({
        "to": "+16001234561",
        "media": {"kind": "document", "upload": upload["upload"], "fileName": "large.bin"},
    });
    let url = format!("{control}/phones/+16001234560/messages");
    let (status, sent) = place.post(url, message.to_string()).await;
    assert_eq!(status, StatusCode::CREATED, "{sent}");
    let url = format!("{control}/phones/+16001234561/messages/{}/media", sent["id"].as_str().unwrap());
    let mut answer = place.client.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut received = Sha256::new();
    while let Some(part) = answer.chunk().await.unwrap() {
        received.update(&part);
    }
    assert_eq!(received.finalize(), whole.finalize(), "the same bytes");
    let grown = peak_kib() - before;
    assert!(grown < 32 * 1_024, "{grown} KiB for {} KiB", CHUNKS * 64);
    place.sandbox.shutdown().await;
}
