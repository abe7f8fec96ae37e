//! Files through the API, as the receiver's phone shows them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{ANA, BEN, Place, eventually, text};

/// 4 × 2 pixels.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAH0lEQVR42gXBAQEAAAiDMIIZjGAPQSw3oCNpBHamzR53ogrxwe3tywAAAABJRU5ErkJggg==";
const CLIP: &[u8] = include_bytes!("fixtures/clip.mp4");
const MP3: &[u8] = include_bytes!("../crates/media/fixtures/tone.mp3");

fn uri(mime: &str, bytes: &[u8]) -> String {
    format!("data:{mime};base64,{}", BASE64_STANDARD.encode(bytes))
}

fn png() -> String {
    format!("data:image/png;base64,{PNG}")
}

/// A media message and what of it the phone shows as its file.
async fn arrives(place: &Place, media: Value) -> (Value, Value) {
    let sent = place.post(json!({ "media": media })).await;
    let shown = place.shows(text(&sent, "/waId"), |shown| shown["media"]["state"] == "here").await;
    assert_eq!(text(&shown, "/id"), text(&sent, "/waId"));
    let done = place.server.delivery(text(&sent, "/id"), &["sent", "delivered", "read"]).await;
    (done, shown)
}

#[tokio::test]
async fn each_kind_of_file_is_shown_as_it_was_wanted() {
    let place = Place::new().await;
    let (sent, shown) = arrives(&place, json!({ "url": png(), "message": "look" })).await;
    let media = &shown["media"];
    assert_eq!(
        (&sent["type"], &media["kind"], &media["mime"]),
        (&json!("image"), &json!("image"), &json!("image/jpeg"))
    );
    assert_eq!((&media["caption"], &media["width"], &media["height"]), (&json!("look"), &json!(4), &json!(2)));
    assert!(media["thumbnail"].is_string(), "{shown:#}");
    assert_eq!(&place.file(text(&sent, "/waId")).await[..3], b"\xFF\xD8\xFF");

    let (sent, shown) = arrives(&place, json!({ "url": uri("video/mp4", CLIP) })).await;
    let media = &shown["media"];
    assert_eq!((&sent["type"], &media["kind"]), (&json!("video"), &json!("video")));
    assert_eq!((&media["width"], &media["seconds"]), (&json!(32), &json!(1)), "{shown:#}");
    assert!(place.file(text(&sent, "/waId")).await == CLIP);
    let (_, shown) = arrives(&place, json!({ "url": uri("video/mp4", CLIP), "format": "gif" })).await;
    assert_eq!(shown["media"]["kind"], "gif", "{shown:#}");

    let (sent, shown) = arrives(&place, json!({ "url": uri("audio/mpeg", MP3) })).await;
    assert_eq!((&sent["type"], &shown["media"]["kind"]), (&json!("audio"), &json!("audio")));
    assert!(place.file(text(&sent, "/waId")).await == MP3, "sound that is no recording goes as it is");
    let (sent, shown) = arrives(&place, json!({ "url": uri("audio/mpeg", MP3), "format": "ptt" })).await;
    let media = &shown["media"];
    assert_eq!((&sent["type"], &media["kind"]), (&json!("voice"), &json!("voice")));
    assert_eq!((&media["mime"], &media["seconds"]), (&json!("audio/ogg; codecs=opus"), &json!(1)));
    let waveform = BASE64_STANDARD.decode(text(media, "/waveform")).expect("base64");
    assert!(waveform.len() == 64 && waveform.iter().any(|bar| *bar > 50), "{waveform:?}");
    let heard = place.file(text(&sent, "/waId")).await;
    assert!(heard.starts_with(b"OggS") && heard.windows(8).any(|at| at == b"OpusHead"), "what an iPhone plays");

    let (sent, shown) = arrives(&place, json!({ "url": png(), "format": "sticker" })).await;
    let media = &shown["media"];
    assert_eq!((&sent["type"], &media["kind"]), (&json!("sticker"), &json!("sticker")));
    assert_eq!((&media["mime"], &media["width"], &media["height"]), (&json!("image/webp"), &json!(512), &json!(512)));

    for (url, format, kind) in [
        (png(), "native", "image"),
        (uri("video/mp4", CLIP), "native", "video"),
        (uri("audio/mpeg", MP3), "ptt", "voice"),
    ] {
        let (_, shown) = arrives(&place, json!({ "url": url, "format": format, "viewOnce": true })).await;
        assert_eq!((&shown["viewOnce"], &shown["media"]["kind"]), (&json!(true), &json!(kind)), "{shown:#}");
    }

    let (sent, shown) =
        arrives(&place, json!({ "url": png(), "kind": "document", "filename": "plan.png", "message": "as it is" }))
            .await;
    let media = &shown["media"];
    assert_eq!((&sent["type"], &media["kind"]), (&json!("document"), &json!("document")));
    assert_eq!((&media["fileName"], &media["caption"]), (&json!("plan.png"), &json!("as it is")), "{shown:#}");
    assert!(place.file(text(&sent, "/waId")).await == BASE64_STANDARD.decode(PNG).expect("a picture"), "untouched");
}

#[tokio::test]
async fn a_file_comes_by_its_address_or_its_id_and_is_taken_in_once() {
    let place = Place::new().await;
    let (asked, methods) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(Vec::new())));
    let (counted, seen) = (asked.clone(), methods.clone());
    let page = move |method: axum::http::Method| {
        counted.fetch_add(1, Ordering::SeqCst);
        seen.lock().expect("a list").push(method.to_string());
        async { ([("content-type", "application/octet-stream")], CLIP) }
    };
    let app = axum::Router::new().route("/clip", axum::routing::any(page));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/clip", listener.local_addr().expect("its address"));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    let (sent, shown) = arrives(&place, json!({ "url": url, "filename": "clip.mp4", "reference": "f-7" })).await;
    assert_eq!((&shown["media"]["kind"], &sent["type"]), (&json!("video"), &json!("video")), "settled by its bytes");
    assert_eq!(*methods.lock().expect("a list"), ["GET"]);
    let kept = place.server.get("/v1/files?reference=f-7&origin=remote").await.ok();
    assert_eq!((&kept[0]["filename"], kept.as_array().map(Vec::len)), (&json!("clip.mp4"), Some(1)));
    assert_eq!(kept[0]["stats"]["deliveries"], 1);

    let (_, shown) = arrives(&place, json!({ "file": kept[0]["id"], "message": "again" })).await;
    assert_eq!((&shown["media"]["kind"], &shown["media"]["caption"]), (&json!("video"), &json!("again")));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(place.server.get("/v1/files?reference=f-7").await.ok()[0]["stats"]["deliveries"], 2);
    let nobody = json!({ "media": { "file": "0123456789abcdef01234567" } });
    place.refuses(nobody, 404, "file:notfound").await;
    // What is no file fails with a reason, and the next message is not held up.
    let bad =
        place.post(json!({ "media": { "url": "data:image/png;base64,bm8gcGljdHVyZQ==", "format": "sticker" } })).await;
    let failed = place.server.delivery(text(&bad, "/id"), &["failed"]).await;
    assert_eq!(failed["failureCode"], "media:invalid_file");
    assert!(text(&failed, "/failureReason").len() > 20);
    place.server.send(&place.device.id, BEN, "after it").await;
    place.ben.receives("after it").await;
}

#[tokio::test]
async fn what_was_sent_from_here_is_handed_out_from_here() {
    let place = Place::new().await;
    let bytes: Vec<u8> = (0..50_000u32).map(|n| u8::try_from(n * 17 % 253).expect("a byte")).collect();
    let document = json!({ "url": uri("application/zip", &bytes), "filename": "data.bin", "kind": "document" });
    let (document, _) = arrives(&place, document).await;
    let (voice, _) = arrives(&place, json!({ "url": uri("audio/mpeg", MP3), "format": "ptt" })).await;
    let heard = place.file(text(&voice, "/waId")).await;
    // Neither WhatsApp nor the phone has them any more, and the number is gone.
    place.ana.control(Method::POST, "/media/expire", None).await.ok();
    place.ana.unlinks_all().await;
    place.server.session(&place.device.id, "authorize").await;
    for (sent, bytes, name) in [(&document, &bytes, "data.bin"), (&voice, &heard, ".ogg")] {
        let list = format!("/v1/chat/{}/files?flow=out&message={}", place.device.id, text(sent, "/waId"));
        let file = place.server.get(&list).await.ok()[0].clone();
        assert_eq!(file["status"], "new", "nobody has asked for it yet: {file:#}");
        let path = format!("/v1/chat/{}/files/{}", place.device.id, text(&file, "/id"));
        let got = place.server.get(&format!("{path}/download")).await;
        assert_eq!(got.status, 200, "{:#}", got.body);
        assert!(got.bytes == *bytes, "the bytes are those that went out");
        assert!(got.headers["content-disposition"].to_str().expect("text").contains(name));
        let file = place.server.get(&path).await.ok();
        assert_eq!((&file["status"], &file["sha2"]), (&json!("available"), &json!(hex::encode(Sha256::digest(bytes)))));
    }
}

#[tokio::test]
async fn a_forwarded_message_is_in_its_chat_what_it_was() {
    let place = Place::new().await;
    let picture = json!({ "kind": "image", "base64": PNG, "mime": "image/png", "caption": "the plan" });
    let body = json!({ "to": ANA, "media": picture });
    let received = place.ben.control(Method::POST, &place.ben.path("/messages"), Some(body)).await.ok();
    let first = text(&received, "/id").to_owned();
    place.chat_message(&first, |message| message["media"]["status"] == "available").await;
    let (sent, shown) = place.arrives(json!({ "forward": { "message": first, "chat": BEN } })).await;
    assert_eq!((&shown["forwarded"], &shown["media"]["caption"]), (&json!(true), &json!("the plan")), "{shown:#}");
    let wa_id = text(&sent, "/waId");
    let message = place.chat_message(wa_id, |_| true).await;
    assert_eq!((&message["type"], &message["body"]), (&json!("image"), &json!("the plan")), "{message:#}");
    assert_eq!(message["meta"]["isForwarded"], true);
    let path = format!("/v1/chat/{}/files/{}/download", place.device.id, text(&message, "/media/id"));
    let got = eventually("the forwarded file", || async {
        let got = place.server.get(&path).await;
        (got.status == 200).then_some(got)
    })
    .await;
    assert!(got.bytes == BASE64_STANDARD.decode(PNG).expect("a picture"));
    let found = place.server.get(&format!("/v1/chat/{}/messages?search=plan&kind=image", place.device.id)).await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(2), "both are found: {found:#}");
}

#[tokio::test]
async fn a_message_that_waits_is_changed_in_the_queue_and_not_in_its_chat() {
    let place = Place::new().await;
    let later = (crate::support::now() + jiff::SignedDuration::from_hours(1)).to_string();
    let sent = place.post(json!({ "message": "draft", "deliverAt": later })).await;
    let path = format!("/v1/chat/{}/messages/{}", place.device.id, text(&sent, "/waId"));
    for refusal in [
        place.server.patch(&path, json!({ "message": "final" })).await,
        place.server.delete(&format!("{path}?revoke=true")).await,
    ] {
        let refusal = refusal.refused(409, "message:not_sent");
        assert_eq!((&refusal["meta"]["message"], &refusal["meta"]["status"]), (&sent["id"], &json!("queued")));
        assert!(text(&refusal, "/hint").contains("/v1/messages/{id}"));
    }
    let now = crate::support::now().to_string();
    let queued = format!("/v1/messages/{}", text(&sent, "/id"));
    place.server.patch(&queued, json!({ "message": "final", "deliverAt": now })).await.ok();
    place.ben.receives("final").await;
    place.server.delivery(text(&sent, "/id"), &["delivered", "read"]).await;
    place.server.patch(&path, json!({ "message": "better" })).await.ok();
    place.shows(text(&sent, "/waId"), |shown| shown["text"] == "better").await;
}
