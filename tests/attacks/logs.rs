//! What the log tells of people: nothing.

use reqwest::Method;
use serde_json::json;

use crate::support::{ANA, BEN, Place, Server, eventually, text};

/// Words that are nowhere but in what this test does.
const SAID: &str = "the eagle lands at midnight";
const HEARD: &str = "bring the umbrella";
const NAME: &str = "Benedikta Quux";
const ALIAS: &str = "Hotline Zyx";
const NOTE: &str = "owes us a xylophone";
const PASSWORD: &str = "correct horse battery";
const EMAIL: &str = "wilhelmina@example.com";
const FORGED: &str = "2026-01-01T00:00:00.000000Z ERROR sparkbot: forged";

/// Does a bit of everything; what must not be told of it.
async fn traffic(place: &Place) -> Vec<String> {
    let (server, device) = (&place.server, &place.device.id);
    let receiver = server.receiver(&["message:in:new", "message:out:ack"]).await;
    place.ben.control(Method::PATCH, &place.ben.path(""), Some(json!({ "name": NAME }))).await.ok();
    place.arrives(json!({ "message": SAID })).await;
    place.ben.send(ANA, &format!("{HEARD}\n{FORGED}")).await;
    receiver.event("what Ben says", |event| event["event"] == "message:in:new").await;
    let picture = json!({ "kind": "document", "base64": "aGVsbG8=", "fileName": "ransom-note.txt" });
    place
        .ben
        .control(Method::POST, &place.ben.path("/messages"), Some(json!({ "to": ANA, "media": picture })))
        .await
        .ok();
    eventually("the document", || async {
        let files = server.get(&format!("/v1/chat/{device}/files")).await.ok();
        files.as_array().is_some_and(|files| !files.is_empty()).then_some(())
    })
    .await;
    server.patch(&format!("/v1/devices/{device}"), json!({ "alias": format!("{ALIAS}\n{FORGED}") })).await;
    server.patch(&format!("/v1/devices/{device}"), json!({ "alias": ALIAS })).await.ok();
    let chat = format!("/v1/chat/{device}/chats/16001234561@c.us");
    server.post(&format!("{chat}/notes"), json!({ "message": NOTE })).await.ok();
    server.get(&format!("/v1/chat/{device}/messages?search=umbrella")).await.ok();
    server.get(&format!("/v1/chat/{device}/contacts?search=Benedikta")).await.ok();
    server.get(&format!("/v1/numbers/exists?phone={}", BEN.replace('+', "%2B"))).await;
    server.post("/v1/numbers/exists", json!({ "phone": BEN, "device": device })).await;
    let member =
        json!({ "displayName": "Wilhelmina", "email": EMAIL, "password": PASSWORD, "role": "agent", "color": "teal" });
    server.post(&format!("/v1/devices/{device}/team"), member).await.ok();
    for password in ["wrong horse battery", PASSWORD] {
        let login = json!({ "email": EMAIL, "password": password });
        server.answer(server.request(Method::POST, "/v1/login").json(&login)).await;
    }
    // Refusals repeat what was sent; the log does not.
    let bad = "0badbadbad".repeat(8);
    server.answer(server.request(Method::GET, "/v1/me").header("Token", &bad)).await;
    server.answer(server.request(Method::GET, "/v1/me?token=").header("X-Request-Id", "x\u{9}y ERROR")).await;
    server.post("/v1/messages", json!({ "device": device, "phone": BEN, "message": SAID, "odd": SAID })).await;
    server.get(&format!("/v1/chat/{device}/messages/{HEARD}")).await;
    let hook = json!({ "name": "Hook", "url": "http://127.0.0.1:9/?secret=hunter2-in-url", "events": ["chat:update"] });
    let hook = server.post("/v1/webhooks", hook).await.ok();
    // A line that breaks, and comes again.
    place.ana.control(Method::POST, "/faults", Some(json!({ "kind": "drop" }))).await.ok();
    server.online(device).await;
    place.arrives(json!({ "message": format!("{SAID} again") })).await;
    server.post(&format!("/v1/devices/{device}/reset"), json!({})).await;

    let mut secrets: Vec<String> = [
        SAID,
        HEARD,
        NAME,
        ALIAS,
        NOTE,
        PASSWORD,
        EMAIL,
        &bad,
        "ransom-note",
        "hunter2-in-url",
        "xylophone",
        "wrong horse",
    ]
    .map(str::to_owned)
    .to_vec();
    secrets.extend([ANA, BEN].map(|number| number[2..].to_owned()));
    for number in [ANA, BEN] {
        let phone = place.ana.control(Method::GET, &format!("/phones/%2B{}", &number[1..]), None).await.ok();
        secrets.push(text(&phone, "/lid").split('@').next().expect("an id").to_owned());
    }
    secrets.extend([server.key.clone(), text(&hook, "/secret").to_owned()]);
    secrets
}

#[tokio::test]
async fn numbers_texts_names_and_keys_are_nowhere_in_the_log() {
    for format in ["text", "json"] {
        let server = Server::with(&["--log-level", "trace", "--log-format", format]).await;
        let place = Place::on(server).await;
        let secrets = traffic(&place).await;
        let log = std::fs::read_to_string(place.server.folder().join("server.log")).expect("the log");
        // Or there would be nothing to find.
        assert!(log.contains("TRACE") || log.contains("DEBUG"), "{format}: it tells too little");
        assert!(log.lines().count() > 20, "{format}: {} lines", log.lines().count());
        for secret in &secrets {
            let found = log.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
            assert_eq!(found, None, "{format}: '{secret}' is in the log");
        }
        // Nobody writes a line of their own.
        for line in log.lines() {
            let own = if format == "json" { line.starts_with("{\"timestamp\":") } else { line.starts_with("20") };
            assert!(own && !line.chars().any(|c| c.is_control() && c != '\t'), "{format}: {line:?}");
            assert!(!line.starts_with(FORGED), "{format}: a forged line");
        }
    }
}
