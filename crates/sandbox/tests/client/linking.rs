//! Linking by code, and what stands in its way.

use serde_json::json;
use whatsapp_rust::pair_code::PairCodeOptions;
use whatsapp_rust::transport::TokioWebSocketTransportFactory;
use whatsapp_rust::types::events::Event;

use crate::support::{ALICE, Companion, OWN, Place, jid};

/// A client that runs and wants to be linked.
async fn unlinked(place: &Place) -> Companion {
    let companion = Companion::begin(TokioWebSocketTransportFactory::new().with_url(place.sandbox.socket_url())).await;
    companion.events.take("a QR code", |event| matches!(event, Event::PairingQrCode(_)).then_some(())).await;
    companion
}

async fn code(companion: &Companion) -> Result<String, String> {
    let options = PairCodeOptions { phone_number: OWN.to_owned(), ..Default::default() };
    companion.client.pair_with_code(options).await.map_err(|error| format!("{error:?}"))
}

async fn types(place: &Place, code: &str) -> (u16, serde_json::Value) {
    place.request("POST", &format!("/phones/{OWN}/link"), Some(json!({"code": code}))).await
}

#[tokio::test]
async fn a_client_is_linked_by_code_after_a_wrong_one() {
    let place = Place::new().await;
    let companion = unlinked(&place).await;
    let code = code(&companion).await.unwrap();
    let wrong = if code.starts_with('A') { "BBBBBBBB" } else { "AAAAAAAA" };
    let (status, answer) = types(&place, wrong).await;
    assert_eq!((status, &answer["error"]), (422, &json!("wrong_code")));
    let (status, answer) = types(&place, &code).await;
    assert_eq!(status, 200, "{answer}");
    companion.connected().await;
    let sent = companion.client.send_text(&jid(ALICE), "linked by code").await.unwrap();
    assert_eq!(place.sees(ALICE, &sent.message_id).await["fromDevice"], answer["device"]["id"]);
}

#[tokio::test]
async fn a_client_that_asked_for_too_many_codes_gets_one_later() {
    let place = Place::new().await;
    place.fault(json!({"kind": "too_many_link_codes", "phone": OWN})).await;
    let companion = unlinked(&place).await;
    let refused = code(&companion).await.unwrap_err();
    assert!(refused.contains("429"), "{refused}");
    let code = code(&companion).await.unwrap();
    assert_eq!(types(&place, &code).await.0, 200);
    companion.connected().await;
}

#[tokio::test]
async fn a_client_is_asked_for_a_passkey_and_linked_without_it_later() {
    let place = Place::new().await;
    place.fault(json!({"kind": "passkey", "phone": OWN})).await;
    let companion = unlinked(&place).await;
    assert!(code(&companion).await.is_err());
    let options = companion
        .events
        .take("the wish for a passkey", |event| match event {
            Event::PairPasskeyRequest(request) => Some(request.request_options_json.clone()),
            _ => None,
        })
        .await;
    let options: serde_json::Value = serde_json::from_str(&options).unwrap();
    assert_eq!(options["rpId"], "whatsapp.com");
    let code = code(&companion).await.unwrap();
    assert_eq!(types(&place, &code).await.0, 200);
    companion.connected().await;
}
