//! Business profiles, calls that are rejected, and links to calls.

use serde_json::json;
use whatsapp_rust::types::events::Event;
use whatsapp_rust::wacore_binary::Node;
use whatsapp_rust::{Jid, NodeBuilder, NodeFilter, Server};

use crate::catalog::child;
use crate::support::{ALICE, Companion, OWN, Place, jid, within};

#[tokio::test]
async fn a_business_profile_is_read() {
    let place = Place::new().await;
    let profile = json!({
        "verifiedName": "Alice's Bakery",
        "description": "Bread and cake",
        "email": "shop@example.com",
        "address": "1 Baker Street",
        "websites": ["https://example.com"],
        "categories": ["Bakery"],
        "timezone": "Europe/Berlin",
        "hours": [{"day": "mon", "mode": "specific_hours", "open": 480, "close": 1080}],
    });
    place.put(&format!("/phones/{ALICE}/business"), profile).await;
    let own = Companion::link(&place, OWN).await;
    let read = own.client.get_business_profile(&jid(ALICE)).await.unwrap().expect("a profile");
    assert_eq!((read.description.as_str(), read.email.as_deref()), ("Bread and cake", Some("shop@example.com")));
    assert_eq!(read.website, ["https://example.com"]);
    assert_eq!(read.categories[0].name, "Bakery");
    assert_eq!(read.business_hours.business_config.unwrap()[0].close_time, Some(1080));
    assert!(own.client.get_business_profile(&jid(OWN)).await.unwrap().is_none(), "the own account is no business");
}

#[tokio::test]
async fn a_call_rings_and_is_rejected() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let made = place.post(&format!("/phones/{ALICE}/calls"), json!({"to": OWN, "video": true})).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let call = own
        .events
        .take("an incoming call", |event| match event {
            Event::IncomingCall(call) => Some(call.clone()),
            _ => None,
        })
        .await;
    assert_eq!(call.action.call_id(), id);
    own.client.voip().reject(&call).await.unwrap();
    let rejected = place.event(ALICE, |event| event["kind"] == "call" && event["state"] == "rejected").await;
    assert_eq!((&rejected["id"], &rejected["by"]), (&json!(id), &json!(OWN)));
}

/// Asks the call service something; its answer. Only builds with sound and
/// pictures have calls of their own for it.
async fn call_service(of: &Companion, id: String, child: Node) -> Node {
    let answered = of.client.wait_for_node(NodeFilter::tag("ack").attr("id", &id));
    let call = NodeBuilder::new("call").attr("to", Jid::new("call", Server::Pn)).attr("id", &id);
    of.client.send_node(call.children([child]).build()).await.unwrap();
    within("an answer of the call service", answered).await.unwrap().to_owned_node()
}

fn said(of: &Node, name: &str) -> String {
    of.attrs.get(name).unwrap().to_string()
}

#[tokio::test]
async fn a_call_link_of_a_client_is_on_the_phone_and_can_be_looked_up() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let alice = Companion::link(&place, ALICE).await;
    for (media, folder) in [("video", "video"), ("audio", "voice")] {
        let create = NodeBuilder::new("link_create").attr("media", media).build();
        let made = call_service(&own, format!("MAKE-{media}"), create).await;
        let token = said(child(&made, "link_create"), "token");
        let links = place.get(&format!("/phones/{OWN}/call-links")).await;
        let shown = links["links"].as_array().unwrap().iter().find(|shown| shown["token"] == token).unwrap();
        assert_eq!(shown["url"], format!("https://call.whatsapp.com/{folder}/{token}"));

        // Somebody who got the link asks whose it is.
        let query = NodeBuilder::new("link_query").attr("token", &token).attr("media", media).build();
        let told = call_service(&alice, format!("ASK-{media}"), query).await;
        assert_eq!(said(child(&told, "link_query"), "link_creator_pn"), jid(OWN).to_string());
    }
    let guessed = NodeBuilder::new("link_query").attr("token", "guessed").attr("media", "video").build();
    assert_eq!(said(&call_service(&alice, "ASK-NONE".to_owned(), guessed).await, "error"), "404");
}
