//! The example for the other files: link, and write both ways.

use serde_json::{Value, json};
use whatsapp_rust::types::events::Event;
use whatsapp_rust::types::presence::ReceiptType;

use crate::support::{ALICE, Companion, OWN, Place, jid};

#[tokio::test]
async fn a_linked_client_and_a_person_write_to_each_other() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;

    let online = |phone: &Value| phone["devices"][0]["online"] == true;
    let phone = place.until(&format!("/phones/{OWN}"), online).await;
    assert_eq!(phone["devices"][0]["id"], companion.device);
    place.put(&format!("/phones/{ALICE}/script"), json!({"read": true})).await;

    let sent = companion.client.send_text(&jid(ALICE), "hello").await.unwrap();
    let shown = place.sees(ALICE, &sent.message_id).await;
    assert_eq!((&shown["from"], &shown["text"], &shown["copies"]), (&json!(OWN), &json!("hello"), &json!(1)));
    let id = sent.message_id;
    let read = |event: &Event| match event {
        Event::Receipt(receipt) => {
            (receipt.message_ids.contains(&id) && receipt.r#type == ReceiptType::Read).then_some(())
        }
        _ => None,
    };
    companion.events.take("that Alice has read it", read).await;

    let id = place.writes(ALICE, OWN, "hi back").await;
    let message = companion.message(&id).await;
    assert_eq!(message.message.conversation.as_deref(), Some("hi back"));
    place.receipt(ALICE, &id, OWN, "delivery").await;
}
