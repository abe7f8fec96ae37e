//! Channels: made, changed and deleted here, and seen by those who follow them;
//! run by others, and followed here.

use reqwest::Method;
use serde_json::{Value, json};

use crate::groups::{PICTURE, base64, picture as given_out, served};
use crate::support::{Device, Phone, Receiver, Sandbox, Server, eventually, text};

const OWN: &str = "+16001234560";
const BEN: &str = "+16001234561";

impl Phone {
    /// A person makes a channel.
    async fn makes_channel(&self, body: Value) -> Value {
        self.control(Method::POST, &self.path("/channels"), Some(body)).await.ok()
    }

    /// A channel as the server has it.
    async fn channel(&self, id: &str) -> crate::support::Answer {
        self.control(Method::GET, &format!("/channels/{id}"), None).await
    }

    /// What the phone lists of a channel, if it does.
    async fn lists_channel(&self, id: &str) -> Option<Value> {
        let all = self.control(Method::GET, &self.path("/channels"), None).await.ok();
        all["channels"].as_array()?.iter().find(|channel| channel["id"] == id).cloned()
    }

    /// The person does something about a channel.
    async fn about_channel(&self, method: Method, id: &str, rest: &str, body: Value) -> Value {
        self.control(method, &self.path(&format!("/channels/{id}{rest}")), Some(body)).await.ok()
    }
}

fn path(device: &Device, rest: &str) -> String {
    format!("/v1/devices/{}/channels{rest}", device.id)
}

/// Waits for the event of a change of a channel.
async fn changed(receiver: &Receiver, channel: &str, change: &str) -> Value {
    let wanted = |event: &Value| {
        event["event"] == "group:update"
            && event["object"] == "channel"
            && event["data"]["id"] == channel
            && event["data"]["changes"].as_array().is_some_and(|changes| changes.iter().any(|c| c == change))
    };
    receiver.event(&format!("{change} of {channel}"), wanted).await["data"].clone()
}

async fn put(server: &Server, path: &str, body: Value) -> crate::support::Answer {
    server.call(Method::PUT, path, Some(body)).await
}

/// Waits until a channel is shown so here.
async fn shows(server: &Server, device: &Device, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = path(device, "?size=200");
    eventually(&format!("the API to show {what}"), || async {
        let all = server.get(&path).await.ok();
        all.as_array()?.iter().find(|channel| channel["id"] == id && wanted(channel)).cloned()
    })
    .await
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|channel| text(channel, "/name")).collect()
}

#[tokio::test]
async fn a_channel_is_made_changed_and_deleted() {
    let sandbox = Sandbox::start(1).await;
    let server = Server::on(&sandbox, &[]).await;
    let (own, ben) = (server.phone(OWN, "Ana").await, server.phone(BEN, "Ben").await);
    let device = server.linked("Support", &own).await;
    let receiver = server.receiver(&["group:update", "channel:in"]).await;

    // Made, with a picture, once however often it is asked.
    let new = json!({ "name": "Bakery", "description": "Bread of the day", "image": { "data": PICTURE } });
    let ask = || server.request(Method::POST, &path(&device, "")).header("Token", &server.key);
    let made = server.answer(ask().header("Idempotency-Key", "bakery-1").json(&new)).await;
    assert_eq!(made.status, 201, "{:#}", made.body);
    let made = made.ok();
    let id = text(&made, "/id").to_owned();
    assert!(id.ends_with("@newsletter"));
    assert_eq!(
        (&made["kind"], &made["role"], &made["isReadOnly"]),
        (&json!("channel"), &json!("owner"), &json!(false))
    );
    let seen = own.channel(&id).await.ok();
    assert_eq!((&seen["name"], &seen["description"]), (&json!("Bakery"), &json!("Bread of the day")));
    assert_eq!(seen["owner"], OWN);
    let first = jpeg(&seen);
    assert_eq!(given_out(&server, text(&made, "/imageUrl")).await, first);
    assert_eq!(made["inviteLink"], seen["invite"]);
    let again = server.answer(ask().header("Idempotency-Key", "bakery-1").json(&new)).await.ok();
    assert_eq!(again["id"], id);
    assert_eq!(names(&server.get(&path(&device, "")).await.ok()), ["Bakery"]);
    let told = changed(&receiver, &id, "membership").await;
    assert_eq!((&told["name"], &told["by"]["phone"]), (&json!("Bakery"), &json!(OWN)));
    let other = json!({ "name": "Plain", "image": { "url": served(base64(PICTURE)).await } });
    let other = server.post(&path(&device, ""), other).await.ok();
    assert_eq!(other["description"], Value::Null);
    let plain = own.channel(text(&other, "/id")).await.ok();
    assert!(jpeg(&plain).starts_with(&[0xff, 0xd8, 0xff]));

    // Changed, by a follower's eyes.
    ben.about_channel(Method::POST, &id, "/follow", json!({})).await;
    let change = json!({ "name": "Bakery Lane", "description": "Open from six", "image": tea() });
    let now = server.patch(&path(&device, &format!("/{id}")), change.clone()).await.ok();
    assert_eq!((&now["name"], &now["description"]), (&json!("Bakery Lane"), &json!("Open from six")));
    assert_eq!(now["totalParticipants"], 1);
    let seen = ben.lists_channel(&id).await.expect("Ben follows it");
    assert_eq!((&seen["name"], &seen["description"]), (&json!("Bakery Lane"), &json!("Open from six")));
    assert_ne!(jpeg(&seen), first);
    for word in ["name", "description", "image"] {
        let told = changed(&receiver, &id, word).await;
        assert_eq!(told["by"]["phone"], OWN, "{word}: {told:#}");
    }
    assert_eq!(changed(&receiver, &id, "name").await["previous"]["name"], "Bakery");
    let by_address = json!({ "image": served(base64(PICTURE)).await });
    server.patch(&path(&device, &format!("/{id}")), by_address).await.ok();
    assert_eq!(jpeg(&own.channel(&id).await.ok()), first);
    server.patch(&path(&device, &format!("/{id}")), json!({ "description": "" })).await.ok();
    assert_eq!(own.channel(&id).await.ok()["description"], "");
    let before = own.channel(&id).await.ok()["picture"].clone();
    put(&server, &path(&device, &format!("/{id}/image")), json!({ "image": tea() })).await.ok();
    assert_ne!(own.channel(&id).await.ok()["picture"], before);
    let address = served(base64(PICTURE)).await;
    let shown = put(&server, &path(&device, &format!("/{id}/image")), json!({ "url": address })).await.ok();
    assert_eq!(own.channel(&id).await.ok()["picture"], before);
    assert_eq!(given_out(&server, text(&shown, "/imageUrl")).await, first);

    // What is posted there is the number's own; who reacts is counted.
    let sent =
        server.post("/v1/messages", json!({ "device": device.id, "channel": id, "message": "Rye today" })).await.ok();
    server.delivery(text(&sent, "/id"), &["sent", "delivered", "read"]).await;
    let posts = ben.control(Method::GET, &ben.path(&format!("/channels/{id}/posts")), None).await.ok();
    assert_eq!(posts["posts"][0]["text"], "Rye today");
    let reaction = format!("/posts/{}/reaction", posts["posts"][0]["serverId"]);
    let told = eventually("a reaction of Ben's to be told", || async {
        // WhatsApp tells it to those only who have asked before it happened.
        for emoji in ["🎉", "👍"] {
            ben.about_channel(Method::PUT, &id, &reaction, json!({ "emoji": emoji })).await;
        }
        receiver.events().into_iter().find(|event| {
            event["event"] == "channel:in"
                && event["data"]["update"]["reactions"] == json!([{ "emoji": "👍", "count": 1 }])
        })
    })
    .await;
    let told = &told["data"];
    assert_eq!((&told["id"], &told["body"]), (&sent["waId"], &json!("Rye today")), "{told:#}");
    assert_eq!(told["post"]["reactions"], json!([{ "emoji": "👍", "count": 1 }]));
    assert_eq!((&told["chat"]["name"], &told["chat"]["type"]), (&json!("Bakery Lane"), &json!("channel")));
    assert_eq!(told["chat"]["channel"]["membership"], "owner");
    let kept = format!("/v1/chat/{}/messages/{}", device.id, text(&sent, "/waId"));
    eventually("his last reaction to be kept", || async {
        (server.get(&kept).await.ok()["post"]["reactions"] == json!([{ "emoji": "👍", "count": 1 }])).then_some(())
    })
    .await;
    ben.about_channel(Method::PUT, &id, &reaction, json!({ "emoji": "" })).await;
    let none = |event: &Value| {
        event["event"] == "channel:in"
            && event["data"]["id"] == sent["waId"]
            && event["data"]["update"]["reactions"] == json!([])
    };
    receiver.event("the reaction's being taken back", none).await;

    // Narrowed, a page at a time, the same after a restart.
    let list = async |server: &Server, query: &str| server.get(&path(&device, query)).await;
    let page = list(&server, "?permission=owner&size=1&page=1").await;
    assert_eq!(page.headers["x-total-count"], "2");
    assert_eq!(names(&page.ok()), ["Plain"]);
    assert_eq!(list(&server, "?permission=subscriber").await.ok(), json!([]));
    assert_eq!(names(&list(&server, "?permission=write").await.ok()), ["Bakery Lane", "Plain"]);
    let server = server.kill_and_restart().await;
    assert_eq!(names(&list(&server, "").await.ok()), ["Bakery Lane", "Plain"]);
    server.online(&device.id).await;

    // Deleted, for everybody.
    let deleted = server.delete(&path(&device, &format!("/{id}"))).await.ok();
    assert_eq!(deleted, json!({ "id": id, "deleted": true, "left": true }));
    assert_eq!(own.channel(&id).await.status, 404);
    assert!(ben.lists_channel(&id).await.is_none());
    let told = changed(&receiver, &id, "role").await;
    assert_eq!((&told["role"], &told["by"]["phone"]), (&Value::Null, &json!(OWN)), "{told:#}");
    assert_eq!(names(&list(&server, "").await.ok()), ["Plain"]);
    server.get(&path(&device, &format!("/{id}"))).await.refused(404, "channel:notfound");
}

#[tokio::test]
async fn channels_of_others_are_found_followed_and_left() {
    let server = Server::start().await;
    let (own, ben) = (server.phone(OWN, "Ana").await, server.phone(BEN, "Ben").await);
    // One that is followed when the number is linked is no news.
    let old = ben.makes_channel(json!({ "name": "Old" })).await;
    let old = text(&old, "/id").to_owned();
    own.about_channel(Method::POST, &old, "/follow", json!({})).await;
    let device = server.linked("Support", &own).await;
    let receiver = server.receiver(&["group:update", "channel:in", "message:in:new"]).await;
    shows(&server, &device, &old, "what is followed", |c| c["role"] == "subscriber" && c["isReadOnly"] == true).await;
    assert!(receiver.events().is_empty());

    // The directory: words, parts, countries, order.
    for (name, crowd, country) in
        [("Bakery of Bob", 500, "DE"), ("Bakery of nobody", 3, "FR"), ("Chess", 9_000, "DE"), ("Dancing", 70, "US")]
    {
        ben.makes_channel(json!({ "name": name, "crowd": crowd, "country": country })).await;
    }
    let newest = ben.makes_channel(json!({ "name": "Fresh bakery", "crowd": 10, "country": "DE" })).await;
    let find = async |body: Value| server.patch(&path(&device, ""), body).await.ok();
    let found = find(json!({ "search": "bakery" })).await;
    assert_eq!(names(&found), ["Bakery of Bob", "Fresh bakery", "Bakery of nobody"]);
    assert_eq!((&found[0]["totalParticipants"], &found[0]["role"]), (&json!(500), &Value::Null));
    let up = json!({ "search": "bakery", "sort": "asc", "sortField": "subscribers" });
    assert_eq!(names(&find(up).await), ["Bakery of nobody", "Fresh bakery", "Bakery of Bob"]);
    let by_age = find(json!({ "search": "bakery", "sort": "asc", "sortField": "creation_time" })).await;
    let ages: Vec<&str> = by_age.as_array().expect("a list").iter().map(|c| text(c, "/createdAt")).collect();
    assert!(ages.is_sorted(), "{ages:?}");
    assert_eq!(names(&find(json!({ "limit": 2 })).await), ["Chess", "Bakery of Bob"]);
    assert_eq!(names(&find(json!({ "countries": ["de"], "category": "popular" })).await).len(), 3);
    assert_eq!(names(&find(json!({ "countries": ["US", "FR"] })).await), ["Dancing", "Bakery of nobody"]);
    assert_eq!(
        names(&find(json!({ "search": "bakery", "countries": ["DE"], "category": "trending" })).await),
        ["Bakery of Bob", "Fresh bakery"]
    );
    for category in ["recommended", "trending", "popular", "featured"] {
        assert_eq!(names(&find(json!({ "category": category, "limit": 1 })).await), ["Chess"], "{category}");
    }
    // Of those of one second any may be the newest; never the one with most followers alone.
    let all = find(json!({ "category": "new", "limit": 100 })).await;
    assert_eq!(all.as_array().map(Vec::len), Some(6));

    // Followed by link, by code, by id; each is told once, and lists the number.
    let link = text(&newest, "/invite");
    let fresh = text(&newest, "/id").to_owned();
    let seen = server.get(&path(&device, &format!("/{fresh}"))).await.ok();
    assert_eq!((&seen["name"], &seen["role"]), (&json!("Fresh bakery"), &Value::Null));
    let joined = put(&server, &path(&device, ""), json!({ "url": link })).await.ok();
    assert_eq!(
        (&joined["status"], &joined["id"], &joined["channel"]["role"]),
        (&json!("joined"), &json!(fresh), &json!("subscriber"))
    );
    assert_eq!(own.lists_channel(&fresh).await.expect("the phone lists it")["role"], "subscriber");
    let told = changed(&receiver, &fresh, "membership").await;
    assert_eq!((&told["name"], &told["by"]["phone"]), (&json!("Fresh bakery"), &json!(OWN)));
    let again = put(&server, &path(&device, ""), json!({ "code": link.rsplit('/').next() })).await.ok();
    assert_eq!((&again["id"], &again["channel"]["totalParticipants"]), (&json!(fresh), &json!(11)));
    let chess = text(&find(json!({ "search": "chess" })).await[0], "/id").to_owned();
    put(&server, &path(&device, ""), json!({ "code": chess })).await.ok();
    assert!(own.lists_channel(&chess).await.is_some());
    let listed = server.get(&path(&device, "?permission=read")).await;
    assert_eq!(listed.headers["x-total-count"], "3");
    assert_eq!(names(&listed.ok()), ["Chess", "Fresh bakery", "Old"]);

    // Posts arrive as `channel:in` and in the chat, and so do reactions.
    let post = ben.about_channel(Method::POST, &fresh, "/posts", json!({ "text": "Rolls at five" })).await;
    let told = receiver.gets("channel:in", "Rolls at five").await["data"].clone();
    assert_eq!((&told["id"], &told["from"], &told["meta"]["isChannel"]), (&post["id"], &json!(fresh), &json!(true)));
    assert_eq!(
        (&told["chat"]["name"], &told["chat"]["channel"]["membership"]),
        (&json!("Fresh bakery"), &json!("subscriber"))
    );
    let chat = server.get(&format!("/v1/chat/{}/messages?chat={fresh}", device.id)).await.ok();
    assert_eq!((chat.as_array().map(Vec::len), &chat[0]["body"]), (Some(1), &json!("Rolls at five")));
    let reaction = format!("/posts/{}/reaction", post["serverId"]);
    eventually("a reaction of Ben's to be told", || async {
        for emoji in ["🥐", "🥖"] {
            ben.about_channel(Method::PUT, &fresh, &reaction, json!({ "emoji": emoji })).await;
        }
        receiver.events().into_iter().find(|event| {
            event["data"]["id"] == post["id"]
                && event["data"]["update"]["reactions"] == json!([{ "emoji": "🥖", "count": 1 }])
        })
    })
    .await;
    assert!(receiver.events().iter().all(|event| event["event"] != "message:in:new"));
    let shown = shows(&server, &device, &fresh, "an unread post", |c| c["unreadCount"] == 1).await;
    assert!(shown["lastMessageAt"].is_string());

    // What others change is told, by nobody: WhatsApp does not say who runs it.
    ben.about_channel(Method::PATCH, &fresh, "", json!({ "name": "Stale bakery", "description": "Sold out" })).await;
    let told = changed(&receiver, &fresh, "name").await;
    assert_eq!(
        (&told["name"], &told["previous"]["name"], &told["by"]),
        (&json!("Stale bakery"), &json!("Fresh bakery"), &Value::Null)
    );
    let chat = server.get(&format!("/v1/chat/{}/chats/{fresh}", device.id)).await.ok();
    assert_eq!((&chat["name"], &chat["channel"]["description"]), (&json!("Stale bakery"), &json!("Sold out")));

    // Left here, left on the phone, deleted by its owner.
    let left = server.delete(&path(&device, &format!("/{fresh}"))).await.ok();
    assert_eq!(left, json!({ "id": fresh, "deleted": false, "left": true }));
    assert!(own.lists_channel(&fresh).await.is_none());
    assert_eq!(changed(&receiver, &fresh, "role").await["previous"]["role"], "subscriber");
    server.delete(&path(&device, &format!("/{fresh}"))).await.refused(409, "channel:not_followed");
    own.about_channel(Method::POST, &chess, "/unfollow", json!({})).await;
    assert_eq!(changed(&receiver, &chess, "role").await["role"], Value::Null);
    ben.control(Method::DELETE, &ben.path(&format!("/channels/{old}")), None).await.ok();
    assert_eq!(changed(&receiver, &old, "role").await["role"], Value::Null);
    eventually("no channel to be left", || async {
        (server.get(&path(&device, "")).await.ok() == json!([])).then_some(())
    })
    .await;
    let told: Vec<Value> =
        receiver.events().into_iter().filter(|e| e["data"]["changes"] == json!(["membership"])).collect();
    assert_eq!(told.len(), 2, "each that was followed is told once: {told:#?}");

    // What is followed on the phone is there, too.
    let late = ben.makes_channel(json!({ "name": "Late" })).await;
    own.about_channel(Method::POST, text(&late, "/id"), "/follow", json!({})).await;
    changed(&receiver, text(&late, "/id"), "membership").await;
    shows(&server, &device, text(&late, "/id"), "what the phone follows", |c| c["role"] == "subscriber").await;
}

#[tokio::test]
async fn what_can_not_be_done_with_channels_is_refused_with_the_reason() {
    let server = Server::start().await;
    let (own, ben) = (server.phone(OWN, "Ana").await, server.phone(BEN, "Ben").await);
    let device = Device { id: server.device("Support").await };
    server.post(&path(&device, ""), json!({ "name": "X" })).await.refused(503, "session:offline");
    server.link(&device.id, &own).await;
    let theirs = ben.makes_channel(json!({ "name": "Theirs" })).await;
    let theirs = text(&theirs, "/id").to_owned();
    let unknown = "120363999999999999@newsletter";

    for (body, code) in [
        (json!({ "name": " " }), "channel:name"),
        (json!({ "name": "x".repeat(101) }), "channel:name"),
        (json!({ "name": "X", "description": "x".repeat(2049) }), "channel:description"),
        (json!({ "name": "X", "image": {} }), "picture:source"),
        (json!({ "name": "X", "image": { "url": "https://example.com/a.png", "data": PICTURE } }), "picture:source"),
        (json!({ "name": "X", "image": { "data": "***" } }), "picture:base64"),
        (json!({ "name": "X", "image": { "data": "aGVsbG8=" } }), "media:unsupported"),
        (json!({ "name": "X", "image": { "url": "ftp://example.com/a.png" } }), "picture:url"),
    ] {
        server.post(&path(&device, ""), body).await.refused(400, code);
    }
    for body in [json!({ "description": "no name" }), json!({ "name": "X", "boss": true })] {
        assert_eq!(server.post(&path(&device, ""), body).await.status, 400);
    }
    for (body, code) in [
        (json!({}), "channel:join"),
        (json!({ "code": "0029VaAbCdEfGhIjKlMnOp", "url": "https://whatsapp.com/channel/x" }), "channel:join"),
        (json!({ "code": "?" }), "channel:code"),
        (json!({ "url": "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv" }), "channel:url"),
    ] {
        put(&server, &path(&device, ""), body).await.refused(400, code);
    }
    let leads_nowhere = json!({ "code": "0029VaAbCdEfGhIjKlMnOp" });
    put(&server, &path(&device, ""), leads_nowhere).await.refused(404, "channel:invite_invalid");
    put(&server, &path(&device, ""), json!({ "code": unknown })).await.refused(404, "channel:notfound");
    for (body, code) in [
        (json!({ "search": "x".repeat(101) }), "channel:search"),
        (json!({ "countries": ["Germany"] }), "channel:country"),
    ] {
        server.patch(&path(&device, ""), body).await.refused(400, code);
    }
    for body in [json!({ "limit": 0 }), json!({ "limit": 101 }), json!({ "category": "best" }), json!({ "sort": "up" })]
    {
        assert_eq!(server.patch(&path(&device, ""), body).await.status, 400);
    }
    assert_eq!(server.get(&path(&device, "?permission=boss")).await.status, 400);
    server.get(&path(&device, "/nonsense")).await.refused(400, "channel:invalid");
    server.get(&path(&device, &format!("/{unknown}"))).await.refused(404, "channel:notfound");
    server.delete(&path(&device, &format!("/{unknown}"))).await.refused(404, "channel:notfound");

    // Those of others, followed or not.
    for follow in [false, true] {
        if follow {
            put(&server, &path(&device, ""), json!({ "code": theirs })).await.ok();
        }
        let at = |rest: &str| path(&device, &format!("/{theirs}{rest}"));
        server.patch(&at(""), json!({ "name": "Mine" })).await.refused(403, "channel:not_admin");
        put(&server, &at("/image"), json!({ "image": PICTURE })).await.refused(403, "channel:not_admin");
    }
    put(&server, &path(&device, &format!("/{theirs}/image")), json!({})).await.refused(400, "picture:source");
    assert_eq!(ben.channel(&theirs).await.ok()["name"], "Theirs");
}

/// The picture of a channel, as the server has it.
fn jpeg(channel: &Value) -> Vec<u8> {
    base64(&format!("data:image/jpeg;base64,{}", text(channel, "/picture")))
}

/// Another picture.
fn tea() -> String {
    use base64::Engine;
    let jpeg = base64::engine::general_purpose::STANDARD.encode(include_bytes!("fixtures/tea.jpg"));
    format!("data:image/jpeg;base64,{jpeg}")
}
