//! A process that is killed with signal 9 while it accepts and delivers.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use sparkbot_core::events::{self, EventQuery};
use sparkbot_store::seal::MasterKey;
use tempfile::TempDir;

use crate::support::{Bench, Receiver, Reply, accepted, settings};

const ROUND: &str = "SPARKBOT_TEST_ROUND";
const FOLDER: &str = "SPARKBOT_TEST_FOLDER";
const KEY: &str = "SPARKBOT_TEST_KEY";
const URL: &str = "SPARKBOT_TEST_URL";
const ROUNDS: usize = 3;

/// The process that [`nothing_committed_is_missing_after_signal_9`] kills;
/// nothing on its own.
#[tokio::test]
async fn victim() {
    let Ok(round) = std::env::var(ROUND) else { return };
    let told = |name| std::env::var(name).expect("set");
    let key = MasterKey::parse(&told(KEY)).expect("key");
    let bench = Bench::open(Path::new(&told(FOLDER)), &key, settings()).await;
    if round == "0" {
        bench.webhook(&told(URL), &["chat:update"]).await;
    }
    bench.start();
    // Long enough to be killed, short enough to end should nobody do it.
    for n in 0..2000 {
        bench.event("chat:update", &format!("round{round}lane{}", n % 9), n).await;
    }
}

struct Victim(Child);

impl Victim {
    fn start(round: usize, folder: &Path, key: &MasterKey, url: &str) -> Self {
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args(["killing::victim", "--exact"])
            .envs([(ROUND, round.to_string()), (FOLDER, folder.display().to_string())])
            .envs([(KEY, key.to_hex().to_string()), (URL, url.to_owned())])
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        Self(child)
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // On Unix this is signal 9.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_committed_is_missing_after_signal_9() {
    let receiver = Receiver::start().await;
    receiver.answers(|got| Reply::of(if got.n().is_multiple_of(7) && got.earlier == 0 { 500 } else { 200 }));
    let (folder, key) = (TempDir::new().expect("folder"), MasterKey::random());
    for round in 0..ROUNDS {
        let before = receiver.got().len();
        let victim = Victim::start(round, folder.path(), &key, &receiver.url("x"));
        receiver.until(|got| got.len() >= before + 40).await;
        drop(victim);
    }

    let bench = Bench::open(folder.path(), &key, settings()).await;
    let mut committed = HashSet::new();
    let mut query = EventQuery { after: Some(0), limit: 500, ..EventQuery::default() };
    loop {
        let page = events::read(&bench.core, &bench.caller, query.clone()).await.expect("page");
        if page.events.is_empty() {
            break;
        }
        committed.extend(page.events.into_iter().map(|event| event.event_id));
        query.after = Some(page.cursor);
    }
    assert!(committed.len() >= ROUNDS * 20);
    bench.start();
    let ids = |got: &[_]| {
        accepted(got).iter().map(|got| got.header("x-sparkbot-delivery").to_owned()).collect::<HashSet<_>>()
    };
    let got = receiver.until(|got| ids(got).is_superset(&committed)).await;
    assert_eq!(ids(&got), committed, "and nothing that was never committed");
    bench.stop().await;
}
