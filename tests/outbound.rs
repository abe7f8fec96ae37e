//! Outbound messages: scheduled, changed, deleted, found, expired.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Sandbox, Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
const CAM: &str = "+16001234562";

fn ahead(seconds: i64) -> String {
    (crate::support::now() + jiff::SignedDuration::from_secs(seconds)).to_string()
}

async fn post(server: &Server, body: Value) -> Value {
    let answer = server.post("/v1/messages", body).await;
    assert_eq!(answer.status, 201, "{:#}", answer.body);
    answer.ok()
}

async fn message(server: &Server, id: &str) -> Value {
    server.get(&format!("/v1/messages/{id}")).await.ok()
}

#[tokio::test]
async fn a_scheduled_message_leaves_at_its_time_and_not_before() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let body = |name: &str| json!({ "device": device.id, "phone": BEN, "message": name });
    let with = |name: &str, field: &str, value: Value| {
        let mut body = body(name);
        body[field] = value;
        body
    };
    let far = post(&server, with("tomorrow", "schedule", json!({ "delayTo": "1d" }))).await;
    let dated = post(&server, with("by date", "schedule", json!({ "date": ahead(3) }))).await;
    let delayed = post(&server, with("by delay", "schedule", json!({ "delay": 2 }))).await;
    let at = post(&server, with("by deliverAt", "deliverAt", json!(ahead(4)))).await;
    let now = post(&server, with("at once", "schedule", json!({ "enabled": false, "delay": 600 }))).await;
    for (sent, shown) in [(&now, "at once"), (&delayed, "by delay"), (&dated, "by date"), (&at, "by deliverAt")] {
        ben.receives(shown).await;
        let done = server.delivery(text(sent, "/id"), &["delivered", "read"]).await;
        let (due, left) = (text(&done, "/deliverAt").to_owned(), text(&done, "/processedAt").to_owned());
        assert!(left >= due, "{shown} left at {left}, before {due}");
    }
    assert_eq!(message(&server, text(&far, "/id")).await["status"], "queued");
    assert_eq!(ben.messages().await.len(), 4);
    for bad in [
        json!({ "schedule": { "delay": 10, "delayTo": "1h" } }),
        json!({ "schedule": { "delayTo": "soon" } }),
        json!({ "schedule": { "delay": 31_622_401 } }),
        json!({ "deliverAt": "2020-01-01T00:00:00Z" }),
        json!({ "deliverAt": ahead(400 * 86_400) }),
        json!({ "deliverAt": ahead(60), "live": true }),
    ] {
        let mut body = body("no");
        for (name, value) in bad.as_object().expect("an object") {
            body[name] = value.clone();
        }
        server.post("/v1/messages", body).await.refused(400, "message:schedule");
    }
}

#[tokio::test]
async fn what_was_due_while_the_server_was_down_is_sent_or_has_expired() {
    let sandbox = Sandbox::start(11).await;
    let mut server = Server::on(&sandbox, &[]).await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let scheduled = |name: &str, expiration: Value| json!({ "device": device.id, "phone": BEN, "message": name, "deliverAt": ahead(2), "expiration": expiration });
    let stays = post(&server, scheduled("still worth it", json!({ "duration": "1h" }))).await;
    let ends = post(&server, scheduled("too late by then", json!({ "seconds": 5 }))).await;
    let dated = post(&server, scheduled("too late by date", json!({ "date": ahead(5) }))).await;
    server.kill().await;
    let over: jiff::Timestamp = text(&ends, "/expiresAt").parse().expect("a date");
    eventually("its end to pass", || async { (crate::support::now() > over).then_some(()) }).await;
    let server = server.again().await;
    ben.receives("still worth it").await;
    server.delivery(text(&stays, "/id"), &["delivered", "read"]).await;
    let ended = eventually("the other to expire", || async {
        let message = message(&server, text(&ends, "/id")).await;
        (message["status"] == "expired").then_some(message)
    })
    .await;
    assert_eq!(ended["failureCode"], "message:expired");
    assert!(ended["expiredAt"].is_string());
    assert_eq!(message(&server, text(&dated, "/id")).await["status"], "expired");
    assert_eq!(ben.messages().await.len(), 1);
}

#[tokio::test]
async fn a_message_is_changed_while_it_waits() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let cam = server.phone(CAM, "Cam").await;
    let device = server.linked("Support", &ana).await;
    let other = server.linked("Other", &ben).await;
    let me = server.get("/v1/me").await.ok();
    let waiting = json!({
        "device": device.id, "phone": BEN, "message": "draft", "deliverAt": ahead(3600), "reference": "r-1",
    });
    let sent = post(&server, waiting.clone()).await;
    let path = format!("/v1/messages/{}", text(&sent, "/id"));
    let changed = server
        .patch(
            &path,
            json!({
                "message": "final", "phone": CAM, "device": other.id, "agent": me["user"]["id"], "priority": "high",
                "reference": "r-2", "label": "vip",
            }),
        )
        .await
        .ok();
    assert_eq!((&changed["message"], &changed["phone"]), (&json!("final"), &json!(CAM)));
    assert_eq!((&changed["priority"], &changed["reference"]), (&json!("high"), &json!("r-2")));
    assert_eq!(changed["device"]["id"], other.id.as_str());
    assert_eq!(changed["agent"]["id"], me["user"]["id"]);
    assert_eq!(changed["options"]["label"], "vip");
    for (field, to, wid) in [
        ("group", "120363012345678901@g.us", "120363012345678901@g.us"),
        ("channel", "120363012345678901@newsletter", "120363012345678901@newsletter"),
        ("chat", "16001234562@c.us", "16001234562@c.us"),
    ] {
        assert_eq!(server.patch(&path, json!({ field: to })).await.ok()["wid"], wid);
    }
    let removed = server.patch(&path, json!({ "remove": ["reference"] })).await.ok();
    assert_eq!(removed["reference"], Value::Null);
    server.patch(&path, json!({ "remove": ["media"] })).await.refused(400, "message:remove");
    server.patch(&path, json!({ "remove": ["everything"] })).await.refused(400, "body:invalid");
    server.patch(&path, json!({ "phone": BEN, "chat": BEN })).await.refused(400, "message:receiver");
    server.patch(&path, json!({ "message": "x".repeat(6001) })).await.refused(400, "message:too_long");
    server.patch(&path, json!({ "message": "" })).await.refused(400, "message:empty");
    server.patch(&path, json!({ "deliverAt": "2020-01-01T00:00:00Z" })).await.refused(400, "message:schedule");
    server.patch(&path, json!({ "agent": "0123456789abcdef01234567" })).await.refused(400, "agent:notfound");
    server.patch(&path, json!({ "device": "0123456789abcdef01234567" })).await.refused(404, "device:notfound");
    server.patch("/v1/messages/0123456789abcdef01234567", json!({})).await.refused(404, "message:notfound");

    server.patch(&path, json!({ "deliverAt": ahead(0) })).await.ok();
    let shown = cam.receives("final").await;
    assert_eq!(shown["id"], sent["waId"]);
    server.delivery(text(&sent, "/id"), &["delivered", "read"]).await;
    server.patch(&path, json!({ "message": "too late" })).await.refused(409, "message:not_queued");

    // A place loses its address, and then what makes it a place.
    let mut place = waiting.clone();
    place["message"] = Value::Null;
    place["location"] = json!({ "coordinates": [1.5, 2.5], "address": "1 High Street" });
    let place = format!("/v1/messages/{}", text(&post(&server, place).await, "/id"));
    let bare = server.patch(&place, json!({ "remove": ["location.address"] })).await.ok();
    assert_eq!(bare["location"], json!({ "coordinates": [1.5, 2.5] }));
    server.patch(&place, json!({ "remove": ["location.coordinates"] })).await.refused(400, "location:invalid");
    let text_now = server.patch(&place, json!({ "remove": ["location"], "message": "a text" })).await.ok();
    assert_eq!((&text_now["type"], &text_now["location"]), (&json!("text"), &Value::Null));

    // A file loses what is said of it.
    let mut file = waiting;
    file["message"] = Value::Null;
    let id = "0123456789abcdef01234567";
    file["media"] = json!({ "url": "https://example.com/a.png", "message": "look", "reference": "f-1" });
    let file = format!("/v1/messages/{}", text(&post(&server, file).await, "/id"));
    let less = server.patch(&file, json!({ "remove": ["media.reference", "media.message"] })).await.ok();
    assert_eq!(less["media"], json!({ "url": "https://example.com/a.png" }));
    assert_eq!(less["message"], Value::Null);
    server.patch(&file, json!({ "remove": ["media.file"] })).await.refused(400, "message:remove");
    let gone = server.patch(&file, json!({ "remove": ["media"], "message": "no file" })).await.ok();
    assert_eq!(gone["type"], "text");
    assert_ne!(gone["id"], id);
}

#[tokio::test]
async fn a_message_that_may_have_arrived_keeps_what_it_says() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    // Neither its ack nor a receipt comes: it waits for its next try.
    let control = server.phone(BEN, "Ben").await;
    control.control(Method::PUT, "/phones/16001234561/script", Some(json!({ "receipts": false }))).await.ok();
    ana.fault(json!({ "kind": "lose_acks", "count": 1 })).await;
    let sent = server.send(&device.id, BEN, "perhaps there").await;
    let path = format!("/v1/messages/{}", text(&sent, "/id"));
    let refused = eventually("a change to be refused", || async {
        let answer = server.patch(&path, json!({ "message": "another" })).await;
        (answer.status == 409).then_some(answer)
    })
    .await;
    assert!(["message:not_queued", "message:tried"].contains(&text(&refused.body, "/errorCode")));
    control.receives("perhaps there").await;
    assert!(control.messages().await.iter().all(|m| m["text"] != "another"));
}

#[tokio::test]
async fn a_message_is_taken_out_of_the_queue_and_forgotten() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:out:removed"]).await;
    let device = server.linked("Support", &ana).await;
    let body = json!({ "device": device.id, "phone": BEN, "message": "never", "deliverAt": ahead(3600) });
    let sent = post(&server, body.clone()).await;
    let path = format!("/v1/messages/{}", text(&sent, "/id"));
    let gone = server.delete(&path).await.ok();
    assert_eq!((&gone["id"], &gone["deleted"]), (&sent["id"], &json!(true)));
    receiver.gets("message:out:removed", "never").await;
    let kept = message(&server, text(&sent, "/id")).await;
    assert_eq!((&kept["status"], &kept["deliveryStatus"]), (&json!("removed"), &json!("cancelled")));
    server.delete(&path).await.refused(409, "message:not_queued");
    server.delete(&format!("{path}?force=true")).await.ok();
    server.get(&path).await.refused(404, "message:notfound");
    server.delete(&path).await.refused(404, "message:notfound");

    let out = server.send(&device.id, BEN, "already there").await;
    server.delivery(text(&out, "/id"), &["delivered", "read"]).await;
    let path = format!("/v1/messages/{}", text(&out, "/id"));
    server.delete(&path).await.refused(409, "message:not_queued");
    server.delete(&format!("{path}?force=true")).await.ok();
    server.get(&path).await.refused(404, "message:notfound");
    assert_eq!(ben.messages().await.len(), 1, "what was sent stays with its receiver");
}

#[tokio::test]
async fn messages_are_found_by_each_of_the_filters() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let me = server.get("/v1/me").await.ok();
    let user = text(&me, "/user/id");
    let sent = post(
        &server,
        json!({ "device": device.id, "phone": BEN, "message": "apples", "reference": "a-1", "agent": user, "priority": "high" }),
    )
    .await;
    server.delivery(text(&sent, "/id"), &["delivered", "read"]).await;
    let later = post(
        &server,
        json!({ "device": device.id, "group": "120363012345678901@g.us", "deliverAt": ahead(86_400),
            "location": { "coordinates": [1, 2] }, "priority": "low" }),
    )
    .await;
    let channel = post(
        &server,
        json!({ "device": device.id, "channel": "120363012345678901@newsletter", "message": "news", "deliverAt": ahead(172_800) }),
    )
    .await;
    let (a, b, c) = (text(&sent, "/id"), text(&later, "/id"), text(&channel, "/id"));
    let half_day = ahead(43_200).replace('+', "%2B");
    let (past, soon) = (ahead(-3600), ahead(3600));
    for (query, wanted) in [
        ("search=apple".to_owned(), vec![a]),
        ("status=queued".to_owned(), vec![c, b]),
        ("status=pending&deliveryStatus=pending".to_owned(), vec![c, b]),
        ("deliveryStatus=delivered,read".to_owned(), vec![a]),
        ("webhookStatus=pending".to_owned(), vec![c, b, a]),
        (format!("ids={a},{b}"), vec![b, a]),
        (format!("agents={user}"), vec![a]),
        ("source=api".to_owned(), vec![c, b, a]),
        ("source=chat".to_owned(), vec![]),
        ("target=user".to_owned(), vec![a]),
        ("target=group".to_owned(), vec![b]),
        ("target=channel".to_owned(), vec![c]),
        ("type=location".to_owned(), vec![b]),
        ("type=text,location".to_owned(), vec![c, b, a]),
        (format!("waIds={}", text(&later, "/waId")), vec![b]),
        (format!("devices={}", device.id), vec![c, b, a]),
        ("device=0123456789abcdef01234567".to_owned(), vec![]),
        ("reference=a-1,none".to_owned(), vec![a]),
        ("priority=low,high".to_owned(), vec![b, a]),
        ("priority=urgent".to_owned(), vec![]),
        ("phone=%2B16001234561".to_owned(), vec![a]),
        ("group=120363012345678901@g.us".to_owned(), vec![b]),
        ("channel=120363012345678901@newsletter".to_owned(), vec![c]),
        (format!("after={half_day}"), vec![c, b]),
        (format!("before={half_day}"), vec![a]),
        (format!("createdAfter={past}&createdBefore={soon}"), vec![c, b, a]),
        (format!("createdAfter={soon}"), vec![]),
        ("sort=date:asc".to_owned(), vec![a, b, c]),
        ("size=1&page=1".to_owned(), vec![b]),
    ] {
        let list = server.get(&format!("/v1/messages?{query}")).await.ok();
        let found: Vec<&str> = list.as_array().expect("a list").iter().map(|m| text(m, "/id")).collect();
        assert_eq!(found, wanted, "{query}");
    }
    let one = server.get(&format!("/v1/messages/{a}?include=device,agent,events")).await.ok();
    assert_eq!(one["device"]["session"]["status"], "online");
    assert_eq!(one["agent"]["role"], "admin");
    assert_eq!(one["events"][0]["event"], "queued");
    assert!(one["events"].as_array().expect("events").iter().any(|e| e["event"] == "sent"));
}

#[tokio::test]
async fn what_must_not_wait_goes_before_all_that_waits() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    // A message a minute: the second one waits for long.
    let slow = json!({ "settings": { "deliverySpeed": 6 } });
    server.patch(&format!("/v1/devices/{}", device.id), slow).await.ok();
    server.send(&device.id, BEN, "first").await;
    ben.receives("first").await;
    let urgent = json!({ "device": device.id, "phone": BEN, "message": "urgent", "priority": "urgent" });
    post(&server, urgent).await;
    let live = json!({ "device": device.id, "phone": BEN, "message": "live", "live": true, "priority": "low" });
    post(&server, live).await;
    let soon = json!({ "device": device.id, "phone": BEN, "message": "soon", "enqueue": "opportunistic" });
    post(&server, soon).await;
    server.patch(&format!("/v1/devices/{}", device.id), json!({ "settings": { "deliverySpeed": 0 } })).await.ok();
    ben.receives("urgent").await;
    let texts: Vec<_> = ben.messages().await.iter().map(|m| text(m, "/text").to_owned()).collect();
    assert_eq!(texts, ["first", "soon", "live", "urgent"]);
    for body in [json!({ "live": true, "enqueue": "always" }), json!({ "enqueue": "opportunistic", "live": true })] {
        let mut full = json!({ "device": device.id, "phone": BEN, "message": "x" });
        for (name, value) in body.as_object().expect("an object") {
            full[name] = value.clone();
        }
        server.post("/v1/messages", full).await.refused(400, "message:enqueue");
    }
}

#[tokio::test]
async fn a_message_is_tried_as_often_as_it_was_asked() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:out:retry", "message:out:failed"]).await;
    let device = server.linked("Support", &ana).await;
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = asked.clone();
    let away = move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async { axum::http::StatusCode::SERVICE_UNAVAILABLE }
    };
    let app = axum::Router::new().route("/a.png", axum::routing::get(away));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/a.png", listener.local_addr().expect("its address"));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    for (retries, tries) in [(1, 2), (0, 1)] {
        asked.store(0, std::sync::atomic::Ordering::SeqCst);
        let body = json!({ "device": device.id, "phone": BEN, "media": { "url": url }, "retries": retries });
        let sent = post(&server, body).await;
        let failed = server.delivery(text(&sent, "/id"), &["failed"]).await;
        assert_eq!(failed["failureCode"], "error:max_retries", "{failed:#}");
        assert_eq!(
            failed["retry"],
            json!({ "count": retries, "max": retries, "lastRetryAt": failed["retry"]["lastRetryAt"] })
        );
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), tries, "one GET a try");
        receiver.event("failed", |e| e["event"] == "message:out:failed" && e["data"]["id"] == sent["id"]).await;
        let told = receiver.events().iter().filter(|e| e["event"] == "message:out:retry").count();
        assert_eq!(told, 1, "the first message alone was tried again");
    }
    assert!(ben.messages().await.is_empty());
}

#[tokio::test]
async fn an_ordered_message_lets_earlier_ones_go_first() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let id = server.device("Support").await;
    for (name, priority, order) in [("one", "low", false), ("two", "urgent", true), ("three", "high", false)] {
        let body = json!({ "device": id, "phone": BEN, "message": name, "priority": priority, "order": order });
        post(&server, body).await;
    }
    server.link(&id, &ana).await;
    ben.receives("two").await;
    let texts: Vec<_> = ben.messages().await.iter().map(|m| text(m, "/text").to_owned()).collect();
    assert_eq!(texts, ["three", "one", "two"]);
}
