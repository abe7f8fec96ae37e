//! What a message may ask for: at each limit the last value that is taken and
//! the first that is not. What it may say has its own table, beside the rules
//! (`sparkbot_core::outbound`).

use serde_json::{Value, json};
use sparkbot_core::clock::iso;

use super::support::Surface;

const GROUP: &str = "120363012345678901@g.us";

async fn device(surface: &Surface) -> String {
    let made = surface.call("POST", "/v1/devices", Some(r#"{"alias":"Support"}"#)).await.json();
    made["id"].as_str().expect("an id").to_owned()
}

fn message(device: &str, more: &Value) -> String {
    let mut body = json!({ "device": device, "message": "hello" });
    if ["phone", "group", "channel"].iter().all(|receiver| more.get(receiver).is_none()) {
        body["phone"] = json!("+16001234561");
    }
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body.to_string()
}

#[tokio::test]
async fn every_limit_of_a_request_is_kept_and_named() {
    let surface = Surface::new().await;
    let device = device(&surface).await;
    let x = |n: usize| "x".repeat(n);
    let action = |name: &str, params: Value| json!({ "actions": [{ "action": name, "params": params }] });
    let words = |n: usize, longest: usize| (0..n).map(|i| format!("{i:0longest$}")).collect::<Vec<_>>();
    let fact = |key: usize, value: usize| json!({ "metadata": [{ "key": x(key), "value": x(value) }] });
    let facts = |n: usize| json!({ "metadata": vec![json!({ "key": "a", "value": "b" }); n] });
    let date = |days: i64| iso(surface.core.now() + days * 86_400_000);
    let resolve = json!({ "action": "chat:resolve" });
    for (good, bad, part) in [
        (json!({ "message": x(6000) }), json!({ "message": x(6001) }), "6000"),
        (json!({ "phone": "+16001234561" }), json!({ "phone": "16001" }), "phone number"),
        (json!({ "group": GROUP }), json!({ "group": format!("{}@g.us", "1".repeat(46)) }), "50"),
        (json!({ "group": GROUP }), json!({ "group": "16001234561@c.us" }), "16001234561@c.us"),
        (
            json!({ "channel": "120363012345678901@newsletter" }),
            json!({ "channel": format!("{}@newsletter", "1".repeat(40)) }),
            "50",
        ),
        (json!({ "channel": "120363012345678901@newsletter" }), json!({ "channel": GROUP }), GROUP),
        (json!({ "phone": "+16001234561" }), json!({ "phone": "+16001234561", "group": GROUP }), "phone and group"),
        (json!({ "priority": "low" }), json!({ "priority": "lowest" }), "lowest"),
        (json!({ "label": x(30) }), json!({ "label": x(31) }), "30"),
        (json!({ "reference": x(128) }), json!({ "reference": x(129) }), "128"),
        (json!({}), json!({ "agent": x(25) }), "team member"),
        (json!({ "enqueue": "always" }), json!({ "enqueue": "sometimes" }), "sometimes"),
        (json!({ "enqueue": "" }), json!({ "enqueue": "always", "live": true }), "contradict"),
        (json!({ "retries": 0 }), json!({ "retries": -1 }), "-1"),
        (json!({ "retries": 100 }), json!({ "retries": 101 }), "100"),
        (json!({ "typing": 30 }), json!({ "typing": 31 }), "30"),
        (json!({ "typing": 0 }), json!({ "typing": -1 }), "-1"),
        (json!({}), json!({ "quote": "A".repeat(33) }), "32"),
        (json!({}), json!({ "quote": "3EB0 with spaces 000000" }), "3EB0 with spaces"),
        (json!({ "order": true }), json!({ "order": "yes" }), "order"),
        (json!({ "sendReadAck": true }), json!({ "sendReadAck": 1 }), "sendReadAck"),
        (json!({ "expiration": { "seconds": 5 } }), json!({ "expiration": { "seconds": 4 } }), "5"),
        (
            json!({ "expiration": { "seconds": 2_592_000 } }),
            json!({ "expiration": { "seconds": 2_592_001 } }),
            "2592000",
        ),
        (json!({ "expiration": { "duration": "30d" } }), json!({ "expiration": { "duration": "31d" } }), "31d"),
        (json!({ "expiration": { "duration": "10m" } }), json!({ "expiration": { "duration": "soon" } }), "soon"),
        (json!({ "expiration": { "date": date(1) } }), json!({ "expiration": { "date": date(-1) } }), "passed"),
        (json!({ "expiration": { "date": date(29) } }), json!({ "expiration": {} }), "expiration"),
        (
            json!({ "expiration": { "seconds": 60 } }),
            json!({ "expiration": { "seconds": 60, "duration": "1h" } }),
            "expiration",
        ),
        (json!({ "deliverAt": date(365) }), json!({ "deliverAt": date(367) }), "366"),
        (json!({ "deliverAt": date(1) }), json!({ "deliverAt": "tomorrow" }), "tomorrow"),
        (json!({ "deliverAt": date(1) }), json!({ "deliverAt": date(-1) }), "passed"),
        (json!({ "schedule": { "delay": 31_622_400 } }), json!({ "schedule": { "delay": 31_622_401 } }), "31622400"),
        (json!({ "schedule": { "delayTo": "52w" } }), json!({ "schedule": { "delayTo": "53w" } }), "53w"),
        (
            json!({ "schedule": { "date": date(2) } }),
            json!({ "schedule": { "date": date(2) }, "deliverAt": date(2) }),
            "exactly one",
        ),
        (json!({ "actions": vec![resolve.clone(); 20] }), json!({ "actions": vec![resolve; 21] }), "20"),
        (
            action("labels:add", json!({ "labels": words(50, 30) })),
            action("labels:add", json!({ "labels": words(51, 3) })),
            "50",
        ),
        (
            action("labels:set", json!({ "labels": words(1, 30) })),
            action("labels:set", json!({ "labels": words(1, 31) })),
            "30",
        ),
        (
            action("labels:remove", json!({ "labels": ["a"] })),
            action("labels:remove", json!({ "labels": [] })),
            "labels",
        ),
        (action("metadata:set", fact(30, 300)), action("metadata:set", fact(31, 1)), "30"),
        (action("metadata:add", fact(1, 1)), action("metadata:add", fact(1, 301)), "300"),
        (action("metadata:add", facts(10)), action("metadata:add", facts(11)), "10"),
        (
            action("metadata:remove", json!({ "keys": words(30, 30) })),
            action("metadata:remove", json!({ "keys": words(31, 2) })),
            "30",
        ),
        (action("chat:unassign", json!({})), action("chat:assign", json!({ "agent": x(25) })), "team member"),
        (action("chat:read", json!({})), action("chat:assign", json!({})), "params.agent"),
        (action("chat:unread", json!({})), action("chat:explode", json!({})), "chat:explode"),
        (action("chat:unresolve", json!({})), action("chat:resolve", json!({ "why": "done" })), "why"),
    ] {
        let answer = surface.call("POST", "/v1/messages", Some(&message(&device, &good))).await;
        assert_eq!(answer.status, 201, "{good}: {}", answer.text);
        let answer = surface.call("POST", "/v1/messages", Some(&message(&device, &bad))).await;
        let (status, code, sentence) = answer.refusal();
        assert_eq!(status, 400, "{bad}: {sentence}");
        assert!(sentence.contains(part), "{bad}: {code}: {sentence}");
    }
}

#[tokio::test]
async fn a_channel_takes_what_channels_can_show() {
    let surface = Surface::new().await;
    let device = device(&surface).await;
    let id = "3EB0A1B2C3D4E5F60718293A";
    let channel = "120363012345678901@newsletter";
    for (bad, part) in [
        (json!({ "vote": { "poll": id } }), "votes"),
        (json!({ "attend": { "event": id, "confirm": true } }), "answers to events"),
        (json!({ "message": "Shall we?", "buttons": [{ "id": "1", "text": "Yes" }] }), "buttons"),
        (
            json!({ "message": "Which?", "list": { "button": "Open", "sections": [{ "rows": [{ "id": "1", "title": "One" }] }] } }),
            "lists",
        ),
    ] {
        let mut body = bad.clone();
        body["device"] = json!(device);
        body["channel"] = json!(channel);
        let answer = surface.call("POST", "/v1/messages", Some(&body.to_string())).await;
        let (status, code, sentence) = answer.refusal();
        assert_eq!((status, code.as_str()), (400, "message:channel"), "{bad}");
        assert!(sentence.contains(part) && sentence.contains(channel), "{sentence}");
    }
    // Nor by a change of the receiver while it waits.
    let body = json!({ "device": device, "phone": "+16001234561", "message": "Shall we?", "buttons": [{ "id": "1", "text": "Yes" }] });
    let waiting = surface.call("POST", "/v1/messages", Some(&body.to_string())).await.json();
    let path = format!("/v1/messages/{}", waiting["id"].as_str().expect("an id"));
    let change = json!({ "channel": channel }).to_string();
    assert_eq!(surface.call("PATCH", &path, Some(&change)).await.refusal().1, "message:channel");
}
