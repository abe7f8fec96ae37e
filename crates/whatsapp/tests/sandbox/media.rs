//! Files, both ways.

use bytes::Bytes;
use serde_json::{Value, json};
use sparkbot_network::{Content, Media, MediaKind, NetworkError, Outgoing, ReceivedContent, Target};

use crate::place::{ALICE, Number, OWN, Place, wid};

const LIMIT: u64 = 64 << 20;

/// A file of `kind` whose content depends on `seed` only.
fn media(place: &Place, kind: MediaKind, seed: u8) -> (Media, Vec<u8>) {
    let content: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 ^ seed).collect();
    let path = place.folder.0.join(format!("file-{seed}"));
    std::fs::write(&path, &content).expect("a file");
    let mime = match kind {
        MediaKind::Image => "image/jpeg",
        MediaKind::Video | MediaKind::Gif | MediaKind::VideoNote => "video/mp4",
        MediaKind::Audio => "audio/mpeg",
        MediaKind::Voice => "audio/ogg; codecs=opus",
        MediaKind::Document => "application/pdf",
        MediaKind::Sticker => "image/webp",
    };
    let media = Media {
        kind,
        path,
        size: content.len() as u64,
        mime: mime.to_owned(),
        file_name: (kind == MediaKind::Document).then(|| "report.pdf".to_owned()),
        caption: matches!(kind, MediaKind::Image | MediaKind::Document).then(|| "look".to_owned()),
        width: Some(640),
        height: Some(480),
        seconds: Some(7),
        pages: (kind == MediaKind::Document).then_some(3),
        thumbnail: Some(Bytes::from_static(b"a small jpeg")),
        waveform: (kind == MediaKind::Voice).then(|| Bytes::from(vec![50; 64])),
        animated: kind == MediaKind::Sticker,
        view_once: false,
    };
    (media, content)
}

async fn send(number: &Number, id: &str, media: Media) {
    number.link.send(Outgoing::new(id, wid(ALICE), Content::Media(Box::new(media)))).await.expect("sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_file_is_shown_as_what_it_is() {
    let place = Place::new().await;
    let number = place.linked().await;
    let kinds = [
        (MediaKind::Image, "image_message"),
        (MediaKind::Video, "video_message"),
        (MediaKind::Gif, "video_message"),
        (MediaKind::VideoNote, "ptv_message"),
        (MediaKind::Audio, "audio_message"),
        (MediaKind::Voice, "audio_message"),
        (MediaKind::Document, "document_with_caption_message"),
        (MediaKind::Sticker, "sticker_message"),
    ];
    for (n, (kind, field)) in (0_u8..).zip(kinds) {
        let id = format!("3EB000000000700{n}");
        let (media, content) = media(&place, kind, n);
        send(&number, &id, media.clone()).await;
        let raw = place.raw(ALICE, &id).await;
        let mut part = &raw[field];
        if kind == MediaKind::Document {
            part = &part["message"]["document_message"];
            assert_eq!((&part["file_name"], &part["page_count"]), (&json!("report.pdf"), &json!(3)), "{part:#}");
        }
        assert_eq!(part["mimetype"], media.mime.as_str(), "{raw:#}");
        assert_eq!(part["caption"].as_str(), media.caption.as_deref());
        assert_eq!(part["gif_playback"].as_bool(), (kind == MediaKind::Gif).then_some(true));
        match kind {
            MediaKind::Voice => {
                assert_eq!((&part["ptt"], &part["seconds"]), (&Value::Bool(true), &json!(7)));
                assert!(part["waveform"].is_string());
            }
            MediaKind::Audio => assert_eq!(part["ptt"], false),
            MediaKind::Sticker => assert_eq!(part["is_animated"], true),
            MediaKind::Document => {}
            _ => assert_eq!((&part["width"], &part["height"]), (&json!(640), &json!(480))),
        }
        assert!(place.file(ALICE, &id).await == content, "{kind:?}");
    }
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opens_once_says_so() {
    let place = Place::new().await;
    let number = place.linked().await;
    let cases = [
        (MediaKind::Image, "view_once_message_v2", "image_message"),
        (MediaKind::Video, "view_once_message_v2", "video_message"),
        (MediaKind::Voice, "view_once_message_v2_extension", "audio_message"),
    ];
    for (n, (kind, wrapper, field)) in (0_u8..).zip(cases) {
        let id = format!("3EB000000000710{n}");
        let (file, content) = media(&place, kind, n);
        send(&number, &id, Media { view_once: true, ..file }).await;
        let raw = place.raw(ALICE, &id).await;
        assert_eq!(raw[wrapper]["message"][field]["view_once"], true, "{raw:#}");
        assert!(place.file(ALICE, &id).await == content);
    }
    let (file, _) = media(&place, MediaKind::Document, 9);
    let refused = number
        .link
        .send(Outgoing::new(
            "3EB0000000007109",
            wid(ALICE),
            Content::Media(Box::new(Media { view_once: true, ..file })),
        ))
        .await;
    assert!(matches!(refused, Err(NetworkError::Invalid(_))), "{refused:?}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_received_file_is_described_and_fetched() {
    let place = Place::new().await;
    let number = place.linked().await;
    let kinds = [
        ("image", "image", MediaKind::Image),
        ("video", "video", MediaKind::Video),
        ("gif", "video", MediaKind::Gif),
        ("videoNote", "video", MediaKind::VideoNote),
        ("audio", "audio", MediaKind::Audio),
        ("voice", "audio", MediaKind::Voice),
        ("document", "document", MediaKind::Document),
        ("sticker", "sticker", MediaKind::Sticker),
    ];
    for (n, (sent_as, kind, media_kind)) in (0_u8..).zip(kinds) {
        let content = vec![n; 70_001];
        let mut said = json!({"mime": "x/y"});
        if media_kind == MediaKind::Document {
            said = json!({"mime": "x/y", "fileName": "notes.txt", "caption": "read", "pages": 2});
        }
        let id = place.sends_file(ALICE, sent_as, content.clone(), said).await;
        let message = number.recorder.message(sent_as, |message| message.id == id).await;
        let ReceivedContent::Media(info) = &message.content else { panic!("{message:?}") };
        assert_eq!((message.kind.as_str(), info.kind), (kind, media_kind));
        assert_eq!((info.mime.as_deref(), info.size), (Some("x/y"), Some(content.len() as u64)));
        if media_kind == MediaKind::Document {
            assert_eq!((info.file_name.as_deref(), info.pages), (Some("notes.txt"), Some(2)));
            assert_eq!(message.body.as_deref(), Some("read"));
        }
        let target = Target { id: id.clone(), chat: wid(ALICE), author: wid(ALICE), from_me: false };
        let into = place.folder.0.join("into");
        number.link.download(&target, &message.raw, &into, LIMIT).await.expect("fetched");
        assert!(std::fs::read(&into).expect("the file") == content, "{sent_as}");
    }
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_held_to_its_limit_and_to_its_hash() {
    let place = Place::new().await;
    let number = place.linked().await;
    let content = vec![3; 200_000];
    let id = place.sends_file(ALICE, "document", content.clone(), json!({})).await;
    let message = number.recorder.message("a file", |message| message.id == id).await;
    let target = Target { id, chat: wid(ALICE), author: wid(ALICE), from_me: false };
    let into = place.folder.0.join("into");
    let fetch = |raw: Vec<u8>, limit| {
        let (link, target, into) = (number.link.clone(), target.clone(), into.clone());
        async move { link.download(&target, &raw, &into, limit).await }
    };
    let refused = fetch(message.raw.to_vec(), 1000).await;
    assert!(matches!(refused, Err(NetworkError::TooLarge { size: 200_000, limit: 1000 })), "{refused:?}");
    std::fs::write(&into, vec![7; 300_000]).expect("something longer is there");
    fetch(message.raw.to_vec(), LIMIT).await.expect("fetched");
    assert!(std::fs::read(&into).expect("the file") == content);

    let changed = |change: fn(&mut waproto::whatsapp::message::DocumentMessage)| {
        let mut lying = waproto::codec::message_decode(&message.raw).expect("a message");
        change(lying.document_message.as_option_mut().expect("a document"));
        waproto::codec::message_to_vec(&lying)
    };
    // A file whose sender lies about its size is held to the limit all the same.
    let refused = fetch(changed(|document| document.file_length = Some(10)), 1000).await;
    assert!(matches!(refused, Err(NetworkError::TooLarge { limit: 1000, .. })), "{refused:?}");
    assert!(!into.exists(), "nothing half-fetched stays");
    // Nor is one believed whose hash is another.
    let refused = fetch(changed(|document| document.file_sha256 = Some(vec![1; 32])), LIMIT).await;
    assert!(matches!(refused, Err(NetworkError::Gone(_))), "{refused:?}");
    assert!(!into.exists());
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_file_is_asked_for_on_the_phone() {
    let place = Place::new().await;
    let number = place.linked().await;
    let content = vec![4; 50_000];
    let id = place.sends_file(ALICE, "image", content.clone(), json!({})).await;
    let message = number.recorder.message("a file", |message| message.id == id).await;
    // The own phone has it before WhatsApp forgets it.
    assert!(place.file(OWN, &id).await == content);
    place.post("/media/expire", json!({})).await.expect("expired");
    let target = Target { id, chat: wid(ALICE), author: wid(ALICE), from_me: false };
    let into = place.folder.0.join("into");
    number.link.download(&target, &message.raw, &into, LIMIT).await.expect("uploaded again and fetched");
    assert!(std::fs::read(&into).expect("the file") == content);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_is_not_sent() {
    let place = Place::new().await;
    let number = place.linked().await;
    let (file, _) = media(&place, MediaKind::Image, 1);
    std::fs::remove_file(&file.path).expect("removed");
    let content = Content::Media(Box::new(file));
    let failed = number.link.send(Outgoing::new("3EB0000000007300", wid(ALICE), content)).await;
    assert!(matches!(failed, Err(NetworkError::State(_))), "{failed:?}");
    assert!(place.shown(ALICE).await.is_empty());
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_phone_alone_may_open_is_told_of() {
    let place = Place::new().await;
    let number = place.linked().await;
    let id = place.sends_file(ALICE, "image", vec![6; 1000], json!({"viewOnce": true})).await;
    let message = number.recorder.message("its note", |message| message.id == id).await;
    assert_eq!((message.kind.as_str(), &message.chat, &message.author), ("view_once", &wid(ALICE), &wid(ALICE)));
    assert!(message.flags.view_once && matches!(message.content, ReceivedContent::Unknown), "{message:?}");
    number.link.close().await;
}
