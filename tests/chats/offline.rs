//! What is changed while a number can't be reached reaches the phone later; of
//! two changes the newer wins.

use reqwest::Method;
use serde_json::json;

use super::{ANA, BEN, BEN_ID, CLEO, CLEO_ID, EVENTS, changes, chat, chats, on_phone, shows, unread};
use crate::support::{Sandbox, Server};

#[tokio::test]
async fn changes_made_offline_survive_a_crash_and_the_newer_wins() {
    let sandbox = Sandbox::start(31).await;
    let server = Server::on(&sandbox, &[]).await;
    let receiver = server.receiver(EVENTS).await;
    let (device, ana, ben, _) = super::inbox(&server, &receiver).await;
    let device_path = format!("/v1/devices/{}", device.id);
    server.patch(&device_path, json!({ "enable": false })).await.ok();
    let path = |id: &str, rest: &str| chats(&device, &format!("/{id}{rest}"));

    // Older on the phone than here, newer on the phone than here.
    changes(&ana, BEN, json!({ "archived": true })).await;
    server.patch(&path(BEN_ID, "/attributes"), json!({ "muted": true, "pinned": true })).await.ok();
    server.call(Method::PUT, &path(CLEO_ID, "/archive"), None).await.ok();
    server.delete(&path(CLEO_ID, "/archive")).await.ok();
    server.call(Method::PUT, &path(CLEO_ID, "/archive"), None).await.ok();
    server.patch(&path(BEN_ID, "/unread"), unread(false)).await.ok();
    changes(&ana, BEN, json!({ "mutedUntil": null })).await;
    let typing = format!("/v1/chat/{}/typing", device.id);
    server.post(&typing, json!({ "action": "typing", "chat": BEN })).await.refused(503, "session:offline");
    let whole = json!({ "whatsapp": true });
    server.call(Method::DELETE, &path(CLEO_ID, ""), Some(whole)).await.refused(503, "session:offline");

    let server = server.kill_and_restart().await;
    server.patch(&device_path, json!({ "enable": true })).await.ok();
    server.online(&device.id).await;
    shows(&ana, CLEO, "the last of three wishes", |chat| chat["archived"] == true).await;
    shows(&ana, BEN, "it pinned", |chat| chat["pinned"] == true && chat["archived"] == false).await;
    chat(&server, &device, BEN_ID, "the same", |chat| chat["meta"]["isPinned"] == true && chat["waStatus"] == "active")
        .await;
    shows(&ana, BEN, "it read", |chat| chat["unread"] == 0).await;
    let sent = ben.messages().await.into_iter().find(|m| m["text"] == "hello from Ben").expect("Ben's own message");
    ben.has_receipt(sent["id"].as_str().expect("an id"), "read").await;
    chat(&server, &device, BEN_ID, "what was newer on the phone", |chat| chat["meta"]["isChatMuted"] == false).await;
    shows(&ana, BEN, "no mute", |chat| chat["mutedUntil"].is_null()).await;

    // Deleted by force while away: gone here at once, on the phone later.
    server.patch(&device_path, json!({ "enable": false })).await.ok();
    let force = json!({ "whatsapp": true, "force": true });
    let deleted = server.call(Method::DELETE, &path(CLEO_ID, ""), Some(force)).await.ok();
    assert_eq!((&deleted["whatsapp"], &deleted["pending"]), (&json!(true), &json!(true)));
    server.get(&path(CLEO_ID, "")).await.refused(404, "chat:notfound");
    shows(&ana, CLEO, "it still", |chat| chat["messages"] == 1).await;
    server.patch(&device_path, json!({ "enable": true })).await.ok();
    let there = on_phone(&ana, &format!("/chats/{}", CLEO.replace('+', "%2B")));
    crate::support::eventually("the phone to lose it", || async {
        (ana.control(Method::GET, &there, None).await.status == 404).then_some(())
    })
    .await;
    ben.send(ANA, "done").await;
    chat(&server, &device, BEN_ID, "the next message", |chat| chat["lastMessage"]["body"] == "done").await;
}
