//! The phone's past: in the inbox once the number is linked, as the phone shows
//! it; nobody is told of old messages; nothing of it is lost by `kill -9`; more
//! is asked for on demand.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Phone, Sandbox, Server, eventually, now, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
const BEN_ID: &str = "16001234561@c.us";
const CARLA: &str = "+16001234562";

/// The person's phone is driven, as CONTROL.md of the sandbox lists it.
async fn drive(phone: &Phone, method: Method, path: &str, body: Value) -> Value {
    let path = format!("/phones/{}{path}", phone.number.replace('+', "%2B"));
    phone.control(method, &path, Some(body)).await.ok()
}

async fn look(phone: &Phone, path: &str) -> Value {
    let path = format!("/phones/{}{path}", phone.number.replace('+', "%2B"));
    phone.control(Method::GET, &path, None).await.ok()
}

/// A message that a phone sends; its id.
async fn says(phone: &Phone, to: &str, message: Value) -> String {
    text(&drive(phone, Method::POST, "/messages", json!({ "to": to, "message": message })).await, "/id").to_owned()
}

/// An id as the API spells it.
fn wid(chat: &Value) -> String {
    let jid = text(chat, "/jid");
    jid.replace("@s.whatsapp.net", "@c.us")
}

/// How many messages the API has, of one chat or of all.
async fn count(server: &Server, device: &str, chat: Option<&str>) -> u64 {
    let filter = chat.map(|chat| format!("&chat={chat}")).unwrap_or_default();
    let answer = server.get(&format!("/v1/chat/{device}/messages?size=1{filter}")).await;
    let total = answer.headers.get("x-total-count").and_then(|total| total.to_str().ok()?.parse().ok());
    total.expect("a total")
}

/// All messages of a chat by id.
async fn messages(server: &Server, device: &str, chat: &str) -> BTreeMap<String, Value> {
    let path = format!("/v1/chat/{device}/messages?chat={chat}&size=200&include=chat");
    let list = server.get(&path).await.ok();
    let list = list.as_array().expect("a list");
    list.iter().map(|message| (text(message, "/id").to_owned(), message.clone())).collect()
}

/// The phone's chats of people and groups.
async fn chats(phone: &Phone) -> Vec<Value> {
    look(phone, "/chats").await["chats"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_linked_phones_past_is_in_the_inbox_as_the_phone_shows_it() {
    let server = Server::start().await;
    let receiver = server
        .receiver(&["message:in:new", "message:out:new", "message:reaction", "chat:update", "number:session"])
        .await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let carla = server.phone(CARLA, "Carla").await;
    drive(&ana, Method::POST, "/history", json!({ "chats": 20, "messagesPerChat": 30, "days": 60, "seed": 7 })).await;
    // What the sandbox itself has seen: every kind, in pairs and in a group.
    says(&ben, ANA, json!({ "text": "an old greeting" })).await;
    let place = json!({ "location": { "latitude": 52.5, "longitude": 13.25, "name": "Office" } });
    let place = says(&ben, ANA, place).await;
    let question = json!({ "poll": { "name": "Lunch?", "options": ["Pizza", "Soup"], "selectable": 1 } });
    let poll = says(&ben, ANA, question).await;
    ana.receives("an old greeting").await;
    eventually("the poll on the phone", || async {
        ana.messages().await.into_iter().find(|m| m["id"] == poll.as_str())
    })
    .await;
    says(&ana, BEN, json!({ "vote": { "id": poll, "options": ["Soup"] } })).await;
    let answer = says(&ana, BEN, json!({ "text": "an old answer" })).await;
    ben.receives("an old answer").await;
    says(&ben, ANA, json!({ "reaction": { "id": answer, "emoji": "👍" } })).await;
    let wrong = says(&ben, ANA, json!({ "text": "a slip" })).await;
    ana.receives("a slip").await;
    says(&ben, ANA, json!({ "revoke": { "id": wrong } })).await;
    let group = json!({ "subject": "Choir", "participants": [BEN, CARLA] });
    let group = text(&drive(&ana, Method::POST, "/groups", group).await, "/id").to_owned();
    let sung = says(&carla, &group, json!({ "text": "la la la" })).await;
    ana.receives("la la la").await;
    // How chats stand.
    let made = chats(&ana).await;
    let made: Vec<&Value> = made.iter().filter(|chat| text(chat, "/chat").starts_with("+1999")).collect();
    assert_eq!(made.len(), 20);
    let (archived, pinned) = (text(made[0], "/chat").replace('+', "%2B"), text(made[1], "/chat").replace('+', "%2B"));
    drive(&ana, Method::PUT, &format!("/chats/{archived}"), json!({ "archived": true })).await;
    drive(&ana, Method::PUT, &format!("/chats/{pinned}"), json!({ "pinned": true, "mutedUntil": -1 })).await;
    eventually("the reaction and the deletion on the phone", || async {
        let shown = ana.messages().await;
        let of = |id: &str| shown.iter().find(|m| m["id"] == id).cloned().unwrap_or_default();
        (of(&answer)["reactions"][0]["emoji"] == "👍" && of(&wrong)["revoked"] == true).then_some(())
    })
    .await;

    let device = server.linked("Support", &ana).await.id;
    let there = chats(&ana).await;
    let wanted: u64 = there.iter().map(|chat| chat["messages"].as_u64().expect("a count")).sum();
    assert!(wanted >= 600, "{wanted}");
    eventually("the whole past", || async { (count(&server, &device, None).await >= wanted).then_some(()) }).await;
    assert_eq!(count(&server, &device, None).await, wanted);

    // Each chat as the phone shows it: what was said, by whom, when, and how much of it is unread.
    for chat in &there {
        let id = wid(chat);
        let here = messages(&server, &device, &id).await;
        assert_eq!(here.len() as u64, chat["messages"].as_u64().expect("a count"), "{chat:#}");
        if !text(chat, "/chat").starts_with("+1999") {
            continue;
        }
        let path = format!("/history?chat={}&limit=100", text(chat, "/chat").replace('+', "%2B"));
        for told in look(&ana, &path).await["messages"].as_array().expect("a list") {
            let message = &here[text(told, "/id")];
            assert_eq!((&message["body"], &message["timestamp"]), (&told["text"], &told["timestamp"]), "{message:#}");
            let flow = if told["fromMe"] == true { "outbound" } else { "inbound" };
            assert_eq!(message["flow"], flow, "{message:#}");
            let emoji = message.pointer("/reactions/0/emoji").unwrap_or(&Value::Null);
            assert_eq!(*emoji, told["reaction"], "{message:#}");
            let shown = &message["chat"];
            assert_eq!((&shown["id"], &shown["name"]), (&json!(id), &chat["name"]));
            // Only what the phone has not read waits.
            let unread = chat["unread"].as_u64().expect("a count");
            assert_eq!(shown["status"] == "pending", unread > 0, "{shown:#} {chat:#}");
        }
    }
    let pair = messages(&server, &device, BEN_ID).await;
    assert_eq!((&pair[&place]["type"], &pair[&place]["location"]["name"]), (&json!("location"), &json!("Office")));
    let options = pair[&poll].pointer("/poll/options").and_then(Value::as_array).expect("options");
    assert_eq!((&options[1]["name"], options[1]["voters"].as_array().map(Vec::len)), (&json!("Soup"), Some(1)));
    assert_eq!((&pair[&answer]["reactions"][0]["emoji"], &pair[&answer]["flow"]), (&json!("👍"), &json!("outbound")));
    assert_eq!((&pair[&wrong]["status"], &pair[&wrong]["body"]), (&json!("revoked"), &Value::Null));
    let choir = messages(&server, &device, &group).await;
    // Whose number is told nowhere in the history is named by the private id.
    let members = look(&ana, &format!("/groups/{group}")).await["participants"].as_array().expect("members").clone();
    let carla = members.iter().find(|member| member["phone"] == CARLA).expect("Carla");
    let author = text(&choir[&sung], "/author").replace("@c.us", "");
    assert!(text(carla, "/lid").starts_with(&author) || author == CARLA[1..], "{author} {carla:#}");
    assert_eq!(choir[&sung]["body"], "la la la");
    assert_eq!(choir[&sung]["chat"]["name"], "Choir");

    // A vote on an old poll counts, so its key is here; and live messages go on.
    says(&ben, ANA, json!({ "vote": { "id": poll, "options": ["Pizza"] } })).await;
    eventually("a new vote on an old poll", || async {
        let poll = messages(&server, &device, BEN_ID).await.remove(&poll)?;
        (poll.pointer("/poll/options/0/voters").and_then(Value::as_array).map(Vec::len) == Some(1)).then_some(())
    })
    .await;
    ben.send(ANA, "a new message").await;
    receiver.gets("message:in:new", "a new message").await;
    receiver
        .event("the history", |e| e["data"]["change"] == "history" && e["data"]["history"]["kind"] == "recent")
        .await;
    let told: Vec<Value> =
        receiver.events().into_iter().filter(|e| text(e, "/event").starts_with("message:in")).collect();
    assert_eq!(told.len(), 1, "nobody hears of old messages: {told:#?}");
    assert!(receiver.events().iter().all(|e| e["event"] != "message:out:new"));
    // Only what is new changes chats, and what the phone keeps of them in its app state.
    let changed = receiver.events().into_iter().filter(|e| e["event"] == "chat:update");
    let by = |e: &Value| e["data"]["by"]["message"].is_string() || e["data"]["by"]["source"] == "phone";
    let unexpected: Vec<Value> = changed.filter(|e| !by(e)).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
}

#[tokio::test]
async fn a_phone_is_asked_for_what_is_older() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    server.phone(BEN, "Ben").await;
    let day = 86_400;
    let begin = now().as_second() - 200 * day;
    let old: Vec<Value> = (0..30)
        .map(|n| json!({ "id": format!("3EB0AAAAAAAAAAAAAA{n:02}"), "text": format!("old {n}"), "timestamp": begin + n, "read": true }))
        .collect();
    drive(&ana, Method::POST, "/history", json!({ "given": [{ "chat": BEN, "name": "Ben", "messages": old }] })).await;
    let device = server.linked("Support", &ana).await.id;
    let path = format!("/v1/chat/{device}/chats/{BEN_ID}/sync");
    // Older than history.days: the chat is there, and nothing that was said.
    let first = eventually("the chat", || async {
        let page = server.get(&format!("{path}?size=20")).await;
        (page.status == 200).then_some(page)
    })
    .await
    .ok();
    let bodies = |page: &Value| -> Vec<String> {
        page.as_array().expect("a list").iter().map(|m| text(m, "/body").to_owned()).collect()
    };
    let newest: Vec<String> = (10..30).rev().map(|n| format!("old {n}")).collect();
    assert_eq!(bodies(&first), newest);
    let second = server.get(&format!("{path}?size=20&page=1")).await.ok();
    let oldest: Vec<String> = (0..10).rev().map(|n| format!("old {n}")).collect();
    assert_eq!(bodies(&second), oldest);
    assert_eq!(count(&server, &device, Some(BEN_ID)).await, 30, "asked twice, nothing is there twice");

    // The same for all chats at once.
    let done = server.call(Method::DELETE, &format!("/v1/devices/{device}/chats"), None).await;
    drop(done);
    let report = server.post(&format!("/v1/chat/{device}/sync?size=10&messages=25"), json!({})).await.ok();
    assert_eq!(report["status"], "complete", "{report:#}");
    assert_eq!(report["device"]["id"], device.as_str());

    server.get(&format!("/v1/chat/{device}/chats/{BEN_ID}/sync?size=0")).await.refused(400, "query:invalid");
    server.get(&format!("/v1/chat/{device}/chats/16009999999@c.us/sync")).await.refused(404, "chat:notfound");
    server.post(&format!("/v1/chat/{device}/sync?messages=501"), json!({})).await.refused(400, "query:invalid");
}

#[tokio::test]
async fn history_survives_kill_9() {
    let seed = std::env::var("SPARKBOT_KILL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(3);
    println!("seed {seed}; SPARKBOT_KILL_SEED changes it");
    let sandbox = Sandbox::start(seed).await;
    let mut server = Server::on(&sandbox, &[]).await;
    let ana = server.phone(ANA, "Ana").await;
    let past = json!({ "chats": 40, "messagesPerChat": 60, "days": 60, "seed": seed });
    drive(&ana, Method::POST, "/history", past).await;
    let device = server.linked("Support", &ana).await.id;
    let mut seen = 0;
    for round in 0..4 {
        // At moments spread over the whole transfer.
        let more = seen + 200 + seed % 50 * round;
        seen = eventually("some more of the past", || async {
            let here = count(&server, &device, None).await;
            (here >= more || here == 2_400).then_some(here)
        })
        .await;
        tokio::time::sleep(Duration::from_millis(seed * 17 * (round + 1) % 90)).await;
        server = server.kill_and_restart().await;
        server.online(&device).await;
    }
    eventually("the whole past", || async { (count(&server, &device, None).await == 2_400).then_some(()) }).await;
    for chat in chats(&ana).await {
        assert_eq!(messages(&server, &device, &wid(&chat)).await.len(), 60, "{chat:#}");
    }
}

#[tokio::test]
async fn history_can_be_switched_off_and_limited() {
    let sandbox = Sandbox::start(5).await;
    let past = json!({ "chats": 3, "messagesPerChat": 40, "days": 60, "seed": 5 });
    let none = Server::on(&sandbox, &["--set", "history.enabled=false"]).await;
    let ana = none.phone(ANA, "Ana").await;
    drive(&ana, Method::POST, "/history", past).await;
    let device = none.linked("Support", &ana).await.id;
    eventually("the phone to have told everything", || async {
        (look(&ana, "/history").await["untoldParts"] == 0).then_some(())
    })
    .await;
    assert_eq!(count(&none, &device, None).await, 0);

    let few = Server::on(&sandbox, &["--set", "history.messages_per_chat=15"]).await;
    let device = few.linked("Support", &ana).await.id;
    eventually("the newest of each chat", || async { (count(&few, &device, None).await == 45).then_some(()) }).await;
}
