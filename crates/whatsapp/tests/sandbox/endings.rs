//! How a link ends when it is not the caller who ends it.

use serde_json::json;
use sparkbot_network::{NetworkError, Report};

use crate::place::{ALICE, OWN, Place, phone};

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_removes_the_device() {
    let place = Place::new().await;
    let number = place.linked().await;
    let shown = place.get(&format!("/phones/{OWN}")).await;
    let device = shown["devices"][0]["id"].as_u64().expect("a device");
    place.delete(&format!("/phones/{OWN}/devices/{device}")).await.expect("removed");
    number.recorder.report("unlinked", |report| matches!(report, Report::Unlinked { .. }).then_some(())).await;
    let refused = number.send(ALICE, "3EB0000000000101", "too late").await;
    assert!(matches!(refused, Err(NetworkError::Unreachable(_) | NetworkError::NotLinked)), "{refused:?}");
    number.link.close().await;

    // What core does next: everything is forgotten and linked anew.
    number.state.clear().await.expect("cleared");
    let number = place.linked().await;
    number.send(ALICE, "3EB0000000000102", "again").await.expect("sent");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_removes_the_device() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.link.logout().await.expect("removed");
    let shown = place.get(&format!("/phones/{OWN}")).await;
    assert_eq!(shown["devices"].as_array().map(Vec::len), Some(0), "{shown:#?}");
    number.link.close().await;
    assert!(!number.has_reported(|report| matches!(report, Report::Unlinked { .. })), "the caller knows");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_client_takes_the_session_over() {
    let place = Place::new().await;
    let number = place.linked().await;
    place.post("/faults", json!({"kind": "conflict", "phone": OWN})).await.expect("a fault");
    number.recorder.report("replaced", |report| matches!(report, Report::Replaced).then_some(())).await;
    number.link.close().await;
    let number = place.open().await;
    number.recorder.online().await;
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_bans_the_number_for_a_while() {
    let place = Place::new().await;
    let number = place.linked().await;
    place.post("/faults", json!({"kind": "failure", "code": 402, "ms": 3_600_000})).await.expect("a fault");
    place.post("/faults", json!({"kind": "drop", "phone": OWN})).await.expect("a fault");
    let (code, expires) = number
        .recorder
        .report("ban", |report| match report {
            Report::Banned { code, expires_in, .. } => Some((*code, *expires_in)),
            _ => None,
        })
        .await;
    assert!(code.is_some());
    assert!(expires.is_some_and(|left| left.as_secs() > 0), "{expires:?}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_locks_the_account() {
    let place = Place::new().await;
    let number = place.linked().await;
    place.post("/faults", json!({"kind": "failure", "code": 403})).await.expect("a fault");
    place.post("/faults", json!({"kind": "drop", "phone": OWN})).await.expect("a fault");
    let code = number.recorder.report("ban", |report| match report {
        Report::Banned { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code.await, Some(403));
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_forgets_the_device_while_it_is_away() {
    let place = Place::new().await;
    let number = place.linked().await;
    place.post("/faults", json!({"kind": "failure", "code": 401})).await.expect("a fault");
    place.post("/faults", json!({"kind": "drop", "phone": OWN})).await.expect("a fault");
    number.recorder.report("unlinked", |report| matches!(report, Report::Unlinked { .. }).then_some(())).await;
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_wants_a_newer_client() {
    let place = Place::new().await;
    let number = place.linked().await;
    place.post("/faults", json!({"kind": "failure", "code": 405})).await.expect("a fault");
    place.post("/faults", json!({"kind": "drop", "phone": OWN})).await.expect("a fault");
    number.recorder.report("outdated", |report| matches!(report, Report::Outdated).then_some(())).await;
    assert_eq!(number.link.health().await.client_version_accepted, Some(false));
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_break_is_survived() {
    let place = Place::new().await;
    let number = place.linked().await;
    let before = number.recorder.reports().len();
    place.post("/faults", json!({"kind": "failure", "code": 503})).await.expect("a fault");
    place.post("/faults", json!({"kind": "stream_error", "code": 503, "phone": OWN})).await.expect("a fault");
    let online = |report: &Report| matches!(report, Report::Online { .. }).then_some(());
    number.recorder.report_from(before, "online again", online).await;
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_link_answers_at_once() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.link.close().await;
    number.link.close().await;
    assert!(matches!(number.send(ALICE, "3EB0000000000103", "x").await, Err(NetworkError::Closed)));
    assert!(matches!(number.link.request_code(&phone(OWN)).await, Err(NetworkError::Closed)));
    assert!(!number.link.health().await.connected);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_is_told_with_the_next_attempt() {
    let place = Place::new().await;
    let number = {
        let recorder = std::sync::Arc::new(crate::observer::Recorder::new());
        let state = crate::place::state(&place.folder.0, &place.key).await;
        let network = crate::place::whatsapp("ws://127.0.0.1:9/ws/chat", "http://127.0.0.1:9");
        let observer: std::sync::Arc<dyn sparkbot_network::Observer> = recorder.clone();
        let link =
            sparkbot_network::Network::open(&network, state.device(), state.clone(), observer).await.expect("a link");
        crate::place::Number { link, recorder, state }
    };
    let retry = number.recorder.report("offline", |report| match report {
        Report::Offline { retry_in, .. } => Some(*retry_in),
        _ => None,
    });
    assert!(retry.await.is_some());
    number.link.close().await;
}
