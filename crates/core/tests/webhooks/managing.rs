//! What people do with webhooks.

use sparkbot_core::devices::Idempotency;
use sparkbot_core::error::Kind;
use sparkbot_core::keys::Scope;
use sparkbot_core::webhooks::{self, NewWebhook, Replay, WebhookChanges};
use sparkbot_core::{Caller, accounts, keys};
use sparkbot_store::rows::WebhookFilter;

use crate::support::{Bench, Receiver, Reply, lane, wanted, webhook_id};

const URL: &str = "https://example.com/hook?key=1";

async fn stranger(bench: &Bench) -> Caller {
    let key = accounts::create(&bench.core, "Other").await.expect("account");
    keys::authenticate(&bench.core, &key.secret).await.expect("key")
}

#[tokio::test]
async fn a_webhook_is_made_shown_changed_and_deleted() {
    let bench = Bench::new().await;
    let made = bench.webhook(URL, &["message:out:ack", "message:in:new", "message:in:new"]).await;
    assert!(made.secret.starts_with("whsec_"));
    let id = webhook_id(&made.webhook.id);
    let shown = webhooks::get(&bench.core, &bench.caller, &id).await.expect("shown");
    assert_eq!((shown.url.as_str(), shown.status.as_str()), (URL, "active"));
    assert_eq!(shown.events, ["message:in:new", "message:out:ack"]);

    let changes = WebhookChanges {
        name: Some(" New ".to_owned()),
        device: Some(Some(bench.device.id.clone())),
        status: Some("disabled".to_owned()),
        ..WebhookChanges::default()
    };
    let changed = webhooks::update(&bench.core, &bench.caller, &id, changes).await.expect("changed");
    assert_eq!((changed.name.as_str(), changed.status.as_str(), changed.url.as_str()), ("New", "disabled", URL));
    assert_eq!(changed.device.map(|device| device.id), Some(bench.device.id.clone()));
    let filter = WebhookFilter {
        status: vec!["disabled".to_owned()],
        search: Some("new".to_owned()),
        size: 20,
        ..Default::default()
    };
    let list = webhooks::list(&bench.core, &bench.caller, filter).await.expect("list");
    assert_eq!((list.items.len(), list.total), (1, 1));

    webhooks::delete(&bench.core, &bench.caller, &id).await.expect("deleted");
    assert_eq!(webhooks::get(&bench.core, &bench.caller, &id).await.expect_err("gone").code, "webhook:notfound");
    assert_eq!(webhooks::delete(&bench.core, &bench.caller, &id).await.expect_err("gone").code, "webhook:notfound");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let bench = Bench::new().await;
    let good = || wanted(URL, &["chat:update"]);
    let foreign = {
        let other = stranger(&bench).await;
        crate::support::new_device(&bench.core, &other).await.id
    };
    for (new, code) in [
        (NewWebhook { name: String::new(), ..good() }, "webhook:name"),
        (NewWebhook { name: "x".repeat(31), ..good() }, "webhook:name"),
        (NewWebhook { url: "http://10.0.0.1/".to_owned(), ..good() }, "webhook:url"),
        (NewWebhook { url: format!("https://example.com/{}", "x".repeat(2048)), ..good() }, "webhook:url"),
        (NewWebhook { events: Vec::new(), ..good() }, "webhook:events"),
        (NewWebhook { events: vec!["message".to_owned()], ..good() }, "webhook:events"),
        (NewWebhook { headers: [("Host".to_owned(), "x".to_owned())].into(), ..good() }, "webhook:headers"),
        (NewWebhook { secret: Some("short".to_owned()), ..good() }, "webhook:secret"),
        (NewWebhook { device: Some(foreign), ..good() }, "device:notfound"),
        (NewWebhook { device: Some("nonsense".to_owned()), ..good() }, "device:notfound"),
    ] {
        let error = webhooks::create(&bench.core, &bench.caller, new).await.expect_err(code);
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.ends_with('.'), "{error}");
    }
}

#[tokio::test]
async fn the_same_url_for_the_same_number_is_a_conflict() {
    let bench = Bench::new().await;
    let first = bench.webhook(URL, &["chat:update"]).await.webhook;
    let error =
        webhooks::create(&bench.core, &bench.caller, wanted(URL, &["message:in:new"])).await.expect_err("there");
    assert_eq!((error.kind, error.code), (Kind::Conflict, "webhook:exists"));
    assert_eq!(error.meta["webhook"], first.id.as_str());
    let of_one = NewWebhook { device: Some(bench.device.id.clone()), ..wanted(URL, &["chat:update"]) };
    let second = webhooks::create(&bench.core, &bench.caller, of_one).await.expect("another source").webhook;
    let changes = WebhookChanges { device: Some(None), ..WebhookChanges::default() };
    let error =
        webhooks::update(&bench.core, &bench.caller, &webhook_id(&second.id), changes).await.expect_err("there");
    assert_eq!(error.code, "webhook:exists");
    webhooks::create(&bench.core, &stranger(&bench).await, wanted(URL, &["chat:update"]))
        .await
        .expect("another account");
}

#[tokio::test]
async fn a_repeated_request_makes_nothing_new() {
    let bench = Bench::new().await;
    let idempotency =
        |fingerprint: &str| Some(Idempotency { key: "k1".to_owned(), fingerprint: fingerprint.to_owned() });
    let new = |fingerprint| NewWebhook { idempotency: idempotency(fingerprint), ..wanted(URL, &["chat:update"]) };
    let first = webhooks::create(&bench.core, &bench.caller, new("f1")).await.expect("made");
    let again = webhooks::create(&bench.core, &bench.caller, new("f1")).await.expect("the same");
    assert_eq!((first.webhook.id, first.secret), (again.webhook.id, again.secret));
    let error = webhooks::create(&bench.core, &bench.caller, new("f2")).await.expect_err("another request");
    assert_eq!((error.kind, error.code), (Kind::Conflict, "idempotency:mismatch"));
    let other = webhooks::create(&bench.core, &stranger(&bench).await, new("f3")).await;
    assert!(other.is_ok(), "keys are an account's own");
}

#[tokio::test]
async fn scopes_and_accounts_are_kept_apart() {
    let bench = Bench::new().await;
    let id = webhook_id(&bench.webhook(URL, &["chat:update"]).await.webhook.id);
    let reader = Caller { scopes: vec![Scope::WebhooksRead], ..bench.caller.clone() };
    assert!(webhooks::get(&bench.core, &reader, &id).await.is_ok());
    assert_eq!(webhooks::enable(&bench.core, &reader, &id).await.expect_err("scope").kind, Kind::Forbidden);
    let none = Caller { scopes: vec![Scope::MessagesWrite], ..bench.caller.clone() };
    assert_eq!(webhooks::get(&bench.core, &none, &id).await.expect_err("scope").kind, Kind::Forbidden);

    let other = stranger(&bench).await;
    let slice = sparkbot_core::page::Slice { size: 10, skip: 0 };
    let replay = Replay { after: Some(0), since: None };
    let (core, changes) = (&bench.core, WebhookChanges::default());
    let codes = [
        webhooks::get(core, &other, &id).await.expect_err("foreign").code,
        webhooks::update(core, &other, &id, changes).await.expect_err("foreign").code,
        webhooks::enable(core, &other, &id).await.expect_err("foreign").code,
        webhooks::replay(core, &other, &id, replay).await.expect_err("foreign").code,
        webhooks::logs(core, &other, &id, slice).await.expect_err("foreign").code,
        webhooks::delete(core, &other, &id).await.expect_err("foreign").code,
    ];
    assert_eq!(codes, ["webhook:notfound"; 6]);
    assert!(
        webhooks::list(core, &other, WebhookFilter { size: 10, ..Default::default() })
            .await
            .expect("list")
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_disabled_webhook_misses_nothing() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let id = webhook_id(&bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook.id);
    bench.start();
    bench.event("chat:update", "a", 0).await;
    receiver.taken(1).await;
    let status = |status: &str| WebhookChanges { status: Some(status.to_owned()), ..WebhookChanges::default() };
    webhooks::update(&bench.core, &bench.caller, &id, status("disabled")).await.expect("disabled");
    bench.event("chat:update", "a", 1).await;
    bench.event("chat:update", "a", 2).await;
    assert_eq!(receiver.got().len(), 1);
    webhooks::update(&bench.core, &bench.caller, &id, status("active")).await.expect("active");
    assert_eq!(lane(&receiver.taken(3).await, "a"), [0, 1, 2]);
    assert!(webhooks::update(&bench.core, &bench.caller, &id, status("failed")).await.is_err());
    bench.stop().await;
}

#[tokio::test]
async fn a_change_takes_effect_at_once() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let id = webhook_id(&bench.webhook(&receiver.url("old"), &["chat:update"]).await.webhook.id);
    bench.start();
    bench.event("chat:update", "a", 0).await;
    bench.event("contact:update", "a", 1).await;
    receiver.taken(1).await;
    let changes = WebhookChanges {
        url: Some(receiver.url("new")),
        events: Some(vec!["chat:update".to_owned(), "contact:update".to_owned()]),
        ..WebhookChanges::default()
    };
    webhooks::update(&bench.core, &bench.caller, &id, changes).await.expect("changed");
    bench.event("contact:update", "a", 2).await;
    let got = receiver.taken(2).await;
    assert_eq!((got[1].path.as_str(), got[1].n()), ("/new", 2), "from now on");
    webhooks::delete(&bench.core, &bench.caller, &id).await.expect("deleted");
    bench.event("chat:update", "a", 3).await;
    let other = bench.webhook(&receiver.url("other"), &["chat:update"]).await;
    bench.event("chat:update", "a", 4).await;
    let got = receiver.taken(3).await;
    assert_eq!((got[2].path.as_str(), got.len()), ("/other", 3), "{}", other.webhook.id);
    bench.stop().await;
}

#[tokio::test]
async fn replay_delivers_again_from_a_position_or_a_time() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let id = webhook_id(&bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook.id);
    bench.start();
    let mut positions = Vec::new();
    for n in 0..4 {
        positions.push(bench.event("chat:update", "a", n).await);
    }
    receiver.taken(4).await;
    let replay = async |after, since| webhooks::replay(&bench.core, &bench.caller, &id, Replay { after, since }).await;
    replay(Some(positions[1]), None).await.expect("replayed");
    assert_eq!(lane(&receiver.taken(6).await, "a"), [0, 1, 2, 3, 2, 3]);
    bench.clock.skip(std::time::Duration::from_secs(60));
    let since = bench.core.now();
    bench.event("chat:update", "a", 4).await;
    receiver.taken(7).await;
    replay(None, Some(since)).await.expect("replayed");
    assert_eq!(lane(&receiver.taken(8).await, "a"), [0, 1, 2, 3, 2, 3, 4, 4]);
    for (after, since) in [(None, None), (Some(1), Some(1)), (Some(-1), None), (Some(1_000), None)] {
        assert_eq!(replay(after, since).await.expect_err("no point").code, "webhook:replay");
    }
    bench.stop().await;
}

#[tokio::test]
async fn replay_of_what_is_owed_does_not_double_it() {
    let (bench, receiver) = (Bench::new().await, Receiver::start().await);
    let id = webhook_id(&bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook.id);
    receiver.answers(|_| Reply::of(500));
    bench.start();
    for n in 0..3 {
        bench.event("chat:update", "a", n).await;
    }
    bench.until_status(id.as_str(), "pending").await;
    receiver.answers(|_| Reply::of(200));
    webhooks::replay(&bench.core, &bench.caller, &id, Replay { after: Some(0), since: None }).await.expect("replayed");
    let done = crate::support::eventually(async || {
        let standing = bench.standing(id.as_str()).await;
        if standing == (3, 0) { Ok(receiver.got()) } else { Err(format!("{standing:?}")) }
    })
    .await;
    assert_eq!(lane(&done, "a").iter().rev().take(3).rev().copied().collect::<Vec<_>>(), [0, 1, 2]);
    bench.stop().await;
}
