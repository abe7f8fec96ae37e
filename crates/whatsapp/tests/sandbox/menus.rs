//! Buttons, lists, products, orders and invitations.

use serde_json::json;
use sparkbot_network::{Button, Content, Menu, Outgoing, Product, ReceivedContent, Row, Section};
use waproto::whatsapp as wa;

use crate::place::{ALICE, Place, wid};

#[tokio::test(flavor = "multi_thread")]
async fn menus_and_products_are_sent_as_businesses_do() {
    let place = Place::new().await;
    let number = place.linked().await;
    let send = |id: &str, content| number.link.send(Outgoing::new(id, wid(ALICE), content));
    let buttons = Menu::Buttons {
        footer: Some("small".to_owned()),
        buttons: vec![Button { id: "yes".to_owned(), text: "Yes!".to_owned() }],
    };
    send("3EB000000000A001", Content::Menu { body: "Sure?".to_owned(), menu: buttons }).await.expect("sent");
    let raw = place.raw(ALICE, "3EB000000000A001").await["buttons_message"].clone();
    assert_eq!((&raw["content_text"], &raw["footer_text"]), (&json!("Sure?"), &json!("small")), "{raw:#}");
    assert_eq!(raw["buttons"][0]["button_text"]["display_text"], "Yes!");
    let row = Row { id: "r1".to_owned(), title: "First".to_owned(), description: Some("of all".to_owned()) };
    let list = Menu::List {
        title: Some("Choose".to_owned()),
        footer: None,
        button: "Open".to_owned(),
        sections: vec![Section { title: "All".to_owned(), rows: vec![row] }],
    };
    send("3EB000000000A002", Content::Menu { body: "What?".to_owned(), menu: list }).await.expect("sent");
    let raw = place.raw(ALICE, "3EB000000000A002").await["list_message"].clone();
    assert_eq!((&raw["description"], &raw["button_text"]), (&json!("What?"), &json!("Open")), "{raw:#}");
    assert_eq!(raw["sections"][0]["rows"][0]["row_id"], "r1");

    let product = Product {
        id: "77".to_owned(),
        seller: wid(ALICE),
        name: "Tea".to_owned(),
        description: None,
        price_1000: Some(4_990),
        currency: Some("EUR".to_owned()),
        retailer_id: Some("T-1".to_owned()),
        url: None,
    };
    let content = Content::Product { product: Box::new(product), image: None, body: Some("nice".to_owned()) };
    send("3EB000000000A003", content).await.expect("sent");
    let raw = place.raw(ALICE, "3EB000000000A003").await["product_message"].clone();
    assert_eq!((&raw["product"]["title"], &raw["body"]), (&json!("Tea"), &json!("nice")), "{raw:#}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_chosen_ordered_or_offered_is_told() {
    let place = Place::new().await;
    let number = place.linked().await;
    let list = wa::message::ListResponseMessage {
        title: Some("First".to_owned()),
        description: Some("of all".to_owned()),
        single_select_reply: buffa::MessageField::some(wa::message::list_response_message::SingleSelectReply {
            selected_row_id: Some("r1".to_owned()),
        }),
        ..Default::default()
    };
    let message = wa::Message { list_response_message: buffa::MessageField::some(list), ..wa::Message::default() };
    let id = place.says_protobuf(ALICE, &message).await;
    let received = number.recorder.message("a choice", |message| message.id == id).await;
    let ReceivedContent::Choice(choice) = &received.content else { panic!("{received:?}") };
    assert_eq!((received.kind.as_str(), choice.id.as_str()), ("list_response", "r1"));
    assert_eq!((choice.title.as_deref(), choice.description.as_deref()), (Some("First"), Some("of all")));

    let order = wa::message::OrderMessage {
        order_id: Some("900".to_owned()),
        item_count: Some(2),
        message: Some("please".to_owned()),
        order_title: Some("Shop".to_owned()),
        token: Some("token".to_owned()),
        total_amount1000: Some(9_980),
        total_currency_code: Some("EUR".to_owned()),
        ..Default::default()
    };
    let message = wa::Message { order_message: buffa::MessageField::some(order), ..wa::Message::default() };
    let id = place.says_protobuf(ALICE, &message).await;
    let received = number.recorder.message("an order", |message| message.id == id).await;
    let ReceivedContent::Order(order) = &received.content else { panic!("{received:?}") };
    assert_eq!((order.id.as_str(), order.items, order.total_1000), ("900", 2, Some(9_980)));
    assert_eq!((received.kind.as_str(), received.body.as_deref()), ("order", Some("please")));

    let invite = wa::message::GroupInviteMessage {
        group_jid: Some("120363000000000001@g.us".to_owned()),
        invite_code: Some("abc".to_owned()),
        invite_expiration: Some(1_900_000_000),
        group_name: Some("Friends".to_owned()),
        ..Default::default()
    };
    let message = wa::Message { group_invite_message: buffa::MessageField::some(invite), ..wa::Message::default() };
    let id = place.says_protobuf(ALICE, &message).await;
    let received = number.recorder.message("an invitation", |message| message.id == id).await;
    let ReceivedContent::GroupInvite(invite) = &received.content else { panic!("{received:?}") };
    assert_eq!((invite.group.as_str(), invite.code.as_str()), ("120363000000000001@g.us", "abc"));
    assert_eq!(invite.expires_at, Some(1_900_000_000_000));

    // What nobody has heard of is kept as it came.
    let message = wa::Message {
        request_phone_number_message: buffa::MessageField::some(wa::message::RequestPhoneNumberMessage::default()),
        ..wa::Message::default()
    };
    let id = place.says_protobuf(ALICE, &message).await;
    let received = number.recorder.message("something", |message| message.id == id).await;
    assert!(matches!(received.content, ReceivedContent::Unknown) && !received.raw.is_empty(), "{received:?}");
    number.link.close().await;
}
