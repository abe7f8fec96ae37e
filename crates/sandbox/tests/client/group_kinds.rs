//! Files, polls, reactions and deletions in a group of several clients and
//! phones.

use serde_json::{Value, json};
use whatsapp_rust::media::{ImageOptions, image_message};
use whatsapp_rust::wacore::download::MediaType;
use whatsapp_rust::{GroupCreateOptions, GroupParticipantOptions, Jid, RevokeType, UploadOptions};

use crate::support::{ALICE, BOB, Companion, OWN, Place, jid};

async fn group(own: &Companion) -> Jid {
    let people = [ALICE, BOB].map(|number| GroupParticipantOptions::new(jid(number))).to_vec();
    let options = GroupCreateOptions::new("Team").with_participants(people);
    own.client.groups().create_group(options).await.unwrap().metadata.id
}

async fn says(place: &Place, from: &str, group: &Jid, message: Value) -> String {
    let body = json!({"to": group.to_string(), "message": message});
    place.post(&format!("/phones/{from}/messages"), body).await["id"].as_str().unwrap().to_owned()
}

/// Waits until a message is on all phones as it should be.
async fn all(place: &Place, id: &str, fits: impl Fn(&Value) -> bool) {
    for phone in [OWN, ALICE, BOB] {
        place.sees(phone, id).await;
        place.until(&format!("/phones/{phone}/messages/{id}"), &fits).await;
    }
}

#[tokio::test]
async fn a_picture_in_a_group_is_opened_and_reacted_to_by_all() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let of_alice = Companion::link(&place, ALICE).await;
    let group = group(&own).await;
    let picture: Vec<u8> = (0..30_000_u32).map(|n| n.to_le_bytes()[0] ^ 0x33).collect();
    let upload = own.client.upload(picture.clone(), MediaType::Image, UploadOptions::new()).await.unwrap();
    let sent = own.client.send_message(&group, image_message(upload, ImageOptions::default())).await.unwrap();
    let id = sent.message_id;
    all(&place, &id, |message| message["media"]["state"] == "here").await;
    let message = of_alice.message(&id).await;
    let image = message.message.image_message.as_option().unwrap();
    assert_eq!(of_alice.client.download(image).await.unwrap(), picture);

    let key = whatsapp_rust::waproto::whatsapp::MessageKey {
        remote_jid: Some(group.to_string()),
        from_me: Some(false),
        id: Some(id.clone()),
        participant: Some(message.info.source.sender.to_non_ad().to_string()),
    };
    of_alice.client.send_reaction(&group, key, "🎉").await.unwrap();
    says(&place, BOB, &group, json!({"reaction": {"id": id, "emoji": "👍"}})).await;
    let expected = json!([{"from": ALICE, "emoji": "🎉"}, {"from": BOB, "emoji": "👍"}]);
    let sorted = |message: &Value| {
        let mut reactions = message["reactions"].as_array().cloned().unwrap_or_default();
        reactions.sort_by_key(|reaction| reaction["from"].as_str().map(str::to_owned));
        Value::from(reactions)
    };
    all(&place, &id, |message| sorted(message) == expected).await;
}

#[tokio::test]
async fn a_poll_in_a_group_counts_clients_and_people() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let group = group(&own).await;
    let id = says(&place, ALICE, &group, json!({"poll": {"name": "?", "options": ["a", "b"], "selectable": 1}})).await;
    let message = own.message(&id).await;
    let secret = message.message.message_context_info.as_option().unwrap().message_secret.clone().unwrap();
    let source = &message.info.source;
    own.client.polls().vote(&group, &id, &source.sender, &secret, &["b".to_owned()]).await.unwrap();
    place.sees(BOB, &id).await;
    says(&place, BOB, &group, json!({"vote": {"id": id, "options": ["a"]}})).await;
    let counts = |message: &Value| {
        let options = message["poll"]["options"].as_array().cloned().unwrap_or_default();
        options.iter().filter_map(|option| option["votes"].as_u64()).collect::<Vec<_>>()
    };
    all(&place, &id, |message| counts(message) == [1, 1]).await;
}

#[tokio::test]
async fn an_admin_deletes_what_a_member_wrote_and_a_member_does_not() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let of_bob = Companion::link(&place, BOB).await;
    let group = group(&own).await;
    let id = place.writes(ALICE, &group.to_string(), "hm").await;
    let author = own.message(&id).await.info.source.sender.to_non_ad();
    of_bob.message(&id).await;
    let by_admin = || RevokeType::Admin { original_sender: author.clone() };
    // Bob is no admin, but his client would do it.
    of_bob.client.revoke_message(&group, id.clone(), by_admin()).await.unwrap();
    let ignored = place.event(ALICE, |event| event["kind"] == "ignored").await;
    assert_eq!((&ignored["from"], &ignored["target"]), (&json!(BOB), &json!(id)));
    all(&place, &id, |message| message["text"] == "hm").await;
    own.client.revoke_message(&group, id.clone(), by_admin()).await.unwrap();
    all(&place, &id, |message| message["revokedBy"] == OWN).await;
}
