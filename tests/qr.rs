//! Linking by QR: every encoding, rotation, force.

use serde_json::json;

use crate::support::{Server, eventually, text};

const ANA: &str = "+16001234560";

#[tokio::test]
async fn every_encoding_shows_the_same_qr() {
    let server = Server::start().await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/scan");

    let json = server.get(&format!("{path}?encoding=json")).await.ok();
    assert_eq!(json["status"], "authorize");
    assert_eq!(json["attempt"], 1);
    let left = json["expiresIn"].as_i64().expect("seconds");
    assert!((50..=60).contains(&left), "{left}");
    let says = text(&json, "/data").to_owned();
    assert!(says.matches(',').count() >= 3, "{says}");
    let uri = server.get(&format!("{path}?encoding=uri")).await.ok();
    assert_eq!(uri["data"], says.as_str());

    for query in ["", "?encoding=svg", "?encoding="] {
        let svg = server.get(&format!("{path}{query}")).await;
        assert_eq!(svg.headers["content-type"], "image/svg+xml", "{query}");
        assert!(String::from_utf8(svg.bytes).expect("text").contains("<svg"), "{query}");
    }
    let image = server.get(&format!("{path}?encoding=image")).await;
    assert_eq!(image.headers["content-type"], "image/png");
    assert!(image.bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    let base64 = server.get(&format!("{path}?encoding=base64")).await.ok();
    let uri = server.get(&format!("{path}?encoding=base64_uri")).await.ok();
    assert_eq!(text(&uri, "/data"), format!("data:image/png;base64,{}", text(&base64, "/data")));

    server.get(&format!("{path}?encoding=jpeg")).await.refused(400, "query:invalid");
}

#[tokio::test]
async fn a_scan_links_the_number() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let id = server.device("Support").await;
    let qr = server.get(&format!("/v1/devices/{id}/scan?encoding=uri")).await.ok();
    ana.scan(text(&qr, "/data")).await.ok();
    let device = server.online(&id).await;
    assert_eq!(device["phone"], ANA);
    let path = format!("/v1/devices/{id}/scan?encoding=json");
    server.get(&path).await.refused(409, "session:already_linked");
    let forced = server.get(&format!("{path}&force=true")).await.ok();
    assert!(ana.companions().await.is_empty(), "force has removed the companion");
    ana.scan(text(&forced, "/data")).await.ok();
    server.online(&id).await;
}

#[tokio::test]
async fn the_qr_rotates_and_a_new_round_begins_after_the_last() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let id = server.device("Support").await;
    let path = format!("/v1/devices/{id}/scan?encoding=json");
    let first = server.get(&path).await.ok();
    let again = server.get(&path).await.ok();
    assert_eq!(first["data"], again["data"], "the living one is answered");

    // A new connection is offered refs of a shorter life.
    ana.settings(json!({ "qrFirstMs": 1000, "qrNextMs": 1000 })).await;
    let last = server.post(&format!("/v1/devices/{id}/reboot?force=true"), json!({})).await;
    last.ok();
    let rotated = eventually("another QR", || async {
        let qr = server.get(&path).await.ok();
        (qr["data"] != first["data"]).then_some(qr)
    })
    .await;
    ana.scan(text(&rotated, "/data")).await.ok();
    server.online(&id).await;
}
