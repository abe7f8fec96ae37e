//! People: who is found under which number, what is seen of them, and what a
//! client changes about itself, seen on somebody else's phone.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use whatsapp_rust::Jid;
use whatsapp_rust::types::events::Event;
use whatsapp_rust::wacore::iq::privacy::{
    DisallowedListAction, DisallowedListUpdate, DisallowedListUserEntry, PrivacyCategory, PrivacyValue,
};

use crate::support::{ALICE, BOB, CAROL, Companion, OWN, Place, jid};

pub(crate) async fn patch(place: &Place, path: &str, body: Value) -> Value {
    let (status, answer) = place.request("PATCH", path, Some(body)).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// What a phone sees of somebody.
async fn sees(place: &Place, phone: &str, person: &str, fits: impl Fn(&Value) -> bool) -> Value {
    place.until(&format!("/phones/{phone}/people/{person}"), fits).await
}

/// The LID of a number.
pub(crate) async fn lid(place: &Place, number: &str) -> Jid {
    place.get(&format!("/phones/{number}")).await["lid"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn people_are_found_by_number_in_either_spelling_and_by_lid() {
    let place = Place::new().await;
    place.post("/phones", json!({"phone": "+551187654321"})).await;
    let companion = Companion::link(&place, OWN).await;
    let asked = [jid(ALICE), jid("+5511987654321"), jid("+16009999999"), lid(&place, BOB).await];
    let found = companion.client.contacts().is_on_whatsapp(&asked).await.unwrap();
    let registered = |jid: &Jid| found.iter().find(|person| person.jid == *jid).map(|person| person.is_registered);
    assert_eq!(registered(&jid(ALICE)), Some(true));
    assert_eq!(registered(&jid("+551187654321")), Some(true), "under the number that is registered: {found:?}");
    assert_eq!(registered(&jid("+16009999999")), Some(false));
    assert_eq!(registered(&asked[3]), Some(true));
    let alice = found.iter().find(|person| person.jid == jid(ALICE)).unwrap();
    assert_eq!(alice.lid, Some(lid(&place, ALICE).await));
}

#[tokio::test]
async fn what_is_known_of_a_person_follows_their_privacy() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let alice = jid(ALICE);
    place.put(&format!("/phones/{ALICE}/about"), json!({"about": "at sea"})).await;
    let jpeg = BASE64_STANDARD.encode([0xff, 0xd8, 0xff, 1, 2, 3]);
    let picture = place.put(&format!("/phones/{ALICE}/picture"), json!({"jpeg": jpeg})).await;

    let contacts = companion.client.contacts();
    let info = contacts.get_user_info(std::slice::from_ref(&alice)).await.unwrap();
    let info = info.values().next().unwrap();
    assert_eq!(info.status.as_deref(), Some("at sea"));
    assert_eq!(info.picture_id, Some(picture["id"].to_string()));
    let found = contacts.get_profile_picture(&alice, false).await.unwrap().unwrap();
    assert_eq!(found.id, picture["id"].to_string());
    let http = reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build().unwrap();
    let bytes = http.get(&found.url).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes.as_ref(), [0xff, 0xd8, 0xff, 1, 2, 3]);

    patch(
        &place,
        &format!("/phones/{ALICE}/privacy"),
        json!({"categories": {"profile": "contacts", "status": "none"}}),
    )
    .await;
    assert!(contacts.get_profile_picture(&alice, true).await.unwrap().is_none());
    let hidden = contacts.get_user_info(std::slice::from_ref(&alice)).await.unwrap();
    assert!(hidden.values().next().unwrap().status.as_deref().unwrap_or_default().is_empty());
    place.put(&format!("/phones/{ALICE}/contacts/{OWN}"), json!({"fullName": "A friend"})).await;
    assert!(contacts.get_profile_picture(&alice, true).await.unwrap().is_some());
}

#[tokio::test]
async fn what_a_client_changes_about_itself_others_see() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let hello = place.writes(ALICE, OWN, "hello").await;
    companion.message(&hello).await;
    let profile = companion.client.profile();

    profile.set_status_text("busy").await.unwrap();
    place.event(ALICE, |event| event["kind"] == "profile" && event["text"] == "busy").await;
    sees(&place, ALICE, OWN, |seen| seen["about"] == "busy").await;

    let set = profile.set_profile_picture(vec![0xff, 0xd8, 0xff, 9]).await.unwrap();
    place.event(ALICE, |event| event["what"] == "picture" && event["id"] == set.id).await;
    sees(&place, ALICE, OWN, |seen| seen["picture"].as_u64().is_some_and(|id| id.to_string() == set.id)).await;
    profile.remove_profile_picture().await.unwrap();
    sees(&place, ALICE, OWN, |seen| seen["picture"].is_null()).await;

    profile.set_push_name("Renamed").await.unwrap();
    place.until(&format!("/phones/{OWN}"), |phone| phone["name"] == "Renamed").await;
    sees(&place, ALICE, OWN, |seen| seen["name"] == "Renamed").await;

    companion.client.set_default_disappearing_mode(86_400).await.unwrap();
    place.event(ALICE, |event| event["what"] == "disappearingMode" && event["seconds"] == 86_400).await;
}

#[tokio::test]
async fn presence_and_typing_reach_who_may_know() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let alice = jid(ALICE);
    companion.client.presence().subscribe(&alice).await.unwrap();
    let presence = |unavailable: bool| {
        move |event: &Event| match event {
            Event::Presence(update) => (update.unavailable == unavailable).then_some(update.last_seen.is_some()),
            _ => None,
        }
    };
    companion.events.take("that Alice is away", presence(true)).await;
    place.put(&format!("/phones/{ALICE}/presence"), json!({"state": "available"})).await;
    companion.events.take("that Alice is there", presence(false)).await;
    place.put(&format!("/phones/{ALICE}/presence"), json!({"state": "unavailable"})).await;
    assert!(companion.events.take("that Alice has gone", presence(true)).await, "with when she was there");
    patch(
        &place,
        &format!("/phones/{ALICE}/privacy"),
        json!({"categories": {"last": "none", "online": "match_last_seen"}}),
    )
    .await;
    assert!(!companion.events.take("what is left to see", presence(true)).await);

    place.post(&format!("/phones/{ALICE}/subscribe"), json!({"to": OWN})).await;
    companion.client.presence().set_unavailable().await.unwrap();
    place.event(ALICE, |event| event["kind"] == "presence" && event["state"] == "unavailable").await;
    companion.client.presence().set_available().await.unwrap();
    place.event(ALICE, |event| event["kind"] == "presence" && event["state"] == "available").await;
    companion.client.chatstate().send_recording(&alice).await.unwrap();
    place.event(ALICE, |event| event["kind"] == "typing" && event["state"] == "recording").await;
    companion.client.chatstate().send_paused(&alice).await.unwrap();
    place.event(ALICE, |event| event["kind"] == "typing" && event["state"] == "paused").await;
}

#[tokio::test]
async fn blocked_people_do_not_get_through_until_unblocked() {
    let place = Place::new().await;
    let first = Companion::link(&place, OWN).await;
    let second = Companion::link(&place, OWN).await;
    let blocking = first.client.blocking();
    let bob = lid(&place, BOB).await;
    for companion in [&first, &second] {
        // A client blocks only whom it knows by both names.
        companion.client.contacts().is_on_whatsapp(&[jid(BOB)]).await.unwrap();
    }
    blocking.block(&bob).await.unwrap();
    place.until(&format!("/phones/{OWN}"), |phone| phone["blocked"] == json!([BOB])).await;
    assert!(second.client.blocking().is_blocked(&bob).await.unwrap());
    let refused = place.writes(BOB, OWN, "let me in").await;
    let seen = sees(&place, BOB, OWN, |_| true).await;
    assert!(seen["about"].is_null(), "{seen}");
    blocking.unblock(&bob).await.unwrap();
    let taken = place.writes(BOB, OWN, "thank you").await;
    first.message(&taken).await;
    let (status, _) = place.request("GET", &format!("/phones/{OWN}/messages/{refused}"), None).await;
    assert_eq!(status, 404);
    assert_eq!(first.client.blocking().get_blocklist().await.unwrap().len(), 0);
}

#[tokio::test]
async fn privacy_settings_are_kept_and_obeyed() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let client = &companion.client;
    client.set_privacy_setting(PrivacyCategory::Status, PrivacyValue::None).await.unwrap();
    sees(&place, ALICE, OWN, |seen| seen["about"].is_null()).await;
    let settings = client.fetch_privacy_settings().await.unwrap();
    assert_eq!(settings.get_value(&PrivacyCategory::Status), Some(&PrivacyValue::None));
    client.set_privacy_setting(PrivacyCategory::Status, PrivacyValue::All).await.unwrap();
    sees(&place, ALICE, OWN, |seen| seen["about"].is_string()).await;

    // All contacts but Bob.
    for contact in [ALICE, BOB] {
        place.put(&format!("/phones/{OWN}/contacts/{contact}"), json!({"fullName": "A contact"})).await;
    }
    let user = DisallowedListUserEntry {
        action: DisallowedListAction::Add,
        jid: lid(&place, BOB).await,
        pn_jid: Some(jid(BOB)),
    };
    let update = DisallowedListUpdate { dhash: "none".to_owned(), users: vec![user] };
    let set = client.set_privacy_disallowed_list(PrivacyCategory::Status, update).await.unwrap();
    assert!(set.dhash.is_some());
    sees(&place, BOB, OWN, |seen| seen["about"].is_null()).await;
    sees(&place, ALICE, OWN, |seen| seen["about"].is_string()).await;
    sees(&place, CAROL, OWN, |seen| seen["about"].is_null()).await;
    let shown = place.get(&format!("/phones/{OWN}/privacy")).await;
    assert_eq!(shown["except"]["status"], json!([BOB]));
}

#[tokio::test]
async fn a_person_who_wants_tokens_is_reached_with_one() {
    let place = Place::new().await;
    patch(&place, "/settings", json!({"abProps": {"10518": "1", "24941": "0", "9666": "1"}})).await;
    patch(&place, &format!("/phones/{ALICE}/privacy"), json!({"wantsTokens": true})).await;
    let jpeg = BASE64_STANDARD.encode([0xff, 0xd8, 0xff, 1]);
    place.put(&format!("/phones/{ALICE}/picture"), json!({"jpeg": jpeg})).await;
    let companion = Companion::link(&place, OWN).await;
    let alice = jid(ALICE);
    let refused = companion.client.send_text(&alice, "hello?").await;
    if let Ok(sent) = &refused {
        let (status, _) = place.request("GET", &format!("/phones/{ALICE}/messages/{}", sent.message_id), None).await;
        assert_eq!(status, 404, "Alice has not got it");
    }
    assert!(companion.client.contacts().get_profile_picture(&alice, true).await.unwrap().is_none());

    place.post(&format!("/phones/{ALICE}/trust"), json!({"contact": OWN})).await;
    let key = lid(&place, ALICE).await.user.to_string();
    let stored = async {
        while companion.client.tc_token().get(&key).await.unwrap().is_none_or(|token| token.token.is_empty()) {
            tokio::task::yield_now().await;
        }
    };
    crate::support::within("the token", stored).await;
    let sent = companion.client.send_text(&alice, "hello!").await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    assert!(companion.client.contacts().get_profile_picture(&alice, true).await.unwrap().is_some());
    // Writing to Alice was a sign of trust too.
    let given = |it: &Value| it["tokensGiven"][0]["holder"] == ALICE;
    place.until(&format!("/phones/{OWN}/privacy"), given).await;
}

#[tokio::test]
async fn who_no_longer_subscribes_hears_no_presence() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let presence = companion.client.presence();
    let seen = |of: &'static str| {
        move |event: &Event| match event {
            Event::Presence(update) if update.from.user == jid(of).user => Some(update.unavailable),
            _ => None,
        }
    };
    for person in [ALICE, BOB] {
        presence.subscribe(&jid(person)).await.unwrap();
        companion.events.take("where somebody is", seen(person)).await;
    }
    presence.unsubscribe(&jid(ALICE)).await.unwrap();
    for person in [ALICE, BOB] {
        place.put(&format!("/phones/{person}/presence"), json!({"state": "available"})).await;
    }
    // What came for Alice would have come before this.
    companion.events.take("that Bob is there", seen(BOB)).await;
    assert_eq!(companion.events.presences(&jid(ALICE)), 0);
}

#[tokio::test]
async fn tokens_are_given_and_phones_use_those_they_have() {
    let place = Place::new().await;
    patch(&place, "/settings", json!({"abProps": {"10518": "1", "9666": "1"}})).await;
    patch(&place, &format!("/phones/{OWN}/privacy"), json!({"wantsTokens": true})).await;
    let companion = Companion::link(&place, OWN).await;
    // Carol's phone proves with its salt that it is no machine; Alice's has none.
    let proved = place.writes(CAROL, OWN, "a first word").await;
    companion.message(&proved).await;
    patch(&place, &format!("/phones/{ALICE}/privacy"), json!({"newChatSalt": null})).await;
    let body = json!({"to": OWN, "text": "let me in", "id": "REFUSED"});
    let (status, refused) = place.request("POST", &format!("/phones/{ALICE}/messages"), Some(body)).await;
    assert_eq!((status, &refused["code"]), (403, &json!(463)));
    let shown = place.sees(ALICE, "REFUSED").await;
    assert_eq!((&shown["status"], &shown["error"]), (&json!("failed"), &json!(463)), "the phone shows that it failed");

    let alice = lid(&place, ALICE).await;
    companion.client.tc_token().issue_tokens(std::slice::from_ref(&alice)).await.unwrap();
    let given = |it: &Value| it["tokensGiven"].as_array().unwrap().iter().any(|token| token["holder"] == ALICE);
    place.until(&format!("/phones/{OWN}/privacy"), given).await;
    let taken = place.writes(ALICE, OWN, "thank you").await;
    companion.message(&taken).await;
    assert_eq!(place.sees(ALICE, &taken).await["status"], "delivered");

    place.post(&format!("/phones/{BOB}/trust"), json!({"contact": OWN})).await;
    let bob = lid(&place, BOB).await.user.to_string();
    let stored = async {
        while !companion.client.tc_token().get_all_jids().await.unwrap().contains(&bob) {
            tokio::task::yield_now().await;
        }
    };
    crate::support::within("Bob's token", stored).await;
    assert_eq!(companion.client.tc_token().prune_expired().await.unwrap(), 0, "it is good for weeks");
}
