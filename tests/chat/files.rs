//! Files that come with messages are fetched by themselves and handed out.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{ANA, BEN, BEN_ID, says};
use crate::support::{Server, eventually};

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

async fn available(server: &Server, device: &str, message: &str) -> Value {
    eventually("the file to be here", || async {
        let found = server.get(&format!("/v1/chat/{device}/files?message={message}")).await.ok();
        found[0].get("status").is_some_and(|status| status == "available").then(|| found[0].clone())
    })
    .await
}

#[tokio::test]
async fn a_received_file_can_be_downloaded() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new", "message:update"]).await;
    let device = server.linked("Support", &ana).await;
    let bytes: Vec<u8> = (0..70_000u32).map(|n| u8::try_from(n * 31 % 251).expect("a byte")).collect();
    let media = json!({ "kind": "document", "base64": base64(&bytes), "mime": "application/pdf", "fileName": "Invoice 7.pdf",
        "caption": "as promised" });
    let id = says(&ben, json!({ "to": ANA, "media": media })).await;
    let event = receiver.event("the document", |e| e["id"] == id.as_str()).await;
    assert_eq!((&event["data"]["type"], &event["data"]["body"]), (&json!("document"), &json!("as promised")));
    assert_eq!(event["data"]["media"]["filename"], "Invoice 7.pdf");
    assert_eq!(event["data"]["media"]["size"], 70_000);
    let update = receiver.event("the file", |e| e["data"]["update"]["type"] == "media").await;
    assert_eq!(update["data"]["media"]["status"], "available");

    let file = available(&server, &device.id, &id).await;
    assert_eq!((&file["type"], &file["flow"], &file["chat"]), (&json!("document"), &json!("in"), &json!(BEN_ID)));
    assert_eq!(file["sha2"], hex::encode(Sha256::digest(&bytes)));
    let path = format!("/v1/chat/{}/files/{}", device.id, file["id"].as_str().expect("its id"));
    let got = server.get(&format!("{path}/download")).await;
    assert_eq!(got.status, 200);
    assert!(got.bytes == bytes, "the bytes are those that Ben has sent");
    assert_eq!(got.headers["content-type"], "application/pdf");
    assert!(got.headers["content-disposition"].to_str().expect("text").contains("Invoice 7.pdf"));
    let part = server
        .request(Method::GET, &format!("{path}/download"))
        .header("Token", &server.key)
        .header("Range", "bytes=10-19");
    let part = server.answer(part).await;
    assert_eq!((part.status, &part.bytes[..]), (206, &bytes[10..20]));

    let link = server.get(&path).await.ok();
    let link = link["links"]["download"]["url"].as_str().expect("a link").to_owned();
    let without_key = server.answer(server.request(Method::GET, &link)).await;
    assert_eq!(without_key.status, 200, "the link works without a key: {:#}", without_key.body);
    assert!(without_key.bytes == bytes);
    let forged = server.answer(server.request(Method::GET, &format!("{path}/download?token=AAAA"))).await;
    forged.refused(401, "auth:token");
    assert!(server.get(&path).await.ok()["stats"]["downloads"].as_u64().is_some_and(|n| n >= 2));
}

#[tokio::test]
async fn files_are_found_by_every_filter() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let send = async |media: Value| says(&ben, json!({ "to": ANA, "media": media })).await;
    let image =
        send(json!({ "kind": "image", "base64": base64(&[0xFF; 300]), "mime": "image/jpeg", "caption": "The cat",
        "width": 40, "height": 20, "thumbnail": base64(&[0xFF, 0xD8, 1, 2]) }))
        .await;
    let voice =
        send(json!({ "kind": "voice", "base64": base64(&[7; 200]), "mime": "audio/ogg; codecs=opus", "seconds": 3 }))
            .await;
    let gif = send(json!({ "kind": "gif", "base64": base64(&[8; 100]), "mime": "video/mp4" })).await;
    for id in [&image, &voice, &gif] {
        available(&server, &device.id, id).await;
    }
    let names = [(image.as_str(), 'i'), (voice.as_str(), 'v'), (gif.as_str(), 'g')];
    for (query, wanted) in [
        ("sort=size:asc", "gvi"),
        ("sort=size:desc", "ivg"),
        ("sort=size:asc&type=image,ptt", "vi"),
        ("type=video", "g"),
        ("type=audio,document,sticker", ""),
        ("search=cat", "i"),
        ("search=opus", "v"),
        ("sort=size:asc&chat=%2B16001234561&flow=in", "gvi"),
        ("chat=16001234569@c.us", ""),
        ("flow=out", ""),
        ("sort=size:asc&size=1&page=1", "v"),
        ("after=2100-01-01T00:00:00Z", ""),
        ("before=2001-01-01T00:00:00Z", ""),
    ] {
        let found = server.get(&format!("/v1/chat/{}/files?{query}", device.id)).await.ok();
        let shown: String = found
            .as_array()
            .expect("a bare list")
            .iter()
            .map(|f| names.iter().find(|(id, _)| f["message"] == *id).map_or('?', |(_, name)| *name))
            .collect();
        assert_eq!(shown, wanted, "{query}");
    }
    let file = &server.get(&format!("/v1/chat/{}/files?message={image}", device.id)).await.ok()[0];
    assert_eq!((&file["meta"]["width"], &file["meta"]["aspectRatio"]), (&json!(40), &json!(2.0)));
    assert_eq!((&file["preview"]["mime"], &file["extension"]), (&json!("image/jpeg"), &json!("jpg")));
    let by_id = format!("/v1/chat/{}/files?ids={}", device.id, file["id"].as_str().expect("its id"));
    assert_eq!(server.get(&by_id).await.ok().as_array().map(Vec::len), Some(1));
    let shown = server.get(&format!("/v1/chat/{}/messages?kind=voice", device.id)).await.ok();
    assert_eq!((&shown[0]["type"], &shown[0]["subtype"]), (&json!("audio"), &json!("voice")));
    assert_eq!((&shown[0]["media"]["format"], &shown[0]["media"]["meta"]["duration"]), (&json!("ptt"), &json!(3)));
    server.get(&format!("/v1/chat/{}/files/000000000000000000000000", device.id)).await.refused(404, "file:notfound");
}
