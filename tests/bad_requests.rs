//! Every kind of bad request gets its status, a code and a sentence, and changes
//! nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Server, text};

const BEN: &str = "+16001234561";

async fn raw(server: &Server, method: Method, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = server.request(method, path).header("Token", &server.key).header("Content-Type", kind).body(body);
    server.answer(request).await
}

/// Everything the account owns, to see that nothing was changed.
async fn everything(server: &Server) -> Value {
    json!({
        "devices": server.get("/v1/devices").await.ok(),
        "messages": server.get("/v1/messages").await.ok(),
        "webhooks": server.get("/v1/webhooks").await.ok(),
        "events": server.get("/v1/events?limit=500").await.ok()["cursor"],
    })
}

#[tokio::test]
async fn bodies_are_checked_strictly() {
    let server = Server::start().await;
    let id = server.device("Support").await;
    let before = everything(&server).await;
    let good = json!({ "device": id, "phone": BEN, "message": "hello" });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let long = "x".repeat(6001);
    for (body, code, part) in [
        (with("colour", json!("red")), "body:unknown_property", "colour"),
        (with("message", json!(7)), "body:invalid", "message"),
        (with("typing", json!("long")), "body:invalid", "typing"),
        (with("typing", json!(31)), "message:typing", "31"),
        (with("retries", json!(101)), "message:retries", "101"),
        (with("priority", json!("soon")), "body:invalid", "priority"),
        (with("phone", json!("12")), "phone:invalid", "12"),
        (with("group", json!("1@g.us")), "message:receiver", "group"),
        (with("message", json!(long)), "message:too_long", "6001"),
        (with("message", json!("  ")), "message:empty", "text"),
        (with("device", json!("short")), "device:invalid", "short"),
        (with("quote", json!("zz")), "message:quote", "zz"),
        (with("agent", json!("0123456789abcdef01234567")), "agent:notfound", "0123456789abcdef01234567"),
        (with("expiration", json!({ "seconds": 1 })), "message:expiration", "1"),
        (with("expiration", json!({ "seconds": 10, "hours": 1 })), "body:unknown_property", "hours"),
        (with("actions", json!([{ "action": "chat:explode" }])), "body:invalid", "chat:explode"),
        (json!({ "device": id, "message": "hello" }), "message:receiver", "no receiver"),
        (json!([1, 2]), "body:invalid", ""),
        (json!("text"), "body:invalid", ""),
    ] {
        let shown = body.to_string();
        let refusal = server.post("/v1/messages", body).await;
        assert_eq!(refusal.status, 400, "{shown}: {:#}", refusal.body);
        let refusal = refusal.body;
        let all = refusal.to_string();
        assert!(all.contains(part), "{shown}: {refusal:#}");
        if refusal["errorCode"] != code && !code.starts_with("body:") {
            panic!("{shown}: expected {code}: {refusal:#}");
        }
    }
    assert_eq!(before, everything(&server).await, "nothing was changed");
}

#[tokio::test]
async fn broken_and_oversized_bodies_are_refused() {
    let server = Server::start().await;
    let before = everything(&server).await;
    let broken = raw(&server, Method::POST, "/v1/devices", "application/json", "{\"alias\": ").await;
    broken.refused(400, "body:broken");
    let empty = raw(&server, Method::POST, "/v1/devices", "application/json", "").await;
    assert_eq!(empty.status, 400);
    let binary = raw(&server, Method::POST, "/v1/devices", "application/json", vec![0xff, 0xfe, 0x00]).await;
    assert_eq!(binary.status, 400);
    let wrong = raw(&server, Method::POST, "/v1/devices", "text/csv", "alias").await;
    assert_eq!(wrong.status, 415);
    let huge = format!("{{\"alias\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
    // The server may close before it has read everything it refuses.
    let request = server
        .request(Method::POST, "/v1/devices")
        .header("Token", &server.key)
        .header("Content-Type", "application/json")
        .body(huge);
    if let Ok(answer) = request.send().await {
        assert_eq!(answer.status(), 413);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = raw(&server, Method::POST, "/v1/devices", "application/json", deep).await;
    assert_eq!(deep.status, 400);
    assert_eq!(before, everything(&server).await, "nothing was changed");
}

#[tokio::test]
async fn keys_are_needed_and_stay_out_of_urls() {
    let server = Server::start().await;
    let ask = |header: Option<(&'static str, String)>| {
        let mut request = server.request(Method::GET, "/v1/devices");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        server.answer(request)
    };
    ask(None).await.refused(401, "auth:missing");
    ask(Some(("Token", "f".repeat(80)))).await.refused(401, "auth:invalid");
    ask(Some(("Token", "short".to_owned()))).await.refused(401, "auth:invalid");
    ask(Some(("Authorization", format!("Bearer {}", server.key)))).await.ok();
    ask(Some(("Authorization", server.key.clone()))).await.ok();
    ask(Some(("Token", server.key.clone()))).await.ok();
    let in_url = server.answer(server.request(Method::GET, &format!("/v1/devices?token={}", server.key))).await;
    assert!(in_url.status == 400 || in_url.status == 401, "{:#}", in_url.body);
    let key = server.post("/v1/apikeys", json!({ "name": "Other", "scopes": ["devices:read"] })).await.ok();
    let other = text(&key, "/key").to_owned();
    assert_eq!(other.len(), 80);
    ask(Some(("Token", other.clone()))).await.ok();
    server.delete(&format!("/v1/apikeys/{}", text(&key, "/id"))).await.ok();
    ask(Some(("Token", other))).await.refused(401, "auth:invalid");
}

#[tokio::test]
async fn paths_and_queries_are_checked() {
    let server = Server::start().await;
    let id = server.device("Support").await;
    server.get("/v1/nothing").await.refused(404, "route:notfound");
    server.get(&format!("/v1/devices/{id}/")).await.ok();
    server.get("/v1/devices/0123456789abcdef01234567").await.refused(404, "device:notfound");
    server.get("/v1/devices/xyz").await.refused(400, "device:invalid");
    let method = server.call(Method::PUT, "/v1/devices", Some(json!({}))).await;
    assert_eq!(method.status, 405);
    assert!(method.headers.contains_key("allow"));
    server.get("/v1/devices?colour=red").await.refused(400, "query:unknown");
    for query in ["size=0", "size=201", "size=many", "page=-1", "status=asleep"] {
        server.get(&format!("/v1/devices?{query}")).await.refused(400, "query:invalid");
    }
    server.get("/v1/messages?status%5B%5D=sent&status%5B%5D=failed").await.ok();
    assert_eq!(server.get("/v1/devices").await.headers.get("access-control-allow-origin"), None);
    assert!(server.get("/v1/devices").await.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn a_foreign_account_sees_nothing() {
    let server = Server::start().await;
    let id = server.device("Support").await;
    let hook = json!({ "name": "x", "url": "http://127.0.0.1:9/", "events": ["chat:update"] });
    let hook = server.post("/v1/webhooks", hook).await.ok();
    let message = server.send(&id, BEN, "mine").await;
    let made = server.command(&["account", "create", "Stranger", "--json"]).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    let key = text(&made, "/key").to_owned();
    let before = everything(&server).await;
    let (hook, message) = (text(&hook, "/id").to_owned(), text(&message, "/id").to_owned());
    for (method, path, body) in [
        (Method::GET, format!("/v1/devices/{id}"), None),
        (Method::PATCH, format!("/v1/devices/{id}"), Some(json!({ "alias": "stolen" }))),
        (Method::DELETE, format!("/v1/devices/{id}"), None),
        (Method::DELETE, format!("/v1/devices/{id}/chats"), Some(json!([BEN]))),
        (Method::GET, format!("/v1/devices/{id}/sync"), None),
        (Method::POST, format!("/v1/devices/{id}/start"), None),
        (Method::GET, format!("/v1/devices/{id}/scan"), None),
        (Method::POST, format!("/v1/devices/{id}/reset"), None),
        (Method::POST, format!("/v1/devices/{id}/reboot"), None),
        (Method::GET, format!("/v1/devices/{id}/health"), None),
        (Method::POST, format!("/v1/devices/{id}/authcode"), Some(json!({ "phone": BEN }))),
        (Method::POST, "/v1/messages".to_owned(), Some(json!({ "device": id, "phone": BEN, "message": "x" }))),
        (Method::GET, format!("/v1/messages/{message}"), None),
        (Method::GET, format!("/v1/webhooks/{hook}"), None),
        (Method::PATCH, format!("/v1/webhooks/{hook}"), Some(json!({ "name": "stolen" }))),
        (Method::DELETE, format!("/v1/webhooks/{hook}"), None),
        (Method::POST, format!("/v1/webhooks/{hook}/enable"), None),
        (Method::GET, format!("/v1/webhooks/{hook}/logs"), None),
        (Method::POST, format!("/v1/webhooks/{hook}/replay"), Some(json!({ "after": 0 }))),
    ] {
        let mut request = server.request(method.clone(), &path).header("Token", &key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = server.answer(request).await;
        assert_eq!(answer.status, 404, "{method} {path}: {:#}", answer.body);
    }
    for path in ["/v1/devices", "/v1/messages", "/v1/webhooks"] {
        let list = server.answer(server.request(Method::GET, path).header("Token", &key)).await.ok();
        assert_eq!(list, json!([]), "{path}");
    }
    let events = server.answer(server.request(Method::GET, "/v1/events").header("Token", &key)).await.ok();
    assert_eq!(events["events"], json!([]));
    assert_eq!(before, everything(&server).await, "nothing was changed");
}

#[tokio::test]
async fn who_asks_is_told() {
    let server = Server::start().await;
    let me = server.get("/v1/me").await.ok();
    assert!(me["account"]["id"].is_string());
    assert_eq!(me["user"]["role"], "admin");
    assert!(!me.to_string().contains(&server.key), "never the key itself");
}
