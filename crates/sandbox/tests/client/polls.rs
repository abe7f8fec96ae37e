//! Polls and events between a client and people.

use serde_json::{Value, json};
use waproto::whatsapp as wa;
use whatsapp_rust::Jid;
use whatsapp_rust::features::{EventCreationParams, EventResponseType, PollVoteCiphertext};
use whatsapp_rust::types::events::InboundMessage;

use crate::support::{ALICE, Companion, OWN, Place, jid};

fn names(options: &[&str]) -> Vec<String> {
    options.iter().map(|name| (*name).to_owned()).collect()
}

/// How many chose each option, as a phone shows it once it fits.
async fn counts(place: &Place, phone: &str, id: &str, expected: &[u64]) {
    let counts = |message: &Value| -> Vec<u64> {
        let options = message["poll"]["options"].as_array().cloned().unwrap_or_default();
        options.iter().filter_map(|option| option["votes"].as_u64()).collect()
    };
    place.until(&format!("/phones/{phone}/messages/{id}"), |message| counts(message) == expected).await;
}

/// Alice votes on a poll.
async fn votes(place: &Place, id: &str, options: &[&str]) -> String {
    let vote = json!({"to": OWN, "message": {"vote": {"id": id, "options": options}}});
    let sent = place.post(&format!("/phones/{ALICE}/messages"), vote).await;
    sent["id"].as_str().unwrap().to_owned()
}

fn ciphertext(message: &InboundMessage) -> PollVoteCiphertext<'_> {
    let vote = message.message.poll_update_message.as_option().unwrap().vote.as_option().unwrap();
    PollVoteCiphertext { enc_payload: vote.enc_payload.as_deref().unwrap(), enc_iv: vote.enc_iv.as_deref().unwrap() }
}

fn secret(message: &wa::Message) -> Vec<u8> {
    message.message_context_info.as_option().unwrap().message_secret.clone().unwrap()
}

#[tokio::test]
async fn a_poll_of_a_client_is_voted_on_changed_and_withdrawn() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let options = names(&["tea", "coffee", "water"]);
    let (sent, secret) = companion.client.polls().create(&jid(ALICE), "Drink?", &options, 2).await.unwrap();
    let shown = place.sees(ALICE, &sent.message_id).await;
    assert_eq!((&shown["poll"]["name"], &shown["poll"]["selectable"]), (&json!("Drink?"), &json!(2)));

    let first = companion.message(&votes(&place, &sent.message_id, &["tea", "water"]).await).await;
    let second = companion.message(&votes(&place, &sent.message_id, &["coffee"]).await).await;
    counts(&place, ALICE, &sent.message_id, &[0, 1, 0]).await;
    counts(&place, OWN, &sent.message_id, &[0, 1, 0]).await;
    // It was written to under the number, so the answers are sealed for the number.
    let own: Jid = companion.client.pn().unwrap().to_non_ad();
    let votes_seen = [&first, &second].map(|message| (&message.info.source.sender, ciphertext(message)));
    let results =
        companion.client.polls().aggregate_votes(&options, &votes_seen, &secret, &sent.message_id, &own).await.unwrap();
    let polls = companion.client.polls();
    let (voter, vote) = &votes_seen[1];
    let chosen = polls.decrypt_vote(*vote, &secret, &sent.message_id, &own, voter).await.unwrap();
    assert_eq!(chosen.len(), 1, "coffee alone");
    let counted: Vec<usize> = results.iter().map(|option| option.voters.len()).collect();
    assert_eq!(counted, [0, 1, 0], "the last vote counts");
    votes(&place, &sent.message_id, &[]).await;
    counts(&place, OWN, &sent.message_id, &[0, 0, 0]).await;
}

#[tokio::test]
async fn a_client_votes_on_a_persons_poll() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let poll =
        json!({"to": OWN, "message": {"poll": {"name": "Drink?", "options": ["tea", "coffee"], "selectable": 1}}});
    let id = place.post(&format!("/phones/{ALICE}/messages"), poll).await["id"].as_str().unwrap().to_owned();
    let message = companion.message(&id).await;
    let secret = secret(&message.message);
    let source = &message.info.source;
    let polls = companion.client.polls();
    for (options, expected) in [(names(&["tea"]), [1, 0]), (names(&["coffee"]), [0, 1]), (names(&[]), [0, 0])] {
        polls.vote(&source.chat, &id, &source.sender, &secret, &options).await.unwrap();
        counts(&place, ALICE, &id, &expected).await;
        counts(&place, OWN, &id, &expected).await;
    }
}

#[tokio::test]
async fn a_quiz_tells_its_right_answer() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let options = names(&["4", "5"]);
    let (sent, _) = companion.client.polls().create_quiz(&jid(ALICE), "2 + 2?", &options, 0).await.unwrap();
    let shown = place.sees(ALICE, &sent.message_id).await;
    assert_eq!((&shown["poll"]["correct"], &shown["poll"]["selectable"]), (&json!("4"), &json!(1)));
    votes(&place, &sent.message_id, &["5"]).await;
    counts(&place, OWN, &sent.message_id, &[0, 1]).await;
}

#[tokio::test]
async fn an_event_is_answered_both_ways() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let params = EventCreationParams {
        name: "Lunch".to_owned(),
        start_time: Some(1_900_000_000),
        extra_guests_allowed: Some(true),
        ..EventCreationParams::default()
    };
    let (sent, secret_of_it) = companion.client.events().create(&jid(ALICE), params).await.unwrap();
    let shown = place.sees(ALICE, &sent.message_id).await;
    assert_eq!((&shown["event"]["name"], &shown["event"]["startTime"]), (&json!("Lunch"), &json!(1_900_000_000)));
    let answer = json!({"to": OWN, "message": {"respond": {"id": sent.message_id, "answer": "going", "guests": 2}}});
    let id = place.post(&format!("/phones/{ALICE}/messages"), answer).await["id"].as_str().unwrap().to_owned();
    let expected = json!([{"from": ALICE, "answer": "going", "guests": 2}]);
    for phone in [ALICE, OWN] {
        let path = format!("/phones/{phone}/messages/{}", sent.message_id);
        place.until(&path, |message| message["event"]["responses"] == expected).await;
    }
    let message = companion.message(&id).await;
    let sealed = message.message.enc_event_response_message.as_option().unwrap();
    let own = companion.client.pn().unwrap().to_non_ad().to_string();
    let response = whatsapp_rust::wacore::event::decrypt_event_response_with_secret(
        sealed.enc_payload.as_deref().unwrap(),
        sealed.enc_iv.as_deref().unwrap(),
        &secret_of_it,
        &sent.message_id,
        &own,
        &message.info.source.sender.to_non_ad().to_string(),
    );
    assert_eq!(response.unwrap().extra_guest_count, Some(2));

    let event = json!({"to": OWN, "message": {"event": {"name": "Dinner"}}});
    let id = place.post(&format!("/phones/{ALICE}/messages"), event).await["id"].as_str().unwrap().to_owned();
    let message = companion.message(&id).await;
    let (secret, source) = (secret(&message.message), &message.info.source);
    let events = companion.client.events();
    events.respond(&source.chat, &id, &source.sender, &secret, EventResponseType::MAYBE, None).await.unwrap();
    let expected = json!([{"from": OWN, "answer": "maybe", "guests": 0}]);
    place.until(&format!("/phones/{ALICE}/messages/{id}"), |message| message["event"]["responses"] == expected).await;
}
