//! Messages are found again by every filter there is.

use serde_json::{Value, json};

use super::{ANA, BEN, says_to};
use crate::support::Server;

#[tokio::test]
async fn messages_are_found_by_every_filter() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let cleo = server.phone("+16001234562", "Cleo").await;
    let receiver = server.receiver(&["message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let first = ben.send(ANA, "Apples and Pears 100%").await;
    receiver.gets("message:in:new", "Apples and Pears 100%").await;
    let second = cleo.send(ANA, "Äpfel 👍").await;
    receiver.gets("message:in:new", "Äpfel 👍").await;
    let place =
        says_to(&ben, ANA, json!({ "location": { "latitude": 1.5, "longitude": 2.5, "name": "Harbour" } })).await;
    receiver.event("the place", |e| e["id"] == place.as_str()).await;
    let body = json!({ "device": device.id, "phone": BEN, "message": "Plums", "reference": "p-1" });
    let sent = server.post("/v1/messages", body).await.ok();
    let plums = sent["waId"].as_str().expect("its id").to_owned();
    server.delivery(sent["id"].as_str().expect("id"), &["delivered"]).await;

    let list = |query: String| {
        let (server, device) = (&server, &device);
        async move {
            let answer = server.get(&format!("/v1/chat/{}/messages?{query}", device.id)).await;
            let total =
                answer.headers.get("x-total-count").and_then(|total| total.to_str().ok()?.parse::<usize>().ok());
            (answer.ok(), total)
        }
    };
    let names = [(first.as_str(), 'a'), (second.as_str(), 'b'), (place.as_str(), 'c'), (plums.as_str(), 'd')];
    for (query, wanted) in [
        ("sort=date:asc", "abcd"),
        ("sort=date:desc", "dcba"),
        ("sort=date:asc&flow=inbound", "abc"),
        ("sort=date:asc&flow=outbound", "d"),
        ("ack=delivered&flow=outbound", "d"),
        ("ack=failed", ""),
        ("search=apple", "a"),
        ("search=PEAR%20app", "a"),
        ("search=%C3%84pf", "b"),
        ("search=%F0%9F%91%8D", "b"),
        ("search=%25", "a"),
        ("search=harb", "c"),
        ("search=pples", ""),
        ("sort=date:asc&chat=%2B16001234561", "acd"),
        ("chat=16001234562@c.us", "b"),
        ("from=16001234562@c.us", "b"),
        ("sort=date:asc&from=%2B16001234561", "ac"),
        ("from=16001234560@c.us", "d"),
        ("to=16001234561@c.us", "d"),
        ("sort=date:asc&to=16001234560@c.us", "abc"),
        ("sort=date:asc&type=chat", "abcd"),
        ("type=group,channel,community", ""),
        ("reference=p-1", "d"),
        ("kind=location", "c"),
        ("sort=date:asc&kind%5B%5D=text&kind%5B%5D=location", "abcd"),
        ("kind=image,voice,system", ""),
        ("sync=true&kind=location", "c"),
        ("sort=date:asc&size=2&page=1", "cd"),
        ("sort=date:asc&size=2&skip=1", "bc"),
        ("before=2001-01-01T00:00:00Z", ""),
        ("after=2100-01-01T00:00:00Z", ""),
    ] {
        let (found, _) = list(query.to_owned()).await;
        let shown: String = found.as_array().expect("a bare list").iter().map(|m| name(&names, m)).collect();
        assert_eq!(shown, wanted, "{query}");
    }
    let (found, total) = list(format!("sort=date:asc&begin={second}&end={place}&size=1")).await;
    assert_eq!((found[0]["id"].as_str(), total), (Some(second.as_str()), Some(2)));
    let (found, _) = list(format!("wid={first},{plums}&sort=date:asc")).await;
    assert_eq!(found.as_array().map(Vec::len), Some(2));
    let (brief, _) = list(format!("wid={first}")).await;
    assert_eq!(brief[0]["chat"], json!({ "id": "16001234561@c.us", "name": "Ben", "type": "chat" }));
    let (full, _) = list(format!("wid={first}&include=chat,contact,media")).await;
    assert_eq!(full[0]["chat"]["contact"]["phone"], BEN);
    assert_eq!(full[0]["chat"]["stats"]["inboundMessages"], 2);
    let bad = |query: &'static str| server.get(format!("/v1/chat/{}/messages?{query}", device.id).leak());
    bad("kind=banana").await.refused(400, "query:invalid");
    bad("chat=nobody").await.refused(400, "chat:invalid");
    bad("begin=3EB0000000000000000000").await.refused(404, "message:notfound");
    server.get("/v1/chat/000000000000000000000000/messages").await.refused(404, "device:notfound");
}

fn name(names: &[(&str, char)], message: &Value) -> char {
    names.iter().find(|(id, _)| message["id"] == *id).map_or('?', |(_, name)| *name)
}

#[tokio::test]
async fn delivery_info_tells_who_has_read() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let sent = server.send(&device.id, BEN, "seen?").await;
    ben.receives("seen?").await;
    server.delivery(sent["id"].as_str().expect("id"), &["delivered"]).await;
    let path = format!("/v1/chat/{}/messages/{}/ackinfo", device.id, sent["waId"].as_str().expect("its id"));
    let info = server.get(&path).await.ok();
    assert_eq!((&info["ack"], &info["delivered"], &info["read"]), (&json!("delivered"), &json!(1), &json!(0)));
    ben.reads(ANA).await;
    server.delivery(sent["id"].as_str().expect("id"), &["read"]).await;
    let info = server.get(&path).await.ok();
    assert_eq!((&info["ack"], &info["read"]), (&json!("read"), &json!(1)));
    let one = &info["recipients"][0];
    assert_eq!((&one["id"], &one["phone"], &one["ack"]), (&json!("16001234561@c.us"), &json!(BEN), &json!("read")));
    assert!(one["deliveredAt"].is_string() && one["readAt"].is_string() && one["playedAt"].is_null());
}
