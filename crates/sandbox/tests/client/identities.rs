//! People who stay themselves: under another number, another key, another kind
//! of name.

use serde_json::json;
use whatsapp_rust::Jid;
use whatsapp_rust::types::events::Event;

use crate::people::{lid, patch};
use crate::support::{ALICE, BOB, Companion, OWN, Place, jid};

#[tokio::test]
async fn somebody_who_sets_the_app_up_anew_is_still_reached() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let alice = jid(ALICE);
    let before = companion.client.send_text(&alice, "before").await.unwrap();
    place.sees(ALICE, &before.message_id).await;
    let hello = place.writes(ALICE, OWN, "hi").await;
    companion.message(&hello).await;
    place.post(&format!("/phones/{ALICE}/reinstall"), json!({})).await;
    companion
        .events
        .take("that Alice has another identity", |event| match event {
            Event::IdentityChange(change) => (change.user.user == alice.user).then_some(()),
            _ => None,
        })
        .await;
    let after = companion.client.send_text(&alice, "after").await.unwrap();
    place.sees(ALICE, &after.message_id).await;
    let reply = place.writes(ALICE, OWN, "new phone").await;
    companion.message(&reply).await;
}

#[tokio::test]
async fn an_account_moves_from_numbers_to_lids_in_one_conversation() {
    let place = Place::new().await;
    patch(&place, "/settings", json!({"addressing": "pn"})).await;
    let companion = Companion::link(&place, OWN).await;
    let first = place.writes(ALICE, OWN, "by number").await;
    let message = companion.message(&first).await;
    assert_eq!(message.info.source.sender.user, jid(ALICE).user);

    patch(&place, "/settings", json!({"addressing": "lid"})).await;
    let moved = place.post(&format!("/phones/{OWN}/lid-migration"), json!({})).await;
    assert!(moved["mappings"].as_u64() >= Some(2), "{moved}");
    let body = json!({"to": OWN, "text": "by LID", "addressing": "lid"});
    let second = place.post(&format!("/phones/{ALICE}/messages"), body).await;
    let second = second["id"].as_str().unwrap();
    let message = companion.message(second).await;
    assert_eq!(message.info.source.sender.user, lid(&place, ALICE).await.user);
    let answer = companion.client.send_text(&lid(&place, ALICE).await, "an answer").await.unwrap();
    place.sees(ALICE, &answer.message_id).await;
    place.sees(OWN, &answer.message_id).await;
    let chats = place.get(&format!("/phones/{OWN}/chats")).await;
    let chats = chats["chats"].as_array().unwrap();
    assert_eq!(chats.len(), 1, "one person is one conversation");
    assert_eq!(chats[0]["messages"], 3);
}

#[tokio::test]
async fn a_person_with_another_number_is_still_the_same() {
    const NEW: &str = "+16001239999";
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let hello = place.writes(ALICE, OWN, "my old number").await;
    companion.message(&hello).await;
    let hello = place.writes(ALICE, BOB, "mine too").await;
    place.sees(BOB, &hello).await;
    let group = json!({"subject": "Friends", "participants": [OWN, BOB]});
    let group = place.post(&format!("/phones/{ALICE}/groups"), group).await["id"].as_str().unwrap().to_owned();

    let (status, taken) = place.request("POST", &format!("/phones/{ALICE}/number"), Some(json!({"to": BOB}))).await;
    assert_eq!((status, &taken["error"]), (409, &json!("number_taken")));
    let moved = place.post(&format!("/phones/{ALICE}/number"), json!({"to": NEW})).await;
    assert_eq!((&moved["phone"], &moved["devices"]), (&json!(NEW), &json!([])));
    let (old, new) = companion
        .events
        .take("that Alice has another number", |event| match event {
            Event::ContactNumberChanged(change) => Some((change.old_jid.clone(), change.new_jid.clone())),
            _ => None,
        })
        .await;
    assert_eq!((old, new), (jid(ALICE), jid(NEW)));
    place.event(BOB, |event| event["what"] == "number" && event["before"] == ALICE && event["of"] == NEW).await;
    let shown = place.get(&format!("/phones/{BOB}/groups/{group}")).await;
    assert!(shown["participants"].as_array().unwrap().iter().any(|person| person["phone"] == NEW), "{shown}");

    let found = companion.client.contacts().is_on_whatsapp(&[jid(ALICE), jid(NEW)]).await.unwrap();
    let registered = |jid: &Jid| found.iter().find(|person| person.jid == *jid).map(|person| person.is_registered);
    assert_eq!((registered(&jid(ALICE)), registered(&jid(NEW))), (Some(false), Some(true)));
    let sent = companion.client.send_text(&jid(NEW), "still you?").await.unwrap();
    place.sees(NEW, &sent.message_id).await;
    let reply = place.writes(NEW, OWN, "still me").await;
    companion.message(&reply).await;
}

#[tokio::test]
async fn a_contact_that_was_set_up_anew_is_looked_up_again() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let hello = place.writes(ALICE, OWN, "hello").await;
    companion.message(&hello).await;
    place.post(&format!("/phones/{ALICE}/reinstall"), json!({})).await;
    let updated = |event: &Event| matches!(event, Event::ContactUpdated(it) if it.jid == jid(ALICE)).then_some(());
    companion.events.take("that something about Alice has changed", updated).await;
}
