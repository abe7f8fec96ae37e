//! Chat actions and labels: what a client changes the phone shows, what the
//! person changes the client hears of, and two clients of one account agree.

use serde_json::{Value, json};
use whatsapp_rust::types::events::Event;

use crate::support::{ALICE, BOB, Companion, DEADLINE, OWN, Place, jid};

/// How a chat stands on the own phone.
async fn chat(place: &Place, of: &str, fits: impl Fn(&Value) -> bool) -> Value {
    place.until(&format!("/phones/{OWN}/chats/{of}"), fits).await
}

/// Alice has written something that the own phone and the client have seen.
async fn written_to(place: &Place, companion: &Companion) -> String {
    let id = place.writes(ALICE, OWN, "hello").await;
    companion.message(&id).await;
    place.sees(OWN, &id).await;
    id
}

#[tokio::test]
async fn what_a_client_does_to_a_chat_the_phone_shows() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    written_to(&place, &companion).await;
    let actions = companion.client.chat_actions();
    let alice = jid(ALICE);

    let before = chat(&place, ALICE, |chat| chat["unread"] == 1).await;
    assert_eq!((&before["archived"], &before["pinned"]), (&json!(false), &json!(false)));

    actions.pin_chat(&alice).await.unwrap();
    chat(&place, ALICE, |chat| chat["pinned"] == true).await;
    actions.unpin_chat(&alice).await.unwrap();
    chat(&place, ALICE, |chat| chat["pinned"] == false).await;
    actions.archive_chat(&alice, None).await.unwrap();
    chat(&place, ALICE, |chat| chat["archived"] == true).await;
    actions.unarchive_chat(&alice, None).await.unwrap();
    chat(&place, ALICE, |chat| chat["archived"] == false).await;
    actions.mute_chat(&alice).await.unwrap();
    chat(&place, ALICE, |chat| chat["mutedUntil"] == -1).await;
    let end = 4_000_000_000_000_i64;
    actions.mute_chat_until(&alice, end).await.unwrap();
    chat(&place, ALICE, |chat| chat["mutedUntil"] == end).await;
    actions.unmute_chat(&alice).await.unwrap();
    chat(&place, ALICE, |chat| chat["mutedUntil"].is_null()).await;
    actions.mark_chat_as_read(&alice, true, None).await.unwrap();
    chat(&place, ALICE, |chat| chat["unread"] == 0).await;
    actions.mark_chat_as_read(&alice, false, None).await.unwrap();
    chat(&place, ALICE, |chat| chat["markedUnread"] == true).await;
}

#[tokio::test]
async fn messages_are_starred_and_deleted_and_chats_cleared_and_deleted() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let actions = companion.client.chat_actions();
    let alice = jid(ALICE);
    let first = written_to(&place, &companion).await;
    let second = written_to(&place, &companion).await;

    actions.star_message(&alice, None, &first, false).await.unwrap();
    let preferences = format!("/phones/{OWN}/preferences");
    let starred = place.until(&preferences, |it| it["starred"][0]["id"] == first).await;
    assert_eq!(starred["starred"][0]["chat"], ALICE);
    actions.unstar_message(&alice, None, &first, false).await.unwrap();
    place.until(&preferences, |it| it["starred"] == json!([])).await;

    actions.delete_message_for_me(&alice, None, &first, false, true, None).await.unwrap();
    let gone = async |id: &str| {
        let path = format!("/phones/{OWN}/messages/{id}");
        while place.request("GET", &path, None).await.0 != 404 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, gone(&first)).await.expect("the message to be gone");
    place.sees(ALICE, &first).await;

    actions.clear_chat(&alice, true, true, None).await.unwrap();
    tokio::time::timeout(DEADLINE, gone(&second)).await.expect("the chat to be empty");
    let third = written_to(&place, &companion).await;
    actions.delete_chat(&alice, true, None).await.unwrap();
    tokio::time::timeout(DEADLINE, gone(&third)).await.expect("the chat to be gone");
    let chats = place.get(&format!("/phones/{OWN}/chats")).await;
    assert_eq!(chats["chats"], json!([]));
}

#[tokio::test]
async fn labels_contacts_and_muted_statuses_reach_the_phone() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    written_to(&place, &companion).await;
    let alice = jid(ALICE);
    let labels = companion.client.labels();

    labels.create_label("5", "New order", 3).await.unwrap();
    labels.add_chat_label("5", &alice).await.unwrap();
    let path = format!("/phones/{OWN}/labels");
    let shown = place.until(&path, |it| it["labels"][0]["chats"] == json!([ALICE])).await;
    assert_eq!((&shown["labels"][0]["name"], &shown["labels"][0]["color"]), (&json!("New order"), &json!(3)));
    chat(&place, ALICE, |chat| chat["labels"] == json!(["5"])).await;
    labels.remove_chat_label("5", &alice).await.unwrap();
    chat(&place, ALICE, |chat| chat["labels"] == json!([])).await;
    labels.delete_label("5").await.unwrap();
    place.until(&path, |it| it["labels"] == json!([])).await;

    let actions = companion.client.chat_actions();
    actions.save_contact(&alice, Some("Alice A".to_owned()), Some("Alice".to_owned()), true).await.unwrap();
    let contacts = format!("/phones/{OWN}/contacts");
    let saved = place.until(&contacts, |it| it["contacts"][0]["fullName"] == "Alice A").await;
    assert_eq!(saved["contacts"][0]["contact"], ALICE);
    chat(&place, ALICE, |chat| chat["name"] == "Alice A").await;

    actions.set_user_status_mute(&alice, true).await.unwrap();
    let preferences = format!("/phones/{OWN}/preferences");
    place.until(&preferences, |it| it["mutedStatuses"] == json!([ALICE])).await;
}

#[tokio::test]
async fn what_the_person_changes_the_client_hears_of() {
    let place = Place::new().await;
    place.put(&format!("/phones/{OWN}/labels/9"), json!({"name": "VIP", "color": 1})).await;
    let companion = Companion::link(&place, OWN).await;
    written_to(&place, &companion).await;
    let label = |event: &Event| match event {
        Event::LabelEditUpdate(update) => (update.action.name.as_deref() == Some("VIP")).then_some(()),
        _ => None,
    };
    companion.events.take("the label there was before", label).await;

    // One change of each collection: this client drops word of a second that
    // comes while it still fetches the first.
    let path = format!("/phones/{OWN}/chats/{ALICE}");
    place.put(&path, json!({"pinned": true, "mutedUntil": -1, "labels": ["9"]})).await;
    let pinned = |event: &Event| match event {
        Event::PinUpdate(update) => (update.action.pinned == Some(true)).then_some(()),
        _ => None,
    };
    companion.events.take("that the chat is pinned", pinned).await;
    let muted = |event: &Event| match event {
        Event::MuteUpdate(update) => (update.action.mute_end_timestamp == Some(-1)).then_some(()),
        _ => None,
    };
    companion.events.take("that the chat is muted", muted).await;
    let labelled = |event: &Event| match event {
        Event::LabelAssociationUpdate(update) => (update.label_id == "9").then_some(()),
        _ => None,
    };
    companion.events.take("that the chat has the label", labelled).await;
    place.put(&format!("/phones/{OWN}/contacts/{ALICE}"), json!({"fullName": "Alice A"})).await;
    let contact = |event: &Event| match event {
        Event::ContactUpdate(update) => (update.action.full_name.as_deref() == Some("Alice A")).then_some(()),
        _ => None,
    };
    companion.events.take("the contact", contact).await;
    place.request("PATCH", &format!("/phones/{OWN}"), Some(json!({"name": "New name"}))).await;
    let renamed = |event: &Event| match event {
        Event::SelfPushNameUpdated(update) => (update.new_name == "New name").then_some(()),
        _ => None,
    };
    companion.events.take("the new name", renamed).await;
}

#[tokio::test]
async fn two_clients_agree_also_after_one_was_away() {
    let place = Place::new().await;
    let first = Companion::link(&place, OWN).await;
    let second = Companion::link(&place, OWN).await;
    let alice = jid(ALICE);
    let pinned = |wanted: bool| {
        move |event: &Event| match event {
            Event::PinUpdate(update) => (update.action.pinned == Some(wanted)).then_some(()),
            _ => None,
        }
    };
    first.client.chat_actions().pin_chat(&alice).await.unwrap();
    second.events.take("that it is pinned", pinned(true)).await;

    // While the second is kept out, the first goes on.
    let out = json!({"kind": "failure", "phone": OWN, "device": second.device, "code": 503, "count": 1});
    place.post("/faults", out).await;
    place.post("/faults", json!({"kind": "drop", "phone": OWN, "device": second.device})).await;
    first.client.chat_actions().unpin_chat(&alice).await.unwrap();
    first.client.chat_actions().archive_chat(&jid(BOB), None).await.unwrap();
    second.events.take("that it is not pinned", pinned(false)).await;
    second
        .events
        .take("that the other is archived", |event| match event {
            Event::ArchiveUpdate(update) => (update.action.archived == Some(true)).then_some(()),
            _ => None,
        })
        .await;
    // And what the second does on top of it is no conflict for long.
    second.client.chat_actions().archive_chat(&alice, None).await.unwrap();
    first
        .events
        .take("that Alice is archived", |event| match event {
            Event::ArchiveUpdate(update) => (update.jid.user == alice.user).then_some(()),
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn two_clients_that_change_the_same_at_once_both_get_through() {
    let place = Place::new().await;
    let first = Companion::link(&place, OWN).await;
    let second = Companion::link(&place, OWN).await;
    let (alice, bob) = (jid(ALICE), jid(BOB));
    let (one, other) = (first.client.chat_actions(), second.client.chat_actions());
    for _ in 0..5 {
        let (a, b) = tokio::join!(one.pin_chat(&alice), other.pin_chat(&bob));
        a.unwrap();
        b.unwrap();
        let (a, b) = tokio::join!(one.unpin_chat(&alice), other.unpin_chat(&bob));
        a.unwrap();
        b.unwrap();
    }
    let path = format!("/phones/{OWN}/app-state");
    let versions = place.until(&path, |it| it["versions"]["regular_low"].as_u64() >= Some(20)).await;
    assert_eq!(versions["versions"]["regular_low"], 20, "each change exactly once");
}

#[tokio::test]
async fn a_fresh_client_gets_a_snapshot_and_large_patches_from_the_media_host() {
    let place = Place::new().await;
    let request = ("PATCH", "/settings", Some(json!({"snapshotFrom": 3})));
    assert_eq!(place.request(request.0, request.1, request.2).await.0, 200);
    let path = format!("/phones/{OWN}/chats/{ALICE}");
    place.writes(ALICE, OWN, "hello").await;
    for archived in [true, false, true] {
        place.put(&path, json!({"archived": archived})).await;
    }
    let contacts: serde_json::Map<String, Value> =
        (0..900).map(|n| (format!("+1999{n:07}"), json!({"fullName": format!("Somebody with number {n}")}))).collect();
    let many = json!({"contacts": contacts});
    let companion = Companion::link(&place, OWN).await;
    companion
        .events
        .take("the chat out of the snapshot", |event| match event {
            Event::ArchiveUpdate(update) => {
                (update.from_full_sync && update.action.archived == Some(true)).then_some(())
            }
            _ => None,
        })
        .await;
    place.post(&format!("/phones/{OWN}/contacts"), many).await;
    let name = "Somebody with number 899";
    companion
        .events
        .take("the last contact of a large patch", |event| match event {
            Event::ContactUpdate(update) => (update.action.full_name.as_deref() == Some(name)).then_some(()),
            _ => None,
        })
        .await;
    // And it can build on both.
    companion.client.chat_actions().unarchive_chat(&jid(ALICE), None).await.unwrap();
    chat(&place, ALICE, |chat| chat["archived"] == false).await;
}

#[tokio::test]
async fn a_client_seals_with_the_newest_key_of_the_phone() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    written_to(&place, &companion).await;
    let alice = jid(ALICE);
    companion.client.chat_actions().pin_chat(&alice).await.unwrap();
    let rotated = place.post(&format!("/phones/{OWN}/app-state/rotate"), json!({})).await;
    assert_eq!(rotated["keys"], 2);
    place.put(&format!("/phones/{OWN}/chats/{ALICE}"), json!({"archived": true})).await;
    companion
        .events
        .take("what was sealed with the new key", |event| match event {
            Event::ArchiveUpdate(update) => (update.action.archived == Some(true)).then_some(()),
            _ => None,
        })
        .await;
    companion.client.chat_actions().unarchive_chat(&alice, None).await.unwrap();
    chat(&place, ALICE, |chat| chat["archived"] == false).await;
}
