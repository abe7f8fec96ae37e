//! What is answered by rule and what is not: over the inbox, with a clock that
//! is set by hand.

use std::sync::Arc;

use serde_json::{Value, json};
use sparkbot_core::network::{Report, Ring};

use super::support::{HandClock, Surface};
use super::whatsapp::{Fake, OWN, from};

const BEN: &str = "16001234561@c.us";
const GROUP: &str = "120363012345678901@g.us";
const DAY: i64 = 24 * 3_600_000;

struct Number {
    surface: Surface,
    fake: Fake,
    clock: Arc<HandClock>,
    device: String,
}

impl Number {
    async fn new(replies: Value) -> Self {
        let (fake, clock) = (Fake::default(), HandClock::at("2026-01-05T10:00:00Z"));
        let surface = Surface::at(fake.clone(), clock.clone()).await;
        let made = surface.call("POST", "/v1/devices", Some(r#"{"alias":"Support"}"#)).await.json();
        let device = made["id"].as_str().expect("an id").to_owned();
        let started = surface.call("POST", &format!("/v1/devices/{device}/start"), None).await;
        assert!(started.status.is_success(), "{}", started.text);
        fake.comes_online().await;
        let it = Self { surface, fake, clock, device };
        it.set(json!({ "autoReplies": replies })).await;
        it
    }

    async fn set(&self, change: Value) {
        let path = format!("/v1/devices/{}", self.device);
        let answer = self.surface.call("PATCH", &path, Some(&change.to_string())).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    }

    async fn hears(&self, author: &str, chat: &str, id: &str, kind: &str) {
        self.fake.delivers(&[from(author, chat, id, kind, Some("hello"), self.surface.core.now())]).await;
    }

    /// Texts of the replies so far, oldest first.
    async fn replies(&self) -> Vec<String> {
        let page = self.surface.get("/v1/messages?source=autoreply&sort=date:asc&size=200").await.json();
        let texts = page.as_array().expect("a list").iter().map(|message| message["message"].as_str());
        texts.map(|text| text.unwrap_or_default().to_owned()).collect()
    }
}

#[tokio::test]
async fn only_people_who_write_are_answered() {
    let it = Number::new(json!({ "welcome": { "active": true, "message": "hi" } })).await;
    it.hears(BEN, GROUP, "3EB001", "text").await;
    it.hears(OWN, "16001234562@c.us", "3EB002", "text").await;
    it.hears("120363012345678902@newsletter", "120363012345678902@newsletter", "3EB003", "text").await;
    it.hears("16001234563@c.us", "16001234563@c.us", "3EB004", "system").await;
    let old = it.surface.core.now() - DAY - 1;
    it.fake.delivers(&[from("16001234564@c.us", "16001234564@c.us", "3EB005", "text", Some("old"), old)]).await;
    assert!(it.replies().await.is_empty());
    it.hears(BEN, BEN, "3EB006", "text").await;
    assert_eq!(it.replies().await, ["hi"]);
    // WhatsApp delivers again what it was not sure of.
    it.hears(BEN, BEN, "3EB006", "text").await;
    it.hears(BEN, BEN, "3EB007", "text").await;
    assert_eq!(it.replies().await, ["hi"]);
    it.clock.forward(13 * DAY);
    it.hears(BEN, BEN, "3EB008", "text").await;
    assert_eq!(it.replies().await, ["hi"]);
    it.clock.forward(14 * DAY);
    it.hears(BEN, BEN, "3EB009", "text").await;
    assert_eq!(it.replies().await, ["hi", "hi"]);
}

#[tokio::test]
async fn a_queue_that_takes_nothing_gets_no_replies() {
    let it = Number::new(json!({ "welcome": { "active": true, "message": "hi" } })).await;
    let queue = format!("/v1/devices/{}/queue", it.device);
    let set = |status: &str| json!({ "status": status }).to_string();
    it.surface.call("POST", &queue, Some(&set("freeze"))).await;
    it.hears(BEN, BEN, "3EB001", "text").await;
    assert!(it.replies().await.is_empty(), "and the message was received all the same");
    it.surface.call("POST", &queue, Some(&set("active"))).await;
    it.hears("16001234562@c.us", "16001234562@c.us", "3EB002", "text").await;
    assert_eq!(it.replies().await, ["hi"]);
    let listed = it.surface.get("/v1/messages?source=autoreply").await.json();
    assert_eq!(listed[0]["expiresAt"], "2026-01-05T11:00:00.000Z", "{listed:#}");
}

#[tokio::test]
async fn nobody_is_told_to_be_busy_while_somebody_is_there() {
    let busy = json!({ "active": true, "message": "busy", "timeframe": "10m" });
    let away = json!({ "active": true, "message": "closed" });
    let it = Number::new(json!({ "busy": busy, "away": away })).await;
    it.hears(BEN, BEN, "3EB001", "text").await;
    assert_eq!(it.replies().await, ["busy"]);
    it.clock.forward(DAY / 144 - 1);
    it.hears(BEN, BEN, "3EB002", "text").await;
    assert_eq!(it.replies().await, ["busy"], "too soon");
    let ada = json!({
        "displayName": "Ada", "email": "ada@example.com", "password": "correct horse battery", "role": "agent",
        "color": "teal",
    });
    it.surface.call("POST", &format!("/v1/devices/{}/team", it.device), Some(&ada.to_string())).await;
    let login = json!({ "email": "ada@example.com", "password": "correct horse battery" }).to_string();
    let key =
        it.surface.call("POST", "/v1/login", Some(&login)).await.json()["key"].as_str().expect("a key").to_owned();
    let here = axum::http::Request::builder().uri("/v1/me").header("token", key).body(axum::body::Body::empty());
    assert_eq!(it.surface.send(here.expect("a request")).await.status, 200);
    it.clock.forward(1);
    it.hears(BEN, BEN, "3EB003", "text").await;
    assert_eq!(it.replies().await, ["busy"], "Ada is here");
    it.clock.forward(DAY / 144);
    it.hears(BEN, BEN, "3EB004", "text").await;
    assert_eq!(it.replies().await, ["busy", "busy"], "Ada was not seen for ten minutes");
    // By the operative hours, since there are no others.
    let monday = json!({ "mode": "hours", "hours": [{ "from": "06:00", "to": "11:00" }] });
    let hours = json!({ "enable": true, "timezone": "Europe/London", "hours": { "monday": monday } });
    it.set(json!({ "settings": { "operativeHours": hours } })).await;
    it.clock.forward(DAY / 24);
    it.hears(BEN, BEN, "3EB005", "text").await;
    it.hears(BEN, BEN, "3EB006", "text").await;
    assert_eq!(it.replies().await, ["busy", "busy", "closed"]);
}

#[tokio::test]
async fn each_call_is_answered_once_and_rejected_if_it_rings() {
    let it = Number::new(json!({ "call": { "active": true, "message": "write!" } })).await;
    let ring = |id: &str, ringing| {
        Report::Ring(Ring {
            id: id.to_owned(),
            from: BEN.parse().expect("a person"),
            lid: None,
            at: it.surface.core.now(),
            ringing,
            peer: String::new(),
            creator: String::new(),
        })
    };
    it.fake.reports(ring("A", true)).await;
    it.fake.reports(ring("A", true)).await;
    assert_eq!(it.replies().await, ["write!"]);
    assert!(it.fake.asked(|asked| asked.rejected.is_empty()));
    it.set(json!({ "autoReplies": { "call": { "reject": true } } })).await;
    it.clock.forward(60_000);
    it.fake.reports(ring("B", false)).await;
    assert_eq!(it.replies().await, ["write!", "write!"], "called while the number was away");
    it.fake.reports(ring("C", true)).await;
    assert_eq!(it.replies().await.len(), 2, "not at each ring");
    while it.fake.asked(|asked| asked.rejected.is_empty()) {
        tokio::task::yield_now().await;
    }
    assert_eq!(it.fake.asked(|asked| asked.rejected.clone()), ["C"]);
}
