//! A server that is killed or stopped, and started again on the same files.

use std::collections::HashMap;
use std::time::Duration;

use sparkbot_store::seal::MasterKey;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::{Bench, Receiver, Reply, accepted, eventually, lane, settings};

const LANES: [&str; 5] = ["a", "b", "c", "d", "bad"];
const EVENTS: usize = 60;

/// Runs a server in a runtime of its own and kills it: tasks end wherever they
/// wait, nothing is written any more.
fn life<T>(work: impl AsyncFnOnce() -> T) -> T {
    let runtime = Runtime::new().expect("runtime");
    let result = runtime.block_on(work());
    runtime.shutdown_background();
    result
}

#[test]
fn nothing_is_missing_after_a_kill_and_ids_are_stable() {
    let outside = Runtime::new().expect("runtime");
    let receiver = outside.block_on(Receiver::start());
    let (folder, key) = (TempDir::new().expect("folder"), MasterKey::random());
    receiver.answers(|got| match got.lane() {
        "bad" => Reply::of(500),
        _ => Reply::of(200).after(Duration::from_millis(5)),
    });
    let first = life(async || {
        let bench = Bench::open(folder.path(), &key, settings()).await;
        let webhook = bench.webhook(&receiver.url("x"), &["chat:update"]).await.webhook;
        bench.start();
        for n in 0..EVENTS {
            for name in LANES {
                bench.event("chat:update", name, n).await;
            }
        }
        receiver.taken(100).await;
        webhook.id
    });
    // Killed a second time while it catches up.
    life(async || {
        let bench = Bench::open(folder.path(), &key, settings()).await;
        let before = receiver.got().len();
        bench.start();
        receiver.until(|got| got.len() > before + 30).await;
    });
    receiver.answers(|_| Reply::of(200));
    life(async || {
        let bench = Bench::open(folder.path(), &key, settings()).await;
        bench.start();
        let all = EVENTS * LANES.len();
        let got = receiver
            .until(|got| {
                let ids: std::collections::HashSet<_> =
                    accepted(got).iter().map(|got| got.json["eventId"].to_string()).collect();
                ids.len() == all
            })
            .await;
        let mut bodies = HashMap::new();
        for got in &got {
            let first = bodies.entry(got.header("x-sparkbot-delivery").to_owned()).or_insert_with(|| got.body.clone());
            assert_eq!(*first, got.body, "the same event says the same");
        }
        assert_eq!(bodies.len(), all);
        for name in LANES {
            // What came twice came again in order: the first of each is sorted.
            let mut firsts = Vec::new();
            for n in lane(&got, name) {
                if !firsts.contains(&n) {
                    firsts.push(n);
                }
            }
            assert_eq!(firsts, (0..EVENTS as u64).collect::<Vec<_>>(), "{name}");
        }
        let last = *bench.core.store().last_event().borrow();
        eventually(async || {
            let standing = bench.standing(&first).await;
            if standing == (last, 0) { Ok(()) } else { Err(format!("{standing:?} of {last}")) }
        })
        .await;
    });
}

#[test]
fn an_orderly_stop_repeats_nothing() {
    let outside = Runtime::new().expect("runtime");
    let receiver = outside.block_on(Receiver::start());
    let (folder, key) = (TempDir::new().expect("folder"), MasterKey::random());
    receiver.answers(|_| Reply::of(200).after(Duration::from_millis(20)));
    for round in 0..2 {
        life(async || {
            let bench = Bench::open(folder.path(), &key, settings()).await;
            if round == 0 {
                bench.webhook(&receiver.url("x"), &["chat:update"]).await;
                for n in 0..50 {
                    bench.event("chat:update", &format!("lane{}", n % 3), n).await;
                }
            }
            bench.start();
            receiver.taken(if round == 0 { 10 } else { 50 }).await;
            bench.stop().await;
        });
    }
    assert_eq!(receiver.got().len(), 50);
}
