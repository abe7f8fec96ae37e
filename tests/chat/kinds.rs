//! Each kind that a phone sends arrives with its full shape, at the webhook and
//! in the list.

use serde_json::{Value, json};

use super::{ANA, BEN, BEN_ID, says, says_to};
use crate::support::Server;

/// A check of one kind's shape.
type Check = fn(&Value);

#[tokio::test]
async fn every_kind_arrives_with_its_shape() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Dora\nTEL;waid=491701234567:+49 170 1234567\nEND:VCARD";
    let kinds: Vec<(Value, &str, Check)> = vec![
        (json!({ "text": "plain words" }), "text", |m| assert_eq!(m["body"], "plain words")),
        (
            json!({ "location": { "latitude": 52.5, "longitude": 13.25, "name": "Office", "address": "Main Street 1" } }),
            "location",
            |m| {
                assert_eq!((&m["location"]["latitude"], &m["location"]["longitude"]), (&json!(52.5), &json!(13.25)));
                assert_eq!((&m["location"]["name"], &m["location"]["isLive"]), (&json!("Office"), &json!(false)));
            },
        ),
        (json!({ "liveLocation": { "latitude": 1.0, "longitude": 2.0, "caption": "on my way" } }), "location", |m| {
            assert_eq!((&m["subtype"], &m["location"]["isLive"]), (&json!("live"), &json!(true)));
            assert_eq!(m["meta"]["isLive"], true);
        }),
        (json!({ "contact": { "displayName": "Dora", "vcard": card } }), "contacts", |m| {
            assert_eq!(
                (&m["contacts"][0]["name"], &m["contacts"][0]["phone"]),
                (&json!("Dora"), &json!("+49 170 1234567"))
            );
            assert_eq!(m["contacts"][0]["wids"], json!(["491701234567@c.us"]));
        }),
        (json!({ "poll": { "name": "Lunch?", "options": ["Pizza", "Soup"], "selectable": 1 } }), "poll", |m| {
            assert_eq!((&m["body"], &m["poll"]["name"]), (&Value::Null, &json!("Lunch?")));
            assert_eq!((&m["poll"]["options"][1]["name"], &m["poll"]["multiple"]), (&json!("Soup"), &json!(false)));
            assert_eq!(m["poll"]["count"], 0);
        }),
        (
            json!({ "event": { "name": "Party", "description": "Bring cake", "startTime": 1_900_000_000 } }),
            "event",
            |m| {
                assert_eq!((&m["event"]["name"], &m["event"]["description"]), (&json!("Party"), &json!("Bring cake")));
                assert_eq!(m["event"]["date"], "2030-03-17T17:46:40.000Z");
            },
        ),
        (
            json!({ "list": { "text": "Which?", "button": "Open", "sections": [{ "title": "All", "rows": [{ "id": "r1", "title": "One" }] }] } }),
            "list",
            |m| {
                assert_eq!((&m["list"]["kind"], &m["list"]["button"]), (&json!("list"), &json!("Open")));
                assert_eq!(m["list"]["sections"][0]["rows"][0]["id"], "r1");
            },
        ),
        (
            json!({ "product": { "id": "p-1", "title": "Cup", "currency": "EUR", "price1000": 12_500 } }),
            "product",
            |m| {
                assert_eq!((&m["product"]["name"], &m["product"]["price"]), (&json!("Cup"), &json!(12.5)));
                assert_eq!(m["product"]["currency"], "EUR");
            },
        ),
        (
            json!({ "order": { "id": "o-1", "title": "Cups", "items": 2, "total1000": 25_000, "currency": "EUR" } }),
            "order",
            |m| {
                assert_eq!(
                    (&m["order"]["id"], &m["order"]["items"], &m["order"]["total"]),
                    (&json!("o-1"), &json!(2), &json!(25.0))
                );
            },
        ),
    ];
    for (said, kind, check) in kinds {
        let id = says_to(&ben, ANA, said).await;
        let event = receiver.event(kind, |e| e["id"] == id.as_str()).await;
        assert_eq!(event["data"]["type"], kind, "{event:#}");
        check(&event["data"]);
        let shown = server.get(&format!("/v1/chat/{}/messages/{id}", device.id)).await.ok();
        assert_eq!(
            (&shown["type"], &shown["flow"], &shown["chat"]["id"]),
            (&json!(kind), &json!("inbound"), &json!(BEN_ID))
        );
        check(&shown);
    }
}

#[tokio::test]
async fn quotes_mentions_and_marks_of_a_message_are_told() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let body = json!({ "device": device.id, "phone": BEN, "message": "What time?", "reference": "ask-1" });
    let asked = server.post("/v1/messages", body).await.ok();
    ben.receives("What time?").await;
    let question = asked["waId"].as_str().expect("its id");
    says_to(&ben, ANA, json!({ "quote": { "id": question, "text": "At five" } })).await;
    let answer = receiver.gets("message:in:new", "At five").await;
    assert_eq!(answer["data"]["quoted"]["id"], question);
    assert_eq!(answer["data"]["quoted"]["type"], "text");
    assert_eq!(answer["data"]["quoted"]["body"], "What time?");
    assert_eq!(answer["data"]["quoted"]["reference"], "ask-1", "the caller finds its own message again");
    let body =
        json!({ "to": ANA, "text": "hello @16001234560", "mentions": [ANA], "forwarded": true, "expiration": 86_400 });
    says(&ben, body).await;
    let told = receiver.gets("message:in:new", "hello @16001234560").await;
    assert_eq!(told["data"]["mentions"], json!(["16001234560@c.us"]));
    assert_eq!(told["data"]["meta"]["isForwarded"], true);
    assert_eq!(
        (&told["data"]["meta"]["isEphemeral"], &told["data"]["meta"]["ephemeralDuration"]),
        (&json!(true), &json!(86_400))
    );
}
