//! Guessing keys and passwords, and keys that are taken away while they are in use.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{DEADLINE, Server, text};

const PASSWORD: &str = "correct horse battery";

/// A client at another address of this machine.
fn at(address: [u8; 4]) -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().local_address(IpAddr::from(address)).build().expect("a client")
}

struct Told {
    status: u16,
    wait: Option<u64>,
    body: Value,
}

async fn told(request: reqwest::RequestBuilder) -> Told {
    let answer = request.send().await.expect("an answer");
    let wait = answer.headers().get("retry-after").map(|wait| wait.to_str().expect("text").parse().expect("seconds"));
    Told { status: answer.status().as_u16(), wait, body: answer.json().await.expect("JSON") }
}

#[tokio::test]
async fn guesses_are_counted_by_address_and_a_right_key_is_never_refused() {
    let server = Server::start().await;
    let (guesser, neighbour) = (at([127, 0, 0, 2]), at([127, 0, 0, 3]));
    let me =
        |client: &reqwest::Client, key: &str| told(client.get(format!("{}/v1/me", server.api)).header("Token", key));
    for n in 0..20 {
        assert_eq!(me(&guesser, &format!("{n:080x}")).await.status, 401, "{n}");
    }
    let refused = me(&guesser, &"f".repeat(80)).await;
    assert_eq!((refused.status, &refused.body["errorCode"]), (429, &json!("auth:too_many")));
    assert!((1..=60).contains(&refused.wait.expect("when to come again")));
    // Nobody else pays for it, and neither does a right key beside the guesser.
    assert_eq!(me(&neighbour, &"f".repeat(80)).await.status, 401);
    assert_eq!(me(&guesser, &server.key).await.status, 200);

    // Passwords: by address and person.
    let device = server.device("Support").await;
    let member = json!({ "displayName": "Ada", "email": "ada@example.com", "password": PASSWORD, "role": "agent", "color": "teal" });
    server.post(&format!("/v1/devices/{device}/team"), member).await.ok();
    let login = |client: &reqwest::Client, password: &str| {
        let body = json!({ "email": "ada@example.com", "password": password });
        told(client.post(format!("{}/v1/login", server.api)).json(&body))
    };
    for n in 0..10 {
        assert_eq!(login(&guesser, &format!("guess {n}")).await.status, 401);
    }
    let refused = login(&guesser, PASSWORD).await;
    assert_eq!((refused.status, &refused.body["errorCode"]), (429, &json!("login:too_many")));
    assert!(refused.wait.is_some());
    assert_eq!(login(&neighbour, PASSWORD).await.status, 200);
    // The log of who did what knows from where.
    let audit = server.get("/v1/audit?size=50").await.ok();
    let come = audit["entries"].as_array().expect("lines").iter().find(|line| line["action"] == "login.create");
    assert_eq!(come.expect("Ada's login")["origin"], "127.0.0.3", "{audit:#}");

    // Invitations: wrong tokens count as wrong keys do.
    let accept = |token: String| {
        let body = json!({ "password": PASSWORD });
        told(guesser.post(format!("{}/v1/team/invitations/{token}", server.api)).json(&body))
    };
    assert_eq!(accept("0".repeat(64)).await.status, 429);
    let metrics = server.answer(server.request(Method::GET, "/metrics")).await;
    let metrics = String::from_utf8(metrics.bytes).expect("text");
    let counted = |what: &str| {
        let line = metrics.lines().find(|line| line.starts_with(&format!("sparkbot_guesses_total{{what=\"{what}\"}}")));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<u32>().ok()).unwrap_or_else(|| panic!("{metrics}"))
    };
    assert!(counted("key") >= 23 && counted("password") == 10, "{} {}", counted("key"), counted("password"));
}

#[tokio::test]
async fn behind_a_proxy_that_is_named_each_client_is_counted_alone() {
    let server = Server::with(&["--set", r#"network.proxies=["127.0.0.1/32"]"#]).await;
    let wrong = "f".repeat(80);
    let ask = |client: &'static str| {
        told(server.request(Method::GET, "/v1/me").header("Token", &wrong).header("X-Forwarded-For", client))
    };
    for _ in 0..20 {
        assert_eq!(ask("198.51.100.9, 192.0.2.7").await.status, 401);
    }
    // What the guesser says of itself does not help.
    assert_eq!(ask("203.0.113.5, 192.0.2.7").await.status, 429);
    assert_eq!(ask("192.0.2.8").await.status, 401);
}

#[tokio::test]
async fn a_revoked_key_is_dead_at_once_also_where_it_waits() {
    let server = Server::start().await;
    let made = server.post("/v1/apikeys", json!({ "name": "Reader", "scopes": ["*"] })).await.ok();
    let (id, key) = (text(&made, "/id").to_owned(), text(&made, "/key").to_owned());
    let cursor = server.get("/v1/events?limit=1").await.ok()["cursor"].clone();
    let with_key = |path: &str| server.request(Method::GET, path).header("Token", &key);
    assert_eq!(server.answer(with_key("/v1/devices")).await.status, 200);
    let stream = with_key(&format!("/v1/events/stream?after={cursor}")).send().await.expect("a stream");
    assert_eq!(stream.status(), 200);
    let mut stream = stream.bytes_stream();
    let begins = async |alias: &str| {
        let device = server.device(alias).await;
        server.post(&format!("/v1/devices/{device}/start"), json!({})).await;
        device
    };
    begins("Before").await;
    let first = tokio::time::timeout(DEADLINE, stream.next()).await.expect("in time").expect("an event").expect("read");
    assert!(String::from_utf8_lossy(&first).contains("id: "));
    // Waits for what will not come.
    let waits = tokio::spawn(answered(with_key("/v1/events?after=1000000&wait=60")));

    let started = Instant::now();
    server.delete(&format!("/v1/apikeys/{id}")).await.ok();
    server.answer(with_key("/v1/devices")).await.refused(401, "auth:invalid");
    let secret = begins("After").await;
    let rest = async {
        let mut rest = Vec::new();
        while let Some(Ok(part)) = stream.next().await {
            rest.extend_from_slice(&part);
        }
        String::from_utf8(rest).expect("text")
    };
    let rest = tokio::time::timeout(DEADLINE, rest).await.expect("the stream ends");
    assert!(!rest.contains(&secret), "told after the key was revoked: {rest}");
    let (status, body) = tokio::time::timeout(DEADLINE, waits).await.expect("in time").expect("no panic");
    assert_eq!(status, 401, "{body}");
    assert!(!body.contains(&secret));
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

/// The answer to a request that is made beside others: status and body.
async fn answered(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a body"))
}
