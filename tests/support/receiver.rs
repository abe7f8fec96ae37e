//! A webhook's receiver: keeps what arrives, checks signatures, and can be told
//! to misbehave.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::eventually;

#[derive(Default)]
struct Kept {
    secret: Option<String>,
    bodies: Vec<(String, Value)>,
    /// Answers to give before good ones, first one next.
    answers: Vec<u16>,
    forged: usize,
}

pub(crate) struct Receiver {
    address: std::net::SocketAddr,
    kept: Arc<Mutex<Kept>>,
    webhook: Mutex<String>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let app = Router::new().route("/hook", post(take)).with_state(kept.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { address, kept, webhook: Mutex::default() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// From now on every signature is checked.
    pub(crate) fn trust(&self, secret: &str, webhook: &str) {
        self.kept.lock().expect("kept").secret = Some(secret.to_owned());
        webhook.clone_into(&mut self.webhook.lock().expect("id"));
    }

    pub(crate) fn webhook(&self) -> String {
        self.webhook.lock().expect("id").clone()
    }

    /// Answers these statuses first.
    pub(crate) fn answers(&self, statuses: &[u16]) {
        self.kept.lock().expect("kept").answers = statuses.to_vec();
    }

    /// What arrived with a good answer, in order, repeated deliveries dropped.
    pub(crate) fn events(&self) -> Vec<Value> {
        let kept = self.kept.lock().expect("kept");
        assert_eq!(kept.forged, 0, "a delivery had a wrong signature");
        let mut seen = HashSet::new();
        kept.bodies.iter().filter(|(id, _)| seen.insert(id.clone())).map(|(_, body)| body.clone()).collect()
    }

    /// How often anything was delivered, repeats included.
    pub(crate) fn deliveries(&self) -> usize {
        self.kept.lock().expect("kept").bodies.len()
    }

    /// Waits for an event that `wanted` recognises.
    pub(crate) async fn event(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("the receiver to get {what}"), || async { self.events().into_iter().find(|e| wanted(e)) })
            .await
    }

    /// Waits for an event of a kind with this body.
    pub(crate) async fn gets(&self, event: &str, body: &str) -> Value {
        self.event(&format!("{event} '{body}'"), |e| {
            e["event"] == event && (e["data"]["body"] == body || e["data"]["message"] == body)
        })
        .await
    }
}

async fn take(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let mut kept = kept.lock().expect("kept");
    if let Some(secret) = &kept.secret {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
        mac.update(format!("{}.", header("x-sparkbot-timestamp")).as_bytes());
        mac.update(&body);
        let wanted = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        if wanted != header("x-sparkbot-signature") {
            kept.forged += 1;
        }
    }
    if !kept.answers.is_empty() {
        let status = kept.answers.remove(0);
        if status >= 300 {
            return StatusCode::from_u16(status).expect("a status");
        }
    }
    let value = serde_json::from_slice(&body).expect("JSON");
    kept.bodies.push((header("x-sparkbot-delivery"), value));
    StatusCode::OK
}
