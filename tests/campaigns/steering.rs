//! Starting, pausing, changing, ending and finding campaigns.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Campaign, adds_up, inbox};
use crate::support::{BEN, Place, eventually, now, text};

#[tokio::test]
async fn a_campaign_is_steered_while_it_runs() {
    let place = Place::new().await;
    let server = &place.server;
    let people: Vec<Value> = (0..6).map(|n| json!({ "phone": format!("+1600300000{n}") })).collect();
    let mut phones = Vec::new();
    for n in 0..6 {
        phones.push(server.phone(&format!("+1600300000{n}"), "Receiver").await);
    }
    let reached = async || {
        let mut count = 0i64;
        for phone in &phones {
            count += i64::try_from(inbox(phone).await.len()).expect("few");
        }
        count
    };
    let (campaign, _) = Campaign::new(
        server,
        json!({ "device": place.device.id, "message": "first text", "contacts": people, "settings": { "speed": 20, "timezone": "Europe/Berlin" } }),
    )
    .await;
    let act = async |action: &str| {
        server.call(Method::PUT, &campaign.path("/status"), Some(json!({ "action": action }))).await
    };
    act("pause").await.refused(409, "campaign:status");
    act("stop").await.refused(409, "campaign:status");
    act("resume").await.refused(409, "campaign:status");
    act("begin").await.refused(400, "body:invalid");

    // One in three seconds: after the first there is time to change the rest.
    campaign.act("start").await;
    campaign.once("send the first", |c| c["stats"]["sent"].as_i64() >= Some(1)).await;
    server.patch(&campaign.path(""), json!({ "message": "too late" })).await.refused(409, "campaign:running");
    assert_eq!(server.patch(&campaign.path(""), json!({ "name": "Renamed" })).await.ok()["name"], "Renamed");
    let paused = campaign.act("pause").await;
    assert_eq!(paused["status"], "paused");
    assert!(paused["pausedAt"].is_string());
    let stats = campaign.once("have nobody in the queue", |c| c["stats"]["queued"] == 0).await["stats"].clone();
    let sent = stats["sent"].as_i64().expect("a figure");
    assert!((1..5).contains(&sent), "{stats:#}");
    eventually("their phones to show it", || async { (reached().await == sent).then_some(()) }).await;

    let removed = server
        .call(Method::DELETE, &campaign.path("/contacts"), Some(json!({ "targets": ["+16003000005"] })))
        .await
        .ok();
    assert_eq!((&removed["deleted"], &removed["total"]), (&json!(1), &json!(5)));
    let first = campaign.contact("+16003000000").await;
    let kept =
        server.call(Method::DELETE, &campaign.path("/contacts"), Some(json!({ "ids": [first["id"]] }))).await.ok();
    assert_eq!(kept["deleted"], 0, "who has it stays");
    let changed = server
        .patch(&campaign.path(""), json!({ "message": "second text", "settings": { "speed": 0, "hours": null } }))
        .await
        .ok();
    assert_eq!(
        (&changed["settings"]["speed"], &changed["settings"]["timezone"]),
        (&json!(0.0), &json!("Europe/Berlin"))
    );
    campaign.act("resume").await;
    campaign.once("be completed", |c| c["status"] == "completed").await;
    let texts: Vec<String> = {
        let mut all = Vec::new();
        for phone in &phones {
            all.extend(inbox(phone).await);
        }
        all
    };
    assert_eq!(texts.iter().filter(|text| *text == "first text").count(), usize::try_from(sent).expect("few"));
    assert_eq!(texts.len(), 5, "{texts:?}");
    act("start").await.refused(409, "campaign:status");
    adds_up(server, &campaign).await;

    // Outside its hours it waits, and says so; stopping ends it, starting goes on.
    let hour = now().to_zoned(jiff::tz::TimeZone::UTC).hour();
    let away = json!({ "start": (i64::from(hour) + 3) % 24, "end": (i64::from(hour) + 4) % 24 + i64::from((i64::from(hour) + 4) % 24 == 0) * 24 });
    let (night, _) = Campaign::new(server, json!({ "device": place.device.id, "message": "by night", "contacts": [{ "phone": BEN }], "settings": { "hours": away } })).await;
    night.act("start").await;
    let waits = night.once("wait for its hours", |c| c["failureReason"] == "campaign:hours").await;
    assert_eq!((&waits["status"], &waits["stats"]["pending"]), (&json!("processing"), &json!(1)));
    assert_eq!(night.act("stop").await["status"], "stopped");
    server.patch(&night.path(""), json!({ "settings": { "hours": null } })).await.ok();
    night.runs().await;
    place.ben.receives("by night").await;

    // Before its date it is pending, and after its end incomplete.
    let at = |seconds: i64| (now() + jiff::SignedDuration::from_secs(seconds)).to_string();
    let (later, _) = Campaign::new(server, json!({ "device": place.device.id, "message": "later", "contacts": [{ "phone": BEN }], "settings": { "date": at(6) } })).await;
    assert_eq!(later.act("start").await["status"], "pending");
    place.ben.receives("later").await;
    let (late, _) = Campaign::new(server, json!({ "device": place.device.id, "message": "late", "contacts": [{ "phone": BEN }], "settings": { "expiration": at(6), "hours": away } })).await;
    late.act("start").await;
    let over = late.once("be incomplete", |c| c["status"] == "incomplete").await;
    assert_eq!((&over["failureReason"], &over["stats"]["pending"]), (&json!("campaign:expired"), &json!(1)));

    // Lists find them.
    let found = async |query: &str| -> Vec<String> {
        let list = server.get(&format!("/v1/campaigns?{query}")).await.ok();
        list.as_array().expect("a list").iter().map(|campaign| text(campaign, "/id").to_owned()).collect()
    };
    let all = [&late.id, &later.id, &night.id, &campaign.id].map(String::clone);
    let owner = text(&over, "/owner/id").to_owned();
    let third = text(&later.get().await, "/createdAt").to_owned();
    for (query, wanted) in [
        (String::new(), &all[..]),
        ("sort=date:asc&size=1".to_owned(), &all[3..]),
        ("size=1&page=1".to_owned(), &all[1..2]),
        ("status=incomplete".to_owned(), &all[..1]),
        ("status=draft,paused,failed".to_owned(), &[]),
        (format!("device={}", place.device.id), &all[..]),
        ("device=0123456789abcdef01234567".to_owned(), &[]),
        (format!("owner={owner}"), &all[..]),
        (format!("id={},{}", all[0], all[3]), &[all[0].clone(), all[3].clone()][..]),
        ("phone=%2B16003000001".to_owned(), &all[3..]),
        ("group=120363012345678901@g.us".to_owned(), &[]),
        (format!("before={third}"), &all[2..]),
        (format!("after={third}"), &all[..1]),
    ] {
        assert_eq!(found(&query).await, wanted, "{query}");
    }

    // What is deleted is gone, with its people.
    assert_eq!(server.delete(&campaign.path("")).await.ok()["deleted"], true);
    server.get(&campaign.path("")).await.refused(404, "campaign:notfound");
    server.get(&campaign.path("/contacts")).await.refused(404, "campaign:notfound");
    assert_eq!(found("").await, all[..3]);
}
