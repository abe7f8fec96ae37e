//! Requests and forms that were changed at random: none is a failure of the
//! server, and every refusal says what is wrong.

use axum::body::Body;
use axum::http::Request;
use sparkbot_core::clock::SystemClock;
use sparkbot_fuzz::{Fuzz, Random, change_json};
use std::sync::Arc;
use std::time::Duration;

use super::access::operations;
use super::support::{Answer, Surface};
use super::whatsapp::Fake;

/// A database is made anew after so many requests: lists should stay short.
const FRESH: u32 = 3000;
/// One request; none of these waits.
const PATIENCE: Duration = Duration::from_secs(40);
/// They hash passwords, follow URLs, wait, or end what all others need.
const LEFT_OUT: &[&str] = &[
    "login.create",
    "team.acceptInvitation",
    "team.create",
    "team.update",
    "files.upload",
    "events.list",
    "events.stream",
    "devices.delete",
    "session.scan",
];

struct Place {
    surface: Surface,
    device: String,
}

async fn place() -> Place {
    let fake = Fake::default();
    let surface = Surface::at(fake.clone(), Arc::new(SystemClock)).await;
    let made = surface.call("POST", "/v1/devices", Some(r#"{"alias":"Fuzzed"}"#)).await.json();
    let device = made["id"].as_str().expect("an id").to_owned();
    let started = surface.call("POST", &format!("/v1/devices/{device}/start"), None).await;
    assert!(started.status.is_success(), "{}", started.text);
    fake.comes_online().await;
    Place { surface, device }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// What has become of it, which is not the server's failure.
#[track_caller]
fn outcome(what: &str, answer: &Answer) -> String {
    let status = answer.status.as_u16();
    assert_ne!(status, 500, "{what}: {}", answer.text);
    if status < 400 {
        return format!("{what} {status}");
    }
    format!("{what} {}", answer.refusal().1)
}

/// Method, path with its query, and body of every operation, each on its line.
fn seeds() -> Vec<String> {
    let example = |path: &str| {
        let parts = path.split('/').map(|part| match part {
            "{device}" | "{DEVICE}" => "DEVICE",
            "{groupId}" => "120363012345678901@g.us",
            "{chatId}" => "16001234561@c.us",
            "{channelId}" => "120363012345678901@newsletter",
            part if part.starts_with('{') => "0123456789abcdef01234567",
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    };
    let mut all = Vec::new();
    for one in operations() {
        if LEFT_OUT.contains(&one.id.as_str()) {
            continue;
        }
        let (path, body) =
            (example(&one.path), one.body.unwrap_or_default().replace(crate::examples::DEVICE, "DEVICE"));
        if one.method == "GET" {
            let query = "size=2&page=0&sort=id:desc&search=a&phone=%2B16001234561&after=2026-01-01T00:00:00Z&ids=a,b";
            all.push(format!("GET\n{path}?{query}\n"));
            all.push(format!("GET\n{path}?device=DEVICE&devices[]=DEVICE&status=queued,sent&labels=a&from=1d\n"));
        }
        all.push(format!("{}\n{path}\n{body}", one.method));
    }
    all
}

#[test]
fn fuzz_requests() {
    let runtime = runtime();
    let mut now = runtime.block_on(place());
    let (mut count, mut random) = (0, Random::new(1));
    let words =
        ["DEVICE", "?size=", "&page=", "&search=", "%00", "null", "+16001234561", "@c.us", "@g.us", "2026-01-01"];
    Fuzz::new("requests").seeds(seeds()).words(words).patience(Duration::from_secs(60)).run(|input| {
        count += 1;
        if count % FRESH == 0 {
            now = runtime.block_on(place());
        }
        let text = String::from_utf8_lossy(input).replace("DEVICE", &now.device);
        let mut lines = text.splitn(3, '\n');
        let (method, path) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let mut body = lines.next().unwrap_or_default().as_bytes().to_vec();
        // Most changes of bytes break JSON; what is behind the parser is reached so.
        if random.one_in(2) {
            change_json(&mut random, &mut body);
        }
        let left_out = ["/v1/events", "/v1/login", "/v1/team", "/v1/files"];
        if (left_out.iter().any(|start| path.starts_with(start)) && method != "GET")
            || path.contains("/events")
            || path.contains("/scan")
            || (path.contains("/team") && method != "GET")
            || (method == "DELETE" && path.trim_end_matches('/').ends_with(&now.device))
        {
            return "left out".to_owned();
        }
        let request = Request::builder().method(method).uri(path).header("token", &now.surface.key);
        let Ok(request) = request.header("content-type", "application/json").body(Body::from(body)) else {
            return "no request".to_owned();
        };
        let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, now.surface.send(request)).await });
        let answer = answer.unwrap_or_else(|_| panic!("{method} {path} hangs"));
        let route = path.split(['?', '/']).nth(2).unwrap_or_default();
        outcome(&format!("{method} {}", route.get(..12).unwrap_or(route)), &answer)
    });
}

#[test]
fn fuzz_uploads() {
    let runtime = runtime();
    let mut now = runtime.block_on(place());
    let mut count = 0;
    let part = |name: &str, more: &str, content: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n")
    };
    let file = "; filename=\"a.txt\"";
    let seeds = [
        part("file", file, "hello") + "--XX--\r\n",
        part("reference", "", "r-1")
            + &part("tags[]", "", "a")
            + &part("tags", "", "b,c")
            + &part("file", file, "x")
            + "--XX--\r\n",
        part("expiration", "", "10m")
            + &part("permission", "", "private")
            + &part("file", "; filename*=UTF-8''n%C3%B6te.txt", "y")
            + "--XX--\r\n",
        part("file", "; filename=\"../../x\"\r\nContent-Type: image/png", "\u{89}PNG\r\n\u{1a}\n") + "--XX--\r\n",
    ];
    let words = [
        "--XX",
        "--XX--\r\n",
        "\r\n\r\n",
        "Content-Disposition: ",
        "form-data; ",
        "name=\"",
        "filename=\"",
        "filename*=UTF-8''",
    ];
    Fuzz::new("uploads").seeds(seeds).words(words).patience(Duration::from_secs(60)).run(|input| {
        count += 1;
        if count % FRESH == 0 {
            now = runtime.block_on(place());
        }
        let sent = now.surface.send_bytes("/v1/files", "multipart/form-data; boundary=XX", input.to_vec());
        let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, sent).await }).expect("it does not hang");
        outcome("upload", &answer)
    });
}
