//! Webhooks: what is promised to receivers.

use reqwest::Method;
use serde_json::json;

use crate::support::{Receiver, Sandbox, Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";

#[tokio::test]
async fn webhooks_are_made_listed_changed_and_deleted() {
    let server = Server::start().await;
    let device = server.device("Support").await;
    let body = json!({ "name": "Orders", "url": "http://127.0.0.1:9/hook?x=1", "events": ["message:in:new"], "device": device });
    let made = server.post("/v1/webhooks", body.clone()).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let id = text(&made, "/id").to_owned();
    assert!(text(&made, "/secret").len() >= 32);
    let path = format!("/v1/webhooks/{id}");
    let shown = server.get(&path).await.ok();
    assert!(shown.get("secret").is_none(), "the secret is told only once");
    assert_eq!(shown["device"]["id"], device.as_str());
    let again = server.post("/v1/webhooks", body).await.refused(409, "webhook:exists");
    assert_eq!(again["meta"]["webhook"], id.as_str());

    assert_eq!(server.get("/v1/webhooks?search=order").await.ok()[0]["id"], id.as_str());
    assert_eq!(
        server.get(&format!("/v1/webhooks?devices={device}&status=active")).await.ok().as_array().expect("list").len(),
        1
    );
    assert_eq!(server.get("/v1/webhooks?status=disabled").await.ok().as_array().expect("list").len(), 0);
    let changed = server
        .patch(&path, json!({ "name": "All orders", "url": "http://127.0.0.1:9/other", "events": ["chat:update"] }))
        .await
        .ok();
    assert_eq!(changed["name"], "All orders");
    assert_eq!(changed["events"], json!(["chat:update"]));
    for (bad, code) in [
        (json!({ "name": "", "url": "http://127.0.0.1:9/", "events": ["chat:update"] }), "webhook:name"),
        (json!({ "name": "x", "url": "ftp://example.com/", "events": ["chat:update"] }), "webhook:url"),
        (json!({ "name": "x", "url": "http://10.0.0.1/", "events": ["chat:update"] }), "webhook:url"),
        (json!({ "name": "x", "url": "http://169.254.169.254/latest", "events": ["chat:update"] }), "webhook:url"),
        (json!({ "name": "x", "url": "http://127.0.0.1:9/", "events": [] }), "webhook:events"),
    ] {
        server.post("/v1/webhooks", bad).await.refused(400, code);
    }
    server.delete(&path).await.ok();
    server.get(&path).await.refused(404, "webhook:notfound");
}

#[tokio::test]
async fn a_failing_receiver_gets_everything_in_order_once_it_is_back() {
    let server = Server::with(&["--set", "webhooks.retry_gaps=[\"200ms\",\"200ms\",\"400ms\",\"1s\"]"]).await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new"]).await;
    server.linked("Support", &ana).await;
    receiver.answers(&[500, 503, 302]);
    for n in 0..5 {
        ben.send(ANA, &format!("event {n}")).await;
    }
    receiver.gets("message:in:new", "event 4").await;
    let bodies: Vec<_> = receiver.events().iter().map(|e| text(e, "/data/body").to_owned()).collect();
    assert_eq!(bodies, ["event 0", "event 1", "event 2", "event 3", "event 4"]);
    // Lines of the log are written together, shortly after the deliveries.
    eventually("every try in the log", || async {
        let logs = server.get(&format!("/v1/webhooks/{}/logs?size=50", receiver.webhook())).await.ok();
        let tried: Vec<_> = logs.as_array()?.iter().filter_map(|l| l["responseStatus"].as_i64()).collect();
        [500, 503, 302, 200].iter().all(|status| tried.contains(status)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_disabled_webhook_catches_up_and_replay_repeats() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new"]).await;
    let path = format!("/v1/webhooks/{}", receiver.webhook());
    server.linked("Support", &ana).await;
    ben.send(ANA, "first").await;
    receiver.gets("message:in:new", "first").await;
    server.patch(&path, json!({ "status": "disabled" })).await.ok();
    ben.send(ANA, "second").await;
    eventually("the event in the log", || async {
        let log = server.get("/v1/events?events=message:in:new").await.ok();
        (log["events"].as_array()?.len() == 2).then_some(())
    })
    .await;
    assert_eq!(receiver.deliveries(), 1);
    let enabled = server.call(Method::POST, &format!("{path}/enable"), None).await.ok();
    assert_eq!(enabled["status"], "active");
    receiver.gets("message:in:new", "second").await;
    server.post(&format!("{path}/replay"), json!({ "after": 0 })).await.ok();
    eventually("both again", || async { (receiver.deliveries() >= 4).then_some(()) }).await;
    assert_eq!(receiver.events().len(), 2, "repeats keep their ids");
}

#[tokio::test]
async fn the_event_log_is_read_by_cursor_and_followed() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    server.linked("Support", &ana).await;
    let log = server.get("/v1/events?limit=2").await.ok();
    assert_eq!(log["events"].as_array().expect("events").len(), 2);
    let cursor = log["cursor"].as_i64().expect("cursor");
    assert_eq!(log["events"][1]["seq"], cursor);
    let end = server.get("/v1/events?limit=500").await.ok()["cursor"].as_i64().expect("cursor");

    let mut stream = server
        .request(Method::GET, &format!("/v1/events/stream?after={end}&events=message:in:new"))
        .header("Token", &server.key)
        .send()
        .await
        .expect("a stream");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    ben.send(ANA, "over the stream").await;
    let waited = server.get(&format!("/v1/events?after={end}&events=message:in:new&wait=30")).await.ok();
    assert_eq!(waited["events"][0]["data"]["body"], "over the stream");
    let mut seen = String::new();
    while !seen.contains("over the stream") {
        let part =
            tokio::time::timeout(crate::support::DEADLINE, stream.chunk()).await.expect("in time").expect("bytes");
        seen.push_str(&String::from_utf8_lossy(&part.expect("not ended")));
    }
    assert!(
        seen.contains(&format!("id: {}", waited["events"][0]["seq"]))
            || seen.contains(&format!("id:{}", waited["events"][0]["seq"]))
    );
    server.get("/v1/events?events=no:such").await.refused(400, "query:invalid");
}

#[tokio::test]
async fn what_happens_while_the_server_is_down_is_told_when_it_is_back() {
    let sandbox = Sandbox::start(3).await;
    let mut server = Server::on(&sandbox, &[]).await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = Receiver::start().await;
    let body = json!({ "name": "Test", "url": receiver.url(), "events": ["message:in:new"] });
    let webhook = server.post("/v1/webhooks", body).await.ok();
    receiver.trust(text(&webhook, "/secret"), text(&webhook, "/id"));
    server.linked("Support", &ana).await;
    server.kill().await;
    for n in 0..10 {
        ben.send(ANA, &format!("offline {n}")).await;
    }
    let server = server.again().await;
    receiver.gets("message:in:new", "offline 9").await;
    let bodies: Vec<_> = receiver.events().iter().map(|e| text(e, "/data/body").to_owned()).collect();
    assert_eq!(bodies, (0..10).map(|n| format!("offline {n}")).collect::<Vec<_>>());
    drop(server);
}
