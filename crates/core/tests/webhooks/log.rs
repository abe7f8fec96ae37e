//! Readers of the event log.

use std::time::Duration;

use futures_util::StreamExt;
use sparkbot_core::Settings;
use sparkbot_core::error::Kind;
use sparkbot_core::events::{self, EventPage, EventQuery};
use sparkbot_core::keys::Scope;
use sparkbot_core::{Caller, accounts, keys, webhooks};
use sparkbot_store::seal::MasterKey;
use tempfile::TempDir;

use crate::support::{Bench, DEADLINE, Receiver, Reply, eventually, settings, webhook_id};

fn query() -> EventQuery {
    EventQuery { limit: 100, ..EventQuery::default() }
}

async fn read(bench: &Bench, query: EventQuery) -> EventPage {
    tokio::time::timeout(DEADLINE, events::read(&bench.core, &bench.caller, query))
        .await
        .expect("in time")
        .expect("page")
}

#[tokio::test]
async fn the_log_is_read_in_pages_with_a_cursor() {
    let bench = Bench::new().await;
    for n in 0..5 {
        bench.event("chat:update", "a", n).await;
        bench.event("message:in:new", "a", n).await;
    }
    let page = read(&bench, EventQuery { limit: 3, ..query() }).await;
    assert_eq!((page.events.len(), page.cursor, page.truncated), (3, page.events[2].seq, false));
    let rest = read(&bench, EventQuery { after: Some(page.cursor), ..query() }).await;
    assert_eq!(rest.events.len(), 7);
    let chats = read(&bench, EventQuery { events: vec!["chat:update".to_owned()], ..query() }).await;
    assert_eq!(chats.events.len(), 5);
    let nobody = read(&bench, EventQuery { devices: vec!["0".repeat(24)], ..query() }).await;
    assert_eq!((nobody.events.len(), nobody.cursor), (0, rest.cursor), "what does not match is passed once");

    for bad in [
        EventQuery { limit: 0, ..query() },
        EventQuery { limit: 501, ..query() },
        EventQuery { after: Some(-1), ..query() },
        EventQuery { events: vec!["nonsense".to_owned()], ..query() },
        EventQuery { wait: Some(Duration::from_secs(61)), ..query() },
    ] {
        assert_eq!(events::read(&bench.core, &bench.caller, bad).await.expect_err("bad").kind, Kind::Invalid);
    }
    let narrow = Caller { scopes: vec![Scope::WebhooksRead], ..bench.caller.clone() };
    assert_eq!(events::read(&bench.core, &narrow, query()).await.expect_err("scope").kind, Kind::Forbidden);
    let key = accounts::create(&bench.core, "Other").await.expect("account");
    let other = keys::authenticate(&bench.core, &key.secret).await.expect("key");
    assert!(events::read(&bench.core, &other, query()).await.expect("page").events.is_empty());
}

#[tokio::test]
async fn a_reader_can_wait_for_the_next_event() {
    let bench = Bench::new().await;
    let seq = bench.event("chat:update", "a", 0).await;
    let waiting = EventQuery {
        after: Some(seq),
        events: vec!["message:in:new".to_owned()],
        wait: Some(Duration::from_secs(60)),
        ..query()
    };
    let (page, ()) = tokio::join!(read(&bench, waiting), async {
        bench.event("chat:update", "a", 1).await;
        bench.event("message:in:new", "a", 2).await;
    });
    assert_eq!(page.events.len(), 1);
    let short = EventQuery { after: Some(page.cursor), wait: Some(Duration::from_millis(50)), ..query() };
    assert!(read(&bench, short).await.events.is_empty());
}

#[tokio::test]
async fn a_stream_follows_the_log_until_the_server_stops() {
    let bench = Bench::new().await;
    let first = bench.event("chat:update", "a", 0).await;
    let mut from_now = events::stream(&bench.core, &bench.caller, query()).expect("stream");
    let mut from_first =
        events::stream(&bench.core, &bench.caller, EventQuery { after: Some(0), ..query() }).expect("stream");
    for n in 1..300 {
        bench.event("chat:update", "a", n).await;
    }
    let seen: Vec<_> = from_now.by_ref().take(299).map(|event| event.expect("event").data["n"].clone()).collect().await;
    assert_eq!((seen.len(), seen[0].as_u64(), seen[298].as_u64()), (299, Some(1), Some(299)));
    assert_eq!(from_first.next().await.expect("event").expect("event").seq, first);
    bench.stop().await;
    let rest = tokio::time::timeout(DEADLINE, async { (from_now.next().await, from_first.count().await) }).await;
    assert!(rest.expect("the end").0.is_none());
}

#[tokio::test]
async fn old_events_go_but_not_what_a_webhook_still_owes() {
    let week = Settings { event_retention: Duration::from_secs(7 * 24 * 3600), ..settings() };
    let day = Duration::from_secs(24 * 3600);
    let (folder, key) = (TempDir::new().expect("folder"), MasterKey::random());
    let (bench, receiver) = (Bench::open(folder.path(), &key, week.clone()).await, Receiver::start().await);
    let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
    receiver.answers(|got| Reply::of(if got.lane() == "bad" { 500 } else { 200 }));
    bench.start();
    let owed = bench.event("chat:update", "bad", 0).await;
    for n in 0..3 {
        bench.event("chat:update", "a", n).await;
    }
    eventually(async || Some(()).filter(|()| receiver.got().len() >= 4).ok_or_else(String::new)).await;
    eventually(async || {
        let standing = bench.standing(&webhook.id).await;
        if standing == (4, 1) { Ok(()) } else { Err(format!("{standing:?}")) }
    })
    .await;
    let last = bench.event("contact:update", "a", 9).await;
    events::sweep(&bench.core).await.expect("swept");
    assert_eq!(read(&bench, query()).await.events.len(), 5, "nothing is old");

    // Another one without deliveries, so that the clock can be set forward in peace.
    bench.stop().await;
    let bench = Bench::open(folder.path(), &key, week).await;
    bench.clock.skip(day * 8);
    events::sweep(&bench.core).await.expect("swept");
    let page = read(&bench, EventQuery { after: Some(0), ..query() }).await;
    assert_eq!(page.events.iter().map(|event| event.seq).collect::<Vec<_>>(), [owed, last]);
    assert!(!page.truncated, "the oldest of all is still there");
    assert!(bench.logs(&webhook.id).await.is_empty(), "lines are not kept longer");

    bench.clock.skip(day * 7);
    events::sweep(&bench.core).await.expect("swept");
    let page = read(&bench, EventQuery { after: Some(0), ..query() }).await;
    assert_eq!(page.events.iter().map(|event| event.seq).collect::<Vec<_>>(), [last], "the newest stays for ever");
    assert!(page.truncated);
    let replay = webhooks::Replay { after: Some(0), since: None };
    let error = webhooks::replay(&bench.core, &bench.caller, &webhook_id(&webhook.id), replay).await.expect_err("gone");
    assert_eq!(error.code, "webhook:replay");
}
