//! Faults of the media host, each with a client living through it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use whatsapp_rust::UploadOptions;
use whatsapp_rust::features::MediaReuploadRequest;
use whatsapp_rust::media::{DocumentOptions, document_message};
use whatsapp_rust::wacore::download::MediaType;
use whatsapp_rust::wacore::media_retry::MediaRetryResult;

use crate::media::{base64, bytes, downloaded, kept, sends};
use crate::support::{ALICE, Companion, OWN, Place, jid};

/// How much longer a slow transfer takes.
const SLOW: Duration = Duration::from_millis(600);

/// The client sends a document; it has arrived when Alice can open it.
async fn document_arrives(place: &Place, companion: &Companion, content: Vec<u8>) {
    let upload = companion.client.upload(content.clone(), MediaType::Document, UploadOptions::new()).await.unwrap();
    let message = document_message(upload, DocumentOptions::default());
    let sent = companion.client.send_message(&jid(ALICE), message).await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    assert!(kept(place, ALICE, &sent.message_id).await.2 == content, "the same bytes");
}

#[tokio::test]
async fn a_file_is_sent_in_spite_of_uploads_that_fail() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    for (at, fault) in [
        json!({"kind": "fail_uploads", "phone": OWN}),
        json!({"kind": "fail_uploads", "phone": OWN, "code": 507}),
        // An upload that is not allowed any more makes the client ask for another token.
        json!({"kind": "fail_uploads", "phone": OWN, "code": 401}),
        json!({"kind": "cut_uploads", "phone": OWN}),
        json!({"kind": "slow_uploads", "phone": OWN, "ms": SLOW.as_millis()}),
    ]
    .into_iter()
    .enumerate()
    {
        let slow = fault["kind"] == "slow_uploads";
        let fault = place.fault(fault).await;
        let began = Instant::now();
        document_arrives(&place, &companion, bytes(50_000 + at)).await;
        assert!(!slow || began.elapsed() >= SLOW, "it was not slow");
        assert_eq!(place.struck(&fault).await, 1);
    }
}

#[tokio::test]
async fn a_large_upload_that_was_cut_goes_on_where_it_was() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    // Above 5 MiB the client asks how much is there.
    let fault = place.fault(json!({"kind": "cut_uploads", "phone": OWN})).await;
    document_arrives(&place, &companion, bytes(6 << 20)).await;
    assert_eq!(place.struck(&fault).await, 1);
}

#[tokio::test]
async fn a_file_is_received_in_spite_of_downloads_that_fail() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    for (at, fault) in [
        json!({"kind": "fail_downloads"}),
        json!({"kind": "fail_downloads", "code": 404}),
        json!({"kind": "cut_downloads"}),
        json!({"kind": "damage_downloads"}),
        json!({"kind": "slow_downloads", "ms": SLOW.as_millis()}),
    ]
    .into_iter()
    .enumerate()
    {
        let slow = fault["kind"] == "slow_downloads";
        let content = bytes(200_000 + at);
        let id = sends(&place, json!({"kind": "image", "base64": base64(&content)})).await;
        let message = companion.message(&id).await;
        let fault = place.fault(fault).await;
        let began = Instant::now();
        assert!(downloaded(&companion, &message).await == content, "the same bytes");
        assert!(!slow || began.elapsed() >= SLOW, "it was not slow");
        assert_eq!(place.struck(&fault).await, 1);
    }
}

#[tokio::test]
async fn a_file_that_is_gone_for_all_hosts_comes_from_the_phone_again() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let content = bytes(5_000);
    let id = sends(&place, json!({"kind": "image", "base64": base64(&content)})).await;
    let message = companion.message(&id).await;
    assert_eq!(kept(&place, OWN, &id).await.2, content, "phones are not struck");
    let mut image = message.message.image_message.as_option().unwrap().clone();

    let gone = place.fault(json!({"kind": "fail_downloads", "code": 410, "count": 0})).await;
    assert!(companion.client.download(&image).await.is_err());
    assert!(place.struck(&gone).await >= 2, "it has tried both hosts");
    place.request("DELETE", &format!("/faults/{}", gone["id"]), None).await;
    let request = MediaReuploadRequest {
        msg_id: &id,
        chat_jid: &message.info.source.chat,
        media_key: &image.media_key.clone().unwrap(),
        is_from_me: false,
        participant: None,
    };
    let answer = companion.client.media_reupload().request(&request).await.unwrap();
    let MediaRetryResult::Success { direct_path } = answer else { panic!("{answer:?}") };
    image.direct_path = Some(direct_path);
    assert_eq!(companion.client.download(&image).await.unwrap(), content);
}

#[tokio::test]
async fn faults_of_the_media_host_say_what_is_wrong_with_them() {
    let place = Place::new().await;
    for (body, says) in [
        (json!({"kind": "slow_uploads"}), "needs ms"),
        (json!({"kind": "fail_uploads", "code": 200}), "from 400 to 599"),
        (json!({"kind": "cut_downloads", "phone": OWN}), "does not say who fetches"),
    ] {
        let (status, answer): (u16, Value) = place.request("POST", "/faults", Some(body.clone())).await;
        assert_eq!(status, 422, "{body}");
        assert!(answer["message"].as_str().unwrap().contains(says), "{answer}");
    }
}
