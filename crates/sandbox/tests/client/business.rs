//! Business profiles, and calls that are rejected.

use serde_json::json;
use whatsapp_rust::types::events::Event;

use crate::support::{ALICE, Companion, OWN, Place, jid};

#[tokio::test]
async fn a_business_profile_is_read() {
    let place = Place::new().await;
    let profile = json!({
        "verifiedName": "Alice's Bakery",
        "description": "Bread and cake",
        "email": "shop@example.com",
        "address": "1 Baker Street",
        "websites": ["https://example.com"],
        "categories": ["Bakery"],
        "timezone": "Europe/Berlin",
        "hours": [{"day": "mon", "mode": "specific_hours", "open": 480, "close": 1080}],
    });
    place.put(&format!("/phones/{ALICE}/business"), profile).await;
    let own = Companion::link(&place, OWN).await;
    let read = own.client.get_business_profile(&jid(ALICE)).await.unwrap().expect("a profile");
    assert_eq!((read.description.as_str(), read.email.as_deref()), ("Bread and cake", Some("shop@example.com")));
    assert_eq!(read.website, ["https://example.com"]);
    assert_eq!(read.categories[0].name, "Bakery");
    assert_eq!(read.business_hours.business_config.unwrap()[0].close_time, Some(1080));
    assert!(own.client.get_business_profile(&jid(OWN)).await.unwrap().is_none(), "the own account is no business");
}

#[tokio::test]
async fn a_call_rings_and_is_rejected() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let made = place.post(&format!("/phones/{ALICE}/calls"), json!({"to": OWN, "video": true})).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let call = own
        .events
        .take("an incoming call", |event| match event {
            Event::IncomingCall(call) => Some(call.clone()),
            _ => None,
        })
        .await;
    assert_eq!(call.action.call_id(), id);
    own.client.voip().reject(&call).await.unwrap();
    let rejected = place.event(ALICE, |event| event["kind"] == "call" && event["state"] == "rejected").await;
    assert_eq!((&rejected["id"], &rejected["by"]), (&json!(id), &json!(OWN)));
}
