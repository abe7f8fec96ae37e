//! Messages in groups: sealed once for many, with receipts of each of them.

use serde_json::{Value, json};
use whatsapp_rust::types::events::Event;
use whatsapp_rust::types::presence::ReceiptType;
use whatsapp_rust::{GroupCreateOptions, GroupParticipantOptions, Jid};

use crate::support::{ALICE, BOB, CAROL, Companion, OWN, Place, jid};

async fn group(own: &Companion, people: &[&str]) -> Jid {
    let people = people.iter().map(|number| GroupParticipantOptions::new(jid(number))).collect();
    let options = GroupCreateOptions::new("Team").with_participants(people);
    own.client.groups().create_group(options).await.unwrap().metadata.id
}

async fn text_of(companion: &Companion, id: &str) -> String {
    companion.message(id).await.message.conversation.clone().unwrap()
}

#[tokio::test]
async fn what_one_writes_all_read() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let (of_alice, of_bob) = (Companion::link(&place, ALICE).await, Companion::link(&place, BOB).await);
    let id = group(&own, &[ALICE, BOB]).await;

    for text in ["one", "two"] {
        let sent = own.client.send_text(&id, text).await.unwrap();
        for phone in [OWN, ALICE, BOB] {
            let shown = place.sees(phone, &sent.message_id).await;
            assert_eq!(
                (&shown["text"], &shown["from"], &shown["chat"]),
                (&json!(text), &json!(OWN), &json!(id.to_string()))
            );
        }
        for companion in [&of_alice, &of_bob] {
            assert_eq!(text_of(companion, &sent.message_id).await, text);
        }
    }
    for text in ["three", "four"] {
        let sent = place.writes(ALICE, &id.to_string(), text).await;
        for companion in [&own, &of_alice, &of_bob] {
            assert_eq!(text_of(companion, &sent).await, text);
        }
        assert_eq!(place.sees(BOB, &sent).await["from"], ALICE);
    }
}

#[tokio::test]
async fn the_author_learns_who_has_got_and_read_it() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = group(&own, &[ALICE, BOB]).await;
    let sent = own.client.send_text(&id, "read me").await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    place.sees(BOB, &sent.message_id).await;
    place.post(&format!("/phones/{ALICE}/read"), json!({"chat": id.to_string()})).await;
    for (kind, number) in [(ReceiptType::Delivered, ALICE), (ReceiptType::Delivered, BOB), (ReceiptType::Read, ALICE)] {
        let by = own
            .events
            .take(&format!("{kind:?} of {number}"), |event| match event {
                Event::Receipt(receipt) if receipt.message_ids.contains(&sent.message_id) => {
                    let by = receipt.source.sender_alt.clone().unwrap_or_default().to_non_ad();
                    (receipt.r#type == kind && by == jid(number)).then_some(receipt.source.chat.clone())
                }
                _ => None,
            })
            .await;
        assert_eq!(by, id);
    }

    let of_bob = Companion::link(&place, BOB).await;
    let written = place.writes(ALICE, &id.to_string(), "and me").await;
    let message = of_bob.message(&written).await;
    of_bob.client.mark_as_read(&id, Some(&message.info.source.sender), &[&written]).await.unwrap();
    place.receipt(ALICE, &written, BOB, "read").await;
    place.receipt(ALICE, &written, OWN, "delivery").await;
    let path = format!("/phones/{BOB}/messages/{written}");
    place.until(&path, |message| message["read"] == true).await;
}

#[tokio::test]
async fn who_leaves_reads_no_more_and_who_comes_reads_what_follows() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let of_carol = Companion::link(&place, CAROL).await;
    let id = group(&own, &[ALICE, BOB]).await;
    let first = own.client.send_text(&id, "before").await.unwrap();
    let before = place.writes(ALICE, &id.to_string(), "before too").await;
    own.message(&before).await;

    own.client.groups().add_participants(&id, &[jid(CAROL)]).await.unwrap();
    own.client.groups().remove_participants(&id, &[jid(BOB)]).await.unwrap();
    let second = own.client.send_text(&id, "after").await.unwrap();
    assert_eq!(text_of(&of_carol, &second.message_id).await, "after");
    let third = place.writes(ALICE, &id.to_string(), "after too").await;
    for companion in [&own, &of_carol] {
        assert_eq!(text_of(companion, &third).await, "after too");
    }
    let fourth = place.writes(CAROL, &id.to_string(), "hello all").await;
    assert_eq!(text_of(&own, &fourth).await, "hello all");
    let of_bob = place.get(&format!("/phones/{BOB}/messages?chat={id}")).await;
    let ids: Vec<&Value> = of_bob["messages"].as_array().unwrap().iter().map(|message| &message["id"]).collect();
    assert_eq!(ids, [&json!(first.message_id), &json!(before)]);
    let of_carol = place.get(&format!("/phones/{CAROL}/messages?chat={id}")).await;
    assert_eq!(of_carol["messages"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_message_that_can_not_be_opened_is_sent_again() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = group(&own, &[ALICE, BOB]).await;

    place.post("/faults", json!({"kind": "damage_messages", "phone": OWN, "count": 1})).await;
    let sent = own.client.send_text(&id, "damaged").await.unwrap();
    for phone in [ALICE, BOB] {
        let shown = place.sees(phone, &sent.message_id).await;
        assert_eq!((&shown["text"], &shown["copies"]), (&json!("damaged"), &json!(1)));
        place.event(phone, |event| event["kind"] == "undecryptable" && event["id"] == sent.message_id).await;
    }
    let next = own.client.send_text(&id, "whole").await.unwrap();
    assert_eq!(place.sees(ALICE, &next.message_id).await["text"], "whole");

    place.post("/faults", json!({"kind": "damage_deliveries", "phone": OWN, "count": 1})).await;
    let written = place.writes(ALICE, &id.to_string(), "damaged on its way").await;
    assert_eq!(text_of(&own, &written).await, "damaged on its way");
    place.receipt(ALICE, &written, OWN, "retry").await;
    let next = place.writes(ALICE, &id.to_string(), "whole again").await;
    assert_eq!(text_of(&own, &next).await, "whole again");
}

#[tokio::test]
async fn who_was_away_gets_messages_and_changes_afterwards() {
    let place = Place::new().await;
    let mut own = Companion::link(&place, OWN).await;
    let id = group(&own, &[ALICE, BOB]).await;
    let first = place.writes(ALICE, &id.to_string(), "here").await;
    own.message(&first).await;
    own.away().await;
    let away = |phone: &Value| phone["devices"][0]["online"] == false;
    place.until(&format!("/phones/{OWN}"), away).await;

    let body = json!({"action": "add", "participants": [CAROL]});
    let (status, answer) =
        place.request("POST", &format!("/phones/{ALICE}/groups/{id}/participants"), Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    let second = place.writes(CAROL, &id.to_string(), "while you were away").await;
    place.post(&format!("/phones/{BOB}/offline"), json!({})).await;
    let third = place.writes(ALICE, &id.to_string(), "Bob is off").await;

    own.back(&place).await;
    assert_eq!(text_of(&own, &second).await, "while you were away");
    assert_eq!(text_of(&own, &third).await, "Bob is off");
    assert_eq!(own.client.groups().get_metadata(&id).await.unwrap().participants.len(), 4);
    place.post(&format!("/phones/{BOB}/online"), json!({})).await;
    assert_eq!(place.sees(BOB, &third).await["text"], "Bob is off");
}

#[tokio::test]
async fn a_member_names_himself() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = group(&own, &[ALICE]).await;
    own.client.groups().update_member_label(&id, "Goalkeeper").await.unwrap();
    place.event(ALICE, |event| event["kind"] == "group" && event["change"] == "label").await;
    let shown = place.get(&format!("/phones/{ALICE}/groups/{id}")).await;
    assert_eq!(shown["participants"][0]["label"], "Goalkeeper");
    own.client.groups().update_member_label_with_id(&id, "").await.unwrap();
    place.event(ALICE, |event| event["change"] == "label" && event["label"] == "").await;
    let shown = place.get(&format!("/phones/{ALICE}/groups/{id}")).await;
    assert_eq!(shown["participants"][0]["label"], Value::Null);
}

#[tokio::test]
async fn a_scripted_member_answers_in_the_group() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = group(&own, &[ALICE, BOB]).await;
    place.put(&format!("/phones/{ALICE}/script"), json!({"rules": [{"contains": "ping", "reply": "pong"}]})).await;
    own.client.send_text(&id, "ping").await.unwrap();
    let chat = id.to_string();
    let reply = place.shows(BOB, |message| message["text"] == "pong").await;
    assert_eq!((&reply["from"], &reply["chat"]), (&json!(ALICE), &json!(chat)));
}

#[tokio::test]
async fn a_device_that_is_linked_later_reads_what_follows() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = group(&own, &[ALICE, BOB]).await;
    own.client.send_text(&id, "before").await.unwrap();
    place.writes(ALICE, &id.to_string(), "before too").await;

    let of_bob = Companion::link(&place, BOB).await;
    let mine = Companion::link(&place, OWN).await;
    let sent = place.writes(ALICE, &id.to_string(), "from a phone").await;
    for companion in [&of_bob, &mine, &own] {
        assert_eq!(text_of(companion, &sent).await, "from a phone");
    }
    let sent = own.client.send_text(&id, "from a client").await.unwrap();
    for companion in [&of_bob, &mine] {
        assert_eq!(text_of(companion, &sent.message_id).await, "from a client");
    }
    let sent = mine.client.send_text(&id, "from the newest").await.unwrap();
    for companion in [&of_bob, &own] {
        assert_eq!(text_of(companion, &sent.message_id).await, "from the newest");
    }
    assert_eq!(place.sees(OWN, &sent.message_id).await["fromMe"], true);
}

#[tokio::test]
async fn a_client_writes_to_a_large_group() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let people: Vec<String> = (0..300).map(|n| format!("+1700{n:07}")).chain([OWN.to_owned()]).collect();
    let made = place.post(&format!("/phones/{ALICE}/groups"), json!({"subject": "Fans", "participants": people})).await;
    let id: Jid = made["id"].as_str().unwrap().parse().unwrap();
    for text in ["one", "two"] {
        let sent = own.client.send_text(&id, text).await.unwrap();
        for phone in [&people[0], &people[150], &people[299]] {
            assert_eq!(place.sees(phone, &sent.message_id).await["text"], text);
        }
        let path = format!("/phones/{OWN}/messages/{}", sent.message_id);
        let all_have_it = |message: &Value| {
            let delivered = |receipt: &&Value| receipt["type"] == "delivery" && receipt["by"] != OWN;
            message["receipts"].as_array().unwrap().iter().filter(delivered).count() == 301
        };
        place.until(&path, all_have_it).await;
    }
    let written = place.writes(&people[7], &id.to_string(), "from the crowd").await;
    assert_eq!(text_of(&own, &written).await, "from the crowd");
}

#[tokio::test]
async fn deletions_and_reactions_reach_the_group() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = group(&own, &[ALICE, BOB]).await;
    let chat = id.to_string();
    let rude = place.writes(ALICE, &chat, "something rude").await;
    own.message(&rude).await;
    let path = format!("/phones/{ALICE}/messages");
    place
        .post(
            &format!("/phones/{BOB}/messages"),
            json!({"to": chat, "message": {"reaction": {"id": rude, "emoji": "🙄"}}}),
        )
        .await;
    let shown = place
        .until(&format!("{path}/{rude}"), |message| {
            message["reactions"] != json!([]) && !message["reactions"].is_null()
        })
        .await;
    assert_eq!(shown["reactions"][0]["from"], BOB);
    let refused =
        place.post(&format!("/phones/{BOB}/messages"), json!({"to": chat, "message": {"revoke": {"id": rude}}})).await;
    place.event(ALICE, |event| event["kind"] == "ignored" && event["id"] == refused["id"]).await;
    place.post(&format!("/phones/{OWN}/messages"), json!({"to": chat, "message": {"revoke": {"id": rude}}})).await;
    let shown = place.until(&format!("{path}/{rude}"), |message| message["revoked"] == true).await;
    assert_eq!(shown["revokedBy"], OWN, "an admin deletes for all");
}

#[tokio::test]
async fn typing_in_a_group_is_seen_by_its_members() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = group(&own, &[ALICE, BOB]).await;
    own.client.chatstate().send_composing(&id).await.unwrap();
    let fits = |event: &Value| event["kind"] == "typing" && event["state"] == "composing" && event["from"] == OWN;
    for phone in [ALICE, BOB] {
        assert_eq!(place.event(phone, fits).await["chat"], id.to_string());
    }
    place.post(&format!("/phones/{ALICE}/typing"), json!({"to": id.to_string(), "state": "recording"})).await;
    let source = own
        .events
        .take("that Alice is recording", |event| match event {
            Event::ChatPresence(update) => Some(update.source.clone()),
            _ => None,
        })
        .await;
    assert_eq!(source.chat, id);
    assert!(source.sender.is_lid(), "{source:?}");
}
