//! What is done here shows on the phone, and what is done there shows here.

use reqwest::Method;
use serde_json::json;

use super::{ANA, BEN, BEN_ID, CLEO, CLEO_ID, EVENTS, changes, chat, chats, inbox, on_phone, shows, told, unread};
use crate::support::{Server, eventually};

#[tokio::test]
async fn what_is_done_here_shows_on_the_phone() {
    let server = Server::start().await;
    let receiver = server.receiver(EVENTS).await;
    let (device, ana, ben, _) = inbox(&server, &receiver).await;
    let path = |rest: &str| chats(&device, &format!("/{BEN_ID}{rest}"));
    shows(&ana, BEN, "the chat", |chat| chat["unread"] == 1).await;

    let pinned = server.patch(&path("/attributes"), json!({ "pinned": true, "muted": true })).await.ok();
    assert_eq!((&pinned["meta"]["isPinned"], &pinned["meta"]["muteExpiration"]), (&json!(true), &json!(-1)));
    shows(&ana, BEN, "it pinned and muted", |chat| chat["pinned"] == true && chat["mutedUntil"] == -1).await;
    let event = told(&receiver, BEN_ID, "pinned", |_| true).await;
    assert_eq!(event["data"]["previous"]["pinned"], false);
    assert!(event["data"]["by"]["user"].is_string() && event["data"]["by"]["source"] == "api", "{event:#}");
    server.patch(&path("/attributes"), json!({ "muted": false })).await.ok();
    shows(&ana, BEN, "it loud and still pinned", |chat| chat["mutedUntil"].is_null() && chat["pinned"] == true).await;
    server.patch(&path("/attributes"), json!({})).await.refused(400, "chat:attributes");

    let archived = server.call(Method::PUT, &path("/archive"), None).await.ok();
    assert_eq!((&archived["status"], &archived["waStatus"]), (&json!("archived"), &json!("archived")));
    assert_eq!(archived["meta"]["isPinned"], false, "WhatsApp takes the pin of a chat that is put away");
    shows(&ana, BEN, "it archived", |chat| chat["archived"] == true).await;
    let back = server.delete(&path("/archive")).await.ok();
    assert_eq!((&back["status"], &back["prevStatus"]), (&json!("pending"), &json!("archived")));
    shows(&ana, BEN, "it back", |chat| chat["archived"] == false).await;

    let read = server.patch(&path("/unread"), unread(false)).await.ok();
    assert_eq!((&read["meta"]["unreadCount"], &read["meta"]["isUnread"]), (&json!(0), &json!(false)));
    shows(&ana, BEN, "it read", |chat| chat["unread"] == 0).await;
    let sent = ben.messages().await.into_iter().find(|m| m["text"] == "hello from Ben").expect("Ben's own message");
    ben.has_receipt(sent["id"].as_str().expect("an id"), "read").await;
    let marked = server.patch(&path("/unread"), unread(true)).await.ok();
    assert_eq!((&marked["meta"]["unreadCount"], &marked["meta"]["isUnread"]), (&json!(0), &json!(true)));
    shows(&ana, BEN, "it marked as unread", |chat| chat["markedUnread"] == true).await;
    server.patch(&path("/unread"), json!({})).await.refused(400, "body:invalid");

    let typing = format!("/v1/chat/{}/typing", device.id);
    for (body, state) in [
        (json!({ "action": "typing", "duration": 2, "chat": BEN }), "composing"),
        (json!({ "action": "recording", "duration": 30, "chat": BEN_ID }), "recording"),
    ] {
        let shown = server.post(&typing, body).await.ok();
        assert!(shown["until"].is_string() && shown["chat"] == BEN_ID, "{shown:#}");
        activity(&ben, state).await;
    }
    server.post(&typing, json!({ "action": "stop", "chat": BEN })).await.ok();
    activity(&ben, "paused").await;
    server.post(&typing, json!({ "action": "typing", "duration": 2, "chat": BEN })).await.ok();
    eventually("typing to end by itself", || async {
        let states = activities(&ben).await;
        (states.iter().filter(|state| *state == "paused").count() >= 2).then_some(())
    })
    .await;
    server
        .post(&typing, json!({ "action": "typing", "duration": 31, "chat": BEN }))
        .await
        .refused(400, "chat:duration");
    server.post(&typing, json!({ "action": "typing" })).await.refused(400, "chat:invalid");
    server.post(&typing, json!({ "action": "typing", "chat": BEN, "group": BEN })).await.refused(400, "chat:invalid");

    // Deleted here only, the phone keeps it; deleted there, it is gone there too.
    let deleted = server.call(Method::DELETE, &chats(&device, &format!("/{CLEO_ID}")), None).await.ok();
    assert_eq!((&deleted["deleted"], &deleted["whatsapp"]), (&json!(true), &json!(false)));
    server.get(&chats(&device, &format!("/{CLEO_ID}"))).await.refused(404, "chat:notfound");
    shows(&ana, CLEO, "it still", |chat| chat["messages"] == 1).await;
    let whole = json!({ "whatsapp": true });
    server.call(Method::DELETE, &path(""), Some(json!({ "force": true }))).await.refused(400, "chat:force");
    let deleted = server.call(Method::DELETE, &path(""), Some(whole)).await.ok();
    assert_eq!((&deleted["whatsapp"], &deleted["pending"]), (&json!(true), &json!(false)));
    server.get(&path("")).await.refused(404, "chat:notfound");
    let gone = ana.control(Method::GET, &on_phone(&ana, &format!("/chats/{}", BEN.replace('+', "%2B"))), None).await;
    assert_eq!(gone.status, 404, "{:#}", gone.body);
    let found = server.get(&format!("/v1/chat/{}/messages?search=hello", device.id)).await.ok();
    assert_eq!(found, json!([]), "their messages are gone");
    ben.send(ANA, "hello again").await;
    let again = chat(&server, &device, BEN_ID, "its new beginning", |chat| chat["status"] == "pending").await;
    assert_eq!(again["stats"]["inboundMessages"], 1);
}

async fn activities(phone: &crate::support::Phone) -> Vec<String> {
    let events = phone.control(Method::GET, &on_phone(phone, "/events?limit=1000"), None).await.ok();
    let events = events["events"].as_array().cloned().unwrap_or_default();
    let typing = events.iter().filter(|event| event["kind"] == "typing");
    typing.filter_map(|event| event["state"].as_str().map(str::to_owned)).collect()
}

/// Waits until the last that a person saw of the other side's fingers is this.
async fn activity(phone: &crate::support::Phone, state: &str) {
    eventually(&format!("'{state}' to be seen"), || async {
        (activities(phone).await.last().map(String::as_str) == Some(state)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_done_on_the_phone_shows_here() {
    let server = Server::start().await;
    let receiver = server.receiver(EVENTS).await;
    let (device, ana, ben, cleo) = inbox(&server, &receiver).await;

    changes(&ana, BEN, json!({ "archived": true })).await;
    let event = told(&receiver, BEN_ID, "archived", |data| data["chat"]["waStatus"] == "archived").await;
    assert_eq!((&event["data"]["by"]["source"], &event["data"]["by"]["user"]), (&json!("phone"), &json!(null)));
    chat(&server, &device, BEN_ID, "that it is archived", |chat| chat["status"] == "archived").await;
    changes(&ana, BEN, json!({ "archived": false, "pinned": true })).await;
    chat(&server, &device, BEN_ID, "the pin", |chat| chat["meta"]["isPinned"] == true && chat["status"] == "pending")
        .await;
    changes(&ana, BEN, json!({ "pinned": false, "mutedUntil": -1 })).await;
    chat(&server, &device, BEN_ID, "silence for ever", |chat| {
        chat["meta"]["isPinned"] == false && chat["meta"]["muteExpiration"] == -1
    })
    .await;
    let soon = crate::support::now().as_millisecond() + 3_600_000;
    changes(&ana, BEN, json!({ "mutedUntil": soon })).await;
    chat(&server, &device, BEN_ID, "silence for an hour", |chat| chat["meta"]["muteExpiration"] == soon).await;
    changes(&ana, BEN, json!({ "mutedUntil": null })).await;
    chat(&server, &device, BEN_ID, "no silence", |chat| chat["meta"]["isChatMuted"] == false).await;

    ana.reads(BEN).await;
    chat(&server, &device, BEN_ID, "that it was read", |chat| chat["meta"]["unreadCount"] == 0).await;
    changes(&ana, BEN, json!({ "read": false })).await;
    chat(&server, &device, BEN_ID, "that it is marked", |chat| chat["meta"]["isUnread"] == true).await;
    let newer = ben.send(ANA, "and another").await;
    receiver.gets("message:in:new", "and another").await;
    changes(&ana, BEN, json!({ "read": true })).await;
    chat(&server, &device, BEN_ID, "that all is read", |chat| {
        chat["meta"]["isUnread"] == false && chat["meta"]["unreadCount"] == 0
    })
    .await;

    let message = format!("/v1/chat/{}/messages/{newer}", device.id);
    ana.control(Method::PATCH, &on_phone(&ana, &format!("/messages/{newer}")), Some(json!({ "starred": true })))
        .await
        .ok();
    eventually("the star", || async {
        let shown = server.get(&message).await;
        (shown.body["meta"]["isStar"] == true).then_some(())
    })
    .await;
    let third = ben.send(ANA, "delete me there").await;
    receiver.gets("message:in:new", "delete me there").await;
    ana.control(Method::DELETE, &on_phone(&ana, &format!("/messages/{third}")), None).await.ok();
    receiver.event("the deletion", |e| e["data"]["update"]["type"] == "delete" && e["id"] == third.as_str()).await;
    let clear = on_phone(&ana, &format!("/chats/{}/clear", BEN.replace('+', "%2B")));
    ana.control(Method::POST, &clear, Some(json!({ "keepStarred": true }))).await.ok();
    told(&receiver, BEN_ID, "cleared", |_| true).await;
    let left = server.get(&format!("/v1/chat/{}/messages?chat={BEN_ID}", device.id)).await.ok();
    let left: Vec<_> = left.as_array().expect("a list").iter().map(|message| message["body"].clone()).collect();
    assert_eq!(left, [json!("and another")], "the starred one stays");

    let there = on_phone(&ana, &format!("/chats/{}", CLEO.replace('+', "%2B")));
    ana.control(Method::DELETE, &there, None).await.ok();
    let event = told(&receiver, CLEO_ID, "deleted", |_| true).await;
    assert_eq!(event["data"]["chat"]["status"], "removed");
    server.get(&chats(&device, &format!("/{CLEO_ID}"))).await.refused(404, "chat:notfound");
    cleo.send(ANA, "still there?").await;
    chat(&server, &device, CLEO_ID, "a new beginning", |chat| chat["stats"]["localMessages"] == 1).await;
}

/// While the client fetches a collection it skips what it is told of that
/// collection: without comparing versions, the last of these would be missed.
#[tokio::test]
async fn quick_changes_on_the_phone_are_not_missed() {
    let server = Server::start().await;
    let receiver = server.receiver(EVENTS).await;
    let (device, ana, _, _) = inbox(&server, &receiver).await;
    for round in 0..6 {
        let pinned = round % 2 == 0;
        // Both stand in one collection, and each is told by itself.
        tokio::join!(
            changes(&ana, BEN, json!({ "pinned": pinned })),
            changes(&ana, CLEO, json!({ "pinned": !pinned })),
            changes(&ana, BEN, json!({ "archived": false })),
        );
        changes(&ana, CLEO, json!({ "pinned": pinned })).await;
        changes(&ana, BEN, json!({ "pinned": !pinned })).await;
        chat(&server, &device, BEN_ID, "the last pin", |chat| chat["meta"]["isPinned"] == !pinned).await;
        chat(&server, &device, CLEO_ID, "the last pin", |chat| chat["meta"]["isPinned"] == pinned).await;
    }
}
