//! People of a team log in and see what is theirs.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ANA, Answer, BEN, Server, eventually, text};

const CLEO: &str = "+16001234562";
const BEN_ID: &str = "16001234561@c.us";
const CLEO_ID: &str = "16001234562@c.us";
const PASSWORD: &str = "correct horse battery";

/// Makes somebody of a number's team and logs them in: id and key.
async fn member(server: &Server, device: &str, name: &str, role: &str) -> (String, String) {
    let email = format!("{name}@example.com");
    let new = json!({ "displayName": name, "email": email, "password": PASSWORD, "role": role, "color": "teal" });
    let made = server.post(&format!("/v1/devices/{device}/team"), new).await.ok();
    let login = server.request(Method::POST, "/v1/login").json(&json!({ "email": email, "password": PASSWORD }));
    let come = server.answer(login).await.ok();
    (text(&made, "/id").to_owned(), text(&come, "/key").to_owned())
}

async fn ask(server: &Server, key: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let mut request = server.request(method, path).header("Token", key);
    if let Some(body) = body {
        request = request.json(&body);
    }
    server.answer(request).await
}

fn ids(list: &Value, pointer: &str) -> Vec<String> {
    let mut ids: Vec<String> =
        list.as_array().expect("a list").iter().map(|one| text(one, pointer).to_owned()).collect();
    ids.sort();
    ids.dedup();
    ids
}

#[tokio::test]
async fn an_agent_sees_their_own_chats_and_what_is_nobodys() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let (ben, cleo) = (server.phone(BEN, "Ben").await, server.phone(CLEO, "Cleo").await);
    let device = server.linked("Support", &ana).await.id;
    let other = server.device("Sales").await;
    let receiver = server.receiver(&["message:in:new", "chat:update"]).await;
    let (ada, ada_key) = member(&server, &device, "ada", "agent").await;
    let (bob, bob_key) = member(&server, &device, "bob", "agent").await;
    let (_, boss_key) = member(&server, &device, "boss", "supervisor").await;

    // Each gets a chat in turn, by the rule; the webhook hears by whom.
    for key in [&ada_key, &bob_key] {
        ask(&server, key, Method::PATCH, "/v1/team/availability", Some(json!({ "mode": "online" }))).await.ok();
    }
    server.patch(&format!("/v1/devices/{device}"), json!({ "autoAssign": { "active": true } })).await.ok();
    ben.send(ANA, "hello from Ben").await;
    receiver.gets("message:in:new", "hello from Ben").await;
    let event = receiver
        .event("that Ben's chat is somebody's", |event| {
            event["event"] == "chat:update" && event["data"]["chat"]["id"] == BEN_ID
        })
        .await;
    assert_eq!(event["data"]["by"]["source"], "rule");
    cleo.send(ANA, "hello from Cleo").await;
    receiver.gets("message:in:new", "hello from Cleo").await;
    let chats = format!("/v1/chat/{device}/chats");
    let owner = |chat: &'static str| {
        let (server, path) = (&server, format!("{chats}/{chat}"));
        async move { server.get(&path).await.ok()["owner"]["agent"].as_str().map(str::to_owned) }
    };
    let first = owner(BEN_ID).await.expect("somebody has Ben's chat");
    let second = owner(CLEO_ID).await.expect("somebody has Cleo's chat");
    assert_ne!(first, second);
    assert!([&ada, &bob].contains(&&first) && [&ada, &bob].contains(&&second));
    let ada_chat = if first == ada { BEN_ID } else { CLEO_ID };

    // Ada sees hers and what was said in it, and nothing else.
    for (path, pointer) in [(chats.clone(), "/id"), (format!("/v1/chat/{device}/messages"), "/chat/id")] {
        let seen = ask(&server, &ada_key, Method::GET, &path, None).await;
        assert_eq!(seen.headers["x-total-count"], "1", "{path}");
        assert_eq!(ids(&seen.ok(), pointer), [ada_chat], "{path}");
        assert_eq!(ids(&ask(&server, &boss_key, Method::GET, &path, None).await.ok(), pointer), [BEN_ID, CLEO_ID]);
    }
    let other_chat = if ada_chat == BEN_ID { CLEO_ID } else { BEN_ID };
    let messages = server.get(&format!("/v1/chat/{device}/messages?chat={other_chat}")).await.ok();
    let hidden = text(&messages[0], "/id").to_owned();
    for path in [format!("{chats}/{other_chat}"), format!("/v1/chat/{device}/messages/{hidden}")] {
        ask(&server, &ada_key, Method::GET, &path, None).await.refused(404, code(&path));
    }
    let found = ask(&server, &ada_key, Method::GET, &format!("/v1/chat/{device}/messages?search=hello"), None).await;
    assert_eq!(found.ok().as_array().map(Vec::len), Some(1));
    // She answers hers, and not the other.
    let say = |chat: &str| {
        let phone = if chat == BEN_ID { BEN } else { CLEO };
        json!({ "device": device, "phone": phone, "message": "here I am" })
    };
    ask(&server, &ada_key, Method::POST, "/v1/messages", Some(say(other_chat))).await.refused(403, "chat:forbidden");
    ask(&server, &ada_key, Method::POST, "/v1/messages", Some(say(ada_chat))).await.ok();
    (if ada_chat == BEN_ID { &ben } else { &cleo }).receives("here I am").await;
    server.send(&device, if other_chat == BEN_ID { BEN } else { CLEO }, "not Ada's").await;
    let sent = ask(&server, &ada_key, Method::GET, "/v1/messages", None).await.ok();
    assert_eq!(sent.as_array().map(Vec::len), Some(1), "{sent:#}");

    // What is handed over changes whose it is, for what is said in it too.
    let give = json!({ "agent": ada });
    server.patch(&format!("{chats}/{other_chat}/owner"), give).await.ok();
    eventually("both chats to be Ada's", || async {
        let seen = ask(&server, &ada_key, Method::GET, &format!("/v1/chat/{device}/messages"), None).await.ok();
        (ids(&seen, "/chat/id").len() == 2).then_some(())
    })
    .await;
    let bobs = ask(&server, &bob_key, Method::GET, &format!("/v1/chat/{device}/messages"), None).await.ok();
    assert_eq!(bobs, json!([]));
    // Numbers, too, are theirs or not; and each role has its bounds.
    ask(&server, &ada_key, Method::GET, &format!("/v1/devices/{other}"), None).await.refused(403, "device:forbidden");
    ask(&server, &ada_key, Method::GET, "/v1/webhooks", None).await.refused(403, "auth:role");
    ask(&server, &boss_key, Method::POST, "/v1/devices", Some(json!({ "alias": "X" }))).await.refused(403, "auth:role");

    // The number shows who may use it, and what they keep at hand.
    let reply = json!({ "shortcut": "hi", "message": "Hello!", "permission": "public" });
    server.post(&format!("/v1/devices/{device}/quickReplies"), reply).await.ok();
    let shown = server.get(&format!("/v1/devices/{device}?include=agents,quickReplies")).await.ok();
    let people: Vec<&str> =
        shown["agents"].as_array().expect("agents").iter().map(|one| text(one, "/user/name")).collect();
    assert_eq!(people.len(), 4, "{people:?}");
    assert_eq!(shown["quickReplies"]["entries"][0]["shortcut"], "hi");
    let made = server.post("/v1/devices", json!({ "alias": "With Bob", "agents": [bob] })).await.ok();
    let path = format!("/v1/devices/{}?include=agents", text(&made, "/id"));
    let shown = ask(&server, &bob_key, Method::GET, &path, None).await.ok();
    assert!(shown["agents"].as_array().expect("agents").iter().any(|one| one["user"]["id"] == bob.as_str()));
}

fn code(path: &str) -> &'static str {
    if path.contains("/messages/") { "message:notfound" } else { "chat:notfound" }
}
