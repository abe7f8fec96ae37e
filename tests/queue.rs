//! Steering a number's queue, and what WhatsApp's refusals do to it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
const CAM: &str = "+16001234562";
const GROUP: &str = "120363012345678901@g.us";

async fn set(server: &Server, device: &str, status: &str) -> Value {
    server.post(&format!("/v1/devices/{device}/queue"), json!({ "status": status })).await.ok()
}

async fn queue(server: &Server, device: &str) -> Value {
    server.get(&format!("/v1/devices/{device}/queue")).await.ok()["queue"].clone()
}

async fn empty(server: &Server, device: &str, query: &str, body: Option<Value>) -> Value {
    server.call(Method::DELETE, &format!("/v1/devices/{device}/queue{query}"), body).await.ok()
}

async fn status(server: &Server, message: &Value) -> String {
    let message = server.get(&format!("/v1/messages/{}", text(message, "/id"))).await.ok();
    text(&message, "/status").to_owned()
}

#[tokio::test]
async fn a_paused_queue_takes_messages_and_keeps_them() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let paused = set(&server, &device.id, "pause").await;
    assert_eq!(paused["queue"]["status"], "pause");
    assert!(text(&paused, "/queue/reason").contains("'pause'"));
    assert!(paused["queue"]["statusUpdatedAt"].is_string());
    server.send(&device.id, BEN, "first").await;
    server.send(&device.id, BEN, "second").await;
    let live = json!({ "device": device.id, "phone": BEN, "message": "now", "live": true });
    server.post("/v1/messages", live).await.refused(409, "queue:paused");
    let waiting = queue(&server, &device.id).await;
    assert_eq!((&waiting["size"], &waiting["messages"]), (&json!(2), &json!(2)));
    let shown = server.get(&format!("/v1/devices/{}", device.id)).await.ok();
    assert_eq!(shown["queue"]["status"], "pause");
    assert_eq!(shown["queue"]["size"], 2);
    // What another number sends arrives after whatever this one would have sent.
    let cam = server.phone(CAM, "Cam").await;
    let other = server.linked("Other", &cam).await;
    server.send(&other.id, BEN, "from another number").await;
    ben.receives("from another number").await;
    assert_eq!(ben.messages().await.len(), 1, "nothing has left the paused queue");

    let active = set(&server, &device.id, "active").await;
    assert_eq!(active["queue"]["reason"], Value::Null);
    ben.receives("second").await;
    let texts: Vec<_> = ben.messages().await.iter().map(|m| text(m, "/text").to_owned()).collect();
    assert_eq!(texts, ["from another number", "first", "second"]);
    server
        .post(&format!("/v1/devices/{}/queue", device.id), json!({ "status": "sleep" }))
        .await
        .refused(400, "body:invalid");
}

#[tokio::test]
async fn a_rejecting_queue_sends_what_it_has_and_a_frozen_one_does_nothing() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    set(&server, &device.id, "pause").await;
    server.send(&device.id, BEN, "accepted before").await;
    let body = json!({ "device": device.id, "phone": BEN, "message": "too late" });
    set(&server, &device.id, "freeze").await;
    server.post("/v1/messages", body.clone()).await.refused(409, "queue:rejecting");
    assert_eq!(queue(&server, &device.id).await["size"], 1);
    set(&server, &device.id, "reject").await;
    ben.receives("accepted before").await;
    server.post("/v1/messages", body).await.refused(409, "queue:rejecting");
    assert_eq!(ben.messages().await.len(), 1);
}

#[tokio::test]
async fn a_queue_is_emptied_as_far_as_the_filters_say() {
    let server = Server::start().await;
    let id = server.device("Support").await;
    let receiver = server.receiver(&["message:out:removed"]).await;
    let send = |to: Value, deliver_at: Option<&'static str>| {
        let mut body = json!({ "device": id, "message": "waiting", "deliverAt": deliver_at });
        for (name, value) in to.as_object().expect("a receiver") {
            body[name] = value.clone();
        }
        let server = &server;
        async move { server.post("/v1/messages", body).await.ok() }
    };
    let (one, two) = (send(json!({ "phone": BEN }), None).await, send(json!({ "phone": CAM }), None).await);
    let three = send(json!({ "group": GROUP }), None).await;
    let soon = send(json!({ "phone": BEN }), Some(&*Box::leak(ahead(1).into_boxed_str()))).await;
    let later = send(json!({ "phone": BEN }), Some(&*Box::leak(ahead(48).into_boxed_str()))).await;
    let state = queue(&server, &id).await;
    assert_eq!((&state["size"], &state["scheduled"]), (&json!(5), &json!(2)));

    let gone = empty(&server, &id, "", Some(json!({ "ids": [text(&one, "/id")] }))).await;
    assert_eq!((&gone["messages"], &gone["queue"]["size"]), (&json!(1), &json!(4)));
    let event = receiver.event("removed", |e| e["event"] == "message:out:removed").await;
    assert_eq!(event["data"]["id"], one["id"]);
    assert_eq!(status(&server, &one).await, "removed");
    assert_eq!(empty(&server, &id, "", Some(json!({ "groups": [GROUP] }))).await["messages"], 1);
    assert_eq!(status(&server, &three).await, "removed");
    let range = json!({ "after": ahead(0), "before": ahead(24) });
    assert_eq!(empty(&server, &id, "", Some(range)).await["messages"], 1);
    assert_eq!(status(&server, &soon).await, "removed");
    assert_eq!(empty(&server, &id, "", Some(json!({ "phones": [BEN], "skipScheduled": true }))).await["messages"], 0);
    assert_eq!(empty(&server, &id, "?wait=true", Some(json!({ "skipScheduled": true }))).await["messages"], 1);
    assert_eq!((status(&server, &two).await.as_str(), status(&server, &later).await.as_str()), ("removed", "queued"));
    assert_eq!(empty(&server, &id, "?wait=true", None).await["queue"]["size"], 0);

    let path = format!("/v1/devices/{id}/queue");
    for (body, code) in [
        (json!({ "ids": ["x"] }), "message:invalid"),
        (json!({ "phones": ["12"] }), "phone:invalid"),
        (json!({ "groups": ["12"] }), "group:invalid"),
        (json!({ "after": ahead(2), "before": ahead(1) }), "queue:filter"),
        (json!({ "ids": vec!["0123456789abcdef01234567"; 501] }), "queue:filter"),
        (json!({ "everything": true }), "body:unknown_property"),
    ] {
        server.call(Method::DELETE, &path, Some(body)).await.refused(400, code);
    }
}

/// ISO 8601, so many hours from now.
fn ahead(hours: i64) -> String {
    (crate::support::now() + jiff::SignedDuration::from_hours(hours)).to_string()
}

#[tokio::test]
async fn a_queue_is_given_to_another_number() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let cam = server.phone(CAM, "Cam").await;
    let (one, two) = (server.linked("One", &ana).await, server.linked("Two", &cam).await);
    set(&server, &one.id, "pause").await;
    for n in 0..5 {
        server.send(&one.id, BEN, &format!("routed {n}")).await;
    }
    let path = format!("/v1/devices/{}/queue", one.id);
    server.patch(&path, json!({ "device": one.id })).await.refused(400, "queue:route");
    let nowhere = json!({ "device": "0123456789abcdef01234567" });
    server.patch(&path, nowhere).await.refused(404, "device:notfound");
    let routed = server.patch(&path, json!({ "device": two.id })).await.ok();
    assert_eq!((&routed["messages"], &routed["queue"]["size"]), (&json!(5), &json!(0)));
    ben.receives("routed 4").await;
    let shown = ben.messages().await;
    let texts: Vec<_> = shown.iter().map(|m| text(m, "/text").to_owned()).collect();
    assert_eq!(texts, (0..5).map(|n| format!("routed {n}")).collect::<Vec<_>>(), "each once, in order");
    assert!(shown.iter().all(|m| m["from"] != shown[0]["chat"] || !text(m, "/from").contains("16001234560")));
    let list = server.get(&format!("/v1/messages?device={}", two.id)).await.ok();
    assert_eq!(list.as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn a_restricted_number_answers_people_it_knows_and_holds_first_messages_back() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let cam = server.phone(CAM, "Cam").await;
    let receiver = server.receiver(&["message:in:new", "message:out:failed"]).await;
    let device = server.linked("Support", &ana).await;
    cam.send(ANA, "are you there?").await;
    receiver.gets("message:in:new", "are you there?").await;

    ana.fault(json!({ "kind": "ack_error", "code": 463, "count": 1 })).await;
    let first = server.send(&device.id, BEN, "we have never talked").await;
    let held = eventually("the queue to be held", || async {
        let queue = queue(&server, &device.id).await;
        queue["heldUntil"].is_string().then_some(queue)
    })
    .await;
    assert!(text(&held, "/reason").contains("463"), "{held:#}");
    assert_eq!(status(&server, &first).await, "queued");
    let shown = server.get(&format!("/v1/devices/{}", device.id)).await.ok();
    assert!(text(&shown, "/queue/reason").contains("463"));

    server.send(&device.id, CAM, "yes, I am").await;
    cam.receives("yes, I am").await;
    server.send(&device.id, BEN, "nor will this go").await;
    let waiting = queue(&server, &device.id).await;
    assert_eq!(waiting["size"], 2, "{waiting:#}");
    assert!(ben.messages().await.iter().all(|m| m["text"] != "nor will this go"));

    let path = format!("/v1/devices/{}/queue", device.id);
    server.post(&path, json!({ "status": "active" })).await.ok();
    assert!(queue(&server, &device.id).await["heldUntil"].is_string(), "without force it stays held");
    let free = server.post(&path, json!({ "status": "active", "force": true })).await.ok();
    assert_eq!(free["queue"]["heldUntil"], Value::Null);
    ben.receives("nor will this go").await;
    let done = server.delivery(text(&first, "/id"), &["delivered", "read"]).await;
    assert_eq!(done["retry"]["count"], 0, "no try was burned");
    assert!(receiver.events().iter().all(|e| e["event"] != "message:out:failed"));
}

#[tokio::test]
async fn a_held_queue_goes_on_by_itself() {
    let server = Server::with(&["--set", "whatsapp.restriction_pause=2s"]).await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let cam = server.phone(CAM, "Cam").await;
    let device = server.linked("Support", &ana).await;
    // Refused twice: the second time by the one that tries whether it is over.
    ana.fault(json!({ "kind": "ack_error", "code": 463, "count": 2 })).await;
    let first = server.send(&device.id, BEN, "one").await;
    eventually("the queue to be held", || async {
        queue(&server, &device.id).await["heldUntil"].is_string().then_some(())
    })
    .await;
    let second = server.send(&device.id, CAM, "two").await;
    for message in [&first, &second] {
        let sent = server.delivery(text(message, "/id"), &["delivered", "read"]).await;
        assert_eq!(sent["retry"]["count"], 0, "no try was burned");
    }
    ben.receives("one").await;
    cam.receives("two").await;
    let queue = queue(&server, &device.id).await;
    assert_eq!((&queue["heldUntil"], &queue["reason"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_unlinked_number_says_why_nothing_leaves_and_goes_on_when_it_is_linked_again() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    ana.unlinks_all().await;
    server.session(&device.id, "authorize").await;
    let sent = server.send(&device.id, BEN, "after the break").await;
    let stopped = queue(&server, &device.id).await;
    assert!(text(&stopped, "/reason").contains("unlinked"), "{stopped:#}");
    server.link(&device.id, &ana).await;
    ben.receives("after the break").await;
    let done = server.delivery(text(&sent, "/id"), &["delivered", "read"]).await;
    assert_eq!(done["retry"]["count"], 0, "no try was burned");
}

#[tokio::test]
async fn a_ban_that_ends_by_itself_holds_messages_until_then() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    ana.fault(json!({ "kind": "failure", "code": 402, "count": 1, "ms": 5000 })).await;
    ana.fault(json!({ "kind": "drop" })).await;
    server.session(&device.id, "blocked").await;
    let sent = server.send(&device.id, BEN, "after the ban").await;
    let stopped = queue(&server, &device.id).await;
    assert!(text(&stopped, "/reason").contains("banned"), "{stopped:#}");
    ben.receives("after the ban").await;
    let done = server.delivery(text(&sent, "/id"), &["delivered", "read"]).await;
    assert_eq!(done["retry"]["count"], 0, "no try was burned");
}
