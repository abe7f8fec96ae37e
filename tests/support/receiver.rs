//! A webhook's receiver: keeps what arrives, checks signatures, and can be told
//! to misbehave.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::eventually;

#[derive(Default)]
struct Kept {
    secret: Option<String>,
    taken: Vec<Delivery>,
    /// Answers to give before good ones, first one next.
    answers: Vec<u16>,
    mood: Mood,
    asked: usize,
    forged: usize,
}

/// One delivery as it was taken.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    /// The event's id, from its header.
    pub(crate) id: String,
    /// The event's place in the log.
    pub(crate) position: i64,
    pub(crate) body: Value,
}

/// How a receiver treats everything that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    /// Takes it.
    #[default]
    Good,
    /// Takes it and answers later.
    Slow(Duration),
    /// Answers a status and takes nothing.
    Refusing(u16),
    /// Reads it and never answers.
    Hanging,
    /// Says to go elsewhere.
    Redirecting,
    /// Refuses with an answer that never ends.
    Talking,
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
        kept.taken.iter().filter(|taken| seen.insert(taken.id.clone())).map(|taken| taken.body.clone()).collect()
    }

    /// Everything that was taken, repeats included, in the order of its coming.
    pub(crate) fn taken(&self) -> Vec<Delivery> {
        let kept = self.kept.lock().expect("kept");
        assert_eq!(kept.forged, 0, "a delivery had a wrong signature");
        kept.taken.clone()
    }

    /// How it treats what comes from now on.
    pub(crate) fn is(&self, mood: Mood) {
        self.kept.lock().expect("kept").mood = mood;
    }

    /// Requests that came, taken or not.
    pub(crate) fn asked(&self) -> usize {
        self.kept.lock().expect("kept").asked
    }

    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// How often anything was delivered, repeats included.
    pub(crate) fn deliveries(&self) -> usize {
        self.kept.lock().expect("kept").taken.len()
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

async fn take(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: Bytes) -> Response {
    let (mood, answer) = kept.lock().expect("kept").take(&headers, &body);
    match mood {
        Mood::Slow(pause) => tokio::time::sleep(pause).await,
        Mood::Hanging => std::future::pending().await,
        Mood::Redirecting => return (StatusCode::FOUND, [(LOCATION, "/elsewhere")]).into_response(),
        Mood::Talking => {
            let piece = || futures_util::future::ready(Some((Ok::<_, std::io::Error>(vec![b'x'; 64 * 1024]), ())));
            let endless = futures_util::stream::unfold((), move |()| piece());
            return (StatusCode::INTERNAL_SERVER_ERROR, Body::from_stream(endless)).into_response();
        }
        Mood::Good | Mood::Refusing(_) => {}
    }
    answer.into_response()
}

impl Kept {
    fn take(&mut self, headers: &HeaderMap, body: &Bytes) -> (Mood, StatusCode) {
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        self.asked += 1;
        if let Some(secret) = &self.secret {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
            mac.update(format!("{}.", header("x-sparkbot-timestamp")).as_bytes());
            mac.update(body);
            let wanted = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
            if wanted != header("x-sparkbot-signature") {
                self.forged += 1;
            }
        }
        if !self.answers.is_empty() {
            let status = self.answers.remove(0);
            if status >= 300 {
                return (Mood::Good, StatusCode::from_u16(status).expect("a status"));
            }
        }
        if let Mood::Refusing(status) = self.mood {
            return (self.mood, StatusCode::from_u16(status).expect("a status"));
        }
        if matches!(self.mood, Mood::Good | Mood::Slow(_)) {
            self.taken.push(Delivery {
                id: header("x-sparkbot-delivery"),
                position: header("x-sparkbot-position").parse().expect("a position"),
                body: serde_json::from_slice(body).expect("JSON"),
            });
        }
        (self.mood, StatusCode::OK)
    }
}
