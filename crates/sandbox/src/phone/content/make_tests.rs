//! Each kind is made, and seen as what it is.

use serde_json::json;

use super::super::seen;
use super::*;

fn find(id: &str) -> Option<Target> {
    let message = wa::Message {
        poll_creation_message: MessageField::some(wa::message::PollCreationMessage {
            options: vec![wa::message::poll_creation_message::Option {
                option_name: Some("tea".to_owned()),
                ..Default::default()
            }],
            ..Default::default()
        }),
        message_context_info: MessageField::some(wa::MessageContextInfo {
            message_secret: Some(vec![7; 32]),
            ..Default::default()
        }),
        ..Default::default()
    };
    (id == "ABC").then(|| Target {
        key: wa::MessageKey { id: Some(id.to_owned()), ..Default::default() },
        author: "1@lid".to_owned(),
        own: "2@lid".to_owned(),
        message,
    })
}

#[test]
fn makes_and_sees_each_kind() {
    let event = json!({"event": {"name": "Lunch", "startTime": 1}});
    let list = json!({"list": {"text": "Pick", "button": "Open", "sections": [{"rows": [{"id": "r", "title": "R"}]}]}});
    for (json, kind, text, target) in [
        (json!({"text": "hi"}), "text", Some("hi"), None),
        (json!({"quote": {"id": "ABC", "text": "yes"}}), "text", Some("yes"), Some("ABC")),
        (json!({"preview": {"text": "see https://a.b", "url": "https://a.b"}}), "text", Some("see https://a.b"), None),
        (json!({"reaction": {"id": "ABC", "emoji": "👍"}}), "reaction", Some("👍"), Some("ABC")),
        (json!({"edit": {"id": "ABC", "text": "new"}}), "edit", Some("new"), Some("ABC")),
        (json!({"revoke": {"id": "ABC"}}), "revoke", None, Some("ABC")),
        (json!({"location": {"latitude": 52.5, "longitude": 13.4}}), "location", Some("52.5,13.4"), None),
        (json!({"liveLocation": {"latitude": 52.5, "longitude": 13.4}}), "live_location", Some("52.5,13.4"), None),
        (json!({"contact": {"displayName": "Ana", "vcard": "BEGIN:VCARD"}}), "contact", Some("Ana"), None),
        (
            json!({"contacts": {"displayName": "2", "contacts": [{"displayName": "A", "vcard": "B"}]}}),
            "contacts_array",
            Some("2"),
            None,
        ),
        (json!({"poll": {"name": "?", "options": ["a", "b"]}}), "poll_creation", Some("?"), None),
        (json!({"poll": {"name": "?", "options": ["a", "b"], "selectable": 1}}), "poll_creation", Some("?"), None),
        (json!({"vote": {"id": "ABC", "options": ["tea"]}}), "poll_update", None, Some("ABC")),
        (event, "event", Some("Lunch"), None),
        (json!({"respond": {"id": "ABC", "answer": "going"}}), "enc_event_response", None, Some("ABC")),
        (json!({"pin": {"id": "ABC"}}), "pin_in_chat", None, Some("ABC")),
        (json!({"keep": {"id": "ABC"}}), "keep_in_chat", None, Some("ABC")),
        (json!({"comment": {"id": "ABC", "text": "so"}}), "comment", Some("so"), Some("ABC")),
        (json!({"buttons": {"text": "Go?", "buttons": [{"id": "y", "text": "Yes"}]}}), "buttons", Some("Go?"), None),
        (list, "list", Some("Pick"), None),
        (json!({"product": {"id": "p", "title": "Cup"}}), "product", Some("Cup"), None),
        (json!({"order": {"id": "o", "title": "Two cups"}}), "order", Some("Two cups"), None),
        (json!({"album": {"images": 2}}), "album", None, None),
    ] {
        let message = from_json(&json, 0, find).unwrap();
        let seen = seen(&message).unwrap_or_else(|| panic!("{json} shows nothing"));
        assert_eq!((seen.kind.as_str(), seen.text.as_deref(), seen.target.as_deref()), (kind, text, target), "{json}");
    }
}

#[test]
fn says_what_is_wrong_with_a_message() {
    for (json, part) in [
        (json!("hi"), "object"),
        (json!({}), "exactly one"),
        (json!({"text": 1}), "must be a string"),
        (json!({"reaction": {"id": "XYZ", "emoji": "x"}}), "no message XYZ"),
        (json!({"dance": {}}), "unknown message kind dance"),
        (json!({"protobuf": "%%"}), "base64"),
        (json!({"poll": {"name": "?", "options": ["a", "a"]}}), "different options"),
        (json!({"vote": {"id": "ABC", "options": ["beer"]}}), "no option beer"),
        (json!({"respond": {"id": "ABC", "answer": "no"}}), "going, not_going or maybe"),
        (json!({"press": {"id": "ABC", "button": "y"}}), "no button y"),
        (json!({"choose": {"id": "ABC", "row": "r"}}), "no row r"),
    ] {
        let error = from_json(&json, 0, find).unwrap_err();
        assert!(error.contains(part), "{json}: {error}");
    }
}
