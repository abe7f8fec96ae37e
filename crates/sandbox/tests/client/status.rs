//! Status updates: who sees them, who has seen them, and taking them back.

use serde_json::{Value, json};
use whatsapp_rust::types::events::Event;
use whatsapp_rust::types::presence::ReceiptType;
use whatsapp_rust::wacore::download::MediaType;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::extended_text_message::FontType;
use whatsapp_rust::{Jid, StatusSendOptions, UploadOptions};

use crate::media::{bytes, kept};
use crate::support::{ALICE, BOB, CAROL, Companion, OWN, Place, jid};

const STATUS: &str = "status@broadcast";

async fn post(own: &Companion, text: &str, to: &[&str]) -> String {
    let people: Vec<Jid> = to.iter().map(|number| jid(number)).collect();
    let options = StatusSendOptions::default();
    own.client.status().send_text(text, 0xff00_7a5c, FontType::SYSTEM, &people, options).await.unwrap().message_id
}

async fn shown(place: &Place, phone: &str) -> Vec<Value> {
    let answer = place.get(&format!("/phones/{phone}/messages?chat={STATUS}")).await;
    answer["messages"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_update_is_seen_by_those_it_is_for_and_its_author_learns_who_did() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    // The client knows a LID only of people it has had to do with.
    for number in [ALICE, BOB, CAROL] {
        own.client.send_text(&jid(number), "hi").await.unwrap();
    }
    let of_alice = Companion::link(&place, ALICE).await;

    for text in ["sunny", "rainy"] {
        let id = post(&own, text, &[ALICE, BOB]).await;
        for phone in [OWN, ALICE, BOB] {
            let update = place.sees(phone, &id).await;
            assert_eq!(
                (&update["text"], &update["from"], &update["chat"]),
                (&json!(text), &json!(OWN), &json!(STATUS))
            );
        }
        let message = of_alice.message(&id).await;
        assert_eq!(message.info.source.chat, Jid::status_broadcast());
    }
    assert_eq!(shown(&place, CAROL).await, Vec::<Value>::new(), "it was not for Carol");

    let id = post(&own, "who looks?", &[ALICE, BOB, CAROL]).await;
    place.sees(CAROL, &id).await;
    place.post(&format!("/phones/{BOB}/read"), json!({"chat": STATUS, "ids": [id]})).await;
    let message = of_alice.message(&id).await;
    of_alice.client.mark_as_read(&Jid::status_broadcast(), Some(&message.info.source.sender), &[&id]).await.unwrap();
    for number in [ALICE, BOB] {
        own.events
            .take(&format!("that {number} has looked"), |event| match event {
                Event::Receipt(receipt) if receipt.message_ids.contains(&id) && receipt.r#type == ReceiptType::Read => {
                    (receipt.source.sender_alt.clone()?.to_non_ad() == jid(number)).then_some(())
                }
                _ => None,
            })
            .await;
    }
    place.receipt(OWN, &id, ALICE, "read").await;
}

#[tokio::test]
async fn an_update_is_taken_back() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    own.client.send_text(&jid(ALICE), "hi").await.unwrap();
    let id = post(&own, "oops", &[ALICE]).await;
    place.sees(ALICE, &id).await;
    own.client.status().revoke(&id, &[jid(ALICE)], StatusSendOptions::default()).await.unwrap();
    let revoke = place.shows(ALICE, |message| message["kind"] == "revoke").await;
    assert_eq!((&revoke["target"], &revoke["chat"]), (&json!(id), &json!(STATUS)));
}

#[tokio::test]
async fn an_update_that_can_not_be_opened_is_sent_again() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    own.client.send_text(&jid(ALICE), "hi").await.unwrap();
    place.post("/faults", json!({"kind": "damage_messages", "phone": OWN, "count": 1})).await;
    let id = post(&own, "damaged", &[ALICE]).await;
    assert_eq!(place.sees(ALICE, &id).await["text"], "damaged");
    place.event(ALICE, |event| event["kind"] == "undecryptable" && event["id"] == id).await;
}

#[tokio::test]
async fn people_post_updates_too() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let path = format!("/phones/{ALICE}/messages");
    let posted = place.post(&path, json!({"to": STATUS, "text": "my day", "audience": [OWN, BOB]})).await;
    let id = posted["id"].as_str().unwrap();
    let message = own.message(id).await;
    assert_eq!(message.info.source.chat, Jid::status_broadcast());
    assert_eq!(place.sees(BOB, id).await["text"], "my day");
    assert_eq!(shown(&place, CAROL).await, Vec::<Value>::new());
    own.client.mark_as_read(&Jid::status_broadcast(), Some(&message.info.source.sender), &[id]).await.unwrap();
    place.receipt(ALICE, id, OWN, "read").await;
}

#[tokio::test]
async fn pictures_films_and_what_else_there_is_are_posted() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    own.client.send_text(&jid(ALICE), "hi").await.unwrap();
    let (status, to, options) = (own.client.status(), [jid(ALICE)], StatusSendOptions::default);
    let (picture, film) = (bytes(30_000), bytes(40_000));

    let upload = own.client.upload(picture.clone(), MediaType::Image, UploadOptions::new()).await.unwrap();
    let image = status.send_image(upload, vec![0xff, 0xd8, 0xff], Some("the sea"), &to, options()).await.unwrap();
    let upload = own.client.upload(film.clone(), MediaType::Video, UploadOptions::new()).await.unwrap();
    let video = status.send_video(upload, vec![0xff, 0xd8, 0xff], 7, None, &to, options()).await.unwrap();
    for (id, kind, content) in [(image.message_id, "image", picture), (video.message_id, "video", film)] {
        let update = place.sees(ALICE, &id).await;
        assert_eq!((&update["kind"], &update["chat"]), (&json!(kind), &json!(STATUS)));
        assert!(kept(&place, ALICE, &id).await.2 == content, "the same bytes");
    }
    let text = wa::Message { conversation: Some("just so".to_owned()), ..Default::default() };
    let raw = status.send_raw(text, &to, options()).await.unwrap();
    assert_eq!(place.sees(ALICE, &raw.message_id).await["text"], "just so");
}
