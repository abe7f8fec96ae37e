//! Clients that take their time, and too many of them.

use std::io::Read as _;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{DEADLINE, Server, eventually};

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.api.trim_start_matches("http://")).await.expect("a connection")
}

/// What comes until the server closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    drop(tokio::time::timeout(DEADLINE, stream.read_to_end(&mut all)).await.expect("the server closes"));
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn slow_heads_and_too_many_connections_leave_the_server_usable() {
    let server = Server::with(&["--set", "limits.connections=10", "--set", "limits.client_pause=2s"]).await;
    let started = Instant::now();
    let mut slow = Vec::new();
    for _ in 0..10 {
        let mut stream = connect(&server).await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nx-slow: ").await.expect("written");
        slow.push(stream);
    }
    let mut refused = 0;
    for _ in 0..5 {
        let told = rest_of_one_more(&server).await;
        refused += usize::from(told.starts_with("HTTP/1.1 503") && told.contains("server:connections"));
    }
    assert!(refused >= 3, "{refused} of 5 were refused");
    for stream in slow {
        let told = rest(stream).await;
        assert!(!told.contains("200"), "{told}");
    }
    assert!(started.elapsed() < Duration::from_secs(30));
    // And on it goes; what was refused has been counted.
    eventually("the server to answer, and to have counted", || async {
        let answer = server.request(reqwest::Method::GET, "/metrics").send().await.ok()?.text().await.ok()?;
        let line = answer.lines().find(|line| line.starts_with("sparkbot_http_connections_refused_total"))?;
        (line.rsplit(' ').next()?.parse::<f64>().ok()? >= 3.0).then_some(())
    })
    .await;
}

async fn rest_of_one_more(server: &Server) -> String {
    let mut stream = connect(server).await;
    drop(stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await);
    rest(stream).await
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let server = Server::start().await;
    let mut stream = connect(&server).await;
    let head = format!(
        "POST /v1/devices HTTP/1.1\r\nhost: x\r\ntoken: {}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{",
        server.key
    );
    stream.write_all(head.as_bytes()).await.expect("written");
    let started = Instant::now();
    let (mut read, mut write) = stream.into_split();
    let drip = tokio::spawn(async move {
        while write.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let mut told = vec![0; 4096];
    let length = tokio::time::timeout(DEADLINE, read.read(&mut told)).await.expect("an answer").expect("read");
    let told = String::from_utf8_lossy(&told[..length]);
    assert!(told.starts_with("HTTP/1.1 408") && told.contains("body:timeout"), "{told}");
    assert!(told.contains("connection: close"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(45));
    drip.abort();
}

#[tokio::test]
async fn a_packed_body_is_not_unpacked() {
    let server = Server::start().await;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let before = server.memory();
    std::io::copy(&mut std::io::repeat(b' ').take(200 * 1024 * 1024), &mut packer).expect("packed");
    let bomb = packer.finish().expect("packed");
    assert!(bomb.len() < 1024 * 1024, "{} bytes", bomb.len());
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let request = server.request(reqwest::Method::POST, "/v1/devices").header("Token", &server.key);
        let request = request.header("Content-Type", "application/json").header("Content-Encoding", encoding);
        server.answer(request.body(bomb.clone())).await.refused(400, "body:broken");
    }
    assert!(server.memory() < before + 100 * 1024 * 1024, "{} bytes were {before}", server.memory());
}

#[tokio::test]
async fn requests_that_are_smuggled_or_malformed_are_refused() {
    let server = Server::with(&["--set", "limits.client_pause=2s"]).await;
    for (request, wanted) in [
        // Two lengths, or a length and chunks: what the body is, is for nobody to guess.
        ("POST /v1/devices HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}", "400"),
        ("POST /v1/devices HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n{}", "400"),
        ("POST /v1/devices HTTP/1.1\r\nhost: x\r\ntransfer-encoding: identity\r\n\r\n{}", "400"),
        ("GET /v1/me HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n", "400"),
        ("GET /v1/me\u{1} HTTP/1.1\r\nhost: x\r\n\r\n", "400"),
        ("GET /v1/../v1/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "404"),
        ("GET /v1/files/..%2f..%2fmaster.key HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "401"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", ""),
    ] {
        let mut stream = connect(&server).await;
        stream.write_all(request.as_bytes()).await.expect("written");
        let told = rest(stream).await;
        let status = told.strip_prefix("HTTP/1.1 ").and_then(|told| told.get(..3)).unwrap_or_default();
        assert!(status == wanted || (wanted.is_empty() && status != "200"), "{request:?}: {told}");
    }
    assert_eq!(server.get("/healthz").await.status, 200);
}
