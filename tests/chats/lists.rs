//! Chats are found by every filter, in every order.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ANA, BEN, BEN_ID, CLEO, CLEO_ID, EVENTS, chat, chats, on_phone};
use crate::support::{Server, text};

#[tokio::test]
async fn chats_are_found_by_every_filter() {
    let server = Server::start().await;
    let receiver = server.receiver(EVENTS).await;
    let (device, ana, ben, _) = super::inbox(&server, &receiver).await;
    let dora = server.phone("+16001234563", "Dora Zulu").await;
    let group = json!({ "subject": "Neighbours", "participants": [ANA, CLEO] });
    let group = ben.control(Method::POST, &on_phone(&ben, "/groups"), Some(group)).await.ok();
    let group = text(&group, "/id").to_owned();
    dora.send(ANA, "third").await;
    receiver.gets("message:in:new", "third").await;
    ben.send(&group, "to all").await;
    receiver.gets("message:in:new", "to all").await;
    ben.send(ANA, "last").await;
    receiver.gets("message:in:new", "last").await;
    let me = server.get("/v1/me").await.ok()["user"]["id"].as_str().expect("my id").to_owned();
    let path = |id: &str, rest: &str| chats(&device, &format!("/{id}{rest}"));
    let dora_id = "16001234563@c.us";
    server.patch(&path(dora_id, "/status"), json!({ "status": "resolved" })).await.ok();
    server.patch(&path(CLEO_ID, "/attributes"), json!({ "muted": true })).await.ok();
    server.patch(&path(CLEO_ID, "/unread"), json!({ "unread": false })).await.ok();
    server.patch(&path(BEN_ID, "/owner"), json!({ "agent": me })).await.ok();
    server.patch(&path(BEN_ID, "/labels"), json!(["vip", "blue"])).await.ok();
    server.patch(&path(CLEO_ID, "/labels"), json!(["blue"])).await.ok();
    server.call(Method::PUT, &path(&group, "/archive"), None).await.ok();
    chat(&server, &device, &group, "that it is archived", |chat| chat["status"] == "archived").await;

    let ids = [(BEN_ID, 'b'), (CLEO_ID, 'c'), (dora_id, 'd'), (group.as_str(), 'g')];
    let name = |chat: &Value| ids.iter().find(|(id, _)| chat["id"] == *id).map_or('?', |(_, name)| *name);
    for (query, wanted) in [
        ("", "bgdc"),
        ("sort=lastMessageAt:desc", "bgdc"),
        ("sort=lastMessageAt:asc", "cdgb"),
        ("sort=name:asc&type=chat", "bcd"),
        ("sort=name:desc&type=chat", "dcb"),
        ("sort=unreadCount:desc&type=chat", "bdc"),
        ("status=pending", "c"),
        ("status=active", "b"),
        ("status=resolved", "d"),
        ("status=archived", "g"),
        ("status=muted", "c"),
        ("status%5B%5D=archived&status%5B%5D=muted", "gc"),
        ("unread=true", "bgd"),
        ("unread=false", "bgdc"),
        ("active=true", "bc"),
        ("canSend=true&type=chat", "bdc"),
        ("readOnly=true", ""),
        ("type=chat", "bdc"),
        ("type=group", "g"),
        ("type=channel,community", ""),
        (&format!("agent={me}"), "b"),
        ("agent=000000000000000000000000", ""),
        ("search=zul%20dora", "d"),
        ("search=%2B16001234562", "c"),
        ("search=1600123456", "bdc"),
        ("search=ora", ""),
        ("labels=blue", "bc"),
        ("labels=vip,red", "b"),
        ("labelsExclude=blue", "gd"),
        ("labels=blue&labelsExclude=vip", "c"),
        ("type=chat&status=pending,active&unread=true&labels=vip&search=ben", "b"),
    ] {
        let answer = server.get(&chats(&device, &format!("?{query}"))).await;
        let total = answer.headers.get("x-total-count").and_then(|total| total.to_str().ok()).map(str::to_owned);
        let found = answer.ok();
        let shown: String = found.as_array().expect("a bare list").iter().map(name).collect();
        let times: Vec<i64> =
            found.as_array().into_iter().flatten().filter_map(|chat| chat["lastMessageTime"].as_i64()).collect();
        if query.contains("sort=name") || query.contains("sort=unread") {
            assert_eq!(shown, wanted, "{query}");
        } else {
            // Several may have the same second.
            assert_eq!(sorted(&shown), sorted(wanted), "{query}");
            let newest_first = !query.contains(":asc");
            assert!(times.is_sorted_by(|a, b| if newest_first { a >= b } else { a <= b }), "{query}: {times:?}");
        }
        assert_eq!(total, Some(wanted.len().to_string()), "{query}");
    }
    for order in ["lastMessageAt:desc", "lastMessageAt:asc", "name:asc"] {
        let mut all = String::new();
        for page in 0..3 {
            let found = server.get(&chats(&device, &format!("?sort={order}&size=3&page={page}"))).await.ok();
            all.extend(found.as_array().expect("a page").iter().map(name));
        }
        assert_eq!(sorted(&all), "bcdg", "{order}: each chat on one page");
    }
    let full = server.get(&chats(&device, "?include=messages,notes,participants&search=ben")).await.ok();
    let full = &full[0];
    assert_eq!(full["messages"].as_array().map(Vec::len), Some(2));
    assert_eq!((full["messages"][0]["body"].as_str(), &full["notes"]), (Some("last"), &json!([])));
    assert_eq!((&full["contact"]["phone"], &full["stats"]["inboundMessages"]), (&json!(BEN), &json!(2)));
    assert!(full.get("group").is_none(), "a chat with a person has no participants: {full:#}");
    let people = |chat: &Value| -> String {
        let people = chat["group"]["participants"].as_array().expect("who is in the group");
        let phones: String = people.iter().map(|one| text(one, "/phone").chars().last().unwrap_or('?')).collect();
        sorted(&phones)
    };
    let listed = server.get(&chats(&device, "?type=group&include=participants")).await.ok();
    assert_eq!(people(&listed[0]), "012", "Ana, Ben and Cleo: {listed:#}");
    let one = server.get(&path(&group, "?include=participants")).await.ok();
    assert_eq!((people(&one).as_str(), &one["group"]["participants"][0]["phone"]), ("012", &json!(BEN)), "who made it");
    let without = server.get(&path(&group, "")).await.ok();
    assert!(without["group"].get("participants").is_none());
    let one = server.get(&chats(&device, &format!("/{}?include=messages", BEN.replace('+', "%2B")))).await.ok();
    assert_eq!((&one["id"], &one["messages"][1]["body"]), (&json!(BEN_ID), &json!("hello from Ben")));
    if let Some(lid) = one["lid"].as_str() {
        assert_eq!(server.get(&chats(&device, &format!("/{lid}"))).await.ok()["id"], BEN_ID);
    }
    for (query, code) in
        [("status=lost", "query:invalid"), ("sort=size:asc", "query:invalid"), ("size=0", "query:invalid")]
    {
        server.get(&chats(&device, &format!("?{query}"))).await.refused(400, code);
    }
    server.get(&chats(&device, "/nobody")).await.refused(400, "chat:invalid");
    server.get(&chats(&device, "/16009999999@c.us")).await.refused(404, "chat:notfound");
    server.get("/v1/chat/000000000000000000000000/chats").await.refused(404, "device:notfound");
    drop(ana);
}

fn sorted(names: &str) -> String {
    let mut names: Vec<char> = names.chars().collect();
    names.sort_unstable();
    names.into_iter().collect()
}
