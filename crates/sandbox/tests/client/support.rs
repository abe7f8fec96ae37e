//! A sandbox, its control API, and clients linked to it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sparkbot_sandbox::{Sandbox, SandboxConfig};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use whatsapp_rust::async_trait;
use whatsapp_rust::store::persistence_manager::PersistenceManager;
use whatsapp_rust::transport::TokioWebSocketTransportFactory;
use whatsapp_rust::types::durability_hook::InboundDurabilityHook;
use whatsapp_rust::types::events::{Event, EventHandler, InboundMessage, MessageBatch};
use whatsapp_rust::wacore::store::InMemoryBackend;
use whatsapp_rust::{Client, Jid, TokioRuntime};

pub(crate) use media::Http;

#[path = "support/media.rs"]
mod media;

/// The number most clients are linked to.
pub(crate) const OWN: &str = "+16001234560";
/// People it has to do with.
pub(crate) const ALICE: &str = "+16001234561";
/// Another one.
pub(crate) const BOB: &str = "+16001234562";
/// And another.
pub(crate) const CAROL: &str = "+16001234563";

/// How long a test waits for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// One-time keys a client uploads; a test needs few.
const PREKEYS: usize = 12;

/// The address of a number.
pub(crate) fn jid(number: &str) -> Jid {
    Jid::pn(number.trim_start_matches('+'))
}

/// Waits, and says what for when it was in vain.
pub(crate) async fn within<T>(what: &str, waiting: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("{what} did not come within {DEADLINE:?}"))
}

/// A running sandbox and the control of its phones.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    http: reqwest::Client,
}

impl Place {
    /// A sandbox with the phones of [`OWN`], [`ALICE`], [`BOB`] and [`CAROL`].
    pub(crate) async fn new() -> Self {
        Self::with(SandboxConfig { seed: Some(7), ..SandboxConfig::default() }).await
    }

    /// The same, configured.
    pub(crate) async fn with(config: SandboxConfig) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(config).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let place = Self { sandbox, http };
        for (number, name) in [(OWN, "Own"), (ALICE, "Alice"), (BOB, "Bob"), (CAROL, "Carol")] {
            place.post("/phones", json!({"phone": number, "name": name})).await;
        }
        place
    }

    /// A request to the control API: its status and answer.
    pub(crate) async fn request(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.sandbox.control_url());
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    #[track_caller]
    fn accepted(method: &str, path: &str, (status, answer): (u16, Value)) -> Value {
        assert!(status < 300, "{method} {path}: {status} {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        Self::accepted("GET", path, self.request("GET", path, None).await)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        Self::accepted("POST", path, self.request("POST", path, Some(body)).await)
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        Self::accepted("PUT", path, self.request("PUT", path, Some(body)).await)
    }

    /// Lets something go wrong.
    pub(crate) async fn fault(&self, body: Value) -> Value {
        self.post("/faults", body).await
    }

    /// How often a fault has struck, pending or over.
    pub(crate) async fn struck(&self, fault: &Value) -> u64 {
        let all = self.get("/faults").await;
        let mut all = ["faults", "over"].into_iter().flat_map(|list| all[list].as_array().unwrap());
        all.find(|known| known["id"] == fault["id"]).unwrap()["struck"].as_u64().unwrap()
    }

    /// A person writes a text; answers the message id. `to` is a number or a
    /// group.
    pub(crate) async fn writes(&self, from: &str, to: &str, text: &str) -> String {
        let sent = self.post(&format!("/phones/{from}/messages"), json!({"to": to, "text": text})).await;
        sent["id"].as_str().unwrap().to_owned()
    }

    /// Waits until a phone shows a message.
    pub(crate) async fn sees(&self, phone: &str, id: &str) -> Value {
        self.shows(phone, |message| message["id"] == id).await
    }

    /// Waits until a phone shows a message that fits.
    pub(crate) async fn shows(&self, phone: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.polled(&format!("/phones/{phone}/messages"), "messages", fits).await
    }

    /// Waits until a phone has had an event that fits.
    pub(crate) async fn event(&self, phone: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.polled(&format!("/phones/{phone}/events"), "events", fits).await
    }

    /// Waits until a phone has had a receipt of `by` for a message.
    pub(crate) async fn receipt(&self, phone: &str, id: &str, by: &str, kind: &str) -> Value {
        let fits = |event: &Value| {
            let ids = event["ids"].as_array().is_some_and(|ids| ids.iter().any(|known| known == id));
            event["kind"] == "receipt" && ids && event["by"] == by && event["type"] == kind
        };
        self.event(phone, fits).await
    }

    async fn polled(&self, path: &str, list: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let looking = async {
            let mut after = 0;
            loop {
                let answer = self.get(&format!("{path}?after={after}&wait=5000&limit=1000")).await;
                let found = answer[list].as_array().and_then(|all| all.iter().find(|item| fits(item)).cloned());
                if let Some(found) = found {
                    return found;
                }
                after = answer["last"].as_u64().unwrap_or(after);
            }
        };
        within(&format!("one of {list} at {path} that fits"), looking).await
    }

    /// Asks again until the answer of `GET path` fits: for what has no events of
    /// its own.
    pub(crate) async fn until(&self, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let answer = self.get(path).await;
                if fits(&answer) {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        within(&format!("the answer of {path} that fits"), asking).await
    }
}

/// The events of a client that nobody has taken yet.
#[derive(Default)]
pub(crate) struct Events {
    waiting: std::sync::Mutex<Vec<Arc<Event>>>,
    more: Notify,
}

impl EventHandler for Events {
    fn handle_event(&self, event: Arc<Event>) {
        let mut waiting = self.waiting.lock().unwrap();
        match &*event {
            // What waited comes as one batch; each message is looked for alone.
            Event::Messages(batch) if batch.len() > 1 => waiting.extend(batch.iter().map(|message| {
                let one = MessageBatch::builder().messages(Arc::from([message.clone()])).origin(batch.origin);
                Arc::new(Event::Messages(one.hook_committed(batch.hook_committed).build()))
            })),
            _ => waiting.push(event),
        }
        drop(waiting);
        self.more.notify_waiters();
    }
}

impl Events {
    /// Takes the first event that fits, however long it takes to come.
    pub(crate) async fn take_ever<T>(&self, fits: impl Fn(&Event) -> Option<T>) -> T {
        loop {
            let more = self.more.notified();
            let mut more = std::pin::pin!(more);
            more.as_mut().enable();
            {
                let mut waiting = self.waiting.lock().unwrap();
                let found = waiting.iter().enumerate().find_map(|(at, event)| Some((at, fits(event)?)));
                if let Some((at, found)) = found {
                    waiting.remove(at);
                    return found;
                }
            }
            more.await;
        }
    }

    /// Takes the first event that fits, waiting for it. What doesn't fit stays
    /// for others.
    pub(crate) async fn take<T>(&self, what: &str, fits: impl Fn(&Event) -> Option<T>) -> T {
        within(what, self.take_ever(fits)).await
    }
}

impl Events {
    fn count(&self, of: impl Fn(&Event) -> usize) -> usize {
        self.waiting.lock().unwrap().iter().map(|event| of(event)).sum()
    }

    /// How often a message was reported and not taken.
    pub(crate) fn untaken(&self, id: &str) -> usize {
        self.count(|event| match event {
            Event::Messages(batch) => batch.iter().filter(|message| message.info.id == id).count(),
            _ => 0,
        })
    }

    /// How often the server's answer to a message was reported and not taken.
    pub(crate) fn acks(&self, id: &str) -> usize {
        self.count(|event| usize::from(matches!(event, Event::ServerAck(ack) if ack.id == id)))
    }

    /// How often the presence of somebody was reported and not taken.
    pub(crate) fn presences(&self, of: &Jid) -> usize {
        self.count(|event| usize::from(matches!(event, Event::Presence(update) if update.from.user == of.user)))
    }

    /// Forgets that the client became ready to send.
    pub(crate) fn forget_connections(&self) {
        self.waiting.lock().unwrap().retain(|event| !matches!(**event, Event::Connected(_)));
    }
}

/// What a client has taken in for good. An application that must not lose
/// anything has such a hook; without it a connection that breaks during the
/// backlog can cost a message, which the client then acknowledges unseen.
#[derive(Default)]
pub(crate) struct Kept {
    ids: std::sync::Mutex<BTreeSet<String>>,
    more: Notify,
}

#[async_trait]
impl InboundDurabilityHook for Kept {
    async fn on_messages(&self, _: Arc<Client>, batch: &[InboundMessage]) -> whatsapp_rust::anyhow::Result<()> {
        self.ids.lock().unwrap().extend(batch.iter().map(|message| message.info.id.to_string()));
        self.more.notify_waiters();
        Ok(())
    }
}

impl Kept {
    /// Waits until a message is there.
    pub(crate) async fn has(&self, id: &str) {
        let looking = async {
            loop {
                let more = self.more.notified();
                let mut more = std::pin::pin!(more);
                more.as_mut().enable();
                if self.ids.lock().unwrap().contains(id) {
                    return;
                }
                more.await;
            }
        };
        within(&format!("message {id}"), looking).await;
    }
}

fn plain(place: &Place) -> TokioWebSocketTransportFactory {
    TokioWebSocketTransportFactory::new().with_url(place.sandbox.socket_url())
}

/// A client of whatsapp-rust that is linked to a number of the sandbox.
pub(crate) struct Companion {
    pub(crate) client: Arc<Client>,
    pub(crate) events: Arc<Events>,
    pub(crate) kept: Arc<Kept>,
    /// Its device id.
    pub(crate) device: u64,
    backend: Arc<InMemoryBackend>,
    run: JoinHandle<()>,
}

impl Companion {
    /// A client that has scanned its way in and is ready to send.
    pub(crate) async fn link(place: &Place, number: &str) -> Self {
        Self::link_by(place, number, plain(place)).await
    }

    /// The same over a connection of the test's choice.
    pub(crate) async fn link_by(place: &Place, number: &str, transport: TokioWebSocketTransportFactory) -> Self {
        let mut companion = Self::begin(transport).await;
        let qr = companion
            .events
            .take("a QR code", |event| match event {
                Event::PairingQrCode(qr) => Some(qr.code.clone()),
                _ => None,
            })
            .await;
        let linked = place.post(&format!("/phones/{number}/scan"), json!({"qr": qr})).await;
        companion.device = linked["device"]["id"].as_u64().unwrap();
        companion.connected().await;
        companion
    }

    /// A client that runs and is not linked.
    pub(crate) async fn begin(transport: TokioWebSocketTransportFactory) -> Self {
        let backend = Arc::new(InMemoryBackend::new());
        let (events, kept) = (Arc::new(Events::default()), Arc::new(Kept::default()));
        let (client, run) = Self::start(transport, backend.clone(), events.clone(), kept.clone()).await;
        Self { client, events, kept, device: 0, backend, run }
    }

    async fn start(
        transport: TokioWebSocketTransportFactory,
        backend: Arc<InMemoryBackend>,
        events: Arc<Events>,
        kept: Arc<Kept>,
    ) -> (Arc<Client>, JoinHandle<()>) {
        let manager = PersistenceManager::new(backend).await.unwrap();
        let client = Client::builder()
            .with_runtime(TokioRuntime)
            .with_persistence_manager(Arc::new(manager))
            .with_transport_factory(transport)
            .with_http_client(Http::new())
            .with_version_override((2, 3000, 1_040_000_000))
            .with_wanted_pre_key_count(PREKEYS)
            .with_inbound_durability_hook_arc(kept)
            .build()
            .await
            .unwrap()
            .into_client();
        client.subscribe_handler(events).detach();
        let run = tokio::spawn({
            let client = client.clone();
            async move { client.run().await }
        });
        (client, run)
    }

    /// Ends the client; what it knows stays for [`Companion::back`].
    pub(crate) async fn away(&self) {
        self.client.disconnect().await;
    }

    /// Starts the client again with what it knew.
    pub(crate) async fn back(&mut self, place: &Place) {
        let (events, kept) = (self.events.clone(), self.kept.clone());
        (self.client, self.run) = Self::start(plain(place), self.backend.clone(), events, kept).await;
        self.connected().await;
    }

    /// Waits for the next time it is ready to send.
    pub(crate) async fn connected(&self) {
        self.events.take("a connection", |event| matches!(event, Event::Connected(_)).then_some(())).await;
    }

    /// Waits for a message by id.
    pub(crate) async fn message(&self, id: &str) -> InboundMessage {
        self.events
            .take(&format!("message {id}"), |event| match event {
                Event::Messages(batch) => batch.iter().find(|message| message.info.id == id).cloned(),
                _ => None,
            })
            .await
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.client.signal_shutdown_sync();
        self.run.abort();
    }
}
