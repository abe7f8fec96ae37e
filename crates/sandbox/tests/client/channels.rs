//! Channels: features/newsletter.rs.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use whatsapp_rust::MexRequest;
use whatsapp_rust::features::NewsletterRole;
use whatsapp_rust::types::events::Event;
use whatsapp_rust::wacore::iq::mex::MexDoc;
use whatsapp_rust::waproto::whatsapp as wa;

use crate::support::{ALICE, BOB, Companion, OWN, Place};

fn text(body: &str) -> wa::Message {
    wa::Message { conversation: Some(body.to_owned()), ..Default::default() }
}

#[tokio::test]
async fn a_channel_is_made_renamed_and_seen_by_a_follower() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let newsletter = own.client.newsletter();
    let made = newsletter.create("Bakery", Some("Bread of the day")).await.unwrap();
    assert_eq!(made.role, Some(NewsletterRole::Owner));
    let jid = made.jid.clone();

    let path = format!("/phones/{ALICE}/channels/{jid}/follow");
    let followed = place.post(&path, json!({})).await;
    assert_eq!((&followed["name"], &followed["role"]), (&json!("Bakery"), &json!("subscriber")));
    newsletter.update(&jid, Some("Bakery Lane"), Some("Open from six")).await.unwrap();
    let seen = place.get(&format!("/phones/{ALICE}/channels")).await;
    assert_eq!(seen["channels"][0]["name"], "Bakery Lane");
    assert_eq!(seen["channels"][0]["description"], "Open from six");

    let listed = newsletter.list_subscribed().await.unwrap();
    assert_eq!((listed.len(), listed[0].subscriber_count), (1, 1));
    let by_invite = newsletter.get_metadata_by_invite(&made.invite_code.unwrap()).await.unwrap();
    assert_eq!((by_invite.jid, by_invite.name.as_str()), (jid.clone(), "Bakery Lane"));
    assert_eq!(newsletter.get_metadata(&jid).await.unwrap().description.as_deref(), Some("Open from six"));
}

#[tokio::test]
async fn posts_are_sent_edited_taken_back_and_read_again() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let newsletter = own.client.newsletter();
    let jid = newsletter.create("News", None).await.unwrap().jid;
    place.post(&format!("/phones/{ALICE}/channels/{jid}/follow"), json!({})).await;
    let posts = format!("/phones/{ALICE}/channels/{jid}/posts");

    let sent = own.client.send_message(jid.clone(), text("first")).await.unwrap().message_id;
    let shown = |says: &'static str| move |answer: &Value| answer["posts"][0]["text"] == says;
    place.until(&posts, shown("first")).await;
    newsletter.edit_message(&jid, sent.as_str(), text("second")).await.unwrap();
    let answer = place.until(&posts, shown("second")).await;
    assert_eq!(answer["posts"][0]["edited"], true);

    let history = newsletter.get_messages(&jid, 10, None).await.unwrap();
    assert_eq!((history.len(), history[0].message_id.as_str(), history[0].is_sender), (1, sent.as_str(), true));
    assert_eq!(history[0].message.as_ref().unwrap().conversation.as_deref(), Some("second"));

    newsletter.revoke_message(&jid, sent.as_str()).await.unwrap();
    place.until(&posts, |answer| answer["posts"][0]["revoked"] == true).await;
}

#[tokio::test]
async fn a_follower_gets_posts_reacts_and_leaves() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let newsletter = own.client.newsletter();
    let made = place.post(&format!("/phones/{BOB}/channels"), json!({"name": "Bob's", "verified": true})).await;
    let jid = made["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(newsletter.join(&jid).await.unwrap().role, Some(NewsletterRole::Subscriber));

    let posts = format!("/phones/{BOB}/channels/{jid}/posts");
    let posted = place.post(&posts, json!({"text": "hello followers"})).await;
    let got = own.message(posted["id"].as_str().unwrap()).await;
    assert_eq!((&got.info.source.chat, got.message.conversation.as_deref()), (&jid, Some("hello followers")));

    assert_eq!(newsletter.subscribe_live_updates(&jid).await.unwrap(), 300);
    let server_id = posted["serverId"].as_u64().unwrap();
    newsletter.send_reaction(&jid, server_id, "🎉").await.unwrap();
    place.until(&posts, |answer| answer["posts"][0]["reactions"] == json!({"🎉": 1})).await;
    let counted = own.events.take("a live update", |event| match event {
        Event::NewsletterLiveUpdate(update) => Some(update.messages.clone()),
        _ => None,
    });
    let counted = counted.await;
    assert_eq!((counted[0].server_id, counted[0].reactions[0].count), (server_id, 1));
    newsletter.send_reaction(&jid, server_id, "").await.unwrap();
    place.until(&posts, |answer| answer["posts"][0]["reactions"] == json!({})).await;

    let silenced = |muted: bool| move |channel: &Value| channel["muted"] == muted;
    let own_view = format!("/phones/{OWN}/channels");
    newsletter.set_follower_mute(&jid, true).await.unwrap();
    assert!(silenced(true)(&place.get(&own_view).await["channels"][0]));
    newsletter.set_follower_mute(&jid, false).await.unwrap();
    assert!(silenced(false)(&place.get(&own_view).await["channels"][0]));
    assert!(newsletter.set_admin_mute(&jid, true).await.is_err(), "a follower does not run the channel");
    let ours = newsletter.create("Ours", None).await.unwrap().jid;
    newsletter.set_admin_mute(&ours, true).await.unwrap();
    let channels = place.get(&own_view).await;
    let ran = channels["channels"].as_array().unwrap().iter().find(|one| one["id"] == ours.to_string()).unwrap();
    assert_eq!(ran["adminMuted"], true);
    newsletter.leave(&jid).await.unwrap();
    place.request("DELETE", &format!("/phones/{OWN}/channels/{ours}"), None).await;
    assert_eq!(place.get(&own_view).await["channels"], json!([]));
}

/// A persisted query that whatsapp-rust has no call of its own for.
async fn query(of: &Companion, name: &'static str, id: &'static str, variables: Value) -> Value {
    let doc = MexDoc { name, id };
    of.client.mex().query(MexRequest { doc, variables }).await.unwrap().data.unwrap()
}

#[tokio::test]
async fn channels_are_found_in_the_directory_and_have_a_picture() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    for (name, crowd) in [("Bakery of Bob", 500), ("Bakery of nobody", 3), ("Chess", 9_000)] {
        place.post(&format!("/phones/{BOB}/channels"), json!({"name": name, "crowd": crowd})).await;
    }
    let searched = json!({"input": {"search_text": "bakery", "limit": 10, "view": "RECOMMENDED"}});
    let found = query(&own, "WAWebMexFetchNewsletterDirectorySearchResultsQuery", "26301059626252132", searched).await;
    let found = found["xwa2_newsletters_directory_search"]["result"].as_array().unwrap();
    let names: Vec<&str> = found.iter().map(|one| one["thread_metadata"]["name"]["text"].as_str().unwrap()).collect();
    assert_eq!(names, ["Bakery of Bob", "Bakery of nobody"]);

    let jid = own.client.newsletter().create("Ours", None).await.unwrap().jid;
    let picture = BASE64_STANDARD.encode([0xff, 0xd8, 0xff, 7]);
    let update = json!({"newsletter_id": jid.to_string(), "updates": {"picture": picture}});
    query(&own, "WAWebMexUpdateNewsletterJobMutation", "24250201037901610", update).await;
    let shown = place.get(&format!("/channels/{jid}")).await;
    assert!(!shown["picture"].is_null(), "{shown}");
    let deleted = json!({"newsletter_id": jid.to_string()});
    query(&own, "WAWebMexDeleteNewsletterJobMutation", "30062808666639665", deleted).await;
    assert_eq!(place.request("GET", &format!("/channels/{jid}"), None).await.0, 404);
}
