//! Sending, receiving, and what becomes of messages.

use reqwest::Method;
use serde_json::json;

use crate::support::{Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";

#[tokio::test]
async fn a_text_goes_out_and_its_reply_reaches_the_webhook() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new", "message:out:new", "message:out:sent", "message:out:ack"]).await;
    let device = server.linked("Support", &ana).await;

    let sent = server.send(&device.id, BEN, "hello").await;
    assert_eq!(sent["status"], "queued");
    assert_eq!(sent["deliveryStatus"], "queued");
    let shown = ben.receives("hello").await;
    assert_eq!(shown["id"], sent["waId"], "the id chosen at enqueue is the one on the wire");
    ana.shows_own("hello").await;
    let delivered = server.delivery(text(&sent, "/id"), &["delivered"]).await;
    assert_eq!(delivered["status"], "processed");
    assert!(delivered["sentAt"].is_string() && delivered["deliveredAt"].is_string());
    ben.reads(ANA).await;
    server.delivery(text(&sent, "/id"), &["read"]).await;
    receiver.event("sent", |e| e["event"] == "message:out:sent" && e["data"]["id"] == sent["id"]).await;
    let ack = receiver.event("read", |e| e["event"] == "message:out:ack" && e["ack"] == "read").await;
    assert_eq!(ack["id"], sent["waId"]);

    let id = ben.send(ANA, "hi there").await;
    let event = receiver.gets("message:in:new", "hi there").await;
    assert_eq!(event["id"], id.as_str());
    assert_eq!(event["object"], "message");
    assert_eq!(event["device"]["id"], device.id.as_str());
    assert_eq!(event["data"]["fromNumber"], BEN);
    assert_eq!(event["data"]["toNumber"], ANA);
    assert_eq!(event["data"]["flow"], "inbound");
    assert_eq!(event["data"]["type"], "text");
    assert_eq!(event["data"]["chat"]["id"], "16001234561@c.us");
    assert_eq!(event["data"]["meta"]["notifyName"], "Ben");
    ben.has_receipt(&id, "delivery").await;
}

#[tokio::test]
async fn what_the_phone_itself_sends_is_told_too() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:out:new", "message:in:new"]).await;
    server.linked("Support", &ana).await;
    ana.send(BEN, "from the phone itself").await;
    let event = receiver.gets("message:out:new", "from the phone itself").await;
    assert_eq!(event["data"]["flow"], "outbound");
    assert_eq!(event["data"]["meta"]["via"], "app");
    assert_eq!(event["data"]["toNumber"], BEN);
}

#[tokio::test]
async fn two_numbers_of_the_server_talk_to_each_other() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new"]).await;
    let one = server.linked("One", &ana).await;
    let two = server.linked("Two", &ben).await;
    server.send(&one.id, BEN, "ping").await;
    let ping = receiver.gets("message:in:new", "ping").await;
    assert_eq!(ping["device"]["id"], two.id.as_str());
    server.send(&two.id, ANA, "pong").await;
    let pong = receiver.gets("message:in:new", "pong").await;
    assert_eq!(pong["device"]["id"], one.id.as_str());
}

#[tokio::test]
async fn messages_wait_for_the_number_and_keep_their_order() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let id = server.device("Support").await;
    let live = json!({ "device": id, "phone": BEN, "message": "now or never", "live": true });
    server.post("/v1/messages", live).await.refused(503, "session:offline");
    let texts: Vec<String> = (0..20).map(|n| format!("number {n}")).collect();
    for text in &texts {
        server.send(&id, BEN, text).await;
    }
    server.link(&id, &ana).await;
    ben.receives("number 19").await;
    let shown: Vec<String> =
        ben.messages().await.iter().filter_map(|m| m["text"].as_str().map(str::to_owned)).collect();
    assert_eq!(shown, texts, "each once, in order");
}

#[tokio::test]
async fn priority_goes_first() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let id = server.device("Support").await;
    for priority in ["low", "normal", "high"] {
        let body = json!({ "device": id, "phone": BEN, "message": priority, "priority": priority });
        server.post("/v1/messages", body).await.ok();
    }
    server.link(&id, &ana).await;
    ben.receives("low").await;
    let shown: Vec<String> =
        ben.messages().await.iter().filter_map(|m| m["text"].as_str().map(str::to_owned)).collect();
    assert_eq!(shown, ["high", "normal", "low"]);
}

#[tokio::test]
async fn an_idempotency_key_makes_a_post_repeatable() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let body = json!({ "device": device.id, "phone": BEN, "message": "once" });
    let post = |body: serde_json::Value| {
        let request = server
            .request(Method::POST, "/v1/messages")
            .header("Token", &server.key)
            .header("Idempotency-Key", "k-1")
            .json(&body);
        server.answer(request)
    };
    let first = post(body.clone()).await;
    let second = post(body).await;
    assert_eq!((first.status, second.status), (201, 201));
    let (first, second) = (first.ok(), second.ok());
    assert_eq!(first["id"], second["id"]);
    server.delivery(text(&first, "/id"), &["delivered", "read"]).await;
    assert_eq!(ben.messages().await.len(), 1);
    let other = json!({ "device": device.id, "phone": BEN, "message": "twice" });
    post(other).await.refused(409, "idempotency:mismatch");
}

#[tokio::test]
async fn a_message_to_nobody_fails_with_a_reason() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let receiver = server.receiver(&["message:out:failed"]).await;
    let device = server.linked("Support", &ana).await;
    let sent = server.send(&device.id, "+16009999999", "is anybody there?").await;
    let failed = server.delivery(text(&sent, "/id"), &["failed"]).await;
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["failureCode"], "number:notfound");
    assert!(failed["sentAt"].is_null());
    let event = receiver.gets("message:out:failed", "is anybody there?").await;
    assert_eq!(event["data"]["failureCode"], "number:notfound");
}

#[tokio::test]
async fn a_lost_acknowledgement_never_doubles_a_message() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    ana.fault(json!({ "kind": "lose_acks", "count": 1 })).await;
    let sent = server.send(&device.id, BEN, "acknowledged late").await;
    ben.receives("acknowledged late").await;
    server.delivery(text(&sent, "/id"), &["sent", "delivered", "read"]).await;
    let shown = ben.messages().await;
    assert_eq!(shown.iter().filter(|m| m["text"] == "acknowledged late").count(), 1);
}

#[tokio::test]
async fn an_unsent_message_expires() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:out:expired"]).await;
    let id = server.device("Support").await;
    let body = json!({ "device": id, "phone": BEN, "message": "too late", "expiration": { "seconds": 5 } });
    let sent = server.post("/v1/messages", body).await.ok();
    let ends = sent["expiresAt"].as_str().expect("an end").to_owned();
    eventually("its end", || async {
        let now = server.get("/v1/messages?size=1").await;
        let date = now.headers.get("date").and_then(|d| d.to_str().ok()).map(str::to_owned)?;
        let now = jiff::fmt::rfc2822::parse(&date).ok()?.timestamp();
        (now > ends.parse::<jiff::Timestamp>().ok()?).then_some(())
    })
    .await;
    server.link(&id, &ana).await;
    server.send(&id, BEN, "in time").await;
    ben.receives("in time").await;
    receiver.gets("message:out:expired", "too late").await;
    assert_eq!(server.get(&format!("/v1/messages/{}", text(&sent, "/id"))).await.ok()["status"], "expired");
    assert!(ben.messages().await.iter().all(|m| m["text"] != "too late"));
}

#[tokio::test]
async fn a_quote_and_the_actions_of_a_message_are_carried_out() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new", "chat:update"]).await;
    let device = server.linked("Support", &ana).await;
    let question = ben.send(ANA, "what time is it?").await;
    receiver.gets("message:in:new", "what time is it?").await;
    let body = json!({
        "device": device.id, "phone": BEN, "message": "time to answer", "quote": question, "label": "vip", "typing": 1,
        "sendReadAck": true, "reference": "order-7",
        "actions": [{ "action": "labels:add", "params": { "labels": ["answered"] } }, { "action": "chat:resolve" }],
    });
    let sent = server.post("/v1/messages", body).await.ok();
    assert_eq!(sent["reference"], "order-7");
    let shown = ben.receives("time to answer").await;
    assert_eq!(shown["target"], question.as_str(), "the phone shows it as an answer: {shown:#}");
    ben.has_receipt(&question, "read").await;
    ben.event("typing", |e| e["kind"] == "typing" && e["state"] == "composing").await;
    let by = |e: &serde_json::Value| e["event"] == "chat:update" && e["data"]["by"]["message"] == sent["id"];
    let update =
        receiver.event("the last", |e| by(e) && e["data"]["chat"]["labels"] == json!(["answered", "vip"])).await;
    assert_eq!(update["data"]["chat"]["status"], "resolved");
}

#[tokio::test]
async fn messages_are_found_again() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    for (text, reference) in [("apples", "a-1"), ("pears", "p-1"), ("100% plums", "p-2")] {
        let body = json!({ "device": device.id, "phone": BEN, "message": text, "reference": reference });
        let sent = server.post("/v1/messages", body).await.ok();
        server.delivery(sent["id"].as_str().expect("id"), &["delivered", "read"]).await;
    }
    let found = |query: &'static str| {
        let server = &server;
        async move {
            let answer = server.get(&format!("/v1/messages?{query}")).await;
            let list = answer.ok();
            list.as_array()
                .expect("a bare list")
                .iter()
                .map(|m| m["message"].as_str().expect("text").to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(found("search=apple").await, ["apples"]);
    assert_eq!(found("search=100%25").await, ["100% plums"], "a percent sign is no wildcard");
    assert_eq!(found("reference=p-1,p-2&sort=date:asc").await, ["pears", "100% plums"]);
    assert_eq!(found("reference%5B%5D=p-1&reference%5B%5D=p-2").await, ["100% plums", "pears"]);
    assert_eq!(found("size=1&page=1").await, ["pears"]);
    assert_eq!(found("status=delivered,read&target=user&type=text&source=api").await.len(), 3);
    assert_eq!(found("status=failed").await.len(), 0);
    assert_eq!(found("phone=%2B16001234561&priority=normal").await.len(), 3);
    let page = server.get("/v1/messages?size=2").await;
    assert_eq!(page.headers["x-total-count"], "3");
    assert!(page.headers["link"].to_str().expect("text").contains("rel=\"next\""));
    let one = server.get("/v1/messages?size=1&include=device,events").await.ok();
    assert_eq!(one[0]["device"]["session"]["status"], "online");
    assert!(one[0]["events"].as_array().expect("events").len() >= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_of_many_numbers_at_once_all_arrive() {
    let server = Server::start().await;
    let (numbers, receivers, each) = (6, 5, 20);
    let mut devices = Vec::new();
    for n in 0..numbers {
        let phone = server.phone(&format!("+1600300000{n}"), "Sender").await;
        let id = server.device("Sender").await;
        let qr = server.get(&format!("/v1/devices/{id}/scan?encoding=uri")).await.ok();
        phone.scan(text(&qr, "/data")).await.ok();
        server.online(&id).await;
        devices.push(id);
    }
    let mut phones = Vec::new();
    for n in 0..receivers {
        phones.push(server.phone(&format!("+1600400000{n}"), "Receiver").await);
    }
    let server = &server;
    let sending = devices.iter().flat_map(|device| {
        phones.iter().map(move |phone| async move {
            for n in 0..each {
                server.send(device, &phone.number, &format!("{device} {n}")).await;
            }
        })
    });
    futures_util::future::join_all(sending).await;
    for phone in &phones {
        let shown = eventually("every message", || async {
            let shown = phone.messages().await;
            (shown.len() >= numbers * each).then_some(shown)
        })
        .await;
        for device in &devices {
            let from: Vec<_> = shown.iter().filter_map(|m| m["text"].as_str()?.strip_prefix(device.as_str())).collect();
            let wanted: Vec<String> = (0..each).map(|n| format!(" {n}")).collect();
            assert_eq!(from, wanted, "each once, in order");
        }
    }
}
