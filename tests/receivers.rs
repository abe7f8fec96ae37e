//! Messages to groups and channels, products, and who has read what.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{BEN, Phone, Place, eventually, text};

const CAM: &str = "+16001234562";
/// 4 × 2 pixels.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAH0lEQVR42gXBAQEAAAiDMIIZjGAPQSw3oCNpBHamzR53ogrxwe3tywAAAABJRU5ErkJggg==";

async fn group(place: &Place, addressing: &str) -> String {
    let body = json!({ "subject": "Team", "participants": [BEN, CAM], "addressing": addressing });
    let made = place.ana.control(Method::POST, &place.ana.path("/groups"), Some(body)).await.ok();
    text(&made, "/id").to_owned()
}

/// Sends to a group and waits until both other members show it.
async fn to_group(place: &Place, cam: &Phone, group: &str, mut body: Value) -> (String, Value) {
    body["group"] = json!(group);
    let sent = place.post(body).await;
    assert_eq!((&sent["group"], &sent["wid"]), (&json!(group), &json!(group)), "{sent:#}");
    let wa_id = text(&sent, "/waId").to_owned();
    let shown = place.shows(&wa_id, |shown| shown.get("media").is_none_or(|media| media["state"] == "here")).await;
    assert_eq!(shown["chat"], group, "{shown:#}");
    cam.shows(&wa_id, |shown| shown["chat"] == group).await;
    (wa_id, shown)
}

#[tokio::test]
async fn every_kind_goes_to_a_group() {
    let place = Place::new().await;
    let cam = place.server.phone(CAM, "Cam").await;
    place.ana.control(Method::PUT, &place.ana.path("/business"), Some(json!({ "verifiedName": "Ana's" }))).await.ok();
    let tea = json!({ "name": "Tea", "description": "green", "price1000": 4990, "currency": "EUR" });
    let tea = place.ana.control(Method::POST, &place.ana.path("/products"), Some(tea)).await.ok();
    let group = group(&place, "lid").await;
    let to = |body: Value| to_group(&place, &cam, &group, body);

    let (first, shown) = to(json!({ "message": "hello @16001234562", "reference": "g-1" })).await;
    assert_eq!(shown["mentions"].as_array().map(Vec::len), Some(1), "named in the text: {shown:#}");
    let (_, shown) = to(json!({ "message": "an answer", "quote": first })).await;
    assert_eq!(shown["quoted"]["id"], first.as_str());
    let (_, shown) = to(json!({ "media": { "url": PICTURE, "message": "look" } })).await;
    assert_eq!((&shown["media"]["kind"], &shown["media"]["caption"]), (&json!("image"), &json!("look")));
    let soon = (crate::support::now() + jiff::SignedDuration::from_secs(1)).to_string();
    let (_, shown) = to(json!({ "message": "later", "deliverAt": soon })).await;
    assert_eq!(shown["text"], "later");

    let votes = |shown: &Value| -> Vec<u64> {
        let options = shown["poll"]["options"].as_array().cloned().unwrap_or_default();
        options.iter().filter_map(|option| option["votes"].as_u64()).collect()
    };
    let (poll, shown) = to(json!({ "poll": { "name": "Which?", "options": ["a", "b"], "multiple": false } })).await;
    assert_eq!(shown["poll"]["selectable"], 1);
    place.post(json!({ "group": group, "vote": { "poll": poll, "options": [{ "id": 1 }] } })).await;
    for phone in [&place.ben, &cam] {
        phone.shows(&poll, |shown| votes(shown) == [0, 1]).await;
    }
    place.post(json!({ "group": group, "vote": { "poll": poll } })).await;
    place.shows(&poll, |shown| votes(shown) == [0, 0]).await;

    let event = json!({ "name": "Tea", "date": "2030-05-01T15:00:00.000Z", "location": "Here", "call": "voice" });
    let (event, shown) = to(json!({ "event": event })).await;
    assert_eq!(shown["event"]["name"], "Tea");
    place.post(json!({ "group": group, "attend": { "event": event, "confirm": true } })).await;
    cam.shows(&event, |shown| shown.pointer("/event/responses/0/answer") == Some(&json!("going"))).await;

    let (_, shown) = to(json!({ "location": { "coordinates": [1.5, 2.5], "name": "Gate" } })).await;
    assert_eq!(shown["location"]["name"], "Gate");
    let (_, shown) = to(json!({ "contacts": [{ "phone": "+16001234563", "name": "Dora" }] })).await;
    assert_eq!(shown["contacts"][0]["displayName"], "Dora");
    let (_, shown) = to(json!({ "product": tea["id"], "message": "try it" })).await;
    assert_eq!(shown["product"]["title"], "Tea", "{shown:#}");

    // To what another member has said.
    let theirs = place.ben.send(&group, "like it?").await;
    place.chat_message(&theirs, |_| true).await;
    place.post(json!({ "group": group, "reaction": "👍", "reactionMessage": theirs })).await;
    for phone in [&place.ben, &cam] {
        phone.shows(&theirs, |shown| shown.pointer("/reactions/0/emoji") == Some(&json!("👍"))).await;
    }
    let (_, shown) = to(json!({ "forward": { "message": theirs, "chat": group } })).await;
    assert_eq!((&shown["text"], &shown["forwarded"]), (&json!("like it?"), &json!(true)));
    let (_, shown) = to(json!({ "message": "an answer to Ben", "quote": theirs })).await;
    assert_eq!(shown["quoted"]["text"], "like it?");
    // Out of the group, to a person.
    let (_, shown) = place.arrives(json!({ "forward": { "message": theirs } })).await;
    assert_eq!((&shown["text"], &shown["forwarded"]), (&json!("like it?"), &json!(true)));

    let listed = place.server.get(&format!("/v1/messages?group={group}&target=group&size=50")).await.ok();
    assert_eq!(listed.as_array().map(Vec::len), Some(15), "{listed:#}");
    let chat = place.server.get(&format!("/v1/chat/{}/messages?chat={group}&type=group", place.device.id)).await.ok();
    assert!(chat.as_array().is_some_and(|all| all.len() >= 12), "{chat:#}");
}

#[tokio::test]
async fn each_member_of_a_group_is_told_of_in_the_delivery_info() {
    let place = Place::new().await;
    let cam = place.server.phone(CAM, "Cam").await;
    for addressing in ["pn", "lid"] {
        let group = group(&place, addressing).await;
        let (wa_id, _) = to_group(&place, &cam, &group, json!({ "message": format!("seen? {addressing}") })).await;
        let path = format!("/v1/chat/{}/messages/{wa_id}/ackinfo", place.device.id);
        let info = async |what: &str, wanted: &dyn Fn(&Value) -> bool| {
            eventually(&format!("{addressing}: {what}"), || async {
                let info = place.server.get(&path).await;
                (info.status == 200 && wanted(&info.body)).then_some(info.body)
            })
            .await
        };
        let told = info("both have it", &|info| info["delivered"] == 2).await;
        assert_eq!((&told["ack"], &told["read"], &told["chat"]), (&json!("delivered"), &json!(0), &json!(group)));
        place.ben.reads(&group).await;
        let told = info("Ben has read it", &|info| info["read"] == 1).await;
        assert_eq!(told["recipients"].as_array().map(Vec::len), Some(2), "one line a person: {told:#}");
        let of = |phone: &str| {
            let all = told["recipients"].as_array().expect("a list");
            all.iter().find(|one| one["phone"] == phone).unwrap_or_else(|| panic!("{phone} in {told:#}")).clone()
        };
        assert_eq!((&of(BEN)["ack"], &of(CAM)["ack"]), (&json!("read"), &json!("delivered")));
        assert!(of(BEN)["readAt"].is_string() && of(CAM)["readAt"].is_null() && of(CAM)["deliveredAt"].is_string());
        cam.reads(&group).await;
        info("both have read it", &|info| info["read"] == 2).await;
    }
}

#[tokio::test]
async fn a_channel_shows_what_is_posted_to_it() {
    let place = Place::new().await;
    let made =
        place.ana.control(Method::POST, &place.ana.path("/channels"), Some(json!({ "name": "News" }))).await.ok();
    let channel = text(&made, "/id").to_owned();
    let path = place.ana.path(&format!("/channels/{channel}/posts"));
    let post = async |id: &str, wanted: &dyn Fn(&Value) -> bool| {
        eventually(&format!("the channel to show {id}"), || async {
            let page = place.ana.control(Method::GET, &path, None).await.ok();
            page["posts"].as_array()?.iter().find(|post| post["id"] == id && wanted(post)).cloned()
        })
        .await
    };
    let to = async |mut body: Value| {
        body["channel"] = json!(channel);
        let sent = place.post(body).await;
        assert_eq!(sent["channel"], channel.as_str());
        let id = text(&sent, "/waId").to_owned();
        let shown = post(&id, &|_| true).await;
        place.server.delivery(text(&sent, "/id"), &["sent", "delivered", "read"]).await;
        (id, shown)
    };
    let (first, shown) = to(json!({ "message": "first" })).await;
    assert_eq!(shown["text"], "first");
    let (_, shown) = to(json!({ "media": { "url": PICTURE, "message": "look" } })).await;
    assert_eq!(shown["kind"], "image", "{shown:#}");
    assert_eq!(shown["raw"]["image_message"]["caption"], "look", "{shown:#}");
    let (_, shown) = to(json!({ "poll": { "name": "Which?", "options": ["a", "b"] } })).await;
    assert_eq!(shown["raw"]["poll_creation_message_v3"]["name"], "Which?", "{shown:#}");
    let (_, shown) = to(json!({ "location": { "coordinates": [1.5, 2.5] } })).await;
    assert_eq!(shown["kind"], "location");
    let (_, shown) = to(json!({ "contacts": [{ "phone": CAM, "name": "Cam" }] })).await;
    assert_eq!(shown["kind"], "contact");
    let (_, shown) = to(json!({ "event": { "name": "Open day", "date": "2030-05-01T10:00:00.000Z" } })).await;
    assert_eq!(shown["raw"]["event_message"]["name"], "Open day", "{shown:#}");
    place.ana.control(Method::PUT, &place.ana.path("/business"), Some(json!({ "verifiedName": "Ana's" }))).await.ok();
    let tea = json!({ "name": "Tea", "price1000": 4990, "currency": "EUR" });
    let tea = place.ana.control(Method::POST, &place.ana.path("/products"), Some(tea)).await.ok();
    let (_, shown) = to(json!({ "product": tea["id"] })).await;
    assert_eq!(shown["raw"]["product_message"]["product"]["title"], "Tea", "{shown:#}");
    let soon = (crate::support::now() + jiff::SignedDuration::from_secs(1)).to_string();
    to(json!({ "message": "later", "deliverAt": soon })).await;
    let (_, shown) = to(json!({ "forward": { "message": first } })).await;
    assert_eq!(shown["text"], "first");
    place.post(json!({ "channel": channel, "reaction": "🎉", "reactionMessage": first })).await;
    post(&first, &|post| post["reactions"]["🎉"] == 1).await;

    let chat_path = format!("/v1/chat/{}/messages/{first}", place.device.id);
    place.server.patch(&chat_path, json!({ "message": "better" })).await.ok();
    post(&first, &|post| post["text"] == "better").await;
    place.server.delete(&format!("{chat_path}?revoke=true")).await.ok();
    eventually("the post to be gone", || async {
        let page = place.ana.control(Method::GET, &path, None).await.ok();
        let post = page["posts"].as_array()?.iter().find(|post| post["id"] == first.as_str()).cloned();
        post.is_none_or(|post| post["revoked"] != false).then_some(())
    })
    .await;

    let (poll, _) = to(json!({ "poll": { "name": "Tea?", "options": ["yes", "no"] } })).await;
    let buttons = json!([{ "id": "1", "text": "Yes" }]);
    for body in [
        json!({ "vote": { "poll": poll, "options": [{ "id": 0 }] } }),
        json!({ "attend": { "event": poll, "confirm": true } }),
        json!({ "message": "Shall we?", "buttons": buttons }),
        json!({ "message": "Which?", "list": { "button": "Open", "sections": [{ "rows": [{ "id": "1", "title": "One" }] }] } }),
    ] {
        let mut body = body;
        body["channel"] = json!(channel);
        let refusal = place.refuses(body, 400, "message:channel").await;
        assert!(text(&refusal, "/message").contains("channel"));
    }
}

#[tokio::test]
async fn a_product_comes_from_the_own_catalog() {
    let place = Place::new().await;
    place.ana.control(Method::PUT, &place.ana.path("/business"), Some(json!({ "verifiedName": "Ana's" }))).await.ok();
    let jpeg = BASE64_STANDARD.encode(include_bytes!("fixtures/tea.jpg"));
    let tea = json!({ "name": "Tea", "description": "green", "price1000": 4990, "currency": "EUR", "retailerId": "T-1",
        "images": [jpeg] });
    let tea = place.ana.control(Method::POST, &place.ana.path("/products"), Some(tea)).await.ok();
    let (sent, shown) = place.arrives(json!({ "product": tea["id"], "message": "try it" })).await;
    assert_eq!(sent["type"], "product");
    let product = &shown["product"];
    assert_eq!(
        (&product["title"], &product["currency"], &product["price1000"]),
        (&json!("Tea"), &json!("EUR"), &json!(4990)),
        "{shown:#}"
    );
    let path = place.ben.path(&format!("/messages/{}", text(&sent, "/waId")));
    let raw = place.ben.control(Method::GET, &path, None).await.ok()["raw"]["product_message"]["product"].clone();
    assert!(raw["product_image"]["direct_path"].is_string(), "the card has its picture: {raw:#}");
    let message = place.chat_message(text(&sent, "/waId"), |_| true).await;
    assert_eq!(
        (&message["type"], &message["product"]["name"], &message["body"]),
        (&json!("product"), &json!("Tea"), &json!("try it"))
    );
    let none = place.post(json!({ "product": "123" })).await;
    let failed = place.server.delivery(text(&none, "/id"), &["failed"]).await;
    assert_eq!(failed["failureCode"], "product:notfound");
    assert!(text(&failed, "/failureReason").contains("'123'"));
}
