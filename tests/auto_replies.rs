//! What a number answers by itself, as the people who wrote see it on their
//! phones.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ANA, BEN, Phone, Sandbox, Server, eventually, text};

const CLEO: &str = "+16001234562";
const DORA: &str = "+16001234563";
/// 1 × 1 pixel.
const DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/// How often a phone shows a text.
async fn count(phone: &Phone, text: &str) -> usize {
    let says = |message: &&Value| message["text"] == text || message["media"]["caption"] == text;
    phone.messages().await.iter().filter(says).filter(|message| message["fromMe"] == false).count()
}

/// Waits until everything that was said before is on the phone: what the queue
/// holds for a chat leaves in order.
async fn settled(server: &Server, device: &str, phone: &Phone, marker: &str) {
    server.post("/v1/messages", json!({ "device": device, "phone": phone.number, "message": marker })).await.ok();
    phone.receives(marker).await;
}

#[tokio::test]
async fn people_are_answered_once_and_on_their_phones() {
    let sandbox = Sandbox::start(41).await;
    let server = Server::on(&sandbox, &[]).await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let cleo = server.phone(CLEO, "Cleo").await;
    let dora = server.phone(DORA, "Dora").await;
    let device = server.linked("Support", &ana).await.id;
    let receiver = server.receiver(&["message:in:new", "message:out:new"]).await;
    let path = format!("/v1/devices/{device}");

    // A welcome, with a picture, once for each person.
    let file = server.post("/v1/files", json!({ "url": DOT })).await.ok();
    let file = text(&file[0], "/id").to_owned();
    let welcome = json!({ "active": true, "message": "Welcome!", "file": file });
    let set = server.patch(&path, json!({ "autoReplies": { "welcome": welcome } })).await.ok();
    assert_eq!(set["autoReplies"]["welcome"]["timeframe"], "14d");
    ben.send(ANA, "hello").await;
    let shown = eventually("the welcome to be on the phone", || async {
        ben.messages().await.into_iter().find(|message| message["media"]["caption"] == "Welcome!")
    })
    .await;
    assert_eq!(shown["media"]["kind"], "image", "{shown:#}");
    let said = receiver.event("the welcome", |event| event["event"] == "message:out:new").await;
    assert_eq!(said["data"]["meta"]["source"], "autoreply");
    let chat = server.get(&format!("/v1/chat/{device}/chats/16001234561@c.us")).await.ok();
    assert_eq!(
        (&chat["status"], &chat["lastAutoReply"]),
        (&json!("pending"), &said["data"]["id"]),
        "nobody has answered"
    );
    let listed = server.get("/v1/messages?source=autoreply").await.ok();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed:#}");
    ben.send(ANA, "anybody?").await;
    receiver.gets("message:in:new", "anybody?").await;

    // Not again after a crash.
    let mut server = server;
    server.kill().await;
    let server = server.again().await;
    server.online(&device).await;
    ben.send(ANA, "still nobody?").await;
    eventually("the message to be there", || async {
        let found = server.get(&format!("/v1/chat/{device}/messages?search=still")).await.ok();
        (found.as_array().map(Vec::len) == Some(1)).then_some(())
    })
    .await;
    settled(&server, &device, &ben, "that was all").await;
    assert_eq!(count(&ben, "Welcome!").await, 1);

    // Nobody of the team is there.
    let busy = json!({ "welcome": { "active": false }, "busy": { "active": true, "message": "All busy." } });
    server.patch(&path, json!({ "autoReplies": busy })).await.ok();
    cleo.send(ANA, "help").await;
    cleo.receives("All busy.").await;
    // The doors are closed: told once, and nobody is told to be busy.
    let closed = json!({ "mode": "24h_closed" });
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: serde_json::Map<String, Value> = days.iter().map(|day| ((*day).to_owned(), closed.clone())).collect();
    let away =
        json!({ "active": true, "message": "We are closed.", "timezone": "America/Sao_Paulo", "businessHours": week });
    server.patch(&path, json!({ "autoReplies": { "away": away } })).await.ok();
    dora.send(ANA, "hello").await;
    dora.receives("We are closed.").await;
    dora.send(ANA, "really?").await;
    eventually("the message to be there", || async {
        let found = server.get(&format!("/v1/chat/{device}/messages?search=really")).await.ok();
        (found.as_array().map(Vec::len) == Some(1)).then_some(())
    })
    .await;
    settled(&server, &device, &dora, "that was all").await;
    assert_eq!((count(&dora, "We are closed.").await, count(&dora, "All busy.").await), (1, 0));

    // A call is declined and answered.
    let call = json!({ "call": { "active": true, "message": "Please write to us.", "reject": true } });
    server.patch(&path, json!({ "autoReplies": call })).await.ok();
    let ringing = cleo.control(Method::POST, &cleo.path("/calls"), Some(json!({ "to": ANA }))).await.ok();
    cleo.event("that the call was rejected", |event| {
        event["kind"] == "call" && event["state"] == "rejected" && event["id"] == ringing["id"]
    })
    .await;
    cleo.receives("Please write to us.").await;
    cleo.control(Method::POST, &cleo.path("/calls"), Some(json!({ "to": ANA, "video": true }))).await.ok();
    cleo.event("that the second call was rejected", |event| {
        event["kind"] == "call" && event["state"] == "rejected" && event["video"] == true
    })
    .await;
    settled(&server, &device, &cleo, "that was all").await;
    assert_eq!(count(&cleo, "Please write to us.").await, 1, "not at each ring");
}
