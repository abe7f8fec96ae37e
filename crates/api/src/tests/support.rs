//! The surface over a core with a database in a temporary folder and no
//! WhatsApp at all.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use sparkbot_core::clock::{Clock, Millis, SharedClock, SystemClock, parse_iso};
use sparkbot_core::files::{BlobSettings, FileSettings};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::network::session_state::SessionState;
use sparkbot_core::network::{Link, Network, NetworkError, Observer};
use sparkbot_core::{Core, Settings, accounts};
use sparkbot_store::Store;
use sparkbot_store::seal::{MasterKey, Sealer};
use tower::ServiceExt;

use crate::ApiOptions;

/// WhatsApp is away.
struct Away;

#[async_trait]
impl Network for Away {
    async fn open(&self, _: DeviceId, _: SessionState, _: Arc<dyn Observer>) -> Result<Arc<dyn Link>, NetworkError> {
        Err(NetworkError::Unreachable("there is no WhatsApp in this test".to_owned()))
    }

    async fn is_linked(&self, _: &SessionState) -> Result<bool, NetworkError> {
        Ok(false)
    }
}

/// A clock that is set by hand.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn at(date: &str) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(parse_iso(date).expect("a date"))))
    }

    pub(crate) fn forward(&self, by: Millis) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Millis {
        self.0.load(Ordering::Relaxed)
    }
}

/// The surface and a key of all scopes.
pub(crate) struct Surface {
    router: Router,
    pub(crate) core: Core,
    pub(crate) key: String,
    folder: tempfile::TempDir,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Status, code and sentence of a failure, whose shape is checked.
    #[track_caller]
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "{body}");
        assert_eq!(self.header("content-type"), "application/json");
        assert!(body["hint"].as_str().is_some_and(|hint| hint.ends_with('.')), "{body}");
        assert_eq!(body["meta"]["requestId"], self.header("x-request-id"), "{body}");
        assert!(body["errors"].as_array().is_some_and(|all| !all.is_empty()), "{body}");
        let word = |key: &str| body[key].as_str().expect(key).to_owned();
        (self.status.as_u16(), word("errorCode"), word("message"))
    }
}

impl Surface {
    pub(crate) async fn new() -> Self {
        Self::over(Away).await
    }

    /// The same over another WhatsApp.
    pub(crate) async fn over(network: impl Network) -> Self {
        Self::at(network, Arc::new(SystemClock)).await
    }

    /// The same at another time.
    pub(crate) async fn at(network: impl Network, clock: SharedClock) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = Store::sqlite_url(&folder.path().join("test.db"));
        let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.expect("a store");
        let files = FileSettings {
            storage: BlobSettings::Folder(folder.path().join("blobs")),
            max_upload: 1024 * 1024,
            max_download: 512 * 1024,
            ..FileSettings::default()
        };
        let settings = Settings { files, allow_loopback: true, ..Settings::default() };
        let core = Core::new(store, clock, Arc::new(network), settings).expect("a core");
        let key = accounts::first_start(&core).await.expect("an account").expect("the first key").secret;
        let options = ApiOptions { metrics: Some(Arc::new(|| "sparkbot_up 1\n".to_owned())) };
        Self { router: crate::router(core.clone(), options), core, key, folder }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes: bytes.to_vec() }
    }

    /// The status of an answer whose body may never end.
    pub(crate) async fn status(&self, request: Request<Body>) -> StatusCode {
        self.router.clone().oneshot(request).await.expect("an answer").status()
    }

    /// A request with the key.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("token", &self.key);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        self.send(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_owned()))).expect("a request"))
            .await
    }

    /// How many blobs there are, those of work under way included.
    pub(crate) fn blobs(&self) -> usize {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
        }
        count(&self.folder.path().join("blobs"))
    }

    /// A request with the key and a body of any kind.
    pub(crate) async fn send_bytes(&self, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method("POST").uri(path).header("token", &self.key);
        self.send(request.header("content-type", kind).body(body.into()).expect("a request")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    /// A request with these headers instead, from this address.
    pub(crate) async fn knock(&self, path: &str, headers: &[(&str, &str)], from: [u8; 4]) -> Answer {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((from, 1234))));
        self.send(request).await
    }
}
