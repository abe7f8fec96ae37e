//! Linking by authentication code: every row of the table in
//! `docs/linking.md`.

use reqwest::Method;
use serde_json::json;

use crate::support::{Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";

#[tokio::test]
async fn a_number_is_linked_by_a_code_of_eight_characters() {
    let server = Server::start().await;
    let receiver = server.receiver(&["number:session"]).await;
    let ana = server.phone(ANA, "Ana").await;
    let id = server.device("Support").await;

    let code = server.post(&format!("/v1/devices/{id}/authcode"), json!({ "phone": ANA })).await;
    assert_eq!(code.status, 200);
    let code = code.ok();
    assert_eq!(code["status"], "authorize");
    assert_eq!(code["phone"], ANA);
    let shown = text(&code, "/code");
    assert_eq!(shown.len(), 9, "{shown}");
    assert_eq!(shown.as_bytes()[4], b'-');
    let left = code["expiresIn"].as_i64().expect("seconds");
    assert!((170..=180).contains(&left), "{left}");
    assert!(text(&code, "/createdAt") < text(&code, "/expiresAt"));
    let device = server.get(&format!("/v1/devices/{id}")).await.ok();
    assert_eq!(device["session"]["status"], "authorize");
    assert_eq!(device["status"], "pending");

    ana.link(shown).await.ok();
    let device = server.online(&id).await;
    assert_eq!(device["status"], "operative");
    assert_eq!(device["phone"], ANA);
    assert_eq!(device["wid"], "16001234560@c.us");
    assert_eq!(device["session"]["newNumber"], false);
    assert_eq!(device["billing"]["subscription"]["product"], "io");
    assert_eq!(ana.companions().await.len(), 1, "the phone lists it under Linked devices");
    for state in ["authorize", "online"] {
        receiver.event(state, |e| e["data"]["session"]["status"] == state && e["data"]["id"] == id.as_str()).await;
    }
}

#[tokio::test]
async fn get_is_taken_as_well() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let id = server.device("Support").await;
    let code = server.get(&format!("/v1/devices/{id}/authcode?phone=%2B16001234560")).await;
    // The phone is a body parameter; the query has only `force`.
    code.refused(400, "query:unknown");
    server.link(&id, &ana).await;
    server.get(&format!("/v1/devices/{id}/authcode")).await.refused(409, "session:already_linked");
    let again = server.get(&format!("/v1/devices/{id}/authcode?force=true")).await.ok();
    assert_eq!(again["phone"], ANA);
}

#[tokio::test]
async fn a_number_is_needed_the_first_time() {
    let server = Server::start().await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/authcode");
    server.call(Method::POST, &path, None).await.refused(400, "phone:required");
    server.post(&path, json!({})).await.refused(400, "phone:required");
    // Forms send empty fields for absent ones.
    server.post(&path, json!({ "phone": "" })).await.refused(400, "phone:required");
    for bad in ["16001234560", "+1600123456", "+1600123456x", "+99912345678901234", "hello"] {
        let refusal = server.post(&path, json!({ "phone": bad })).await.refused(400, "phone:invalid");
        assert!(text(&refusal, "/message").contains(bad), "{refusal:#}");
    }
    assert_eq!(server.get(&format!("/v1/devices/{id}")).await.ok()["session"]["status"], "new", "nothing was changed");
}

#[tokio::test]
async fn a_logged_out_number_needs_no_phone() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    ana.unlinks_all().await;
    let shown = server.session(&device.id, "authorize").await;
    assert_eq!(shown["status"], "pending");
    let code = server.call(Method::POST, &format!("/v1/devices/{}/authcode", device.id), None).await.ok();
    assert_eq!(code["phone"], ANA);
    ana.link(text(&code, "/code")).await.ok();
    let shown = server.online(&device.id).await;
    assert_eq!(shown["session"]["newNumber"], false);
}

#[tokio::test]
async fn a_linked_number_is_linked_anew_only_by_force() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let path = format!("/v1/devices/{}/authcode", device.id);
    let before = ana.companions().await;
    assert_eq!(before.len(), 1);
    let sent = server.send(&device.id, BEN, "kept over a new link").await;
    server.delivery(text(&sent, "/id"), &["delivered", "read"]).await;

    let refusal = server.post(&path, json!({ "phone": ANA })).await.refused(409, "session:already_linked");
    assert!(text(&refusal, "/hint").contains("force=true"));
    assert_eq!(ana.companions().await.len(), 1);

    let code = server.post(&format!("{path}?force=true"), json!({ "phone": ANA })).await.ok();
    assert_eq!(ana.companions().await.len(), 0, "the old companion is gone from the phone's list");
    ana.link(text(&code, "/code")).await.ok();
    server.online(&device.id).await;
    let kept = server.get(&format!("/v1/messages/{}", text(&sent, "/id"))).await.ok();
    assert_eq!(kept["message"], "kept over a new link");
    let again = server.send(&device.id, BEN, "over the new link").await;
    server.delivery(text(&again, "/id"), &["delivered", "read"]).await;
    ben.receives("over the new link").await;
}

#[tokio::test]
async fn force_may_change_the_number() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let path = format!("/v1/devices/{}/authcode?force=true", device.id);
    let code = server.post(&path, json!({ "phone": BEN })).await.ok();
    ben.link(text(&code, "/code")).await.ok();
    let shown = server.online(&device.id).await;
    assert_eq!(shown["phone"], BEN);
    assert_eq!(shown["session"]["newNumber"], true);
    assert!(ana.companions().await.is_empty());
}

#[tokio::test]
async fn a_living_code_is_answered_again() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/authcode");
    let first = server.post(&path, json!({ "phone": ANA })).await.ok();
    let second = server.post(&path, json!({ "phone": ANA })).await.ok();
    assert_eq!(first["code"], second["code"]);
    assert_eq!(first["expiresAt"], second["expiresAt"]);
    assert!(second["expiresIn"].as_i64() <= first["expiresIn"].as_i64());
    let forced = server.post(&format!("{path}?force=true"), json!({ "phone": ANA })).await.ok();
    assert_ne!(first["code"], forced["code"], "force asks for a new one");
    ana.link(text(&forced, "/code")).await.ok();
    server.online(&id).await;
}

#[tokio::test]
async fn two_requests_at_once_get_the_same_code() {
    let server = Server::start().await;
    server.phone(ANA, "Ana").await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/authcode");
    let (one, two) =
        tokio::join!(server.post(&path, json!({ "phone": ANA })), server.post(&path, json!({ "phone": ANA })));
    assert_eq!(one.ok()["code"], two.ok()["code"]);
}

#[tokio::test]
async fn a_code_for_another_phone_takes_the_place_of_the_first() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/authcode");
    let first = server.post(&path, json!({ "phone": ANA })).await.ok();
    let second = server.post(&path, json!({ "phone": BEN })).await.ok();
    assert_eq!(second["phone"], BEN);
    assert_ne!(first["code"], second["code"]);
    let late = ana.link(text(&first, "/code")).await;
    assert!(late.status >= 400, "the first code is void: {}", late.body);
    ben.link(text(&second, "/code")).await.ok();
    assert_eq!(server.online(&id).await["phone"], BEN);
}

#[tokio::test]
async fn an_expired_code_is_never_answered_again() {
    let server = Server::start().await;
    let receiver = server.receiver(&["number:session"]).await;
    let ana = server.phone(ANA, "Ana").await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/authcode");
    let first = server.post(&path, json!({ "phone": ANA })).await.ok();
    // The sandbox forgets the code as if its time were up.
    ana.settings(json!({ "linkCodeMs": 1 })).await;
    let refused = eventually("the phone to refuse an old code", || async {
        let answer = ana.link(text(&first, "/code")).await;
        (answer.status >= 400).then_some(answer)
    })
    .await;
    assert!(refused.status == 410 || refused.status == 404, "{}", refused.body);
    ana.settings(json!({ "linkCodeMs": 180_000 })).await;
    let second = server.post(&format!("{path}?force=true"), json!({ "phone": ANA })).await.ok();
    assert_ne!(first["code"], second["code"]);
    ana.link(text(&second, "/code")).await.ok();
    receiver.event("online", |e| e["data"]["session"]["status"] == "online").await;
}

#[tokio::test]
async fn a_wrong_code_is_refused_on_the_phone_and_three_end_it() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/authcode");
    let code = server.post(&path, json!({ "phone": ANA })).await.ok();
    let wrong = if text(&code, "/code") == "11111111" { "2222-2222" } else { "1111-1111" };
    let refused = ana.link(wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let state = server.get(&format!("/v1/devices/{id}")).await.ok()["session"]["status"].clone();
    assert!(state == "authorize" || state == "authorizing", "{state}");
    ana.link(text(&code, "/code")).await.ok();
    server.online(&id).await;
}

#[tokio::test]
async fn too_many_attempts_tell_when_to_come_back() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    ana.fault(json!({ "kind": "too_many_link_codes", "count": 1 })).await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/authcode");
    let refused = server.post(&path, json!({ "phone": ANA })).await;
    let wait: u64 = refused.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!(wait > 0);
    refused.refused(429, "session:too_many_attempts");
    server.post(&path, json!({ "phone": ANA })).await.ok();
}

#[tokio::test]
async fn an_account_with_a_passkey_is_told_what_to_do() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    ana.fault(json!({ "kind": "passkey" })).await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/authcode");
    let refusal = server.post(&path, json!({ "phone": ANA })).await.refused(409, "session:passkey_required");
    assert!(text(&refusal, "/hint").contains("passkey") || text(&refusal, "/hint").contains("Passkey"), "{refusal:#}");
    // Once the person has dealt with it, a code is given out.
    let code = server.post(&path, json!({ "phone": ANA })).await.ok();
    ana.link(text(&code, "/code")).await.ok();
    server.online(&id).await;
}

#[tokio::test]
async fn whatsapp_out_of_reach_is_said() {
    let sandbox = crate::support::Sandbox::start(7).await;
    let server = Server::on(&sandbox, &[]).await;
    let id = server.device("Support").await;
    drop(sandbox);
    let refused = server.post(&format!("/v1/devices/{id}/authcode"), json!({ "phone": ANA })).await;
    refused.refused(503, "session:unreachable");
}

#[tokio::test]
async fn unknown_numbers_and_weak_keys_are_refused() {
    let server = Server::start().await;
    let id = server.device("Support").await;
    server
        .post("/v1/devices/0123456789abcdef01234567/authcode", json!({ "phone": ANA }))
        .await
        .refused(404, "device:notfound");
    let key = server.post("/v1/apikeys", json!({ "name": "Reader", "scopes": ["devices:read"] })).await.ok();
    let request = server
        .request(Method::POST, &format!("/v1/devices/{id}/authcode"))
        .header("Token", text(&key, "/key"))
        .json(&json!({ "phone": ANA }));
    server.answer(request).await.refused(403, "auth:scope");
}
