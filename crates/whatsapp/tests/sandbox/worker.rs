//! A number in a process of its own, this test binary again, which can be
//! killed and measured.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use sparkbot_network::session_state::SessionState;
use sparkbot_network::{
    Change, Content, HistoryPart, Media, MediaKind, Network, NetworkError, Observer, ObserverError, Outgoing, Poll,
    Received, ReceivedContent, Report, Sent, Target,
};
use sparkbot_store::seal::MasterKey;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::observer::DEADLINE;
use crate::place::{ALICE, OWN, Place, outgoing, phone, state, whatsapp, wid};

const FOLDER: &str = "SPARKBOT_TEST_FOLDER";
const KEY: &str = "SPARKBOT_TEST_KEY";
const SOCKET: &str = "SPARKBOT_TEST_SOCKET";
const MEDIA: &str = "SPARKBOT_TEST_MEDIA";
/// Larger than any file of the tests.
const LIMIT: u64 = 1 << 30;

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
            match &message.content {
                ReceivedContent::Change { of, change: Change::Vote(hashes) } => {
                    self.append("votes", &format!("{}={}", of.id, hashes.len()));
                }
                ReceivedContent::Media(media) => {
                    std::fs::write(self.folder.join(format!("{}.raw", message.id)), &message.raw).expect("written");
                    self.append("files", &format!("{}={}", message.id, media.size.unwrap_or_default()));
                }
                _ => self.append("received", &format!("{}={}", message.id, message.body.unwrap_or_default())),
            }
        }
        Ok(())
    }

    async fn history(&self, _: HistoryPart) -> Result<(), ObserverError> {
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
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let setting = |name: &str| std::env::var(name).expect(name);
    let folder = PathBuf::from(folder);
    let state: SessionState = state(&folder, &MasterKey::parse(&setting(KEY)).expect("a key")).await;
    let ledger: Arc<dyn Observer> = Arc::new(Ledger { folder: folder.clone() });
    let network = whatsapp(&setting(SOCKET), &setting(MEDIA));
    let link = network.open(state.device(), state, ledger).await.expect("a link");
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
                tell(id, link.send(outgoing(ALICE, id, text)).await);
            }
            Some(("file", rest)) => {
                let (id, path) = rest.split_once(' ').expect("an id and a path");
                tell(id, link.send(Outgoing::new(id, wid(ALICE), document(path.as_ref()))).await);
            }
            Some(("poll", id)) => {
                let poll =
                    Poll { name: "Lunch?".to_owned(), options: vec!["yes".to_owned(), "no".to_owned()], selectable: 1 };
                tell(id, link.send(Outgoing::new(id, wid(ALICE), Content::Poll(poll))).await);
            }
            Some(("fetch", id)) => {
                let raw = std::fs::read(folder.join(format!("{id}.raw"))).expect("a received file");
                let target = Target { id: id.to_owned(), chat: wid(ALICE), author: wid(ALICE), from_me: false };
                let fetched = link.download(&target, &raw, &folder.join("fetched"), LIMIT).await;
                println!("\nfetched {id} {fetched:?}");
            }
            Some(("memory", _)) => println!("\nmemory {}", resident()),
            Some(("code", number)) => {
                let code = link.request_code(&phone(number)).await.expect("a code");
                println!("\ncode {}", code.code);
            }
            _ => panic!("what is {order}?"),
        }
    }
}

fn tell(id: &str, outcome: Result<Sent, NetworkError>) {
    match outcome {
        Ok(_) => println!("\nsent {id}"),
        Err(error) => println!("\nfailed {id} {error:?}"),
    }
}

/// A document of whatever is in a file.
fn document(path: &Path) -> Content {
    Content::Media(Box::new(Media {
        kind: MediaKind::Document,
        path: path.to_owned(),
        size: std::fs::metadata(path).expect("a file").len(),
        mime: "application/octet-stream".to_owned(),
        file_name: Some("archive.bin".to_owned()),
        caption: None,
        width: None,
        height: None,
        seconds: None,
        pages: None,
        thumbnail: None,
        waveform: None,
        animated: false,
        view_once: false,
    }))
}

/// The most memory that this process has had, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
    kib * 1024
}

pub(crate) struct Worker {
    child: Child,
    orders: ChildStdin,
    words: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    pub(crate) fn start(place: &Place) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["worker::worker", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, &place.folder.0)
            .env(KEY, place.key.to_hex().as_str())
            .env(SOCKET, place.sandbox.socket_url())
            .env(MEDIA, place.sandbox.media_url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let orders = child.stdin.take().expect("its input");
        let words = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, orders, words }
    }

    /// Starts it and links its number.
    pub(crate) async fn linked(place: &Place) -> Self {
        let mut worker = Self::start(place);
        worker.order(&format!("code {OWN}")).await;
        let code = worker.says(&["code "]).await["code ".len()..].to_owned();
        place.post(&format!("/phones/{OWN}/link"), json!({"code": code})).await.expect("linked");
        worker
    }

    pub(crate) async fn order(&mut self, order: &str) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.expect("an order");
    }

    /// The next line that starts with one of `words`.
    pub(crate) async fn says(&mut self, words: &[&str]) -> String {
        self.says_in(DEADLINE.as_secs(), words).await
    }

    /// As [`Self::says`], for what may take some more seconds.
    pub(crate) async fn says_in(&mut self, seconds: u64, words: &[&str]) -> String {
        let listening = async {
            loop {
                let line = self.words.next_line().await.expect("a line").expect("the process lives");
                if words.iter().any(|word| line.starts_with(word)) {
                    return line;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(seconds), listening)
            .await
            .unwrap_or_else(|_| panic!("nothing of {words:?}"))
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }
}

/// What the number has written down.
pub(crate) fn lines(folder: &Path, file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
