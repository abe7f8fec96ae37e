//! Deliveries that were changed, made up, or sent once more by somebody on the way.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Server, eventually, now, text};

/// How old a delivery may be, in seconds, as docs/webhooks.md says.
const OLD: i64 = 300;

#[derive(Clone)]
struct Delivery {
    timestamp: String,
    signature: String,
    id: String,
    body: Vec<u8>,
}

type Kept = Arc<Mutex<Vec<Delivery>>>;

/// What docs/webhooks.md tells receivers to do.
fn genuine(secret: &str, delivery: &Delivery, now: i64) -> bool {
    let Ok(timestamp) = delivery.timestamp.parse::<i64>() else { return false };
    let Some(signature) = delivery.signature.strip_prefix("sha256=").and_then(|sent| hex::decode(sent).ok()) else {
        return false;
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(delivery.timestamp.as_bytes());
    mac.update(b".");
    mac.update(&delivery.body);
    (now - timestamp).abs() <= OLD && mac.verify_slice(&signature).is_ok()
}

async fn take(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut kept = kept.lock().expect("kept");
    kept.push(Delivery {
        timestamp: header("x-sparkbot-timestamp"),
        signature: header("x-sparkbot-signature"),
        id: header("x-sparkbot-delivery"),
        body: body.to_vec(),
    });
    // The first one fails, so that there is a second try.
    if kept.len() == 1 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
}

#[tokio::test]
async fn a_receiver_tells_what_is_genuine_changed_made_up_or_old() {
    let server = Server::with(&["--set", r#"webhooks.retry_gaps=["2s"]"#]).await;
    let kept = Kept::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let app = Router::new().route("/hook", post(take)).with_state(kept.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    let made = server.post("/v1/webhooks", json!({ "name": "W", "url": url, "events": ["number:session"] })).await.ok();
    let secret = text(&made, "/secret").to_owned();
    let device = server.device("Support").await;
    server.post(&format!("/v1/devices/{device}/start"), json!({})).await;
    let tries = eventually("two tries", || async {
        let kept = kept.lock().expect("kept");
        let again: Vec<Delivery> = kept.iter().filter(|one| one.id == kept[0].id).cloned().collect();
        (again.len() >= 2).then_some(again)
    })
    .await;
    let (first, second) = (&tries[0], &tries[1]);
    let at = now().as_second();
    // Each try is signed for its own time, under the same id.
    assert!(genuine(&secret, first, at) && genuine(&secret, second, at));
    assert_ne!(first.timestamp, second.timestamp);
    assert_eq!(first.body, second.body);
    assert_eq!(serde_json::from_slice::<Value>(&first.body).expect("JSON")["eventId"], first.id.as_str());

    let later = |seconds: i64| genuine(&secret, second, at + seconds);
    assert!(later(OLD - 60) && !later(OLD + 60), "an old one is sent once more");
    assert!(!genuine("whsec_another", second, at), "made up by who does not know the secret");
    let changed = |change: &dyn Fn(&mut Delivery)| {
        let mut delivery = second.clone();
        change(&mut delivery);
        genuine(&secret, &delivery, at)
    };
    assert!(changed(&|_| {}));
    assert!(!changed(&|d| d.body.push(b' ')), "the body");
    assert!(!changed(&|d| d.body[0] ^= 1), "a bit of the body");
    assert!(!changed(&|d| d.timestamp = at.saturating_add(1).to_string()), "an old one with a new date");
    assert!(!changed(&|d| d.timestamp.push('0')), "a date that is longer");
    assert!(!changed(&|d| d.signature.clone_from(&first.signature)), "the signature of another try");
    assert!(!changed(&|d| d.signature.clear()), "none at all");
}
