//! Every kind of message, as the receiver's phone shows it.

use serde_json::{Value, json};

use crate::support::{ANA, BEN, Place, eventually, text};

#[tokio::test]
async fn polls_and_votes() {
    let place = Place::new().await;
    let poll = json!({ "name": "Which day?", "options": ["Monday", "Tuesday", "Friday"], "multiple": true });
    let (sent, shown) = place.arrives(json!({ "poll": poll })).await;
    assert_eq!(sent["type"], "poll");
    assert_eq!(sent["poll"], poll);
    assert_eq!(shown["poll"]["name"], "Which day?");
    let names: Vec<_> = shown["poll"]["options"].as_array().expect("options").iter().map(|o| &o["name"]).collect();
    assert_eq!(names, ["Monday", "Tuesday", "Friday"]);
    assert_eq!(shown["poll"]["selectable"], 0);

    // Votes of this number in a poll of its own, by place and by text.
    let wa_id = text(&sent, "/waId");
    let votes = |shown: &Value| -> Vec<u64> {
        let options = shown["poll"]["options"].as_array().cloned().unwrap_or_default();
        options.iter().filter_map(|option| option["votes"].as_u64()).collect()
    };
    let vote = |options: Value| json!({ "vote": { "poll": wa_id, "options": options } });
    place.post(vote(json!([{ "id": 0 }, { "value": "Friday" }]))).await;
    place.shows(wa_id, |shown| votes(shown) == [1, 0, 1]).await;
    place.post(vote(json!([{ "value": "Tuesday" }]))).await;
    place.shows(wa_id, |shown| votes(shown) == [0, 1, 0]).await;
    place.post(json!({ "vote": { "poll": wa_id } })).await;
    place.shows(wa_id, |shown| votes(shown) == [0, 0, 0]).await;

    // And in one that was received.
    let received = json!({ "to": ANA, "message": { "poll": { "name": "Tea?", "options": ["yes", "no"] } } });
    let received = place.ben.control(reqwest::Method::POST, "/phones/16001234561/messages", Some(received)).await.ok();
    let theirs = text(&received, "/id");
    eventually("the poll to be known", || async {
        let body = json!({ "device": place.device.id, "phone": BEN, "vote": { "poll": theirs, "options": [{ "value": "yes" }] } });
        (place.server.post("/v1/messages", body).await.status == 201).then_some(())
    })
    .await;
    place.shows(theirs, |shown| votes(shown) == [1, 0]).await;

    let none = place.post(vote(json!([{ "value": "Sunday" }]))).await;
    let failed = place.server.delivery(text(&none, "/id"), &["failed"]).await;
    assert_eq!(failed["failureCode"], "vote:invalid");
    assert!(text(&failed, "/failureReason").contains("'Sunday'"));
}

#[tokio::test]
async fn appointments_and_the_answers_to_them() {
    let place = Place::new().await;
    let event = json!({
        "name": "Tea", "description": "With cake", "date": "2030-05-01T15:00:00.000Z", "location": "At Ben's",
        "latitude": 52.5, "longitude": 13.4, "call": "video",
    });
    let (sent, shown) = place.arrives(json!({ "event": event })).await;
    assert_eq!(sent["type"], "event");
    assert_eq!((&shown["event"]["name"], &shown["event"]["description"]), (&json!("Tea"), &json!("With cake")));
    let wa_id = text(&sent, "/waId");
    let answer = |shown: &Value| shown.pointer("/event/responses/0/answer").cloned();
    place.post(json!({ "confirm": { "event": wa_id, "confirm": true } })).await;
    place.shows(wa_id, |shown| answer(shown) == Some(json!("going"))).await;
    place.post(json!({ "attend": { "event": wa_id, "confirm": false } })).await;
    place.shows(wa_id, |shown| answer(shown) == Some(json!("not_going"))).await;
}

#[tokio::test]
async fn places() {
    let place = Place::new().await;
    let (sent, shown) = place
        .arrives(
            json!({ "location": { "coordinates": [52.5163, 13.3777], "name": "Gate", "address": "Pariser Platz" } }),
        )
        .await;
    assert_eq!(sent["type"], "location");
    assert_eq!(shown["kind"], "location");
    let location = &shown["location"];
    assert_eq!((location["latitude"].as_f64(), location["longitude"].as_f64()), (Some(52.5163), Some(13.3777)));
    assert_eq!((&location["name"], &location["address"]), (&json!("Gate"), &json!("Pariser Platz")));
    let (sent, shown) = place.arrives(json!({ "location": { "address": "1 High Street", "name": "Office" } })).await;
    assert_eq!(sent["type"], "location");
    assert!(text(&shown, "/text").starts_with("Office\n1 High Street\nhttps://"), "{shown:#}");
}

#[tokio::test]
async fn cards() {
    let place = Place::new().await;
    let one = json!([{ "phone": "+16001234562", "name": "Cam; Doe" }]);
    let (sent, shown) = place.arrives(json!({ "contacts": one })).await;
    assert_eq!(sent["type"], "contact");
    let card = &shown["contacts"][0];
    assert_eq!(card["displayName"], "Cam; Doe");
    assert!(text(card, "/vcard").contains("waid=16001234562:+16001234562"), "{shown:#}");
    assert!(text(card, "/vcard").contains("FN:Cam\\; Doe"));
    let ten: Vec<_> =
        (0..10).map(|n| json!({ "phone": format!("+1600123457{n}"), "name": format!("No {n}") })).collect();
    let (_, shown) = place.arrives(json!({ "contacts": ten })).await;
    assert_eq!(shown["contacts"].as_array().map(Vec::len), Some(10));
    assert_eq!(shown["contacts"][9]["displayName"], "No 9");
}

#[tokio::test]
async fn reactions() {
    let place = Place::new().await;
    let theirs = place.ben.send(ANA, "like this?").await;
    let (own, _) = place.arrives(json!({ "message": "or this" })).await;
    for id in [theirs.as_str(), text(&own, "/waId")] {
        let react = |emoji: &str| json!({ "reaction": emoji, "reactionMessage": id });
        eventually("the message to be known", || async {
            let mut body = react("👍");
            body["device"] = json!(place.device.id);
            body["phone"] = json!(BEN);
            (place.server.post("/v1/messages", body).await.status == 201).then_some(())
        })
        .await;
        let emoji = |shown: &Value| shown.pointer("/reactions/0/emoji").cloned();
        place.shows(id, |shown| emoji(shown) == Some(json!("👍"))).await;
        place.post(react("🎉")).await;
        place.shows(id, |shown| emoji(shown) == Some(json!("🎉"))).await;
        place.post(react("-")).await;
        place.shows(id, |shown| emoji(shown).is_none()).await;
    }
}

#[tokio::test]
async fn forwards_quotes_and_mentions() {
    let place = Place::new().await;
    let (first, _) = place.arrives(json!({ "message": "the original" })).await;
    let wa_id = text(&first, "/waId");
    let (_, shown) = place.arrives(json!({ "forward": { "message": wa_id, "chat": BEN } })).await;
    assert_eq!((&shown["text"], &shown["forwarded"]), (&json!("the original"), &json!(true)));
    let (_, shown) = place.arrives(json!({ "message": "an answer", "quote": wa_id })).await;
    assert_eq!((&shown["quoted"]["id"], &shown["quoted"]["text"]), (&json!(wa_id), &json!("the original")));
    let (_, shown) = place.arrives(json!({ "message": "ask @16001234562", "mentions": ["+16001234562"] })).await;
    assert_eq!(shown["mentions"].as_array().map(Vec::len), Some(1), "{shown:#}");
    assert!(shown["mentions"][0].to_string().contains("16001234562"));
}

#[tokio::test]
async fn buttons_and_lists() {
    let place = Place::new().await;
    let buttons = json!([{ "id": "yes", "text": "Yes" }, { "id": "no", "text": "No" }]);
    let (sent, shown) = place.arrives(json!({ "message": "Shall we?", "buttons": buttons, "footer": "small" })).await;
    assert_eq!(sent["type"], "buttons");
    assert!(shown["buttons"].to_string().contains("\"yes\""), "{shown:#}");
    let rows = json!([{ "id": "a", "title": "First", "description": "of two" }, { "id": "b", "title": "Second" }]);
    let list = json!({ "title": "Choose", "button": "Open", "footer": "small", "sections": [{ "title": "All", "rows": rows }] });
    let (sent, shown) = place.arrives(json!({ "message": "What will it be?", "list": list })).await;
    assert_eq!(sent["type"], "list");
    assert!(shown["list"].to_string().contains("\"Second\""), "{shown:#}");
}

#[tokio::test]
async fn what_a_message_is_about_must_be_known_and_fit() {
    let place = Place::new().await;
    let (sent, _) = place.arrives(json!({ "message": "a text" })).await;
    let wa_id = text(&sent, "/waId");
    let stranger = "+16001234562";
    for (body, status, code) in [
        (json!({ "reaction": "👍", "reactionMessage": "3EB0FFFFFFFFFFFFFFFFFF" }), 404, "message:notfound"),
        (json!({ "vote": { "poll": "3EB0FFFFFFFFFFFFFFFFFF" } }), 404, "message:notfound"),
        (json!({ "attend": { "event": "3EB0FFFFFFFFFFFFFFFFFF", "confirm": true } }), 404, "message:notfound"),
        (json!({ "forward": { "message": "3EB0FFFFFFFFFFFFFFFFFF" } }), 404, "message:notfound"),
        (json!({ "forward": { "message": wa_id, "chat": stranger } }), 404, "message:notfound"),
        (json!({ "message": "x", "quote": "3EB0FFFFFFFFFFFFFFFFFF" }), 404, "message:notfound"),
        (json!({ "vote": { "poll": wa_id } }), 400, "message:kind"),
        (json!({ "attend": { "event": wa_id, "confirm": true } }), 400, "message:kind"),
        (json!({ "phone": stranger, "reaction": "👍", "reactionMessage": wa_id }), 400, "message:chat"),
        (json!({ "reaction": "👍", "reactionMessage": wa_id, "quote": wa_id }), 400, "message:quote"),
        (
            json!({ "attend": { "event": wa_id, "confirm": true }, "confirm": { "event": wa_id, "confirm": true } }),
            400,
            "message:kinds",
        ),
        (json!({ "message": "x", "poll": { "name": "a", "options": ["b", "c"] } }), 400, "message:text"),
        (json!({ "mentions": ["nobody"], "message": "x" }), 400, "message:mentions"),
        (json!({ "poll": { "name": "a", "options": ["b", "c"], "colour": "red" } }), 400, "body:unknown_property"),
    ] {
        let mut full = json!({ "device": place.device.id, "phone": BEN });
        for (name, value) in body.as_object().expect("an object") {
            full[name] = value.clone();
        }
        let refusal = place.server.post("/v1/messages", full).await;
        assert_eq!((refusal.status, &refusal.body["errorCode"]), (status, &json!(code)), "{body}: {:#}", refusal.body);
    }
    assert_eq!(place.ben.messages().await.len(), 1, "nothing else was sent");
    drop(place.ana);
}

#[tokio::test]
async fn a_link_is_shown_with_what_its_page_says() {
    let place = Place::new().await;
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = asked.clone();
    let page = move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async {
            axum::response::Html(
                "<html><head><title>Plain</title><meta property='og:title' content='Tea &amp; cake'>\
                 <meta name='description' content='Every day from three'></head><body></body></html>",
            )
        }
    };
    let app = axum::Router::new().route("/tea", axum::routing::get(page));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let link = format!("http://{}/tea", listener.local_addr().expect("its address"));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });

    let message = format!("come to {link}, will you?");
    let (_, shown) = place.arrives(json!({ "message": message })).await;
    assert_eq!(shown["text"], message.as_str());
    let preview = &shown["preview"];
    assert_eq!((&preview["title"], &preview["description"]), (&json!("Tea & cake"), &json!("Every day from three")));
    let (_, shown) = place.arrives(json!({ "message": message, "deliveryOptions": { "previewUrl": false } })).await;
    assert!(shown.get("preview").is_none_or(Value::is_null), "{shown:#}");
    place.arrives(json!({ "message": format!("again: {link}") })).await;
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 1, "the page is asked once for all");
    // A page that can't be reached holds nothing up.
    let (_, shown) = place.arrives(json!({ "message": "see http://127.0.0.1:9/" })).await;
    assert_eq!(shown["text"], "see http://127.0.0.1:9/");
}
