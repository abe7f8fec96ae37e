//! Several numbers: what one can't do, the others take over.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CAM, Campaign, DEA, adds_up, inbox};
use crate::support::{ANA, BEN, Server, text};

#[tokio::test]
async fn a_number_that_is_gone_hands_its_people_to_the_others() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let eve = server.phone("+16001234564", "Eve").await;
    let (first, second) = (server.linked("First", &ana).await, server.linked("Second", &eve).await);
    let mut phones = Vec::new();
    for phone in [BEN, CAM, DEA] {
        phones.push(server.phone(phone, "Receiver").await);
    }
    let receiver = server.receiver(&["campaign:update"]).await;
    // Nothing leaves while both queues stand still, and the campaign says so.
    for device in [&first, &second] {
        server.post(&format!("/v1/devices/{}/queue", device.id), json!({ "status": "pause" })).await.ok();
    }
    let people: Vec<Value> = [BEN, CAM, DEA].iter().map(|phone| json!({ "phone": phone })).collect();
    let (campaign, made) =
        Campaign::new(&server, json!({ "devices": [first.id, second.id], "message": "hello", "contacts": people }))
            .await;
    assert_eq!((&made["mode"], &made["device"]["id"]), (&json!("multiple"), &json!(first.id)));
    campaign.act("start").await;
    let waits = campaign.once("wait for its numbers", |c| c["failureReason"] == "campaign:numbers").await;
    assert!(text(&waits, "/failureMessage").contains("First has its queue set to 'pause'"), "{waits:#}");
    receiver.event("why it waits", |e| e["data"]["changes"] == json!(["failureReason"])).await;

    // The second one is unlinked; the first one does it all.
    eve.unlinks_all().await;
    server.session(&second.id, "authorize").await;
    server.post(&format!("/v1/devices/{}/queue", first.id), json!({ "status": "active" })).await.ok();
    let done = campaign.once("be completed", |c| c["status"] == "completed").await;
    assert_eq!((&done["failureReason"], &done["stats"]["sent"]), (&Value::Null, &json!(3)));
    for phone in &phones {
        phone.receives("hello").await;
        assert_eq!(inbox(phone).await.len(), 1);
    }
    adds_up(&server, &campaign).await;
}

#[tokio::test]
async fn refusals_of_whatsapp_stop_a_campaign() {
    const PEOPLE: usize = 40;
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    let receiver = server.receiver(&["campaign:update"]).await;
    let mut phones = Vec::new();
    for n in 0..PEOPLE {
        phones.push(server.phone(&format!("+160040000{n:02}"), "Receiver").await);
    }
    let people: Vec<Value> = phones.iter().map(|phone| json!({ "phone": phone.number })).collect();
    let (campaign, _) =
        Campaign::new(&server, json!({ "device": device.id, "message": "hello", "contacts": people })).await;
    ana.fault(json!({ "kind": "ack_error", "code": 479, "count": 0 })).await;
    campaign.act("start").await;
    let paused = campaign.once("be paused", |c| c["status"] == "paused").await;
    assert_eq!(paused["failureReason"], "campaign:refused", "{paused:#}");
    receiver.event("the pause", |e| e["data"]["campaign"]["failureReason"] == "campaign:refused").await;
    let stats = campaign.once("have nobody in the queue", |c| c["stats"]["queued"] == 0).await["stats"].clone();
    let (failed, pending) = (stats["failed"].as_u64().expect("a figure"), stats["pending"].as_u64().expect("a figure"));
    assert!(failed >= 5 && pending >= 4, "it stopped before all were burned: {stats:#}");
    let burned = campaign.contacts("status=failed&size=1").await;
    assert_eq!((&burned[0]["error"], &burned[0]["ack"]), (&json!("message:forbidden"), &json!("failed")));

    // A person has looked: it goes on with those whose turn has not come.
    ana.control(Method::DELETE, "/faults", None).await;
    campaign.act("resume").await;
    let done = campaign.once("be completed", |c| c["status"] == "completed").await;
    assert_eq!((&done["failureReason"], &done["stats"]["sent"]), (&Value::Null, &json!(pending)));
    adds_up(&server, &campaign).await;
    for contact in campaign.contacts("status=delivered&size=50").await {
        let phone = phones.iter().find(|phone| contact["phone"] == phone.number.as_str()).expect("one of them");
        phone.receives("hello").await;
    }
}
