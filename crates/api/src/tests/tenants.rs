//! Every operation of the document, asked with ids of things that really exist
//! by those to whom they do not belong: another account, an agent who does not
//! see the chat, and somebody of another number. What was added since this was
//! written is asked, too: ids come from the lists themselves.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use sparkbot_core::accounts;
use sparkbot_core::network::{MediaInfo, MediaKind, Received, ReceivedContent};

use super::access::{Operation, operations};
use super::support::{Answer, HandClock, Surface};
use super::whatsapp::{Fake, from};
use crate::access::{Need, need};
use crate::examples;

const BEN: &str = "16001234561@c.us";
/// Parameters that name something of a chat.
const SAID: &[&str] = &["chatId", "messageId", "fileId"];
/// What nobody else may read.
const SECRET: &str = "between us two";

/// An account with one of everything, and those who should see nothing of it.
struct World {
    surface: Surface,
    fake: Fake,
    device: String,
    /// Of each list's path the id of something in it.
    known: BTreeMap<String, String>,
    foreign: String,
    /// An agent of the number; the chat is somebody else's.
    blind: String,
    /// A supervisor of another number.
    elsewhere: String,
}

impl World {
    async fn new() -> Self {
        let (fake, clock) = (Fake::default(), HandClock::at("2026-01-05T10:00:00Z"));
        let surface = Surface::at(fake.clone(), clock).await;
        let device = id(&surface.call("POST", "/v1/devices", Some(r#"{"alias":"Support"}"#)).await.json());
        let other = id(&surface.call("POST", "/v1/devices", Some(r#"{"alias":"Sales"}"#)).await.json());
        let started = surface.call("POST", &format!("/v1/devices/{device}/start"), None).await;
        assert!(started.status.is_success(), "{}", started.text);
        fake.comes_online().await;
        let foreign = accounts::create(&surface.core, "Others").await.expect("another account").secret;
        let blind = member(&surface, &device, "blind", "agent").await;
        let elsewhere = member(&surface, &other, "elsewhere", "supervisor").await;
        let mut it =
            Self { surface, fake, device, known: BTreeMap::new(), foreign, blind: blind.1, elsewhere: elsewhere.1 };
        it.fill().await;
        it
    }

    /// One of everything, as far as the document's examples make it.
    async fn fill(&mut self) {
        let owner = member(&self.surface, &self.device, "owner", "agent").await.0;
        let now = self.surface.core.now();
        let media = MediaInfo { kind: MediaKind::Document, file_name: Some("secret.pdf".to_owned()), ..media() };
        let file = Received {
            content: ReceivedContent::Media(Box::new(media)),
            ..from(BEN, BEN, "3EB0000000000000000001", "document", Some(SECRET), now)
        };
        let text = from(BEN, BEN, "3EB0000000000000000002", "text", Some(SECRET), now + 1);
        self.fake.delivers(&[file, text]).await;
        // What is in the queue stays there.
        self.made("POST", &format!("/v1/devices/{}/queue", self.device), json!({ "status": "pause" })).await;
        let said = json!({ "device": self.device, "phone": "+16001234561", "message": SECRET });
        let said = id(&self.made("POST", "/v1/messages", said).await);
        self.known.insert("/v1/messages".to_owned(), said);
        self.known.insert("/v1/chat/{device}/chats".to_owned(), BEN.to_owned());
        let data = "data:text/plain;base64,aGVsbG8=";
        self.made("POST", "/v1/files", json!({ "url": data, "permission": "private" })).await;
        for operation in operations().iter().filter(|operation| operation.method == "POST") {
            // What makes the number lose its state, or needs no key, makes nothing.
            let spoils = operation.path.contains("/{device}/re") || operation.id == "queue.set";
            if spoils || need(&operation.id) == Some(Need::Open) {
                continue;
            }
            self.ask(operation, &self.surface.key).await;
        }
        self.made("PATCH", &format!("/v1/chat/{}/chats/{BEN}/owner", self.device), json!({ "agent": owner })).await;
        for operation in operations() {
            for (list, _) in lists(&operation.path) {
                let path = self.path(&list);
                if self.known.contains_key(&list) {
                    continue;
                }
                let answer = self.surface.get(&path).await;
                let found = serde_json::from_str::<Value>(&answer.text).ok();
                let found = found.as_ref().and_then(|all| all.as_array()?.iter().find_map(|one| one["id"].as_str()));
                if let Some(found) = found {
                    self.known.insert(list, found.to_owned());
                }
            }
        }
        for list in ["/v1/messages", "/v1/files", "/v1/webhooks", "/v1/apikeys"] {
            assert!(self.known.contains_key(list), "there is nothing in {list}");
        }
        for list in ["chats", "messages", "files"] {
            assert!(self.known.contains_key(&format!("/v1/chat/{{device}}/{list}")), "there is nothing in {list}");
        }
    }

    async fn made(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.surface.call(method, path, Some(&body.to_string())).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
        answer.json()
    }

    /// The path with ids of things that exist; dummies where there are none.
    fn path(&self, template: &str) -> String {
        let (mut path, mut list) = (String::new(), String::new());
        for part in template.split('/').skip(1) {
            path.push('/');
            match part {
                "{device}" => path.push_str(&self.device),
                part if part.starts_with('{') => {
                    path.push_str(self.known.get(&list).map_or("120363012345678901@g.us", String::as_str));
                }
                part => path.push_str(part),
            }
            list.push('/');
            list.push_str(part);
        }
        path
    }

    fn request(&self, operation: &Operation, key: &str) -> Request<Body> {
        let request = Request::builder().method(operation.method.as_str()).uri(self.path(&operation.path));
        let request = request.header("token", key);
        let Some(body) = &operation.body else { return request.body(Body::empty()).expect("a request") };
        let mut body = body.replace(examples::DEVICE, &self.device);
        for (example, list) in
            [(examples::FILE, "/v1/files"), (examples::MESSAGE, "/v1/messages"), (examples::WEBHOOK, "/v1/webhooks")]
        {
            if let Some(real) = self.known.get(list) {
                body = body.replace(example, real);
            }
        }
        request.header("content-type", "application/json").body(Body::from(body)).expect("a request")
    }

    async fn ask(&self, operation: &Operation, key: &str) -> Answer {
        self.surface.send(self.request(operation, key)).await
    }

    /// Everything that the administrator reads of the account.
    async fn everything(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for operation in operations().iter().filter(|operation| operation.method == "GET") {
            let changes_by_itself = ["events.", "audit.", "session.", "service.", "me."];
            // Reading these does something, or is counted.
            let does = ["sync", "download", "preview"];
            if changes_by_itself.iter().any(|start| operation.id.starts_with(start))
                || does.iter().any(|end| operation.id.ends_with(end))
            {
                continue;
            }
            let answer = self.ask(operation, &self.surface.key).await;
            if answer.status.is_success() {
                all.insert(operation.id.clone(), without_tokens(&answer.text));
            }
        }
        all
    }
}

/// Links to files are signed anew each time.
fn without_tokens(text: &str) -> String {
    let mut parts = text.split("token=");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.trim_start_matches(|c: char| c != '"'));
    }
    kept
}

fn media() -> MediaInfo {
    MediaInfo {
        kind: MediaKind::Document,
        mime: Some("application/pdf".to_owned()),
        size: Some(25),
        sha256: None,
        file_name: None,
        width: None,
        height: None,
        seconds: None,
        pages: None,
        thumbnail: None,
        waveform: None,
        view_once: false,
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

/// Somebody of a number's team: id and key.
async fn member(surface: &Surface, device: &str, name: &str, role: &str) -> (String, String) {
    let (email, password) = (format!("{name}@example.org"), "correct horse battery");
    let new = json!({ "displayName": name, "email": email, "password": password, "role": role, "color": "teal" });
    let made = surface.call("POST", &format!("/v1/devices/{device}/team"), Some(&new.to_string())).await;
    let login = json!({ "email": email, "password": password }).to_string();
    let come = surface.call("POST", "/v1/login", Some(&login)).await.json();
    (id(&made.json()), come["key"].as_str().expect("a key").to_owned())
}

/// The lists that ids of a path come from, with the parameter's name.
fn lists(path: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in path.match_indices("/{") {
        let name = path[at + 2..].split('}').next().unwrap_or_default();
        if name != "device" {
            found.push((path[..at].to_owned(), name.to_owned()));
        }
    }
    found
}

fn asked() -> Vec<Operation> {
    let open = |operation: &Operation| matches!(need(&operation.id), None | Some(Need::Open | Need::Key));
    // The stream never ends; the table's own test asks it.
    operations().into_iter().filter(|one| !open(one) && one.id != "events.stream").collect()
}

#[tokio::test]
async fn another_account_finds_nothing_and_changes_nothing() {
    let world = World::new().await;
    let before = world.everything().await;
    assert!(before.len() > 15, "too little is read to tell: {:?}", before.keys());
    let mut wrong = String::new();
    for operation in asked() {
        let answer = world.ask(&operation, &world.foreign).await;
        let status = answer.status.as_u16();
        let names_a_thing = operation.path.contains('{');
        let fine = if operation.path.contains("{device}") {
            status == 404
        } else if names_a_thing {
            matches!(status, 400 | 403 | 404)
        } else {
            // 503: it has no number of its own to ask through.
            !matches!(status, 401 | 403) && (status < 500 || status == 503)
        };
        // What a request says itself, its answer may repeat.
        let said = operation.body.is_some();
        let shown = !said && (answer.text.contains(SECRET) || (!names_a_thing && answer.text.contains(&world.device)));
        let ours = world.known.values().any(|id| !said && !names_a_thing && answer.text.contains(id));
        if !fine || shown || ours {
            writeln!(wrong, "{}: {status} {}", operation.id, answer.text).expect("text");
        }
    }
    assert!(wrong.is_empty(), "another account has got at:\n{wrong}");
    let after = world.everything().await;
    for (operation, text) in &before {
        assert_eq!(after.get(operation), Some(text), "{operation} was changed by another account");
    }
}

#[tokio::test]
async fn an_agent_finds_nothing_of_chats_that_are_somebody_elses() {
    let world = World::new().await;
    let before = world.everything().await;
    let mut wrong = String::new();
    for operation in asked() {
        let of_the_chat =
            operation.path.starts_with("/v1/chat/{device}/") || operation.path.starts_with("/v1/messages/");
        let names_it = of_the_chat && lists(&operation.path).iter().any(|(_, name)| SAID.contains(&name.as_str()));
        let reads = operation.method == "GET";
        // Who is in a group is told to everybody of the number.
        if !(names_it || reads) || operation.id == "chats.participants" {
            continue;
        }
        let answer = world.ask(&operation, &world.blind).await;
        let status = answer.status.as_u16();
        let refused = matches!(status, 403 | 404);
        if (names_it && !refused) || status == 401 || answer.text.contains(SECRET) || answer.text.contains("secret.pdf")
        {
            writeln!(wrong, "{}: {status} {}", operation.id, answer.text).expect("text");
        }
    }
    assert!(wrong.is_empty(), "an agent has got at somebody else's chat:\n{wrong}");
    // Neither by writing into it nor by passing on what was said there.
    let device = &world.device;
    for (body, status, code) in [
        (json!({ "device": device, "phone": "+16001234561", "message": "me too" }), 403, "chat:forbidden"),
        (
            json!({ "device": device, "phone": "+16001234569", "forward": { "message": "3EB0000000000000000002" } }),
            404,
            "message:notfound",
        ),
        (
            json!({ "device": device, "phone": "+16001234569", "message": "x", "quote": "3EB0000000000000000002" }),
            404,
            "message:notfound",
        ),
    ] {
        let request = Request::builder().method("POST").uri("/v1/messages").header("token", &world.blind);
        let request = request.header("content-type", "application/json").body(Body::from(body.to_string()));
        let (found, error, _) = world.surface.send(request.expect("a request")).await.refusal();
        assert_eq!((found, error.as_str()), (status, code), "{body}");
    }
    let after = world.everything().await;
    for (operation, text) in before.iter().filter(|(id, _)| id.starts_with("chat") || id.starts_with("messages")) {
        assert_eq!(after.get(operation), Some(text), "{operation} was changed by an agent");
    }
}

#[tokio::test]
async fn who_works_with_another_number_is_refused_by_name() {
    let world = World::new().await;
    let mut wrong = String::new();
    for operation in asked() {
        let of_a_number = operation.path.contains("{device}");
        let of_a_message = operation.path.starts_with("/v1/messages/{");
        if !of_a_number && !of_a_message && operation.method != "GET" {
            continue;
        }
        let answer = world.ask(&operation, &world.elsewhere).await;
        let status = answer.status.as_u16();
        let refused = matches!(status, 403 | 404);
        let needs_it = of_a_number || of_a_message;
        if (needs_it && !refused) || status == 401 || answer.text.contains(SECRET) {
            writeln!(wrong, "{}: {status} {}", operation.id, answer.text).expect("text");
        }
    }
    assert!(wrong.is_empty(), "somebody of another number has got at:\n{wrong}");
}
