//! Starting, stopping, rebooting, resetting, health; what the phone and WhatsApp
//! do to a session.

use reqwest::Method;
use serde_json::json;

use crate::support::{Sandbox, Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";

#[tokio::test]
async fn health_says_what_is_measured() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/health");
    let down = server.get(&path).await.ok();
    assert_eq!(down["status"], "down");
    assert!(!down["reasons"].as_array().expect("reasons").is_empty());

    server.link(&id, &ana).await;
    server.send(&id, BEN, "hello").await;
    ben.receives("hello").await;
    let healthy = eventually("a healthy session", || async {
        let health = server.get(&path).await.ok();
        let settled = health["status"] == "healthy" && health["queueLength"] == 0;
        (settled && health["lastSentAt"].is_string()).then_some(health)
    })
    .await;
    assert_eq!(healthy["socketAlive"], true);
    assert_eq!(healthy["session"], "online");
    assert!(healthy["lastFrameAt"].is_string());
    assert!(healthy["clientVersion"].as_str().expect("a version").starts_with("2."));
    assert_eq!(healthy["clientVersionAccepted"], true);
}

#[tokio::test]
async fn a_reboot_keeps_everything() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let path = format!("/v1/devices/{}/reboot", device.id);
    let answer = server.post(&format!("{path}?wait=true&sync=true"), json!({})).await.ok();
    assert_eq!(answer["session"]["status"], "online");
    assert!(answer["session"]["lastSyncAt"].is_string());
    assert_eq!(ana.companions().await.len(), 1);
    server.send(&device.id, BEN, "after the reboot").await;
    ben.receives("after the reboot").await;

    let fresh = server.device("Not running").await;
    server.call(Method::POST, &format!("/v1/devices/{fresh}/reboot"), None).await.refused(409, "session:not_running");
}

#[tokio::test]
async fn a_reset_destroys_the_session_and_what_was_asked() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    let later = json!({ "device": device.id, "phone": BEN, "message": "waits" });
    let path = format!("/v1/devices/{}", device.id);
    server.patch(&path, json!({ "enable": false })).await.ok();
    assert_eq!(server.get(&path).await.ok()["status"], "disabled");
    server.post("/v1/messages", later.clone()).await.refused(409, "device:disabled");
    server.patch(&path, json!({ "enable": true })).await.ok();
    server.online(&device.id).await;

    let answer = server.post(&format!("{path}/reset?wait=true"), json!({})).await.ok();
    assert_eq!(answer["session"]["status"], "new");
    assert_eq!(answer["status"], "pending");
    assert!(ana.companions().await.is_empty(), "the phone no longer lists it");

    let waiting = server.post("/v1/messages", later).await.ok();
    server.post(&format!("{path}/reset?emptyQueue=true&data=true"), json!({})).await.ok();
    let removed = server.get(&format!("/v1/messages/{}", text(&waiting, "/id"))).await.ok();
    assert_eq!(removed["status"], "removed");
    server.link(&device.id, &ana).await;
}

#[tokio::test]
async fn sync_compares_with_whatsapp() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    let report = server.get(&format!("/v1/devices/{}/sync", device.id)).await.ok();
    assert_eq!(report["status"], "online");
    assert!(report["lastSyncAt"].is_string());
    assert!(report["lastSyncSeconds"].as_f64().expect("seconds") >= 0.0);
    let fresh = server.device("Fresh").await;
    server.get(&format!("/v1/devices/{fresh}/sync")).await.refused(503, "session:offline");
}

#[tokio::test]
async fn removed_on_the_phone_means_authorize() {
    let server = Server::start().await;
    let receiver = server.receiver(&["number:session"]).await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    ana.unlinks_all().await;
    let shown = server.session(&device.id, "authorize").await;
    assert_eq!(shown["status"], "pending");
    assert!(shown["wid"].is_null());
    let logs = shown["session"]["logs"].as_array().expect("logs");
    assert!(logs.iter().any(|l| l["event"] == "session:unlinked"), "{logs:#?}");
    receiver.event("unlinked", |e| e["data"]["change"] == "unlinked").await;
}

#[tokio::test]
async fn a_replaced_session_is_a_conflict_until_it_is_started() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    ana.fault(json!({ "kind": "conflict" })).await;
    server.session(&device.id, "conflict").await;
    // Not online, but still linked: a code would make no sense.
    let code = format!("/v1/devices/{}/authcode", device.id);
    server.call(Method::POST, &code, None).await.refused(409, "session:already_linked");
    let path = format!("/v1/devices/{}/start?wait=true", device.id);
    let started = server.call(Method::POST, &path, None).await.ok();
    assert_eq!(started["session"]["status"], "online");
}

#[tokio::test]
async fn a_banned_number_says_so() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    ana.fault(json!({ "kind": "failure", "code": 403 })).await;
    ana.fault(json!({ "kind": "drop" })).await;
    let shown = server.session(&device.id, "blocked").await;
    assert_eq!(shown["status"], "banned");
    let health = server.get(&format!("/v1/devices/{}/health", device.id)).await.ok();
    assert_eq!(health["status"], "down");
}

#[tokio::test]
async fn a_dropped_connection_comes_back_by_itself() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    ana.fault(json!({ "kind": "drop" })).await;
    ben.send(ANA, "while you were away").await;
    server.send(&device.id, BEN, "and while I was").await;
    receiver.gets("message:in:new", "while you were away").await;
    ben.receives("and while I was").await;
    server.online(&device.id).await;
}

#[tokio::test]
async fn a_restart_brings_numbers_back_without_linking() {
    let sandbox = Sandbox::start(11).await;
    let server = Server::on(&sandbox, &[]).await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let server = server.stop_and_restart().await;
    server.online(&device.id).await;
    server.send(&device.id, BEN, "after a restart").await;
    ben.receives("after a restart").await;
    let server = server.kill_and_restart().await;
    server.online(&device.id).await;
    server.send(&device.id, BEN, "after a kill").await;
    ben.receives("after a kill").await;
    assert_eq!(ana.companions().await.len(), 1);
}

#[tokio::test]
async fn devices_are_listed_changed_and_deleted() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let body = json!({ "alias": "Sales", "billingPlan": "io-business", "description": "for customers" });
    let made = server.post("/v1/devices", body).await;
    assert_eq!(made.status, 201);
    let id = text(&made.ok(), "/id").to_owned();
    let device = server.linked("Support", &ana).await;

    let list = server.get("/v1/devices").await;
    assert_eq!(list.headers["x-total-count"], "2");
    assert_eq!(list.ok().as_array().expect("a bare list").len(), 2);
    let online = server.get("/v1/devices?sessionStatus=online").await.ok();
    assert_eq!(online[0]["id"], device.id.as_str());
    assert_eq!(server.get("/v1/devices?search=custom").await.ok()[0]["id"], id.as_str());
    assert_eq!(server.get("/v1/devices?status=pending").await.ok().as_array().expect("list").len(), 1);
    let path = format!("/v1/devices/{id}");
    let shown = server.get(&format!("{path}?include=agents&exclude=session,profile,queue")).await.ok();
    assert!(shown.get("session").is_none() && shown.get("queue").is_none() && shown["agents"].is_array());
    let changed = server
        .patch(&path, json!({ "alias": "Sales 2", "settings": { "deliverySpeed": 20, "rebootPolicy": "12h" } }))
        .await
        .ok();
    assert_eq!(changed["alias"], "Sales 2");
    assert_eq!(changed["settings"]["rebootPolicy"], "12h");
    assert_eq!(changed["plan"], "io-business");

    server.delete(&format!("/v1/devices/{}", device.id)).await.ok();
    assert!(ana.companions().await.is_empty());
    server.get(&format!("/v1/devices/{}", device.id)).await.refused(404, "device:notfound");
    assert_eq!(server.get("/v1/devices").await.headers["x-total-count"], "1");
}

#[tokio::test]
async fn chats_are_deleted_here_and_not_on_the_phone() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let sent = server.send(&device.id, BEN, "to be forgotten").await;
    server.delivery(text(&sent, "/id"), &["delivered"]).await;
    let path = format!("/v1/devices/{}/chats", device.id);
    server.call(Method::DELETE, &path, Some(json!([]))).await.refused(400, "chats:count");
    server.call(Method::DELETE, &path, Some(json!(["123"]))).await.refused(400, "phone:invalid");
    let gone = server.call(Method::DELETE, &path, Some(json!([BEN]))).await.ok();
    assert_eq!(gone["deleted"], 1);
    assert_eq!(ben.messages().await.len(), 1);
}
