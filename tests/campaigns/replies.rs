//! What people answer, and how they opt out.

use reqwest::Method;
use serde_json::json;

use super::{CAM, Campaign, adds_up, inbox};
use crate::support::{ANA, BEN, Place, eventually};

#[tokio::test]
async fn whoever_answers_with_the_word_hears_no_more() {
    let place = Place::new().await;
    let server = &place.server;
    let receiver = server.receiver(&["campaign:update"]).await;
    let cam = server.phone(CAM, "Cam").await;
    let body = |name: &str| {
        json!({
            "device": place.device.id, "name": name, "message": name,
            "contacts": [{ "phone": BEN }, { "phone": CAM }],
            "unsubscribe": {
                "active": true, "word": "Stop", "message": "You will hear no more.",
                "actions": [{ "action": "labels:add", "params": { "labels": ["opted out"] } }],
            },
        })
    };
    let (first, _) = Campaign::new(server, body("first")).await;
    first.runs().await;
    place.ben.receives("first").await;
    cam.receives("first").await;
    cam.send(ANA, "please stop sending me such nice things").await;
    place.ben.send(ANA, "stop!").await;
    place.ben.receives("You will hear no more.").await;
    let stats = first.once("count the answers", |c| c["stats"]["replied"] == 2).await["stats"].clone();
    assert_eq!(stats["optedOut"], 1, "{stats:#}");
    let contact = first.contact(BEN).await;
    assert!(contact["reply"].is_string() && contact["repliedAt"].is_string() && contact["optedOutAt"].is_string());
    assert!(first.contact(CAM).await["optedOutAt"].is_null());
    let told = receiver.event("the opt-out", |e| e["data"]["changes"] == json!(["optOut"])).await;
    assert_eq!((&told["data"]["contact"]["phone"], &told["data"]["by"]["source"]), (&json!(BEN), &json!("message")));
    let chat = format!("/v1/chat/{}/chats/16001234561@c.us", place.device.id);
    eventually("the label on his chat", || async {
        let labels = server.get(&chat).await.body["labels"].clone();
        labels
            .as_array()
            .is_some_and(|all| all.iter().any(|label| label == "opted out" || label["name"] == "opted out"))
            .then_some(())
    })
    .await;

    // He hears of no other campaign, whatever its settings, and is told once.
    place.ben.send(ANA, "STOP").await;
    let (second, _) = Campaign::new(
        server,
        json!({ "device": place.device.id, "message": "second", "contacts": [{ "phone": BEN }, { "phone": CAM }] }),
    )
    .await;
    let stats = second.runs().await["stats"].clone();
    assert_eq!((&stats["excluded"], &stats["sent"]), (&json!(1), &json!(1)));
    let left_out = second.contact(BEN).await;
    assert_eq!((&left_out["status"], &left_out["error"]), (&json!("excluded"), &json!("contact:excluded")));
    cam.receives("second").await;
    assert_eq!(inbox(&place.ben).await, ["first", "You will hear no more."]);
    adds_up(server, &first).await;
    adds_up(server, &second).await;

    let excluded = server.get("/v1/campaigns/exclusions?target=%2B16001234561").await.ok();
    assert_eq!((&excluded[0]["phone"], &excluded[0]["campaign"]["id"]), (&json!(BEN), &json!(first.id)));
    let change = async |method, who: &str| {
        server.call(method, "/v1/campaigns/exclusions", Some(json!({ "targets": [who] }))).await.ok()["changed"].clone()
    };
    assert_eq!(change(Method::POST, CAM).await, 1);
    assert_eq!(change(Method::POST, CAM).await, 0, "she is already");
    assert_eq!(server.get("/v1/campaigns/exclusions?size=1").await.headers["x-total-count"], "2");
    assert_eq!(change(Method::DELETE, BEN).await, 1);
    let (third, _) = Campaign::new(
        server,
        json!({ "device": place.device.id, "message": "third", "contacts": [{ "phone": BEN }, { "phone": CAM }] }),
    )
    .await;
    third.runs().await;
    place.ben.receives("third").await;
    assert_eq!(inbox(&cam).await, ["first", "second"]);
}
