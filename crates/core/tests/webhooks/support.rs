//! A core without WhatsApp, and a receiver of deliveries.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use sparkbot_core::clock::{Clock, SystemClock};
use sparkbot_core::devices::NewDevice;
use sparkbot_core::events::{self, Change};
use sparkbot_core::ids::{DeviceId, WebhookId};
use sparkbot_core::network::session_state::SessionState;
use sparkbot_core::network::{Link, Network, NetworkError, Observer};
use sparkbot_core::page::Slice;
use sparkbot_core::views::{DeviceRef, WebhookLog, WebhookWithSecret};
use sparkbot_core::webhooks::{self, NewWebhook};
use sparkbot_core::{Caller, Core, Settings, accounts, devices, keys};
use sparkbot_store::Store;
use sparkbot_store::seal::{MasterKey, Sealer};
use tempfile::TempDir;
use tokio::sync::watch;

/// Nothing in these tests takes longer, unless it is broken.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

struct NoNetwork;

#[async_trait]
impl Network for NoNetwork {
    async fn open(&self, _: DeviceId, _: SessionState, _: Arc<dyn Observer>) -> Result<Arc<dyn Link>, NetworkError> {
        Err(NetworkError::NotLinked)
    }

    async fn is_linked(&self, _: &SessionState) -> Result<bool, NetworkError> {
        Ok(false)
    }
}

/// The machine's clock, set forward.
#[derive(Default)]
pub(crate) struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> i64 {
        SystemClock.now() + self.0.load(Ordering::SeqCst)
    }
}

impl Ahead {
    pub(crate) fn skip(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).expect("small"), Ordering::SeqCst);
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        allow_loopback: true,
        webhook_timeout: Duration::from_secs(2),
        webhook_retry_gaps: vec![Duration::from_millis(50), Duration::from_millis(100), Duration::from_millis(200)],
        ..Settings::default()
    }
}

/// A core with one account and one number.
pub(crate) struct Bench {
    pub(crate) core: Core,
    pub(crate) caller: Caller,
    pub(crate) device: DeviceRef,
    pub(crate) clock: Arc<Ahead>,
    _folder: Option<TempDir>,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let folder = TempDir::new().expect("folder");
        let mut bench = Self::open(folder.path(), &MasterKey::random(), settings).await;
        bench._folder = Some(folder);
        bench
    }

    /// On a folder that outlives it; the first one makes account and number.
    pub(crate) async fn open(folder: &Path, key: &MasterKey, settings: Settings) -> Self {
        let store =
            Store::open(&Store::sqlite_url(&folder.join("test.db")), Sealer::new(key, &[])).await.expect("store");
        let clock = Arc::new(Ahead::default());
        let core = Core::new(store, clock.clone(), Arc::new(NoNetwork), settings).expect("core");
        let secret_file = folder.join("key");
        let secret = match accounts::first_start(&core).await.expect("first start") {
            Some(key) => {
                std::fs::write(&secret_file, &key.secret).expect("written");
                key.secret
            }
            None => std::fs::read_to_string(&secret_file).expect("read"),
        };
        let caller = keys::authenticate(&core, &secret).await.expect("key");
        let mut scope = core.store().read().await.expect("reader");
        let row = scope.account(&caller.account).devices(&all_devices()).await.expect("devices").pop();
        drop(scope);
        let device = match row {
            Some(row) => DeviceRef::of(&row),
            None => new_device(&core, &caller).await,
        };
        Self { core, caller, device, clock, _folder: None }
    }

    pub(crate) fn start(&self) {
        webhooks::start(&self.core);
    }

    pub(crate) async fn stop(&self) {
        self.core.shutdown(DEADLINE).await;
    }

    pub(crate) async fn webhook(&self, url: &str, events: &[&str]) -> WebhookWithSecret {
        webhooks::create(&self.core, &self.caller, wanted(url, events)).await.expect("webhook")
    }

    /// Appends the `n`-th event of a lane; its position.
    pub(crate) async fn event(&self, event: &'static str, lane: &str, n: usize) -> i64 {
        self.event_of(Some(self.device.clone()), event, lane, n).await
    }

    pub(crate) async fn event_of(&self, device: Option<DeviceRef>, event: &'static str, lane: &str, n: usize) -> i64 {
        let (account, now) = (self.caller.account.clone(), self.core.now());
        let object = if event.starts_with("message:") { "message" } else { "chat" };
        let change = Change {
            event,
            object,
            object_id: format!("{lane}-{n}"),
            lane: lane.to_owned(),
            data: json!({ "id": format!("{lane}-{n}"), "lane": lane, "n": n, "ack": "read" }),
        };
        self.core
            .store()
            .write(move |w| Box::pin(async move { events::append(w, &account, device.as_ref(), change, now).await }))
            .await
            .expect("appended")
    }

    pub(crate) async fn logs(&self, id: &str) -> Vec<WebhookLog> {
        let slice = Slice { size: 1000, skip: 0 };
        webhooks::logs(&self.core, &self.caller, &webhook_id(id), slice).await.expect("logs").items
    }

    /// Waits until a webhook's state is as wanted.
    pub(crate) async fn until_status(&self, id: &str, status: &str) -> sparkbot_core::views::Webhook {
        let id = webhook_id(id);
        eventually(async || {
            let webhook = webhooks::get(&self.core, &self.caller, &id).await.expect("webhook");
            if webhook.status == status { Ok(webhook) } else { Err(format!("{webhook:?}")) }
        })
        .await
    }

    /// How far a webhook has come, and how much it owes.
    pub(crate) async fn standing(&self, id: &str) -> (i64, usize) {
        let id = webhook_id(id);
        let mut reading = self.core.store().read().await.expect("reader");
        let row = reading.account(&self.caller.account).webhook(&id).await.expect("read").expect("webhook");
        (row.position, reading.server().webhook_retries(&id, 100_000).await.expect("read").len())
    }
}

/// Asks until the answer is right. Only for what nobody tells of.
pub(crate) async fn eventually<T>(ask: impl AsyncFn() -> Result<T, String>) -> T {
    let asking = async {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let mut last = String::new();
        loop {
            tick.tick().await;
            match tokio::time::timeout(DEADLINE, ask()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(why)) => last = why,
                Err(_) => return Err::<T, _>(last),
            }
        }
    };
    tokio::time::timeout(DEADLINE, asking).await.expect("right answer in time").expect("right answer")
}

pub(crate) fn webhook_id(id: &str) -> WebhookId {
    id.parse().expect("id")
}

pub(crate) async fn new_device(core: &Core, caller: &Caller) -> DeviceRef {
    let new = NewDevice { alias: "Support".to_owned(), ..NewDevice::default() };
    let made = devices::create(core, caller, new).await.expect("device");
    let id: DeviceId = made.id.parse().expect("id");
    let mut reading = core.store().read().await.expect("reader");
    DeviceRef::of(&reading.account(&caller.account).device(&id).await.expect("read").expect("device"))
}

fn all_devices() -> sparkbot_store::rows::DeviceFilter {
    sparkbot_store::rows::DeviceFilter { size: 10, ..Default::default() }
}

pub(crate) fn wanted(url: &str, events: &[&str]) -> NewWebhook {
    NewWebhook {
        name: "Orders".to_owned(),
        url: url.to_owned(),
        events: events.iter().map(ToString::to_string).collect(),
        headers: BTreeMap::new(),
        ..NewWebhook::default()
    }
}

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) json: Value,
    /// How often this event was tried before.
    pub(crate) earlier: usize,
    /// What it was answered.
    pub(crate) status: u16,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn lane(&self) -> &str {
        self.json["data"]["lane"].as_str().expect("lane")
    }

    pub(crate) fn n(&self) -> u64 {
        self.json["data"]["n"].as_u64().expect("n")
    }
}

/// What a receiver answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) after: Duration,
}

impl Reply {
    pub(crate) fn of(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }
}

type Rule = Box<dyn Fn(&Got) -> Reply + Send + Sync>;

/// An HTTP server that remembers what it got.
#[derive(Clone)]
pub(crate) struct Receiver {
    at: SocketAddr,
    rule: Arc<Mutex<Arc<Rule>>>,
    got: Arc<watch::Sender<Vec<Got>>>,
}

impl Receiver {
    /// Answers 200 to everything.
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
        let at = listener.local_addr().expect("address");
        let rule: Rule = Box::new(|_| Reply::of(200));
        let receiver =
            Self { at, rule: Arc::new(Mutex::new(Arc::new(rule))), got: Arc::new(watch::Sender::new(Vec::new())) };
        let router = Router::new().route("/{*path}", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.at)
    }

    pub(crate) fn answers(&self, rule: impl Fn(&Got) -> Reply + Send + Sync + 'static) {
        *self.rule.lock().expect("rule") = Arc::new(Box::new(rule));
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.borrow().clone()
    }

    /// Waits until what has arrived is enough.
    pub(crate) async fn until(&self, enough: impl Fn(&[Got]) -> bool) -> Vec<Got> {
        let mut got = self.got.subscribe();
        let seen = tokio::time::timeout(DEADLINE, got.wait_for(|got| enough(got))).await;
        match seen {
            Ok(seen) => seen.expect("receiver").clone(),
            Err(_) => panic!("not enough after {DEADLINE:?}: {:#?}", summary(&self.got())),
        }
    }

    /// Waits for so many requests that were answered with 2xx.
    pub(crate) async fn taken(&self, count: usize) -> Vec<Got> {
        self.until(|got| accepted(got).len() >= count).await
    }
}

pub(crate) fn accepted(got: &[Got]) -> Vec<&Got> {
    got.iter().filter(|got| (200..300).contains(&got.status)).collect()
}

/// The numbers that were taken in one lane, in order of arrival.
pub(crate) fn lane(got: &[Got], lane: &str) -> Vec<u64> {
    accepted(got).into_iter().filter(|got| got.lane() == lane).map(Got::n).collect()
}

fn summary(got: &[Got]) -> Vec<String> {
    got.iter().map(|got| format!("{} {} {}", got.path, got.json["data"]["id"], got.status)).collect()
}

async fn take(State(receiver): State<Receiver>, uri: axum::http::Uri, headers: HeaderMap, body: Bytes) -> Response {
    let json: Value = serde_json::from_slice(&body).expect("JSON");
    let earlier = receiver.got.borrow().iter().filter(|got| got.json["eventId"] == json["eventId"]).count();
    let mut got = Got { path: uri.path().to_owned(), headers, body, json, earlier, status: 0 };
    let rule = receiver.rule.lock().expect("rule").clone();
    let reply = rule(&got);
    got.status = reply.status;
    if reply.after > Duration::ZERO {
        tokio::time::sleep(reply.after).await;
    }
    receiver.got.send_modify(|all| all.push(got));
    let mut response = (StatusCode::from_u16(reply.status).expect("status"), reply.body).into_response();
    if let Some((name, value)) = reply.header {
        response.headers_mut().insert(name, value.parse().expect("value"));
    }
    response
}
