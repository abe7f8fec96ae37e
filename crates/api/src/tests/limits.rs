//! What a message may ask for.

use serde_json::json;

use super::support::Surface;

async fn device(surface: &Surface) -> String {
    let made = surface.call("POST", "/v1/devices", Some(r#"{"alias":"Support"}"#)).await.json();
    made["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_channel_takes_what_channels_can_show() {
    let surface = Surface::new().await;
    let device = device(&surface).await;
    let id = "3EB0A1B2C3D4E5F60718293A";
    let channel = "120363012345678901@newsletter";
    for (bad, part) in [
        (json!({ "vote": { "poll": id } }), "votes"),
        (json!({ "attend": { "event": id, "confirm": true } }), "answers to events"),
        (json!({ "message": "Shall we?", "buttons": [{ "id": "1", "text": "Yes" }] }), "buttons"),
        (
            json!({ "message": "Which?", "list": { "button": "Open", "sections": [{ "rows": [{ "id": "1", "title": "One" }] }] } }),
            "lists",
        ),
    ] {
        let mut body = bad.clone();
        body["device"] = json!(device);
        body["channel"] = json!(channel);
        let answer = surface.call("POST", "/v1/messages", Some(&body.to_string())).await;
        let (status, code, sentence) = answer.refusal();
        assert_eq!((status, code.as_str()), (400, "message:channel"), "{bad}");
        assert!(sentence.contains(part) && sentence.contains(channel), "{sentence}");
    }
    // Nor by a change of the receiver while it waits.
    let body = json!({ "device": device, "phone": "+16001234561", "message": "Shall we?", "buttons": [{ "id": "1", "text": "Yes" }] });
    let waiting = surface.call("POST", "/v1/messages", Some(&body.to_string())).await.json();
    let path = format!("/v1/messages/{}", waiting["id"].as_str().expect("an id"));
    let change = json!({ "channel": channel }).to_string();
    assert_eq!(surface.call("PATCH", &path, Some(&change)).await.refusal().1, "message:channel");
}
