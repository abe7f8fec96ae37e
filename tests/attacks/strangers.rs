//! What WhatsApp's server lets everybody send, and only some may: messages between
//! the devices of one account, and changes of what somebody else has written.

use std::io::Write as _;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use reqwest::Method;
use serde_json::{Value, json};

use super::wire::{self, Wire, protocol};
use crate::support::{ANA, BEN, Phone, Place, eventually, text};

const CLEO: &str = "+16001234562";
const CLEO_ID: &str = "16001234562@c.us";
const GHOST: &str = "16009999999@s.whatsapp.net";
const GHOST_TEXT: &str = "I never wrote this";

/// A message of any kind from a phone; its id.
async fn tells(from: &Phone, body: Value) -> String {
    let sent = from.control(Method::POST, &from.path("/messages"), Some(body)).await.ok();
    text(&sent, "/id").to_owned()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("written");
    packer.finish().expect("packed")
}

/// A `PeerDataOperationRequestResponseMessage` with a message that was never sent.
fn resent() -> Wire {
    let message = Wire::new().message(1, wire::key(GHOST, false, "3EB0FA15EFA15EFA15E1", None));
    let message = message.message(2, wire::text(GHOST_TEXT)).number(3, 1_700_000_000).finish();
    let result = Wire::new().message(4, Wire::new().bytes(1, message));
    Wire::new().number(1, 4).bytes(2, "3EB0AAAAAAAAAAAAAAAA").message(3, result)
}

/// Everything that only devices of the account itself may send.
fn peer_messages() -> Vec<(&'static str, Wire)> {
    let inline = packed(&wire::history(GHOST, GHOST_TEXT));
    let key_data = Wire::new().bytes(1, [7; 32]).number(3, 1_700_000_000);
    let sync_key = Wire::new().message(1, Wire::new().bytes(1, [0, 0, 0, 0, 0, 1])).message(2, key_data);
    // The own number under a private id that is the attacker's.
    let mapping = Wire::new().number(1, 16_001_234_561).number(2, 999_999_999_999_999);
    let mapping = packed(&Wire::new().message(1, mapping).finish());
    vec![
        (
            "history, inline",
            protocol(5, |p| p.message(6, Wire::new().number(6, 0).number(7, 1).number(9, 100).bytes(11, inline))),
        ),
        (
            "history, from a media host",
            protocol(5, |p| {
                let file = Wire::new().bytes(1, [1; 32]).number(2, 1000).bytes(3, [2; 32]).bytes(4, [3; 32]);
                p.message(6, file.bytes(5, "/v/t62.1-24/nothing.enc").number(6, 3).number(7, 1))
            }),
        ),
        ("app state keys", protocol(6, |p| p.message(7, Wire::new().message(1, sync_key)))),
        (
            "a wish for app state keys",
            protocol(7, |p| {
                let id = Wire::new().bytes(1, [0, 0, 0, 0, 0, 1]);
                p.message(8, Wire::new().message(1, id))
            }),
        ),
        ("a fatal app state error", protocol(10, |p| p.message(10, Wire::new().bytes(1, "regular_low")))),
        ("a wish for data", protocol(16, |p| p.message(16, Wire::new().number(1, 3)))),
        ("data nobody asked for", protocol(17, |p| p.message(17, resent()))),
        ("other private ids", protocol(22, |p| p.message(23, Wire::new().bytes(1, mapping)))),
        (
            "a copy of what another device is said to have sent",
            Wire::new().message(31, Wire::new().bytes(1, GHOST).message(2, wire::text(GHOST_TEXT))),
        ),
    ]
}

#[tokio::test]
async fn what_only_own_devices_may_send_is_dropped_and_holds_nothing_up() {
    let place = Place::new().await;
    let server = &place.server;
    let receiver = server.receiver(&["message:in:new", "message:out:new", "chat:update"]).await;
    let path = |rest: &str| format!("/v1/chat/{}/{rest}", place.device.id);
    place.ben.send(ANA, "before").await;
    receiver.gets("message:in:new", "before").await;
    for (what, message) in peer_messages() {
        tells(&place.ben, message.body(ANA)).await;
        // The next message is not waited for longer than any other: each part of
        // the history has a minute, which only the own phone gets.
        let started = Instant::now();
        let after = format!("after {what}");
        place.ben.send(ANA, &after).await;
        receiver.gets("message:in:new", &after).await;
        assert!(started.elapsed() < Duration::from_secs(30), "{what} held up what came after it");
    }
    let log = std::fs::read_to_string(server.folder().join("server.log")).expect("the log");
    assert!(
        log.contains("somebody else has announced history"),
        "it did not come so far as to hold anything up: {log}"
    );
    // Nobody was made to say anything, no chat was made up.
    let chats = server.get(&path("chats")).await.ok();
    assert_eq!(chats.as_array().map(Vec::len), Some(1), "{chats:#}");
    let all = server.get(&path("messages?size=100")).await.ok();
    for message in all.as_array().expect("messages") {
        assert_eq!(message["fromNumber"], BEN, "{message:#}");
        // What is said to be a copy of a sent message is Ben's own words at most.
        assert_eq!(message["flow"], "inbound", "{message:#}");
    }
    assert!(receiver.events().iter().all(|event| event["event"] != "message:out:new"));
    // Keys and private ids are what they were: the own phone is still followed...
    let chat = format!("/phones/{}/chats/{}", ANA.replace('+', "%2B"), BEN.replace('+', "%2B"));
    place.ana.control(Method::PUT, &chat, Some(json!({ "archived": true }))).await.ok();
    eventually("the chat to be archived", || async {
        let chats = server.get(&path("chats?size=10")).await.ok();
        (chats[0]["waStatus"] == "archived").then_some(())
    })
    .await;
    // ...and Ben is reached where he was.
    place.post(json!({ "message": "still you?" })).await;
    place.ben.receives("still you?").await;
    assert_eq!(server.online(&place.device.id).await["session"]["status"], "online");
}

/// A group of Ana, Ben and Cleo that the server knows; its id.
async fn group(place: &Place, cleo: &Phone) -> String {
    let body = json!({ "name": "All", "participants": [{ "phone": BEN }, { "phone": CLEO }] });
    let path = format!("/v1/devices/{}/groups", place.device.id);
    let group = text(&place.server.post(&path, body).await.ok(), "/id").to_owned();
    for phone in [&place.ben, cleo] {
        phone.event("the group", |event| event["kind"] == "group" && event["group"] == group.as_str()).await;
    }
    group
}

/// How the group calls somebody: the address that changes name as the author.
async fn address_of(phone: &Phone, number: &str) -> String {
    let person = phone.control(Method::GET, &format!("/phones/{}", number.replace('+', "%2B")), None).await.ok();
    text(&person, "/lid").to_owned()
}

#[tokio::test]
async fn nobody_changes_what_somebody_else_has_said() {
    let place = Place::new().await;
    let server = &place.server;
    let cleo = server.phone(CLEO, "Cleo").await;
    let receiver = server.receiver(&["message:in:new", "message:update", "message:reaction"]).await;
    let group = group(&place, &cleo).await;
    let said = tells(&place.ben, json!({ "to": group, "text": "Ben's words" })).await;
    let private = tells(&place.ben, json!({ "to": ANA, "text": "Ben's secret" })).await;
    receiver.gets("message:in:new", "Ben's words").await;
    receiver.gets("message:in:new", "Ben's secret").await;
    let ben = address_of(&place.ben, BEN).await;
    let edit = |key: Wire| protocol(14, |p| p.message(1, key).message(14, wire::text("Cleo's words")));
    let revoke = |key: Wire| protocol(0, |p| p.message(1, key));
    let emoji = |key: Wire| Wire::new().message(46, Wire::new().message(1, key).bytes(2, "💣"));
    let own = address_of(&place.ben, ANA).await;
    let claims = |chat: &str, id: &str| {
        [
            wire::key(chat, false, id, Some(&ben)),
            wire::key(chat, true, id, None),
            wire::key(chat, true, id, Some(&ben)),
            wire::key(chat, false, id, None),
        ]
    };
    // In the group, as whoever she says she is.
    for key in claims(&group, &said) {
        tells(&cleo, edit(key.clone()).body(&group)).await;
        tells(&cleo, revoke(key).body(&group)).await;
    }
    // From a chat of her own, into one that is not hers.
    for (chat, id) in [(ben.as_str(), &private), (own.as_str(), &private), (group.as_str(), &said)] {
        for key in claims(chat, id) {
            tells(&cleo, edit(key.clone()).body(ANA)).await;
            tells(&cleo, revoke(key.clone()).body(ANA)).await;
            tells(&cleo, emoji(key).body(ANA)).await;
        }
    }
    tells(&cleo, json!({ "to": group, "text": "done in the group" })).await;
    tells(&cleo, json!({ "to": ANA, "text": "done here" })).await;
    receiver.gets("message:in:new", "done in the group").await;
    receiver.gets("message:in:new", "done here").await;
    let path = |id: &str| format!("/v1/chat/{}/messages/{id}", place.device.id);
    for (id, words) in [(&said, "Ben's words"), (&private, "Ben's secret")] {
        let shown = server.get(&path(id)).await.ok();
        assert_eq!(shown["body"], words, "{shown:#}");
        assert_ne!(shown["meta"]["isRevoked"], true, "{shown:#}");
        assert_eq!(shown["reactions"].as_array().map_or(0, Vec::len), 0, "{shown:#}");
    }
    let told = receiver.events();
    let changed =
        told.iter().filter(|event| event["event"] == "message:update" && event["data"]["body"] == "Cleo's words");
    assert_eq!(changed.count(), 0, "{told:#?}");

    // An admin may take it away for all; that is how the refusals above are known
    // to be of her, and not of the kind.
    let promote = json!({ "action": "promote", "participants": [CLEO] });
    let members = place.ana.path(&format!("/groups/{group}/participants"));
    place.ana.control(Method::POST, &members, Some(promote)).await.ok();
    eventually("Cleo to be an admin", || async {
        let shown = server.get(&format!("/v1/devices/{}/groups/{group}", place.device.id)).await.ok();
        let people = shown["participants"].as_array().cloned().unwrap_or_default();
        people.iter().any(|one| one["phone"] == CLEO && one["isAdmin"] == true).then_some(())
    })
    .await;
    tells(&cleo, revoke(wire::key(&group, false, &said, Some(&ben))).body(&group)).await;
    place.chat_message(&said, |message| message["meta"]["isRevoked"] == true || message["status"] == "revoked").await;
    // And an author what is theirs.
    tells(&place.ben, json!({ "to": ANA, "message": { "edit": { "id": private, "text": "Ben's new secret" } } })).await;
    place.chat_message(&private, |message| message["body"] == "Ben's new secret").await;
}

#[tokio::test]
async fn a_vote_counts_for_who_has_cast_it_only() {
    let place = Place::new().await;
    let cleo = place.server.phone(CLEO, "Cleo").await;
    let receiver = place.server.receiver(&["message:in:new"]).await;
    let group = group(&place, &cleo).await;
    let poll = json!({ "poll": { "name": "Lunch?", "options": ["soup", "bread"] } });
    let poll = tells(&place.ben, json!({ "to": group, "message": poll })).await;
    let voters = |shown: &Value, option: &str| -> Vec<String> {
        let options = shown["poll"]["options"].as_array().cloned().unwrap_or_default();
        let option = options.into_iter().find(|one| one["name"] == option).unwrap_or_default();
        let voters = option["voters"].as_array().cloned().unwrap_or_default();
        voters.iter().map(|voter| text(voter, "/id").to_owned()).collect()
    };
    place.chat_message(&poll, |shown| shown["poll"]["options"].is_array()).await;
    let vote = json!({ "vote": { "id": poll, "options": ["soup"] } });
    let vote = tells(&place.ben, json!({ "to": group, "message": vote })).await;
    place.chat_message(&poll, |shown| voters(shown, "soup").len() == 1).await;

    // Cleo passes Ben's sealed vote on as her own, and as Ben's.
    let raw = place.ben.control(Method::GET, &place.ben.path(&format!("/messages/{vote}")), None).await.ok();
    let update = &raw["raw"]["poll_update_message"];
    let bytes = |name: &str| {
        let packed = update.pointer(&format!("/vote/{name}")).and_then(Value::as_str);
        STANDARD.decode(packed.unwrap_or_else(|| panic!("no {name} in {raw:#}"))).expect("base64")
    };
    let (payload, iv) = (bytes("enc_payload"), bytes("enc_iv"));
    let ben = address_of(&place.ben, BEN).await;
    for author in [Some(ben.as_str()), None] {
        let key = wire::key(&group, false, &poll, author);
        let sealed = Wire::new().bytes(1, &payload).bytes(2, &iv);
        let copied = Wire::new().message(1, key).message(2, sealed).number(4, 1_900_000_000_000);
        tells(&cleo, Wire::new().message(50, copied).body(&group)).await;
    }
    tells(&cleo, json!({ "to": group, "text": "voted" })).await;
    receiver.gets("message:in:new", "voted").await;
    let path = format!("/v1/chat/{}/messages/{poll}", place.device.id);
    let shown = place.server.get(&path).await.ok();
    assert_eq!(voters(&shown, "soup"), ["16001234561@c.us"], "{shown:#}");
    // Her own vote is counted as hers.
    let own = json!({ "vote": { "id": poll, "options": ["bread"] } });
    tells(&cleo, json!({ "to": group, "message": own })).await;
    let shown = place.chat_message(&poll, |shown| voters(shown, "bread").len() == 1).await;
    assert_eq!(voters(&shown, "bread"), [CLEO_ID]);
}
