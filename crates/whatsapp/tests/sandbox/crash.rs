//! The process is killed at any moment; nothing accepted is lost, and nobody
//! sees a message twice.
//!
//! The number runs in a process of its own, this test binary again, which is
//! killed with SIGKILL and started anew on the same database.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use sparkbot_network::session_state::SessionState;
use sparkbot_network::{Network, Observer, ObserverError, Received, Report};
use sparkbot_store::seal::MasterKey;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::observer::DEADLINE;
use crate::place::{ALICE, OWN, Place, outgoing, phone, state, whatsapp};

const FOLDER: &str = "SPARKBOT_TEST_FOLDER";
const KEY: &str = "SPARKBOT_TEST_KEY";
const SOCKET: &str = "SPARKBOT_TEST_SOCKET";

/// Writes what it is told to a file before it returns, as core writes it to its
/// database.
struct Ledger {
    folder: PathBuf,
}

impl Ledger {
    fn append(&self, file: &str, line: &str) {
        let path = self.folder.join(file);
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).expect("a file");
        writeln!(file, "{line}").expect("written");
        file.sync_data().expect("on disk");
    }
}

#[async_trait]
impl Observer for Ledger {
    async fn received(&self, batch: Vec<Received>) -> Result<(), ObserverError> {
        for message in batch {
            self.append("received", &format!("{}={}", message.id, message.body.unwrap_or_default()));
        }
        Ok(())
    }

    async fn report(&self, report: Report) {
        match report {
            Report::Online { .. } => println!("\nonline"),
            Report::Linked { .. } => println!("\nlinked"),
            Report::Qr { .. } => println!("\nqr"),
            Report::Receipt(receipt) => {
                for id in receipt.ids {
                    self.append("receipts", &format!("{id}={:?}", receipt.kind));
                }
            }
            Report::Unlinked { .. } => println!("\nunlinked"),
            _ => {}
        }
    }
}

/// The process that is killed: does what its input says, says what happened.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests below"]
async fn worker() {
    let (Ok(folder), Ok(key), Ok(socket)) = (std::env::var(FOLDER), std::env::var(KEY), std::env::var(SOCKET)) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let state: SessionState = state(&folder, &MasterKey::parse(&key).expect("a key")).await;
    let ledger: Arc<dyn Observer> = Arc::new(Ledger { folder });
    let link = whatsapp(&socket).open(state.device(), state, ledger).await.expect("a link");
    let (sender, mut orders) = tokio::sync::mpsc::channel(64);
    std::thread::spawn(move || {
        for order in std::io::stdin().lines() {
            if sender.blocking_send(order.expect("an order")).is_err() {
                return;
            }
        }
    });
    while let Some(order) = orders.recv().await {
        match order.split_once(' ') {
            Some(("send", rest)) => {
                let (id, text) = rest.split_once(' ').expect("an id and a text");
                match link.send(outgoing(ALICE, id, text)).await {
                    Ok(_) => println!("\nsent {id}"),
                    Err(error) => println!("\nfailed {id} {error:?}"),
                }
            }
            Some(("code", number)) => {
                let code = link.request_code(&phone(number)).await.expect("a code");
                println!("\ncode {}", code.code);
            }
            _ => panic!("what is {order}?"),
        }
    }
}

struct Worker {
    child: Child,
    orders: ChildStdin,
    words: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    fn start(place: &Place) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["crash::worker", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, &place.folder.0)
            .env(KEY, place.key.to_hex().as_str())
            .env(SOCKET, place.sandbox.socket_url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let orders = child.stdin.take().expect("its input");
        let words = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, orders, words }
    }

    async fn order(&mut self, order: &str) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.expect("an order");
    }

    /// The next line that starts with one of `words`.
    async fn says(&mut self, words: &[&str]) -> String {
        let listening = async {
            loop {
                let line = self.words.next_line().await.expect("a line").expect("the process lives");
                if words.iter().any(|word| line.starts_with(word)) {
                    return line;
                }
            }
        };
        tokio::time::timeout(DEADLINE, listening).await.unwrap_or_else(|_| panic!("nothing of {words:?}"))
    }

    async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }
}

fn lines(folder: &Path, file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

async fn linked(place: &Place) -> Worker {
    let mut worker = Worker::start(place);
    worker.order(&format!("code {OWN}")).await;
    let code = worker.says(&["code "]).await["code ".len()..].to_owned();
    place.post(&format!("/phones/{OWN}/link"), json!({"code": code})).await.expect("linked");
    worker
}

/// Moments spread over the time that what is interrupted takes.
fn moments() -> impl Iterator<Item = Duration> {
    [0, 3, 9, 17, 31, 53, 90, 150].into_iter().map(Duration::from_millis)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_the_phone_shows_is_kept() {
    // The phone is told of the link the moment that the companion has signed.
    for moment in moments() {
        let place = Place::new().await;
        let worker = linked(&place).await;
        tokio::time::sleep(moment).await;
        worker.kill().await;
        let mut worker = Worker::start(&place);
        let word = worker.says(&["online", "qr", "unlinked"]).await;
        assert_eq!(word, "online", "killed {moment:?} after the phone had linked");
        worker.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_messages_are_seen_exactly_once() {
    let place = Place::new().await;
    let mut worker = linked(&place).await;
    worker.says(&["online"]).await;
    let mut acknowledged = BTreeSet::new();
    let ids: Vec<String> = (0..40).map(|n| format!("3EB0000000001{n:03}")).collect();
    for moment in moments() {
        // What core would do after a restart: repeat what is not acknowledged.
        for id in ids.iter().filter(|id| !acknowledged.contains(*id)).cloned().collect::<Vec<_>>() {
            worker.order(&format!("send {id} text of {id}")).await;
        }
        for _ in 0..4 {
            let word = worker.says(&["sent ", "failed "]).await;
            if let Some(id) = word.strip_prefix("sent ") {
                acknowledged.insert(id.to_owned());
            }
        }
        tokio::time::sleep(moment).await;
        worker.kill().await;
        worker = Worker::start(&place);
        worker.says(&["online"]).await;
    }
    for id in ids.iter().filter(|id| !acknowledged.contains(*id)).cloned().collect::<Vec<_>>() {
        worker.order(&format!("send {id} text of {id}")).await;
        let word = worker.says(&["sent ", "failed "]).await;
        assert_eq!(word, format!("sent {id}"));
    }
    let shown = place.shown(ALICE).await;
    for id in &ids {
        let copies: Vec<_> = shown.iter().filter(|message| message["id"] == id.as_str()).collect();
        assert_eq!(copies.len(), 1, "{id}: {copies:#?}");
        assert_eq!(copies[0]["text"], format!("text of {id}"));
    }
    assert_eq!(shown.len(), ids.len(), "{shown:#?}");
    worker.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn received_messages_and_receipts_survive_any_moment() {
    let place = Place::new().await;
    let mut worker = linked(&place).await;
    worker.says(&["online"]).await;
    let mut expected = BTreeSet::new();
    let mut receipts = BTreeSet::new();
    for (round, moment) in moments().enumerate() {
        let sent = format!("3EB0000000002{round:03}");
        worker.order(&format!("send {sent} x")).await;
        worker.says(&["sent "]).await;
        place.sees(ALICE, &sent).await;
        for n in 0..10 {
            let text = format!("{round}-{n}");
            let id = place.writes(ALICE, &text).await;
            expected.insert(format!("{id}={text}"));
        }
        place.post(&format!("/phones/{ALICE}/read"), json!({"chat": OWN})).await.expect("read");
        receipts.insert(format!("{sent}=Read"));
        tokio::time::sleep(moment).await;
        worker.kill().await;
        worker = Worker::start(&place);
        worker.says(&["online"]).await;
    }
    let folder = &place.folder.0;
    let complete = async {
        loop {
            let received: BTreeSet<String> = lines(folder, "received").into_iter().collect();
            let told: BTreeSet<String> = lines(folder, "receipts").into_iter().collect();
            if expected.is_subset(&received) && receipts.is_subset(&told) {
                return (received, told);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let Ok((received, _)) = tokio::time::timeout(DEADLINE, complete).await else {
        let received: BTreeSet<String> = lines(folder, "received").into_iter().collect();
        let told: BTreeSet<String> = lines(folder, "receipts").into_iter().collect();
        panic!(
            "lost messages: {:?}; lost receipts: {:?}",
            expected.difference(&received).collect::<Vec<_>>(),
            receipts.difference(&told).collect::<Vec<_>>()
        );
    };
    // Repeated deliveries may repeat a line, never invent one.
    assert_eq!(received, expected);
    worker.kill().await;
}
