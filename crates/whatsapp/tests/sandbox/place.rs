//! A sandbox, a database, and a number on both.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use sparkbot_network::clock::{Clock, SystemClock};
use sparkbot_network::phone::Phone;
use sparkbot_network::session_state::SessionState;
use sparkbot_network::wid::Wid;
use sparkbot_network::{Content, Link, Network, NetworkError, Observer, Outgoing, Report, Sent};
use sparkbot_sandbox::{Sandbox, SandboxConfig, Timing};
use sparkbot_store::ids::{AccountId, DeviceId};
use sparkbot_store::rows::{AccountRow, DeviceRow};
use sparkbot_store::seal::{MasterKey, Sealer};
use sparkbot_store::{Store, StoreError};
use sparkbot_whatsapp::{WhatsApp, WhatsAppConfig};

use crate::observer::Recorder;

/// The number under test.
pub(crate) const OWN: &str = "+16001234560";
/// A person it writes with.
pub(crate) const ALICE: &str = "+16001234561";

pub(crate) fn phone(number: &str) -> Phone {
    Phone::parse(number).expect(number)
}

pub(crate) fn wid(number: &str) -> Wid {
    Wid::user(&phone(number))
}

/// A folder that goes when the test does.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let unique = format!("sparkbot-sandbox-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(unique);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The database in a folder, with one number whose lease is taken.
pub(crate) async fn state(folder: &Path, key: &MasterKey) -> SessionState {
    let url = Store::sqlite_url(&folder.join("test.db"));
    let store = Store::open(&url, Sealer::new(key, &[])).await.expect("a database");
    let known = store.read().await.expect("read").server().all_devices().await.expect("read");
    let known = known.into_iter().next().map(|row| row.id);
    let now = SystemClock.now();
    let (account, device) = (AccountId::new(now), known.clone().unwrap_or_else(|| DeviceId::new(now)));
    let account_row = AccountRow { id: account.clone(), name: "Test".to_owned(), created_at: 0 };
    let row = DeviceRow {
        id: device.clone(),
        account_id: account.clone(),
        alias: "Test".to_owned(),
        description: None,
        plan: "io".to_owned(),
        status: "pending".to_owned(),
        session_status: "new".to_owned(),
        phone: None,
        wid: None,
        lid: None,
        push_name: None,
        wanted: "running".to_owned(),
        settings: "{}".to_owned(),
        auto_replies: "{}".to_owned(),
        auto_assign: "{}".to_owned(),
        session: "{}".to_owned(),
        created_by: "test".to_owned(),
        created_at: 0,
        updated_at: 0,
        removed_at: None,
    };
    let fence = store
        .write::<_, StoreError, _>(move |w| {
            Box::pin(async move {
                if known.is_none() {
                    w.server().insert_account(&account_row).await?;
                    w.account(&account).insert_device(&row).await?;
                }
                w.server().acquire_lease(&row.id, "test", 0, i64::MAX).await
            })
        })
        .await
        .expect("a lease");
    SessionState::new(store, device, fence.expect("nobody else wants it"))
}

/// The adapter for a sandbox.
pub(crate) fn whatsapp(socket: &str, media: &str) -> WhatsApp {
    let config = WhatsAppConfig {
        socket_url: Some(socket.to_owned()),
        media_base: Some(media.to_owned()),
        client_version: Some((2, 3000, 1_040_000_000)),
        wanted_prekeys: 30,
        ..WhatsAppConfig::new(Arc::new(SystemClock))
    };
    WhatsApp::new(config).expect("an adapter")
}

/// A sandbox and the control of its phones.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
    pub(crate) folder: Folder,
    pub(crate) key: MasterKey,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::with(Timing::default()).await
    }

    pub(crate) async fn with(timing: Timing) -> Self {
        let sandbox = Sandbox::start(SandboxConfig { timing, ..SandboxConfig::default() }).await.expect("a sandbox");
        // The adapter installs the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("HTTP");
        let place = Self { sandbox, http, folder: Folder::new(), key: MasterKey::random() };
        for (number, name) in [(OWN, "Own"), (ALICE, "Alice")] {
            place.post("/phones", json!({"phone": number, "name": name})).await.expect("a phone");
        }
        place
    }

    /// Opens the number, on what it knew before.
    pub(crate) async fn open(&self) -> Number {
        let recorder = Arc::new(Recorder::new());
        let state = state(&self.folder.0, &self.key).await;
        let observer: Arc<dyn Observer> = recorder.clone();
        let network = whatsapp(&self.sandbox.socket_url(), &self.sandbox.media_url());
        let link = network.open(state.device(), state.clone(), observer).await.expect("a link");
        Number { link, recorder, state }
    }

    /// Opens the number and links it by code.
    pub(crate) async fn linked(&self) -> Number {
        let number = self.open().await;
        let code = number.link.request_code(&phone(OWN)).await.expect("a code");
        self.post(&format!("/phones/{OWN}/link"), json!({"code": code.code})).await.expect("linked");
        number.recorder.online().await;
        number
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value, Value> {
        let url = format!("{}{path}", self.sandbox.control_url());
        answer(self.http.post(url).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Result<Value, Value> {
        let url = format!("{}{path}", self.sandbox.control_url());
        answer(self.http.put(url).json(&body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.control_url());
        answer(self.http.get(url)).await.expect(path)
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Value> {
        let url = format!("{}{path}", self.sandbox.control_url());
        answer(self.http.delete(url)).await
    }

    /// A person writes to the number; answers the message id.
    pub(crate) async fn writes(&self, from: &str, text: &str) -> String {
        let sent =
            self.post(&format!("/phones/{from}/messages"), json!({"to": OWN, "text": text})).await.expect("sent");
        sent["id"].as_str().expect("an id").to_owned()
    }

    /// What a phone shows, with what arrived more than once.
    pub(crate) async fn shown(&self, number: &str) -> Vec<Value> {
        let answer = self.get(&format!("/phones/{number}/messages?limit=1000")).await;
        answer["messages"].as_array().expect("messages").clone()
    }

    /// Waits until a phone shows a message.
    pub(crate) async fn sees(&self, number: &str, id: &str) -> Value {
        let looking = async {
            let mut after = 0;
            loop {
                let path = format!("/phones/{number}/messages?after={after}&wait=5000");
                let answer = self.get(&path).await;
                let found = answer["messages"].as_array().and_then(|all| all.iter().find(|m| m["id"] == id).cloned());
                if let Some(found) = found {
                    return found;
                }
                after = answer["last"].as_u64().unwrap_or(after);
            }
        };
        tokio::time::timeout(crate::observer::DEADLINE, looking).await.expect("the phone shows it")
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Value, Value> {
    let response = request.send().await.expect("the sandbox answers");
    let ok = response.status().is_success();
    let body = response.json().await.unwrap_or(Value::Null);
    if ok { Ok(body) } else { Err(body) }
}

/// An open number.
pub(crate) struct Number {
    pub(crate) link: Arc<dyn Link>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) state: SessionState,
}

impl Number {
    pub(crate) async fn send(&self, to: &str, id: &str, text: &str) -> Result<Sent, NetworkError> {
        self.link.send(outgoing(to, id, text)).await
    }

    /// Whether a report of this shape has been made.
    pub(crate) fn has_reported(&self, wanted: impl Fn(&Report) -> bool) -> bool {
        self.recorder.reports().iter().any(wanted)
    }
}

pub(crate) fn outgoing(to: &str, id: &str, text: &str) -> Outgoing {
    Outgoing::new(id, wid(to), Content::text(text))
}
