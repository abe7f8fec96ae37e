use serde_json::{Value, json};

use super::{Contents, Said};

fn said(contents: &Value, message: Option<&str>) -> Result<Said, String> {
    let contents: Contents = serde_json::from_value(contents.clone()).map_err(|e| e.to_string())?;
    contents.said(message).map_err(|error| format!("{}: {}", error.code, error.message))
}

const ID: &str = "3EB0A1B2C3D4E5F60718293A";

/// Every limit: the last value that is taken, the first that is not, and what
/// the sentence must name.
#[test]
fn every_limit_is_kept_and_named() {
    let x = |n: usize| "x".repeat(n);
    let poll = |name: String, options: Vec<String>| json!({"poll": {"name": name, "options": options}});
    let options = |n: usize| (0..n).map(|i| format!("option {i}")).collect::<Vec<_>>();
    let vote = |n: usize| {
        let options: Vec<_> = (0..n).map(|i| json!({"value": i.to_string()})).collect();
        json!({"vote": {"poll": ID, "options": options}})
    };
    let event = |field: &str, value: Value| {
        let mut event = json!({"name": "Tea", "date": "2030-01-01T10:00:00Z", "latitude": 1, "longitude": 1});
        event[field] = value;
        json!({ "event": event })
    };
    let place = |latitude: f64, longitude: f64| json!({"location": {"coordinates": [latitude, longitude]}});
    let contacts = |n: usize| {
        let one = json!({"phone": "+16001234561", "name": "Ben"});
        json!({"contacts": vec![one; n]})
    };
    let contact = |name: String| json!({"contacts": [{"phone": "+16001234561", "name": name}]});
    let buttons = |n: usize| {
        let list: Vec<_> = (0..n).map(|i| json!({"id": i.to_string(), "text": "Yes"})).collect();
        json!({ "buttons": list })
    };
    let button = |id: String, text: String| json!({"buttons": [{"id": id, "text": text}]});
    let list = |field: &str, value: Value| {
        let mut list =
            json!({"button": "Open", "sections": [{"title": "One", "rows": [{"id": "1", "title": "First"}]}]});
        list[field] = value;
        json!({ "list": list })
    };
    let rows = |n: usize| {
        let rows: Vec<_> = (0..n).map(|i| json!({"id": i.to_string(), "title": "Row"})).collect();
        list("sections", json!([{"title": "One", "rows": rows}]))
    };
    let media = |field: &str, value: Value| {
        let mut media = json!({"url": "https://example.com/a.pdf"});
        media[field] = value;
        json!({ "media": media })
    };
    let url = |n: usize| format!("https://example.com/{}", "a".repeat(n - 20));
    for (good, bad, part) in [
        (poll(x(250), options(2)), poll(x(251), options(2)), "'poll.name' has 251 characters; it takes 1 to 250"),
        (poll(x(1), options(2)), poll(x(0), options(2)), "'poll.name' has 0"),
        (poll(x(1), options(12)), poll(x(1), options(13)), "'poll.options' has 13 entries; it takes 2 to 12"),
        (poll(x(1), options(2)), poll(x(1), options(1)), "'poll.options' has 1 entries"),
        (poll(x(1), vec![x(100), x(1)]), poll(x(1), vec![x(101), x(1)]), "'poll.options[0]' has 101"),
        (poll(x(1), vec![x(1), x(2)]), poll(x(1), vec![x(1), x(1)]), "'poll.options' has 'x' twice"),
        (vote(12), vote(13), "'vote.options' has 13 entries; it takes at most 12"),
        (
            json!({"vote": {"poll": ID, "options": [{"id": 11}]}}),
            json!({"vote": {"poll": ID, "options": [{"id": 12}]}}),
            "'vote.options[0].id' is 12; it must be 0 to 11",
        ),
        (
            json!({"vote": {"poll": ID, "options": [{"value": x(100)}]}}),
            json!({"vote": {"poll": ID, "options": [{"value": x(101)}]}}),
            "'vote.options[0].value' has 101",
        ),
        (
            json!({"vote": {"poll": ID}}),
            json!({"vote": {"poll": ID, "options": [{"id": 1, "value": "one"}]}}),
            "'vote.options[0]' needs either",
        ),
        (json!({"vote": {"poll": x(32)}}), json!({"vote": {"poll": x(33)}}), "'vote.poll'"),
        (
            event("name", json!(x(100))),
            event("name", json!(x(101))),
            "'event.name' has 101 characters; it takes 1 to 100",
        ),
        (event("description", json!(x(2048))), event("description", json!(x(2049))), "at most 2048"),
        (event("location", json!(x(255))), event("location", json!(x(256))), "'event.location' has 256"),
        (event("link", json!(x(1000))), event("link", json!(x(1001))), "'event.link' has 1001"),
        (
            event("latitude", json!(90)),
            event("latitude", json!(90.1)),
            "'event.latitude' is 90.1; it must be -90 to 90",
        ),
        (event("longitude", json!(-180)), event("longitude", json!(-180.5)), "must be -180 to 180"),
        (event("latitude", json!(0)), event("latitude", Value::Null), "go together"),
        (event("call", json!("video")), event("call", json!("fax")), "event.call is 'fax'"),
        (event("call", json!("none")), event("date", json!("soon")), "event.date is 'soon'"),
        (
            json!({"attend": {"event": ID, "confirm": false}}),
            json!({"attend": {"event": "a b", "confirm": false}}),
            "'attend.event' is 'a b'",
        ),
        (place(-90.0, 180.0), place(-90.5, 0.0), "'location.coordinates[0]' is -90.5"),
        (place(0.0, -180.0), place(0.0, 181.0), "'location.coordinates[1]' is 181"),
        (
            json!({"location": {"address": x(3)}}),
            json!({"location": {"address": x(2)}}),
            "'location.address' has 2 characters; it takes 3 to 100",
        ),
        (json!({"location": {"address": x(100)}}), json!({"location": {"address": x(101)}}), "has 101"),
        (
            json!({"location": {"address": "Here", "name": x(100)}}),
            json!({"location": {"address": "Here", "name": x(101)}}),
            "'location.name' has 101",
        ),
        (place(1.0, 1.0), json!({"location": {"coordinates": [1]}}), "'location.coordinates' has 1 entries"),
        (place(1.0, 1.0), json!({"location": {"name": "Nowhere"}}), "neither 'location.coordinates' nor"),
        (contacts(10), contacts(11), "'contacts' has 11 entries; it takes 1 to 10"),
        (contacts(1), contacts(0), "'contacts' has 0 entries"),
        (contact(x(40)), contact(x(41)), "'contacts[0].name' has 41 characters; it takes 1 to 40"),
        (
            contacts(1),
            json!({"contacts": [{"phone": "+1600123456123456", "name": "Ben"}]}),
            "'contacts[0].phone' has 17 characters; it takes 6 to 16",
        ),
        (contacts(1), json!({"contacts": [{"phone": "6001234561", "name": "Ben"}]}), "contacts[0].phone: "),
        (
            json!({"reaction": "👍", "reactionMessage": x(32)}),
            json!({"reaction": "👍", "reactionMessage": x(33)}),
            "'reactionMessage'",
        ),
        (
            json!({"reaction": "👍".repeat(10), "reactionMessage": ID}),
            json!({"reaction": "👍".repeat(11), "reactionMessage": ID}),
            "'reaction' has 11 characters; it takes at most 10",
        ),
        (json!({"reaction": "-", "reactionMessage": ID}), json!({"reaction": "👍"}), "needs 'reactionMessage'"),
        (json!({"reaction": "", "reactionMessage": ID}), json!({"reactionMessage": ID}), "needs 'reaction'"),
        (
            json!({"reaction": "❤️", "reactionMessage": ID}),
            json!({"reaction": "ok", "reactionMessage": ID}),
            "no emoji",
        ),
        (json!({"product": x(18)}), json!({"product": x(19)}), "'product' has 19 characters; it takes 1 to 18"),
        (json!({"forward": {"message": x(32)}}), json!({"forward": {"message": x(33)}}), "'forward.message'"),
        (
            json!({"forward": {"message": ID, "chat": "+16001234561"}}),
            json!({"forward": {"message": ID, "chat": "someone"}}),
            "forward.chat is 'someone'",
        ),
        (
            media("url", json!(url(1000))),
            media("url", json!(url(1001))),
            "'media.url' has 1001 characters; it takes 1 to 1000",
        ),
        (media("url", json!("data:,x")), media("url", json!("ftp://example.com/x")), "media.url is 'ftp://"),
        (media("filename", json!(x(200))), media("filename", json!(x(201))), "'media.filename' has 201"),
        (media("reference", json!(x(128))), media("reference", json!(x(129))), "'media.reference' has 129"),
        (media("message", json!(x(6000))), media("message", json!(x(6001))), "'media.message' has 6001"),
        (media("format", json!("ptt")), media("format", json!("round")), "media.format is 'round'"),
        (media("kind", json!("document")), media("kind", json!("file")), "media.kind is 'file'"),
        (json!({"media": {"file": "a".repeat(24)}}), json!({"media": {"file": "abc"}}), "media.file is 'abc'"),
        (media("viewOnce", json!(true)), json!({"media": {}}), "media needs 'url' or 'file'"),
        (media("viewOnce", json!(false)), media("file", json!("a".repeat(24))), "both 'url' and 'file'"),
    ] {
        assert!(said(&good, None).is_ok(), "{good}: {:?}", said(&good, None));
        let refusal = said(&bad, None).expect_err(&bad.to_string());
        assert!(refusal.contains(part), "{bad}: {refusal}");
    }
    for (good, bad, part) in [
        (buttons(3), buttons(4), "'buttons' has 4 entries; it takes 1 to 3"),
        (button(x(256), x(20)), button(x(257), x(1)), "'buttons[0].id' has 257"),
        (button(x(1), x(20)), button(x(1), x(21)), "'buttons[0].text' has 21 characters; it takes 1 to 20"),
        (list("title", json!(x(60))), list("title", json!(x(61))), "'list.title' has 61"),
        (list("footer", json!(x(60))), list("footer", json!(x(61))), "'list.footer' has 61"),
        (list("button", json!(x(20))), list("button", json!(x(21))), "'list.button' has 21"),
        (rows(10), rows(11), "rows' has 11 entries; it takes 1 to 10"),
        (list("title", json!("a")), list("sections", json!([])), "'list.sections' has 0 entries"),
        (
            list("sections", json!([{"rows": [{"id": x(200), "title": x(24), "description": x(72)}]}])),
            list("sections", json!([{"rows": [{"id": x(201), "title": "a"}]}])),
            "rows[0].id' has 201",
        ),
        (
            list("sections", json!([{"title": x(24), "rows": [{"id": "1", "title": "a"}]}])),
            list("sections", json!([{"title": x(25), "rows": [{"id": "1", "title": "a"}]}])),
            "'list.sections[0].title' has 25",
        ),
        (rows(1), list("sections", json!([{"rows": [{"id": "1", "title": x(25)}]}])), "rows[0].title' has 25"),
        (
            rows(1),
            list("sections", json!([{"rows": [{"id": "1", "title": "a", "description": x(73)}]}])),
            "rows[0].description' has 73",
        ),
    ] {
        assert!(said(&good, Some("Choose")).is_ok(), "{good}: {:?}", said(&good, Some("Choose")));
        let refusal = said(&bad, Some("Choose")).expect_err(&bad.to_string());
        assert!(refusal.contains(part), "{bad}: {refusal}");
    }
    assert!(said(&json!({}), Some(&x(6000))).is_ok());
    let refusal = said(&json!({}), Some(&x(6001))).expect_err("too long");
    assert!(refusal.contains("'message' has 6001 characters; it takes at most 6000"), "{refusal}");
}

#[test]
fn wrong_combinations_are_named() {
    let poll = json!({"name": "Which?", "options": ["a", "b"]});
    let media = |more: Value| {
        let mut media = json!({"url": "https://example.com/a.ogg"});
        for (name, value) in more.as_object().into_iter().flatten() {
            media[name] = value.clone();
        }
        json!({ "media": media })
    };
    for (contents, message, part) in [
        (json!({"poll": poll, "product": "1"}), None, "this one has poll and product"),
        (json!({"poll": poll}), Some("Hello"), "'message' and 'poll' can't be one message"),
        (json!({"contacts": [{"phone": "+16001234561", "name": "Ben"}]}), Some("Hello"), "'contacts' can't be one"),
        (json!({}), None, "says nothing"),
        (json!({}), Some("  \n"), "says nothing"),
        (json!({"footer": "small"}), Some("Hello"), "footer belongs to buttons"),
        (json!({"buttons": [{"id": "1", "text": "Yes"}]}), None, "needs a text above"),
        (media(json!({"message": "one"})), Some("two"), "both given and differ"),
        (media(json!({"format": "ptt"})), Some("two"), "no text with media.format 'ptt'"),
        (media(json!({"format": "sticker"})), Some("two"), "no text with media.format 'sticker'"),
        (media(json!({"format": "gif", "kind": "document"})), None, "contradict each other"),
        (media(json!({"viewOnce": true, "kind": "document"})), None, "media.viewOnce is for"),
    ] {
        let refusal = said(&contents, message).expect_err(&contents.to_string());
        assert!(refusal.contains(part), "{contents}: {refusal}");
    }
    assert_eq!(said(&json!({"reaction": "-", "reactionMessage": ID}), None).expect("taken back").kind(), "reaction");
    let Ok(Said::Media(_, caption)) = said(&media(json!({"message": "one"})), Some("one")) else { panic!("media") };
    assert_eq!(caption.as_deref(), Some("one"));
}
