//! Names, messages and files that would be something else where they are shown:
//! markup, headers, lines, paths.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ANA, Answer, Place, eventually, text};

const SCRIPT: &str = "<script>alert(document.domain)</script>";
const PAGE: &str = "<!doctype html><script>alert(1)</script>";
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

/// An answer that no browser runs anything of.
#[track_caller]
fn harmless(answer: &Answer, what: &str) {
    let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().expect("text")).to_owned();
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert!(header("content-security-policy").starts_with("default-src 'none'"), "{what}");
    let kind = header("content-type");
    let saved = header("content-disposition").starts_with("attachment");
    assert!(kind.starts_with("application/json") || saved, "{what}: {kind}");
}

#[tokio::test]
async fn markup_in_names_and_messages_stays_text() {
    let place = Place::new().await;
    let server = &place.server;
    let receiver = server.receiver(&["message:in:new"]).await;
    let name = json!({ "name": SCRIPT });
    place.ben.control(Method::PATCH, &place.ben.path(""), Some(name)).await.ok();
    place.ben.send(ANA, SCRIPT).await;
    receiver.gets("message:in:new", SCRIPT).await;
    // A cell of a table that would be computed: there are no tables, it stays as it is.
    let formula = "=HYPERLINK(\"http://evil.example\",\"click\")";
    place.ben.send(ANA, formula).await;
    receiver.gets("message:in:new", formula).await;
    let device = &place.device.id;
    server.patch(&format!("/v1/devices/{device}"), json!({ "alias": SCRIPT })).await.ok();
    for path in [
        format!("/v1/chat/{device}/chats"),
        format!("/v1/chat/{device}/messages"),
        format!("/v1/chat/{device}/contacts"),
        "/v1/devices".to_owned(),
        "/v1/events".to_owned(),
        format!("/v1/devices/{SCRIPT}"),
        format!("/v1/devices?{SCRIPT}=1"),
        format!("/v1/chat/{device}/messages?search={SCRIPT}"),
    ] {
        let answer = server.get(&path).await;
        harmless(&answer, &path);
    }
    let page = server.answer(server.request(Method::GET, "/docs")).await;
    assert!(!String::from_utf8_lossy(&page.bytes).contains("alert("), "the page shows nothing of an account");
}

/// There is nothing that a spreadsheet would open, so nothing that it would compute.
#[tokio::test]
async fn no_operation_answers_with_a_table() {
    let document: Value = serde_json::from_str(include_str!("../../openapi.json")).expect("JSON");
    let mut kinds = std::collections::BTreeSet::new();
    for item in document["paths"].as_object().expect("paths").values() {
        for operation in item.as_object().expect("operations").values() {
            for answer in operation["responses"].as_object().into_iter().flat_map(|all| all.values()) {
                kinds.extend(answer["content"].as_object().into_iter().flat_map(|all| all.keys().cloned()));
            }
        }
    }
    assert!(kinds.contains("application/json"));
    let tables = ["csv", "excel", "spreadsheet", "tab-separated"];
    assert!(!kinds.iter().any(|kind| tables.iter().any(|table| kind.contains(table))), "{kinds:?}");
}

async fn files_of(place: &Place) -> Value {
    place.server.get(&format!("/v1/chat/{}/files?size=50", place.device.id)).await.ok()
}

#[tokio::test]
async fn files_that_browsers_would_run_are_saved_and_names_break_no_header() {
    let place = Place::new().await;
    let server = &place.server;
    for (kind, bytes) in
        [("text/html", PAGE), ("image/svg+xml", SVG), ("text/xml", SVG), ("application/xhtml+xml", PAGE)]
    {
        let uri = format!("data:{kind};base64,{}", STANDARD.encode(bytes));
        let made = server.post("/v1/files", json!({ "url": uri })).await;
        let Some(id) = made.body.pointer("/0/id").and_then(Value::as_str).or(made.body["meta"]["file"].as_str()) else {
            // The same bytes are there already.
            assert_eq!(made.status, 409, "{:#}", made.body);
            continue;
        };
        let answer = server.get(&format!("/v1/files/{id}/download")).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        harmless(&answer, kind);
        assert!(answer.headers["content-disposition"].to_str().expect("text").starts_with("attachment"), "{kind}");
    }
    // What a stranger sends, under a name that wants to be a header, a path, a line.
    let evil = "../../../etc/passwd\r\nSet-Cookie: a=b\r\n\r\n<script>\u{202e}lmth.html";
    let media = json!({ "kind": "document", "base64": STANDARD.encode(PAGE), "mime": "text/html\r\nX-Evil: 1", "fileName": evil });
    place
        .ben
        .control(Method::POST, &place.ben.path("/messages"), Some(json!({ "to": ANA, "media": media })))
        .await
        .ok();
    let file = eventually("the document to be there", || async {
        let files = files_of(&place).await;
        let file = files.as_array()?.first().cloned()?;
        let path = format!("/v1/chat/{}/files/{}/download", place.device.id, text(&file, "/id"));
        let answer = server.get(&path).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    harmless(&file, "a stranger's document");
    assert_eq!(file.bytes, PAGE.as_bytes());
    assert!(!file.headers.contains_key("set-cookie") && !file.headers.contains_key("x-evil"), "{:?}", file.headers);
    let disposition = file.headers["content-disposition"].to_str().expect("one line");
    let plain = disposition.split("; filename*=").next().expect("a part");
    assert!(plain.starts_with("attachment; filename=\"") && !plain.contains(['/', '<', '\\']), "{disposition}");
    // Nothing was written where the name pointed: bytes lie under names of our own.
    let strange = walk(&server.folder().join("data"));
    assert!(strange.iter().all(|name| !name.contains("passwd") && !name.contains(".html")), "{strange:?}");
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            names.extend(walk(&entry.path()));
        }
        names.push(entry.path().display().to_string());
    }
    names
}
