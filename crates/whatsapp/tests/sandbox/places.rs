//! Places, contacts and events, both ways.

use serde_json::json;
use sparkbot_network::{
    Attendance, Change, ContactCard, Content, Event, Location, NetworkError, Outgoing, ReceivedContent, Target,
};
use waproto::whatsapp as wa;

use crate::phones::bytes;
use crate::place::{ALICE, OWN, Place, wid};

fn here() -> Location {
    Location {
        latitude: 40.4168,
        longitude: -3.7038,
        name: Some("Office".to_owned()),
        address: Some("Calle Mayor 1".to_owned()),
        live: false,
    }
}

fn card(name: &str) -> ContactCard {
    ContactCard { name: name.to_owned(), vcard: format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nEND:VCARD") }
}

fn party() -> Event {
    Event {
        name: "Party".to_owned(),
        description: Some("bring cake".to_owned()),
        location: Some(here()),
        starts_at: 1_900_000_000_000,
        ends_at: Some(1_900_000_360_000),
        link: Some("https://call.whatsapp.com/video/abc".to_owned()),
        call: Some(sparkbot_network::Call::Video),
        canceled: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_and_contacts_arrive_both_ways() {
    let place = Place::new().await;
    let number = place.linked().await;
    let send = |id: &str, content| number.link.send(Outgoing::new(id, wid(ALICE), content));
    send("3EB0000000008001", Content::Location(here())).await.expect("sent");
    let raw = place.raw(ALICE, "3EB0000000008001").await["location_message"].clone();
    assert_eq!((&raw["name"], &raw["address"]), (&json!("Office"), &json!("Calle Mayor 1")));
    assert_eq!(raw["degrees_latitude"], 40.4168);

    send("3EB0000000008002", Content::Contacts(vec![card("Ann")])).await.expect("sent");
    let raw = place.raw(ALICE, "3EB0000000008002").await;
    assert_eq!(raw["contact_message"]["display_name"], "Ann");
    send("3EB0000000008003", Content::Contacts(vec![card("Ann"), card("Ben")])).await.expect("sent");
    let raw = place.raw(ALICE, "3EB0000000008003").await;
    assert_eq!(raw["contacts_array_message"]["contacts"][1]["display_name"], "Ben", "{raw:#}");

    let live = Location { live: true, ..here() };
    send("3EB0000000008004", Content::Location(live)).await.expect("sent");
    let raw = place.raw(ALICE, "3EB0000000008004").await;
    assert!(raw["live_location_message"].is_object(), "{raw:#}");
    let nowhere = Location { latitude: 91.0, ..here() };
    let refused = send("3EB0000000008005", Content::Location(nowhere)).await;
    assert!(matches!(refused, Err(NetworkError::Invalid(_))), "{refused:?}");

    let said = json!({"latitude": 1.5, "longitude": 2.5, "name": "Beach", "address": "Sea"});
    let id = place.says(ALICE, json!({"location": said})).await;
    let message = number.recorder.message("a place", |message| message.id == id).await;
    let ReceivedContent::Location(found) = &message.content else { panic!("{message:?}") };
    assert_eq!((found.latitude, found.name.as_deref(), found.live), (1.5, Some("Beach"), false));
    let id = place.says(ALICE, json!({"contact": {"displayName": "Cleo", "vcard": card("Cleo").vcard}})).await;
    let message = number.recorder.message("a contact", |message| message.id == id).await;
    let ReceivedContent::Contacts(cards) = &message.content else { panic!("{message:?}") };
    assert_eq!(*cards, [card("Cleo")]);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_answered_both_ways() {
    let place = Place::new().await;
    let number = place.linked().await;

    // Ours, answered by Alice.
    let outgoing =
        Outgoing { secret: Some([5; 32]), ..Outgoing::new("3EB0000000008101", wid(ALICE), Content::Event(party())) };
    number.link.send(outgoing).await.expect("sent");
    let raw = place.raw(ALICE, "3EB0000000008101").await;
    let event = &raw["event_message"];
    assert_eq!((&event["name"], &event["description"]), (&json!("Party"), &json!("bring cake")), "{raw:#}");
    assert_eq!(event["location"]["name"], "Office");
    assert_eq!(bytes(&raw["message_context_info"]["message_secret"]), [5; 32]);
    let id = place.says(ALICE, json!({"respond": {"id": "3EB0000000008101", "answer": "maybe"}})).await;
    let message = number.recorder.message("an answer", |message| message.id == id).await;
    let ReceivedContent::Change { of, change } = &message.content else { panic!("{message:?}") };
    assert_eq!((message.kind.as_str(), of.id.as_str()), ("event_response", "3EB0000000008101"));
    assert!(of.from_me && of.author == wid(OWN) && message.quoted.is_none(), "{message:?}");
    assert!(matches!(change, Change::Attend(Attendance::Maybe)), "{change:?}");

    // Alice's, answered by us, and once more.
    let dinner = json!({"name": "Dinner", "startTime": 1_900_000_000});
    let id = place.says(ALICE, json!({"event": dinner})).await;
    let message = number.recorder.message("an event", |message| message.id == id).await;
    let ReceivedContent::Event(dinner) = &message.content else { panic!("{message:?}") };
    assert_eq!((dinner.name.as_str(), dinner.starts_at), ("Dinner", 1_900_000_000_000));
    let target = Target { id: id.clone(), chat: wid(ALICE), author: wid(ALICE), from_me: false };
    for (answer_id, answer, shown) in
        [("3EB0000000008102", Attendance::Going, "going"), ("3EB0000000008103", Attendance::NotGoing, "not_going")]
    {
        let content = Content::Attend { event: target.clone(), raw: message.raw.clone(), answer };
        number.link.send(Outgoing::new(answer_id, wid(ALICE), content)).await.expect("sent");
        place.sees(ALICE, answer_id).await;
        let event = place.shows(ALICE, &id).await["event"].clone();
        assert_eq!(event["responses"].as_array().map(Vec::len), Some(1), "{event:#}");
        assert_eq!(event["responses"][0]["answer"], shown, "{event:#}");
    }
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_open_says_nothing() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.link.send(Outgoing::new("3EB0000000008201", wid(ALICE), Content::Event(party()))).await.expect("sent");
    place.sees(ALICE, "3EB0000000008201").await;
    let own = place.get(&format!("/phones/{OWN}")).await["lid"].as_str().expect("an id").to_owned();
    let forged = wa::message::EncEventResponseMessage {
        event_creation_message_key: buffa::MessageField::some(wa::MessageKey {
            remote_jid: Some(own),
            from_me: Some(false),
            id: Some("3EB0000000008201".to_owned()),
            participant: None,
        }),
        enc_payload: Some(vec![1; 40]),
        enc_iv: Some(vec![2; 12]),
    };
    let forged =
        wa::Message { enc_event_response_message: buffa::MessageField::some(forged), ..wa::Message::default() };
    let id = place.says_protobuf(ALICE, &forged).await;
    let message = number.recorder.message("a forged answer", |message| message.id == id).await;
    assert!(matches!(message.content, ReceivedContent::Change { change: Change::Sealed, .. }), "{message:?}");
    number.link.close().await;
}
