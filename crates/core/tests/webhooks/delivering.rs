//! What arrives, and in what order.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use sparkbot_core::events::{self, EventQuery};
use sparkbot_core::webhooks::{self, NewWebhook};

use crate::support::{Bench, Receiver, Reply, eventually, lane, new_device, wanted, webhook_id};

#[tokio::test]
async fn a_delivery_is_signed_and_says_what_the_log_says() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    bench.event("message:in:new", "before", 0).await;
    let new = NewWebhook {
        headers: BTreeMap::from([("Authorization".to_owned(), "Bearer hush".to_owned())]),
        secret: Some("a secret of my own".to_owned()),
        ..wanted(&receiver.url("hook"), &["message:in:new", "message:out:ack", "chat:update"])
    };
    let webhook = webhooks::create(&bench.core, &bench.caller, new).await.expect("webhook");
    assert_eq!(webhook.webhook.headers, ["Authorization"]);
    bench.start();
    for (n, event) in ["message:in:new", "message:out:ack", "chat:update", "contact:update"].into_iter().enumerate() {
        bench.event(event, "chat", n).await;
    }
    let got = receiver.taken(3).await;
    assert_eq!(got.len(), 3, "neither earlier events nor others");

    let query = EventQuery { after: Some(1), limit: 10, ..EventQuery::default() };
    let page = events::read(&bench.core, &bench.caller, query).await.expect("log");
    for (got, event) in got.iter().zip(&page.events) {
        let mut told = serde_json::to_value(event).expect("JSON");
        told.as_object_mut().expect("object").remove("seq");
        assert_eq!(got.json, told);
        assert_eq!(got.header("x-sparkbot-delivery"), event.event_id);
        assert_eq!(got.header("content-type"), "application/json");
        assert_eq!(got.header("authorization"), "Bearer hush");
        assert!(got.header("user-agent").starts_with("SparkBot/"));
        let mut mac = Hmac::<Sha256>::new_from_slice(webhook.secret.as_bytes()).expect("key");
        mac.update(format!("{}.", got.header("x-sparkbot-timestamp")).as_bytes());
        mac.update(&got.body);
        let expected = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        assert_eq!(got.header("x-sparkbot-signature"), expected);
    }
    assert_eq!(got[0].json["id"], "chat-0", "WhatsApp's id for messages");
    assert_eq!(got[1].json["ack"], "read");
    assert_eq!(got[2].json["id"], got[2].json["eventId"]);
    assert_eq!(got[0].json["device"], json!(bench.device));

    let logs = eventually(async || {
        Some(bench.logs(&webhook.webhook.id).await).filter(|l| l.len() == 3).ok_or_else(String::new)
    })
    .await;
    assert!(logs.iter().all(|line| line.code == "ok" && line.event == "delivery" && line.response_status == Some(200)));
    assert!(!format!("{logs:?}").contains("hush"));
    bench.stop().await;
}

#[tokio::test]
async fn only_the_events_of_the_number_are_told() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let other = new_device(&bench.core, &bench.caller).await;
    let new = NewWebhook { device: Some(other.id.clone()), ..wanted(&receiver.url("x"), &["chat:update"]) };
    webhooks::create(&bench.core, &bench.caller, new).await.expect("webhook");
    bench.start();
    bench.event("chat:update", "a", 1).await;
    bench.event_of(None, "chat:update", "a", 2).await;
    bench.event_of(Some(other), "chat:update", "a", 3).await;
    assert_eq!(lane(&receiver.taken(1).await, "a"), [3]);
    bench.stop().await;
}

#[tokio::test]
async fn lanes_keep_their_order_and_don_t_wait_for_each_other() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    // One lane is slow, another always fails, the rest is quick.
    receiver.answers(|got| match got.lane() {
        "slow" => Reply::of(200).after(Duration::from_millis(300)),
        "bad" => Reply::of(500),
        _ => Reply::of(204),
    });
    bench.start();
    for n in 0..40 {
        for lane in ["slow", "bad", "a", "b", "c"] {
            bench.event("chat:update", lane, n).await;
        }
    }
    let got = receiver.until(|got| ["a", "b", "c"].iter().all(|name| lane(got, name).len() == 40)).await;
    for name in ["a", "b", "c"] {
        assert_eq!(lane(&got, name), (0..40).collect::<Vec<_>>(), "{name}");
    }
    let slow = lane(&got, "slow");
    assert!(slow.len() < 40 && slow == (0..slow.len() as u64).collect::<Vec<_>>(), "{slow:?}");
    assert!(got.iter().filter(|got| got.lane() == "bad").all(|got| got.n() == 0), "nothing overtakes in a lane");

    receiver.answers(|_| Reply::of(200));
    let got = receiver.until(|got| ["bad", "slow"].iter().all(|name| lane(got, name).len() >= 40)).await;
    for name in ["bad", "slow"] {
        assert_eq!(lane(&got, name), (0..40).collect::<Vec<_>>(), "{name}");
    }
    let last = *bench.core.store().last_event().borrow();
    eventually(async || {
        let standing = bench.standing(&webhook.id).await;
        if standing == (last, 0) { Ok(()) } else { Err(format!("{standing:?} of {last}")) }
    })
    .await;
    bench.stop().await;
}

#[tokio::test]
async fn a_long_log_goes_through_a_small_window() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    // More in one stuck lane than the window holds, then other lanes.
    receiver.answers(|got| {
        if got.lane() == "stuck" && got.n() == 0 {
            Reply::of(200).after(Duration::from_millis(1900))
        } else {
            Reply::of(200)
        }
    });
    for n in 0..300 {
        bench.event("chat:update", "stuck", n).await;
    }
    for n in 0..100 {
        bench.event("chat:update", &format!("lane{}", n % 7), n).await;
    }
    bench.start();
    let got = receiver.taken(400).await;
    let first_stuck = got.iter().position(|got| got.lane() == "stuck").expect("stuck");
    assert!(first_stuck > 50, "others went on meanwhile: {first_stuck}");
    assert_eq!(lane(&got, "stuck"), (0..300).collect::<Vec<_>>());
    let ids: HashSet<_> = got.iter().map(|got| got.json["eventId"].to_string()).collect();
    assert_eq!((got.len(), ids.len()), (400, 400), "each once");
    eventually(async || {
        let standing = bench.standing(&webhook.id).await;
        if standing == (400, 0) { Ok(()) } else { Err(format!("{standing:?}")) }
    })
    .await;
    bench.stop().await;
}

#[tokio::test]
async fn several_webhooks_have_cursors_of_their_own() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    bench.webhook(&receiver.url("in"), &["message:in:new"]).await;
    let out = bench.webhook(&receiver.url("out"), &["message:out:sent"]).await.webhook;
    receiver.answers(|got| Reply::of(if got.path == "/out" { 503 } else { 200 }));
    bench.start();
    for n in 0..5 {
        bench.event("message:in:new", "a", n).await;
        bench.event("message:out:sent", "a", n).await;
    }
    assert_eq!(lane(&receiver.taken(5).await, "a"), [0, 1, 2, 3, 4]);
    bench.until_status(&out.id, "pending").await;
    receiver.answers(|_| Reply::of(200));
    receiver.taken(10).await;
    bench.until_status(&out.id, "active").await;
    webhooks::delete(&bench.core, &bench.caller, &webhook_id(&out.id)).await.expect("deleted");
    bench.stop().await;
}
