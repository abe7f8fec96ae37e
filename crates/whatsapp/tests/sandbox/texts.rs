//! Texts: previews, quotes, mentions, disappearing; and how a person's arrive.

use bytes::Bytes;
use serde_json::json;
use sparkbot_network::{Content, LinkPreview, NetworkError, Outgoing, Quote};
use waproto::whatsapp as wa;

use crate::phones::bytes;
use crate::place::{ALICE, OWN, Place, outgoing, wid};

#[tokio::test(flavor = "multi_thread")]
async fn a_text_shows_its_link_its_quote_and_its_people() {
    let place = Place::new().await;
    let number = place.linked().await;
    let preview = LinkPreview {
        url: "https://example.org/a".to_owned(),
        title: Some("A page".to_owned()),
        description: Some("About it".to_owned()),
        thumbnail: Some(Bytes::from_static(b"jpeg")),
    };
    let content = Content::Text { body: "see https://example.org/a".to_owned(), preview: Some(Box::new(preview)) };
    number.link.send(Outgoing::new("3EB0000000006001", wid(ALICE), content)).await.expect("sent");
    let text = place.raw(ALICE, "3EB0000000006001").await["extended_text_message"].clone();
    assert_eq!(text["matched_text"], "https://example.org/a");
    assert_eq!((&text["title"], &text["description"]), (&json!("A page"), &json!("About it")));

    let asked = place.says(ALICE, json!({"location": {"latitude": 1.5, "longitude": 2.5, "name": "Here"}})).await;
    let place_message = number.recorder.message("place", |message| message.id == asked).await;
    let quote = Quote {
        id: asked.clone(),
        chat: None,
        author: wid(ALICE),
        text: "a place".to_owned(),
        raw: Some(place_message.raw.clone()),
    };
    let answer = Outgoing {
        quote: Some(quote),
        mentions: vec![wid(ALICE)],
        ephemeral_seconds: Some(86_400),
        ..outgoing(ALICE, "3EB0000000006002", "coming, @16001234561")
    };
    let first = number.link.send(answer.clone()).await.expect("sent");
    let context = place.raw(ALICE, "3EB0000000006002").await["extended_text_message"]["context_info"].clone();
    assert_eq!(context["stanza_id"], asked.as_str());
    assert_eq!(context["quoted_message"]["location_message"]["name"], "Here");
    assert_eq!(context["expiration"], 86_400);
    assert_eq!(place.shows(ALICE, "3EB0000000006002").await["mentions"], json!([ALICE]));

    // A repeated message says the same, to the last byte.
    let again = number.link.send(answer).await.expect("sent again");
    assert_eq!(first.raw, again.raw);
    let shown = place.raw(ALICE, "3EB0000000006002").await;
    let sent = waproto::codec::message_decode(&first.raw).expect("a message");
    let secret = sent.message_context_info.as_option().and_then(|context| context.message_secret.clone());
    assert_eq!(Some(bytes(&shown["message_context_info"]["message_secret"])), secret, "what was sent is what is told");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_quote_and_mentions_are_told() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.send(ALICE, "3EB0000000006003", "when?").await.expect("sent");
    place.sees(ALICE, "3EB0000000006003").await;
    let own = place.get(&format!("/phones/{OWN}")).await;
    let context = wa::ContextInfo {
        stanza_id: Some("3EB0000000006003".to_owned()),
        participant: own["lid"].as_str().map(str::to_owned),
        quoted_message: buffa::MessageField::some(wa::Message {
            conversation: Some("when?".to_owned()),
            ..wa::Message::default()
        }),
        mentioned_jid: vec![own["jid"].as_str().expect("an id").to_owned()],
        is_forwarded: Some(true),
        forwarding_score: Some(3),
        ..wa::ContextInfo::default()
    };
    let text = wa::message::ExtendedTextMessage {
        text: Some("now, @16001234560".to_owned()),
        context_info: buffa::MessageField::some(context),
        ..Default::default()
    };
    let message = wa::Message { extended_text_message: buffa::MessageField::some(text), ..wa::Message::default() };
    let id = place.says_protobuf(ALICE, &message).await;
    let received = number.recorder.message("answer", |message| message.id == id).await;
    let quoted = received.quoted.expect("a quote");
    assert_eq!((quoted.id.as_str(), quoted.author), ("3EB0000000006003", Some(wid(OWN))));
    assert_eq!(quoted.body.as_deref(), Some("when?"));
    assert_eq!(received.mentions, [wid(OWN)]);
    assert!(received.flags.forwarded && received.flags.forward_score == 3);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_could_read_is_refused_at_once() {
    let place = Place::new().await;
    let number = place.linked().await;
    for text in [String::new(), "x".repeat(65_537)] {
        let refused = number.send(ALICE, "3EB0000000006004", &text).await;
        assert!(matches!(refused, Err(NetworkError::Invalid(_))), "{refused:?}");
    }
    assert!(place.shown(ALICE).await.is_empty());
    number.link.close().await;
}
