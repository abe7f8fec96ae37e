//! A server with its API.

use reqwest::Method;
use serde_json::{Value, json};

use super::process::Process;
use super::{Phone, Receiver, Sandbox, eventually, text};

/// A running server on a folder of its own.
pub(crate) struct Server {
    process: Process,
    pub(crate) api: String,
    pub(crate) key: String,
    pub(crate) control: String,
    folder: std::sync::Arc<tempfile::TempDir>,
    http: reqwest::Client,
    database: Option<String>,
    external: bool,
    extra: Vec<String>,
}

/// Status and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The body of an answer that must be good.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "status {}: {:#}", self.status, self.body);
        self.body
    }

    /// The body of a refusal with this status and code; it must say something a
    /// person can act on.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        assert_eq!(self.body["errorCode"], code, "{:#}", self.body);
        assert_eq!(self.body["status"], status);
        let sentence = text(&self.body, "/message");
        assert!(sentence.len() > 15 && sentence.ends_with(['.', '!', '?']), "not a sentence: {sentence}");
        self.body
    }
}

/// A number of the server.
pub(crate) struct Device {
    pub(crate) id: String,
}

impl Server {
    /// A server with a sandbox inside.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same with further arguments.
    pub(crate) async fn with(extra: &[&str]) -> Self {
        let own = ["--sandbox", "--sandbox-socket", "127.0.0.1:0", "--sandbox-control", "127.0.0.1:0"];
        let arguments: Vec<String> = own.iter().chain(extra).map(|a| (*a).to_owned()).collect();
        Self::launch(None, arguments, None).await
    }

    /// A server on a sandbox outside.
    pub(crate) async fn on(sandbox: &Sandbox, extra: &[&str]) -> Self {
        Self::through(&sandbox.control, sandbox, extra).await
    }

    /// The same, where the server sees the sandbox at another address.
    pub(crate) async fn through(url: &str, sandbox: &Sandbox, extra: &[&str]) -> Self {
        Self::launch(None, arguments(url, extra), Some(sandbox.control.clone())).await
    }

    /// The same in a folder that is there already, whose `data` it uses.
    pub(crate) async fn in_folder(folder: tempfile::TempDir, sandbox: &Sandbox, extra: &[&str]) -> Self {
        let folder = Some((std::sync::Arc::new(folder), None));
        Self::launch(folder, arguments(&sandbox.control, extra), Some(sandbox.control.clone())).await
    }

    async fn launch(
        folder: Option<(std::sync::Arc<tempfile::TempDir>, Option<String>)>,
        extra: Vec<String>,
        control: Option<String>,
    ) -> Self {
        let (folder, known_key) = match folder {
            Some((folder, key)) => (folder, key),
            None => (std::sync::Arc::new(tempfile::tempdir().expect("a folder")), None),
        };
        let named = extra.iter().any(|argument| argument == "--database");
        let database = if named { None } else { database(folder.path()).await };
        let arguments = serve(folder.path(), &extra, database.as_deref());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let process = Process::start(&arguments, &log(folder.path())).await;
        let ready = &process.ready;
        let key = ready["key"].as_str().map(str::to_owned).or(known_key).expect("a key at the first start");
        let external = control.is_some();
        Self {
            api: text(ready, "/api").trim_end_matches('/').to_owned(),
            control: control.unwrap_or_else(|| text(ready, "/sandbox/control").to_owned()),
            key,
            folder,
            http: super::http(),
            process,
            database,
            external,
            extra,
        }
    }

    /// Bytes of memory that the server's process holds now.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it held since [`Server::forget_peak`].
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// From now on the most is counted anew.
    pub(crate) fn forget_peak(&self) {
        let pid = self.process.child.id().expect("it runs");
        std::fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("Linux forgets it");
    }

    fn status(&self, name: &str) -> u64 {
        let pid = self.process.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("its memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }

    /// Files that lie in the blob storage.
    pub(crate) fn blobs(&self) -> usize {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
        }
        count(&self.folder.path().join("data/blobs"))
    }

    /// `kill -9`, then the same folder again.
    pub(crate) async fn kill_and_restart(mut self) -> Self {
        self.process.kill().await;
        self.again().await
    }

    /// A polite stop, then the same folder again.
    pub(crate) async fn stop_and_restart(self) -> Self {
        let Self { mut process, folder, key, external, extra, control, .. } = self;
        assert!(process.stop().await.success(), "a polite stop is a success");
        Self::launch(Some((folder, Some(key))), extra, external.then_some(control)).await
    }

    /// A polite stop; how long it took. The folder stays for [`Server::again`].
    pub(crate) async fn stop(&mut self) -> std::time::Duration {
        let asked = std::time::Instant::now();
        assert!(self.process.stop().await.success(), "a polite stop is a success");
        asked.elapsed()
    }

    /// Starts a killed server and kills it again after `moment`, however far it
    /// is.
    pub(crate) async fn dies_at_its_start(&self, moment: std::time::Duration) {
        let arguments = serve(self.folder.path(), &self.extra, self.database.as_deref());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Process::start_and_kill(&arguments, &log(self.folder.path()), moment).await;
    }

    /// What its log says so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(log(self.folder.path())).unwrap_or_default()
    }

    /// `kill -9`; the folder stays for [`Server::again`].
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// Starts a killed server again.
    pub(crate) async fn again(self) -> Self {
        assert!(self.external, "a sandbox inside dies with its server");
        Self::launch(Some((self.folder, Some(self.key))), self.extra, Some(self.control)).await
    }

    /// Starts a killed or stopped server again, in place.
    pub(crate) async fn rise(&mut self) {
        assert!(self.external, "a sandbox inside dies with its server");
        let folder = Some((self.folder.clone(), Some(self.key.clone())));
        *self = Self::launch(folder, self.extra.clone(), Some(self.control.clone())).await;
    }

    /// Ends this server and fills a new folder, with the same master key, from a
    /// backup; the server there.
    pub(crate) async fn restored(mut self, backup: &std::path::Path) -> Self {
        assert!(self.external, "a sandbox inside dies with its server");
        self.process.kill().await;
        let folder = std::sync::Arc::new(tempfile::tempdir().expect("a folder"));
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("a data directory");
        std::fs::copy(self.folder.path().join("data/master.key"), data.join("master.key")).expect("the master key");
        let database = database(folder.path()).await;
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_sparkbot"));
        command.arg("restore").arg(backup).arg("--data-dir").arg(&data);
        if let Some(database) = &database {
            command.args(["--database", database]);
        }
        let done = command.output().await.expect("the binary runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Self::launch(Some((folder, Some(self.key))), self.extra, Some(self.control)).await
    }

    /// The name of its database on PostgreSQL.
    pub(crate) fn database_name(&self) -> String {
        let url = self.database.as_deref().expect("a database of a server");
        url.rsplit('/').next().expect("a name").to_owned()
    }

    /// A folder of this server's own, for what a test keeps beside the data.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs another command of the binary on this server's data.
    pub(crate) async fn command(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_sparkbot"));
        command.args(arguments).arg("--data-dir").arg(self.folder.path().join("data"));
        if let Some(database) = &self.database {
            command.args(["--database", database]);
        }
        command.output().await.expect("the binary runs")
    }

    /// A request with the key.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.api)).header("Token", &self.key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.answer(request).await
    }

    /// A request made by hand.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.api))
    }

    pub(crate) async fn answer(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body").to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, headers, body, bytes }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// A person's phone in the sandbox.
    pub(crate) async fn phone(&self, number: &str, name: &str) -> Phone {
        Phone::create(&self.control, number, name).await
    }

    /// A fresh number, not linked.
    pub(crate) async fn device(&self, alias: &str) -> String {
        text(&self.post("/v1/devices", json!({ "alias": alias })).await.ok(), "/id").to_owned()
    }

    /// A number linked by code to `phone`, online.
    pub(crate) async fn linked(&self, alias: &str, phone: &Phone) -> Device {
        let id = self.device(alias).await;
        self.link(&id, phone).await;
        Device { id }
    }

    /// Links a number by code and waits until it is online.
    pub(crate) async fn link(&self, id: &str, phone: &Phone) {
        let code = self.post(&format!("/v1/devices/{id}/authcode"), json!({ "phone": phone.number })).await.ok();
        phone.link(text(&code, "/code")).await.ok();
        self.online(id).await;
    }

    /// Waits until a number is usable as clients see it.
    pub(crate) async fn online(&self, id: &str) -> Value {
        self.session(id, "online").await
    }

    /// Waits for a session's state; the device then.
    pub(crate) async fn session(&self, id: &str, state: &str) -> Value {
        let path = format!("/v1/devices/{id}");
        eventually(&format!("session of {id} to be {state}"), || async {
            let device = self.get(&path).await.ok();
            (device["session"]["status"] == state).then_some(device)
        })
        .await
    }

    /// Sends a text; the accepted message.
    pub(crate) async fn send(&self, device: &str, to: &str, message: &str) -> Value {
        let answer = self.post("/v1/messages", json!({ "device": device, "phone": to, "message": message })).await;
        assert_eq!(answer.status, 201, "{:#}", answer.body);
        answer.ok()
    }

    /// Waits until a message has one of the delivery states.
    pub(crate) async fn delivery(&self, id: &str, states: &[&str]) -> Value {
        let path = format!("/v1/messages/{id}");
        eventually(&format!("message {id} to be {states:?}"), || async {
            let message = self.get(&path).await.ok();
            states.contains(&text(&message, "/deliveryStatus")).then_some(message)
        })
        .await
    }

    /// A receiver that gets these events.
    pub(crate) async fn receiver(&self, events: &[&str]) -> Receiver {
        let receiver = Receiver::start().await;
        self.tells(&receiver, &receiver.url(), events).await;
        receiver
    }

    /// A webhook to a receiver that is found at `url`.
    pub(crate) async fn tells(&self, receiver: &Receiver, url: &str, events: &[&str]) {
        let webhook = self.post("/v1/webhooks", json!({ "name": "Test", "url": url, "events": events })).await.ok();
        receiver.trust(text(&webhook, "/secret"), text(&webhook, "/id"));
    }
}

fn arguments(url: &str, extra: &[&str]) -> Vec<String> {
    let own = ["--sandbox-url", url];
    own.iter().chain(extra).map(|argument| (*argument).to_owned()).collect()
}

/// What a server in `folder` is started with.
fn serve(folder: &std::path::Path, extra: &[String], database: Option<&str>) -> Vec<String> {
    let data = folder.join("data");
    let data = data.to_str().expect("a plain path");
    let own = ["serve", "--json", "--data-dir", data, "--listen", "127.0.0.1:0"].map(str::to_owned);
    let database = database.into_iter().flat_map(|url| ["--database".to_owned(), url.to_owned()]);
    own.into_iter().chain(extra.iter().cloned()).chain(database).collect()
}

fn log(folder: &std::path::Path) -> std::path::PathBuf {
    folder.join("server.log")
}

/// With `SPARKBOT_TEST_POSTGRES` each server has a database of its own there,
/// named after its folder; without, an SQLite file in its folder.
async fn database(folder: &std::path::Path) -> Option<String> {
    let server = std::env::var("SPARKBOT_TEST_POSTGRES").ok()?;
    let name = folder.file_name()?.to_str()?.trim_start_matches('.').to_lowercase();
    let psql = std::env::var("PSQL").unwrap_or_else(|_| "psql".to_owned());
    // Refused when the folder is used again, which is what a restart wants.
    let made = tokio::process::Command::new(psql)
        .args(["-q", &format!("{server}/postgres"), "-c", &format!("CREATE DATABASE \"{name}\"")])
        .stderr(std::process::Stdio::null())
        .status()
        .await;
    made.expect("psql runs");
    Some(format!("{server}/{name}"))
}
