//! Reactions, edits, deletions and forwarding, both ways.

use serde_json::json;
use sparkbot_network::{Change, Content, NetworkError, Outgoing, Received, ReceivedContent, Target};
use waproto::whatsapp as wa;
use waproto::whatsapp::message::protocol_message::Type;

use crate::place::{ALICE, OWN, Place, wid};

fn ours(id: &str) -> Target {
    Target { id: id.to_owned(), chat: wid(ALICE), author: wid(OWN), from_me: true }
}

fn hers(id: &str) -> Target {
    Target { id: id.to_owned(), chat: wid(ALICE), author: wid(ALICE), from_me: false }
}

fn change(message: &Received) -> (&Target, &Change) {
    let ReceivedContent::Change { of, change } = &message.content else { panic!("{message:?}") };
    assert!(message.quoted.is_none(), "a change quotes nothing: {message:?}");
    (of, change)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_our_changes() {
    let place = Place::new().await;
    let number = place.linked().await;
    let send = |id: &str, content| number.link.send(Outgoing::new(id, wid(ALICE), content));
    let original = number.send(ALICE, "3EB000000000B001", "helo").await.expect("sent");
    let asked = place.writes(ALICE, "hm?").await;
    number.recorder.message("a text", |message| message.id == asked).await;

    let react = |emoji: &str| Content::Reaction { of: hers(&asked), emoji: emoji.to_owned() };
    send("3EB000000000B002", react("👍")).await.expect("sent");
    let seen = place.sees(ALICE, "3EB000000000B002").await;
    assert_eq!((&seen["kind"], &seen["text"], &seen["target"]), (&json!("reaction"), &json!("👍"), &json!(asked)));
    let raw = place.raw(ALICE, "3EB000000000B002").await;
    assert_ne!(raw["reaction_message"]["key"]["from_me"], true, "it is on a message of hers");
    send("3EB000000000B003", react("")).await.expect("sent");
    let seen = place.sees(ALICE, "3EB000000000B003").await;
    assert_eq!((&seen["kind"], &seen["target"]), (&json!("reaction"), &json!(asked)));

    let edit =
        Content::Edit { of: ours("3EB000000000B001"), raw: Some(original.raw.clone()), body: "hello".to_owned() };
    send("3EB000000000B004", edit).await.expect("sent");
    let seen = place.sees(ALICE, "3EB000000000B004").await;
    assert_eq!(
        (&seen["kind"], &seen["text"], &seen["target"]),
        (&json!("edit"), &json!("hello"), &json!("3EB000000000B001"))
    );
    send("3EB000000000B005", Content::Revoke { of: ours("3EB000000000B001") }).await.expect("sent");
    let seen = place.sees(ALICE, "3EB000000000B005").await;
    assert_eq!((&seen["kind"], &seen["target"]), (&json!("revoke"), &json!("3EB000000000B001")));

    let not_ours = Content::Edit { of: hers(&asked), raw: None, body: "no".to_owned() };
    for content in [not_ours, Content::Revoke { of: hers(&asked) }] {
        let refused = send("3EB000000000B006", content).await;
        assert!(matches!(refused, Err(NetworkError::Invalid(_))), "{refused:?}");
    }
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_changes_are_told() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.send(ALICE, "3EB000000000B101", "what?").await.expect("sent");
    place.sees(ALICE, "3EB000000000B101").await;
    let written = place.writes(ALICE, "hello").await;

    let id = place.says(ALICE, json!({"reaction": {"id": "3EB000000000B101", "emoji": "❤️"}})).await;
    let message = number.recorder.message("a reaction", |message| message.id == id).await;
    let (of, said) = change(&message);
    assert_eq!((of.id.as_str(), &of.author, of.from_me), ("3EB000000000B101", &wid(OWN), true));
    assert!(matches!(said, Change::Reaction(Some(emoji)) if emoji == "❤️"), "{said:?}");
    let id = place.says(ALICE, json!({"reaction": {"id": "3EB000000000B101", "emoji": ""}})).await;
    let message = number.recorder.message("no reaction", |message| message.id == id).await;
    assert!(matches!(change(&message).1, Change::Reaction(None)), "{message:?}");

    let id = place.says(ALICE, json!({"edit": {"id": written, "text": "goodbye"}})).await;
    let message = number.recorder.message("an edit", |message| message.id == id).await;
    let (of, said) = change(&message);
    assert_eq!((of.id.as_str(), &of.author, of.from_me), (written.as_str(), &wid(ALICE), false));
    assert!(matches!(said, Change::Edit(Some(text)) if text == "goodbye"), "{said:?}");
    let id = place.says(ALICE, json!({"revoke": {"id": written}})).await;
    let message = number.recorder.message("a deletion", |message| message.id == id).await;
    assert_eq!(change(&message).0.id, written);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_what_somebody_else_said() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.send(ALICE, "3EB000000000B201", "my word").await.expect("sent");
    place.sees(ALICE, "3EB000000000B201").await;
    let forged = |kind: Type| {
        let protocol = wa::message::ProtocolMessage {
            key: buffa::MessageField::some(wa::MessageKey {
                remote_jid: Some(wid(OWN).to_string()),
                from_me: Some(false),
                id: Some("3EB000000000B201".to_owned()),
                participant: None,
            }),
            r#type: Some(kind),
            edited_message: buffa::MessageField::some(wa::Message {
                conversation: Some("not my word".to_owned()),
                ..wa::Message::default()
            }),
            ..Default::default()
        };
        wa::Message { protocol_message: buffa::MessageField::some(protocol), ..wa::Message::default() }
    };
    let revoke = place.says_protobuf(ALICE, &forged(Type::REVOKE)).await;
    let edit = place.says_protobuf(ALICE, &forged(Type::MESSAGE_EDIT)).await;
    let last = place.writes(ALICE, "did it work?").await;
    number.recorder.message("the last", |message| message.id == last).await;
    let messages = number.recorder.messages();
    assert!(messages.iter().all(|message| message.id != revoke), "dropped");
    // An edit is told as one of a message of hers, so it changes nothing of ours.
    let told = messages.iter().find(|message| message.id == edit).expect("told");
    assert_eq!((&change(told).0.author, change(told).0.from_me), (&wid(ALICE), false));
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_forwarded_as_it_came() {
    let place = Place::new().await;
    let number = place.linked().await;
    let id = place.says(ALICE, json!({"location": {"latitude": 3.5, "longitude": 4.5, "name": "There"}})).await;
    let received = number.recorder.message("a place", |message| message.id == id).await;
    let forward = |raw| Content::Forward { raw };
    let sent = number
        .link
        .send(Outgoing::new("3EB000000000B301", wid(ALICE), forward(received.raw.clone())))
        .await
        .expect("sent");
    let raw = place.raw(ALICE, "3EB000000000B301").await["location_message"].clone();
    assert_eq!((&raw["name"], &raw["context_info"]["is_forwarded"]), (&json!("There"), &json!(true)), "{raw:#}");
    // And on, which counts.
    number.link.send(Outgoing::new("3EB000000000B302", wid(ALICE), forward(sent.raw))).await.expect("sent");
    let raw = place.raw(ALICE, "3EB000000000B302").await;
    assert_eq!(raw["location_message"]["context_info"]["forwarding_score"], 1, "{raw:#}");

    let reaction = place.says(ALICE, json!({"reaction": {"id": "3EB000000000B301", "emoji": "👍"}})).await;
    let reaction = number.recorder.message("a reaction", |message| message.id == reaction).await;
    let refused = number.link.send(Outgoing::new("3EB000000000B303", wid(ALICE), forward(reaction.raw))).await;
    assert!(matches!(refused, Err(NetworkError::Invalid(_))), "{refused:?}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_for_me_goes_from_the_own_phone() {
    let place = Place::new().await;
    let number = place.linked().await;
    let id = place.writes(ALICE, "hello").await;
    let message = number.recorder.message("a text", |message| message.id == id).await;
    number.link.delete_for_me(&hers(&id), message.at, true).await.expect("deleted");
    let looking = async {
        let mut after = 0;
        loop {
            let answer = place.get(&format!("/phones/{OWN}/events?after={after}&wait=5000")).await;
            let events = answer["events"].as_array().cloned().unwrap_or_default();
            let found = events
                .into_iter()
                .find(|event| event["kind"] == "appState" && event["index"].to_string().contains("deleteMessageForMe"));
            if let Some(found) = found {
                return found;
            }
            after = answer["last"].as_u64().unwrap_or(after);
        }
    };
    let event = tokio::time::timeout(crate::observer::DEADLINE, looking).await.expect("the phone hears of it");
    assert!(event["index"].to_string().contains(&id), "{event:#}");
    number.link.close().await;
}
