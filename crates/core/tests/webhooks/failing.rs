//! What happens when a receiver does not take what it gets.

use std::time::Duration;

use sparkbot_core::Settings;
use sparkbot_core::webhooks;

use crate::support::{Bench, Receiver, Reply, accepted, eventually, lane, settings, webhook_id};

#[tokio::test]
async fn failures_are_tried_again_with_the_same_id_until_they_get_through() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    receiver.answers(
        |got| if got.earlier < 3 { Reply { body: "x".repeat(5000), ..Reply::of(500) } } else { Reply::of(200) },
    );
    bench.start();
    bench.event("chat:update", "a", 1).await;
    let got = receiver.taken(1).await;
    assert_eq!(got.len(), 4);
    assert!(got.iter().all(|other| other.json == got[0].json
        && other.header("x-sparkbot-delivery") == got[0].header("x-sparkbot-delivery")));
    let shown = bench.until_status(&webhook.id, "active").await;
    assert_eq!(shown.retries, 0);
    assert!(shown.last_failure_at.is_some() && shown.last_retry_at.is_some() && shown.last_run_at.is_some());
    let logs = bench.logs(&webhook.id).await;
    let attempts: Vec<_> = logs.iter().rev().map(|line| (line.attempt, line.code.as_str())).collect();
    assert_eq!(attempts, [(1, "http:500"), (2, "http:500"), (3, "http:500"), (4, "ok")]);
    assert_eq!(logs.last().and_then(|line| line.response_body.as_ref()).map(String::len), Some(3000));
    assert_eq!(bench.standing(&webhook.id).await.1, 0);
    bench.stop().await;
}

#[tokio::test]
async fn what_is_no_2xx_is_a_failure_with_a_sentence() {
    for (status, header, code, word) in [
        (302, Some(("location", "http://127.0.0.1:1/".to_owned())), "http:302", "redirect"),
        (404, None, "http:404", "404"),
        (204, None, "ok", ""),
    ] {
        let (bench, receiver) = (Bench::new().await, Receiver::start().await);
        let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
        receiver.answers(move |_| Reply { header: header.clone(), ..Reply::of(status) });
        bench.start();
        bench.event("chat:update", "a", 1).await;
        let line = eventually(async || bench.logs(&webhook.id).await.pop().ok_or_else(String::new)).await;
        assert_eq!(line.code, code);
        assert!(line.message.unwrap_or_default().contains(word), "{status}");
        bench.stop().await;
    }
}

#[tokio::test]
async fn a_receiver_without_an_answer_is_told_apart() {
    let short = Settings { webhook_timeout: Duration::from_millis(200), ..settings() };
    let (bench, receiver) = (Bench::with(short).await, Receiver::start().await);
    receiver.answers(|_| Reply::of(200).after(Duration::from_secs(30)));
    let slow = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    let closed = bench.webhook("http://127.0.0.1:1/", &["chat:update"]).await.webhook;
    let nowhere = bench.webhook("http://nowhere.invalid/", &["chat:update"]).await.webhook;
    bench.start();
    bench.event("chat:update", "a", 1).await;
    for (webhook, codes) in
        [(slow, &["timeout"][..]), (closed, &["connection"]), (nowhere, &["address:unknown", "timeout"])]
    {
        let line = eventually(async || bench.logs(&webhook.id).await.pop().ok_or_else(String::new)).await;
        assert!(codes.contains(&line.code.as_str()), "{line:?}");
        assert!(line.message.expect("sentence").starts_with("Not delivered: "));
    }
    bench.stop().await;
}

#[tokio::test]
async fn gone_for_good_disables_the_webhook_and_keeps_the_events() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    receiver.answers(|_| Reply::of(410));
    bench.start();
    for n in 0..3 {
        bench.event("chat:update", "a", n).await;
    }
    bench.until_status(&webhook.id, "disabled").await;
    bench.event("chat:update", "a", 3).await;
    assert_eq!(receiver.got().len(), 1);
    receiver.answers(|_| Reply::of(200));
    webhooks::enable(&bench.core, &bench.caller, &webhook_id(&webhook.id)).await.expect("enabled");
    assert_eq!(lane(&receiver.taken(4).await, "a"), [0, 1, 2, 3]);
    bench.stop().await;
}

#[tokio::test]
async fn a_receiver_that_asks_for_patience_gets_it() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    receiver.answers(|got| {
        if got.lane() == "a" && got.earlier == 0 {
            Reply { header: Some(("retry-after", "1800".to_owned())), ..Reply::of(429) }
        } else {
            Reply::of(200)
        }
    });
    bench.start();
    bench.event("chat:update", "a", 0).await;
    bench.until_status(&webhook.id, "pending").await;
    // Far beyond the gaps of this test, short of what was asked for.
    bench.clock.skip(Duration::from_secs(1700));
    bench.event("chat:update", "b", 0).await;
    let quiet = tokio::time::timeout(Duration::from_millis(1500), receiver.until(|got| got.len() > 1)).await;
    assert!(quiet.is_err(), "not even other lanes");
    bench.clock.skip(Duration::from_secs(200));
    receiver.taken(2).await;
    bench.stop().await;
}

#[tokio::test]
async fn after_a_day_without_success_the_webhook_is_out_of_service_and_can_come_back() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    receiver.answers(|_| Reply::of(500));
    bench.start();
    for n in 0..3 {
        bench.event("chat:update", "a", n).await;
    }
    bench.until_status(&webhook.id, "pending").await;
    bench.clock.skip(Duration::from_secs(25 * 3600));
    bench.until_status(&webhook.id, "failed").await;
    let logs = bench.logs(&webhook.id).await;
    assert_eq!(logs.iter().filter(|line| line.code == "given_up").count(), 1);
    let tried = receiver.got().len();
    bench.event("chat:update", "a", 3).await;
    receiver.answers(|_| Reply::of(200));
    let back = webhooks::enable(&bench.core, &bench.caller, &webhook_id(&webhook.id)).await.expect("enabled");
    assert_eq!((back.status.as_str(), back.retries), ("active", 0));
    let got = receiver.taken(4).await;
    assert_eq!(lane(&got, "a"), [0, 1, 2, 3], "nothing is missing");
    assert_eq!(got.len(), tried + 4);
    bench.stop().await;
}

#[tokio::test]
async fn an_event_that_alone_fails_is_given_up_after_a_day() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    receiver.answers(|got| Reply::of(if got.lane() == "a" && got.n() == 0 { 500 } else { 200 }));
    bench.start();
    bench.event("chat:update", "a", 0).await;
    bench.event("chat:update", "a", 1).await;
    receiver.until(|got| got.len() >= 3).await;
    bench.clock.skip(Duration::from_secs(23 * 3600));
    bench.event("chat:update", "b", 0).await;
    receiver.taken(1).await;
    bench.clock.skip(Duration::from_secs(2 * 3600));
    bench.event("chat:update", "b", 1).await;
    let got = receiver.until(|got| lane(got, "a") == [1] && lane(got, "b").len() == 2).await;
    assert_eq!(accepted(&got).len(), 3);
    bench.until_status(&webhook.id, "active").await;
    eventually(async || {
        let given_up: Vec<_> =
            bench.logs(&webhook.id).await.into_iter().filter(|line| line.code == "given_up").collect();
        match &given_up[..] {
            [line] if line.object_id == "a-0" => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    bench.stop().await;
}

#[tokio::test]
async fn a_receiver_that_comes_back_gets_everything_at_once() {
    let patient =
        Settings { webhook_retry_gaps: vec![Duration::from_millis(10), Duration::from_secs(3600)], ..settings() };
    let (bench, receiver) = (Bench::with(patient).await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    receiver.answers(|_| Reply::of(502));
    bench.start();
    for n in 0..20 {
        bench.event("chat:update", &format!("lane{n}"), 0).await;
    }
    eventually(async || Some(()).filter(|()| receiver.got().len() >= 40).ok_or_else(String::new)).await;
    bench.until_status(&webhook.id, "pending").await;
    receiver.answers(|_| Reply::of(200));
    // Their next tries are an hour away; news brings them forward.
    bench.event("chat:update", "news", 0).await;
    receiver.taken(21).await;
    bench.stop().await;
}
