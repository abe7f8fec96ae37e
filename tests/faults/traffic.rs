//! Messages out and in while something breaks, and what is promised of them.
//!
//! Who posts does what a careful client does: every message has an
//! Idempotency-Key and is posted again until there is an answer, so that each
//! must be there exactly once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::{Phone, text};

/// After no answer, or one that asks for patience.
const AGAIN: Duration = Duration::from_millis(30);
/// An answer that does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message that the API has accepted.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) id: String,
    pub(super) to: String,
    pub(super) text: String,
}

/// A message that somebody has written to the number.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) from: String,
    pub(super) text: String,
}

/// What must be true in the end.
#[derive(Debug, Default)]
pub(super) struct Promises {
    pub(super) accepted: Vec<Accepted>,
    pub(super) received: Vec<Received>,
    /// What campaigns say to whom; accepted when the campaign was started.
    pub(super) campaigns: Vec<(String, String)>,
    /// Posts that were repeated since no answer had come.
    pub(super) repeated: u64,
}

/// Where the API is right now, and what was promised there.
#[derive(Clone)]
pub(super) struct Traffic {
    inner: Arc<Inner>,
}

struct Inner {
    api: Mutex<String>,
    key: String,
    device: String,
    own: String,
    http: reqwest::Client,
    promises: Mutex<Promises>,
    /// One post to somebody after the other, and one message of theirs: what is
    /// said at the same time has no order.
    turns: Mutex<HashMap<String, Turn>>,
}

type Turn = Arc<tokio::sync::Mutex<()>>;

/// Traffic that runs by itself until it is dropped or ended.
pub(super) struct Running {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Waits for what is being written and posted.
    pub(super) async fn ends(mut self) {
        self.stop.cancel();
        for task in std::mem::take(&mut self.tasks) {
            task.await.expect("no panic in the traffic");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Traffic {
    pub(super) fn new(api: &str, key: &str, device: &str, own: &str) -> Self {
        drop(crate::support::http());
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let inner = Inner {
            api: Mutex::new(api.to_owned()),
            key: key.to_owned(),
            device: device.to_owned(),
            own: own.to_owned(),
            http,
            promises: Mutex::default(),
            turns: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The server has come back, perhaps elsewhere.
    pub(super) fn moved(&self, api: &str) {
        api.clone_into(&mut self.inner.api.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn promises(&self) -> MutexGuard<'_, Promises> {
        self.inner.promises.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, of: &str) -> Turn {
        self.inner.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(of.to_owned()).or_default().clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.inner.api.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Posts a message until there is an answer. An answer other than 201 must
    /// be one that asks to come again.
    pub(super) async fn post(&self, to: &str, message: &str) {
        let turn = self.turn(&format!("to {to}"));
        let _turn = turn.lock().await;
        let mut tries = 0;
        while !self.tries(to, message).await {
            tries += 1;
            self.promises().repeated += 1;
            assert!(tries < 4000, "'{message}' was never answered");
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Posts a message once; whether it was accepted.
    pub(super) async fn tries(&self, to: &str, message: &str) -> bool {
        let body = json!({ "device": self.inner.device, "phone": to, "message": message });
        let request = self
            .inner
            .http
            .post(self.url("/v1/messages"))
            .header("Token", &self.inner.key)
            .header("Idempotency-Key", format!("{to} {message}").replace(' ', "-"))
            .json(&body);
        let Ok(response) = request.send().await else { return false };
        let status = response.status().as_u16();
        let answer = response.bytes().await.ok();
        let answer: Option<Value> = answer.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        // Torn off in the middle: not answered.
        let Some(answer) = answer else { return false };
        assert!(matches!(status, 200 | 201 | 429 | 503), "{status} for '{message}': {answer:#}");
        if status > 201 {
            let sentence = text(&answer, "/message");
            assert!(sentence.ends_with('.'), "not a sentence: {sentence}");
            return false;
        }
        let accepted = Accepted { id: text(&answer, "/id").to_owned(), to: to.to_owned(), text: message.to_owned() };
        self.promises().accepted.push(accepted);
        true
    }

    /// Somebody writes to the number.
    pub(super) async fn writes(&self, phone: &Phone, message: &str) {
        let turn = self.turn(&format!("from {}", phone.number));
        let _turn = turn.lock().await;
        phone.send(&self.inner.own, message).await;
        let received = Received { from: phone.number.clone(), text: message.to_owned() };
        self.promises().received.push(received);
    }

    /// Posts to everybody and has everybody write, each one message after the
    /// other with random gaps of up to `gap`.
    pub(super) fn runs(&self, people: &[Phone], gap: Duration, seed: u64) -> Running {
        let stop = CancellationToken::new();
        let mut tasks = Vec::new();
        for (n, phone) in people.iter().enumerate() {
            let seed = seed.wrapping_mul(1000) + n as u64;
            let label = format!("{seed}-{}", self.promises().accepted.len());
            let number = phone.number.clone();
            let (traffic, ended, of) = (self.clone(), stop.clone(), label.clone());
            tasks.push(tokio::spawn(async move {
                let mut random = StdRng::seed_from_u64(seed);
                for n in 0.. {
                    if !pauses(&ended, gap, &mut random).await {
                        return;
                    }
                    traffic.post(&number, &format!("out {of}.{n}")).await;
                }
            }));
            let (traffic, ended, phone) = (self.clone(), stop.clone(), phone.again());
            tasks.push(tokio::spawn(async move {
                let mut random = StdRng::seed_from_u64(seed + 500);
                for n in 0.. {
                    if !pauses(&ended, gap, &mut random).await {
                        return;
                    }
                    traffic.writes(&phone, &format!("in {label}.{n}")).await;
                }
            }));
        }
        Running { stop, tasks }
    }
}

/// A random pause; false when it is time to end.
async fn pauses(ended: &CancellationToken, gap: Duration, random: &mut StdRng) -> bool {
    let pause = gap.mul_f64(random.random_range(0.2..1.0));
    tokio::select! {
        () = ended.cancelled() => false,
        () = tokio::time::sleep(pause) => true,
    }
}
