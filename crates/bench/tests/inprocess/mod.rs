//! The server without sockets and without WhatsApp: the surface over a database in
//! a temporary folder, and a number whose link writes down what it is asked. The
//! paths are those of every message.

#[path = "../../../api/src/tests/whatsapp.rs"]
#[expect(dead_code, reason = "the API's own tests ask more of it")]
mod whatsapp;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use sparkbot_api::ApiOptions;
use sparkbot_core::clock::SystemClock;
use sparkbot_core::events::{self, Change};
use sparkbot_core::files::{BlobSettings, FileSettings};
use sparkbot_core::ids::AccountId;
use sparkbot_core::{Core, Settings, accounts, webhooks};
use sparkbot_store::Store;
use sparkbot_store::seal::{MasterKey, Sealer};
use tower::ServiceExt;
use whatsapp::Fake;

/// Who writes and is written to.
const BEN: &str = "16001234561@c.us";

/// A server with one number online.
pub(crate) struct Server {
    router: Router,
    core: Core,
    fake: Fake,
    key: String,
    account: AccountId,
    device: String,
    _folder: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = Store::sqlite_url(&folder.path().join("test.db"));
        let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.expect("a store");
        let storage = BlobSettings::Folder(folder.path().join("blobs"));
        let files = FileSettings { storage, ..FileSettings::default() };
        let settings = Settings { files, allow_loopback: true, ..Settings::default() };
        let fake = Fake::default();
        let core = Core::new(store, Arc::new(SystemClock), Arc::new(fake.clone()), settings).expect("a core");
        let key = accounts::first_start(&core).await.expect("an account").expect("the first key");
        core.start().await.expect("started");
        let router = sparkbot_api::router(core.clone(), ApiOptions { metrics: None });
        let (account, key) = (key.row.account_id, key.secret);
        let mut server = Self { router, core, fake, key, account, device: String::new(), _folder: folder };
        let made = server.call("POST", "/v1/devices", &json!({ "alias": "Support" })).await;
        server.device = made["id"].as_str().expect("an id").to_owned();
        server.call("POST", &format!("/v1/devices/{}/start", server.device), &json!({})).await;
        server.fake.comes_online().await;
        server
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = Request::builder().method(method).uri(path).header("token", &self.key);
        let request = request.header("content-type", "application/json").body(Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.expect("a request")).await.expect("an answer");
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    /// Whether what is accepted also leaves.
    pub(crate) async fn sends(&self, sends: bool) {
        let status = if sends { "active" } else { "pause" };
        self.call("POST", &format!("/v1/devices/{}/queue", self.device), &json!({ "status": status })).await;
    }

    /// Accepts message `n`; it is in the queue, on disk.
    pub(crate) async fn accept(&self, n: u32) {
        let message = json!({ "device": self.device, "phone": "+16001234561", "message": format!("message {n:06}") });
        self.call("POST", "/v1/messages", &message).await;
    }

    /// How many messages the link was given.
    pub(crate) fn sent(&self) -> usize {
        self.fake.asked(|asked| asked.sent.len())
    }

    /// Message `n` arrives; it is in the inbox, on disk.
    pub(crate) async fn receive(&self, n: u32) {
        let (id, at) = (format!("3EB0{n:018X}"), self.core.now());
        self.fake.delivers(&[whatsapp::from(BEN, BEN, &id, "text", Some("a message of a few words"), at)]).await;
    }

    /// Appends event `n` to the log, on disk.
    pub(crate) async fn append(&self, n: u32) {
        let (account, now) = (self.account.clone(), self.core.now());
        let change = Change {
            event: "chat:update",
            object: "chat",
            object_id: format!("{n:06}"),
            lane: "allocations".to_owned(),
            data: json!({ "id": BEN, "unread": 3, "status": "active" }),
        };
        let appended = self
            .core
            .store()
            .write(move |w| Box::pin(async move { events::append(w, &account, None, change, now).await }));
        appended.await.expect("appended");
    }
}

/// Signs a delivery of about the size that messages have.
pub(crate) fn sign() -> String {
    webhooks::sign(b"whsec_0123456789abcdef0123456789abcdef", 1_795_366_669, &[b'x'; 1024]).expect("signed")
}
