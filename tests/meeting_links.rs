//! Links to calls: made by WhatsApp, listed and forgotten here.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Phone, Server, text};

const ANA: &str = "+16001234560";

/// What WhatsApp has made for a phone's account: address by address.
async fn made(phone: &Phone) -> Vec<String> {
    let links = phone.control(Method::GET, &format!("/phones/{}/call-links", phone.number), None).await.ok();
    links["links"].as_array().expect("links").iter().map(|link| text(link, "/url").to_owned()).collect()
}

#[tokio::test]
async fn links_are_made_found_and_forgotten() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let device = server.linked("Support", &ana).await;
    let path = format!("/v1/devices/{}/meeting-links", device.id);
    let make = |body: Value| server.post(&path, body);
    let found = async |query: &str| -> Vec<String> {
        let list = server.get(&format!("{path}?{query}")).await.ok();
        list.as_array().expect("a list").iter().map(|link| text(link, "/id").to_owned()).collect()
    };
    let delete = |body: Option<Value>| server.call(Method::DELETE, &path, body);

    let voice = make(json!({"kind": "voice", "message": "Monday's round", "expiration": "1h"})).await.ok();
    let video = make(json!({"kind": "video"})).await.ok();
    let third = make(json!({"kind": "video", "message": "Interview", "expiration": "7d"})).await.ok();
    let urls = [&voice, &video, &third].map(|link| text(link, "/url").to_owned());
    assert!(urls[0].starts_with("https://call.whatsapp.com/voice/"), "{}", urls[0]);
    assert!(urls[1].starts_with("https://call.whatsapp.com/video/"), "{}", urls[1]);
    let mut there = made(&ana).await;
    there.sort();
    let mut wanted = urls.to_vec();
    wanted.sort();
    assert_eq!(there, wanted, "as WhatsApp knows them");
    assert_eq!((&voice["message"], &video["message"]), (&json!("Monday's round"), &Value::Null));

    let id = |link: &Value| text(link, "/id").to_owned();
    let (a, b, c) = (id(&voice), id(&video), id(&third));
    let soon = text(&third, "/expiresAt").to_owned();
    let first = text(&voice, "/createdAt").to_owned();
    for (query, wanted) in [
        ("".to_owned(), vec![&c, &b, &a]),
        ("size=1&page=1".to_owned(), vec![&b]),
        ("kind=voice".to_owned(), vec![&a]),
        ("kind[]=voice&kind[]=video".to_owned(), vec![&c, &b, &a]),
        ("search=round".to_owned(), vec![&a]),
        (format!("search={}", text(&video, "/token")), vec![&b]),
        (format!("expiresBefore={soon}"), vec![&a]),
        (format!("expiresAfter={soon}"), vec![&b]),
        (format!("before={first}"), vec![]),
        (format!("after={first}"), vec![&c, &b]),
    ] {
        assert_eq!(found(&query).await.iter().collect::<Vec<_>>(), wanted, "{query}");
    }

    assert_eq!(delete(Some(json!({"ids": []}))).await.ok()["deleted"], 0, "no ids are no links");
    assert_eq!(delete(Some(json!({"urls": [urls[1]]}))).await.ok()["deleted"], 1);
    assert_eq!(delete(Some(json!({"expiresBefore": soon}))).await.ok()["deleted"], 1);
    assert_eq!(found("").await, std::slice::from_ref(&c));
    let (_, first) = (make(json!({"kind": "voice", "expiration": "30d"})).await.ok(), text(&third, "/createdAt"));
    assert_eq!(delete(Some(json!({"createdAfter": first, "expiresAfter": soon}))).await.ok()["deleted"], 1);
    assert_eq!(delete(Some(json!({"ids": [c], "createdBefore": first}))).await.ok()["deleted"], 0, "all that is given");
    make(json!({"kind": "voice"})).await.ok();
    assert_eq!(delete(None).await.ok()["deleted"], 2, "no condition means all");
    assert_eq!(found("").await, Vec::<String>::new());
    assert_eq!(made(&ana).await.len(), 5, "WhatsApp can't take a link back");

    make(json!({"kind": "film"})).await.refused(400, "body:invalid");
    make(json!({"kind": "voice", "expiration": "3h"})).await.refused(400, "body:invalid");
    make(json!({"kind": "voice", "message": "x".repeat(1001)})).await.refused(400, "meeting:message");
    server.post(&format!("/v1/devices/{}/reboot", device.id), json!({})).await;
    let away = server.device("Nobody").await;
    server
        .post(&format!("/v1/devices/{away}/meeting-links"), json!({"kind": "voice"}))
        .await
        .refused(503, "session:offline");
}
