//! Status, owner, notes, labels, and the same for many chats at once.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ANA, BEN_ID, CLEO_ID, EVENTS, chat, chats, inbox, on_phone, shows, told};
use crate::support::{Server, text};

#[tokio::test]
async fn a_team_looks_after_chats() {
    let server = Server::start().await;
    let receiver = server.receiver(EVENTS).await;
    let (device, ana, ben, _) = inbox(&server, &receiver).await;
    let path = |rest: &str| chats(&device, &format!("/{BEN_ID}{rest}"));
    let me = server.get("/v1/me").await.ok();
    let me = me["user"]["id"].as_str().expect("my id").to_owned();

    // Status: who writes waits, also when all was done; who has an owner does not.
    let first = server.get(&path("")).await.ok();
    assert_eq!((&first["status"], &first["waStatus"]), (&json!("pending"), &json!("active")));
    assert_eq!((&first["meta"]["isUserInitiated"], &first["meta"]["canSend"]), (&json!(false), &json!(true)));
    assert_eq!(first["lastMessage"]["body"], "hello from Ben");
    let done = server.patch(&path("/status"), json!({ "status": "resolved" })).await.ok();
    assert_eq!((&done["status"], &done["prevStatus"]), (&json!("resolved"), &json!("pending")));
    assert_eq!(done["statusUpdatedBy"], me.as_str());
    let event = told(&receiver, BEN_ID, "status", |data| data["chat"]["status"] == "resolved").await;
    assert_eq!((&event["data"]["previous"]["status"], &event["data"]["by"]["user"]), (&json!("pending"), &json!(me)));
    ben.send(ANA, "one more thing").await;
    let event = told(&receiver, BEN_ID, "status", |data| data["chat"]["status"] == "pending").await;
    assert_eq!(event["data"]["by"]["source"], "message");
    server.send(&device.id, super::BEN, "yes?").await;
    told(&receiver, BEN_ID, "status", |data| data["chat"]["status"] == "active").await;
    server.patch(&path("/status"), json!({ "status": "pending" })).await.ok();
    server.patch(&path("/status"), json!({ "status": "archived" })).await.ok();
    shows(&ana, super::BEN, "it archived", |chat| chat["archived"] == true).await;
    let back = server.patch(&path("/status"), json!({ "status": "active" })).await.ok();
    assert_eq!((&back["status"], &back["prevStatus"]), (&json!("active"), &json!("pending")));
    shows(&ana, super::BEN, "it back", |chat| chat["archived"] == false).await;
    server.patch(&path("/status"), json!({ "status": "lost" })).await.refused(400, "body:invalid");

    // Owner.
    server.patch(&path("/status"), json!({ "status": "pending" })).await.ok();
    let owned = server.patch(&path("/owner"), json!({ "agent": me })).await.ok();
    assert_eq!((&owned["owner"]["agent"], &owned["status"]), (&json!(me), &json!("active")));
    assert_eq!((&owned["owner"]["assigner"], &owned["owner"]["assignmentType"]), (&json!(me), &json!("manual")));
    told(&receiver, BEN_ID, "agent", |data| data["chat"]["owner"]["agent"] == me.as_str()).await;
    server.patch(&path("/status"), json!({ "status": "resolved" })).await.ok();
    ben.send(ANA, "are you there?").await;
    chat(&server, &device, BEN_ID, "that its owner has it again", |chat| chat["status"] == "active").await;
    let free = server.delete(&path("/owner")).await.ok();
    assert_eq!((&free["owner"]["agent"], &free["owner"]["previousAgent"]), (&json!(null), &json!(me)));
    assert!(free["owner"]["unassignedAt"].is_string());
    server.patch(&path("/owner"), json!({})).await.refused(400, "chat:owner");
    server.patch(&path("/owner"), json!({ "agent": "nobody" })).await.refused(400, "agent:notfound");

    // Notes stand among the messages, and nowhere else.
    let quote = free["lastMessage"]["id"].as_str().expect("its id").to_owned();
    let note = server.post(&path("/notes"), json!({ "message": "call him back", "quote": quote, "author": me })).await;
    assert_eq!(note.status, 201);
    let note = note.ok();
    assert_eq!((&note["type"], &note["author"], &note["quoted"]["id"]), (&json!("note"), &json!(me), &json!(quote)));
    let id = note["id"].as_str().expect("its id").to_owned();
    let with = server.get(&path("?include=notes,messages")).await.ok();
    assert_eq!((&with["notes"][0]["id"], &with["stats"]["notes"]), (&json!(id), &json!(1)));
    assert_eq!(with["messages"].as_array().map(Vec::len), Some(4), "{with:#}");
    assert_ne!(with["lastMessage"]["id"], json!(id));
    let messages = format!("/v1/chat/{}/messages", device.id);
    let found = server.get(&format!("{messages}?kind=note&search=call")).await.ok();
    assert_eq!(found[0]["body"], "call him back");
    assert!(!ana.messages().await.iter().any(|message| message["text"] == "call him back"));
    server.patch(&format!("{messages}/{id}"), json!({ "message": "no" })).await.refused(409, "message:kind");
    server
        .post(&path("/notes"), json!({ "message": "x", "quote": id.repeat(2) }))
        .await
        .refused(404, "message:notfound");
    let second = server.post(&path("/notes"), json!({ "message": "and send the bill" })).await.ok();
    let ids = json!({ "ids": [id, "000000000000000000000000"] });
    let gone = server.call(Method::DELETE, &path("/notes"), Some(ids)).await.ok();
    assert_eq!(gone, json!({ "deleted": [id], "missing": ["000000000000000000000000"] }));
    server.delete(&format!("{messages}/{}", second["id"].as_str().expect("its id"))).await.ok();
    assert_eq!(server.get(&path("")).await.ok()["stats"]["notes"], 0);

    // Labels.
    let labels = |answer: Value| answer["labels"].clone();
    let set = server.patch(&path("/labels"), json!(["vip", "blue", "vip"])).await.ok();
    assert_eq!(labels(set), json!(["vip", "blue"]));
    let more = server.patch(&path("/labels?upsert=true"), json!(["green", "blue"])).await.ok();
    assert_eq!(labels(more), json!(["vip", "blue", "green"]));
    let less = server.patch(&path("/labels?remove=true"), json!(["vip", "red"])).await.ok();
    assert_eq!(labels(less), json!(["blue", "green"]));
    let event = told(&receiver, BEN_ID, "labels", |data| data["chat"]["labels"] == json!(["blue", "green"])).await;
    assert_eq!(event["data"]["previous"]["labels"], json!(["vip", "blue", "green"]));
    server.patch(&path("/labels?upsert=true&remove=true"), json!(["x"])).await.refused(400, "chat:labels");
    server.patch(&path("/labels"), json!(["x".repeat(31)])).await.refused(400, "chat:labels");

    // Removed, it is hidden until somebody writes.
    server.patch(&path("/status"), json!({ "status": "removed" })).await.ok();
    server.get(&path("")).await.refused(404, "chat:notfound");
    ben.send(ANA, "hello?").await;
    chat(&server, &device, BEN_ID, "that it is back", |chat| chat["status"] == "pending").await;
}

#[tokio::test]
async fn many_chats_are_changed_at_once() {
    let server = Server::start().await;
    let receiver = server.receiver(EVENTS).await;
    let (device, ana, ben, _) = inbox(&server, &receiver).await;
    let me = server.get("/v1/me").await.ok()["user"]["id"].as_str().expect("my id").to_owned();
    let path = chats(&device, "");
    let both = json!([super::BEN, CLEO_ID]);
    let get = |id: &'static str| {
        let (server, path) = (&server, chats(&device, &format!("/{id}")));
        async move { server.get(&path).await.ok() }
    };
    for (action, params, pointer, wanted) in [
        ("assign", json!({ "agent": me }), "/owner/agent", json!(me)),
        ("unassign", json!({}), "/owner/agent", Value::Null),
        ("resolve", json!({}), "/status", json!("resolved")),
        ("unresolve", json!({}), "/status", json!("active")),
        ("pin", json!({}), "/meta/isPinned", json!(true)),
        ("mute", json!({}), "/meta/isChatMuted", json!(true)),
        ("read", json!({}), "/meta/isUnread", json!(false)),
        ("labels", json!({ "add": ["a", "b"] }), "/labels", json!(["a", "b"])),
        ("labels", json!({ "add": ["c"], "remove": ["a"] }), "/labels", json!(["b", "c"])),
    ] {
        let body = json!({ "action": action, "chats": both, "params": params });
        let outcome = server.patch(&path, body).await.ok();
        assert_eq!((&outcome["updated"], &outcome["failed"]), (&json!(2), &json!(0)), "{action}: {outcome:#}");
        for id in [BEN_ID, CLEO_ID] {
            assert_eq!(get(id).await.pointer(pointer), Some(&wanted), "{action} {id}");
        }
    }
    for phone in [super::BEN, super::CLEO] {
        shows(&ana, phone, "it pinned, muted and read", |chat| {
            chat["pinned"] == true && chat["mutedUntil"] == -1 && chat["unread"] == 0
        })
        .await;
    }
    for action in ["unpin", "unmute", "unread"] {
        server.patch(&path, json!({ "action": action, "chats": both })).await.ok();
    }
    for phone in [super::BEN, super::CLEO] {
        shows(&ana, phone, "all of it undone", |chat| {
            chat["pinned"] == false && chat["mutedUntil"].is_null() && chat["markedUnread"] == true
        })
        .await;
    }
    // Blocked with WhatsApp, each on the phone; a group has nobody to block.
    let group = json!({ "subject": "Neighbours", "participants": [super::ANA, super::CLEO] });
    let group = ben.control(Method::POST, &on_phone(&ben, "/groups"), Some(group)).await.ok();
    let group = text(&group, "/id").to_owned();
    ben.send(&group, "to all").await;
    receiver.gets("message:in:new", "to all").await;
    let some = json!([super::BEN, group, CLEO_ID, "+16001234599"]);
    for (action, blocked) in [("block", true), ("unblock", false)] {
        let outcome = server.patch(&path, json!({ "action": action, "chats": some })).await.ok();
        assert_eq!((&outcome["updated"], &outcome["failed"]), (&json!(2), &json!(2)), "{action}: {outcome:#}");
        assert_eq!(outcome["results"][1]["errorCode"], "chat:not_person");
        assert_eq!(outcome["results"][3]["errorCode"], "chat:notfound");
        let on_it = ana.control(Method::GET, &on_phone(&ana, ""), None).await.ok();
        let mut on_it: Vec<&str> =
            on_it["blocked"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        on_it.sort_unstable();
        assert_eq!(on_it, if blocked { vec![super::BEN, super::CLEO] } else { Vec::new() }, "{action}");
        let contact = server.get(&format!("/v1/chat/{}/contacts/{BEN_ID}", device.id)).await.ok();
        assert_eq!(contact["meta"]["isContactBlocked"], blocked, "{action}");
    }
    let mixed = json!({ "action": "resolve", "chats": ["+16001234599", BEN_ID] });
    let outcome = server.patch(&path, mixed).await.ok();
    assert_eq!((&outcome["updated"], &outcome["failed"]), (&json!(1), &json!(1)));
    assert_eq!(outcome["results"][0]["errorCode"], "chat:notfound");
    assert_eq!(outcome["results"][1], json!({ "chat": BEN_ID, "ok": true }));
    let too_many: Vec<String> = (0..101).map(|n| format!("1600{n:07}@c.us")).collect();
    server.patch(&path, json!({ "action": "pin", "chats": too_many })).await.refused(400, "chat:count");
    let wrong = json!({ "action": "pin", "chats": both, "params": { "add": ["x"] } });
    server.patch(&path, wrong).await.refused(400, "chat:params");
    server.patch(&path, json!({ "action": "assign", "chats": both })).await.refused(400, "chat:owner");
    server.patch(&path, json!({ "action": "labels", "chats": both })).await.refused(400, "chat:labels");
}
