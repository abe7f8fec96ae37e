//! Slow clients and too many of them, on real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Allowance, client, serve};

/// A server that is cut off after this long without a word.
const PAUSE: Duration = Duration::from_millis(300);
/// Nothing here takes longer.
const DEADLINE: Duration = Duration::from_secs(20);

struct Place {
    address: SocketAddr,
    stopping: CancellationToken,
    serving: JoinHandle<()>,
}

impl Place {
    async fn new(connections: usize) -> Self {
        let endless = futures_util::stream::repeat_with(|| {
            Ok::<_, std::convert::Infallible>(Event::default().data("x".repeat(64 * 1024)))
        });
        let app = Router::new()
            .route("/", get(|ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.ip().to_string() }))
            .route("/endless", get(|| async move { Sse::new(endless) }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stopping = CancellationToken::new();
        let serving = tokio::spawn(serve(
            listener,
            app,
            Allowance { connections, pause: PAUSE, proxies: Vec::new() },
            stopping.clone(),
        ));
        Self { address, stopping, serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }
}

/// All that comes until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end as well.
    drop(tokio::time::timeout(DEADLINE, stream.read_to_end(&mut all)).await.expect("the server closes"));
    String::from_utf8_lossy(&all).into_owned()
}

async fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    let mut answer = vec![0; 1024];
    let read = tokio::time::timeout(DEADLINE, stream.read(&mut answer)).await.expect("an answer").expect("read");
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn a_head_that_trickles_is_cut_and_the_address_is_known() {
    let place = Place::new(10).await;
    let mut silent = place.connect().await;
    let mut trickling = place.connect().await;
    trickling.write_all(b"GET / HTTP/1.1\r\nx-a: ").await.expect("written");
    let drip = async {
        // Never done, however long it goes on.
        while trickling.write_all(b"b").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, drip).await.expect("it is cut while it writes");
    assert!(!rest(&mut silent).await.contains("200"));
    let mut good = place.connect().await;
    let answer = ask(&mut good).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
    // Kept alive, and not for ever.
    assert!(ask(&mut good).await.starts_with("HTTP/1.1 200"));
    assert_eq!(rest(&mut good).await, "");
}

#[tokio::test]
async fn who_takes_nothing_is_cut() {
    let place = Place::new(1).await;
    let mut deaf = place.connect().await;
    deaf.write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    // Its place is free again without a byte having been read.
    let free = async {
        loop {
            let mut next = place.connect().await;
            if ask(&mut next).await.starts_with("HTTP/1.1 200") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(DEADLINE, free).await.expect("the place is free");
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_the_others_go_on() {
    let place = Place::new(2).await;
    let (mut first, mut second) = (place.connect().await, place.connect().await);
    assert!(ask(&mut first).await.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut second).await.starts_with("HTTP/1.1 200"));
    let mut third = place.connect().await;
    let told = rest(&mut third).await;
    assert!(told.starts_with("HTTP/1.1 503") && told.contains("retry-after: 5"), "{told}");
    let body: serde_json::Value =
        serde_json::from_str(told.split("\r\n\r\n").nth(1).expect("a body")).expect("whole JSON");
    assert_eq!(body["errorCode"], "server:connections");
    assert!(ask(&mut first).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_has_an_end() {
    let place = Place::new(10).await;
    let mut long = place.connect().await;
    let head = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(200 * 1024));
    drop(long.write_all(head.as_bytes()).await);
    let told = rest(&mut long).await;
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 4"), "{told}");
    let mut many = place.connect().await;
    let head = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(101));
    drop(many.write_all(head.as_bytes()).await);
    let told = rest(&mut many).await;
    assert!(told.starts_with("HTTP/1.1 431"), "{told}");
}

#[test]
fn a_proxy_that_is_believed_names_the_client_and_nobody_else_does() {
    let proxies = ["127.0.0.0/8", "10.1.0.0/16"].map(|network| network.parse().expect("a network"));
    let seen = |from: &str, lines: &[&str]| {
        let mut headers = axum::http::HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().expect("a value"));
        }
        client(SocketAddr::new(from.parse().expect("an address"), 1), &headers, &proxies).ip().to_string()
    };
    for (from, lines, wanted) in [
        ("127.0.0.1", &[][..], "127.0.0.1"),
        ("127.0.0.1", &["192.0.2.7"], "192.0.2.7"),
        ("::ffff:127.0.0.1", &["2001:db8::1"], "2001:db8::1"),
        // What the client itself has sent stands before what the proxy added.
        ("127.0.0.1", &["198.51.100.1, 192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", &["198.51.100.1", "192.0.2.7, 10.1.2.3"], "192.0.2.7"),
        ("127.0.0.1", &["192.0.2.7:4711"], "192.0.2.7"),
        ("127.0.0.1", &["198.51.100.1, unknown"], "127.0.0.1"),
        ("192.0.2.9", &["198.51.100.1"], "192.0.2.9"),
    ] {
        assert_eq!(seen(from, lines), wanted, "{from} {lines:?}");
    }
}

#[tokio::test]
async fn stopping_ends_idle_connections_at_once() {
    let place = Place::new(10).await;
    let mut idle = place.connect().await;
    assert!(ask(&mut idle).await.starts_with("HTTP/1.1 200"));
    place.stopping.cancel();
    tokio::time::timeout(DEADLINE, place.serving).await.expect("it ends").expect("without a panic");
    assert_eq!(rest(&mut idle).await, "");
}
