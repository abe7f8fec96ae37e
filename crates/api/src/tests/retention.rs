//! How long messages that have ended are kept: `settings.retentionPolicy`.

use serde_json::json;
use sparkbot_core::outbound::forget_ended;

use super::support::Surface;

const MINUTE: i64 = 60_000;

#[tokio::test]
async fn what_has_ended_is_kept_as_long_as_its_number_says() {
    let surface = Surface::new().await;
    let made = surface.call("POST", "/v1/devices", Some(r#"{"alias":"Support"}"#)).await.json();
    let device = made["id"].as_str().expect("an id").to_owned();
    let post = async |text: &str| {
        let body = json!({ "device": device, "phone": "+16001234561", "message": text }).to_string();
        surface.call("POST", "/v1/messages", Some(&body)).await.json()["id"].as_str().expect("an id").to_owned()
    };
    let (ended, waiting) = (post("ended").await, post("waiting").await);
    let now = surface.core.now();
    let account = sparkbot_core::keys::authenticate(&surface.core, &surface.key).await.expect("a caller").account;
    let id = ended.parse().expect("an id");
    surface
        .core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let mut row = w.account(&account).message(&id).await?.expect("the message");
                row.status = "failed".to_owned();
                row.failed_at = Some(now);
                w.account(&account).update_message(&row).await
            })
        })
        .await
        .map_err(|error: sparkbot_store::StoreError| error)
        .expect("it has failed");

    let policy = async |policy: &str| {
        let body = json!({ "settings": { "retentionPolicy": policy } }).to_string();
        let answer = surface.call("PATCH", &format!("/v1/devices/{device}"), Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    let there = async |id: &str| surface.get(&format!("/v1/messages/{id}")).await.status == 200;
    for keeps in ["plan_defaults", "never", "10d"] {
        policy(keeps).await;
        assert_eq!(forget_ended(&surface.core, now + 9 * 24 * 60 * MINUTE).await.expect("swept"), 0, "{keeps}");
    }
    policy("5m").await;
    assert_eq!(forget_ended(&surface.core, now + 4 * MINUTE).await.expect("swept"), 0);
    assert!(there(&ended).await);
    assert_eq!(forget_ended(&surface.core, now + 6 * MINUTE).await.expect("swept"), 1);
    assert!(!there(&ended).await && there(&waiting).await, "what waits is not forgotten");
}
