//! Files between a client and people's phones.

use serde_json::{Value, json};
use whatsapp_rust::UploadOptions;
use whatsapp_rust::features::MediaReuploadRequest;
use whatsapp_rust::media::{
    AudioOptions, DocumentOptions, ImageOptions, audio_message, document_message, image_message,
};
use whatsapp_rust::types::events::{Event, InboundMessage, UnavailableType};
use whatsapp_rust::wacore::download::{Downloadable, MediaType};
use whatsapp_rust::wacore::media_retry::MediaRetryResult;

use crate::support::{ALICE, Companion, OWN, Place, jid};

/// Bytes that no compression makes small and no accident makes equal.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..count).map(next).collect()
}

/// The file of a message as a phone has it: its type and content.
pub(crate) async fn kept(place: &Place, phone: &str, id: &str) -> (u16, String, Vec<u8>) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/phones/{phone}/messages/{id}/media", place.sandbox.control_url());
    let answer = client.get(url).send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.bytes().await.unwrap().to_vec())
}

/// A person sends a file; the message id.
pub(crate) async fn sends(place: &Place, media: Value) -> String {
    let sent = place.post(&format!("/phones/{ALICE}/messages"), json!({"to": OWN, "media": media})).await;
    sent["id"].as_str().unwrap().to_owned()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.encode(bytes)
}

#[tokio::test]
async fn what_a_client_uploads_is_seen_on_the_phone_and_on_the_own_one() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let client = &companion.client;
    let picture = bytes(70_001);
    let upload = client.upload(picture.clone(), MediaType::Image, UploadOptions::new()).await.unwrap();
    let options = ImageOptions { caption: Some("look".to_owned()), ..ImageOptions::default() };
    let sent = client.send_message(&jid(ALICE), image_message(upload, options)).await.unwrap();
    for phone in [ALICE, OWN] {
        let shown = place.sees(phone, &sent.message_id).await;
        assert_eq!((&shown["kind"], &shown["text"]), (&json!("image"), &json!("look")));
        assert_eq!((&shown["media"]["kind"], &shown["media"]["bytes"]), (&json!("image"), &json!(70_001)));
        assert_eq!(kept(&place, phone, &sent.message_id).await, (200, "image/jpeg".to_owned(), picture.clone()));
    }
    let voice = bytes(3_000);
    let upload = client.upload(voice.clone(), MediaType::Audio, UploadOptions::new()).await.unwrap();
    let options = AudioOptions {
        ptt: Some(true),
        duration_seconds: Some(2),
        waveform: Some(vec![50; 64]),
        ..AudioOptions::default()
    };
    let sent = client.send_message(&jid(ALICE), audio_message(upload, options)).await.unwrap();
    let shown = place.sees(ALICE, &sent.message_id).await;
    let media = &shown["media"];
    assert_eq!((&media["kind"], &media["seconds"]), (&json!("voice"), &json!(2)));
    assert_eq!(media["waveform"], base64(&[50; 64]));
    assert_eq!(kept(&place, ALICE, &sent.message_id).await.2, voice);
}

#[tokio::test]
async fn a_large_document_goes_up_once_and_a_second_time_without_its_bytes() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let client = &companion.client;
    // Above 5 MiB the client asks first what is there already.
    let content = bytes(6 << 20);
    let key = UploadOptions::new().with_media_key([5; 32]);
    let first = client.upload(content.clone(), MediaType::Document, key.clone()).await.unwrap();
    let second = client.upload(content.clone(), MediaType::Document, key).await.unwrap();
    assert_eq!(first.file_enc_sha256, second.file_enc_sha256);
    let options = DocumentOptions { file_name: Some("large.bin".to_owned()), ..DocumentOptions::default() };
    let sent = client.send_message(&jid(ALICE), document_message(second, options)).await.unwrap();
    let shown = place.sees(ALICE, &sent.message_id).await;
    assert_eq!(shown["media"]["fileName"], "large.bin");
    assert!(kept(&place, ALICE, &sent.message_id).await.2 == content, "the same bytes");
    let taken = place.post("/media/expire", json!({})).await;
    assert_eq!(taken["files"], 1, "kept once");
}

/// What a client makes of a message's file.
pub(crate) async fn downloaded(companion: &Companion, message: &InboundMessage) -> Vec<u8> {
    let body = &message.message;
    let file: &dyn Downloadable = if let Some(image) = body.image_message.as_option() {
        image
    } else if let Some(video) = body.video_message.as_option() {
        video
    } else if let Some(audio) = body.audio_message.as_option() {
        audio
    } else if let Some(sticker) = body.sticker_message.as_option() {
        sticker
    } else {
        body.document_message.as_option().unwrap()
    };
    companion.client.download(file).await.unwrap()
}

#[tokio::test]
async fn what_a_person_sends_a_client_can_open() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    for (at, kind) in ["image", "video", "gif", "audio", "voice", "document", "sticker"].into_iter().enumerate() {
        let content = bytes(20_000 + at);
        let id = sends(&place, json!({"kind": kind, "base64": base64(&content), "fileName": "f", "seconds": 3})).await;
        let message = companion.message(&id).await;
        assert_eq!(downloaded(&companion, &message).await, content, "{kind}");
        assert_eq!(place.sees(ALICE, &id).await["media"]["kind"], kind);
    }
    // One too large for JSON.
    let content = bytes(9 << 20);
    let uploaded = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("{}/uploads", place.sandbox.control_url()))
        .body(content.clone())
        .send()
        .await
        .unwrap();
    let uploaded: Value = uploaded.json().await.unwrap();
    let id = sends(&place, json!({"kind": "document", "upload": uploaded["upload"]})).await;
    let message = companion.message(&id).await;
    assert!(downloaded(&companion, &message).await == content, "the same bytes");
}

#[tokio::test]
async fn a_file_that_has_expired_is_asked_for_again() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let content = bytes(5_000);
    let id = sends(&place, json!({"kind": "image", "base64": base64(&content)})).await;
    let message = companion.message(&id).await;
    // The own phone has it, which is whom the client asks.
    assert_eq!(kept(&place, OWN, &id).await.2, content);
    place.post("/media/expire", json!({})).await;
    let mut image = message.message.image_message.as_option().unwrap().clone();
    assert!(companion.client.download(&image).await.is_err(), "its address has ended");
    let key = image.media_key.clone().unwrap();
    let request = |msg_id| MediaReuploadRequest {
        msg_id,
        chat_jid: &message.info.source.chat,
        media_key: &key,
        is_from_me: false,
        participant: None,
    };
    let answer = companion.client.media_reupload().request(&request(&id)).await.unwrap();
    let MediaRetryResult::Success { direct_path } = answer else { panic!("{answer:?}") };
    image.direct_path = Some(direct_path);
    assert_eq!(companion.client.download(&image).await.unwrap(), content);
    place.post("/media/expire", json!({})).await;
    let asked = [request("3EB0NEVER"), request(&id)];
    let answers = companion.client.media_reupload().request_many(&asked).await;
    assert!(matches!(answers[0], Ok(MediaRetryResult::NotFound)), "{answers:?}");
    assert!(matches!(answers[1], Ok(MediaRetryResult::Success { .. })), "{answers:?}");
}

#[tokio::test]
async fn what_is_viewed_once_is_announced_to_the_client_and_shown_on_the_phone() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let content = bytes(4_000);
    let id = sends(&place, json!({"kind": "image", "base64": base64(&content), "viewOnce": true})).await;
    let kind = companion
        .events
        .take("that there is something to see on the phone", |event| match event {
            Event::UndecryptableMessage(message) => {
                (message.info.id == id && message.is_unavailable).then_some(message.unavailable_type)
            }
            _ => None,
        })
        .await;
    assert_eq!(kind.as_str(), UnavailableType::ViewOnce.as_str());
    let shown = place.sees(OWN, &id).await;
    assert_eq!((&shown["kind"], &shown["viewOnce"]), (&json!("view_once_image"), &json!(true)));
    assert_eq!(kept(&place, OWN, &id).await.2, content);
}

#[tokio::test]
async fn a_client_that_lacks_a_message_gets_it_from_its_phone() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let id = place.writes(ALICE, OWN, "hello").await;
    let message = companion.message(&id).await;
    place.sees(OWN, &id).await;
    companion.client.send_pdo_placeholder_resend_request(&message.info).await.unwrap();
    let again = companion.message(&id).await;
    assert_eq!(again.message.conversation.as_deref(), Some("hello"));
    assert!(again.info.unavailable_request_id.is_some());
}
