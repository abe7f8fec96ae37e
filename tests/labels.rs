//! Labels: ours, and WhatsApp Business' own, in step with the phone.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Device, Phone, Receiver, Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
const BEN_ID: &str = "16001234561@c.us";

fn path(device: &Device) -> String {
    format!("/v1/devices/{}/labels", device.id)
}

async fn phone_does(phone: &Phone, method: Method, rest: &str, body: Option<Value>) -> Value {
    let path = format!("/phones/{}{rest}", phone.number.replace('+', "%2B"));
    phone.control(method, &path, body).await.ok()
}

/// A label as the phone shows it, once `wanted` is true of its labels by name.
async fn on_phone(phone: &Phone, name: &str, there: bool) -> Value {
    eventually(&format!("the phone to have the label {name}: {there}"), || async {
        let labels = phone_does(phone, Method::GET, "/labels", None).await;
        let found = labels["labels"].as_array()?.iter().find(|label| label["name"] == name).cloned();
        (found.is_some() == there).then(|| found.unwrap_or_default())
    })
    .await
}

async fn here(server: &Server, device: &Device, name: &str, there: bool) -> Value {
    eventually(&format!("the label {name} to be here: {there}"), || async {
        let labels = server.get(&path(device)).await.ok();
        let found = labels.as_array()?.iter().find(|label| label["name"] == name).cloned();
        (found.is_some() == there).then(|| found.unwrap_or_default())
    })
    .await
}

/// Waits until the label is on these chats of the phone's and no others.
async fn labelled(phone: &Phone, label: &str, chats: &[&str]) {
    eventually(&format!("the phone to have {label} on {chats:?}"), || async {
        (on_phone(phone, label, true).await["chats"] == json!(chats)).then_some(())
    })
    .await;
}

/// Waits for the event of a change of a label.
async fn told(receiver: &Receiver, label: &str, changes: &[&str]) -> Value {
    let wanted = |event: &Value| {
        let data = &event["data"];
        event["event"] == "label:update" && data["label"]["name"] == label && data["changes"] == json!(changes)
    };
    receiver.event(&format!("{changes:?} of the label {label}"), wanted).await["data"].clone()
}

#[tokio::test]
async fn a_number_without_a_business_has_labels_of_its_own() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    let at = path(&device);
    let call = |method: Method, body: Value| server.call(method, &at, Some(body));

    let made = call(Method::POST, json!({ "name": "VIP", "color": "gold", "description": "First" })).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    assert_eq!((text(&made, "/name"), text(&made, "/color")), ("VIP", "gold"));
    assert_eq!((text(&made, "/description"), text(&made, "/scope")), ("First", "chat"));
    let again = call(Method::POST, json!({ "name": "vip", "color": "blue" })).await.refused(409, "label:exists");
    assert_eq!(again["meta"]["label"], "VIP");
    call(Method::POST, json!({ "name": "New", "color": "gold", "scope": "wa" }))
        .await
        .refused(409, "label:not_business");
    let colors = [
        "ruby",
        "tomato",
        "orange",
        "sunflower",
        "bubble",
        "rose",
        "poppy",
        "rouge",
        "raspberry",
        "purple",
        "lavender",
        "violet",
        "pool",
        "emerald",
        "kelly",
        "apple",
        "turquoise",
        "aqua",
        "gold",
        "latte",
        "cocoa",
        "iron",
        "blue",
    ];
    for color in colors {
        let label = call(Method::POST, json!({ "name": color, "color": color, "scope": "chat" })).await.ok();
        assert_eq!(label["color"], color);
    }
    let list = server.get(&at).await.ok();
    assert_eq!(list.as_array().map(Vec::len), Some(colors.len() + 1));

    let changed = call(Method::PATCH, json!({ "name": "Vip", "color": "ruby" })).await.ok();
    assert_eq!(
        (text(&changed, "/name"), text(&changed, "/color"), text(&changed, "/description")),
        ("Vip", "ruby", "First")
    );
    let changed = call(Method::PATCH, json!({ "name": "VIP", "color": "ruby", "description": "" })).await.ok();
    assert_eq!(changed["description"], Value::Null);
    call(Method::PATCH, json!({ "name": "None", "color": "ruby" })).await.refused(404, "label:notfound");
    let gone = call(Method::DELETE, json!({ "name": "vip" })).await.ok();
    assert_eq!(gone["name"], "VIP");
    call(Method::DELETE, json!({ "name": "VIP" })).await.refused(404, "label:notfound");
    for wrong in [
        json!({ "name": "X", "color": "mauve" }),
        json!({ "name": "", "color": "gold" }),
        json!({ "name": "X" }),
        json!({ "name": "n".repeat(31), "color": "gold" }),
        json!({ "name": "X", "color": "gold", "size": 1 }),
    ] {
        assert_eq!(call(Method::POST, wrong.clone()).await.status, 400, "{wrong}");
    }
    server.get("/v1/devices/697dcb1a5f3c2b9d8e4a7061/labels").await.refused(404, "device:notfound");
    let shown = phone_does(&ana, Method::GET, "/labels", None).await;
    assert_eq!(shown["labels"], json!([]), "the phone of a person has no labels");
}

#[tokio::test]
async fn labels_of_a_business_are_those_of_its_phone() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    phone_does(&ana, Method::PUT, "/business", Some(json!({ "verifiedName": "Ana's shop" }))).await;
    phone_does(&ana, Method::PUT, "/labels/3", Some(json!({ "name": "Paid", "color": 3 }))).await;
    let receiver = server.receiver(&["message:in:new", "label:update", "chat:update"]).await;
    let device = server.linked("Shop", &ana).await;
    let me = server.get("/v1/me").await.ok();
    ben.send(ANA, "hello").await;
    receiver.gets("message:in:new", "hello").await;

    // What the phone has is here, and follows.
    let paid = here(&server, &device, "Paid", true).await;
    assert_eq!((text(&paid, "/scope"), text(&paid, "/color")), ("wa", "lavender"));
    phone_does(&ana, Method::PUT, "/labels/3", Some(json!({ "name": "Settled", "color": 13 }))).await;
    let settled = here(&server, &device, "Settled", true).await;
    assert_eq!(settled["color"], "ruby");
    here(&server, &device, "Paid", false).await;
    let changed = told(&receiver, "Settled", &["name", "color"]).await;
    assert_eq!(changed["by"]["source"], "phone");

    // What is made, changed and deleted here is so on the phone.
    let call = |method: Method, body: Value| {
        let (server, at) = (&server, path(&device));
        async move { server.call(method, &at, Some(body)).await }
    };
    let made = call(Method::POST, json!({ "name": "VIP", "color": "gold", "description": "First" })).await.ok();
    assert_eq!(made["scope"], "wa");
    let vip = on_phone(&ana, "VIP", true).await;
    assert_eq!((&vip["color"], &vip["id"]), (&json!(7), &json!("4")));
    let new = told(&receiver, "VIP", &["created"]).await;
    assert_eq!((&new["by"]["user"], text(&new, "/label/scope")), (&me["user"]["id"], "wa"));
    call(Method::PATCH, json!({ "name": "VIP", "color": "apple" })).await.ok();
    told(&receiver, "VIP", &["color"]).await;
    eventually("the phone to show the new colour", || async {
        (on_phone(&ana, "VIP", true).await["color"] == 9).then_some(())
    })
    .await;
    let own = call(Method::POST, json!({ "name": "Inside", "color": "gold", "scope": "chat" })).await.ok();
    assert_eq!(own["scope"], "chat");

    // Put on a chat here, however it is spelled, and with one of ours: the phone has its own on it.
    let chat = format!("/v1/chat/{}/chats/{BEN_ID}", device.id);
    let labels = server.patch(&format!("{chat}/labels"), json!(["vip", "Inside"])).await.ok();
    assert_eq!(labels["labels"], json!(["VIP", "Inside"]));
    labelled(&ana, "VIP", &[BEN]).await;
    let both = json!({ "action": "labels", "chats": [BEN_ID], "params": { "add": ["Settled"], "remove": ["VIP"] } });
    server.patch(&format!("/v1/chat/{}/chats", device.id), both).await.ok();
    labelled(&ana, "Settled", &[BEN]).await;
    labelled(&ana, "VIP", &[]).await;
    server.patch(&format!("{chat}/labels?remove=true"), json!(["settled", "Inside"])).await.ok();
    labelled(&ana, "Settled", &[]).await;

    // While the number is away: told when it is back.
    let number = format!("/v1/devices/{}", device.id);
    server.patch(&number, json!({ "enable": false })).await.ok();
    server.patch(&format!("{chat}/labels"), json!(["VIP", "Settled"])).await.ok();
    server.patch(&number, json!({ "enable": true })).await.ok();
    labelled(&ana, "VIP", &[BEN]).await;
    labelled(&ana, "Settled", &[BEN]).await;
    server.patch(&format!("{chat}/labels"), json!([])).await.ok();
    labelled(&ana, "VIP", &[]).await;
    labelled(&ana, "Settled", &[]).await;

    // Put on a chat on the phone: the chat has it here.
    phone_does(&ana, Method::PUT, &format!("/chats/{BEN}"), Some(json!({ "labels": ["4"] }))).await;
    let labelled = format!("/v1/chat/{}/contacts?labels=VIP&include=chat", device.id);
    let found = eventually("the chat to have the label", || async {
        let list = server.get(&labelled).await.ok();
        (list[0]["wid"] == BEN_ID).then_some(list)
    })
    .await;
    assert_eq!(found[0]["chat"]["labels"], json!(["VIP"]));
    let others = server.get(&format!("/v1/chat/{}/contacts?labelsExclude=VIP", device.id)).await.ok();
    assert!(others.as_array().expect("a list").iter().all(|one| one["wid"] != BEN_ID));

    // Another name on the phone: the chat's label has it, too.
    phone_does(&ana, Method::PUT, "/labels/4", Some(json!({ "name": "Very important", "color": 9 }))).await;
    eventually("the chat to have the label's new name", || async {
        let contact = server.get(&format!("/v1/chat/{}/contacts/{BEN_ID}?include=chat", device.id)).await.ok();
        (contact["chat"]["labels"] == json!(["Very important"])).then_some(())
    })
    .await;

    // Deleted on either side, it is gone from both and from the chat.
    phone_does(&ana, Method::DELETE, "/labels/3", None).await;
    here(&server, &device, "Settled", false).await;
    call(Method::DELETE, json!({ "name": "very important" })).await.ok();
    on_phone(&ana, "Very important", false).await;
    let contact = server.get(&format!("/v1/chat/{}/contacts/{BEN_ID}?include=chat", device.id)).await.ok();
    assert_eq!(contact["chat"]["labels"], json!([]));
    assert!(on_phone(&ana, "Inside", false).await.is_null());
}
