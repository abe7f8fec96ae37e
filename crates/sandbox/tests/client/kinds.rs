//! What a client does to messages, seen on the phones of those concerned.

use buffa::MessageField;
use serde_json::json;
use waproto::whatsapp as wa;
use whatsapp_rust::{PinDuration, RevokeType};

use crate::support::{ALICE, BOB, Companion, OWN, Place, jid};

/// The key of a message somebody else wrote in a chat with one person.
fn key_of(other: &str, id: &str) -> wa::MessageKey {
    wa::MessageKey {
        remote_jid: Some(jid(other).to_string()),
        from_me: Some(false),
        id: Some(id.to_owned()),
        participant: None,
    }
}

fn text(text: &str) -> wa::Message {
    wa::Message { conversation: Some(text.to_owned()), ..Default::default() }
}

async fn shown(place: &Place, phone: &str, id: &str, fits: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
    place.sees(phone, id).await;
    place.until(&format!("/phones/{phone}/messages/{id}"), fits).await
}

#[tokio::test]
async fn edits_and_deletions_of_a_client_reach_the_other_phone_and_the_own_one() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let client = &companion.client;
    let sent = client.send_message(&jid(ALICE), text("hello")).await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    client.edit_message(&jid(ALICE), sent.message_id.clone(), text("good day")).await.unwrap();
    for phone in [ALICE, OWN] {
        let edited = shown(&place, phone, &sent.message_id, |message| message["edited"] == true).await;
        assert_eq!(edited["text"], "good day");
    }
    client.revoke_message(&jid(ALICE), sent.message_id.clone(), RevokeType::Sender).await.unwrap();
    for phone in [ALICE, OWN] {
        let revoked = shown(&place, phone, &sent.message_id, |message| message["revoked"] == true).await;
        assert_eq!((&revoked["text"], &revoked["revokedBy"]), (&json!(null), &json!(OWN)));
    }
}

#[tokio::test]
async fn an_edit_that_is_sealed_with_the_messages_secret_is_opened() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let client = &companion.client;
    let secret = [9; 32];
    let message = wa::Message {
        message_context_info: MessageField::some(wa::MessageContextInfo {
            message_secret: Some(secret.to_vec()),
            ..Default::default()
        }),
        ..text("hello")
    };
    let sent = client.send_message(&jid(ALICE), message).await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    client.edit_message_encrypted(&jid(ALICE), sent.message_id.clone(), &secret, text("sealed")).await.unwrap();
    for phone in [ALICE, OWN] {
        let edited = shown(&place, phone, &sent.message_id, |message| message["edited"] == true).await;
        assert_eq!(edited["text"], "sealed");
    }
}

#[tokio::test]
async fn a_client_reacts_pins_and_keeps() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let client = &companion.client;
    let id = place.writes(ALICE, OWN, "hello").await;
    companion.message(&id).await;
    client.send_reaction(&jid(ALICE), key_of(ALICE, &id), "🎉").await.unwrap();
    for phone in [ALICE, OWN] {
        let reacted = shown(&place, phone, &id, |message| message["reactions"].is_array()).await;
        assert_eq!(reacted["reactions"], json!([{"from": OWN, "emoji": "🎉"}]));
    }
    client.send_reaction(&jid(ALICE), key_of(ALICE, &id), "").await.unwrap();
    shown(&place, ALICE, &id, |message| message["reactions"].is_null()).await;
    client.pin_message(&jid(ALICE), key_of(ALICE, &id), PinDuration::Hours24).await.unwrap();
    let pinned = shown(&place, ALICE, &id, |message| message["pinnedUntil"].is_u64()).await;
    let lasts = pinned["pinnedUntil"].as_u64().unwrap() - pinned["timestamp"].as_u64().unwrap();
    assert!((86_400..86_460).contains(&lasts), "{lasts}");
    client.unpin_message(&jid(ALICE), key_of(ALICE, &id)).await.unwrap();
    shown(&place, ALICE, &id, |message| message["pinnedUntil"].is_null()).await;
    client.keep_message(&jid(ALICE), key_of(ALICE, &id), true).await.unwrap();
    let kept = shown(&place, ALICE, &id, |message| message["keptBy"].is_string()).await;
    assert_eq!(kept["keptBy"], OWN);
    client.keep_message(&jid(ALICE), key_of(ALICE, &id), false).await.unwrap();
    shown(&place, ALICE, &id, |message| message["keptBy"].is_null()).await;
}

#[tokio::test]
async fn a_comment_of_a_client_stands_below_the_message() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let id = place.writes(ALICE, OWN, "hello").await;
    let message = companion.message(&id).await;
    let mut key = key_of(ALICE, &id);
    key.participant = Some(message.info.source.sender.to_non_ad().to_string());
    companion.client.comments().send_text(&message.info.source.chat, key, "so it is").await.unwrap();
    let commented = shown(&place, ALICE, &id, |message| message["comments"].is_array()).await;
    assert_eq!(
        (&commented["comments"][0]["from"], &commented["comments"][0]["text"]),
        (&json!(OWN), &json!("so it is"))
    );
}

#[tokio::test]
async fn a_forwarded_message_says_that_it_is_one() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let id = place.writes(ALICE, OWN, "pass it on").await;
    let message = companion.message(&id).await;
    let sent = companion.client.forward_message(&jid(BOB), &message.message).await.unwrap();
    let forwarded = place.sees(BOB, &sent.message_id).await;
    assert_eq!((&forwarded["forwarded"], &forwarded["text"]), (&json!(true), &json!("pass it on")));
}

#[tokio::test]
async fn what_a_client_may_not_do_changes_nothing() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let id = place.writes(ALICE, OWN, "mine").await;
    companion.message(&id).await;
    let edit = wa::Message {
        protocol_message: MessageField::some(wa::message::ProtocolMessage {
            key: MessageField::some(key_of(ALICE, &id)),
            r#type: Some(wa::message::protocol_message::Type::MESSAGE_EDIT),
            edited_message: MessageField::some(text("forged")),
            ..Default::default()
        }),
        ..Default::default()
    };
    companion.client.send_message(&jid(ALICE), edit).await.unwrap();
    let ignored = place.event(ALICE, |event| event["kind"] == "ignored").await;
    assert_eq!((&ignored["target"], &ignored["reason"]), (&json!(id), &json!("only its author may edit a message")));
    assert_eq!(place.get(&format!("/phones/{ALICE}/messages/{id}")).await["text"], "mine");
}

#[tokio::test]
async fn a_person_quotes_mentions_and_presses_buttons() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let sent = companion.client.send_message(&jid(ALICE), text("question")).await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    let body = json!({"to": OWN, "text": "answer", "quote": sent.message_id, "mentions": [BOB], "forwarded": true});
    let answer = place.post(&format!("/phones/{ALICE}/messages"), body).await;
    let message = companion.message(answer["id"].as_str().unwrap()).await;
    let context = message.message.extended_text_message.as_option().unwrap().context_info.as_option().unwrap();
    assert_eq!(context.stanza_id.as_deref(), Some(sent.message_id.as_str()));
    assert_eq!(context.quoted_message.as_option().unwrap().conversation.as_deref(), Some("question"));
    assert_eq!((context.mentioned_jid.len(), context.is_forwarded), (1, Some(true)));
    let shown = place.sees(OWN, answer["id"].as_str().unwrap()).await;
    assert_eq!(shown["quoted"]["text"], "question");
    assert_eq!((&shown["quoted"]["from"], &shown["mentions"]), (&json!(OWN), &json!([BOB])));

    let buttons = wa::message::ButtonsMessage {
        content_text: Some("Go?".to_owned()),
        buttons: vec![wa::message::buttons_message::Button {
            button_id: Some("yes".to_owned()),
            button_text: MessageField::some(wa::message::buttons_message::button::ButtonText {
                display_text: Some("Yes".to_owned()),
            }),
            r#type: Some(wa::message::buttons_message::button::Type::RESPONSE),
            ..Default::default()
        }],
        ..Default::default()
    };
    let message = wa::Message { buttons_message: MessageField::some(buttons), ..Default::default() };
    let sent = companion.client.send_message(&jid(ALICE), message).await.unwrap();
    let asked = place.sees(ALICE, &sent.message_id).await;
    assert_eq!(asked["buttons"], json!([{"id": "yes", "text": "Yes"}]));
    let body = json!({"to": OWN, "message": {"press": {"id": sent.message_id, "button": "yes"}}});
    let pressed = place.post(&format!("/phones/{ALICE}/messages"), body).await;
    let message = companion.message(pressed["id"].as_str().unwrap()).await;
    let response = message.message.buttons_response_message.as_option().unwrap();
    assert_eq!(response.selected_button_id.as_deref(), Some("yes"));
}
